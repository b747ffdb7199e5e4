//! Power cuts: what was not synced is lost, names of files as well. What was acknowledged is there.

use std::fs;
use std::path::{Path, PathBuf};

use rand::RngExt as _;
use rand::seq::IndexedRandom as _;

use super::city::{Args, Place, deliveries, export, hazards, of_map, replay, run, trips};
use super::shim::{Ended, Kill, Loss, Shim, library, power_loss};
use super::{Tally, chance, rounds};
use crate::support::good;

/// A map that is worked on while everything that is synced is kept apart.
struct Site {
    live: Place,
    durable: tempfile::TempDir,
}

impl Site {
    fn new() -> Self {
        let (live, durable) = (Place::new(), tempfile::tempdir().unwrap());
        Self { live, durable }
    }

    /// Runs a command to its end, or until it is killed.
    fn run(&self, args: &Args, kill: Option<Kill>) -> Ended {
        let shim = Shim {
            library: library().unwrap(),
            folder: self.live.folder(),
            durable: Some(self.durable.path()),
        };
        shim.run(args, kill)
    }

    /// What is left when the power fails now.
    fn after_power_loss(&self, loss: Loss) -> Place {
        let left = Place::new();
        power_loss(self.live.folder(), self.durable.path(), loss, left.folder());
        left
    }
}

/// What a run of this story acknowledged before the power failed.
#[derive(Default)]
struct Acknowledged {
    trips: u64,
    orders: Vec<String>,
}

/// A day at the map: deliveries, and a clerk who orders repairs.
struct Story {
    hazard: String,
    undisturbed: String,
    trips: u64,
    /// Steps of each scene.
    steps: Vec<u64>,
}

impl Story {
    const SCENES: usize = 4;

    fn scene(&self, number: usize, map: &Path) -> Args {
        scene(number, &self.hazard, map)
    }
}

fn first() -> &'static [PathBuf] {
    &deliveries()[..3]
}

fn scene(number: usize, hazard: &str, map: &Path) -> Args {
    let act = |order: &str, at: &str| {
        let rest = [hazard, "schedule", "--as", "Ana", "--order", order];
        of_map("act", map, &[&rest[..], &["--at", at]].concat())
    };
    match number {
        0 => replay(first(), map),
        1 => act("W-1", "2026-03-01T09:00:00Z"),
        2 => act("W-2", "2026-03-02T09:00:00Z"),
        _ => replay(deliveries(), map),
    }
}

fn story() -> Story {
    let site = Site::new();
    let map = site.live.map();
    let steps = |args: &Args| match site.run(args, None) {
        Ended::ByItself(steps) => steps,
        Ended::Killed => panic!("nobody asked for that"),
    };
    let mut of_scenes = vec![steps(&scene(0, "", &map))];
    let (hazard, trips) = (hazards(&map).remove(0), trips(&map));
    of_scenes.extend((1..Story::SCENES).map(|number| steps(&scene(number, &hazard, &map))));
    Story {
        hazard,
        undisturbed: export(&map),
        trips,
        steps: of_scenes,
    }
}

/// Checks what a power loss left: it opens, and all that was acknowledged is there.
fn check(story: &Story, left: &Place, known: &Acknowledged, tally: &mut Tally) {
    let map = left.map();
    if map.exists() {
        if run(&of_map("summary", &map, &[])).code != 0 {
            tally.count("logs that reading leaves to a writer");
        }
        let opened = run(&of_map("rebuild", &map, &[]));
        if opened.code != 0 {
            tally.count("refused opens");
            eprintln!("{}", opened.err);
            return;
        }
    }
    let held = if map.exists() { trips(&map) } else { 0 };
    if held < known.trips {
        tally.count("lost trips");
    }
    // In the history: an order that was not acknowledged any more may stand above it.
    if !known.orders.is_empty() {
        let history = run(&of_map("history", &map, &[&story.hazard])).out;
        if known.orders.iter().any(|order| !history.contains(order)) {
            tally.count("lost acts");
        }
    }
    // The file beside the map alone holds what was said.
    let acts = fs::read_to_string(left.folder().join("m.duckdb.acts.jsonl")).unwrap_or_default();
    if known.orders.iter().any(|order| !acts.contains(order)) {
        tally.count("acts lost beside the map");
    }
    for number in 0..Story::SCENES {
        good(&story.scene(number, &map));
    }
    if export(&map) == story.undisturbed {
        tally.count("identical exports");
    }
}

#[test]
fn a_power_loss_takes_nothing_that_was_acknowledged() {
    let test = "a_power_loss_takes_nothing_that_was_acknowledged";
    if library().is_none() {
        return;
    }
    let story = story();
    let mut tally = Tally::default();
    for round in 0..rounds(9) {
        let mut rng = chance(test, round);
        let site = Site::new();
        let mut known = Acknowledged::default();
        // The scene in which the power fails; or right after it was acknowledged.
        let last = rng.random_range(0..Story::SCENES);
        let is_between = rng.random_bool(0.25);
        for number in 0..=last {
            let kill = (number == last && !is_between).then(|| Kill {
                at: rng.random_range(1..=story.steps[number]),
                torn: rng.random_bool(0.5),
            });
            if let Ended::Killed = site.run(&story.scene(number, &site.live.map()), kill) {
                tally.count("kills in flight");
                break;
            }
            match number {
                0 => known.trips = story.trips,
                1 | 2 => known.orders.push(format!("W-{number}")),
                _ => known.trips = trips(&site.live.map()),
            }
        }
        let loss = *Loss::ALL.choose(&mut rng).unwrap();
        tally.count("rounds");
        check(&story, &site.after_power_loss(loss), &known, &mut tally);
    }
    tally.tell(test);
    for lost in [
        "refused opens",
        "lost trips",
        "lost acts",
        "acts lost beside the map",
    ] {
        assert_eq!(tally.of(lost), 0, "{lost}");
    }
    assert_eq!(tally.of("identical exports"), tally.of("rounds"));
}
