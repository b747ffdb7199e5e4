//! `jounce map coverage`: which road was surveyed, and what was found.

use std::io::Write;

use aggregator::{Answer, Mode, Store, Survey, cell_at};
use anyhow::Context as _;

use crate::cli::{ListFormat, MapCoverage};
use crate::render;

pub(super) fn run(args: &MapCoverage, out: &mut dyn Write) -> anyhow::Result<()> {
    let store = Store::open(&args.file, Mode::Read).context("cannot read the map")?;
    let mut cells = store.survey().context("cannot read the map")?;
    if let Some(at) = args.at {
        let here = cell_at(at);
        cells.retain(|survey| survey.cell == here);
        if args.format == ListFormat::Table {
            return write_answer(cells.first(), out);
        }
    }
    match args.format {
        ListFormat::Table => write_table(&cells, out),
        ListFormat::Csv => write_csv(&cells, out),
        ListFormat::Geojson => Ok(aggregator::geojson::write_survey(&cells, out)?),
        ListFormat::Json => Ok(aggregator::geojson::write_survey_objects(&cells, out)?),
    }
}

/// What is known of one place, in a sentence.
fn write_answer(survey: Option<&Survey>, out: &mut dyn Write) -> anyhow::Result<()> {
    let Some(survey) = survey else {
        writeln!(out, "not surveyed: nobody passed here, so nothing is known")?;
        return Ok(());
    };
    let passes = format!(
        "{} of {} would have felt a defect",
        survey.able_passes,
        render::count(survey.passes.into(), "pass", "passes"),
    );
    let last = survey.last_week.map_or_else(
        || "nobody knows when".to_owned(),
        |week| format!("the last of them in {week}"),
    );
    match survey.answer {
        Answer::NotSurveyed => {
            writeln!(out, "not surveyed: {passes}, so nothing is known")?;
        }
        Answer::SurveyedLongAgo => writeln!(out, "surveyed long ago: {passes}, {last}")?,
        Answer::NothingFound => writeln!(
            out,
            "surveyed, nothing found: {passes}, {last}; a defect would have been missed by all of \
             them with {:.0} %",
            100.0 * survey.missed
        )?,
        Answer::Hazard => writeln!(
            out,
            "hazard: {passes}, {last}; `jounce map list` tells more"
        )?,
    }
    Ok(())
}

fn write_table(cells: &[Survey], out: &mut dyn Write) -> anyhow::Result<()> {
    let words = |answer: Answer| match answer {
        Answer::NotSurveyed => "passed, but not surveyed",
        Answer::SurveyedLongAgo => "surveyed long ago",
        Answer::NothingFound => "surveyed, nothing found",
        Answer::Hazard => "hazard",
    };
    let rows = Answer::ALL.iter().map(|&answer| {
        let of = || cells.iter().filter(|survey| survey.answer == answer);
        let sum = |count: fn(&Survey) -> u32| {
            render::grouped(of().map(|survey| u64::from(count(survey))).sum())
        };
        vec![
            words(answer).to_owned(),
            render::grouped(of().count() as u64),
            sum(|survey| survey.passes),
            sum(|survey| survey.able_passes),
        ]
    });
    let header = ["road", "cells", "passes", "able"];
    writeln!(out, "{}", render::table(&header, &[1, 2, 3], rows))?;
    writeln!(
        out,
        "A cell is 0.002 km². Where no cell is listed nobody passed: that road is unknown, not good."
    )?;
    Ok(())
}

fn write_csv(cells: &[Survey], out: &mut dyn Write) -> anyhow::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record([
        "cell",
        "answer",
        "passes",
        "able_passes",
        "drivers",
        "directions",
        "last_week",
        "missed",
    ])?;
    for survey in cells {
        csv.write_record([
            survey.cell.to_string(),
            survey.answer.to_string(),
            survey.passes.to_string(),
            survey.able_passes.to_string(),
            survey.drivers.to_string(),
            survey.directions.to_string(),
            (survey.last_week).map_or_else(String::new, |week| week.to_string()),
            format!("{:.4}", survey.missed),
        ])?;
    }
    csv.flush()?;
    Ok(())
}
