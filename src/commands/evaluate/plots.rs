//! An evaluation as pictures: one SVG for each set and question.

mod chart;
mod curve;
mod truth;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;

use crate::evaluate::Evaluation;
use crate::evaluate::figures::Figures;
use crate::render;

/// Draws what the evaluations hold into a folder, which is made, and tells what was written.
///
/// # Errors
/// When the folder or a file in it cannot be written.
pub(super) fn write(evaluations: &[Evaluation], folder: &Path) -> anyhow::Result<()> {
    let pictures = pictures(evaluations);
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for (name, svg) in &pictures {
        let path = folder.join(name);
        std::fs::write(&path, svg).with_context(|| format!("cannot write {}", path.display()))?;
    }
    let count = render::count(pictures.len() as u64, "picture", "pictures");
    eprintln!("{count} in {}:", folder.display());
    pictures.keys().for_each(|name| eprintln!("  {name}"));
    Ok(())
}

/// Every picture by the name of its file.
fn pictures(evaluations: &[Evaluation]) -> BTreeMap<String, String> {
    let mut pictures = BTreeMap::new();
    for ((set, part), figures) in by_set(evaluations) {
        let of = if part.is_empty() {
            set.to_owned()
        } else {
            format!("{set} {part}")
        };
        let svg = curve::precision_recall(&of, &figures);
        pictures.insert(file_name(&of, "precision-recall"), svg);
    }
    // What only one detector says is drawn of the first that says it.
    for evaluation in evaluations.iter().rev() {
        let by = &evaluation.detector.name;
        for said in &evaluation.probability {
            let svg = curve::reliability(by, "it was marked", said);
            pictures.insert(file_name(&said.set, "chance"), svg);
        }
        for said in &evaluation.kind_probability {
            let svg = curve::reliability(by, "it had that kind", said);
            pictures.insert(file_name(&said.set, "chance-of-kind"), svg);
        }
        for place in &evaluation.place {
            pictures.insert(file_name(&place.set, "place"), truth::place(by, place));
        }
        for roughness in &evaluation.roughness {
            let svg = truth::roughness(by, roughness);
            pictures.insert(file_name(&roughness.set, "roughness"), svg);
        }
    }
    pictures
}

/// The figures of all detectors for each set and part of it.
type BySet<'a> = BTreeMap<(&'a str, &'a str), Vec<(&'a Evaluation, &'a Figures)>>;

fn by_set(evaluations: &[Evaluation]) -> BySet<'_> {
    let mut sets = BySet::new();
    for evaluation in evaluations {
        for figures in &evaluation.figures {
            let key = (figures.set.as_str(), figures.part.as_str());
            sets.entry(key).or_default().push((evaluation, figures));
        }
    }
    sets
}

/// A name that every file system takes; a set is named by folders.
fn file_name(of: &str, question: &str) -> String {
    let legal = |letter: char| {
        let keep = letter.is_alphanumeric() || matches!(letter, '-' | '_');
        if keep { letter } else { '-' }
    };
    let of: String = of.chars().map(legal).collect();
    format!("{of}.{question}.svg")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_below_another_folder_is_one_file() {
        let name = file_name("town/simulated 10–20 Hz", "place");
        assert_eq!(name, "town-simulated-10-20-Hz.place.svg");
    }
}
