//! The ends of a whole trip: which of it may be kept.
//!
//! A circle around somebody's door gives the door away to whoever sees where several trips begin
//! (Hassan et al., USENIX Security 2018). So the circle's centre is moved, by a distance and in a
//! direction that are always the same for one device and one place, and that nobody can compute who does
//! not know the device's id: 80 random bits that stand in no map and no export. A key of the server's own
//! would lie on the same disk as these ids, and two servers would say different things of the same trips.

use hmac::{Hmac, KeyInit, Mac};
use ingest::wire::v1::{Moment, Span};
use sha2::Sha256;
use trip::{DeviceId, Position};

use super::TrimRule;

/// Moves the centres of the circles that are cut.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Veil {
    /// How far a centre is moved at most, metres; at least half of it.
    pub metres: f64,
}

/// A pause as long in the phone's time is where one drive ends and another begins, µs. Source: the
/// server's own patience for a phone that says nothing.
const PAUSE_US: i64 = 600_000_000;

/// Places within one such cell, degrees (about 500 m), are moved alike: a car is not always parked
/// at the same kerb.
const CELL_DEG: f64 = 0.005;

impl Veil {
    /// The circle that is cut around an end of a trip: its centre, and its radius in metres, wider than
    /// `metres` by what the centre is moved.
    fn circle(&self, device: &DeviceId, end: Position, metres: f64) -> (Position, f64) {
        let cell = |deg: f64| (deg / CELL_DEG).round() as i64;
        let mut mac = Hmac::<Sha256>::new_from_slice(device.as_str().as_bytes())
            .expect("any length is a key");
        mac.update(b"jounce veil 1");
        mac.update(&cell(end.lat_deg()).to_be_bytes());
        mac.update(&cell(end.lon_deg()).to_be_bytes());
        let drawn = mac.finalize().into_bytes();
        let share =
            |at: usize| f64::from(u16::from_be_bytes([drawn[at], drawn[at + 1]])) / 65_536.0;
        let angle = std::f64::consts::TAU * share(0);
        let moved = (0.5 + 0.5 * share(2)) * self.metres;
        let centre = end.moved(moved * angle.cos(), moved * angle.sin());
        (centre, metres + moved)
    }
}

/// The spans of time, µs of the phone's clock, of a trip with these moments that may be kept: without the ends of each
/// drive in it, as `rule` has them. The circles are wider by what their centres are moved, so that the
/// rule's metres are cut in any case.
pub fn spans(mut moments: Vec<Moment>, rule: TrimRule, veil: Veil, device: &DeviceId) -> Vec<Span> {
    moments.sort_by_key(|(t_us, _)| *t_us);
    let drives = moments.chunk_by(|a, b| b.0 - a.0 < PAUSE_US);
    drives
        .filter_map(|drive| span(drive, rule, veil, device))
        .collect()
}

