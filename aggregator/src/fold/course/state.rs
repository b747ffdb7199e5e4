//! The states of a hazard, and what moves it from one to another.

use super::{Course, Drivers, MicroNats, micro};
use crate::hazard::{EvidenceState, Move};

impl Course<'_> {
    /// Moves the state to what the evidence so far amounts to.
    pub(super) fn conclude(&mut self, at_us: i64, is_felt: bool) {
        use EvidenceState::{Candidate, Confirmed, Fading, Reopened, VerifiedGone};
        let rule = &self.config.belief;
        let log_odds = self.base + self.excess;
        let is_sure = log_odds >= micro(rule.confirm);
        let agree = |drivers: &Drivers| drivers.count() >= rule.change_drivers;
        let is_gone = agree(&self.quiet_for)
            && (self.gone >= micro(rule.gone)
                || (self.claim).is_some_and(|claim| claim >= micro(rule.gone_claimed)));
        let is_backed =
            self.felt_by.count() >= rule.confirm_drivers || self.inspected == Some(true);
        let next = match self.state {
            Candidate if is_sure && is_backed => Confirmed,
            Confirmed | Fading | Reopened if is_gone && !self.felt_by.is_empty() => VerifiedGone,
            Confirmed | Reopened if log_odds < micro(rule.fade) => Fading,
            Fading if is_sure => Confirmed,
            VerifiedGone if is_felt && is_sure && agree(&self.felt_since_gone) => Reopened,
            unmoved => unmoved,
        };
        self.move_to(next, at_us);
    }

    /// An inspector's word settles it.
    pub(super) fn inspect(&mut self, found: bool, at_us: i64) {
        use EvidenceState::{Candidate, Confirmed, Fading, Reopened, VerifiedGone};
        let rule = &self.config.belief;
        self.inspected = Some(found);
        let log_odds = micro(if found { rule.ceiling } else { rule.floor });
        self.excess = log_odds - self.base;
        let next = match (self.state, found) {
            (VerifiedGone, true) => Reopened,
            (Candidate | Fading, true) => Confirmed,
            (Confirmed | Fading | Reopened | Candidate, false) => VerifiedGone,
            (unmoved, _) => unmoved,
        };
        (self.gone, self.claim) = (0, None);
        self.quiet_for.clear();
        self.move_to(next, at_us);
    }

    fn move_to(&mut self, next: EvidenceState, at_us: i64) {
        if next == self.state {
            return;
        }
        let was_fading = self.state == EvidenceState::Fading;
        self.state = next;
        // What was quiet before it was there says nothing about its end.
        if matches!(next, EvidenceState::Confirmed | EvidenceState::Reopened) && !was_fading {
            self.gone = 0;
            self.quiet_for.clear();
        }
        if next == EvidenceState::VerifiedGone {
            (self.gone, self.claim) = (0, None);
            self.quiet_for.clear();
            self.felt_since_gone.clear();
            self.excess = micro(self.config.belief.floor) - self.base;
        }
        // What comes late moves it when it comes.
        let before_us = self.moves.last().map_or(at_us, |last| last.at_us);
        self.moves.push(Move {
            at_us: at_us.max(before_us),
            state: next,
            hits: self.hits,
            passes: self.passes,
        });
    }

    /// The state as it looks on a day without evidence.
    pub(super) fn state_on(&self, day: Option<i32>) -> EvidenceState {
        use EvidenceState::{Confirmed, ExpiredUnverified, Fading, Reopened, VerifiedGone};
        let (Some(today), Some(last_day)) = (day, self.last_day) else {
            return self.state;
        };
        let has_expired = today.saturating_sub(last_day) >= self.config.belief.expire_days;
        match self.state {
            VerifiedGone => VerifiedGone,
            _ if has_expired => ExpiredUnverified,
            Confirmed | Reopened if self.log_odds_on(day) < micro(self.config.belief.fade) => {
                Fading
            }
            unmoved => unmoved,
        }
    }

    /// Lets belief go back towards the prior until a day.
    pub(super) fn wait_until(&mut self, day: i32) {
        self.excess = self.excess_on(day);
        self.last_day = Some(self.last_day.map_or(day, |last_day| last_day.max(day)));
    }

    pub(super) fn log_odds_on(&self, day: Option<i32>) -> MicroNats {
        self.base + day.map_or(self.excess, |day| self.excess_on(day))
    }

    fn excess_on(&self, day: i32) -> MicroNats {
        let Some(last_day) = self.last_day else {
            return self.excess;
        };
        let waited_days = f64::from(day.saturating_sub(last_day).max(0));
        let share = (-waited_days / self.config.belief.half_life_days).exp2();
        (self.excess as f64 * share).round() as MicroNats
    }
}
