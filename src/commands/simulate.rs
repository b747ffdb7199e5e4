//! `jounce simulate`: made drives and their truth, as files.

mod reports;

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::Context as _;
use flate2::{Compression, GzBuilder};
use indicatif::ProgressBar;

use super::Ending;
use crate::cli::{self, Preset};
use crate::render;
use crate::simulate::{self, Config};

/// More drivers than this take days to make.
const MOST_DRIVERS: u32 = 100_000;

pub(super) fn run(args: &cli::Simulate, out: &mut dyn Write) -> anyhow::Result<Ending> {
    if args.reports {
        return reports::run(args, out);
    }
    let default = Config::default();
    let drivers = args.drivers.unwrap_or(default.drivers);
    anyhow::ensure!(
        drivers <= MOST_DRIVERS,
        "at most 100000 drivers; more only with --reports"
    );
    let config = Config {
        seed: args.seed,
        drivers,
        minutes: args.minutes,
        rate_hz: args.rate_hz,
        preset: match args.preset {
            Preset::Town => simulate::Preset::Town,
            Preset::Sharp => simulate::Preset::Sharp,
        },
    };
    let write = |name: String, bytes: &[u8]| {
        let path = args.out.join(name);
        fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))
    };
    fs::create_dir_all(&args.out)
        .with_context(|| format!("cannot make the folder {}", args.out.display()))?;
    remove_older(&args.out)?;
    let town = simulate::town(&config);
    write(
        "hazards.geojson".to_owned(),
        town.hazards_geojson().as_bytes(),
    )?;
    let bar = ProgressBar::new(u64::from(drivers));
    let (mut trips, mut labels, mut seconds) = (0_u64, 0_u64, 0.0);
    for drive in town.trips() {
        write(
            format!("{}.jsonl.gz", drive.name),
            &packed(&simulate::jsonl(&drive))?,
        )?;
        let marks = ingest::labels::write(&drive.labels);
        write(format!("{}.labels.csv", drive.name), marks.as_bytes())?;
        let road = ingest::road::write(&drive.road);
        write(format!("{}.road.csv", drive.name), road.as_bytes())?;
        trips += 1;
        labels += drive.labels.len() as u64;
        seconds += drive.duration_s;
        bar.inc(1);
    }
    bar.finish_and_clear();
    writeln!(
        out,
        "{} of {} in all, {} hit, written to {}",
        render::count(trips, "trip", "trips"),
        render::duration(seconds),
        render::count(labels, "hazard", "hazards"),
        args.out.display()
    )?;
    Ok(Ending::Good)
}

/// Removes the drives of a town that was made here before: they are not of this one.
fn remove_older(folder: &Path) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let number = name
            .strip_prefix("drive-")
            .and_then(|rest| rest.split_once('.'));
        let made = number.is_some_and(|(number, ending)| {
            number.bytes().all(|b| b.is_ascii_digit())
                && ["jsonl.gz", "labels.csv", "road.csv"].contains(&ending)
        });
        if made {
            fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    Ok(())
}

/// Gzip without name and time: the same bytes each time.
fn packed(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut gzip = GzBuilder::new()
        .mtime(0)
        .write(Vec::new(), Compression::best());
    gzip.write_all(bytes)?;
    gzip.finish()
}
