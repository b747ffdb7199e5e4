//! The sample traces: made by the documented command, and each to its map.

use std::fs;

use crate::support::{good, map_of, sample_files, sample_traces};

#[test]
fn the_committed_drives_are_what_the_documented_command_makes() {
    let folder = tempfile::tempdir().unwrap();
    let readme = fs::read_to_string(sample_traces().join("../README.md")).unwrap();
    let line = readme
        .lines()
        .find(|line| line.trim_start().starts_with("cargo run"))
        .unwrap();
    let (_, args) = line.split_once(" -- ").unwrap();
    let args = args.replace("sample-traces/simulated", folder.path().to_str().unwrap());
    good(&args.split_whitespace().collect::<Vec<_>>());
    let mut files = 0;
    for entry in fs::read_dir(sample_traces()).unwrap() {
        let path = entry.unwrap().path();
        let made = fs::read(folder.path().join(path.file_name().unwrap())).unwrap();
        assert!(
            made == fs::read(&path).unwrap(),
            "{} differs",
            path.display()
        );
        files += 1;
    }
    assert_eq!(files, fs::read_dir(folder.path()).unwrap().count());
}

#[test]
fn each_drive_has_its_map() {
    let folder = tempfile::tempdir().unwrap();
    let mut account = String::new();
    for file in sample_files() {
        let name = file
            .file_name()
            .unwrap()
            .to_string_lossy()
            .replace(".jsonl.gz", "");
        let map = folder.path().join(&name).with_extension("duckdb");
        map_of(&[&file], &map);
        let list = ["map".as_ref(), "list".as_ref(), map.as_os_str()];
        account += &format!("{name}\n{}\n", good(&list));
    }
    insta::assert_snapshot!("drives", account);
}

#[test]
fn all_drives_together_have_one_map() {
    let folder = tempfile::tempdir().unwrap();
    let map = folder.path().join("m.duckdb");
    insta::assert_snapshot!("town", map_of(&[sample_traces()], &map));
    insta::assert_snapshot!(
        "summary",
        good(&["map".as_ref(), "summary".as_ref(), map.as_os_str()])
    );
}
