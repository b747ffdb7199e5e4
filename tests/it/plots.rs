//! `jounce evaluate --plots`: the pictures of an evaluation.

use std::ffi::OsStr;

use crate::support::{good, sample_files};

#[test]
fn an_evaluation_draws_a_picture_for_every_set_and_question() {
    let folder = tempfile::tempdir().unwrap();
    let plots = folder.path().join("new/pictures");
    let mut args: Vec<&OsStr> = vec!["evaluate".as_ref()];
    let traces = sample_files();
    args.extend(traces[..2].iter().map(|trace| trace.as_os_str()));
    let more = ["--detector", "jounce,sta_lta", "--plots"];
    args.extend(more.map(OsStr::new));
    args.push(plots.as_os_str());
    good(&args);
    let read = |question: &str| {
        let name = format!("simulated.{question}.svg");
        std::fs::read_to_string(plots.join(name)).expect(question)
    };
    let curve = read("precision-recall");
    // A line for each detector, and the dots of their thresholds.
    for word in ["jounce 0.", "sta_lta 0.", "speed_bump; within ±1.0 s"] {
        assert!(curve.contains(word), "{word}");
    }
    assert_eq!(curve.matches("r=\"4.5\"").count(), 2);
    for question in ["chance", "chance-of-kind", "place", "roughness"] {
        let svg = read(question);
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n"));
        assert!(!svg.contains("NaN") && !svg.contains("inf,"), "{question}");
    }
    let first = read("roughness");
    good(&args);
    assert_eq!(first, read("roughness"));
}
