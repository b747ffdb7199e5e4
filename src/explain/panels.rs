//! The panels of the picture, from the raw signal down to what was judged.

mod channels;
mod signal;
mod time;

use super::scene::Scene;
use crate::plot::{Rect, Svg, Text, colour};

pub(super) use time::{Clock, time_axis};

/// One panel: how high it is, and how it is drawn.
pub(super) struct PanelOf {
    pub(super) height: f64,
    pub(super) draw: fn(&mut Svg, &Scene<'_>, &Clock, Rect),
}

/// The panels of a scene, from above.
pub(super) fn of(scene: &Scene<'_>) -> Vec<PanelOf> {
    let panel = |height, draw| PanelOf { height, draw };
    let speed_height = if channels::has_speed(scene) {
        60.0
    } else {
        22.0
    };
    vec![
        panel(90.0, signal::raw),
        panel(100.0, signal::vertical),
        panel(150.0, signal::spectrogram),
        panel(110.0, channels::body),
        panel(100.0, channels::impact),
        panel(120.0, channels::scores),
        panel(speed_height, channels::speed),
        panel(18.0, time::judged),
    ]
}

/// How high all of them are.
pub(super) fn height(scene: &Scene<'_>, gap: f64) -> f64 {
    let heights = of(scene).into_iter().map(|panel| panel.height);
    heights.map(|height| height + gap).sum::<f64>() - gap
}

/// What the lines of a panel mean, right of it: a name in the colour of its line.
fn legend(svg: &mut Svg, area: Rect, names: &[(&str, &'static str)]) {
    let corner = (area.right() + 10.0, area.top + 11.0);
    svg.legend(corner, 15.0, names.iter().copied());
}

/// A word in the middle of a panel that has nothing to show.
fn nothing(svg: &mut Svg, area: Rect, why: &str) {
    let style = Text {
        colour: colour::GREY,
        ..Text::default()
    };
    svg.text(
        (area.left + 8.0, (area.top + area.bottom()) / 2.0 + 4.0),
        why,
        style,
    );
}

/// The lowest and highest of some values; `None` without any.
fn range(values: impl Iterator<Item = f64>) -> Option<[f64; 2]> {
    let finite = values
        .filter(|value| value.is_finite())
        .map(|value| [value, value]);
    finite.reduce(|a, b| [a[0].min(b[0]), a[1].max(b[1])])
}
