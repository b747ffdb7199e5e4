//! A jolt that one phone felt.

use crate::batch::vocabulary;
use crate::{Heading, Position, Speed};

/// A jolt that one phone felt and that the detector holds for the road's.
#[derive(Clone, Debug, PartialEq)]
pub struct Bump {
    /// When it began, µs of the phone's clock.
    pub begin_us: i64,
    /// Its middle: the crest of a body's bounce, or the blow itself. The time that is compared with
    /// people's marks.
    pub peak_us: i64,
    /// When it was over.
    pub end_us: i64,
    /// How far it stands out: for our own detector the log odds that a person would have marked it.
    pub score: f32,
    /// The calibrated probability that a person would have marked it, 0 to 1.
    pub probability: f32,
    /// The channel with the higher score.
    pub channel: Channel,
    /// The likeliest kind.
    pub kind: Kind,
    /// The probability of each kind, in the order of [`Kind::ALL`]; they sum to 1.
    pub kind_probability: [f32; 7],
    /// Peak vertical acceleration in m/s² brought to 40 km/h; `None` without a speed.
    pub severity_mps2: Option<f32>,
    /// The sensor clipped: severity is a lower bound.
    pub saturated: bool,
    /// Where it was; `None` without fixes near enough.
    pub place: Option<Place>,
    /// What was measured, so that conclusions can be drawn again when the raw data are gone.
    pub measured: Measured,
}

/// A place with its own uncertainty.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// The best estimate.
    pub position: Position,
    /// Standard deviation per axis in metres: 95 % lie within 2.45 of it.
    pub sigma_m: f32,
    /// Which way the vehicle went; `None` when it hardly moved.
    pub heading: Option<Heading>,
}

/// What was measured of a bump, before anything was concluded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// Largest magnitude of the vertical acceleration, gravity taken out, m/s².
    pub peak_mps2: f32,
    /// Width of the jolt at half its peak, seconds.
    pub width_s: f32,
    /// Speed of the vehicle there.
    pub speed: Option<Speed>,
    /// The rate at which the phone sampled, Hz.
    pub rate_hz: f32,
    /// RMS of the vertical acceleration in each of [`BANDS_HZ`], m/s²; `None` where the phone's
    /// rate cannot show the band.
    pub band_rms_mps2: [Option<f32>; BANDS_HZ.len()],
    /// Score of the body-bounce channel; `None` where it could not be computed.
    pub body_score: Option<f32>,
    /// Score of the impact channel; `None` where it could not be computed.
    pub impact_score: Option<f32>,
    /// Horizontal over vertical RMS between 0.4 and 3 Hz, no unit.
    pub horizontal_ratio: f32,
}

/// One band of the vertical spectrum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    /// Lower edge in Hz.
    pub from_hz: f32,
    /// Upper edge in Hz.
    pub to_hz: f32,
}

/// The bands in which vertical acceleration is measured: body bounce (two), suspension, wheel hop,
/// and the mount.
///
/// Source: the bands used to compare vehicles in the project's notes on detection: body 1.0–1.6 Hz,
/// pitch 1.2–2 Hz, wheel hop 9–14 Hz.
pub const BANDS_HZ: [Band; 5] = [
    Band {
        from_hz: 0.4,
        to_hz: 1.2,
    },
    Band {
        from_hz: 1.2,
        to_hz: 2.5,
    },
    Band {
        from_hz: 2.5,
        to_hz: 5.0,
    },
    Band {
        from_hz: 5.0,
        to_hz: 12.0,
    },
    Band {
        from_hz: 12.0,
        to_hz: 22.0,
    },
];

vocabulary! {
    /// Which of the detector's two views of the signal found a bump.
    Channel {
        /// The vehicle's body rising and falling: 0.4 to 2.5 Hz.
        Body => "body",
        /// A wheel's blow: above 3 Hz.
        Impact => "impact",
    }
}

vocabulary! {
    /// What a bump most likely is.
    Kind {
        /// A hole in the surface.
        Pothole => "pothole",
        /// A hump built to slow traffic.
        SpeedBump => "speed_bump",
        /// A manhole or valve cover, sunk or raised.
        Casting => "casting",
        /// Tram or railway tracks.
        Rail => "rail",
        /// A bridge or slab joint.
        Joint => "joint",
        /// A rough patch with no single cause.
        Rough => "rough",
        /// None of these, or too little to tell.
        Other => "other",
    }
}
