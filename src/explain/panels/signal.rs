//! What the phone felt: its axes, the vertical signal, and that signal's spectrum.

use std::fmt::Write as _;

use super::super::scene::Scene;
use super::super::spectrogram::{Shape, Spectrogram};
use super::{Clock, legend, nothing, range};
use crate::plot::scale::signed;
use crate::plot::{Panel, Rect, Scale, Stroke, Svg, Text, colour};

/// The phone's own axes, each less its mean.
pub(super) fn raw(svg: &mut Svg, scene: &Scene<'_>, clock: &Clock, area: Rect) {
    let count = scene.samples.len().max(1) as f64;
    let mean = |axis: usize| {
        let values = scene.samples.iter().map(|s| f64::from(s.accel_mps2[axis]));
        values.sum::<f64>() / count
    };
    let means = [mean(0), mean(1), mean(2)];
    let values = (scene.samples.iter()).flat_map(|s| {
        (s.accel_mps2.iter().zip(means)).map(|(value, mean)| f64::from(*value) - mean)
    });
    let [low, high] = range(values).unwrap_or([-1.0, 1.0]);
    let panel = Panel::linear(area, clock.ends(), [low.min(-1.0), high.max(1.0)]);
    panel.frame(
        svg,
        "Acceleration along the phone's own axes, each less its mean here, m/s²",
    );
    let colours = [colour::BLUE, colour::ORANGE, colour::GREEN];
    let breaks = breaks(scene.samples.iter().map(|s| s.t_us));
    for axis in 0..3 {
        let values = scene
            .samples
            .iter()
            .zip(&breaks)
            .flat_map(|(sample, broken)| {
                let t = clock.s(sample.t_us);
                let value = f64::from(sample.accel_mps2[axis]) - means[axis];
                let pause = broken.then_some((t, None));
                pause.into_iter().chain([(t, Some(value))])
            });
        panel.line(svg, values, Stroke::solid(colours[axis], 0.8));
    }
    let mean = |axis: usize| {
        let name = ["x", "y", "z"][axis];
        signed(&format!("{name} (mean {:.1})", means[axis] + 0.0))
    };
    let names = [mean(0), mean(1), mean(2)];
    let names: Vec<_> = names.iter().map(String::as_str).zip(colours).collect();
    legend(svg, area, &names);
    if scene.samples.is_empty() {
        nothing(svg, area, "no readings");
    }
}

/// Which times come after a pause: three times the usual step and more.
fn breaks(times_us: impl Iterator<Item = i64>) -> Vec<bool> {
    let times: Vec<i64> = times_us.collect();
    let steps = times.windows(2).map(|pair| pair[1] - pair[0]);
    let mut sorted: Vec<i64> = steps.clone().collect();
    sorted.sort_unstable();
    let usual = sorted.get(sorted.len() / 2).copied().unwrap_or(0);
    let after = steps.map(|step| step > 3 * usual.max(100_000));
    std::iter::once(false).chain(after).collect()
}

/// The signal that everything is judged by.
pub(super) fn vertical(svg: &mut Svg, scene: &Scene<'_>, clock: &Clock, area: Rect) {
    let span = scene.span;
    let shown: Vec<(i64, f32)> = (scene.vertical.iter())
        .filter(|v| span.begin_us <= v.0 && v.0 <= span.end_us)
        .copied()
        .collect();
    let [low, high] = range(shown.iter().map(|v| f64::from(v.1))).unwrap_or([-1.0, 1.0]);
    let panel = Panel::linear(area, clock.ends(), [low.min(-1.0), high.max(1.0)]);
    let title = "Vertical acceleration: along gravity, which is taken out, m/s²";
    panel.frame(svg, title);
    let breaks = breaks(shown.iter().map(|v| v.0));
    let values = shown
        .iter()
        .zip(breaks)
        .flat_map(|((t_us, value), broken)| {
            let t = clock.s(*t_us);
            let pause = broken.then_some((t, None));
            pause.into_iter().chain([(t, Some(f64::from(*value)))])
        });
    panel.line(svg, values, Stroke::solid(colour::INK, 1.0));
    if shown.is_empty() {
        nothing(svg, area, "no even signal");
    }
}

/// Lowest and highest amplitude that have a colour of their own: log10 of m/s² per √Hz. From the
/// noise of a phone at rest to a hump taken too fast.
const SHOWN_LOG10: [f32; 2] = [-2.0, 0.5];
/// Shades between them.
const SHADES: usize = 24;

