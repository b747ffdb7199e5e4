//! The picture: panels over one time axis, marks and findings through all of them, the words below.

use trip::{Bump, Kind};

use super::panels::{self, Clock};
use super::scene::Scene;
use super::words::{ChannelWords, Words, odds_text};
use crate::evaluate::Mark;
use crate::plot::lane::{Lane, ROW};
use crate::plot::scale::signed;
use crate::plot::{Anchor, Rect, Stroke, Svg, Text, colour};
use crate::render::seconds;

const WIDTH: f64 = 1200.0;
/// Sides of the panels, pixels: units stand left of them, what a line means right of them.
const SIDES: [f64; 2] = [70.0, 1020.0];
const GAP: f64 = 30.0;

/// Draws what is known of a scene.
pub fn draw(scene: &Scene<'_>, words: &Words) -> String {
    let mut svg = Svg::new(WIDTH);
    let clock = Clock::of(scene);
    let top = titles(&mut svg, scene, words);
    let (marks_top, found_top) = (top, top + 2.0 * ROW + 6.0);
    let panels_top = found_top + 2.0 * ROW + GAP;
    let panels_bottom = panels_top + panels::height(scene, GAP);
    let x = |t_us: i64| clock.x(t_us, SIDES);
    draw_marks(&mut svg, scene, &x, marks_top, panels_bottom);
    draw_found(&mut svg, scene, &x, found_top, panels_bottom);
    asked_about(&mut svg, x(scene.span.at_us), panels_top, panels_bottom);
    let mut area = Rect {
        left: SIDES[0],
        top: panels_top,
        width: SIDES[1] - SIDES[0],
        height: 0.0,
    };
    for panel in panels::of(scene) {
        area.height = panel.height;
        (panel.draw)(&mut svg, scene, &clock, area);
        area.top = area.bottom() + GAP;
    }
    let bottom = panels::time_axis(&mut svg, &clock, area, panels_bottom);
    let bottom = caption(&mut svg, words, bottom + 28.0);
    svg.finish(bottom + 10.0, &words.title)
}

fn titles(svg: &mut Svg, scene: &Scene<'_>, words: &Words) -> f64 {
    let big = Text {
        size: 17.0,
        bold: true,
        ..Text::default()
    };
    svg.text((SIDES[0], 28.0), &words.title, big);
    let at_us = scene.span.at_us;
    if trip::is_dated(at_us) {
        let right = Text {
            anchor: Anchor::End,
            colour: colour::GREY,
            ..Text::default()
        };
        svg.text((SIDES[1], 28.0), &crate::render::time(at_us), right);
    }
    sentence(svg, (SIDES[0], 50.0), &words.headline, SENTENCE) + 2.0
}

/// Marks: a tinted strip through all panels, named above.
fn draw_marks(svg: &mut Svg, scene: &Scene<'_>, x: &impl Fn(i64) -> f64, top: f64, bottom: f64) {
    let row = Text {
        colour: colour::GREY,
        anchor: Anchor::End,
        ..Text::default()
    };
    svg.text((SIDES[0] - 14.0, top + ROW - 4.0), "marked", row);
    let Some(marks) = &scene.marks else {
        let style = Text {
            colour: colour::GREY,
            ..Text::default()
        };
        svg.text(
            (SIDES[0], top + ROW - 4.0),
            "no labels lie beside the trace",
            style,
        );
        return;
    };
    let mut lane = Lane::new(SIDES, top, 2);
    let shown = marks
        .iter()
        .filter(|m| scene.span.shows(m.begin_us, m.end_us));
    for mark in shown {
        let (left, right) = (x(mark.begin_us), x(mark.end_us));
        let strip = Rect {
            left: left.min(right - 2.0),
            top: lane.bottom(),
            width: (right - left).max(2.0),
            height: bottom - lane.bottom(),
        };
        let fill = mark_colour(mark);
        svg.rect(strip, fill, 0.25);
        let style = Text {
            bold: true,
            ..Text::default()
        };
        lane.write(svg, (left + right) / 2.0, &mark.kind, style);
    }
}

/// Marks of the road's own kinds stand out from manoeuvres and other words.
fn mark_colour(mark: &Mark) -> &'static str {
    if Kind::from_name(&mark.kind).is_some() {
        colour::PURPLE
    } else {
        colour::SKY
    }
}

