//! What a clerk was told is written down is never lost.

use std::io::{BufRead as _, BufReader};
use std::os::unix::process::ExitStatusExt as _;
use std::process::Stdio;

use rand::RngExt as _;
use rand::seq::IndexedRandom as _;

use super::city::{Place, deliveries, export, hazards, of_map, replay, work};
use super::{Tally, chance, rounds};
use crate::support::{good, program};

#[test]
fn an_act_that_was_acknowledged_outlives_the_map_file() {
    let test = "an_act_that_was_acknowledged_outlives_the_map_file";
    let base = Place::mapped(deliveries());
    let names = hazards(&base.map());
    let mut tally = Tally::default();
    for round in 0..rounds(3) {
        let mut rng = chance(test, round);
        let place = Place::copy_of(base.folder());
        let mut said: Vec<(&String, String)> = Vec::new();
        for number in 0..rng.random_range(1..=3) {
            let hazard = names.choose(&mut rng).unwrap();
            let order = format!("W-{round}-{number}");
            let rest = [hazard, "schedule", "--as", "Ana", "--order", &order];
            let mut act = program()
                .args(of_map("act", &place.map(), &rest))
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let mut line = String::new();
            let mut out = BufReader::new(act.stdout.take().unwrap());
            out.read_line(&mut line).unwrap();
            act.kill().ok();
            tally.count("acts");
            if act.wait().unwrap().signal() == Some(9) {
                tally.count("kills in flight");
            }
            assert!(
                line.contains(&format!("work scheduled, order {order}")),
                "{line}"
            );
            said.retain(|(of, _)| *of != hazard);
            said.push((hazard, order));
        }
        let before = export(&place.map());
        place.lose_database();
        good(&replay(deliveries(), &place.map()));
        for (hazard, order) in said {
            let work = work(&place.map(), hazard);
            if !work.contains(&order) {
                tally.count("lost acts");
            }
        }
        assert_eq!(export(&place.map()), before, "round {round}");
        tally.count("identical exports");
    }
    tally.tell(test);
    assert_eq!(tally.of("lost acts"), 0);
}
