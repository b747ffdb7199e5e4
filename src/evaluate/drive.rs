//! One recorded drive, judged: what a detector said of it, and what people marked.

use trip::{Fix, Kind, Place, Sample};

use super::{Event, Mark, Scene, Selection};

/// One trace that a detector has judged.
#[derive(Clone, Debug, Default)]
pub struct Drive {
    /// The file, as it was named.
    pub trace: String,
    /// The file's name without what tells format and compression.
    pub name: String,
    /// The set it belongs to: the folder it lies in.
    pub set: String,
    /// What was recorded.
    pub extent: Extent,
    /// What people marked; `None` where nobody looked.
    pub marks: Option<Vec<Mark>>,
    /// What the detector found, in order of time, whatever its score.
    pub found: Vec<Found>,
    /// How rough the detector says the road was.
    pub judged_roads: Vec<Road>,
    /// How rough the road truly was, on made drives.
    pub true_roads: Vec<Road>,
}

/// An event and what else its detector said of it.
#[derive(Clone, Debug)]
pub struct Found {
    /// When, and how sure.
    pub event: Event,
    /// The rest, from detectors that say more.
    pub said: Option<Said>,
}

/// What jounce says of a bump besides its time and score.
#[derive(Clone, Copy, Debug)]
pub struct Said {
    /// The probability that a person would have marked it.
    pub probability: f64,
    /// The likeliest kind.
    pub kind: Kind,
    /// How likely.
    pub kind_probability: f64,
    /// Where.
    pub place: Option<Place>,
}

/// A piece of road and its roughness.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Road {
    /// From here, µs on the clock of the trace.
    pub begin_us: i64,
    /// To here.
    pub end_us: i64,
    /// International Roughness Index, m/km.
    pub iri_m_per_km: f64,
    /// From where to where it lies with 95 %, m/km.
    pub iri_interval: Option<[f64; 2]>,
}

/// How much was recorded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Extent {
    /// Time between accelerometer readings, pauses left out, s.
    pub recorded_s: f64,
    /// One over the median time between two readings, Hz; 0 with fewer than two.
    pub rate_hz: f64,
    /// The way between fixes that are near enough to each other, in order of time.
    pub legs: Vec<Leg>,
    /// Fixes.
    pub fixes: u64,
}

/// From one fix to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Leg {
    /// When it began, µs.
    pub begin_us: i64,
    /// When it ended.
    pub end_us: i64,
    /// How long it is, m.
    pub length_m: f64,
}

/// A pause of more than this, s, is not recorded time.
const PAUSE_S: f64 = 5.0;

/// The way between two fixes further apart than this, s, is not known.
const LEG_S: f64 = 15.0;

/// A leg that needs more than this, m/s, is a glitch of the receiver.
const LEG_MPS: f64 = 70.0;

impl Extent {
    /// Of readings and fixes in order of time.
    pub fn of(samples: &[Sample], fixes: &[Fix]) -> Self {
        let steps = samples.windows(2).map(|pair| pair[1].t_us - pair[0].t_us);
        let mut steps_us: Vec<i64> = steps.collect();
        let recorded_us: i64 = (steps_us.iter())
            .filter(|&&us| us as f64 <= PAUSE_S * 1e6)
            .sum();
        steps_us.sort_unstable();
        let median_us = steps_us.get(steps_us.len() / 2).copied().unwrap_or(0);
        let legs = fixes.windows(2).map(|pair| Leg {
            begin_us: pair[0].t_us,
            end_us: pair[1].t_us,
            length_m: pair[0].position.distance_m(pair[1].position),
        });
        let known = |leg: &Leg| {
            let seconds = (leg.end_us - leg.begin_us) as f64 / 1e6;
            seconds > 0.0 && seconds <= LEG_S && leg.length_m <= LEG_MPS * seconds
        };
        Self {
            recorded_s: recorded_us as f64 / 1e6,
            rate_hz: if median_us > 0 {
                1e6 / median_us as f64
            } else {
                0.0
            },
            legs: legs.filter(known).collect(),
            fixes: fixes.len() as u64,
        }
    }

    /// The way that is known, km.
    pub fn km(&self) -> f64 {
        self.legs.iter().map(|leg| leg.length_m).sum::<f64>() / 1000.0
    }

    /// Whether the way is known at a moment.
    pub fn has_way_at(&self, t_us: i64) -> bool {
        let after = self.legs.partition_point(|leg| leg.end_us < t_us);
        self.legs.get(after).is_some_and(|leg| leg.begin_us <= t_us)
    }
}

impl Drive {
    /// The ride: phones in one vehicle carry the same name up to the first `_`.
    pub fn ride(&self) -> &str {
        self.name.split('_').next().unwrap_or(&self.name)
    }

    /// The events alone.
    pub fn events(&self) -> Vec<Event> {
        self.found.iter().map(|found| found.event).collect()
    }

    /// The marks, none where nobody looked.
    pub fn marks(&self) -> &[Mark] {
        self.marks.as_deref().unwrap_or_default()
    }

    /// The events against the marks that count.
    pub fn scene(&self, ride: usize, selection: &Selection) -> Scene<'_> {
        Scene {
            ride,
            events: self.events(),
            truth: selection.truth(self.marks()),
        }
    }
}
