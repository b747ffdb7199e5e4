//! What is believed of a hazard, day by day: log-odds from hits and quiet passes, and the state
//! that they amount to.
//!
//! Each vehicle counts once a day. Days follow each other, and between them belief goes back
//! towards the prior. Undated days, of which nobody knows when they were, come first in their
//! chapter and never fade, and no repair is verified by them.
//!
//! Source: certainty as a sum of log-odds after Moravec (1988), "Sensor fusion in certainty grids";
//! capped, so that it can come down again, as in OctoMap (Hornung et al., 2013). Whether it is gone
//! is a cumulative sum test (Page, 1954) of its own, which no cap and no fading touches.

mod condensed;
mod state;

use super::log::Leaning;
use super::rates::Rate;
use super::roll::Who;
use super::said::Word;
use crate::config::{Config, likelihood};
use crate::hazard::{EvidenceState, FeltWeek, Move};

pub(super) use condensed::Condensed;

/// What one vehicle's passes of one day say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Voice {
    pub(super) who: Who,
    pub(super) hits: u32,
    pub(super) misses: u32,
    pub(super) rate: Rate,
    /// When the last of them was, µs since 1970 UTC.
    pub(super) at_us: i64,
}

/// Log-odds in millionths: integers, so that sums do not depend on their order.
type MicroNats = i64;

/// The belief in one hazard, from its first day to the last that was heard.
#[derive(Clone, Debug)]
pub(super) struct Course<'c> {
    config: &'c Config,
    /// Prior and undated evidence: what belief goes back to.
    base: MicroNats,
    /// What dated evidence adds to it.
    excess: MicroNats,
    /// The day of the last dated evidence.
    last_day: Option<i32>,
    state: EvidenceState,
    inspected: Option<bool>,
    /// Everybody who felt it.
    felt_by: Drivers,
    hits: u32,
    passes: u32,
    reports: u32,
    /// Hits, and hits expected of its drivers, up to the last hit; thousandths.
    felt_milli: u64,
    expected_milli: u64,
    /// Expected since the last hit.
    pending_milli: u64,
    /// How far *gone* leads over *standing* since it led least.
    gone: MicroNats,
    /// … since somebody claimed a repair, as long as the claim is open.
    claim: Option<MicroNats>,
    /// Who passed quietly since it was last felt, up to as many as are asked for.
    quiet_for: Drivers,
    /// Who felt it since it was last found gone, up to as many as are asked for.
    felt_since_gone: Drivers,
    moves: Vec<Move>,
    weeks: Vec<FeltWeek>,
}

/// What is believed of a hazard at one time.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Belief {
    /// The probability that it is there.
    pub(super) confidence: f64,
    pub(super) state: EvidenceState,
    /// Vehicle-days on which it was felt.
    pub(super) hits: u32,
    /// Vehicle-days on which it was felt or would have been.
    pub(super) passes: u32,
    /// Distinct drivers that felt it, the most in a season.
    pub(super) drivers: u32,
    pub(super) reports: u32,
    /// The share of able passes that feel it while it is there.
    pub(super) detection: f64,
    pub(super) moves: Vec<Move>,
    pub(super) weeks: Vec<FeltWeek>,
}

/// Distinct drivers. Pseudonyms of two seasons may hide one device, so they are counted within a
/// season only.
#[derive(Clone, Debug, Default)]
pub(super) struct Drivers {
    who: Vec<Who>,
    /// The most in any one season of these: asked for with every voice, and so kept.
    most: usize,
    /// The most in any season of the chapters that were settled.
    before: u32,
}

impl Drivers {
    fn insert(&mut self, who: Who) {
        if let Err(index) = self.who.binary_search(&who) {
            self.who.insert(index, who);
            let from = self.who.partition_point(|other| other.season < who.season);
            let to = self.who.partition_point(|other| other.season <= who.season);
            self.most = self.most.max(to - from);
        }
    }

    /// Distinct drivers: the most in any one season.
    pub(super) fn count(&self) -> usize {
        self.most.max(self.before as usize)
    }

    fn is_empty(&self) -> bool {
        self.who.is_empty() && self.before == 0
    }

    fn clear(&mut self) {
        *self = Self::default();
    }
}

