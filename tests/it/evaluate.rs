//! `evaluate` as people run it.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::{CSV, Ran, good, jounce, program, real_traces, sample_traces};

/// A folder with one drive that jolts every 20 s from 20 s on, and what people marked.
pub(crate) struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    pub(crate) fn new(labels: Option<&str>) -> Self {
        let bench = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        bench.drive("city/drive", labels);
        bench
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn drive(&self, name: &str, labels: Option<&str>) {
        let trace = self.path(&format!("{name}.csv"));
        fs::create_dir_all(trace.parent().unwrap()).unwrap();
        CSV.write(&trace);
        if let Some(labels) = labels {
            self.write(&format!("{name}.labels.csv"), labels);
        }
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        fs::write(self.path(name), text).unwrap();
        self.path(name)
    }

    pub(crate) fn run(&self, command: &str, args: &[&str]) -> Ran {
        let mut all: Vec<&OsStr> = vec![command.as_ref()];
        all.extend(args.iter().map(OsStr::new));
        all.push(self.folder.path().as_os_str());
        let ran = jounce(&all);
        assert!(!ran.err.contains("panicked"), "{}", ran.err);
        ran
    }
}

/// Marks on the jolts at these seconds of the drive.
pub(crate) fn labels(seconds: &[f64], kind: &str) -> String {
    let mut text = "t_start,t_end,kind\n".to_owned();
    for t in seconds {
        let t_s = CSV.begin_s + t;
        text += &format!("{t_s:.3},{:.3},{kind}\n", t_s + 0.9);
    }
    text
}

pub(crate) fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.out).unwrap_or_else(|e| panic!("{e}: {}\n{}", ran.out, ran.err))
}

#[test]
fn help_shows_how_to_score() {
    for command in ["evaluate", "sweep", "diff"] {
        let help = good(&[command, "--help"]);
        assert!(help.contains("Examples:"), "{help}");
        insta::assert_snapshot!(format!("help-{command}"), help);
    }
}

#[test]
fn the_table_of_the_sample_drives() {
    let table = good(&["evaluate".as_ref(), sample_traces().as_os_str()]);
    assert!(
        table.lines().all(|line| line.chars().count() <= 110),
        "{table}"
    );
    insta::assert_snapshot!("table", table);
}

#[test]
fn every_format_says_the_same_and_says_it_again() {
    let samples = sample_traces();
    let evaluate = |format: &str| {
        let format = format!("--format={format}");
        good(&[
            "evaluate".as_ref(),
            samples.as_os_str(),
            OsStr::new(&format),
        ])
    };
    let text = evaluate("json");
    assert_eq!(text, evaluate("json"));
    let says: Value = serde_json::from_str(&text).unwrap();
    let figures = &says["figures"][0];
    let average = figures["average_precision"].as_f64().unwrap();
    let interval = &figures["average_precision_interval"];
    let low = interval["low"].as_f64().unwrap();
    let high = interval["high"].as_f64().unwrap();
    assert!(low <= average && average <= high);
    let average = format!("{average:.3} [{low:.3} {high:.3}]");
    for format in ["table", "markdown"] {
        let text = evaluate(format);
        assert!(text.contains(&average), "{average} is not in {text}");
        assert!(text.contains(says["detector"]["config_hash"].as_str().unwrap()));
    }
}

