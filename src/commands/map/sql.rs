//! `jounce map sql`: a question in SQL.

use std::io::Write;
use std::time::Duration;

use aggregator::{Mode, Store};
use anyhow::Context as _;

use crate::cli::{MapSql, SqlFormat};
use crate::render;

pub(super) fn run(args: &MapSql, out: &mut dyn Write) -> anyhow::Result<()> {
    let store = Store::open(&args.file, Mode::Read).context("cannot read the map")?;
    let within = Duration::from_secs(args.seconds);
    let answered = store.ask(&args.question, args.rows, within)?;
    let text = |value: Option<String>| value.unwrap_or_default();
    let rows =
        (answered.rows.into_iter()).map(|row| row.into_iter().map(text).collect::<Vec<String>>());
    match args.format {
        SqlFormat::Csv => {
            let mut csv = csv::Writer::from_writer(out);
            csv.write_record(&answered.columns)?;
            rows.into_iter().try_for_each(|row| csv.write_record(row))?;
            csv.flush()?;
        }
        SqlFormat::Table => {
            let header: Vec<&str> = answered.columns.iter().map(String::as_str).collect();
            writeln!(out, "{}", render::table(&header, &[], rows))?;
        }
    }
    if answered.has_more {
        eprintln!("there are more rows; --rows gives more than {}", args.rows);
    }
    Ok(())
}