impl<'c> Course<'c> {
    pub(super) fn new(config: &'c Config) -> Self {
        let prior = likelihood(config.belief.hazards_per_m * config.gate.max_m);
        Self {
            config,
            base: micro((prior / (1.0 - prior)).ln()),
            excess: 0,
            last_day: None,
            state: EvidenceState::Candidate,
            inspected: None,
            felt_by: Drivers::default(),
            hits: 0,
            passes: 0,
            reports: 0,
            felt_milli: 0,
            expected_milli: 0,
            pending_milli: 0,
            gone: 0,
            claim: None,
            quiet_for: Drivers::default(),
            felt_since_gone: Drivers::default(),
            moves: Vec::new(),
            weeks: Vec::new(),
        }
    }

    /// Whether its quiet passes are counted no longer: it was dismissed and is not felt again.
    pub(super) fn is_dismissed(&self) -> bool {
        self.state == EvidenceState::Candidate
            && self.base + self.excess <= micro(self.config.belief.floor)
    }

    /// Its quiet passes are counted no longer, and so it is dismissed whatever those that were counted
    /// amount to: every hit that comes later would otherwise weigh as if nobody had passed between.
    pub(super) fn dismiss(&mut self, at_us: i64) {
        let floor = micro(self.config.belief.floor);
        if self.last_day.is_none() {
            self.base = self.base.min(floor - self.excess);
        }
        self.excess = self.excess.min(floor - self.base);
        (self.felt_milli, self.expected_milli, self.pending_milli) = (0, 0, 0);
        self.conclude(at_us, false);
    }

    /// What the evidence leans to, for those who learn from it.
    pub(super) fn leaning(&self) -> Leaning {
        let log_odds = self.base + self.excess;
        if self.is_dismissed() {
            Leaning::Dismissed
        } else if log_odds >= micro(self.config.belief.confirm) {
            Leaning::Stands
        } else if log_odds <= -micro(self.config.belief.fade) {
            Leaning::Empty
        } else {
            Leaning::Open
        }
    }

    /// Adds what the passes of one undated trip say.
    pub(super) fn hear_undated(&mut self, voices: &[Voice]) {
        let weight = self.weight_of(voices);
        let log_odds = self.capped(self.base + self.excess + weight);
        self.base = self.capped(self.base + weight);
        self.excess = log_odds - self.base;
        self.count(None, voices);
        self.conclude(0, false);
    }

    /// Adds what vehicles say of a day, one after the other: what the first of them are enough for
    /// does not wait for the last.
    pub(super) fn hear(&mut self, day: i32, voices: &[Voice]) {
        self.wait_until(day);
        for voice in voices {
            let weight = self.weight(voice);
            self.excess = self.capped(self.base + self.excess + weight) - self.base;
            self.test(-weight);
            self.count(Some(day), std::slice::from_ref(voice));
            if self.is_dismissed() {
                // How readily nothing is felt is not worth remembering.
                (self.felt_milli, self.expected_milli, self.pending_milli) = (0, 0, 0);
            }
            let is_felt = voice.hits > 0;
            let heard = if is_felt {
                &mut self.felt_since_gone
            } else {
                &mut self.quiet_for
            };
            if heard.count() < self.config.belief.change_drivers {
                heard.insert(voice.who);
            }
            self.conclude(voice.at_us, is_felt);
            if is_felt && self.gone == 0 && self.claim.is_none() {
                self.quiet_for.clear();
            }
        }
    }

    /// Adds what a person said. Who saw the road moves belief
    /// on to that day; who claims a repair saw nothing, and asks later passes to tell.
    pub(super) fn heed(&mut self, day: i32, at_us: i64, word: Word) {
        if word != Word::RepairClaimed {
            self.wait_until(day);
        }
        match word {
            Word::Reported => {
                self.reports += 1;
                let weight = micro(self.config.belief.citizen_report);
                self.excess = self.capped(self.base + self.excess + weight) - self.base;
                self.conclude(at_us, false);
            }
            Word::RepairClaimed => {
                self.claim = Some(0);
                self.quiet_for.clear();
            }
            Word::Inspected(found) => self.inspect(found, at_us),
        }
    }

