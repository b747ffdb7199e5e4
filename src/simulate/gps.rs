//! A phone's positions: one a second, late, with an error that changes slowly.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::plane::{Point, heading};
use super::random::{Drift, Span, count, normal};

/// Where the car truly was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Mark {
    /// When, seconds since the trip began.
    pub(super) t_s: f64,
    /// The front axle, metres along the route.
    pub(super) at_m: f64,
    /// The phone's place.
    pub(super) point: Point,
    /// Direction, radians counter-clockwise from east, without jumps.
    pub(super) direction_rad: f64,
    /// Speed, m/s.
    pub(super) speed_mps: f64,
}

/// A fix before it has a date and a place on the globe.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct RawFix {
    /// When the receiver says it was there, seconds since the trip began.
    pub(super) t_s: f64,
    /// Where it says it was.
    pub(super) point: Point,
    /// How fast, m/s.
    pub(super) speed_mps: f64,
    /// Which way, degrees clockwise from north; `None` below 2 m/s.
    pub(super) bearing_deg: Option<f64>,
    /// Its own estimate of its error, metres.
    pub(super) accuracy_m: f64,
}

/// A receiver during one trip.
#[derive(Clone, Debug)]
pub(super) struct Receiver {
    /// Standard deviation of the slow error on each axis, metres.
    spread_m: f64,
    /// Its positions are this old, seconds.
    pub(super) latency_s: f64,
    /// What it says of its error over what is true.
    honesty: f64,
}

/// The slow error forgets within this time, seconds. Source: errors of phone receivers are
/// an Ornstein–Uhlenbeck process, not white: Sensors 20:6050 (2020).
const FORGET_S: f64 = 40.0;

/// What comes on top from fix to fix: position in metres, speed in m/s.
const WHITE_M: f64 = 0.5;
const SPEED_ERROR_MPS: f64 = 0.2;

/// Below this speed a receiver does not know its direction, m/s.
const BEARING_FROM_MPS: f64 = 2.0;

/// It loses its satellites this often per second (two in an hour), for this long, seconds.
const OUTAGES_PER_S: f64 = 2.0 / 3600.0;
const OUTAGE_S: Span = Span::new(10.0, 60.0);

impl Receiver {
    /// A receiver of a phone.
    ///
    /// Source: 68 % radius of 5 m under open sky, van Diggelen & Enge (2015), "The world's first
    /// GPS MOOC and worldwide laboratory using smartphones"; latency of 0.1–0.9 s between phones.
    pub(super) fn draw(rng: &mut ChaCha8Rng) -> Self {
        let lies = rng.random_bool(0.1);
        Self {
            spread_m: Span::new(2.0, 5.0).draw(rng),
            latency_s: Span::new(0.1, 0.9).draw(rng),
            honesty: if lies { 0.5 } else { 1.2 },
        }
    }

    /// What it says of a way truly taken.
    pub(super) fn fixes(&self, track: &[Mark], rng: &mut ChaCha8Rng) -> Vec<RawFix> {
        let Some(end) = track.last() else {
            return Vec::new();
        };
        let mut slow = [(); 2].map(|()| Drift::new(1.0, FORGET_S, rng));
        let first_s = 1.0 + rng.random::<f64>();
        let outages: Vec<Span> = (0..count(rng, OUTAGES_PER_S, end.t_s))
            .map(|_| {
                let from_s = Span::new(0.0, end.t_s).draw(rng);
                Span::new(from_s, from_s + OUTAGE_S.draw(rng))
            })
            .collect();
        let times = (0..)
            .map(|i| first_s + f64::from(i))
            .take_while(|t_s| *t_s <= end.t_s);
        let all: Vec<RawFix> = times
            .map(|t_s| self.fix(track, t_s, &mut slow, rng))
            .collect();
        let seen = |fix: &RawFix| !outages.iter().any(|o| o.from <= fix.t_s && fix.t_s < o.to);
        all.into_iter().filter(seen).collect()
    }

