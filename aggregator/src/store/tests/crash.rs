//! Writers that die, logs that are torn, two programs at one map. A child process plays the other
//! program: this very test binary, run with the name of one test and a variable that tells it so.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, Command, Stdio};

use super::*;

/// Tells a child which map to work on.
const MAP: &str = "JOUNCE_TEST_MAP";

/// The map that this process is to work on, when it is a child.
fn as_child() -> Option<OsString> {
    std::env::var_os(MAP)
}

/// Runs one test of this binary as another program, on the map of `place`.
fn child(test: &str, place: &Place) -> Child {
    let test = format!("store::tests::crash::{test}");
    Command::new(std::env::current_exe().unwrap())
        .args([&test, "--exact", "--nocapture"])
        .env(MAP, place.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// A map whose writer died after recording the first three of [`drives`], within the fourth.
fn abandoned_map() -> Place {
    let place = Place::new();
    let status = child("a_writer_that_dies_leaves_whole_trips", &place)
        .wait()
        .unwrap();
    assert!(!status.success(), "the child dies");
    place
}

fn record_all(store: &mut Store) {
    let evidence: Vec<_> = drives().iter().map(Drive::evidence).collect();
    store.record(&evidence).unwrap();
    store.project().unwrap();
}

fn undisturbed_export() -> String {
    export(&Place::mapped(&drives()).open(Mode::Read).unwrap())
}

#[test]
fn a_writer_that_dies_leaves_whole_trips() {
    if let Some(map) = as_child() {
        let mut store = Store::open(map, Mode::Write).unwrap();
        for drive in &drives()[..3] {
            store.record(&[drive.evidence()]).unwrap();
        }
        let half_done = (3, drives()[3].fact(1));
        let transaction = store.db.transaction().unwrap();
        facts::save(&transaction, &[half_done], &Area::default()).unwrap();
        std::process::abort();
    }
    let place = abandoned_map();
    let mut store = place.writer();
    assert_eq!(store.summary().unwrap().trips, 3);
    assert_eq!(
        store.hazards(&HazardQuery::default()).unwrap().len(),
        2,
        "folded, not yet stored"
    );
    record_all(&mut store);
    assert_eq!(export(&store), undisturbed_export());
}

/// Ways in which a log may come back after a crash: bits flipped here and there, and a tail of
/// zeros, as a file system may leave after a power cut.
fn damaged(log: &[u8]) -> Vec<Vec<u8>> {
    let flips = (1..12).map(|twelfth| {
        let mut log = log.to_vec();
        let place = log.len() * twelfth / 12;
        log[place] ^= 1;
        log
    });
    let zeros = [log[..log.len() * 2 / 3].to_vec(), vec![0; 4096]].concat();
    flips.chain([zeros]).collect()
}

/// The engine takes some damage for the end of the log and says nothing; the rest it refuses.
/// Either way the map opens for writing, with whole trips, and a repeated replay completes it.
#[test]
fn a_damaged_log_is_put_aside_and_cut_and_what_was_lost_is_recorded_again() {
    let undisturbed = undisturbed_export();
    let crashed = abandoned_map();
    let wal_of = |place: &Place| open::beside(&place.path(), ".wal");
    let mut refusals = 0;
    for log in damaged(&fs::read(wal_of(&crashed)).unwrap()) {
        let place = Place::new();
        fs::copy(crashed.path(), place.path()).unwrap();
        fs::write(wal_of(&place), &log).unwrap();
        if let Err(refused) = place.open(Mode::Read) {
            refusals += 1;
            assert!(
                matches!(refused, StoreError::DamagedLog { .. }),
                "{refused}"
            );
            assert_eq!(
                fs::read(wal_of(&place)).unwrap(),
                log,
                "reading mends nothing"
            );
            drop(place.writer());
            let aside = open::beside(&wal_of(&place), ".damaged-1");
            assert_eq!(fs::read(aside).unwrap(), log);
        }
        let mut store = place.writer();
        assert!(store.summary().unwrap().trips <= 3);
        record_all(&mut store);
        assert_eq!(export(&store), undisturbed);
    }
    assert!(refusals >= 6, "most damage is noticed: {refusals}");
}

#[test]
fn a_map_that_another_program_has_is_refused_with_its_process() {
    if let Some(map) = as_child() {
        let _store = Store::open(map, Mode::Write).unwrap();
        std::io::stdout().write_all(b"open\n").unwrap();
        std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
        return;
    }
    let place = Place::mapped(&drives());
    let mut other = child(
        "a_map_that_another_program_has_is_refused_with_its_process",
        &place,
    );
    let mut said = BufReader::new(other.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("open") {
        line.clear();
        assert_ne!(
            said.read_line(&mut line).unwrap(),
            0,
            "the child opens the map"
        );
    }
    for mode in [Mode::Read, Mode::Write] {
        let refused = place.open(mode).unwrap_err();
        let pid_named =
            matches!(refused, StoreError::Locked { pid: Some(pid), .. } if pid == other.id());
        assert!(pid_named, "{refused}");
    }
    drop(other.stdin.take());
    assert!(other.wait().unwrap().success());
    assert!(place.open(Mode::Read).is_ok());
}

#[test]
fn one_program_opens_a_map_once_for_writing_or_often_for_reading() {
    let place = Place::mapped(&drives());
    let writer = place.writer();
    for mode in [Mode::Write, Mode::Read] {
        assert!(matches!(place.open(mode), Err(StoreError::Locked { .. })));
    }
    drop(writer);
    let readers = [
        place.open(Mode::Read).unwrap(),
        place.open(Mode::Read).unwrap(),
    ];
    assert!(matches!(
        place.open(Mode::Write),
        Err(StoreError::Locked { .. })
    ));
    drop(readers);
    assert!(place.open(Mode::Write).is_ok());
}
