//! Coverage as it is given away: was this road surveyed, and what was found?

use std::collections::BTreeMap;

use h3o::{CellIndex, LatLng};

use super::hazard::PublicHazard;
use super::range::FEW;
use super::shape::Shape;
use super::sheet::{Column, Sheet};
use crate::config::Config;
use crate::coverage::Coverage;
use crate::geojson::rounded;
use crate::survey::{Answer, Survey, survey};
use crate::zone::Zone;

/// A cell as staff and research see it.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    survey: Survey,
    rms_mps2: Option<f64>,
    speed_mps: Option<f64>,
}

/// A cell as everybody may see it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PublicCell {
    cell: CellIndex,
    decimals: i32,
    /// The answer of what k distinct drivers at least did in one week and direction; `None` when no
    /// more is known than that somebody surveyed it.
    answer: Option<Answer>,
    counts: Option<Counts>,
}

/// What enough drivers did in a cell.
#[derive(Clone, Debug, PartialEq)]
struct Counts {
    passes_range: String,
    able_passes_range: String,
    drivers_range: String,
    directions: u32,
    last_week: String,
}

/// What staff and research see of cells that were surveyed, in the order given.
pub(crate) fn cells(surveyed: Vec<Survey>, coverage: &[Coverage]) -> Vec<Cell> {
    /// Passes of known roughness and speed, and their sums.
    #[derive(Default)]
    struct Sums {
        rough_passes: i64,
        log_rms_micro: i64,
        speed_passes: i64,
        speed_mmps: i64,
    }
    let mut sums: BTreeMap<CellIndex, Sums> = BTreeMap::new();
    for passed in coverage {
        let sums = sums.entry(passed.cell).or_default();
        sums.rough_passes += i64::from(passed.rough_passes);
        sums.log_rms_micro += passed.log_rms_sum_micro;
        sums.speed_passes += i64::from(passed.speed_passes);
        sums.speed_mmps += passed.speed_sum_mmps;
    }
    let mean = |sum: i64, count: i64| (count > 0).then(|| sum as f64 / count as f64);
    let cell = |survey: Survey| {
        let sums = sums.get(&survey.cell);
        let log_rms = sums.and_then(|sums| mean(sums.log_rms_micro, sums.rough_passes));
        let speed = sums.and_then(|sums| mean(sums.speed_mmps, sums.speed_passes));
        Cell {
            survey,
            rms_mps2: log_rms.map(|log_rms| rounded((log_rms / 1e6).exp(), 3)),
            speed_mps: speed.map(|speed| rounded(speed / 1e3, 2)),
        }
    };
    surveyed.into_iter().map(cell).collect()
}

/// What everybody may see of the cells that anybody passed, in order of the cells.
///
/// Only what k distinct drivers did in one cell, direction and week is counted, so that no week and
/// no direction can be told apart that fewer drove. Where fewer did, no more is said than that it
/// was surveyed; where they would not have shown a defect, nothing.
pub(crate) fn public(
    coverage: &[Coverage],
    hazards: &[PublicHazard<'_>],
    as_of_us: Option<i64>,
    zone: &Zone,
    config: &Config,
) -> Vec<PublicCell> {
    let rule = &config.release;
    let is_told = |passed: &&Coverage| passed.drivers >= rule.k();
    let told: Vec<Coverage> = coverage.iter().filter(is_told).copied().collect();
    let hazards = hazards.iter().map(|told| told.hazard);
    let mut cells: BTreeMap<CellIndex, PublicCell> = BTreeMap::new();
    for passed in coverage.iter().filter(|passed| passed.able_passes > 0) {
        let few = PublicCell {
            cell: passed.cell,
            decimals: rule.place_decimals,
            answer: None,
            counts: None,
        };
        cells.insert(passed.cell, few);
    }
    for survey in survey(&told, hazards, as_of_us, zone, config) {
        let counts = (survey.drivers >= rule.k()).then(|| Counts {
            passes_range: rule.range(survey.passes),
            able_passes_range: rule.range(survey.able_passes),
            drivers_range: rule.range(survey.drivers),
            directions: survey.directions,
            last_week: (survey.last_week).map_or_else(String::new, |week| week.to_string()),
        });
        let cell = PublicCell {
            cell: survey.cell,
            decimals: rule.place_decimals,
            answer: Some(survey.answer),
            counts,
        };
        cells.insert(survey.cell, cell);
    }
    cells.into_values().collect()
}

/// What the public is told where fewer than k drivers surveyed.
const SURVEYED_FEW: &str = "surveyed_few";

impl PublicCell {
    fn answer(&self) -> &'static str {
        self.answer.map_or(SURVEYED_FEW, Answer::name)
    }

    fn range(&self, range: fn(&Counts) -> &str) -> &str {
        self.counts.as_ref().map_or(FEW, range)
    }
}

