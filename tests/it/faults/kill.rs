//! kill -9 in flight: at an exact write, within one, or when the files have grown so far.

use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::Stdio;

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use super::city::{Args, Place, deliveries, device, export, hazards, of_map, replay, run};
use super::shim::{Ended, Kill, Shim, library};
use super::{Tally, chance, rounds};
use crate::support::{good, program};

/// Runs a command until the files of a folder have grown to so many bytes, and kills it; says
/// whether it was still running then.
fn killed_when_grown(args: &Args, folder: &Path, bytes: u64) -> bool {
    let size = || {
        let files = std::fs::read_dir(folder).unwrap().flatten();
        files
            .flat_map(|file| file.metadata())
            .map(|m| m.len())
            .sum::<u64>()
    };
    let mut command = program();
    command
        .args(args)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    while size() < bytes && child.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    child.kill().ok();
    child.wait().unwrap().signal() == Some(9)
}

/// Kills a command at a step that chance chooses; says whether that was in flight.
fn killed_at_a_step(shim: &Shim<'_>, args: &Args, steps: u64, rng: &mut ChaCha8Rng) -> bool {
    let kill = Kill {
        at: rng.random_range(1..=steps),
        torn: rng.random_bool(0.5),
    };
    matches!(shim.run(args, Some(kill)), Ended::Killed)
}

/// A map that opens after a kill, or is not there yet.
fn opens(map: &Path) -> bool {
    !map.exists() || run(&of_map("summary", map, &[])).code == 0
}

#[test]
fn a_replay_that_is_killed_goes_on_to_the_same_map() {
    let test = "a_replay_that_is_killed_goes_on_to_the_same_map";
    let undisturbed = Place::new();
    let command = |place: &Place| replay(deliveries(), &place.map());
    let steps = library().map(|library| {
        let (folder, durable) = (undisturbed.folder(), None);
        Shim {
            library,
            folder,
            durable,
        }
        .steps(&command(&undisturbed))
    });
    if steps.is_none() {
        good(&command(&undisturbed));
    }
    let expected = export(&undisturbed.map());
    let full: u64 = (std::fs::read_dir(undisturbed.folder()).unwrap())
        .map(|file| file.unwrap().metadata().unwrap().len())
        .sum();
    let mut tally = Tally::default();
    for round in 0..rounds(6) {
        let mut rng = chance(test, round);
        let place = Place::new();
        tally.count("rounds");
        // Now and then whoever resumes is killed as well.
        for _ in 0..rng.random_range(1..=3) {
            let is_exact = rng.random_bool(0.75);
            let in_flight = match (library(), steps) {
                (Some(library), Some(steps)) if is_exact => {
                    let (folder, durable) = (place.folder(), None);
                    let shim = Shim {
                        library,
                        folder,
                        durable,
                    };
                    killed_at_a_step(&shim, &command(&place), steps, &mut rng)
                }
                _ => {
                    let bytes = rng.random_range(1..=full);
                    killed_when_grown(&command(&place), place.folder(), bytes)
                }
            };
            tally.count(if in_flight {
                "kills in flight"
            } else {
                "kills too late"
            });
            if !opens(&place.map()) {
                tally.count("refused opens");
            }
        }
        good(&command(&place));
        assert_eq!(export(&place.map()), expected, "round {round}");
        tally.count("identical exports");
    }
    tally.tell(test);
    assert_eq!(tally.of("refused opens"), 0);
    assert!(tally.of("kills in flight") >= tally.of("rounds"));
}

/// Commands that change a map, each of which may be said again.
pub(super) fn commands(base: &Place, map: &Path) -> Vec<Args> {
    let names = hazards(&base.map());
    let layer = base.folder().join("layer.geojson");
    let list = base.folder().join("repairs.csv");
    let (layer, list) = (layer.to_str().unwrap(), list.to_str().unwrap());
    let on = ["--at", "2026-03-02T09:00:00Z", "--as", "Ana"];
    let act = [&[names[0].as_str(), "schedule", "--order", "W-1"], &on[..]].concat();
    let seen = [&[names[1].as_str(), "--found", "no"], &on[..]].concat();
    let known_as = ["--system", "311", "--ref", "4711", "--status", "open"];
    let refer = [&[names[0].as_str()], &known_as[..], &on].concat();
    let mut redetect = replay(&deliveries()[..2], map);
    redetect[0] = "redetect".to_owned();
    vec![
        of_map("act", map, &act),
        of_map("inspect", map, &seen),
        of_map("refer", map, &refer),
        of_map("import-known", map, &[layer]),
        of_map("import-repairs", map, &[list, "--as", "crew 7"]),
        of_map("rebuild", map, &[]),
        of_map("retain", map, &["--as-of", "2026-06-30"]),
        of_map("forget", map, &[&device()]),
        redetect,
        replay(deliveries(), map),
    ]
}

/// A map of the first deliveries, with a layer and a list of repairs beside it.
pub(super) fn base() -> Place {
    let base = Place::mapped(&deliveries()[..3]);
    let list = good(&of_map("list", &base.map(), &["--format", "geojson"]));
    let mut hazards: serde_json::Value = serde_json::from_str(&list).unwrap();
    let mut repairs = "lat,lon,utc,order\n".to_owned();
    for feature in hazards["features"].as_array_mut().unwrap() {
        let place = &feature["geometry"]["coordinates"];
        repairs += &format!("{},{},2026-03-01T09:00:00Z,\n", place[1], place[0]);
        feature["properties"]["kind"] = "casting".into();
    }
    let write = |name: &str, text: String| std::fs::write(base.folder().join(name), text).unwrap();
    write("layer.geojson", hazards.to_string());
    write("repairs.csv", repairs);
    base
}

#[test]
fn a_command_that_is_killed_can_be_said_again() {
    let test = "a_command_that_is_killed_can_be_said_again";
    let Some(library) = library() else { return };
    let base = base();
    let mut tally = Tally::default();
    let number = commands(&base, &base.map()).len();
    for which in 0..number {
        let undisturbed = Place::copy_of(base.folder());
        let (folder, durable) = (undisturbed.folder(), None);
        let command = |place: &Place| commands(&base, &place.map()).swap_remove(which);
        let steps = Shim {
            library,
            folder,
            durable,
        }
        .steps(&command(&undisturbed));
        let expected = export(&undisturbed.map());
        for round in 0..rounds(2).div_ceil(2) {
            let mut rng = chance(test, round * number as u64 + which as u64);
            let place = Place::copy_of(base.folder());
            let folder = place.folder();
            let shim = Shim {
                library,
                folder,
                durable,
            };
            tally.count("rounds");
            if killed_at_a_step(&shim, &command(&place), steps, &mut rng) {
                tally.count("kills in flight");
            }
            if !opens(&place.map()) {
                tally.count("refused opens");
            }
            let again = run(&command(&place));
            let is_done =
                again.code == 0 || again.err.contains("the map has no trips of that device");
            assert!(is_done, "{:?}: {}", command(&place), again.err);
            let is_same = export(&place.map()) == expected;
            assert!(is_same, "{:?}, round {round}", command(&place));
            tally.count("identical exports");
        }
    }
    tally.tell(test);
    assert_eq!(tally.of("refused opens"), 0);
    assert!(tally.of("kills in flight") > 0);
}