#[test]
fn rows_may_be_of_trips_kinds_or_rates() {
    let samples = sample_traces();
    let parts = |by: &str| {
        let by = format!("--by={by}");
        let args: [&OsStr; 4] = [
            "evaluate".as_ref(),
            samples.as_os_str(),
            by.as_ref(),
            "--format=json".as_ref(),
        ];
        let says: Value = serde_json::from_str(&good(&args)).unwrap();
        let rows = says["figures"].as_array().unwrap().iter();
        rows.map(|row| row["part"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(parts("set"), [""]);
    assert_eq!(parts("trip").len(), 8);
    assert_eq!(parts("kind"), ["pothole", "speed_bump"]);
    assert_eq!(parts("rate"), ["20–40 Hz", "40–75 Hz", "75 Hz and more"]);
}

#[test]
fn a_drive_with_known_jolts_scores_as_counted_by_hand() {
    // Jolts at 20, 40, 60 and 80 s; the last mark has no jolt.
    let bench = Bench::new(Some(&labels(&[20.0, 40.0, 60.0, 70.0], "pothole")));
    bench.drive("city/other", None);
    bench.drive("yard/drive", Some(&labels(&[40.0, 72.0], "harsh_brake")));
    let says = json(&bench.run("evaluate", &["--format=json"]));
    let city = &says["figures"][0];
    assert_eq!((&city["set"], &city["part"]), (&"city".into(), &"".into()));
    assert_eq!(city["basis"]["traces"], 1);
    assert_eq!(city["basis"]["marks"]["pothole"], 4);
    let at = &city["at_threshold"];
    let counts = ["hits", "false_alarms", "marks"].map(|name| at[name].as_u64().unwrap());
    assert_eq!(counts, [3, 1, 4], "{at}");
    assert_eq!(at["precision"], 0.75);
    assert!((city["basis"]["recorded_h"].as_f64().unwrap() - 90.0 / 3600.0).abs() < 1e-4);
    assert!((city["basis"]["gps_km"].as_f64().unwrap() - 89.0 * 0.012).abs() < 0.01);
    // A trace without labels is no good road.
    assert_eq!(says["unlabelled"].as_array().unwrap().len(), 1);
    let pooled = &says["controls"]["pooled"];
    assert_eq!(
        (&pooled["alarms"], &pooled["in_manoeuvre"]),
        (&4.into(), &1.into())
    );
    let table = bench.run("evaluate", &[]).out;
    let lines = table
        .lines()
        .filter(|line| line.contains("jounce explain "));
    assert_eq!(lines.count(), 4, "{table}");
    assert!(table.contains(", inside harsh_brake"), "{table}");
    // Ignored, the jolts on the brake marks are no alarms.
    let says = json(&bench.run("evaluate", &["--format=json", "--ignore=harsh_brake"]));
    assert_eq!(says["controls"]["pooled"]["alarms"], 3);
}

#[test]
fn published_detectors_stand_beside_the_products_own() {
    let bench = Bench::new(Some(&labels(&[20.0, 40.0, 60.0, 80.0], "pothole")));
    let names = "jounce,stdev_z,z_thresh,sta_lta,pothole_patrol,mad_z";
    let says = json(&bench.run("evaluate", &["--format=json", "--detector", names]));
    let all = says.as_array().unwrap();
    let named: Vec<&str> = (all.iter())
        .map(|it| it["detector"]["name"].as_str().unwrap())
        .collect();
    assert_eq!(named.join(","), names);
    for says in all {
        let average = says["figures"][0]["average_precision"].as_f64().unwrap();
        // The jolts are slow, and go up and down alike: nothing for who looks for blows.
        let blind = says["detector"]["name"] == "pothole_patrol";
        assert!(blind || average > 0.9, "{}: {average}", says["detector"]);
    }
    let table = bench
        .run("evaluate", &["--format=markdown", "--detector", names])
        .out;
    let rows = table
        .lines()
        .filter(|line| line.starts_with("| city: 1 ride"));
    assert_eq!(rows.count(), 6, "{table}");
    let one_score = bench.run("evaluate", &["--threshold=2", "--detector", names]);
    assert_eq!(one_score.code, 1, "{}", one_score.out);
}

#[test]
fn a_threshold_that_nothing_reaches_finds_nothing() {
    let bench = Bench::new(Some(&labels(&[20.0], "pothole")));
    let says = json(&bench.run("evaluate", &["--format=json", "--threshold=1000"]));
    let at = &says["figures"][0]["at_threshold"];
    assert_eq!((&at["hits"], &at["false_alarms"]), (&0.into(), &0.into()));
    assert_eq!(at["precision"], Value::Null);
    assert!(says["figures"][0]["best"]["f1"].as_f64().unwrap() > 0.0);
}

#[test]
fn damaged_labels_leave_the_drive_out_and_the_rest_is_scored() {
    let bench = Bench::new(Some(&labels(&[20.0, 40.0], "pothole")));
    for (labels, why) in [
        ("t_start,kind\n1,pothole\n", "column t_end is missing"),
        (
            "t_start,t_end,kind\n2,1,pothole\n",
            "line 2: t_end is not at or after t_start",
        ),
    ] {
        bench.drive("city/spoilt", Some(labels));
        let ran = bench.run("evaluate", &["--format=json"]);
        assert_eq!(ran.code, 1, "{}", ran.err);
        assert!(ran.err.contains("spoilt.csv: left out: "), "{}", ran.err);
        assert!(ran.err.contains(why), "{}", ran.err);
        assert_eq!(json(&ran)["figures"][0]["basis"]["traces"], 1);
    }
    bench.drive("city/spoilt", Some(&labels(&[20.0], "pothole")));
    bench.write("city/spoilt.road.csv", "t_start,t_end\n1,2\n");
    let ran = bench.run("evaluate", &[]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(
        ran.err
            .contains("spoilt.csv: left out: its sections of road"),
        "{}",
        ran.err
    );
}

#[test]
fn true_places_and_true_roughness_are_compared_where_they_are_known() {
    let bench = Bench::new(None);
    let t_s = |t: f64| CSV.begin_s + t;
    let mut marks = "t_start,t_end,kind,lat,lon\n".to_owned();
    let mut roads = "t_start,t_end,lat,lon,iri_m_per_km\n".to_owned();
    for t in [20.0, 40.0, 60.0] {
        // Where the drive was at that time: 12 m/s to the north.
        let lat = 41.15 + 12.0 * t / 111_195.0;
        marks += &format!("{:.3},{:.3},pothole,{lat:.7},-8.6\n", t_s(t), t_s(t + 0.9));
    }
    for (n, t) in [0.0, 22.0, 44.0, 66.0].into_iter().enumerate() {
        roads += &format!("{:.3},{:.3},41.15,-8.6,{}\n", t_s(t), t_s(t + 22.0), n + 1);
    }
    bench.write("city/drive.labels.csv", &marks);
    bench.write("city/drive.road.csv", &roads);
    let says = json(&bench.run("evaluate", &["--format=json"]));
    let place = &says["place"][0];
    assert_eq!((&place["bumps"], &place["placed"]), (&3.into(), &3.into()));
    assert!(place["median_m"].as_f64().unwrap() < 15.0, "{place}");
    let roughness = &says["roughness"][0];
    assert!(roughness["sections"].as_u64().unwrap() == 4, "{roughness}");
    let marked = &says["confusion"][0]["said_of_marked"]["pothole"];
    let said: u64 = marked
        .as_object()
        .unwrap()
        .values()
        .map(|n| n.as_u64().unwrap())
        .sum();
    assert_eq!(said, 3);
    let table = bench.run("evaluate", &[]).out;
    for line in ["places of 3 bumps on marks", "roughness of "] {
        assert!(table.contains(line), "{line} is not in {table}");
    }
}

#[test]
fn a_refused_trace_is_named_and_the_rest_is_scored() {
    let bench = Bench::new(Some(&labels(&[20.0], "pothole")));
    bench.write("city/broken.csv", "t,ax,ay,az\n");
    let ran = bench.run("evaluate", &[]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("broken.csv: "), "{}", ran.err);
    assert!(ran.out.contains("1 trace of 1 ride"), "{}", ran.out);
}

#[test]
fn nothing_to_score_is_an_error_with_a_way_out() {
    let folder = tempfile::tempdir().unwrap();
    for command in [&["evaluate"][..], &["diff", "/dev/null", "/dev/null"]] {
        let mut args: Vec<&OsStr> = command.iter().map(OsStr::new).collect();
        args.push(folder.path().as_os_str());
        let ran = jounce(&args);
        assert_eq!(ran.code, 1);
        assert!(ran.err.contains("no traces found"), "{}", ran.err);
        assert!(ran.err.contains("labels.csv"), "{}", ran.err);
    }
    let ran = jounce(&["evaluate", "-"]);
    assert!(
        ran.code == 1 && ran.err.contains("standard input"),
        "{}",
        ran.err
    );
    assert_eq!(jounce(&["evaluate"]).code, 2);
    assert_eq!(jounce(&["evaluate", "x", "--tolerance", "-1"]).code, 2);
}

#[test]
fn a_kind_that_nobody_marked_is_most_likely_a_slip() {
    let bench = Bench::new(Some(&labels(&[20.0], "pothole")));
    let ran = bench.run("evaluate", &["--kinds=potholes"]);
    assert!(
        ran.err
            .contains("no mark has the kind potholes; marked are: pothole"),
        "{}",
        ran.err
    );
    // The default asks for two kinds, of which a set may have one.
    assert_eq!(bench.run("evaluate", &[]).err, "");
}

#[test]
fn a_slip_in_a_configuration_is_answered_with_the_name_that_was_meant() {
    let bench = Bench::new(Some(&labels(&[20.0], "pothole")));
    let file = bench.write("my.toml", "[trigger]\nthresold = [1.8]\n");
    let file = file.to_str().unwrap();
    for (command, args) in [
        ("evaluate", vec!["--config", file]),
        ("sweep", vec![file]),
        ("diff", vec!["/dev/null", file]),
    ] {
        let ran = bench.run(command, &args);
        assert_eq!(ran.code, 1);
        for word in ["my.toml", "trigger.thresold", "trigger.threshold"] {
            assert!(ran.err.contains(word), "{word} is not in {}", ran.err);
        }
    }
    let printed = good(&["evaluate", "--print-config"]);
    let file = bench.write("all.toml", &printed);
    let hash =
        |args: &[&str]| json(&bench.run("evaluate", args))["detector"]["config_hash"].clone();
    let same = hash(&["--format=json", "--config", file.to_str().unwrap()]);
    assert_eq!(same, hash(&["--format=json"]));
}

#[test]
fn clips_are_scored_beside_drives_and_damaged_ones_refused() {
    let bench = Bench::new(Some(&labels(&[20.0], "pothole")));
    fs::create_dir(bench.path("clips")).unwrap();
    let mut text = "clip,kind,t,az\n".to_owned();
    for (name, kind) in [("a", "pothole"), ("b", "regular"), ("c", "rough")] {
        for i in 0..100 {
            text += &format!("{name},{kind},{:.2},9.8\n", f64::from(i) / 50.0);
        }
    }
    let file = bench.write("clips/clips.csv", &text);
    let says = json(&bench.run("evaluate", &["--format=json"]));
    let clips = &says["clips"][0];
    assert_eq!(
        (&clips["set"], &clips["clips"]["rough"]),
        (&"clips".into(), &1.into())
    );
    assert_eq!(clips["auc"][0]["area"], 0.5);
    // Named by itself, it is still no trace.
    let alone = good(&["evaluate".as_ref(), file.as_os_str()]);
    assert!(alone.contains("3 clips"), "{alone}");
    bench.write("clips/clips.csv", "clip,kind,t,az\na,rough,0,x\n");
    let ran = bench.run("evaluate", &[]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("clips.csv: line 2: "), "{}", ran.err);
}

#[test]
fn ctrl_c_scores_nothing_of_a_part() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("drive.csv");
    let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let mut evaluate = program()
        .arg("evaluate")
        .arg(&pipe)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It opens the trace when it already listens for Ctrl-C, and waits for the end of it.
    let mut trace = fs::OpenOptions::new().write(true).open(&pipe).unwrap();
    let interrupt = Command::new("kill")
        .args(["-INT", &evaluate.id().to_string()])
        .status()
        .unwrap();
    assert!(interrupt.success());
    let mut said = BufReader::new(evaluate.stderr.take().unwrap());
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    assert!(line.starts_with("stopping"), "{line}");
    trace.write_all(CSV.text().as_bytes()).unwrap();
    drop(trace);
    let output = evaluate.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(130), 0));
}

#[test]
fn every_recorded_set_is_scored_and_no_path_hides_one() {
    let Some(traces) = real_traces() else { return };
    let ran = |path: &Path| {
        let ran = jounce(&[
            "evaluate".as_ref(),
            path.as_os_str(),
            OsStr::new("--format=json"),
        ]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        json(&ran)
    };
    let all = ran(&traces);
    let sets: Vec<&str> = (all["figures"].as_array().unwrap().iter())
        .map(|figures| figures["set"].as_str().unwrap())
        .collect();
    assert_eq!(sets, ["jiit2012", "pittsburgh2017"]);
    assert_eq!(all["figures"][0]["basis"]["rides"], 11);
    assert_eq!(all["controls"]["sets"].as_array().unwrap().len(), 4);
    assert_eq!(all["clips"].as_array().unwrap().len(), 1);
    let alone = ran(&traces.join("jiit2012"));
    assert_eq!(alone["figures"][0], all["figures"][0]);
}
