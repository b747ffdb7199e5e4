//! One plot: its frame, its axes, its lines.

use super::colour;
use super::scale::{Scale, Tick};
use super::svg::{Anchor, Point, Rect, Stroke, Svg, Text};

/// A plot's box and its two axes.
#[derive(Clone, Copy, Debug)]
pub struct Panel {
    /// Where it stands.
    pub area: Rect,
    /// From values to pixels across.
    pub x: Scale,
    /// From values to pixels up.
    pub y: Scale,
}

const SMALL: Text = Text {
    size: 11.0,
    colour: colour::GREY,
    anchor: Anchor::End,
    bold: false,
    halo: false,
};

impl Panel {
    /// A plot with even steps on both axes.
    pub fn linear(area: Rect, x: [f64; 2], y: [f64; 2]) -> Self {
        Self {
            area,
            x: Scale::linear(x, [area.left, area.right()]),
            y: Scale::linear(y, [area.bottom(), area.top]),
        }
    }

    /// The same with even ratios upwards.
    pub fn log(area: Rect, x: [f64; 2], y: [f64; 2]) -> Self {
        Self {
            y: Scale::log(y, [area.bottom(), area.top]),
            ..Self::linear(area, x, y)
        }
    }

    /// A plot with even ratios on both axes.
    pub fn log_log(area: Rect, x: [f64; 2], y: [f64; 2]) -> Self {
        Self {
            x: Scale::log(x, [area.left, area.right()]),
            ..Self::log(area, x, y)
        }
    }

    /// Draws frame, title above it, and the ticks of the axis upwards.
    pub fn frame(&self, svg: &mut Svg, title: &str) {
        let about = (self.area.height / 22.0).clamp(3.0, 10.0) as usize;
        for tick in self.y.ticks(about) {
            let y = self.y.at(tick.value);
            svg.line(
                &[(self.area.left, y), (self.area.right(), y)],
                Stroke::solid(colour::PALE, 0.75),
            );
            svg.text((self.area.left - 6.0, y + 4.0), &tick.label, SMALL);
        }
        svg.outline(self.area, Stroke::solid(colour::GREY, 0.75));
        let bold = Text {
            bold: true,
            ..Text::default()
        };
        svg.text((self.area.left, self.area.top - 6.0), title, bold);
    }

    /// Draws the ticks of the axis across, below the plot.
    pub fn x_ticks(&self, svg: &mut Svg, ticks: &[Tick]) {
        let style = Text {
            anchor: Anchor::Middle,
            ..SMALL
        };
        for tick in ticks {
            let (x, bottom) = (self.x.at(tick.value), self.area.bottom());
            svg.line(
                &[(x, bottom), (x, bottom + 4.0)],
                Stroke::solid(colour::GREY, 0.75),
            );
            svg.text((x, bottom + 16.0), &tick.label, style);
        }
    }

    /// The pixel of a value.
    pub fn at(&self, (x, y): Point) -> Point {
        (self.x.at(x), self.y.at(y))
    }

    /// Draws a line through values; it breaks where one is missing.
    pub fn line(
        &self,
        svg: &mut Svg,
        values: impl IntoIterator<Item = (f64, Option<f64>)>,
        stroke: Stroke,
    ) {
        let mut points = Vec::new();
        for (x, y) in values {
            match y.filter(|y| y.is_finite()) {
                Some(y) => points.push(self.at((x, y))),
                None => svg.line(&thinned(&std::mem::take(&mut points)), stroke),
            }
        }
        svg.line(&thinned(&points), stroke);
    }

    /// Draws a level from side to side.
    pub fn level(&self, svg: &mut Svg, value: f64, stroke: Stroke) {
        let y = self.y.at(value);
        svg.line(&[(self.area.left, y), (self.area.right(), y)], stroke);
    }
}

/// The same line with at most two places in a column of pixels: the lowest and the highest.
fn thinned(points: &[Point]) -> Vec<Point> {
    let mut out = Vec::new();
    for column in points.chunk_by(|a, b| a.0.floor() == b.0.floor()) {
        if column.len() <= 2 {
            out.extend_from_slice(column);
            continue;
        }
        let by_height = |a: &usize, b: &usize| column[*a].1.total_cmp(&column[*b].1);
        let lowest = (0..column.len()).min_by(by_height).unwrap_or(0);
        let highest = (0..column.len()).max_by(by_height).unwrap_or(0);
        out.extend([lowest.min(highest), lowest.max(highest)].map(|at| column[at]));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_of_pixels_keeps_its_extremes() {
        let points: Vec<Point> = (0..1000)
            .map(|i| {
                let peak = if i == 617 { -50.0 } else { f64::from(i % 7) };
                (f64::from(i) / 100.0, peak)
            })
            .collect();
        let thin = thinned(&points);
        assert_eq!(thin.len(), 20);
        assert!(thin.contains(&(6.17, -50.0)));
        assert_eq!(thinned(&points[..2]), points[..2]);
    }

    #[test]
    fn a_line_breaks_where_a_value_is_missing() {
        let area = Rect {
            left: 0.0,
            top: 0.0,
            width: 10.0,
            height: 10.0,
        };
        let panel = Panel::linear(area, [0.0, 10.0], [0.0, 10.0]);
        let mut svg = Svg::new(10.0);
        let values = (0..10).map(|i| (f64::from(i), (i != 5).then_some(1.0)));
        panel.line(&mut svg, values, Stroke::solid(colour::INK, 1.0));
        let text = svg.finish(10.0, "");
        assert_eq!(text.matches("<polyline").count(), 2);
    }
}
