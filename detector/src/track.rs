//! From fixes to a track: where the vehicle was at a moment, how fast, and how sure that is.
//!
//! A receiver's error changes within half a minute or so: the fixes around a moment share it, and no
//! mean over them takes it away. Only a speed that is truer than the positions could, by carrying
//! places over minutes. On made drives, whose receivers err in speed by 0.2 m/s without memory, a
//! Kalman filter on position, slow error and speed brings the median from 4.2 to 3.4 m; on the
//! recorded drives of Qatar and Austin speeds and positions come apart by 2 to 13 m within ten
//! seconds, more than the error that is to be removed. So there is none here; many drives average
//! what one cannot.

use std::collections::VecDeque;

use trip::{Fix, Heading, Place, Position, Sample, Speed};

use crate::config::LocateConfig;
use crate::latency::{Latency, LatencyEstimator};

/// Where and how the vehicle went at a moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Point {
    /// Place, its sigma and heading.
    pub(crate) place: Place,
    /// Speed there.
    pub(crate) speed: Speed,
}

/// The fixes of a trip, as far back as they are still needed.
#[derive(Clone, Debug)]
pub(crate) struct Track {
    config: LocateConfig,
    fixes: VecDeque<Reached>,
    glitches: Vec<Fix>,
    latency: LatencyEstimator,
}

/// A fix, and the way that led to it.
#[derive(Clone, Copy, Debug)]
struct Reached {
    fix: Fix,
    sigma_m: f64,
    /// From the fix before; `None` where that is missing or too long ago.
    leg: Option<Leg>,
}

/// The way from one fix to the next, worked out once for all moments on it.
#[derive(Clone, Copy, Debug)]
struct Leg {
    span_s: f64,
    moved_mps: f64,
    heading: Option<Heading>,
}

impl Track {
    pub(crate) fn new(config: LocateConfig) -> Self {
        Self {
            latency: LatencyEstimator::new(&config),
            config,
            fixes: VecDeque::new(),
            glitches: Vec::new(),
        }
    }

    /// Takes the next fix. Fixes that do not move time forward, are too vague, or would need a
    /// speed that no vehicle has are left out; the last kind returns when several agree.
    pub(crate) fn push(&mut self, fix: Fix) {
        self.latency.hear(&fix);
        let vague = fix
            .accuracy_m
            .is_some_and(|m| f64::from(m) > self.config.max_accuracy_m);
        let last = self.fixes.back().map(|reached| reached.fix);
        if vague || last.is_some_and(|last| fix.t_us <= last.t_us) {
            return;
        }
        if last.is_none_or(|last| self.reachable(&last, &fix)) {
            self.glitches.clear();
            self.reach(fix);
            return;
        }
        let agrees = |g: &Fix| self.joined(g, &fix);
        if !self.glitches.first().is_none_or(agrees)
            || self
                .glitches
                .last()
                .is_some_and(|last| !self.reachable(last, &fix))
        {
            self.glitches.clear();
        }
        self.glitches.push(fix);
        if self.glitches.len() >= self.config.glitches_in_a_row {
            for fix in std::mem::take(&mut self.glitches) {
                self.reach(fix);
            }
        }
    }

    fn reach(&mut self, fix: Fix) {
        let last = self.fixes.back().map(|reached| reached.fix);
        self.fixes.push_back(Reached {
            fix,
            sigma_m: self.sigma_m(&fix),
            leg: last
                .filter(|last| self.joined(last, &fix))
                .map(|last| self.leg(&last, &fix)),
        });
    }

    fn leg(&self, from: &Fix, to: &Fix) -> Leg {
        let span_s = (to.t_us - from.t_us) as f64 / 1e6;
        let moved_mps = from.position.distance_m(to.position) / span_s;
        let moves = moved_mps >= self.config.heading_from_mps;
        Leg {
            span_s,
            moved_mps,
            heading: Heading::between(from.position, to.position).filter(|_| moves),
        }
    }

    fn reachable(&self, from: &Fix, to: &Fix) -> bool {
        let seconds = (to.t_us - from.t_us) as f64 / 1e6;
        let slack_m = 2.0 * (self.sigma_m(from) + self.sigma_m(to));
        from.position.distance_m(to.position) <= self.config.max_speed_mps * seconds + slack_m
    }

    /// Takes the next readings of the accelerometer, which tell how late the receiver is.
    pub(crate) fn feel(&mut self, samples: &[Sample]) {
        self.latency.feel(samples);
    }

    /// Learns the receiver's latency from what lies before `now_us`, up to which all readings have
    /// come. From then on [`Track::at`] goes by it.
    pub(crate) fn learn_until(&mut self, now_us: i64) {
        self.latency.learn_until(now_us);
    }

