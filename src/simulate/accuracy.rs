//! What the detector makes of made drives, held against the truth: the place of its bumps and the
//! roughness of the road driven. Floors here, whole tables by
//!
//! ```text
//! cargo test --release --lib simulate::accuracy -- --ignored --nocapture
//! ```

use std::ops::RangeInclusive;

use ingest::wire::{Content, Incoming};
use trip::{Bump, Report, Roughness, Stretch, TripKey};

use super::{Config, Drive, Preset, jsonl, town};
use crate::evaluate::{Event, Mark, Tolerance, Truth, Verdict, interval, matching};
use crate::pipeline::Pipeline;

const PRESETS: [Preset; 2] = [Preset::Town, Preset::Sharp];

fn drives(preset: Preset, seeds: RangeInclusive<u64>) -> Vec<Drive> {
    let of_seed = |seed| {
        town(&Config {
            seed,
            preset,
            ..Config::default()
        })
        .trips()
        .collect::<Vec<_>>()
    };
    seeds.flat_map(of_seed).collect()
}

/// What the detector says of a drive.
fn report(drive: &Drive, config: detector::Config) -> Report {
    let mut pipeline = Pipeline::new(config, None);
    let key = TripKey {
        device: drive.device.clone(),
        trip: drive.trip,
    };
    for line in jsonl(drive).split(|byte| *byte == b'\n') {
        if let Ok(Incoming::Message(message)) = ingest::wire::decode(line) {
            pipeline.feed(&key, message);
        }
    }
    let closed = pipeline.close_all().pop().expect("one trip was fed");
    closed.evidence.report
}

/// How the latency of the receivers is known.
#[derive(Clone, Copy, Debug)]
enum Latency {
    /// As shipped.
    Learnt,
    /// Half a second for all.
    Constant,
    /// From the truth.
    Told,
}

impl Latency {
    fn config(self, drive: &Drive) -> detector::Config {
        let mut config = detector::Config::default();
        match self {
            Self::Learnt => {}
            Self::Constant => config.locate.latency_weight = 0.0,
            Self::Told => {
                config.locate.latency_s = drive.latency_s;
                config.locate.latency_sigma_s = 0.01;
                config.locate.latency_weight = 0.0;
            }
        }
        config
    }
}

/// Bumps and the marks they are of, within 0.5 s, one to one, the highest score first.
fn pairs<'a>(bumps: &'a [Bump], marks: &'a [Mark]) -> Vec<(&'a Bump, &'a Mark)> {
    let event = |bump: &Bump| Event {
        t_us: bump.peak_us,
        score: f64::from(bump.score),
    };
    let events: Vec<Event> = bumps.iter().map(event).collect();
    let truth = Truth {
        wanted: marks.iter().collect(),
        ignored: Vec::new(),
    };
    let verdicts = matching::by_falling_score(&events, &truth, Tolerance::even(0.5));
    let hit = |(bump, verdict)| match verdict {
        Verdict::Hit(number) => Some((bump, &marks[number])),
        _ => None,
    };
    bumps.iter().zip(verdicts).filter_map(hit).collect()
}

/// Metres between places found and true ones, in order, and how many lie within 2.45 sigma.
struct Places {
    errors_m: Vec<f64>,
    inside: usize,
}

impl Places {
    fn of(drives: &[Drive], latency: Latency, candidates: bool) -> Self {
        let (mut errors_m, mut inside) = (Vec::new(), 0);
        for drive in drives {
            let report = report(drive, latency.config(drive));
            let mut bumps = report.bumps;
            if candidates {
                bumps.extend(report.candidates);
            }
            let marks: Vec<Mark> = drive.labels.iter().cloned().map(Mark::from).collect();
            for (bump, mark) in pairs(&bumps, &marks) {
                let Some(place) = bump.place else { continue };
                let truth = mark.place.expect("every mark of a made drive has a place");
                let error_m = place.position.distance_m(truth);
                inside += usize::from(error_m <= 2.45 * f64::from(place.sigma_m));
                errors_m.push(error_m);
            }
        }
        errors_m.sort_by(f64::total_cmp);
        Self { errors_m, inside }
    }

