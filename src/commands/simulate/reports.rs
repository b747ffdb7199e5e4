//! `jounce simulate --reports`: a city's reports and the truth, as files.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use indicatif::ProgressBar;

use crate::cli;
use crate::commands::Ending;
use crate::render;
use crate::simulate::reports::{self, City, Counts, Options, PASSES_HEADER, Trip};

/// How hard deliveries are packed: zstd's own default.
const PACKED: i32 = 3;

pub(super) fn run(args: &cli::Simulate, out: &mut dyn Write) -> anyhow::Result<Ending> {
    let city = reports::city(options(args));
    fs::create_dir_all(&args.out)
        .with_context(|| format!("cannot make the folder {}", args.out.display()))?;
    remove_older(&args.out)?;
    let counts = write_trips(&city, args)?;
    let write = |name: &str, text: String| {
        let path = args.out.join(name);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    };
    write("hazards.geojson", city.hazards_geojson())?;
    write("repairs.csv", city.repairs_csv())?;
    write("city.json", city.city_json(&counts))?;
    writeln!(
        out,
        "{} of {}: {}, {} felt in {} over {}, written to {}",
        render::count(counts.trips, "trip", "trips"),
        render::count(city.drivers().into(), "driver", "drivers"),
        render::count(counts.bumps, "bump", "bumps"),
        render::grouped(counts.hits),
        render::count(counts.able_passes, "able pass", "able passes"),
        render::count(city.hazards().len() as u64, "hazard", "hazards"),
        args.out.display()
    )?;
    Ok(Ending::Good)
}

fn options(args: &cli::Simulate) -> Options {
    let asked = &args.city;
    Options {
        seed: args.seed,
        hazards: asked.hazards,
        drivers: args.drivers,
        participation: asked.participation,
        days: asked.days,
        repaired: asked.repaired,
        hostile: asked.hostile,
        detection: asked.detection,
        false_alarms_per_km: asked.false_alarms,
    }
}

/// Writes every trip into the file of its day of delivery.
fn write_trips(city: &City, args: &cli::Simulate) -> anyhow::Result<Counts> {
    let mut passes = (args.city.passes)
        .then(|| create(args.out.join("passes.csv")))
        .transpose()?;
    if let Some(passes) = &mut passes {
        passes.write_all(PASSES_HEADER.as_bytes())?;
    }
    let (mut counts, mut devices) = (Counts::default(), HashSet::new());
    let mut delivery: Option<Delivery> = None;
    let bar = ProgressBar::new(city.options().days.into());
    for trip in city.trips() {
        let day = trip.received_day();
        if delivery.as_ref().is_none_or(|open| open.day != day) {
            if let Some(done) = delivery.take() {
                done.finish()?;
                bar.inc(1);
            }
            delivery = Some(Delivery::open(&args.out, &trip)?);
        }
        if let Some(open) = &mut delivery {
            open.write(&trip)?;
        }
        counts.add(city, &trip);
        if let Some(passes) = &mut passes {
            passes.write_all(trip.passes_csv().as_bytes())?;
        }
        devices.insert(trip.key.device);
    }
    if let Some(done) = delivery {
        done.finish()?;
    }
    if let Some(mut passes) = passes {
        passes.flush()?;
    }
    bar.finish_and_clear();
    counts.devices = devices.len() as u64;
    Ok(counts)
}

/// The file of one day of delivery.
struct Delivery {
    day: i64,
    path: PathBuf,
    file: zstd::Encoder<'static, BufWriter<File>>,
}

impl Delivery {
    /// The file for a trip's day.
    fn open(folder: &Path, trip: &Trip) -> anyhow::Result<Self> {
        let date = render::rfc3339(trip.received_us);
        let path = folder.join(format!("delivered-{}.jsonl.zst", &date[..10]));
        let file = zstd::Encoder::new(create(path.clone())?, PACKED)?;
        Ok(Self {
            day: trip.received_day(),
            path,
            file,
        })
    }

    fn write(&mut self, trip: &Trip) -> anyhow::Result<()> {
        for message in trip.messages() {
            let mut line = message.to_json();
            line.push(b'\n');
            (self.file.write_all(&line))
                .with_context(|| format!("cannot write {}", self.path.display()))?;
        }
        Ok(())
    }

    fn finish(self) -> anyhow::Result<()> {
        (self.file.finish().and_then(|mut file| file.flush()))
            .with_context(|| format!("cannot write {}", self.path.display()))
    }
}

fn create(path: PathBuf) -> anyhow::Result<BufWriter<File>> {
    let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(BufWriter::new(file))
}

/// Removes the deliveries of a city that was made here before: they are not of this one.
fn remove_older(folder: &Path) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let made = name.starts_with("delivered-") && name.ends_with(".jsonl.zst");
        if made || name == "passes.csv" {
            fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    Ok(())
}
