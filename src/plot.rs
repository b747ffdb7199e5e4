//! Pictures as SVG: axes, lines, heat maps, on white, in colours that colour-blind people tell apart.
//!
//! | module | what it does |
//! | --- | --- |
//! | [`svg`] | the text of a picture: numbers of two decimals, the same bytes for the same input |
//! | [`scale`] | from values to pixels, and which ticks an axis has |
//! | [`panel`] | a plot's frame, its lines thinned to what a pixel can show |
//! | [`colour`] | the palette, and the colours of a heat map |
//! | [`lane`] | words over a time axis, none over another |
//!
//! A writer of its own, since a general library places everything at whole pixels and writes a heat
//! map as one element a cell: ten times the bytes.

pub mod colour;
pub mod lane;
pub mod panel;
pub mod scale;
pub mod svg;

pub use panel::Panel;
pub use scale::Scale;
pub use svg::{Anchor, Rect, Stroke, Svg, Text};