    fn quantile_m(&self, share: f64) -> f64 {
        interval::quantile(&self.errors_m, share)
    }

    fn inside_share(&self) -> f64 {
        self.inside as f64 / self.errors_m.len() as f64
    }
}

/// What is learnt of a receiver by the end of its drive, less the truth, and the sigma of it.
fn latency_error_s(drive: &Drive) -> (f64, f64) {
    let mut detector = detector::Detector::new(detector::Config::default());
    for line in jsonl(drive).split(|byte| *byte == b'\n') {
        if let Ok(Incoming::Message(message)) = ingest::wire::decode(line)
            && let Content::Samples(batch) = message.content
        {
            detector.push(&batch);
        }
    }
    let learnt = detector.latency();
    (learnt.mean_s - drive.latency_s, learnt.sigma_s)
}

#[test]
fn how_late_a_receiver_is_can_be_told_after_six_minutes() {
    for preset in PRESETS {
        let errors = drives(preset, 1..=2)
            .iter()
            .map(latency_error_s)
            .collect::<Vec<_>>();
        // Phones that tell no speed keep what is known of receivers in general.
        let learnt = errors.iter().filter(|(_, sigma_s)| *sigma_s < 0.2);
        let (count, sum, within) =
            learnt.fold((0, 0.0, 0), |(n, sum, within), (off_s, sigma_s)| {
                let inside = off_s.abs() < 1.96 * sigma_s;
                (n + 1, sum + off_s * off_s, within + usize::from(inside))
            });
        let rms_s = (sum / f64::from(count)).sqrt();
        eprintln!("{preset:?}: {count} receivers, {rms_s:.3} s, {within} inside 1.96 sigma");
        assert!(
            count == 14 && rms_s < 0.1 && within >= 12,
            "{count} {rms_s} {within}"
        );
    }
}

#[test]
fn half_of_the_places_are_within_five_metres_and_sigma_tells_how_far() {
    for preset in PRESETS {
        let places = Places::of(&drives(preset, 1..=2), Latency::Learnt, false);
        let (median_m, inside) = (places.quantile_m(0.5), places.inside_share());
        eprintln!("{preset:?}: median {median_m:.2} m, {inside:.3} inside 2.45 sigma");
        assert!(places.errors_m.len() >= 40, "{}", places.errors_m.len());
        assert!(
            median_m < 5.0 && inside > 0.88,
            "{preset:?}: {median_m} {inside}"
        );
    }
}

#[test]
#[ignore = "a table of sixteen towns, for people"]
fn table_of_places() {
    eprintln!("preset  bumps       latency   found  median_m  p95_m  inside");
    for preset in PRESETS {
        let drives = drives(preset, 1..=8);
        for candidates in [false, true] {
            for latency in [Latency::Constant, Latency::Learnt, Latency::Told] {
                let places = Places::of(&drives, latency, candidates);
                eprintln!(
                    "{:7} {:11} {:9} {:5} {:9.2} {:6.2} {:7.3}",
                    format!("{preset:?}"),
                    if candidates { "candidates" } else { "shipped" },
                    format!("{latency:?}"),
                    places.errors_m.len(),
                    places.quantile_m(0.5),
                    places.quantile_m(0.95),
                    places.inside_share(),
                );
            }
        }
    }
}

/// Stretches with an index, and the true one of the same metres where it is known.
struct Rough {
    /// ln of the index found and the true one, for each 100 m of a drive.
    sections: Vec<[f64; 2]>,
    /// The same for each stretch.
    stretches: Vec<[f64; 2]>,
    /// Stretches whose interval holds the truth.
    inside: usize,
}

impl Rough {
    fn of(drives: &[Drive]) -> Self {
        let mut rough = Self {
            sections: Vec::new(),
            stretches: Vec::new(),
            inside: 0,
        };
        for drive in drives {
            rough.add(drive, &report(drive, detector::Config::default()).stretches);
        }
        rough
    }