    /// What is believed at the end of a day; without one nothing has decayed.
    pub(super) fn on(self, day: Option<i32>) -> Belief {
        let log_odds = self.log_odds_on(day);
        Belief {
            confidence: 1.0 / (1.0 + (-(log_odds as f64) / 1e6).exp()),
            state: self.state_on(day),
            hits: self.hits,
            passes: self.passes,
            drivers: u32::try_from(self.felt_by.count()).unwrap_or(u32::MAX),
            reports: self.reports,
            detection: self.detection(self.config.rates.of_nobody()),
            moves: self.moves,
            weeks: self.weeks,
        }
    }

    /// The probability that a driver feels it in an able pass, if it is there: what they feel
    /// elsewhere, corrected by how often it was felt so far (a mean with a prior).
    fn detection(&self, rate: Rate) -> f64 {
        if self.felt_by.is_empty() && (self.reports > 0 || self.inspected.is_some()) {
            return self.config.belief.unfelt_detection;
        }
        let own = self.config.belief.own_passes;
        let ratio = (own + self.felt_milli as f64 / 1e3) / (own + self.expected_milli as f64 / 1e3);
        let rule = &self.config.belief;
        (rate.detection() * ratio).clamp(rule.detection_min, rule.detection_max)
    }

    /// What one vehicle's day says: the mean of its passes.
    fn weight(&self, voice: &Voice) -> MicroNats {
        let felt = self.detection(voice.rate);
        let alarm = (voice.rate.false_alarm(self.config.gate.max_m)).min(felt * 0.9);
        let (hits, misses) = (f64::from(voice.hits), f64::from(voice.misses));
        let mut sum = 0.0;
        if voice.hits > 0 {
            sum += hits * (felt / alarm).ln();
        }
        if voice.misses > 0 {
            sum += misses * ((1.0 - felt) / (1.0 - alarm)).ln();
        }
        micro(sum / (hits + misses))
    }

    fn weight_of(&self, voices: &[Voice]) -> MicroNats {
        voices.iter().map(|voice| self.weight(voice)).sum()
    }

    /// Moves the tests for *gone* by what one vehicle's day says against it.
    fn test(&mut self, against: MicroNats) {
        let rule = &self.config.belief;
        self.gone = (self.gone + against).max(0);
        self.claim = self.claim.map(|claim| claim + against);
        let is_refuted = |claim| claim <= -micro(rule.claim_refuted);
        if self.claim.is_some_and(is_refuted) {
            self.claim = None;
        }
    }

    /// Counts passes, and learns how readily it is felt.
    fn count(&mut self, day: Option<i32>, voices: &[Voice]) {
        let (mut hits, mut passes) = (0, 0);
        for voice in voices {
            passes += 1;
            self.pending_milli += u64::from(voice.rate.detection_milli);
            if voice.hits > 0 {
                hits += 1;
                self.felt_milli += u64::from(1000 * voice.hits / (voice.hits + voice.misses));
                self.felt_by.insert(voice.who);
            }
        }
        if hits > 0 {
            self.expected_milli += std::mem::take(&mut self.pending_milli);
        }
        // What is felt now counts more than what was felt when it was new.
        if self.expected_milli > 2000 * u64::from(self.config.belief.memory_hits) {
            self.felt_milli /= 2;
            self.expected_milli /= 2;
        }
        self.hits += hits;
        self.passes += passes;
        let monday = day.map(monday_of);
        // Late evidence belongs to a week that others came after.
        let index = self.weeks.partition_point(|week| week.monday < monday);
        let known = self.weeks.get(index).map(|week| week.monday);
        if known != Some(monday) {
            let week = FeltWeek {
                monday,
                hits: 0,
                passes: 0,
                severities: 0,
                severity_sum_mmps2: 0,
            };
            self.weeks.insert(index, week);
        }
        let week = &mut self.weeks[index];
        week.hits += hits;
        week.passes += passes;
    }

    fn capped(&self, log_odds: MicroNats) -> MicroNats {
        let rule = &self.config.belief;
        log_odds.min(micro(rule.ceiling)).max(micro(rule.floor))
    }
}

/// The Monday of a day's week, in days since 1970-01-01, which was a Thursday.
pub(super) fn monday_of(day: i32) -> i32 {
    day - (day + 3).rem_euclid(7)
}

/// Log-odds in millionths.
fn micro(log_odds: f64) -> MicroNats {
    (log_odds * 1e6).round() as MicroNats
}

#[cfg(test)]
mod tests;
