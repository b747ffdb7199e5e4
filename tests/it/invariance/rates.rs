//! Slower and coarser sensors: what is found gets less, gently.

use std::ffi::OsStr;

use crate::support::{good, jounce, sample_traces};

/// Average precision of the sample drives as recorded, and at each rate.
fn average_precisions(options: &[&str]) -> Vec<f64> {
    let samples = sample_traces();
    let mut args: Vec<&OsStr> = vec!["evaluate".as_ref(), samples.as_os_str()];
    args.extend(["--tolerance=0.5", "--format=json"].map(OsStr::new));
    args.extend(options.iter().map(OsStr::new));
    let rows: serde_json::Value = serde_json::from_str(&good(&args)).unwrap();
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| row["average_precision"].as_f64().unwrap())
        .collect()
}

#[test]
fn precision_falls_gently_with_the_rate() {
    let slower = average_precisions(&["--resample=25,15"]);
    let browser = average_precisions(&["--resample=60", "--quantum=0.1"]);
    eprintln!(
        "as recorded, 25, 15 Hz: {slower:.3?}; as recorded, a browser's 60 Hz: {browser:.3?}"
    );
    assert!(slower[1] > slower[0] - 0.1 && slower[2] > slower[0] - 0.2);
    assert!(browser[1] > browser[0] - 0.05);
}

#[test]
fn rates_that_no_sensor_has_are_refused() {
    for option in ["--resample=0", "--resample=fast", "--quantum=0.1"] {
        let ran = jounce(&["evaluate", "drives", option]);
        assert_eq!(ran.code, 2, "{option}: {}", ran.err);
    }
}
