//! Four different answers to one question: was this road surveyed, and what was found?

use std::collections::{BTreeMap, BTreeSet};

use h3o::CellIndex;
use trip::Position;

use crate::cells::{self, COVERAGE};
use crate::config::Config;
use crate::coverage::Coverage;
use crate::hazard::{EvidenceState, Hazard, words};
use crate::stamp::{DAY_US, Stamp, Week};
use crate::zone::Zone;

/// What is known of a cell: never is unknown road shown as good road.
#[derive(Clone, Debug, PartialEq)]
pub struct Survey {
    /// The H3 cell, resolution 11.
    pub cell: CellIndex,
    /// The answer.
    pub answer: Answer,
    /// How many times anybody passed, in any direction.
    pub passes: u32,
    /// Passes that would have shown a defect.
    pub able_passes: u32,
    /// Distinct drivers: the most in any week and direction.
    pub drivers: u32,
    /// Directions that were passed, of eight.
    pub directions: u32,
    /// The last week in which anybody able passed; `None` when nobody did, or nobody knows when.
    pub last_week: Option<Week>,
    /// The probability that a defect lies there and every able pass missed it, were there one; 0
    /// to 1.
    pub missed: f64,
}

/// Whether road was surveyed, and what was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Answer {
    /// Nobody passed who would have felt a defect: unknown.
    NotSurveyed,
    /// The last who would have felt one passed long ago, or nobody knows when.
    SurveyedLongAgo,
    /// Able drivers passed, and no hazard stands there.
    NothingFound,
    /// A hazard stands there.
    Hazard,
}

words!(Answer {
    NotSurveyed => "not_surveyed",
    SurveyedLongAgo => "surveyed_long_ago",
    NothingFound => "surveyed_nothing_found",
    Hazard => "hazard",
});

/// What is known of every cell that anybody passed or that a hazard stands in, in order of the
/// cells; seen from a moment, where weeks are counted in `zone`. A cell that is not in the list was
/// not surveyed.
pub fn survey<'a>(
    coverage: &[Coverage],
    hazards: impl IntoIterator<Item = &'a Hazard>,
    as_of_us: Option<i64>,
    zone: &Zone,
    config: &Config,
) -> Vec<Survey> {
    use EvidenceState::{Confirmed, Fading, Reopened};
    let stands =
        |hazard: &&'a Hazard| matches!(hazard.evidence_state, Confirmed | Fading | Reopened);
    let hazardous: BTreeSet<CellIndex> = (hazards.into_iter().filter(stands))
        .map(|hazard| cell_at(hazard.position))
        .collect();
    let long_ago_us = i64::from(config.survey.fresh_days) * DAY_US;
    let fresh_from = as_of_us.and_then(|as_of_us| Stamp::of(as_of_us - long_ago_us, zone).week());
    let mut cells: BTreeMap<CellIndex, Vec<&Coverage>> = BTreeMap::new();
    hazardous.iter().for_each(|&cell| {
        cells.entry(cell).or_default();
    });
    for passed in coverage {
        cells.entry(passed.cell).or_default().push(passed);
    }
    let surveyed = cells.into_iter().map(|(cell, passed)| {
        let sum = |count: fn(&Coverage) -> u32| passed.iter().map(|one| count(one)).sum::<u32>();
        let able_passes = sum(|one| one.able_passes);
        let able = passed.iter().filter(|one| one.able_passes > 0);
        let last_week = able.filter_map(|one| one.week).max();
        let octants: BTreeSet<u8> = passed.iter().map(|one| one.octant).collect();
        let answer = if hazardous.contains(&cell) {
            Answer::Hazard
        } else if able_passes == 0 {
            Answer::NotSurveyed
        } else if last_week.is_none() || last_week < fresh_from {
            Answer::SurveyedLongAgo
        } else {
            Answer::NothingFound
        };
        Survey {
            cell,
            answer,
            passes: sum(|one| one.passes),
            able_passes,
            drivers: passed.iter().map(|one| one.drivers).max().unwrap_or(0),
            directions: u32::try_from(octants.len()).unwrap_or(u32::MAX),
            last_week,
            missed: (1.0 - config.rates.detection).powf(f64::from(able_passes)),
        }
    });
    surveyed.collect()
}

/// The cell that a position lies in.
pub fn cell_at(position: Position) -> CellIndex {
    cells::cell_of(position, COVERAGE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Ledger;
    use crate::street::{Drive, MONDAY, south_end};

    /// The answer for a place on the street, as seen so many days after that Monday.
    fn answer(drives: &[Drive], along_m: f64, day: i32) -> Option<Answer> {
        let mut ledger = Ledger::new(Config::default());
        for drive in drives {
            ledger.record(drive.fact(1));
        }
        let as_of_us = Some(i64::from(MONDAY + day) * DAY_US);
        let projection = ledger.project(as_of_us);
        let config = Config::default();
        let (coverage, hazards) = (projection.coverage, projection.hazards);
        let cells = survey(&coverage, &hazards, as_of_us, &Zone::UTC, &config);
        let here = cell_at(south_end().moved(along_m, 0.0));
        let found = cells.into_iter().find(|survey| survey.cell == here);
        found.map(|survey| survey.answer)
    }

    #[test]
    fn unknown_old_quiet_and_bad_road_are_four_answers() {
        let felt: Vec<Drive> = (["a", "b", "c"].into_iter().zip(1..))
            .map(|(device, trip)| Drive::new(device, trip).felt(&[30.0]))
            .collect();
        assert_eq!(answer(&felt, 30.0, 1), Some(Answer::Hazard));
        assert_eq!(answer(&felt, 150.0, 1), Some(Answer::NothingFound));
        assert_eq!(answer(&felt, 150.0, 150), Some(Answer::SurveyedLongAgo));
        assert_eq!(answer(&felt, 5_000.0, 1), None);
        let blind = [Drive {
            able: false,
            ..Drive::new("a", 1)
        }];
        assert_eq!(answer(&blind, 150.0, 1), Some(Answer::NotSurveyed));
        let undated = [Drive {
            day: None,
            ..Drive::new("a", 1)
        }];
        assert_eq!(answer(&undated, 150.0, 1), Some(Answer::SurveyedLongAgo));
    }
}
