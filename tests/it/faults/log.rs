//! Logs that come back damaged: torn, with a tail of zeros or of rubbish, with a bit flipped.

use std::fs;
use std::path::PathBuf;

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use super::city::{Args, Place, deliveries, export, hazards, of_map, replay, run};
use super::shim::{Ended, Kill, Shim, library};
use super::{Tally, chance, rounds};
use crate::support::good;

/// A folder as a killed command leaves it: with a log that was not taken into the database yet.
fn with_a_log(base: &Place, command: impl Fn(&Place) -> Args) -> Option<Place> {
    let library = library()?;
    let durable = None;
    let undisturbed = Place::copy_of(base.folder());
    let folder = undisturbed.folder();
    let steps = Shim {
        library,
        folder,
        durable,
    }
    .steps(&command(&undisturbed));
    (1..=steps).rev().find_map(|at| {
        let place = Place::copy_of(base.folder());
        let folder = place.folder();
        let kill = Kill { at, torn: false };
        let ended = Shim {
            library,
            folder,
            durable,
        }
        .run(&command(&place), Some(kill));
        let log = fs::metadata(wal(&place)).map_or(0, |log| log.len());
        (matches!(ended, Ended::Killed) && log > 1000).then_some(place)
    })
}

fn wal(place: &Place) -> PathBuf {
    place.folder().join("m.duckdb.wal")
}

/// Damages a log in one of four ways.
fn damaged(mut log: Vec<u8>, rng: &mut ChaCha8Rng) -> (&'static str, Vec<u8>) {
    let place = rng.random_range(0..log.len());
    match rng.random_range(0..4) {
        0 => {
            log.truncate(place);
            ("torn", log)
        }
        1 => {
            log.truncate(place);
            log.resize(place + 4096, 0);
            ("zero-tailed", log)
        }
        2 => {
            log[place..]
                .iter_mut()
                .for_each(|byte| *byte = rng.random());
            ("rubbish", log)
        }
        _ => {
            log[place] ^= 1 << rng.random_range(0..8);
            ("bit-flipped", log)
        }
    }
}

/// The map opens by itself, says what it put aside, and the same commands complete it.
#[test]
fn a_damaged_log_is_put_aside_and_the_same_commands_complete_the_map() {
    let test = "a_damaged_log_is_put_aside_and_the_same_commands_complete_the_map";
    let base = Place::mapped(&deliveries()[..3]);
    let hazard = hazards(&base.map()).remove(0);
    let act = |place: &Place| {
        let rest = ["triage", "--as", "Ana", "--at", "2026-03-02T09:00:00Z"];
        of_map(
            "act",
            &place.map(),
            &[&[hazard.as_str()], &rest[..]].concat(),
        )
    };
    let rest = |place: &Place| replay(&deliveries()[3..], &place.map());
    let again = |place: &Place| replay(deliveries(), &place.map());
    let Some(replayed) = with_a_log(&base, rest) else {
        return;
    };
    let acted = with_a_log(&base, act).unwrap();
    let undisturbed = Place::copy_of(base.folder());
    good(&again(&undisturbed));
    let replayed_expected = export(&undisturbed.map());
    good(&act(&undisturbed));
    let acted_expected = export(&undisturbed.map());
    let mut tally = Tally::default();
    for round in 0..rounds(8) {
        let mut rng = chance(test, round);
        let was_said = round % 2 == 1;
        let (crashed, expected) = match was_said {
            true => (&acted, &acted_expected),
            false => (&replayed, &replayed_expected),
        };
        let place = Place::copy_of(crashed.folder());
        let (how, log) = damaged(fs::read(wal(&place)).unwrap(), &mut rng);
        fs::write(wal(&place), &log).unwrap();
        tally.count("rounds");
        tally.count(how);
        let read = run(&of_map("summary", &place.map(), &[]));
        let is_refused = read.code != 0;
        if is_refused {
            tally.count("noticed when reading");
            assert!(read.err.contains("m.duckdb.wal"), "{}", read.err);
            assert!(read.err.contains("repairs it"), "{}", read.err);
            assert_eq!(fs::read(wal(&place)).unwrap(), log, "reading mends nothing");
        }
        let written = run(&again(&place));
        assert_eq!(written.code, 0, "{how}, round {round}: {}", written.err);
        if is_refused {
            let aside = place.folder().join("m.duckdb.wal.damaged-1");
            assert!(
                written.err.contains("m.duckdb.wal.damaged-1"),
                "{}",
                written.err
            );
            assert_eq!(fs::read(aside).unwrap(), log, "nothing is thrown away");
        }
        // What the clerk was told is in the file beside the map, whatever the log lost.
        assert_eq!(&export(&place.map()), expected, "{how}, round {round}");
        tally.count("identical exports");
    }
    tally.tell(test);
}