    /// How late the receiver is, as far as is known.
    pub(crate) fn latency(&self) -> Latency {
        self.latency.estimate()
    }

    /// The same, µs.
    pub(crate) fn latency_us(&self) -> i64 {
        (self.latency().mean_s * 1e6) as i64
    }

    /// Whether nothing that may still come can change what [`Track::at`] says of `event_us`, when
    /// all readings up to `now_us` are known.
    pub(crate) fn settled(&self, event_us: i64, now_us: i64) -> bool {
        let t_us = self.fix_time_us(event_us);
        let wait_us = (2.0 * self.config.max_fix_gap_s * 1e6) as i64;
        let later = self.fixes.len().checked_sub(2).map(|i| &self.fixes[i]);
        now_us >= t_us + wait_us || later.is_some_and(|later| later.fix.t_us >= t_us)
    }

    /// The time of the fix that tells where the vehicle was at `event_us`: receivers are late.
    fn fix_time_us(&self, event_us: i64) -> i64 {
        event_us + self.latency_us()
    }

    /// Where the vehicle was at `event_us`; `None` where no fixes are near enough in time.
    pub(crate) fn at(&self, event_us: i64) -> Option<Point> {
        let t_us = self.fix_time_us(event_us);
        // What is asked for lies a few fixes back.
        let later = self.fixes().rev().take_while(|fix| fix.t_us >= t_us);
        let next = self.fixes.len() - later.count();
        let after = self.fixes.get(next);
        let before = next.checked_sub(1).map(|i| &self.fixes[i]);
        match (before, after) {
            (Some(a), Some(b @ Reached { leg: Some(leg), .. })) => self.between(a, b, leg, t_us),
            (Some(a), _) if self.near(&a.fix, t_us) => {
                let leg = a.leg.filter(|_| next >= 2);
                self.beyond(a, leg, t_us)
            }
            (_, Some(b)) if self.near(&b.fix, t_us) => {
                let later = self.fixes.get(next + 1);
                self.beyond(b, later.and_then(|later| later.leg), t_us)
            }
            _ => None,
        }
    }

    /// Drops the fixes that moments from `event_us` on do not need.
    pub(crate) fn forget_before(&mut self, event_us: i64) {
        let t_us = event_us + (self.config.latency_range_s[0] * 1e6) as i64;
        while self.fixes.get(2).is_some_and(|known| known.fix.t_us < t_us) {
            self.fixes.pop_front();
        }
    }

    /// The times of the fixes that are kept, from `begin_us` to `end_us` of the receiver's own time.
    pub(crate) fn times_us(&self, begin_us: i64, end_us: i64) -> Vec<i64> {
        self.fixes()
            .map(|fix| fix.t_us)
            .skip_while(|t_us| *t_us < begin_us)
            .take_while(|t_us| *t_us <= end_us)
            .collect()
    }

    /// The fixes that are kept.
    pub(crate) fn fixes(&self) -> impl DoubleEndedIterator<Item = &Fix> {
        self.fixes.iter().map(|reached| &reached.fix)
    }

    fn joined(&self, a: &Fix, b: &Fix) -> bool {
        (b.t_us - a.t_us) as f64 <= self.config.max_fix_gap_s * 1e6
    }

    fn near(&self, fix: &Fix, t_us: i64) -> bool {
        (fix.t_us - t_us).abs() as f64 <= self.config.max_beyond_s * 1e6
    }

    fn between(&self, a: &Reached, b: &Reached, leg: &Leg, t_us: i64) -> Option<Point> {
        let share = (t_us - a.fix.t_us) as f64 / 1e6 / leg.span_s;
        let speed = match (a.fix.speed, b.fix.speed) {
            (Some(a), Some(b)) => a.mps() + (b.mps() - a.mps()) * share,
            _ => leg.moved_mps,
        };
        let sigma_m = a.sigma_m + (b.sigma_m - a.sigma_m) * share;
        let position = along(a.fix.position, b.fix.position, share);
        self.point(position, speed, sigma_m, leg.heading, leg.span_s)
    }

    /// Beyond the last fix (or before the first) the vehicle goes on as it went on the leg beside it.
    fn beyond(&self, at: &Reached, leg: Option<Leg>, t_us: i64) -> Option<Point> {
        let fix = &at.fix;
        let moved_mps = leg.map(|leg| leg.moved_mps);
        let speed = fix.speed.map(Speed::mps).or(moved_mps)?;
        let heading = fix.heading.or_else(|| leg.and_then(|leg| leg.heading));
        let seconds = (t_us - fix.t_us) as f64 / 1e6;
        let position = heading.map_or(fix.position, |h| ahead(fix.position, h, speed * seconds));
        let span_s = leg.map_or(0.0, |leg| leg.span_s).max(2.0 * seconds.abs());
        self.point(position, speed, at.sigma_m, heading, span_s)
    }

