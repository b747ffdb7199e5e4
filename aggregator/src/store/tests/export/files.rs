//! Files that are there already, and files that a crash left behind.

use super::*;

#[test]
fn a_file_that_is_there_stays_and_a_map_is_never_written_over() {
    let place = town();
    let store = place.open(Mode::Read).unwrap();
    let export = export_of(Layer::Hazards, Audience::Public, Format::Csv);
    let folder = place.folder.path();
    let out = folder.join("hazards.csv");
    fs::write(&out, "mine").unwrap();
    let refused = store.export(&export, &out, false).unwrap_err();
    assert!(refused.to_string().contains("give --force"), "{refused}");
    assert_eq!(fs::read_to_string(&out).unwrap(), "mine");
    store.export(&export, &out, true).unwrap();
    assert!(fs::read_to_string(&out).unwrap().starts_with("hazard,"));
    let keys = open::beside(&place.path(), ".keys");
    let other = Place::mapped(&drives());
    for path in [
        place.path(),
        keys,
        open::beside(&place.path(), ".wal"),
        other.path(),
    ] {
        let before = fs::read(&path).ok();
        let refused = store.export(&export, &path, true).unwrap_err();
        assert!(matches!(refused, ReleaseError::IsMap { .. }), "{refused}");
        let refused = store.snapshot(Audience::Public, &path, true).unwrap_err();
        assert!(matches!(refused, ReleaseError::IsMap { .. }), "{refused}");
        assert_eq!(fs::read(&path).ok(), before);
    }
    let refused = store.export(&export, folder, true).unwrap_err();
    assert!(
        matches!(refused, ReleaseError::IsFolder { .. }),
        "{refused}"
    );
    let refused = store
        .export(&export, &folder.join("none/x.csv"), false)
        .unwrap_err();
    assert!(
        matches!(refused, ReleaseError::NoFolder { .. }),
        "{refused}"
    );
    let copy = folder.join("copy.duckdb");
    store.snapshot(Audience::Public, &copy, false).unwrap();
    store.snapshot(Audience::Staff, &copy, true).unwrap();
    let refused = store.export(&export, &copy, true).unwrap_err();
    assert!(matches!(refused, ReleaseError::IsMap { .. }), "{refused}");
}

#[test]
fn what_a_crash_left_behind_does_not_become_part_of_it() {
    let place = town();
    let store = place.open(Mode::Read).unwrap();
    let out = place.folder.path().join("copy.duckdb");
    fs::write(place.folder.path().join("copy.duckdb.partial"), "half").unwrap();
    fs::write(place.folder.path().join("copy.duckdb.partial.wal"), "half").unwrap();
    store.snapshot(Audience::Public, &out, false).unwrap();
    let names: BTreeSet<String> = fs::read_dir(place.folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    let expected = [
        "copy.duckdb",
        "m.duckdb",
        "m.duckdb.acts.jsonl",
        "m.duckdb.keys",
    ];
    assert_eq!(names, expected.map(str::to_owned).into());
}
