//! A made town, its drivers and the truth: one seed, always the same bytes.
//!
//! Recorded drives come without the truth; here it is exact. The walk of one drive:
//!
//! | module | holds |
//! | --- | --- |
//! | `town` | [`Town`]: who drives where, one [`Drive`] at a time |
//! | `street`, `hazard`, `recipe` | the street grid, what lies on it, and how much of it |
//! | `route`, `driver`, `plan`, `motion` | a way through the grid, who drives it and how, where the car is |
//! | `surface`, `obstacle`, `road` | ISO 8608 roughness, holes and humps, the road under the tyres |
//! | `vehicle` | the car: seven degrees of freedom |
//! | `phone`, `cabin`, `filter`, `turn`, `sensor` | where the phone sits, what reaches it, what it reads |
//! | `gps` | positions: late, with an error that changes slowly |
//! | `drive`, `message` | the loop, the wire messages |
//! | `truth`, `iri` | where the hazards are, how rough each piece of road is |
//! | [`reports`] | a whole city at report level: what detectors say, drawn, not computed |
//! | `random`, `plane` | streams of chance, metres on a plane |
//!
//! Pure: no clock, file, thread or socket. The caller writes what it gets. How far the made signal
//! agrees with recorded drives stands in `sample-traces/README.md`; where it does not, no detector
//! should be chosen by it.
//!
//! A *Source* names where a range or a formula is known from. They were written down from memory of
//! the literature and not checked page by page.
//!
//! Axes of the car: x forward, y to the left, z up. Units: SI; directions in radians
//! counter-clockwise from east inside, compass degrees outside.

#[cfg(test)]
mod accuracy;
mod cabin;
#[cfg(test)]
mod calibration;
mod drive;
mod driver;
mod filter;
mod gps;
mod hazard;
mod iri;
mod message;
mod motion;
mod obstacle;
mod phone;
mod plan;
mod plane;
mod random;
mod recipe;
pub mod reports;
mod road;
mod route;
mod sensor;
mod street;
mod surface;
mod town;
mod truth;
mod turn;
mod vehicle;

pub use drive::{Drive, Passed};
pub use town::Town;

/// Standard gravity, m/s². Source: 3rd CGPM (1901).
const GRAVITY_MPS2: f64 = 9.80665;

/// What to make.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Config {
    /// Where chance begins.
    pub seed: u64,
    /// How many drivers; each makes one trip.
    pub drivers: u32,
    /// About how long a trip lasts, minutes; 0.1 at least and ten hours at most. An hour takes 2.5 s
    /// of CPU and 40 MB.
    pub minutes: f64,
    /// Rate of every phone's sensors, Hz, as far as the phone allows (a browser gives 60 at most);
    /// `None` leaves each phone its own.
    pub rate_hz: Option<f64>,
    /// What the roads are like.
    pub preset: Preset,
}

/// What the roads are like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Preset {
    /// The realistic town: classes A to C and a little D, shallow and deep potholes, humps, joints,
    /// covers, rails, and many small defects that nobody would mark.
    #[default]
    Town,
    /// Deep holes under single wheels and short bumps on classes A and B, without small defects.
    Sharp,
}

impl Default for Config {
    /// What the drives in `sample-traces/simulated` are made with, save the seed.
    fn default() -> Self {
        Self {
            seed: 1,
            drivers: 8,
            minutes: 6.0,
            rate_hz: None,
            preset: Preset::Town,
        }
    }
}

impl Config {
    /// The same, with everything that is no number or out of range brought back into it.
    fn within_limits(&self, minutes: random::Span) -> Self {
        /// Rates of any phone there is, Hz.
        const RATE_HZ: random::Span = random::Span::new(1.0, 800.0);
        let default = Self::default();
        let finite = |value: f64, else_value| if value.is_finite() { value } else { else_value };
        Self {
            minutes: finite(self.minutes, default.minutes).clamp(minutes.from, minutes.to),
            rate_hz: (self.rate_hz)
                .filter(|rate_hz| rate_hz.is_finite())
                .map(|rate_hz| rate_hz.clamp(RATE_HZ.from, RATE_HZ.to)),
            ..*self
        }
    }
}

/// The town of a configuration: the same configuration makes the same town, byte for byte.
///
/// The town is sized to its drivers, so that every street is driven several times, in both
/// directions.
///
/// ```
/// use jounce::simulate::{Config, town};
///
/// let config = Config { drivers: 2, minutes: 1.0, ..Config::default() };
/// let drives: Vec<_> = town(&config).trips().collect();
/// assert_eq!(drives.len(), 2);
/// assert!(drives[0].duration_s > 30.0);
/// ```
pub fn town(config: &Config) -> Town {
    Town::new(config)
}

/// A drive as a trace file: one message per line, uncompressed.
pub fn jsonl(drive: &Drive) -> Vec<u8> {
    let mut bytes = Vec::new();
    for message in &drive.messages {
        bytes.extend_from_slice(&message.to_json());
        bytes.push(b'\n');
    }
    bytes
}