/// What may be kept of one drive.
fn span(drive: &[Moment], rule: TrimRule, veil: Veil, device: &DeviceId) -> Option<Span> {
    let (first_us, last_us) = (drive.first()?.0, drive.last()?.0);
    let cut_us = (rule.seconds * 1e6) as i64;
    let (mut from_us, mut to_us) = (first_us + cut_us, last_us - cut_us);
    let mut fixes = drive.iter().filter_map(|(t_us, at)| Some((*t_us, (*at)?)));
    if let Some((_, home)) = fixes.clone().next() {
        let end = fixes.clone().next_back().map_or(home, |(_, end)| end);
        let beyond = |end: Position| {
            let (centre, radius_m) = veil.circle(device, end, rule.metres);
            move |(_, at): &(i64, Position)| centre.distance_m(*at) >= radius_m
        };
        let left = fixes.clone().find(beyond(home))?;
        let back = fixes.rfind(beyond(end))?;
        (from_us, to_us) = (from_us.max(left.0), to_us.min(back.0));
    }
    (from_us < to_us).then_some((from_us, to_us))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Metres north and east of a place each second.
    fn drive(home: Position, at: impl Fn(i64) -> (f64, f64), seconds: i64) -> Vec<Moment> {
        let moment = |t: i64| {
            let (north_m, east_m) = at(t);
            (t * 1_000_000, Some(home.moved(north_m, east_m)))
        };
        (0..seconds).map(moment).collect()
    }

    fn kept(moments: &[Moment], device: &str) -> Vec<Position> {
        kept_behind(100.0, moments, device)
    }

    fn kept_behind(metres: f64, moments: &[Moment], device: &str) -> Vec<Position> {
        let veil = Veil { metres };
        let device = device.parse().unwrap();
        let spans = spans(moments.to_vec(), TrimRule::default(), veil, &device);
        let within = |t: i64| spans.iter().any(|(a, b)| (*a..=*b).contains(&t));
        let kept = moments.iter().filter(|(t_us, _)| within(*t_us));
        kept.filter_map(|(_, at)| *at).collect()
    }

    fn home() -> Position {
        Position::new(41.15, -8.61).unwrap()
    }

    #[test]
    fn nothing_within_300_m_and_60_s_of_either_end_is_kept() {
        let batches = drive(home(), |t| (10.0 * t as f64, 0.0), 600);
        let kept = kept(&batches, "d-1");
        let end = home().moved(5_990.0, 0.0);
        assert!(kept.len() > 300, "{}", kept.len());
        for at in kept {
            assert!(at.distance_m(home()) >= 300.0 && at.distance_m(end) >= 300.0);
        }
    }

    #[test]
    fn a_trip_that_never_leaves_is_not_kept_at_all() {
        let batches = drive(home(), |t| (f64::from(t as i32 % 200), 0.0), 3_000);
        assert!(kept(&batches, "d-1").is_empty());
    }

    #[test]
    fn a_pause_is_an_end_as_well() {
        let mut batches = drive(home(), |t| (10.0 * t as f64, 0.0), 600);
        let mut back = drive(home(), |t| (6_000.0 - 10.0 * t as f64, 0.0), 600);
        for (t_us, _) in &mut back {
            *t_us += 7_200_000_000;
        }
        batches.append(&mut back);
        let friend = home().moved(6_000.0, 0.0);
        assert!(
            kept(&batches, "d-1")
                .iter()
                .all(|at| at.distance_m(friend) >= 300.0)
        );
    }

    /// The published attack: a circle through the points where many trips in all directions begin
    /// to be seen has its centre at the door. They are slow, so that the way decides and not the time.
    #[test]
    fn a_circle_through_the_first_points_of_fifty_trips_does_not_find_the_door() {
        for metres in [100.0, 250.0] {
            let mut first = Vec::new();
            for direction in 0..50 {
                let angle = std::f64::consts::TAU * f64::from(direction) / 50.0;
                let way = |t: i64| (5.0 * t as f64 * angle.cos(), 5.0 * t as f64 * angle.sin());
                let kept = kept_behind(metres, &drive(home(), way, 1_200), "d-1");
                let offset = home().offset_to(kept[0]);
                first.push((offset.north_m, offset.east_m));
            }
            let (north_m, east_m) = centre_of_circle(&first);
            let missed_by = north_m.hypot(east_m);
            assert!(missed_by > 0.45 * metres, "{missed_by} m of {metres} m");
        }
    }

    /// The circle of least squares through points (Kåsa 1976): the centre.
    fn centre_of_circle(points: &[(f64, f64)]) -> (f64, f64) {
        let n = points.len() as f64;
        let sum = |f: &dyn Fn(f64, f64) -> f64| points.iter().map(|(x, y)| f(*x, *y)).sum::<f64>();
        let (mx, my) = (sum(&|x, _| x) / n, sum(&|_, y| y) / n);
        let (u, v) = (move |x: f64| x - mx, move |y: f64| y - my);
        let suu = sum(&|x, _| u(x).powi(2));
        let svv = sum(&|_, y| v(y).powi(2));
        let suv = sum(&|x, y| u(x) * v(y));
        let a = 0.5 * sum(&|x, y| u(x).powi(3) + u(x) * v(y).powi(2));
        let b = 0.5 * sum(&|x, y| v(y).powi(3) + v(y) * u(x).powi(2));
        let det = suu * svv - suv * suv;
        (
            mx + (a * svv - b * suv) / det,
            my + (b * suu - a * suv) / det,
        )
    }
}
