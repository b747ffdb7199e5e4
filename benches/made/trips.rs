//! Made evidence for the benches: trips over roads that many drive, and what they felt.

use aggregator::TripEvidence;
use trip::{
    BANDS_HZ, Bump, Channel, Generation, Heading, Kind, Measured, PathPoint, Place, Position,
    Report, Speed, Stretch, TripId, TripKey, Vehicle,
};

/// Which trips are made.
#[derive(Clone, Copy)]
pub(crate) struct Roads {
    /// How many trips go over each road.
    pub(crate) trips: u64,
    /// How many hazards lie on it, all of them felt by all.
    pub(crate) hazards: u32,
    /// Metres from one to the next.
    pub(crate) apart_m: f64,
}

/// Ten hazards on a kilometre and a half, driven over 20 times: 15 points of track to a bump.
pub(crate) const DRIVEN: Roads = Roads {
    trips: 20,
    hazards: 10,
    apart_m: 150.0,
};

impl Roads {
    /// The evidence of one of the trips.
    pub(crate) fn trip(&self, number: u64) -> TripEvidence {
        let length_m = self.apart_m * f64::from(self.hazards);
        let heading = Heading::from_deg(0.0).ok();
        let road = number / self.trips;
        let (row, column) = ((road / 200) as f64, (road % 200) as f64);
        let begin = Position::new(40.0, -8.61).expect("a place");
        let begin = begin.moved((length_m + 100.0) * row, 200.0 * column);
        let off_m = 3.0 * ((number * 7) % 5) as f64 - 6.0;
        let at = |metres: f64| begin.moved(metres + off_m, 0.0);
        let begin_us = 1_767_600_000_000_000 + (number % 1400) as i64 * 3_600_000_000;
        let t_us = |metres: f64| begin_us + (metres * 1e5) as i64;
        let bumps = (0..self.hazards).map(|hazard| {
            let metres = self.apart_m * f64::from(hazard);
            bump(t_us(metres), at(metres), heading)
        });
        let points = (0..(length_m / 10.0) as u32).map(|point| f64::from(point) * 10.0);
        let path = points.map(|metres| PathPoint {
            t_us: t_us(metres),
            position: at(metres),
        });
        let stretch = Stretch {
            begin_us,
            end_us: t_us(length_m),
            path: path.collect(),
            sigma_m: 4.0,
            heading,
            speed: Speed::from_mps(10.0).ok(),
            able: true,
            roughness: None,
        };
        TripEvidence {
            counts_as: None,
            key: TripKey {
                device: format!("d-{}", number % 500).parse().expect("a device id"),
                trip: TripId::from_bytes(u128::from(number).to_be_bytes()),
            },
            generation: Generation {
                name: "made".into(),
                version: "1".into(),
                config_hash: "0".into(),
            },
            vehicle: Vehicle::Car,
            messages: 1,
            digest: [0; 16],
            first_us: begin_us,
            last_us: t_us(length_m),
            report: Report {
                bumps: bumps.collect(),
                stretches: vec![stretch],
                ..Report::default()
            },
        }
    }
}

fn bump(peak_us: i64, position: Position, heading: Option<Heading>) -> Bump {
    Bump {
        begin_us: peak_us - 300_000,
        peak_us,
        end_us: peak_us + 300_000,
        score: 2.5,
        probability: 0.8,
        channel: Channel::Body,
        kind: Kind::SpeedBump,
        kind_probability: [0.2, 0.6, 0.04, 0.04, 0.04, 0.04, 0.04],
        severity_mps2: Some(5.0),
        saturated: false,
        place: Some(Place {
            position,
            sigma_m: 4.0,
            heading,
        }),
        measured: Measured {
            peak_mps2: 5.0,
            width_s: 0.2,
            speed: Speed::from_mps(10.0).ok(),
            rate_hz: 50.0,
            band_rms_mps2: [Some(0.3); BANDS_HZ.len()],
            body_score: Some(2.5),
            impact_score: None,
            horizontal_ratio: 0.5,
        },
    }
}
