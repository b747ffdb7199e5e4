//! A course without anybody's name: what goes on when its evidence is gone.

use serde::{Deserialize, Serialize};

use super::{Course, Drivers, MicroNats};
use crate::config::Config;
use crate::hazard::{EvidenceState, FeltWeek, Move};

/// A course in numbers, of which drivers are counted and no longer known. Integers and words alone,
/// so that it is the same when it was written and read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in super::super) struct Condensed {
    base_micro: MicroNats,
    excess_micro: MicroNats,
    last_day: Option<i32>,
    state: EvidenceState,
    inspected: Option<bool>,
    drivers: u32,
    hits: u32,
    passes: u32,
    reports: u32,
    felt_milli: u64,
    expected_milli: u64,
    pending_milli: u64,
    gone_micro: MicroNats,
    claim_micro: Option<MicroNats>,
    quiet_drivers: u32,
    drivers_since_gone: u32,
    /// When, to which state, hits and passes until then.
    moves: Vec<(i64, EvidenceState, u32, u32)>,
    /// The week's Monday, hits and passes.
    weeks: Vec<(Option<i32>, u32, u32)>,
}

impl Condensed {
    /// Vehicle-days on which it was felt.
    pub(in super::super) fn hits(&self) -> u32 {
        self.hits
    }

    /// What belief goes on from, without what is told of how it came about.
    pub(in super::super) fn without_history(self) -> Self {
        Self {
            moves: Vec::new(),
            weeks: Vec::new(),
            ..self
        }
    }
}

impl<'c> Course<'c> {
    /// What is left of it when drivers are only counted.
    pub(in super::super) fn condensed(self) -> Condensed {
        // Named one by one: a new field must be thought of here.
        let Self {
            config: _,
            base,
            excess,
            last_day,
            state,
            inspected,
            felt_by,
            hits,
            passes,
            reports,
            felt_milli,
            expected_milli,
            pending_milli,
            gone,
            claim,
            quiet_for,
            felt_since_gone,
            moves,
            weeks,
        } = self;
        let moves = moves.iter().map(|m| (m.at_us, m.state, m.hits, m.passes));
        let weeks = weeks
            .iter()
            .map(|week| (week.monday, week.hits, week.passes));
        Condensed {
            base_micro: base,
            excess_micro: excess,
            last_day,
            state,
            inspected,
            drivers: felt_by.number(),
            hits,
            passes,
            reports,
            felt_milli,
            expected_milli,
            pending_milli,
            gone_micro: gone,
            claim_micro: claim,
            quiet_drivers: quiet_for.number(),
            drivers_since_gone: felt_since_gone.number(),
            moves: moves.collect(),
            weeks: weeks.collect(),
        }
    }

    /// The course that goes on from there.
    pub(in super::super) fn resumed(config: &'c Config, from: &Condensed) -> Self {
        let moved = |&(at_us, state, hits, passes): &(i64, EvidenceState, u32, u32)| Move {
            at_us,
            state,
            hits,
            passes,
        };
        let week = |&(monday, hits, passes): &(Option<i32>, u32, u32)| FeltWeek {
            monday,
            hits,
            passes,
            severities: 0,
            severity_sum_mmps2: 0,
        };
        Self {
            config,
            base: from.base_micro,
            excess: from.excess_micro,
            last_day: from.last_day,
            state: from.state,
            inspected: from.inspected,
            felt_by: Drivers::so_many(from.drivers),
            hits: from.hits,
            passes: from.passes,
            reports: from.reports,
            felt_milli: from.felt_milli,
            expected_milli: from.expected_milli,
            pending_milli: from.pending_milli,
            gone: from.gone_micro,
            claim: from.claim_micro,
            quiet_for: Drivers::so_many(from.quiet_drivers),
            felt_since_gone: Drivers::so_many(from.drivers_since_gone),
            moves: from.moves.iter().map(moved).collect(),
            weeks: from.weeks.iter().map(week).collect(),
        }
    }
}

impl Drivers {
    fn so_many(before: u32) -> Self {
        let who = Vec::new();
        Self {
            who,
            before,
            ..Self::default()
        }
    }

    fn number(&self) -> u32 {
        u32::try_from(self.count()).unwrap_or(u32::MAX)
    }
}
