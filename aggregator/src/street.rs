//! A straight street for tests: drives along it, and what they feel.

use sha2::{Digest, Sha256};
use trip::{
    Bump, Channel, Generation, Heading, Kind, Measured, PathPoint, Place, Position, Report,
    Roughness, SkipReason, Skipped, Speed, Stretch, TripId, TripKey, Vehicle,
};

use crate::evidence::{Fact, TripEvidence};
use crate::identity::Driver;
use crate::stamp::DAY_US;
use crate::zone::Zone;

/// 2026-01-05, a Monday, in days since 1970.
pub(crate) const MONDAY: i32 = 20_458;

/// The south end of the street.
pub(crate) fn south_end() -> Position {
    Position::new(41.15, -8.61).unwrap()
}

/// One drive along the street at 10 m/s, a fix every second.
#[derive(Clone, Debug)]
pub(crate) struct Drive {
    pub(crate) device: &'static str,
    /// Makes the trip's id.
    pub(crate) trip: u64,
    /// The day since 1970; `None` for a clock that knows none.
    pub(crate) day: Option<i32>,
    /// North along the street, or back.
    pub(crate) north: bool,
    /// Metres from the south end at which it felt something.
    pub(crate) felt_m: Vec<f64>,
    /// How far its positions are off: metres north, metres east.
    pub(crate) off_m: (f64, f64),
    /// Its positions' σ per axis, metres.
    pub(crate) sigma_m: f32,
    /// Whether it would have felt a hole.
    pub(crate) able: bool,
    /// Whether its bumps have a place.
    pub(crate) placed: bool,
    /// How long the street is, metres.
    pub(crate) street_m: f64,
}

impl Drive {
    /// A drive north on that Monday that feels nothing.
    pub(crate) fn new(device: &'static str, trip: u64) -> Self {
        Self {
            device,
            trip,
            day: Some(MONDAY),
            north: true,
            felt_m: Vec::new(),
            off_m: (0.0, 0.0),
            sigma_m: 3.0,
            able: true,
            placed: true,
            street_m: 200.0,
        }
    }

    pub(crate) fn on(self, day: i32) -> Self {
        let day = Some(day);
        Self { day, ..self }
    }

    pub(crate) fn felt(self, felt_m: &[f64]) -> Self {
        let felt_m = felt_m.to_vec();
        Self { felt_m, ..self }
    }

    pub(crate) fn off(self, north_m: f64, east_m: f64) -> Self {
        let off_m = (north_m, east_m);
        Self { off_m, ..self }
    }

    fn begins_us(&self) -> i64 {
        let midday_us = (self.day).map_or(60_000_000, |day| i64::from(day) * DAY_US + DAY_US / 2);
        // Each trip at its own minute: who drives bumper to bumper is one vehicle.
        midday_us + (self.trip % 600) as i64 * 60_000_000
    }

    /// When and where the drive is `along_m` metres from the south end.
    fn point(&self, along_m: f64) -> PathPoint {
        let driven_m = if self.north {
            along_m
        } else {
            self.street_m - along_m
        };
        PathPoint {
            t_us: self.begins_us() + (driven_m * 1e5).round() as i64,
            position: south_end().moved(along_m + self.off_m.0, self.off_m.1),
        }
    }

    fn heading(&self) -> Heading {
        Heading::from_deg(if self.north { 0.0 } else { 180.0 }).unwrap()
    }

    fn bump(&self, along_m: f64) -> Bump {
        let PathPoint { t_us, position } = self.point(along_m);
        Bump {
            begin_us: t_us - 200_000,
            peak_us: t_us,
            end_us: t_us + 300_000,
            score: 4.25,
            probability: 0.75,
            channel: Channel::Impact,
            kind: Kind::Pothole,
            kind_probability: [0.6, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05],
            severity_mps2: Some(5.5),
            saturated: false,
            place: self.placed.then_some(Place {
                position,
                sigma_m: self.sigma_m,
                heading: Some(self.heading()),
            }),
            measured: Measured {
                peak_mps2: 6.25,
                width_s: 0.12,
                speed: Speed::from_mps(10.0).ok(),
                rate_hz: 60.0,
                band_rms_mps2: [Some(0.1), Some(0.2), Some(0.3), Some(0.4), None],
                body_score: None,
                impact_score: Some(4.25),
                horizontal_ratio: 0.3,
            },
        }
    }

    /// The street in stretches of 50 m, which touch each other.
    fn stretches(&self) -> Vec<Stretch> {
        let mut along_m: Vec<f64> = (0..=(self.street_m / 10.0) as u32)
            .map(|n| f64::from(n) * 10.0)
            .collect();
        if !self.north {
            along_m.reverse();
        }
        let path: Vec<PathPoint> = along_m.into_iter().map(|m| self.point(m)).collect();
        let pieces = (0..path.len() - 1).step_by(5);
        pieces
            .map(|from| path[from..path.len().min(from + 6)].to_vec())
            .map(|path| Stretch {
                begin_us: path[0].t_us,
                end_us: path[path.len() - 1].t_us,
                path,
                sigma_m: self.sigma_m,
                heading: Some(self.heading()),
                speed: Speed::from_mps(10.0).ok(),
                able: self.able,
                roughness: Some(Roughness {
                    rms_mps2: 0.5,
                    band_rms_mps2: [Some(0.1), Some(0.2), Some(0.3), Some(0.4), None],
                    iri_m_per_km: Some(2.5),
                    iri_sigma_ln: None,
                    class: Some(trip::RoadClass::B),
                }),
            })
            .collect()
    }

    /// A digest of all that the drive is.
    fn digest(&self) -> [u8; 16] {
        let hash = Sha256::digest(format!("{self:?}"));
        hash[..16].try_into().unwrap()
    }

    pub(crate) fn evidence(&self) -> TripEvidence {
        let mut bumps: Vec<Bump> = self.felt_m.iter().map(|&m| self.bump(m)).collect();
        bumps.sort_by_key(|bump| bump.peak_us);
        let begins_us = self.begins_us();
        let mut trip = [0xA5; 16];
        trip[8..].copy_from_slice(&self.trip.to_be_bytes());
        TripEvidence {
            counts_as: None,
            key: TripKey {
                device: self.device.parse().unwrap(),
                trip: TripId::from_bytes(trip),
            },
            generation: Generation {
                name: "street".to_owned(),
                version: "1".to_owned(),
                config_hash: "0123456789abcdef".to_owned(),
            },
            vehicle: Vehicle::Car,
            messages: 20,
            digest: self.digest(),
            first_us: begins_us,
            last_us: begins_us + (self.street_m * 1e5) as i64,
            report: Report {
                bumps,
                candidates: Vec::new(),
                stretches: self.stretches(),
                skipped: vec![Skipped {
                    begin_us: begins_us - 2_000_000,
                    end_us: begins_us,
                    reason: SkipReason::Edge,
                }],
            },
        }
    }

    /// The fact, under a pseudonym of `season_key`.
    pub(crate) fn fact(&self, season_key: u8) -> Fact {
        self.fact_in(season_key, &Zone::UTC)
    }

    /// The same, where days are counted in `zone`.
    pub(crate) fn fact_in(&self, season_key: u8, zone: &Zone) -> Fact {
        let evidence = self.evidence();
        let driver = Driver::of(&evidence.key.device, &[season_key; 32]);
        Fact::new(&evidence, driver, zone)
    }
}
