//! `train`: as people run it, and the shipped weights, which must come out of it.

use std::path::Path;

use detector::BodyWeights;
use jounce::evaluate::{Recording, Selection, Tolerance};
use jounce::train::{Course, Lesson, Outcome, Plan, course};

use crate::evaluate::{Bench, labels};
use crate::support::{good, real_traces};

/// Three rides, two of them marked, with a jolt every 20 s.
fn bench() -> Bench {
    let bench = Bench::new(Some(&labels(&[20.0, 40.0], "pothole")));
    bench.drive("city/other", Some(&labels(&[40.0, 60.0], "speed_bump")));
    bench.drive("city/quiet", Some(&labels(&[], "pothole")));
    bench.drive("city/unlabelled", None);
    bench.drive("yard/drive", None);
    bench
}

#[test]
fn what_is_learnt_is_a_configuration_and_the_same_each_time() {
    let bench = bench();
    let file = bench.path("learnt.toml");
    let out = ["--out", file.to_str().unwrap()];
    let ran = bench.run("train", &out);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("Without marks: city quiet"), "{}", ran.out);
    assert!(ran.out.contains("3 traces of 3 rides"), "{}", ran.out);
    assert_eq!(ran.err.matches("not learnt from").count(), 2, "{}", ran.err);
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(ran.out.starts_with(&text) && text.starts_with("[body.weights]"));
    assert_eq!(bench.run("train", &[]).out, ran.out);
    let with = bench.run("evaluate", &["--config", file.to_str().unwrap()]);
    assert_eq!(with.code, 0, "{}", with.err);
}

#[test]
fn one_marked_ride_is_not_enough() {
    let bench = Bench::new(Some(&labels(&[20.0, 40.0], "pothole")));
    let ran = bench.run("train", &[]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("two at least"), "{}", ran.err);
}

#[test]
fn help_shows_how_to_train() {
    insta::assert_snapshot!("help-train", good(&["train", "--help"]));
}

/// The marked Noida drives, as lessons.
fn noida(traces: &Path) -> Vec<Lesson> {
    let traces = ingest::folder::survey([traces.join("jiit2012")]).traces;
    let lessons = traces.iter().map(|path| {
        let (_, recording) = Recording::read(path, "jiit2012");
        Lesson::of(&recording.unwrap().unwrap())
    });
    lessons.collect()
}

fn learnt(traces: &Path, body: BodyWeights) -> Outcome {
    let mut config = detector::Config::default();
    config.body.weights = body;
    let plan = Plan {
        selection: Selection {
            wanted: vec!["pothole".to_owned(), "speed_bump".to_owned()],
            ignored: Vec::new(),
        },
        tolerance: Tolerance::even(1.0),
        ridge: 3.0,
        config,
    };
    let (lessons, _) = course::marked(noida(traces), &plan);
    Outcome::of(&Course::new(&plan, &lessons).unwrap()).unwrap()
}

#[test]
fn what_is_learnt_holds_on_rides_left_out() {
    let Some(traces) = real_traces() else { return };
    let outcome = learnt(&traces, BodyWeights::default());
    let (body, both) = (outcome.body.left_out, outcome.both.left_out);
    eprintln!("rides left out: body {body:?}, both {both:?}");
    assert!(body.average_precision.unwrap() >= 0.55);
    assert!(both.average_precision.unwrap() >= 0.55);
}

#[test]
fn the_shipped_weights_are_what_training_gives_wherever_it_begins() {
    let Some(traces) = real_traces() else { return };
    let nothing = BodyWeights {
        bias: -3.0,
        swell: 0.5,
        bounce: 0.5,
        contrast: 0.5,
        peak: 0.0,
        level: 0.0,
        overshoot: 0.0,
        braking: 0.0,
        sway: 0.0,
    };
    let model = learnt(&traces, nothing).model;
    let shipped = course::weights_of(&detector::Config::default());
    eprintln!("learnt {model:?}\nshipped {shipped:?}");
    let apart = shipped.weights.iter().zip(&model.weights);
    assert!((shipped.bias - model.bias).abs() <= 0.05);
    assert!(apart.into_iter().all(|(a, b)| (a - b).abs() <= 0.05));
}
