//! The text of a picture.

use std::fmt::Write as _;

use super::colour;

/// A place in the picture, pixels from its upper left corner.
pub type Point = (f64, f64);

/// A box in the picture, pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rect {
    /// Its left side.
    pub left: f64,
    /// Its upper side.
    pub top: f64,
    /// How wide it is.
    pub width: f64,
    /// How high it is.
    pub height: f64,
}

impl Rect {
    /// Its right side.
    pub fn right(&self) -> f64 {
        self.left + self.width
    }

    /// Its lower side.
    pub fn bottom(&self) -> f64 {
        self.top + self.height
    }
}

/// How a line looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stroke {
    /// Its colour.
    pub colour: &'static str,
    /// Its width, pixels.
    pub width: f64,
    /// Lengths of dashes and gaps, pixels; blank for a whole line.
    pub dashes: &'static str,
}

impl Stroke {
    /// A whole line.
    pub const fn solid(colour: &'static str, width: f64) -> Self {
        Self {
            colour,
            width,
            dashes: "",
        }
    }

    /// A dashed line.
    pub const fn dashed(colour: &'static str, width: f64) -> Self {
        Self {
            colour,
            width,
            dashes: "5 3",
        }
    }

    /// A dotted line.
    pub const fn dotted(colour: &'static str, width: f64) -> Self {
        Self {
            colour,
            width,
            dashes: "1.5 3",
        }
    }
}

/// Which end of a text stands at its place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Anchor {
    /// Its beginning.
    #[default]
    Start,
    /// Its middle.
    Middle,
    /// Its end.
    End,
}

/// How a text looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Text {
    /// Height of the letters with what hangs below them, pixels.
    pub size: f64,
    /// Its colour.
    pub colour: &'static str,
    /// Which end stands at its place.
    pub anchor: Anchor,
    /// Whether it is heavier than the others.
    pub bold: bool,
    /// Whether it has a white rim, to be read over lines.
    pub halo: bool,
}

impl Default for Text {
    fn default() -> Self {
        Self {
            size: 12.0,
            colour: colour::INK,
            anchor: Anchor::Start,
            bold: false,
            halo: false,
        }
    }
}

impl Text {
    /// About how wide a text will be, pixels: fonts differ, so a little more than most need.
    pub fn width_of(&self, text: &str) -> f64 {
        let per_letter = if self.bold { 0.6 } else { 0.56 };
        text.chars().count() as f64 * self.size * per_letter
    }
}

/// A picture that is being drawn.
#[derive(Clone, Debug)]
pub struct Svg {
    width: f64,
    body: String,
}

impl Svg {
    /// An empty picture, so many pixels wide.
    pub fn new(width: f64) -> Self {
        Self {
            width,
            body: String::new(),
        }
    }

    /// How wide it is, pixels.
    pub fn width(&self) -> f64 {
        self.width
    }

