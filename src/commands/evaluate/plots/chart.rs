//! A single plot with a title, a subtitle and names on both axes.

use crate::plot::{Anchor, Panel, Rect, Svg, Text, colour};

/// What a chart says besides its lines.
pub(super) struct Labels<'a> {
    pub(super) title: &'a str,
    /// What it was measured on, line by line.
    pub(super) basis: &'a [String],
    pub(super) x: &'a str,
    pub(super) y: &'a str,
}

/// Width of a chart, pixels.
const WIDTH: f64 = 760.0;
/// Side of the plot in it.
const SIDE: f64 = 440.0;
const LEFT: f64 = 70.0;
const LINE: f64 = 17.0;

/// Draws an empty plot with `panel` made for its area; gives picture and plot.
pub(super) fn frame(labels: &Labels<'_>, panel: impl Fn(Rect) -> Panel) -> (Svg, Panel) {
    let mut svg = Svg::new(WIDTH);
    let big = Text {
        size: 17.0,
        bold: true,
        ..Text::default()
    };
    svg.text((LEFT, 28.0), labels.title, big);
    let mut y = 50.0;
    for line in labels.basis {
        let style = Text {
            colour: colour::GREY,
            ..Text::default()
        };
        svg.text((LEFT, y), line, style);
        y += LINE;
    }
    let area = Rect {
        left: LEFT,
        top: y + 18.0,
        width: SIDE,
        height: SIDE,
    };
    let panel = panel(area);
    panel.frame(&mut svg, labels.y);
    panel.x_ticks(&mut svg, &panel.x.ticks(10));
    let middle = Text {
        bold: true,
        anchor: Anchor::Middle,
        ..Text::default()
    };
    let below = (area.left + area.width / 2.0, area.bottom() + 36.0);
    svg.text(below, labels.x, middle);
    (svg, panel)
}

/// Names in the colours of their lines, right of the plot.
pub(super) fn legend(svg: &mut Svg, panel: &Panel, names: &[(String, &'static str)]) {
    let corner = (panel.area.right() + 14.0, panel.area.top + 12.0);
    let names = names.iter().map(|(name, colour)| (name.as_str(), *colour));
    svg.legend(corner, LINE, names);
}

/// The picture's text.
pub(super) fn finish(svg: Svg, panel: &Panel, title: &str) -> String {
    svg.finish(panel.area.bottom() + 52.0, title)
}
