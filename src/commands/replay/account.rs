//! What a replay did, in words.

use std::io::Write;
use std::path::PathBuf;

use aggregator::{Recorded, Summary};
use ingest::folder::Survey;

use super::Taking;
use super::session::Session;
use crate::render::{self, count, grouped};

/// Writes what was passed over, what changed nothing, and the sums.
pub(super) fn write(session: &Session, survey: &Survey, out: &mut dyn Write) -> anyhow::Result<()> {
    write_passed_over(survey, out)?;
    for (paths, what) in [
        (&session.known, "already in the map, nothing changed"),
        (
            &session.replaced,
            "took the place of what the map held of its trip",
        ),
        (
            &session.unknown,
            "not in the map and left alone; `jounce replay` takes it in",
        ),
        (
            &session.by_phone,
            "judged by the phone itself, without readings it cannot be judged again",
        ),
    ] {
        tell(paths, what, out)?;
    }
    for parts in &session.joined {
        let names: Vec<String> = parts
            .iter()
            .map(|part| part.display().to_string())
            .collect();
        writeln!(out, "{}: parts of one trip, read as one", names.join(" + "))?;
    }
    let refused = session.counts.refused_traces + survey.refused.len() as u64;
    let mut rows = vec![
        (
            "traces",
            join([
                format!("{} read", grouped(session.counts.traces)),
                format!("{} with something refused", grouped(refused)),
                format!("{} passed over", grouped(survey.passed_over.len() as u64)),
            ]),
        ),
        ("trips", trips(session)),
        (
            "readings",
            join([
                count(session.counts.messages, "message", "messages"),
                count(session.counts.samples, "sample", "samples"),
                count(session.counts.fixes, "fix", "fixes"),
            ]),
        ),
    ];
    let dropped = dropped(session);
    if !dropped.is_empty() {
        rows.push(("dropped", dropped));
    }
    rows.extend(map_now(&session.store.summary()?));
    let rows = rows
        .into_iter()
        .map(|(name, value)| vec![name.to_owned(), value]);
    writeln!(out, "{}", render::table(&[], &[], rows))?;
    Ok(())
}

/// Tells of every trace what became of its trips; of a trace with many, how many they were.
fn tell(paths: &[PathBuf], what: &str, out: &mut dyn Write) -> anyhow::Result<()> {
    for of_trace in paths.chunk_by(|a, b| a == b) {
        let path = of_trace[0].display();
        match of_trace.len() {
            1 => writeln!(out, "{path}: {what}")?,
            n => writeln!(out, "{path}: {what} ({} trips)", grouped(n as u64))?,
        }
    }
    Ok(())
}

/// Lists what was no trace, and what it is.
pub(super) fn write_passed_over(survey: &Survey, out: &mut dyn Write) -> anyhow::Result<()> {
    for passed in &survey.passed_over {
        writeln!(
            out,
            "passed over {}: {}",
            passed.path.display(),
            passed.kind
        )?;
    }
    Ok(())
}

fn join(parts: impl IntoIterator<Item = String>) -> String {
    parts.into_iter().collect::<Vec<_>>().join(", ")
}

fn trips(session: &Session) -> String {
    let times = |recorded| session.recorded.get(&recorded).copied().unwrap_or(0);
    let anew = session.taking == Taking::Held;
    let same = if anew {
        "the same already"
    } else {
        "already in the map"
    };
    let parts = [
        (times(Recorded::Added), "new", !anew),
        (
            times(Recorded::Replaced) + times(Recorded::Superseded),
            "replaced",
            true,
        ),
        (times(Recorded::Unchanged), same, true),
        (session.unknown.len() as u64, "not in the map", anew),
        (
            session.by_phone.len() as u64,
            "judged by the phone itself",
            anew,
        ),
        (
            times(Recorded::Outranked),
            "not taken, the map holds more",
            false,
        ),
        (
            times(Recorded::Withdrawn),
            "not taken, their driver withdrew them",
            false,
        ),
        (
            times(Recorded::Sealed),
            "in the map already, in sums of a season that was sealed",
            false,
        ),
        (session.counts.silent_trips, "empty", false),
    ];
    let told = parts.into_iter().filter(|(n, _, always)| *always || *n > 0);
    join(told.map(|(n, what, _)| format!("{} {what}", grouped(n))))
}

/// What the way in dropped; empty when it dropped nothing.
fn dropped(session: &Session) -> String {
    let tally = session.counts.tally;
    let parts = [
        (tally.duplicates, "repeated messages"),
        (tally.late, "late messages"),
        (u64::from(tally.missing), "messages missing"),
        (
            tally.repeated_readings(),
            "readings not later than the one before",
        ),
        (session.counts.refused, "lines or values refused"),
    ];
    let told = parts.into_iter().filter(|(n, _)| *n > 0);
    join(told.map(|(n, what)| format!("{} {what}", grouped(n))))
}

fn map_now(summary: &Summary) -> [(&'static str, String); 3] {
    let states = summary
        .hazards_by_state
        .iter()
        .map(|(state, n)| format!("{} {state}", grouped(*n)));
    let hazards = match summary.hazards() {
        0 => "0".to_owned(),
        n => format!("{} ({})", grouped(n), join(states)),
    };
    [
        (
            "the map now",
            join([
                count(summary.trips, "trip", "trips"),
                format!("{:.1} h", summary.hours),
                format!("{:.1} km of road judged", summary.km_judged),
            ]),
        ),
        (
            "bumps",
            join([
                format!("{} on the map", grouped(summary.bumps_mapped)),
                format!("{} without a place", grouped(summary.bumps_without_place)),
            ]),
        ),
        ("hazards", hazards),
    ]
}