/// The middle of a cell: latitude and longitude, degrees.
fn middle(cell: CellIndex, decimals: i32) -> (f64, f64) {
    let middle = LatLng::from(cell);
    (
        rounded(middle.lat(), decimals),
        rounded(middle.lng(), decimals),
    )
}

/// Decimals of degrees of the middle of a cell: a centimetre.
const DECIMALS: i32 = 7;

/// What staff and research get of coverage.
pub(crate) fn sheet() -> Sheet<Cell> {
    let columns = vec![
        Column::text("cell", "H3 cell, resolution 11", |row: &Cell| {
            row.survey.cell.to_string().into()
        }),
        Column::number("lat_deg", "latitude of its middle, WGS 84", |row| {
            Some(middle(row.survey.cell, DECIMALS).0)
        }),
        Column::number("lon_deg", "longitude of its middle, WGS 84", |row| {
            Some(middle(row.survey.cell, DECIMALS).1)
        }),
        Column::text(
            "answer",
            "not_surveyed, surveyed_long_ago, surveyed_nothing_found, hazard",
            |row| row.survey.answer.name().into(),
        ),
        Column::whole("passes", "trips that passed", |row| {
            Some(row.survey.passes.into())
        }),
        Column::whole(
            "able_passes",
            "those that would have shown a defect",
            |row| Some(row.survey.able_passes.into()),
        ),
        Column::whole(
            "drivers",
            "distinct, the most in any week and direction",
            |row| Some(row.survey.drivers.into()),
        ),
        Column::whole("directions", "directions driven, of eight", |row| {
            Some(row.survey.directions.into())
        }),
        Column::text(
            "last_week",
            "the last ISO week in which anybody able passed",
            |row| {
                (row.survey.last_week)
                    .map_or_else(String::new, |week| week.to_string())
                    .into()
            },
        ),
        Column::number(
            "missed",
            "the probability that all able passes missed a defect, were there one",
            |row| Some(rounded(row.survey.missed, 4)),
        ),
        Column::truth(
            "rough_known",
            "whether any pass knew how rough it is",
            |row| Some(row.rms_mps2.is_some()),
        ),
        Column::number(
            "rms_mps2",
            "geometric mean of the vertical RMS from 0.7 to 20 Hz, brought to 40 km/h",
            |row| row.rms_mps2,
        ),
        Column::number("speed_mps", "mean speed of the passes", |row| row.speed_mps),
    ];
    Sheet {
        columns,
        shape: |row| Shape::cell(row.survey.cell),
        place: |row| middle(row.survey.cell, DECIMALS),
    }
}

/// What the public gets of coverage.
pub(crate) fn public_sheet() -> Sheet<PublicCell> {
    let columns = vec![
        Column::text("cell", "H3 cell, resolution 11", |row: &PublicCell| {
            row.cell.to_string().into()
        }),
        Column::number("lat_deg", "latitude of its middle, WGS 84", |row| {
            Some(middle(row.cell, row.decimals).0)
        }),
        Column::number("lon_deg", "longitude of its middle, WGS 84", |row| {
            Some(middle(row.cell, row.decimals).1)
        }),
        Column::text(
            "answer",
            "surveyed_few (by fewer than k drivers), not_surveyed, surveyed_long_ago, surveyed_nothing_found, hazard",
            |row| row.answer().into(),
        ),
        Column::truth(
            "few_drivers",
            "fewer than k drivers in every week and direction: nothing is counted",
            |row| Some(row.counts.is_none()),
        ),
        Column::text(
            "passes_range",
            "trips that passed: 3-5, 6-10, 11-25, 26+ or few",
            |row| row.range(|counts| &counts.passes_range).into(),
        ),
        Column::text(
            "able_passes_range",
            "those that would have shown a defect, likewise",
            |row| row.range(|counts| &counts.able_passes_range).into(),
        ),
        Column::text(
            "drivers_range",
            "distinct, the most in any week and direction, likewise",
            |row| row.range(|counts| &counts.drivers_range).into(),
        ),
        Column::whole(
            "directions",
            "directions that enough drivers drove, of eight",
            |row| row.counts.as_ref().map(|counts| counts.directions.into()),
        ),
        Column::text(
            "last_week",
            "the last ISO week in which enough drivers passed, somebody able among them",
            |row| {
                row.counts
                    .as_ref()
                    .map_or("", |counts| &counts.last_week)
                    .into()
            },
        ),
    ];
    Sheet {
        columns,
        shape: |row| Shape::cell(row.cell),
        place: |row| middle(row.cell, row.decimals),
    }
}
