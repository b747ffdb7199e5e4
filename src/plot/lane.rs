//! Words over a time axis: each near its moment, none over another.

use super::svg::{Anchor, Svg, Text};

/// A few rows of words.
#[derive(Clone, Debug)]
pub struct Lane {
    left: f64,
    right: f64,
    top: f64,
    rows: Vec<Vec<(f64, f64)>>,
}

/// Height of a row, pixels.
pub const ROW: f64 = 15.0;

impl Lane {
    /// Rows between two sides, the first one at `top`.
    pub fn new([left, right]: [f64; 2], top: f64, rows: usize) -> Self {
        Self {
            left,
            right,
            top,
            rows: vec![Vec::new(); rows],
        }
    }

    /// Where the lane ends.
    pub fn bottom(&self) -> f64 {
        self.top + self.rows.len() as f64 * ROW
    }

    /// Writes a text with its middle at `x`, or as near as the sides allow, in the first row that
    /// has room; gives that row's middle, or nothing where none has.
    pub fn write(&mut self, svg: &mut Svg, x: f64, text: &str, style: Text) -> Option<f64> {
        let half = style.width_of(text) / 2.0;
        let middle = x.min(self.right - half).max(self.left + half);
        let span = (middle - half - 4.0, middle + half + 4.0);
        let free = |row: &Vec<(f64, f64)>| row.iter().all(|r| span.1 <= r.0 || r.1 <= span.0);
        let row = self.rows.iter().position(free)?;
        self.rows[row].push(span);
        let bottom = self.top + (row + 1) as f64 * ROW;
        let style = Text {
            anchor: Anchor::Middle,
            ..style
        };
        svg.text((middle, bottom - 4.0), text, style);
        Some(bottom - ROW / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_would_meet_go_into_another_row_or_stay_out() {
        let mut svg = Svg::new(200.0);
        let mut lane = Lane::new([0.0, 200.0], 0.0, 2);
        let mut row = |x, text| lane.write(&mut svg, x, text, Text::default());
        assert_eq!(row(20.0, "pothole"), Some(7.5));
        assert_eq!(row(30.0, "pothole"), Some(22.5));
        assert_eq!(row(40.0, "pothole"), None);
        assert_eq!(row(500.0, "rail"), Some(7.5));
    }
}