/// How strong the vertical signal is at each frequency.
pub(super) fn spectrogram(svg: &mut Svg, scene: &Scene<'_>, clock: &Clock, area: Rect) {
    let config = scene.config;
    let source_hz = scene
        .moments
        .first()
        .map_or(config.resample.rate_hz, |m| f64::from(m.source_hz));
    let highest_hz = (0.5 * source_hz.min(config.resample.rate_hz)).max(2.0);
    let shape = Shape {
        span_us: (scene.span.begin_us, scene.span.end_us),
        window_s: config.window.length_s,
        hop_s: config
            .window
            .hop_s
            .max((scene.span.end_us - scene.span.begin_us) as f64 / 2.5e8),
        band_hz: [0.4, highest_hz],
        rows: (7.0 * (highest_hz / 0.4).log2()).round() as usize,
    };
    let panel = Panel::log(area, clock.ends(), shape.band_hz);
    panel.frame(
        svg,
        "Spectrum of the vertical acceleration, Hz (dotted: where swell, bounce and blow part)",
    );
    let Some(made) = Spectrogram::of(scene.vertical, shape) else {
        nothing(svg, area, "no even signal");
        return;
    };
    heat(svg, &made, area);
    let [swell, bounce] = config.body.bands_hz;
    let edges = [swell[1], bounce[1], config.impact.from_hz as f32];
    for hz in edges.into_iter().filter(|hz| f64::from(*hz) < highest_hz) {
        panel.level(svg, f64::from(hz), Stroke::dotted("#ffffff", 1.0));
    }
    svg.outline(area, Stroke::solid(colour::GREY, 0.75));
    colour_bar(svg, area);
}

/// The cells, those of one shade in one path, neighbours in a row as one.
fn heat(svg: &mut Svg, made: &Spectrogram, area: Rect) {
    let (columns, rows) = (made.times_us.len(), made.rows_hz.len());
    let shade = |column: usize, row: usize| -> Option<usize> {
        let value = made.log10[column * rows + row];
        let [low, high] = SHOWN_LOG10;
        let share = ((value - low) / (high - low)).clamp(0.0, 1.0);
        value
            .is_finite()
            .then_some((share * (SHADES - 1) as f32).round() as usize)
    };
    let mut paths = vec![String::new(); SHADES];
    for row in 0..rows {
        let mut from = 0;
        for column in 1..=columns {
            let here = shade(from, row);
            if column < columns && shade(column, row) == here {
                continue;
            }
            if let Some(here) = here {
                let (width, up) = (column - from, rows - 1 - row);
                let _ = write!(paths[here], "M{from} {up}h{width}v1h-{width}z");
            }
            from = column;
        }
    }
    let unit = (area.width / columns as f64, area.height / rows as f64);
    for (number, path) in paths
        .iter()
        .enumerate()
        .filter(|(_, path)| !path.is_empty())
    {
        let fill = colour::heat(number as f64 / (SHADES - 1) as f64);
        svg.cells(path, (area.left, area.top), unit, &fill);
    }
}

fn colour_bar(svg: &mut Svg, area: Rect) {
    let bar = Rect {
        left: area.right() + 12.0,
        top: area.top + 18.0,
        width: 14.0,
        height: area.height - 36.0,
    };
    for shade in 0..SHADES {
        let height = bar.height / SHADES as f64;
        let part = Rect {
            top: bar.bottom() - height * (shade + 1) as f64,
            height: height + 0.3,
            ..bar
        };
        svg.rect(part, &colour::heat(shade as f64 / (SHADES - 1) as f64), 1.0);
    }
    let small = Text {
        size: 11.0,
        colour: colour::GREY,
        ..Text::default()
    };
    let scale = Scale::log(
        SHOWN_LOG10.map(|log| 10f64.powf(f64::from(log))),
        [bar.bottom(), bar.top],
    );
    for tick in scale.ticks(4) {
        svg.text(
            (bar.right() + 6.0, scale.at(tick.value) + 4.0),
            &tick.label,
            small,
        );
    }
    svg.text((bar.left, area.top + 10.0), "strong (m/s²/√Hz)", small);
    svg.text((bar.left, area.bottom() - 3.0), "still", small);
}
