//! What the detector made of it: both channels against what is usual, their scores, the speed.

use detector::Moment;

use super::super::finding::floor;
use super::super::scene::Scene;
use super::{Clock, legend, nothing, range};
use crate::plot::scale::signed;
use crate::plot::{Panel, Rect, Stroke, Svg, Text, colour};

/// Swell and bounce against their usual values.
pub(super) fn body(svg: &mut Svg, scene: &Scene<'_>, clock: &Clock, area: Rect) {
    let floor = scene.config.body.floor_mps2;
    let title = format!(
        "Body channel: the vehicle rising and falling, RMS of {} s, m/s²",
        scene.config.window.length_s
    );
    let rms = |ln: f32| f64::from((ln.exp() - floor).max(1e-3));
    let now = |m: &Moment, band: usize| m.body_ln[band].map(rms);
    let usual = |m: &Moment, band: usize| m.body_ln[band].map(|_| rms(m.usual_ln[band]));
    let values = (scene.moments.iter())
        .flat_map(|m| [now(m, 0), now(m, 1), usual(m, 0), usual(m, 1)])
        .flatten();
    let Some([low, high]) = range(values) else {
        Panel::log(area, clock.ends(), [0.1, 1.0]).frame(svg, &title);
        nothing(
            svg,
            area,
            "the sensor is too slow for these bands, or there is no signal",
        );
        return;
    };
    let panel = Panel::log(
        area,
        clock.ends(),
        [0.8 * low.max(0.01), 1.25 * high.max(0.1)],
    );
    panel.frame(svg, &title);
    let colours = [colour::BLUE, colour::ORANGE];
    for (band, colour) in colours.into_iter().enumerate() {
        let line = |of: &dyn Fn(&Moment) -> Option<f64>| series(scene, clock, of);
        panel.line(svg, line(&|m| usual(m, band)), Stroke::dashed(colour, 1.0));
        panel.line(svg, line(&|m| now(m, band)), Stroke::solid(colour, 1.5));
    }
    let [swell, bounce] = scene.config.body.bands_hz;
    let name = |word: &str, [from, to]: [f32; 2]| format!("{word} {from}–{to} Hz");
    let (swell, bounce) = (name("swell", swell), name("bounce", bounce));
    let names = [
        (swell.as_str(), colours[0]),
        (bounce.as_str(), colours[1]),
        ("dashed: usual", colour::GREY),
    ];
    legend(svg, area, &names);
}

/// Peaks and blows against their usual heights and the floor.
pub(super) fn impact(svg: &mut Svg, scene: &Scene<'_>, clock: &Clock, area: Rect) {
    let config = &scene.config.impact;
    let height = |ln: f32| f64::from((ln.exp() - config.height_floor_mps2).max(1e-3));
    let values = scene
        .moments
        .iter()
        .flat_map(|m| [f64::from(m.peak_mps2), height(m.usual_ln[2])]);
    let [low, high] = range(values).unwrap_or([0.5, 2.0]);
    let floor = f64::from(config.floor_mps2);
    let ends = [low.clamp(0.05, 0.8 * floor), high.max(1.5 * floor) * 1.25];
    let panel = Panel::log(area, clock.ends(), ends);
    let title = format!(
        "Impact channel: highest acceleration of each {} s, m/s²",
        scene.config.window.hop_s
    );
    panel.frame(svg, &title);
    panel.level(svg, floor, Stroke::dotted(colour::INK, 1.0));
    let line = |of: &dyn Fn(&Moment) -> Option<f64>| series(scene, clock, of);
    let (peak, blow) = (colour::INK, colour::ORANGE);
    panel.line(
        svg,
        line(&|m| Some(height(m.usual_ln[2]))),
        Stroke::dashed(peak, 1.0),
    );
    panel.line(
        svg,
        line(&|m| Some(height(m.usual_ln[3]))),
        Stroke::dashed(blow, 1.0),
    );
    panel.line(
        svg,
        line(&|m| Some(f64::from(m.blow_mps2))),
        Stroke::solid(blow, 1.2),
    );
    panel.line(
        svg,
        line(&|m| Some(f64::from(m.peak_mps2))),
        Stroke::solid(peak, 1.2),
    );
    let above = format!("blow, above {} Hz", config.from_hz);
    let below = format!("dotted: no blow under {floor}");
    let names = [
        ("peak", peak),
        (above.as_str(), blow),
        ("dashed: usual", colour::GREY),
        (below.as_str(), colour::GREY),
    ];
    legend(svg, area, &names);
}

