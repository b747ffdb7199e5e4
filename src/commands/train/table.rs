//! What was learnt, for people.

use std::io::{self, Write};

use crate::commands::evaluate::or_dash;
use crate::evaluate::drive::Extent;
use crate::render;
use crate::train::outcome::{Compared, FeatureRow, Probability, RideRow};
use crate::train::sheet::Figure;
use crate::train::{Course, Outcome, ROUNDS};

pub(super) fn write(outcome: &Outcome, course: &Course<'_>, out: &mut dyn Write) -> io::Result<()> {
    write_basis(outcome, course, out)?;
    write_features(&outcome.features, out)?;
    write_compared(outcome, course, out)?;
    write_rides(&outcome.rides, out)?;
    outcome
        .probability
        .iter()
        .try_for_each(|it| write_probability(it, outcome, out))
}

fn write_basis(outcome: &Outcome, course: &Course<'_>, out: &mut dyn Write) -> io::Result<()> {
    let extents = course.lessons.iter().map(|lesson| &lesson.drive.extent);
    let hours = extents.map(|Extent { recorded_s, .. }| recorded_s / 3600.0);
    let marks: usize = course.marks().iter().sum();
    writeln!(
        out,
        "\n{} of {}, {:.2} h, {}; {}, {} of them on marks",
        render::count(course.lessons.len() as u64, "trace", "traces"),
        render::count(course.names.len() as u64, "ride", "rides"),
        hours.sum::<f64>(),
        render::count(marks as u64, "mark", "marks"),
        render::count(outcome.candidates as u64, "candidate", "candidates"),
        render::grouped(outcome.on_marks as u64),
    )?;
    writeln!(
        out,
        "{}, ±{:?} s, ridge {}; {ROUNDS} rounds, the last moved no weight by more than {:.3}",
        course.plan.selection.wanted.join(" and "),
        course.plan.tolerance.before_s(),
        course.plan.ridge,
        outcome.moved,
    )
}

fn write_features(features: &[FeatureRow], out: &mut dyn Write) -> io::Result<()> {
    let rows = features.iter().map(|row| {
        vec![
            row.name.to_owned(),
            format!("{:.2}", row.weight),
            format!("{:.2}", row.standard_error),
            or_dash(row.without, 3),
        ]
    });
    let header = ["feature", "weight", "standard error", "AP without it"];
    let table = render::table(&header, &[1, 2, 3], rows);
    writeln!(out, "\n{table}")?;
    writeln!(
        out,
        "Standard errors by a jackknife over rides. AP of left-out rides, on the same candidates."
    )
}

fn write_compared(outcome: &Outcome, course: &Course<'_>, out: &mut dyn Write) -> io::Result<()> {
    let row = |name: &str, figure: Figure, f1: Option<f64>| {
        vec![
            name.to_owned(),
            or_dash(figure.average_precision, 3),
            or_dash(figure.best_f1, 3),
            or_dash(figure.best_at, 2),
            or_dash(f1, 3),
        ]
    };
    let threshold = course.plan.config.trigger.threshold;
    let at = format!("F1 at {threshold:?}");
    let header = ["", "AP", "best F1", "at", &at];
    let (body, both, f1) = (&outcome.body, &outcome.both, &outcome.both_f1);
    let rows = [
        row("body channel, rides left out", body.left_out, None),
        row("body channel, fitted", body.fitted, None),
        row("body channel, weights to begin with", body.shipped, None),
        row("both channels, rides left out", both.left_out, f1.left_out),
        row("both channels, fitted, rounded", both.fitted, f1.fitted),
        row(
            "both channels, weights to begin with",
            both.shipped,
            f1.shipped,
        ),
    ];
    writeln!(out, "\n{}", render::table(&header, &[1, 2, 3, 4], rows))
}

fn write_rides(rides: &[RideRow], out: &mut dyn Write) -> io::Result<()> {
    let header = [
        "ride",
        "phones",
        "h",
        "marks",
        "left out",
        "fitted",
        "begun with",
        "both",
        "F1",
    ];
    let rows = rides.iter().map(|ride| {
        let Compared {
            left_out,
            fitted,
            shipped,
        } = ride.body;
        vec![
            ride.name.clone(),
            ride.phones.to_string(),
            format!("{:.2}", ride.recorded_h),
            ride.marks.to_string(),
            or_dash(left_out.average_precision, 3),
            or_dash(fitted.average_precision, 3),
            or_dash(shipped.average_precision, 3),
            or_dash(ride.both.average_precision, 3),
            or_dash(ride.both_f1, 2),
        ]
    });
    let right: Vec<usize> = (1..header.len()).collect();
    writeln!(out, "\n{}", render::table(&header, &right, rows))?;
    writeln!(
        out,
        "AP of the body channel three ways; then AP, and F1 at the threshold, of both channels with \
         the ride left out."
    )?;
    let unmarked = rides.iter().filter(|ride| ride.marks == 0);
    let unmarked: Vec<&str> = unmarked.map(|ride| ride.name.as_str()).collect();
    if !unmarked.is_empty() {
        writeln!(out, "Without marks: {}", unmarked.join(", "))?;
    }
    Ok(())
}

fn write_probability(
    probability: &Probability,
    outcome: &Outcome,
    out: &mut dyn Write,
) -> io::Result<()> {
    let candidates = render::count(probability.candidates as u64, "candidate", "candidates");
    writeln!(
        out,
        "\nProbability, from {candidates} of both channels, rides left out\n  \
         probability_slope  {:.2}\n  probability_mid    {:.2}\n  \
         calibration error  {:.3}; of the curve to begin with {:.3}",
        probability.curve.slope,
        probability.curve.mid,
        probability.error,
        probability.shipped_error
    )?;
    writeln!(
        out,
        "  best F1 at         {}",
        or_dash(outcome.both.left_out.best_at, 2)
    )
}
