//! What to believe of a hazard: log-odds from hits and quiet passes, and the state they amount to.
//!
//! Each driver counts once a day: the mean of what that day's passes say. Days follow each other,
//! and between them belief goes back towards the prior. Undated days, of which nobody knows when
//! they were, come first and never fade; a row of quiet passes is made of dated ones only.
//!
//! Source: certainty as a sum of log-odds after Moravec (1988), "Sensor fusion in certainty grids";
//! capped, so that it can come down again, as in OctoMap (Hornung et al., 2013).

use std::collections::BTreeMap;

use super::passes::{Outcome, Pass};
use super::witness::{Day, Drivers, Who};
use crate::config::{BeliefRule, Config};
use crate::hazard::EvidenceState;

/// What is believed of a hazard at one time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Belief {
    /// The probability that it is there.
    pub(super) confidence: f64,
    /// What the evidence amounts to.
    pub(super) state: EvidenceState,
    /// Driver-days on which it was felt.
    pub(super) hits: u32,
    /// Driver-days on which it was felt or would have been.
    pub(super) passes: u32,
    /// Distinct drivers that felt it, the most in a season.
    pub(super) drivers: u32,
}

/// What one driver's passes of one day say.
#[derive(Clone, Copy, Debug, Default)]
struct DriverDay {
    hits: i64,
    misses: i64,
}

/// Log-odds in millionths: integers, so that sums do not depend on their order.
type MicroNats = i64;

/// The state of the fold between two days.
#[derive(Debug)]
struct Course<'a> {
    rule: &'a BeliefRule,
    /// What a hit and a miss add.
    hit: MicroNats,
    miss: MicroNats,
    /// Prior and undated evidence: what belief goes back to.
    base: MicroNats,
    /// What dated evidence adds to it.
    excess: MicroNats,
    /// The day of the last dated evidence.
    last_day: Option<i32>,
    state: EvidenceState,
    /// Everybody who felt it.
    felt_by: Drivers,
    /// Quiet driver-days since it was last felt, and whose they are.
    quiet_days: u32,
    quiet_for: Drivers,
    /// Who felt it since it was last found gone.
    felt_since_gone: Drivers,
}

/// What to believe at the end of `as_of_day`, in days since 1970, of a hazard with these passes.
/// Without a day nothing has decayed.
pub(super) fn fold(passes: &[Pass], as_of_day: Option<i32>, config: &Config) -> Belief {
    let days = driver_days(passes);
    let mut course = Course::new(config);
    let undated = days
        .iter()
        .filter(|(day, _)| matches!(day, Day::Undated(_)));
    undated.for_each(|(_, drivers)| course.add_undated(drivers));
    course.conclude(false);
    for (day, drivers) in &days {
        if let Day::Dated(day) = *day {
            course.add_dated(day, drivers);
        }
    }
    let counts = || days.values().flat_map(BTreeMap::values);
    Belief {
        hits: count(counts().filter(|day| day.hits > 0)),
        passes: count(counts()),
        drivers: course.felt_by.count(),
        confidence: course.confidence(as_of_day),
        state: course.state_on(as_of_day),
    }
}

/// What each driver says on each day, from the day on which it was first felt: before, quiet
/// passes say nothing about what was not there yet. Passes that could not tell are left out.
fn driver_days(passes: &[Pass]) -> BTreeMap<Day, BTreeMap<Who, DriverDay>> {
    let first_felt = (passes.iter())
        .filter(|pass| pass.outcome == Outcome::Hit && matches!(pass.day, Day::Dated(_)))
        .map(|pass| pass.day)
        .min();
    let mut days: BTreeMap<Day, BTreeMap<Who, DriverDay>> = BTreeMap::new();
    for pass in passes {
        let is_too_early = first_felt.is_some_and(|first| pass.day < first);
        if pass.outcome == Outcome::Unable || is_too_early {
            continue;
        }
        let day = days
            .entry(pass.day)
            .or_default()
            .entry(pass.who)
            .or_default();
        match pass.outcome {
            Outcome::Hit => day.hits += 1,
            Outcome::Miss | Outcome::Unable => day.misses += 1,
        }
    }
    days
}

impl<'a> Course<'a> {
    fn new(config: &'a Config) -> Self {
        let (rule, gate_m) = (&config.belief, config.gate.max_m);
        Self {
            rule,
            hit: micro(rule.hit(gate_m)),
            miss: micro(rule.miss(gate_m)),
            base: micro(rule.prior(gate_m)),
            excess: 0,
            last_day: None,
            state: EvidenceState::Candidate,
            felt_by: Drivers::default(),
            quiet_days: 0,
            quiet_for: Drivers::default(),
            felt_since_gone: Drivers::default(),
        }
    }

