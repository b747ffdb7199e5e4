//! A disk that is full: a clear error, the map as it was, and on it goes when there is room.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::Command;

use rand::RngExt as _;

use super::city::{Args, Place, copy, export, of_map, run};
use super::kill::{base, commands};
use super::{Tally, chance, rounds};
use crate::support::good;

/// A small disk of its own, as long as it lives.
pub(crate) struct Disk {
    folder: tempfile::TempDir,
}

impl Disk {
    /// `None`, said aloud, where none can be mounted.
    pub(crate) fn of_megabytes(megabytes: u32) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let size = format!("size={megabytes}m");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(folder.path())
            .output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self { folder });
        }
        eprintln!("SKIPPED: a small disk can only be mounted by root");
        None
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Fills the disk until so many bytes are left.
    pub(crate) fn fill(&self, left: u64) {
        let ballast = self.path("ballast");
        fs::write(&ballast, vec![0; 64 << 20]).unwrap_err();
        let file = OpenOptions::new().write(true).open(&ballast).unwrap();
        let length = file.metadata().unwrap().len();
        file.set_len(length.saturating_sub(left)).unwrap();
    }

    /// Takes away what filled it.
    pub(crate) fn make_room(&self) {
        fs::remove_file(self.path("ballast")).unwrap();
    }

    /// Makes room, and puts a map there as it lies in another folder.
    fn with_map(&self, base: &Path) -> PathBuf {
        for file in fs::read_dir(self.folder.path()).unwrap() {
            fs::remove_file(file.unwrap().path()).unwrap();
        }
        copy(base, self.folder.path());
        self.path("m.duckdb")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        Command::new("umount").arg(self.folder.path()).output().ok();
    }
}

/// What a map says without the names of hazards: each report gets a new one.
fn unnamed(export: &str) -> String {
    let mut parts = export.split("\"h-");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + "\"" + &part[16..])
}

#[test]
fn a_full_disk_is_said_and_leaves_every_map_as_it_was() {
    let test = "a_full_disk_is_said_and_leaves_every_map_as_it_was";
    let Some(disk) = Disk::of_megabytes(24) else {
        return;
    };
    let base = base();
    let all = |map: &Path| -> Vec<Args> {
        let mut all = commands(&base, map);
        let place = [
            "--at",
            "41.05,-10.0",
            "--kind",
            "pothole",
            "--on",
            "2026-03-02",
        ];
        all.push(of_map("report", map, &place));
        all
    };
    let mut tally = Tally::default();
    for which in 0..all(&base.map()).len() {
        let undisturbed = Place::copy_of(base.folder());
        good(&all(&undisturbed.map())[which]);
        let told = |map: &Path| match all(map)[which][1].as_str() {
            "report" => unnamed(&export(map)),
            _ => export(map),
        };
        let (before, after) = (told(&base.map()), told(&undisturbed.map()));
        for round in 0..rounds(2).div_ceil(2) {
            let mut rng = chance(test, round * 100 + which as u64);
            let map = disk.with_map(base.folder());
            let args = all(&map).swap_remove(which);
            disk.fill(if round == 0 {
                0
            } else {
                rng.random_range(0..400_000)
            });
            let full = run(&args);
            fs::remove_file(disk.path("ballast")).unwrap();
            tally.count("rounds");
            if full.code == 0 {
                tally.count("had room enough");
                assert_eq!(told(&map), after, "{args:?}");
                continue;
            }
            tally.count("refused");
            assert_eq!(full.code, 1, "{args:?}");
            assert!(full.err.contains("disk is full"), "{args:?}: {}", full.err);
            let now = told(&map);
            let is_kept = full.err.contains("written down, but");
            // A replay keeps the transactions that were whole.
            let is_part = args[0] == "replay";
            let is_as_told = now == *if is_kept { &after } else { &before };
            assert!(is_as_told || is_part, "{args:?}: {}", full.err);
            good(&args);
            assert_eq!(told(&map), after, "{args:?}");
            tally.count("completed with room");
        }
    }
    tally.tell(test);
    assert!(tally.of("refused") >= 5);
}

#[test]
fn a_full_disk_makes_no_half_map() {
    let Some(disk) = Disk::of_megabytes(8) else {
        return;
    };
    let map = disk.path("m.duckdb");
    let args = super::city::replay(&super::city::deliveries()[..1], &map);
    for left in [0, 4096, 12_288, 65_536, 262_144] {
        disk.fill(left);
        let full = run(&args);
        fs::remove_file(disk.path("ballast")).unwrap();
        assert_eq!(full.code, 1, "{left}");
        assert!(full.err.contains("disk is full"), "{left}: {}", full.err);
        assert!(!map.exists() || run(&of_map("summary", &map, &[])).code == 0);
    }
    good(&args);
}
