//! How well events are ranked, and how honest their chances are.

use super::chart::{self, Labels};
use crate::evaluate::CurvePoint;
use crate::evaluate::Evaluation;
use crate::evaluate::Tolerance;
use crate::evaluate::figures::Figures;
use crate::evaluate::kinds::Reliability;
use crate::plot::{Anchor, Panel, Stroke, Svg, Text, colour};
use crate::render;

const UNIT: [f64; 2] = [0.0, 1.0];

/// Precision against recall of one set, a line for each detector, a dot at its own threshold.
pub(super) fn precision_recall(of: &str, figures: &[(&Evaluation, &Figures)]) -> String {
    let title = format!("{of}: precision against recall");
    let (mut svg, panel) = chart::frame(
        &Labels {
            title: &title,
            basis: &basis(figures),
            x: "recall: share of the marks that are found",
            y: "precision: share of the events that are on a mark",
        },
        |area| Panel::linear(area, UNIT, UNIT),
    );
    for f1 in [0.2, 0.4, 0.6, 0.8] {
        equal_f1(&mut svg, &panel, f1);
    }
    let mut names = Vec::new();
    for ((evaluation, figures), colour) in figures.iter().zip(colour::LINES.into_iter().cycle()) {
        let line = envelope(&figures.curve);
        panel.line(&mut svg, line, Stroke::solid(colour, 1.8));
        let at = &figures.at_threshold;
        if let (Some(precision), Some(recall)) = (at.precision, at.recall) {
            let place = panel.at((recall, precision));
            svg.dots(&[place], 6.0, "#ffffff");
            svg.dots(&[place], 4.5, colour);
        }
        let area = figures.average_precision.unwrap_or(0.0);
        names.push((format!("{} {area:.3}", evaluation.detector.name), colour));
    }
    names.push(("number: average precision".to_owned(), colour::GREY));
    names.push(("dot: at its own threshold".to_owned(), colour::GREY));
    names.push(("dashed: equal F1".to_owned(), colour::GREY));
    chart::legend(&mut svg, &panel, &names);
    chart::finish(svg, &panel, &title)
}

/// What the curves were measured on.
fn basis(figures: &[(&Evaluation, &Figures)]) -> Vec<String> {
    let Some((evaluation, figures)) = figures.first() else {
        return Vec::new();
    };
    let basis = &figures.basis;
    let marks = basis.marks.iter().map(|(kind, n)| format!("{n} {kind}"));
    let tolerance = Tolerance::new(evaluation.tolerance_before_s, evaluation.tolerance_after_s);
    vec![
        format!(
            "{} of {}, {:.2} h",
            render::count(basis.traces, "trace", "traces"),
            render::count(basis.rides, "ride", "rides"),
            basis.recorded_h,
        ),
        format!(
            "marks: {}; within {tolerance}",
            marks.collect::<Vec<_>>().join(", ")
        ),
    ]
}

/// The monotone envelope under which average precision is the area.
fn envelope(points: &[CurvePoint]) -> Vec<(f64, Option<f64>)> {
    let mut highest: f64 = 0.0;
    let mut levels: Vec<f64> = (points.iter().rev())
        .map(|point| {
            highest = highest.max(point.precision);
            highest
        })
        .collect();
    levels.reverse();
    let mut line = Vec::new();
    let mut before = 0.0;
    for (point, level) in points.iter().zip(levels) {
        line.push((before, Some(level)));
        line.push((point.recall, Some(level)));
        before = point.recall;
    }
    line
}

/// Where precision and recall have the same F1.
fn equal_f1(svg: &mut Svg, panel: &Panel, f1: f64) {
    let precision = |recall: f64| f1 * recall / (2.0 * recall - f1);
    let recalls = (0..=200).map(|i| f64::from(i) / 200.0);
    let line = recalls.map(|recall| {
        (
            recall,
            Some(precision(recall)).filter(|p| UNIT[0] < *p && *p <= UNIT[1]),
        )
    });
    panel.line(svg, line, Stroke::dashed("#c8c8c8", 0.8));
    let style = Text {
        size: 10.0,
        colour: colour::GREY,
        anchor: Anchor::End,
        halo: true,
        ..Text::default()
    };
    let (x, y) = panel.at((1.0, precision(1.0)));
    svg.text((x - 4.0, y - 3.0), &format!("F1 {f1}"), style);
}

/// What was said with some chance against how often it was so.
pub(super) fn reliability(by: &str, so: &str, said: &Reliability) -> String {
    let title = format!("{}: how honest the chances of {by} are", said.set);
    let basis = [
        format!(
            "{}, candidates included",
            render::count(said.count, "event", "events")
        ),
        format!(
            "off by {:.3} on average over events",
            said.expected_calibration_error
        ),
    ];
    let (mut svg, panel) = chart::frame(
        &Labels {
            title: &title,
            basis: if so.contains("kind") {
                &basis[1..]
            } else {
                &basis
            },
            x: "chance that was said",
            y: &format!("share of which {so}"),
        },
        |area| Panel::linear(area, UNIT, UNIT),
    );
    let honest = [(0.0, Some(0.0)), (1.0, Some(1.0))];
    panel.line(&mut svg, honest, Stroke::dashed(colour::GREY, 1.0));
    let line = said.bins.iter().map(|bin| (bin.said, Some(bin.observed)));
    panel.line(&mut svg, line, Stroke::solid(colour::BLUE, 1.5));
    let style = Text {
        size: 11.0,
        anchor: Anchor::Middle,
        halo: true,
        ..Text::default()
    };
    for bin in &said.bins {
        let (x, y) = panel.at((bin.said, bin.observed));
        let radius = 2.5 + (bin.count as f64).ln_1p();
        svg.dots(&[(x, y)], radius, colour::BLUE);
        // Inside the plot, whichever end the dot lies at.
        let above = y - radius - 5.0 > panel.area.top + 8.0;
        let y = if above {
            y - radius - 5.0
        } else {
            y + radius + 13.0
        };
        let count = render::grouped(bin.count);
        let x = x.max(panel.area.left + style.width_of(&count) / 2.0 + 4.0);
        svg.text((x, y), &count, style);
    }
    let names = [
        ("dots: a tenth of the chances each".to_owned(), colour::BLUE),
        ("numbers: events".to_owned(), colour::GREY),
        ("dashed: honest".to_owned(), colour::GREY),
    ];
    chart::legend(&mut svg, &panel, &names);
    chart::finish(svg, &panel, &title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_envelope_never_rises() {
        let point = |precision, recall| CurvePoint {
            score: 0.0,
            precision,
            recall,
        };
        let line = envelope(&[point(1.0, 0.25), point(0.5, 0.5), point(0.6, 0.75)]);
        let levels: Vec<f64> = line.iter().filter_map(|(_, level)| *level).collect();
        assert_eq!(levels, [1.0, 1.0, 0.6, 0.6, 0.6, 0.6]);
        assert_eq!(line[2].0, 0.25);
    }
}