/// Bumps: a heavy line through all panels; candidates: a thin one; scores and kinds above.
fn draw_found(svg: &mut Svg, scene: &Scene<'_>, x: &impl Fn(i64) -> f64, top: f64, bottom: f64) {
    let row = Text {
        colour: colour::GREY,
        anchor: Anchor::End,
        ..Text::default()
    };
    svg.text((SIDES[0] - 14.0, top + ROW - 4.0), "found", row);
    let mut lane = Lane::new(SIDES, top, 2);
    let shown = (scene.found.iter()).filter(|b| scene.span.shows(b.peak_us, b.peak_us));
    let mut by_score: Vec<&Bump> = shown.copied().collect();
    by_score.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.peak_us.cmp(&b.peak_us)));
    // Among more of them nothing else could be seen.
    let through = by_score.len() <= MANY;
    for bump in by_score {
        let at = x(bump.peak_us);
        let score = signed(&format!("{:.2}", bump.score));
        let (text, style, stroke) = if scene.is_bump(bump) {
            let bold = Text {
                bold: true,
                colour: colour::VERMILION,
                ..Text::default()
            };
            let kind = bump.kind.name().replace('_', " ");
            (
                format!("bump {score} {kind}"),
                bold,
                Stroke::solid(colour::VERMILION, 1.5),
            )
        } else {
            let grey = Text {
                size: 11.0,
                colour: colour::GREY,
                ..Text::default()
            };
            (score, grey, Stroke::dashed(colour::GREY, 0.75))
        };
        let from = lane.write(svg, at, &text, style);
        let from = from.map_or_else(|| lane.bottom(), |middle| middle + ROW / 2.0 - 2.0);
        let to = if through || scene.is_bump(bump) {
            bottom
        } else {
            lane.bottom() + 4.0
        };
        svg.line(&[(at, from), (at, to)], stroke);
    }
}

/// With more findings than this in a picture only bumps are drawn through all panels.
const MANY: usize = 40;

/// The moment that was asked for.
fn asked_about(svg: &mut Svg, x: f64, top: f64, bottom: f64) {
    let stroke = Stroke::dotted(colour::INK, 1.0);
    svg.line(&[(x, top - 8.0), (x, bottom)], stroke);
    let (bottom, ink) = (bottom + 7.0, colour::INK);
    svg.cells("M0 0h10l-5 -7z", (x - 5.0, bottom), (1.0, 1.0), ink);
}

/// Letters in a line of a sentence, so that it ends inside the picture in any common font.
const SENTENCE: usize = 150;
/// From one line of words to the next, pixels.
const LINE: f64 = 18.0;

/// The words below the panels: notes, then both channels beside each other.
fn caption(svg: &mut Svg, words: &Words, top: f64) -> f64 {
    let mut y = top;
    for note in &words.notes {
        y = sentence(svg, (SIDES[0], y), note, SENTENCE);
    }
    let sides = [SIDES[0], SIDES[0] + 560.0];
    let blocks = sides.into_iter().zip(&words.channels);
    let ends = blocks.map(|(left, channel)| channel_block(svg, (left, y + 6.0), channel));
    ends.fold(y, f64::max)
}

fn channel_block(svg: &mut Svg, (left, top): (f64, f64), channel: &ChannelWords) -> f64 {
    let mut y = sentence(svg, (left, top), &channel.heading, SENTENCE / 2);
    let style = Text {
        size: 13.0,
        ..Text::default()
    };
    let number = Text {
        anchor: Anchor::End,
        ..style
    };
    for (odds, text) in &channel.parts {
        svg.text((left + 46.0, y), &odds_text(*odds), number);
        svg.text((left + 56.0, y), text, style);
        y += LINE;
    }
    y
}

/// Writes a sentence over as many lines as it takes; gives where the next one stands.
fn sentence(svg: &mut Svg, (left, top): (f64, f64), text: &str, letters: usize) -> f64 {
    let style = Text {
        size: 13.0,
        ..Text::default()
    };
    let mut y = top;
    for line in wrapped(text, letters) {
        svg.text((left, y), &line, style);
        y += LINE;
    }
    y
}

/// A text in lines of so many letters at most; a longer word stands alone.
pub(super) fn wrapped(text: &str, letters: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= letters => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// The moment that was asked for, on the clock of the trace.
pub(super) fn at_s(scene: &Scene<'_>) -> f64 {
    seconds(scene.span.at_us)
}