    fn add_undated(&mut self, drivers: &BTreeMap<Who, DriverDay>) {
        self.base = self.capped(self.base + self.weight_of(drivers));
        for (&who, _) in drivers.iter().filter(|(_, day)| day.hits > 0) {
            self.felt_by.insert(who);
        }
    }

    fn add_dated(&mut self, day: i32, drivers: &BTreeMap<Who, DriverDay>) {
        self.excess = self.excess_on(day);
        self.last_day = Some(day);
        self.excess = self.capped(self.base + self.excess + self.weight_of(drivers)) - self.base;
        let is_felt = drivers.values().any(|day| day.hits > 0);
        if is_felt {
            self.quiet_days = 0;
            self.quiet_for.clear();
        }
        for (&who, day) in drivers {
            if day.hits > 0 {
                self.felt_by.insert(who);
                self.felt_since_gone.insert(who);
            } else if !is_felt {
                self.quiet_days = self.quiet_days.saturating_add(1);
                self.quiet_for.insert(who);
            }
        }
        self.conclude(is_felt);
    }

    /// Moves the state to what the evidence so far amounts to.
    fn conclude(&mut self, is_felt: bool) {
        use EvidenceState::{Candidate, Confirmed, Fading, Reopened, VerifiedGone};
        let rule = self.rule;
        let log_odds = self.base + self.excess;
        let is_sure = log_odds >= micro(rule.confirm);
        let agree = |drivers: &Drivers| drivers.count() >= rule.change_drivers;
        let is_gone = self.quiet_days >= rule.gone_passes && agree(&self.quiet_for) && log_odds < 0;
        self.state = match self.state {
            Candidate if is_sure && self.felt_by.count() >= rule.confirm_drivers => Confirmed,
            Confirmed | Fading | Reopened if is_gone => {
                self.felt_since_gone.clear();
                VerifiedGone
            }
            Confirmed | Reopened if log_odds < micro(rule.fade) => Fading,
            Fading if is_sure => Confirmed,
            VerifiedGone if is_felt && is_sure && agree(&self.felt_since_gone) => Reopened,
            unmoved => unmoved,
        };
    }

    /// The state as it looks on a day without evidence.
    fn state_on(&self, as_of_day: Option<i32>) -> EvidenceState {
        use EvidenceState::{Confirmed, ExpiredUnverified, Fading, Reopened, VerifiedGone};
        let (Some(today), Some(last_day)) = (as_of_day, self.last_day) else {
            return self.state;
        };
        let has_expired = today.saturating_sub(last_day) >= self.rule.expire_days;
        let log_odds = self.base + self.excess_on(today);
        match self.state {
            VerifiedGone => VerifiedGone,
            _ if has_expired => ExpiredUnverified,
            Confirmed | Reopened if log_odds < micro(self.rule.fade) => Fading,
            unmoved => unmoved,
        }
    }

    fn confidence(&self, as_of_day: Option<i32>) -> f64 {
        let excess = as_of_day.map_or(self.excess, |day| self.excess_on(day));
        1.0 / (1.0 + (-(self.base + excess) as f64 / 1e6).exp())
    }

    /// What is left of the dated evidence on a later day.
    fn excess_on(&self, day: i32) -> MicroNats {
        let Some(last_day) = self.last_day else {
            return self.excess;
        };
        let waited_days = f64::from(day.saturating_sub(last_day).max(0));
        let share = (-waited_days / self.rule.half_life_days).exp2();
        (self.excess as f64 * share).round() as MicroNats
    }

    /// What one day's drivers say together.
    fn weight_of(&self, drivers: &BTreeMap<Who, DriverDay>) -> MicroNats {
        (drivers.values())
            .map(|day| (day.hits * self.hit + day.misses * self.miss) / (day.hits + day.misses))
            .sum()
    }

    fn capped(&self, log_odds: MicroNats) -> MicroNats {
        log_odds
            .min(micro(self.rule.ceiling))
            .max(micro(self.rule.floor))
    }
}

/// Log-odds in millionths.
fn micro(log_odds: f64) -> MicroNats {
    (log_odds * 1e6).round() as MicroNats
}

fn count<T>(counted: impl Iterator<Item = T>) -> u32 {
    u32::try_from(counted.count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
