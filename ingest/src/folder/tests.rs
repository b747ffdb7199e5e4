//! Trees of files, made and real.

use tempfile::TempDir;

use super::*;
use crate::trace::{FileKind, Trace};

const ROWS: &str = "t,ax,ay,az\n0,0,0,9.8\n";

/// A tree with these files.
fn tree(files: &[(&str, &str)]) -> TempDir {
    let root = TempDir::new().expect("a temporary directory");
    for (name, text) in files {
        let path = root.path().join(name);
        fs::create_dir_all(path.parent().expect("below the root")).expect("writable");
        fs::write(path, text).expect("writable");
    }
    root
}

fn names(root: &TempDir, paths: impl IntoIterator<Item = impl AsRef<Path>>) -> Vec<String> {
    let below = |path: &Path| {
        path.strip_prefix(root.path())
            .expect("below the root")
            .to_owned()
    };
    paths
        .into_iter()
        .map(|it| below(it.as_ref()).to_string_lossy().into_owned())
        .collect()
}

#[test]
fn traces_come_in_the_order_of_their_names_and_the_rest_is_passed_over() {
    let root = tree(&[
        ("b/2.csv", ROWS),
        ("b/10.csv", ROWS),
        ("a.csv", ROWS),
        ("c.jsonl", "{\"v\":1}\n"),
        ("a.labels.csv", "t_start,t_end,kind\n"),
        ("a.road.csv", "t_start,t_end,lat,lon,iri_m_per_km\n"),
        ("catalog.csv", "name,device\n"),
        ("b/README.md", "notes"),
        ("b/hazards.geojson", "{\"type\":\"FeatureCollection\"}"),
        ("b/clips.csv", "clip,kind,t,az\n"),
        ("b/placed.csv", "trip,t,kind,lat,lon\n"),
        ("b/nothing", ""),
    ]);
    let survey = survey([root.path()]);
    assert_eq!(
        names(&root, &survey.traces),
        ["a.csv", "b/10.csv", "b/2.csv", "c.jsonl"]
    );
    let kinds: Vec<_> = survey.passed_over.iter().map(|it| it.kind).collect();
    use FileKind::*;
    assert_eq!(
        kinds,
        [
            Labels,
            Road,
            Notes,
            Clips,
            GeoJson,
            Empty,
            PlacedLabels,
            Catalog
        ]
    );
    assert!(survey.refused.is_empty());
}

#[test]
fn a_damaged_trace_is_a_trace_whose_opening_says_so() {
    let root = tree(&[
        ("cut.csv.gz", "\x1f"),
        ("empty.csv", ""),
        ("binary.csv", "\0\0\0\n"),
    ]);
    let survey = survey([root.path()]);
    assert_eq!(
        names(&root, &survey.traces),
        ["binary.csv", "cut.csv.gz", "empty.csv"]
    );
    for path in &survey.traces {
        assert!(Trace::open(path, None).is_err(), "{path:?}");
    }
}

#[test]
fn what_is_named_explicitly_must_be_a_trace() {
    let root = tree(&[("README.md", "notes")]);
    let paths = ["README.md", "absent.csv", "."].map(|name| root.path().join(name));
    let survey = survey(&paths[..2]);
    assert_eq!(survey.traces, paths[..2]);
    let reason = |path: &PathBuf| Trace::open(path, None).err().map(|it| it.cause.reason());
    let reasons: Vec<_> = paths.iter().map(reason).collect();
    assert_eq!(
        reasons,
        [Some("not_a_trace"), Some("unreadable"), Some("directory")]
    );
}

#[cfg(unix)]
#[test]
fn links_are_followed_to_files_and_not_in_circles() {
    use std::os::unix::fs::symlink;
    let root = tree(&[("a/drive.csv", ROWS)]);
    symlink(root.path(), root.path().join("a/up")).expect("writable");
    symlink(root.path().join("a/drive.csv"), root.path().join("b.csv")).expect("writable");
    symlink(root.path().join("gone"), root.path().join("dangling.csv")).expect("writable");
    let survey = survey([root.path()]);
    assert_eq!(names(&root, &survey.traces), ["a/drive.csv", "b.csv"]);
    assert_eq!(
        names(&root, survey.refused.iter().map(|it| &it.path)),
        ["dangling.csv"]
    );
    assert_eq!(survey.refused[0].refusal.cause.reason(), "unreadable");
}

#[test]
fn a_catalogue_beside_a_trace_names_its_device() {
    let catalog = "name,device,source\ndrive1,d-1,x\ndrive2.csv.gz,d-2,x\nbad,No Body,x\nnone,,x\n";
    let files = [
        "drive1.csv",
        "drive2.csv",
        "bad.csv",
        "none.csv",
        "other.csv",
    ];
    let mut all = vec![("catalog.csv", catalog)];
    all.extend(files.map(|name| (name, ROWS)));
    let root = tree(&all);
    let device = |name: &str, told: Option<&str>| {
        let told = told.map(|text| text.parse().expect("a device"));
        let mut trace = Trace::open(&root.path().join(name), told.as_ref())?;
        let message = trace.next().expect("a message")?;
        Ok(message.device.expect("always named").as_str().to_owned())
    };
    let expect = |name, told, device_is: &str| {
        assert_eq!(
            device(name, told).map_err(|it: Refusal| it),
            Ok(device_is.to_owned())
        );
    };
    expect("drive1.csv", None, "d-1");
    expect("drive2.csv", None, "d-2");
    expect("drive1.csv", Some("d-9"), "d-9");
    let hash = device("other.csv", None).expect("sound");
    assert_eq!((hash.len(), device("none.csv", None)), (32, Ok(hash)));
    let refusal = device("bad.csv", None).expect_err("no device");
    assert_eq!(refusal.cause.reason(), "bad_catalog");
    assert!(!refusal.to_string().contains("Body"), "{refusal}");
}

/// Real drives, where they lie beside the project.
#[test]
fn every_real_drive_is_read_whole_and_the_rest_is_passed_over() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/traces");
    if !root.is_dir() {
        eprintln!("skipped: no real drives at ../shared/traces");
        return;
    }
    let survey = survey([&root]);
    assert!(survey.refused.is_empty(), "{:?}", survey.refused);
    let exports = survey
        .traces
        .iter()
        .filter(|it| it.starts_with(root.join("native")));
    assert_eq!(exports.count(), 7, "{:?}", survey.traces);
    for path in &survey.traces {
        let trace = Trace::open(path, None).expect("a trace");
        let (mut messages, mut seconds) = (0, 0.0);
        for message in trace {
            let message = message.unwrap_or_else(|refusal| panic!("{path:?}: {refusal}"));
            assert_eq!(message.seq, messages);
            messages += 1;
            if let crate::wire::Content::Samples(batch) = message.content {
                let (first_us, last_us) = batch.span_us().expect("not empty");
                seconds += (last_us - first_us) as f64 / 1e6;
            }
        }
        assert!(seconds > 10.0, "{path:?}: {seconds} s");
    }
    let foreign = |kind: FileKind| {
        matches!(
            kind,
            FileKind::Other | FileKind::OtherCsv | FileKind::OtherJson
        )
    };
    let unknown: Vec<_> = survey
        .passed_over
        .iter()
        .filter(|it| foreign(it.kind))
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}
