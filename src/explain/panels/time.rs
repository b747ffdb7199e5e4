//! The time axis, and what of it was judged.

use std::collections::BTreeSet;

use trip::SkipReason;

use super::super::picture::{at_s, wrapped};
use super::super::scene::Scene;
use crate::plot::scale::Tick;
use crate::plot::{Anchor, Panel, Rect, Scale, Stroke, Svg, Text, colour};

/// The time of a picture: seconds of the trace's clock, long clocks counted from a round one.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Clock {
    begin_us: i64,
    end_us: i64,
    base_s: f64,
}

/// Clocks beyond this, s, are counted from a round number: their ticks would be too long to read.
const LONG_S: f64 = 100_000.0;

impl Clock {
    pub(in super::super) fn of(scene: &Scene<'_>) -> Self {
        let span = scene.span;
        let long = at_s(scene) >= LONG_S;
        Self {
            begin_us: span.begin_us,
            end_us: span.end_us,
            base_s: if long {
                (span.begin_us as f64 / 1e8).floor() * 100.0
            } else {
                0.0
            },
        }
    }

    /// A time in seconds since the clock's round number.
    pub(in super::super) fn s(&self, t_us: i64) -> f64 {
        t_us as f64 / 1e6 - self.base_s
    }

    /// The times of the picture's sides.
    pub(in super::super) fn ends(&self) -> [f64; 2] {
        [self.s(self.begin_us), self.s(self.end_us)]
    }

    /// The pixel of a time between two sides.
    pub(in super::super) fn x(&self, t_us: i64, sides: [f64; 2]) -> f64 {
        Scale::linear(self.ends(), sides).at(self.s(t_us))
    }

    fn ticks(&self) -> Vec<Tick> {
        Scale::linear(self.ends(), [0.0, 1.0]).ticks(20)
    }
}

/// Draws the ticks below the last panel and what they are; gives where that ends.
pub(in super::super) fn time_axis(svg: &mut Svg, clock: &Clock, area: Rect, bottom: f64) -> f64 {
    let area = Rect {
        top: bottom,
        height: 0.0,
        ..area
    };
    let panel = Panel::linear(area, clock.ends(), [0.0, 1.0]);
    panel.x_ticks(svg, &clock.ticks());
    let style = Text {
        anchor: Anchor::Middle,
        colour: colour::GREY,
        ..Text::default()
    };
    let text = if clock.base_s > 0.0 {
        format!("s on the trace's clock, counted from {:.0}", clock.base_s)
    } else {
        "s on the trace's clock".to_owned()
    };
    let y = bottom + 34.0;
    svg.text(((area.left + area.right()) / 2.0, y), &text, style);
    y
}

/// What was judged, and why not.
pub(super) fn judged(svg: &mut Svg, scene: &Scene<'_>, clock: &Clock, area: Rect) {
    let title = "Judged, or why not";
    let bold = Text {
        bold: true,
        ..Text::default()
    };
    svg.text((area.left, area.top - 6.0), title, bold);
    let spells = spells(scene);
    for &(begin_us, end_us, skip) in &spells {
        let sides = [area.left, area.right()];
        let (left, right) = (clock.x(begin_us, sides), clock.x(end_us, sides));
        let spell = Rect {
            left,
            width: right - left,
            ..area
        };
        let (fill, word) = match skip {
            None => (colour::GREEN, "judged"),
            Some(reason) => (colour::ORANGE, reason.name()),
        };
        svg.rect(spell, fill, 0.35);
        let style = Text {
            anchor: Anchor::Middle,
            ..Text::default()
        };
        if style.width_of(word) + 4.0 < spell.width {
            svg.text(
                ((left + right) / 2.0, area.bottom() - 5.0),
                &word.replace('_', " "),
                style,
            );
        }
    }
    svg.outline(area, Stroke::solid(colour::GREY, 0.75));
    let reasons: BTreeSet<&str> = (spells.iter())
        .filter_map(|spell| Some(spell.2?.name()))
        .collect();
    if !reasons.is_empty() {
        let reasons: Vec<&str> = reasons.into_iter().collect();
        let text = format!("orange: {}", reasons.join(", ").replace('_', " "));
        let lines = wrapped(&text, 24);
        let names: Vec<_> = lines
            .iter()
            .map(|line| (line.as_str(), colour::GREY))
            .collect();
        super::legend(svg, area, &names);
    }
}

type Spell = (i64, i64, Option<SkipReason>);

/// Spells of one reason, µs: of neighbouring moments, and of time that has none.
fn spells(scene: &Scene<'_>) -> Vec<Spell> {
    let half_us = (scene.config.window.hop_s * 5e5) as i64;
    let mut spells: Vec<Spell> = Vec::new();
    for moment in scene.moments {
        let (begin_us, end_us) = (moment.t_us - half_us, moment.t_us + half_us);
        match spells.last_mut() {
            Some(last) if last.2 == moment.skip && begin_us - last.1 <= half_us => last.1 = end_us,
            _ => spells.push((begin_us, end_us, moment.skip)),
        }
    }
    let unseen = scene.unseen.iter();
    spells.extend(unseen.map(|s| (s.begin_us, s.end_us, Some(s.reason))));
    spells
}