    fn fix(&self, track: &[Mark], t_s: f64, slow: &mut [Drift; 2], rng: &mut ChaCha8Rng) -> RawFix {
        let truth = at(track, t_s - self.latency_s);
        let [east_m, north_m] =
            [0, 1].map(|axis: usize| self.spread_m * slow[axis].next(rng) + WHITE_M * normal(rng));
        let wobble_rad = 0.3 / truth.speed_mps.max(1.0) * normal(rng);
        RawFix {
            t_s,
            point: truth.point + Point::new(east_m, north_m),
            speed_mps: (truth.speed_mps + SPEED_ERROR_MPS * normal(rng)).max(0.0),
            bearing_deg: (truth.speed_mps >= BEARING_FROM_MPS)
                .then(|| heading(truth.direction_rad + wobble_rad).deg()),
            accuracy_m: self.honesty * self.spread_m * (1.0 + 0.1 * normal(rng)).clamp(0.7, 1.3),
        }
    }
}

/// Where the car was at a time between two marks; at the nearest mark beyond the ends.
pub(super) fn at(track: &[Mark], t_s: f64) -> Mark {
    let next = track.partition_point(|mark| mark.t_s <= t_s);
    if next == 0 || next == track.len() {
        return track[next.saturating_sub(1)];
    }
    let (a, b) = (&track[next - 1], &track[next]);
    let share = (t_s - a.t_s) / (b.t_s - a.t_s);
    let mix = |a: f64, b: f64| a + (b - a) * share;
    Mark {
        t_s,
        at_m: mix(a.at_m, b.at_m),
        point: a.point + (b.point - a.point) * share,
        direction_rad: mix(a.direction_rad, b.direction_rad),
        speed_mps: mix(a.speed_mps, b.speed_mps),
    }
}

/// When the front axle reached a place, seconds since the trip began; `None` when it did not.
pub(super) fn reached_s(track: &[Mark], at_m: f64) -> Option<f64> {
    let next = track.partition_point(|mark| mark.at_m < at_m);
    let (a, b) = (track.get(next.checked_sub(1)?)?, track.get(next)?);
    let share = (at_m - a.at_m) / (b.at_m - a.at_m);
    Some(a.t_s + (b.t_s - a.t_s) * share)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    /// Ten minutes due east at 10 m/s, a mark every 0.1 s.
    fn track() -> Vec<Mark> {
        (0..6000)
            .map(|i| Mark {
                t_s: f64::from(i) * 0.1,
                at_m: f64::from(i),
                point: Point::new(f64::from(i), 0.0),
                direction_rad: 0.0,
                speed_mps: 10.0,
            })
            .collect()
    }

    #[test]
    fn a_late_receiver_lags_behind_by_speed_times_latency() {
        let receiver = Receiver {
            spread_m: 3.0,
            latency_s: 0.6,
            honesty: 1.2,
        };
        let lags: Vec<f64> = (0..40)
            .flat_map(|seed| receiver.fixes(&track(), &mut ChaCha8Rng::seed_from_u64(seed)))
            .map(|fix| 10.0 * fix.t_s - fix.point.east_m)
            .collect();
        let mean_m = lags.iter().sum::<f64>() / lags.len() as f64;
        assert!((mean_m - 6.0).abs() < 0.5, "{mean_m} m");
    }

    #[test]
    fn neighbouring_fixes_err_alike() {
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let receiver = Receiver::draw(&mut rng);
        let errors: Vec<f64> = (receiver.fixes(&track(), &mut rng).iter())
            .map(|fix| fix.point.north_m)
            .collect();
        let square = |v: f64| v * v;
        let steps = errors.windows(2).map(|w| square(w[1] - w[0])).sum::<f64>();
        let spread = errors.iter().map(|&e| square(e)).sum::<f64>();
        assert!(steps < 0.3 * spread, "{steps} against {spread}");
    }

    #[test]
    fn a_standing_car_has_no_bearing() {
        let mut still = track();
        still.iter_mut().for_each(|mark| mark.speed_mps = 0.5);
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let fixes = Receiver::draw(&mut rng).fixes(&still, &mut rng);
        assert!(fixes.iter().all(|fix| fix.bearing_deg.is_none()));
    }

    #[test]
    fn a_place_that_was_passed_has_its_time() {
        let t_s = reached_s(&track(), 123.4).expect("passed");
        assert!((t_s - 12.34).abs() < 1e-9);
        assert_eq!(reached_s(&track(), 1e6), None);
        assert_eq!(reached_s(&track(), 0.0), None);
    }
}