    fn add(&mut self, drive: &Drive, stretches: &[Stretch]) {
        let mut sums = vec![[0.0; 2]; drive.road.len()];
        for stretch in stretches {
            let index = |rough: Roughness| Some((rough.iri_m_per_km?, rough.iri_range_m_per_km()?));
            let Some((iri, [low, high])) = stretch.roughness.and_then(index) else {
                continue;
            };
            let pieces = drive
                .fine_road
                .iter()
                .map(|fine| (fine, shared(stretch, fine)));
            let (sum, share) = pieces.fold((0.0, 0.0), |(sum, shares), (fine, share)| {
                (sum + share * fine.iri_m_per_km, shares + share)
            });
            if share > 0.0 {
                let truth = sum / share;
                self.stretches.push([f64::from(iri).ln(), truth.ln()]);
                self.inside += usize::from((f64::from(low)..=f64::from(high)).contains(&truth));
            }
            for (sum, section) in sums.iter_mut().zip(&drive.road) {
                let share = shared(stretch, section);
                *sum = [sum[0] + share * f64::from(iri).ln(), sum[1] + share];
            }
        }
        for ([sum, share], section) in sums.into_iter().zip(&drive.road) {
            // Judged over more than half of its length.
            if share > 0.5 {
                self.sections.push([sum / share, section.iri_m_per_km.ln()]);
            }
        }
    }

    fn inside_share(&self) -> f64 {
        self.inside as f64 / self.stretches.len() as f64
    }
}

/// How much of a section lies in a stretch, by time.
fn shared(stretch: &Stretch, section: &ingest::road::Section) -> f64 {
    let (begin_s, end_s) = (stretch.begin_us as f64 / 1e6, stretch.end_us as f64 / 1e6);
    let both_s = end_s.min(section.t_end) - begin_s.max(section.t_start);
    (both_s / (section.t_end - section.t_start)).max(0.0)
}

/// How much of the variance of the truth is explained, no line fitted; and the mean of found less
/// true.
fn explained(pairs: &[[f64; 2]]) -> (f64, f64) {
    let n = pairs.len() as f64;
    let mean = pairs.iter().map(|pair| pair[1]).sum::<f64>() / n;
    let total: f64 = pairs.iter().map(|pair| (pair[1] - mean).powi(2)).sum();
    let left: f64 = pairs.iter().map(|pair| (pair[0] - pair[1]).powi(2)).sum();
    let bias = pairs.iter().map(|pair| pair[0] - pair[1]).sum::<f64>() / n;
    (1.0 - left / total, bias)
}

#[test]
fn the_index_explains_most_of_the_true_roughness_and_knows_how_sure_it_is() {
    let rough = Rough::of(&drives(Preset::Town, 1..=3));
    let ((r2, bias), inside) = (explained(&rough.sections), rough.inside_share());
    eprintln!(
        "R² {r2:.2}, bias {bias:.2}, {inside:.3} inside, {} sections",
        rough.sections.len()
    );
    assert!(rough.sections.len() > 400, "{}", rough.sections.len());
    assert!(r2 > 0.7 && bias.abs() < 0.12, "{r2} {bias}");
    assert!((0.90..0.995).contains(&inside), "{inside}");
}

#[test]
#[ignore = "a table of sixteen towns, for people"]
fn table_of_roughness() {
    eprintln!("preset  pieces       n   R2    bias_ln  inside");
    for preset in PRESETS {
        let rough = Rough::of(&drives(preset, 1..=8));
        for (name, pairs) in [("100 m", &rough.sections), ("stretch", &rough.stretches)] {
            let (r2, bias) = explained(pairs);
            let inside = rough.inside_share();
            eprintln!(
                "{:7} {name:8} {:5} {r2:6.3} {bias:8.3} {inside:7.3}",
                format!("{preset:?}"),
                pairs.len()
            );
        }
    }
}
