//! Every second of a trip is judged, or skipped with a reason.

use super::*;

/// How much of the trip, s, and how long the longest time within it that nothing is said of.
fn told(report: &Report) -> (f64, f64) {
    let judged = report.stretches.iter().map(|it| (it.begin_us, it.end_us));
    let skipped = report.skipped.iter().map(|it| (it.begin_us, it.end_us));
    let mut spans: Vec<(i64, i64)> = judged.chain(skipped).collect();
    spans.sort_unstable();
    let (mut told_us, mut hole_us) = (0, 0);
    let mut until_us = spans.first().map_or(0, |span| span.0);
    for (begin_us, end_us) in spans {
        hole_us = hole_us.max(begin_us - until_us);
        told_us += (end_us - begin_us.max(until_us)).max(0);
        until_us = until_us.max(end_us);
    }
    (told_us as f64 / 1e6, hole_us as f64 / 1e6)
}

#[test]
fn every_second_is_judged_or_skipped() {
    for readings in all() {
        let (told_s, hole_s) = told(&readings.judged());
        let samples = &readings.batch.samples;
        let trip_s = (samples[samples.len() - 1].t_us - samples[0].t_us) as f64 / 1e6;
        let name = &readings.name;
        assert!(
            (told_s - trip_s).abs() < 2.0,
            "{name}: {told_s} of {trip_s} s"
        );
        assert!(hole_s < 0.2, "{name}: nothing is said of {hole_s} s");
    }
}

#[test]
fn without_positions_no_second_is_lost_either() {
    for readings in made() {
        let report = readings.judged_with(|batch| batch.fixes.clear());
        let samples = &readings.batch.samples;
        let trip_s = (samples[samples.len() - 1].t_us - samples[0].t_us) as f64 / 1e6;
        // No track, no road seen in a pause: judged and skipped time add up.
        let judged_s: f64 = report.stretches.iter().map(trip::Stretch::duration_s).sum();
        let skipped_s: f64 = report.skipped.iter().map(Skipped::duration_s).sum();
        let sum_s = judged_s + skipped_s;
        assert!(
            (sum_s - trip_s).abs() < 1.0,
            "{}: {sum_s} of {trip_s} s",
            readings.name
        );
    }
}
