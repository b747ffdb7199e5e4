//! `jounce train`: the detector's weights, learnt from marked drives.

mod table;

use std::fmt::Write as _;
use std::io::Write;

use anyhow::Context as _;
use detector::BodyFeatures;

use super::Ending;
use super::evaluate::{config, scoring, warn_of_unmarked_kinds};
use super::recordings::gather;
use crate::cli;
use crate::evaluate::Drive;
use crate::train::logistic::Logistic;
use crate::train::{Course, Lesson, Outcome, Plan, course};

pub(super) fn run(args: &cli::Train, out: &mut dyn Write) -> anyhow::Result<Ending> {
    let scoring = scoring(&args.marks);
    let plan = Plan {
        selection: scoring.selection,
        tolerance: scoring.tolerance,
        ridge: args.ridge,
        config: config(args.config.as_deref())?,
    };
    let gathered = gather(&args.paths, |recording| Lesson::of(&recording))?;
    if gathered.is_stopped() {
        eprintln!("stopped; nothing is learnt");
        return Ok(Ending::Stopped);
    }
    let refused = gathered.refused;
    let lessons = gathered.drives;
    warn_of_unmarked_kinds(&args.marks, lessons.iter().flat_map(|it| it.drive.marks()));
    let (lessons, passed_over) = course::marked(lessons, &plan);
    tell_passed_over(&passed_over);
    let course = Course::new(&plan, &lessons)?;
    let outcome = Outcome::of(&course)?;
    let weights = weights(&outcome.model);
    out.write_all(weights.as_bytes())?;
    table::write(&outcome, &course, out)?;
    if let Some(path) = &args.out {
        std::fs::write(path, &weights)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(Ending::refused_if(refused))
}

/// The weights as a configuration that holds nothing else.
fn weights(model: &Logistic) -> String {
    let mut text = format!("[body.weights]\nbias = {:.2}\n", model.bias);
    for (name, weight) in BodyFeatures::NAMES.iter().zip(&model.weights) {
        writeln!(text, "{name} = {weight:.2}").expect("a text takes everything");
    }
    text
}

fn tell_passed_over(drives: &[Drive]) {
    for drive in drives {
        let why = match &drive.marks {
            None => "no labels lie beside it",
            Some(_) => "nothing wanted is marked in its set",
        };
        eprintln!("{}: not learnt from: {why}", drive.trace);
    }
}
