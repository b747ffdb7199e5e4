//! Negative controls for people, each alarm a line that can be run.

use std::io::{self, Write};

use super::{in_brackets, or_dash};
use crate::evaluate::controls::{Alarm, ControlSet, Controls};
use crate::render;

pub(super) fn write(controls: &Controls, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "\nNegative controls: nothing wanted is marked there; an alarm may be real, nobody looked"
    )?;
    let header = [
        "set",
        "traces",
        "rides",
        "h",
        "alarms",
        "per h",
        "[Poisson]",
        "[rides]",
        "in harsh manoeuvres",
    ];
    let row = |set: &ControlSet| {
        vec![
            set.set.clone(),
            set.basis.traces.to_string(),
            set.basis.rides.to_string(),
            format!("{:.2}", set.basis.recorded_h),
            set.alarms.to_string(),
            or_dash(set.alarms_per_h, 1),
            in_brackets(set.poisson_interval, 1).trim().to_owned(),
            in_brackets(set.bootstrap_interval, 1).trim().to_owned(),
            format!("{} ({} marked)", set.in_manoeuvre, set.manoeuvres),
        ]
    };
    let pooled = (controls.sets.len() > 1).then_some(&controls.pooled);
    let rows = controls.sets.iter().chain(pooled).map(row);
    writeln!(out, "{}", render::table(&header, &[1, 2, 3, 4, 5], rows))?;
    if !controls.alarms.is_empty() {
        writeln!(out, "Alarms, each to be looked at:")?;
    }
    for alarm in &controls.alarms {
        writeln!(out, "  {}", line(alarm))?;
    }
    Ok(())
}

fn line(alarm: &Alarm) -> String {
    let inside = alarm.inside.as_ref();
    let inside = inside.map_or_else(String::new, |kind| format!(", inside {kind}"));
    format!(
        "jounce explain {} --at {:.2}    # score {:.2}{inside}",
        quoted(&alarm.trace),
        alarm.t_s,
        alarm.score
    )
}

/// A path as a shell takes it.
fn quoted(path: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+=:,@".contains(c);
    if path.chars().all(plain) {
        return path.to_owned();
    }
    format!("'{}'", path.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_survives_the_shell() {
        assert_eq!(quoted("a/trip1.csv.gz"), "a/trip1.csv.gz");
        assert_eq!(quoted("my drive's.csv"), r"'my drive'\''s.csv'");
    }
}
