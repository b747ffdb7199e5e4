//! Road driven and judged: the evidence that there was no bump, as much as that there was one.

use crate::bump::BANDS_HZ;
use crate::{Heading, Position, Speed};

/// A piece of road that a phone drove over while the detector was able to judge it.
#[derive(Clone, Debug, PartialEq)]
pub struct Stretch {
    /// When it began, µs of the phone's clock.
    pub begin_us: i64,
    /// When it ended.
    pub end_us: i64,
    /// The track, in order of time; empty without fixes.
    pub path: Vec<PathPoint>,
    /// Standard deviation per axis of the track in metres.
    pub sigma_m: f32,
    /// Mean heading; `None` without a track or when it turned by more than 45 degrees.
    pub heading: Option<Heading>,
    /// Mean speed; `None` without one.
    pub speed: Option<Speed>,
    /// Whether a defect would have shown here: fast enough, sampled fast enough, phone at rest in
    /// its mount. Only such a stretch is evidence of good road.
    pub able: bool,
    /// How rough it was; `None` when there was too little to tell.
    pub roughness: Option<Roughness>,
}

/// A point of a track.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PathPoint {
    /// When, µs of the phone's clock.
    pub t_us: i64,
    /// Where.
    pub position: Position,
}

/// How rough a stretch was, as one phone felt it: an estimate of response type, not a profile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Roughness {
    /// RMS of the vertical acceleration from 0.7 to 20 Hz in m/s², brought to 40 km/h where a
    /// speed is known.
    pub rms_mps2: f32,
    /// RMS in each of [`BANDS_HZ`], m/s², as measured; `None` where the rate cannot show the band.
    pub band_rms_mps2: [Option<f32>; BANDS_HZ.len()],
    /// Estimated International Roughness Index in m/km; `None` without a speed.
    pub iri_m_per_km: Option<f32>,
    /// Standard deviation of the logarithm of that estimate; `None` where it was not said.
    pub iri_sigma_ln: Option<f32>,
    /// Road class after ISO 8608 of that estimate.
    pub class: Option<RoadClass>,
}

/// Road classes of ISO 8608, from A (smooth) to H (very rough).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the standard's own letters")]
pub enum RoadClass {
    A,
    B,
    C,
    D,
    E,
    F,
    G,
    H,
}

impl Roughness {
    /// The interval that holds the true International Roughness Index with 95 %, m/km, if the
    /// index is taken to be log-normal; `None` without an estimate or its uncertainty.
    pub fn iri_range_m_per_km(&self) -> Option<[f32; 2]> {
        let factor = (1.96 * self.iri_sigma_ln?).exp();
        let iri_m_per_km = self.iri_m_per_km?;
        Some([iri_m_per_km / factor, iri_m_per_km * factor])
    }
}

impl Stretch {
    /// How long it lasted, seconds.
    pub fn duration_s(&self) -> f64 {
        (self.end_us - self.begin_us) as f64 / 1e6
    }

    /// The length of its track in metres; 0 without one.
    pub fn length_m(&self) -> f64 {
        self.path
            .windows(2)
            .map(|p| p[0].position.distance_m(p[1].position))
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_of_an_index_lies_a_factor_to_either_side() {
        let rough = Roughness {
            rms_mps2: 0.5,
            band_rms_mps2: [None; BANDS_HZ.len()],
            iri_m_per_km: Some(4.0),
            iri_sigma_ln: Some(0.25),
            class: None,
        };
        let [low, high] = rough.iri_range_m_per_km().expect("both are known");
        assert!(
            (low - 2.45).abs() < 0.01 && (high - 6.53).abs() < 0.01,
            "{low} {high}"
        );
        let unsaid = Roughness {
            iri_sigma_ln: None,
            ..rough
        };
        assert_eq!(unsaid.iri_range_m_per_km(), None);
    }

    #[test]
    fn a_track_of_two_legs_is_as_long_as_both() {
        let a = Position::new(41.0, -8.0).expect("valid");
        let b = a.moved(30.0, 0.0);
        let c = b.moved(0.0, 40.0);
        let path = [a, b, c]
            .map(|position| PathPoint { t_us: 0, position })
            .to_vec();
        let stretch = Stretch {
            begin_us: 0,
            end_us: 5_000_000,
            path,
            sigma_m: 3.0,
            heading: None,
            speed: None,
            able: true,
            roughness: None,
        };
        assert!((stretch.length_m() - 70.0).abs() < 0.01);
        assert_eq!(stretch.duration_s(), 5.0);
    }
}
