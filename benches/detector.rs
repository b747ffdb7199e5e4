//! Detecting: a drive at 100 Hz through the detector, beside published and simpler detectors.

#[path = "made/drives.rs"]
mod drives;

use detector::stages::{self, Stage};
use detector::{Config, Detector};
use divan::Bencher;
use divan::counter::ItemsCount;
use jounce::evaluate::classic::Classic;
use trip::{Batch, Fix, Sample};

fn main() {
    divan::main();
}

#[divan::bench_group]
mod push {
    use super::*;

    fn run(bencher: Bencher<'_, '_>, minutes: f64, detect: impl Fn(&[Batch]) -> usize) {
        let batches = drives::batches(minutes);
        let counter = ItemsCount::new(drives::samples(&batches));
        bencher.counter(counter).bench_local(|| detect(&batches));
    }

    fn jounce(batches: &[Batch]) -> usize {
        let mut detector = Detector::new(Config::default());
        let found: usize = batches
            .iter()
            .map(|batch| detector.push(batch).bumps.len())
            .sum();
        found + detector.finish().bumps.len()
    }

    /// Readings whose length is more than 0.4 g off gravity (Z-THRESH without an orientation).
    fn z_thresh(batches: &[Batch]) -> usize {
        let far = |a: [f32; 3]| (a.iter().map(|v| v * v).sum::<f32>().sqrt() - 9.81).abs() > 3.9;
        batches
            .iter()
            .flat_map(|b| &b.samples)
            .filter(|s| far(s.accel_mps2))
            .count()
    }

    /// A published detector on the same drive, whole trip at once.
    fn classic(bencher: Bencher<'_, '_>, classic: Classic) {
        let batches = drives::batches(10.0);
        let samples: Vec<Sample> = batches.iter().flat_map(|b| b.samples.clone()).collect();
        let fixes: Vec<Fix> = batches.iter().flat_map(|b| b.fixes.clone()).collect();
        bencher
            .counter(ItemsCount::new(samples.len()))
            .bench_local(|| classic.events(&samples, &fixes).len());
    }

    #[divan::bench(name = "10min@100hz")]
    fn ten_minutes(bencher: Bencher<'_, '_>) {
        run(bencher, 10.0, jounce);
    }

    #[divan::bench(name = "10min@100hz baseline, one threshold")]
    fn baseline(bencher: Bencher<'_, '_>) {
        run(bencher, 10.0, z_thresh);
    }

    #[divan::bench(name = "10min@100hz baseline, STA/LTA")]
    fn sta_lta(bencher: Bencher<'_, '_>) {
        classic(bencher, Classic::StaLta);
    }

    #[divan::bench(name = "10min@100hz baseline, STDEV(Z)")]
    fn stdev_z(bencher: Bencher<'_, '_>) {
        classic(bencher, Classic::StdevZ);
    }
}

/// Where the time goes: the same drive, without its fixes, up to each step. Each row holds those before
/// it; what `push` takes beyond the last is the track, the peaks, the stretches and the conclusions.
#[divan::bench_group]
mod steps {
    use super::*;

    #[divan::bench(args = [Stage::Resample, Stage::Gravity, Stage::Window, Stage::Score])]
    fn up_to(bencher: Bencher<'_, '_>, until: Stage) {
        let batches = drives::batches(10.0);
        let samples: Vec<Sample> = batches.iter().flat_map(|b| b.samples.clone()).collect();
        let config = Config::default();
        bencher
            .counter(ItemsCount::new(samples.len()))
            .bench_local(|| stages::walk(&config, &samples, until));
    }
}