/// The scores of both channels against the threshold.
pub(super) fn scores(svg: &mut Svg, scene: &Scene<'_>, clock: &Clock, area: Rect) {
    let threshold = scene.config.trigger.threshold;
    let floor = floor(scene);
    let of_both = |m: &Moment| [m.body_score, m.impact_score];
    let scores = scene.moments.iter().flat_map(of_both);
    let highest = range(scores.flatten().map(f64::from)).map_or(0.0, |r| r[1]);
    let ends = [floor - 2.0, highest.max(threshold + 2.0) + 0.5];
    let panel = Panel::linear(area, clock.ends(), ends);
    let title = "Score: log odds that a person would have marked the moment";
    panel.frame(svg, title);
    panel.level(svg, floor, Stroke::dotted(colour::GREY, 1.0));
    panel.level(svg, threshold, Stroke::solid(colour::VERMILION, 1.2));
    both_channels(svg, scene, clock, &panel);
    name_level(svg, &panel, threshold, "threshold", colour::VERMILION);
    name_level(svg, &panel, floor, "candidate floor", colour::GREY);
    let names = [
        ("line: body", colour::BLUE),
        ("dots: impact", colour::ORANGE),
        ("grey: not judged", colour::GREY),
    ];
    legend(svg, area, &names);
}

/// What counts for nothing.
const UNCOUNTED: &str = "#b8b8b8";

/// A line for the body, a dot for each blow; grey where nothing is concluded.
fn both_channels(svg: &mut Svg, scene: &Scene<'_>, clock: &Clock, panel: &Panel) {
    let lowest = panel.y.ends()[0];
    let shown = |score: Option<f32>| score.map(f64::from).filter(|score| *score >= lowest);
    let counts = |m: &Moment| m.skip.is_none();
    let all = series(scene, clock, &|m| shown(m.body_score));
    panel.line(svg, all, Stroke::solid(UNCOUNTED, 1.0));
    let counted = series(scene, clock, &|m| shown(m.body_score.filter(|_| counts(m))));
    panel.line(svg, counted, Stroke::solid(colour::BLUE, 1.6));
    for (fill, counted) in [(UNCOUNTED, false), (colour::ORANGE, true)] {
        let blows = scene.moments.iter().filter(|m| counts(m) == counted);
        let blows = blows.filter_map(|m| Some((clock.s(m.t_us), shown(m.impact_score)?)));
        let points: Vec<_> = blows.map(|point| panel.at(point)).collect();
        svg.dots(&points, 2.6, fill);
    }
}

/// The name of a level, on it at the left.
fn name_level(svg: &mut Svg, panel: &Panel, value: f64, name: &str, colour: &'static str) {
    let style = Text {
        size: 11.0,
        colour,
        halo: true,
        ..Text::default()
    };
    let place = (panel.area.left + 6.0, panel.y.at(value) - 3.0);
    svg.text(place, &signed(&format!("{name} {value:.2}")), style);
}

/// Whether any moment has a speed.
pub(super) fn has_speed(scene: &Scene<'_>) -> bool {
    scene.moments.iter().any(|m| m.speed_mps.is_some())
}

/// How fast the vehicle went.
pub(super) fn speed(svg: &mut Svg, scene: &Scene<'_>, clock: &Clock, area: Rect) {
    let kmh = |m: &Moment| m.speed_mps.map(|mps| 3.6 * mps);
    let highest = range(scene.moments.iter().filter_map(kmh)).map_or(10.0, |r| r[1]);
    let panel = Panel::linear(area, clock.ends(), [0.0, (1.1 * highest).max(10.0)]);
    if !has_speed(scene) {
        let bold = Text {
            bold: true,
            ..Text::default()
        };
        svg.text((area.left, area.top - 6.0), "Speed, km/h", bold);
        svg.outline(area, Stroke::solid(colour::GREY, 0.75));
        nothing(svg, area, "unknown: no positions near");
        return;
    }
    panel.frame(svg, "Speed, km/h");
    panel.line(
        svg,
        series(scene, clock, &kmh),
        Stroke::solid(colour::GREEN, 1.5),
    );
}

/// A value of each moment over time; blank across a pause.
fn series<'a>(
    scene: &'a Scene<'_>,
    clock: &'a Clock,
    of: &dyn Fn(&Moment) -> Option<f64>,
) -> Vec<(f64, Option<f64>)> {
    let pause_us = (scene.config.window.hop_s * 2e6) as i64;
    let mut values = Vec::with_capacity(scene.moments.len());
    let mut before_us = None;
    for moment in scene.moments {
        let t = clock.s(moment.t_us);
        if before_us.is_some_and(|before| moment.t_us - before > pause_us) {
            values.push((t, None));
        }
        before_us = Some(moment.t_us);
        values.push((t, of(moment)));
    }
    values
}