    /// σ² = fix² + (v σ_latency)²/2 + (v (Δt − 1 s)/4)², per axis: the latency shifts along the way
    /// alone, so half of its variance falls on each axis; fixes a second apart leave nothing between
    /// them that their own error does not already hold.
    fn point(
        &self,
        position: Position,
        speed_mps: f64,
        fix_sigma_m: f64,
        heading: Option<Heading>,
        span_s: f64,
    ) -> Option<Point> {
        let late_m = speed_mps * self.latency().sigma_s;
        let between_m = speed_mps * (span_s - 1.0).max(0.0) / 4.0;
        let variance = fix_sigma_m.powi(2) + late_m.powi(2) / 2.0 + between_m.powi(2);
        let sigma_m = variance.sqrt() as f32;
        let speed = Speed::from_mps(speed_mps).ok()?;
        Some(Point {
            place: Place {
                position,
                sigma_m,
                heading,
            },
            speed,
        })
    }

    fn sigma_m(&self, fix: &Fix) -> f64 {
        fix.accuracy_m.map_or(self.config.sigma_m, |accuracy_m| {
            let sigma_m = f64::from(accuracy_m) * self.config.sigma_per_accuracy;
            sigma_m.max(self.config.min_sigma_m)
        })
    }
}

/// A place between two, on the straight line through degrees: over the kilometres between two fixes
/// the same as [`Position::toward`], without its cosines.
fn along(from: Position, to: Position, share: f64) -> Position {
    let [lat_deg, lon_deg] = [to.lat_deg() - from.lat_deg(), to.lon_deg() - from.lon_deg()];
    if lon_deg.abs() > 180.0 {
        return from.toward(to, share);
    }
    let between = Position::new(
        from.lat_deg() + lat_deg * share,
        from.lon_deg() + lon_deg * share,
    );
    between.unwrap_or(to)
}

fn ahead(from: Position, heading: Heading, metres: f64) -> Position {
    let (sin, cos) = heading.deg().to_radians().sin_cos();
    from.moved(metres * cos, metres * sin)
}

#[cfg(test)]
mod tests {
    use super::*;
    use trip::FixSource;

    fn fix(t_s: f64, east_m: f64) -> Fix {
        let origin = Position::new(41.0, -8.0).expect("valid");
        Fix {
            t_us: (t_s * 1e6) as i64,
            position: origin.moved(0.0, east_m),
            speed: None,
            heading: None,
            accuracy_m: None,
            source: FixSource::Unknown,
        }
    }

    /// A straight drive to the east at 10 m/s, one fix a second.
    fn track() -> Track {
        let mut track = Track::new(LocateConfig {
            latency_s: 0.5,
            ..LocateConfig::default()
        });
        for second in 0..10 {
            track.push(fix(f64::from(second), f64::from(second) * 10.0));
        }
        track
    }

    fn east_m(point: Point) -> f64 {
        fix(0.0, 0.0)
            .position
            .offset_to(point.place.position)
            .east_m
    }

    #[test]
    fn a_moment_between_two_fixes_lies_between_them_and_before_their_latency() {
        let point = track().at(4_200_000).expect("inside");
        assert!((east_m(point) - 47.0).abs() < 0.01, "{}", east_m(point));
        assert!((point.speed.mps() - 10.0).abs() < 0.01);
        assert!((point.place.heading.expect("moves").deg() - 90.0).abs() < 0.1);
    }

    #[test]
    fn two_seconds_beyond_the_last_fix_there_is_no_place() {
        let track = track();
        assert!((east_m(track.at(9_500_000).expect("near")) - 100.0).abs() < 0.01);
        assert_eq!(track.at(11_000_000), None);
        assert_eq!(track.at(-4_000_000), None);
    }

    #[test]
    fn one_fix_in_the_next_town_is_left_out_and_three_are_believed() {
        let mut track = track();
        track.push(fix(10.0, 40_000.0));
        track.push(fix(11.0, 110.0));
        assert!((east_m(track.at(9_700_000).expect("inside")) - 102.0).abs() < 0.01);
        for second in 12..15 {
            track.push(fix(f64::from(second), 80_000.0 + f64::from(second) * 10.0));
        }
        assert!(east_m(track.at(13_000_000).expect("inside")) > 80_000.0);
    }

    #[test]
    fn it_is_settled_when_two_fixes_or_a_long_silence_have_come() {
        let track = track();
        assert!(track.settled(7_500_000, 7_500_000));
        assert!(!track.settled(8_000_000, 10_000_000));
        assert!(track.settled(8_000_000, 39_000_000));
    }
}
