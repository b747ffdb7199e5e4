//! What the detector saw around one moment, in words and as a picture.
//!
//! | module | what it does |
//! | --- | --- |
//! | [`recorded`] | a trace with what its detectors saw and what people marked: the only module that reads files |
//! | [`scene`] | the stretch of time that is asked about, cut out of it |
//! | [`finding`] | which bump or candidate is meant, or why there is none |
//! | [`words`] | the same in sentences: what each feature added to the score |
//! | [`picture`], [`panels`] | stacked panels over one time axis, as SVG |
//! | [`spectrogram`] | how strong the vertical signal is at each frequency and time |

pub mod finding;
pub mod panels;
pub mod picture;
pub mod recorded;
pub mod scene;
pub mod spectrogram;
pub mod words;

pub use finding::Finding;
pub use recorded::Recorded;
pub use scene::{Scene, Span};
pub use words::{ChannelWords, Words};