    /// A filled box; `opacity` from 0 to 1.
    pub fn rect(&mut self, rect: Rect, fill: &str, opacity: f64) {
        let Rect {
            left,
            top,
            width,
            height,
        } = rect;
        let _ = write!(
            self.body,
            r#"<rect x="{}" y="{}" width="{}" height="{}" fill="{fill}""#,
            number(left),
            number(top),
            number(width.max(0.0)),
            number(height.max(0.0))
        );
        if opacity < 1.0 {
            let _ = write!(self.body, r#" fill-opacity="{}""#, number(opacity));
        }
        self.body.push_str("/>\n");
    }

    /// The outline of a box.
    pub fn outline(&mut self, rect: Rect, stroke: Stroke) {
        let (left, top, right, bottom) = (rect.left, rect.top, rect.right(), rect.bottom());
        let corners = [(left, top), (right, top), (right, bottom), (left, bottom)];
        self.line(
            &[corners[0], corners[1], corners[2], corners[3], corners[0]],
            stroke,
        );
    }

    /// A line through some places; nothing with fewer than two.
    pub fn line(&mut self, points: &[Point], stroke: Stroke) {
        if points.len() < 2 {
            return;
        }
        self.body.push_str(r#"<polyline points=""#);
        for (n, (x, y)) in points.iter().enumerate() {
            let space = if n > 0 { " " } else { "" };
            let _ = write!(self.body, "{space}{},{}", number(*x), number(*y));
        }
        let _ = write!(
            self.body,
            r#"" fill="none" stroke="{}" stroke-width="{}""#,
            stroke.colour,
            number(stroke.width)
        );
        if !stroke.dashes.is_empty() {
            let _ = write!(self.body, r#" stroke-dasharray="{}""#, stroke.dashes);
        }
        self.body.push_str("/>\n");
    }

    /// Filled discs.
    pub fn dots(&mut self, points: &[Point], radius: f64, fill: &str) {
        for (x, y) in points {
            let _ = writeln!(
                self.body,
                r#"<circle cx="{}" cy="{}" r="{}" fill="{fill}"/>"#,
                number(*x),
                number(*y),
                number(radius)
            );
        }
    }

    /// A filled shape: `d` as SVG writes paths, in a grid whose origin and unit are given.
    pub fn cells(&mut self, d: &str, origin: Point, unit: Point, fill: &str) {
        let _ = writeln!(
            self.body,
            r#"<path transform="translate({} {}) scale({} {})" fill="{fill}" shape-rendering="crispEdges" d="{d}"/>"#,
            number(origin.0),
            number(origin.1),
            fine(unit.0),
            fine(unit.1)
        );
    }

    /// Names in the colours of their lines, `line` pixels apart, from a corner down.
    pub fn legend<'a>(
        &mut self,
        (left, top): Point,
        line: f64,
        names: impl IntoIterator<Item = (&'a str, &'static str)>,
    ) {
        for (row, (name, colour)) in names.into_iter().enumerate() {
            let style = Text {
                colour,
                bold: colour != colour::GREY,
                ..Text::default()
            };
            self.text((left, top + line * row as f64), name, style);
        }
    }

    /// A text whose letters stand on `y`.
    pub fn text(&mut self, (x, y): Point, text: &str, style: Text) {
        let anchor = match style.anchor {
            Anchor::Start => "",
            Anchor::Middle => r#" text-anchor="middle""#,
            Anchor::End => r#" text-anchor="end""#,
        };
        let bold = if style.bold {
            r#" font-weight="600""#
        } else {
            ""
        };
        let halo = if style.halo { HALO } else { "" };
        let _ = writeln!(
            self.body,
            r#"<text x="{}" y="{}" font-size="{}" fill="{}"{anchor}{bold}{halo}>{}</text>"#,
            number(x),
            number(y),
            number(style.size),
            style.colour,
            escaped(text)
        );
    }

    /// The whole file, so many pixels high; `title` is what a browser and a screen reader call it.
    pub fn finish(self, height: f64, title: &str) -> String {
        let (width, height) = (number(self.width), number(height));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" font-family=\"Helvetica, Arial, 'Liberation Sans', \
             sans-serif\">\n<title>{}</title>\n<rect width=\"{width}\" height=\"{height}\" \
             fill=\"#ffffff\"/>\n{}</svg>\n",
            escaped(title),
            self.body
        )
    }
}

const HALO: &str = r##" stroke="#ffffff" stroke-width="3" paint-order="stroke""##;

/// A coordinate: two decimals at most, and no −0.
fn number(value: f64) -> String {
    trimmed(format!("{value:.2}"))
}

/// A factor that is multiplied by hundreds: five decimals.
fn fine(value: f64) -> String {
    trimmed(format!("{value:.5}"))
}

fn trimmed(text: String) -> String {
    let short = text.trim_end_matches('0').trim_end_matches('.');
    if short == "-0" {
        "0".to_owned()
    } else {
        short.to_owned()
    }
}

/// A text as XML wants it; control characters, which XML forbids, are left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            letter if letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}') => {}
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_have_two_decimals_at_most() {
        assert_eq!(number(12.3456), "12.35");
        assert_eq!(number(7.0), "7");
        assert_eq!(number(-0.001), "0");
        assert_eq!(number(100.0), "100");
        assert_eq!(fine(7.632), "7.632");
    }

    #[test]
    fn names_cannot_break_the_picture() {
        assert_eq!(escaped("<a & \"b\"\u{7}>"), "&lt;a &amp; &quot;b&quot;&gt;");
    }
}
