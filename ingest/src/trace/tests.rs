//! Sound traces, and every bad one that people have.

use std::io::{self, Read, Write};

use proptest::prelude::*;
use trip::{Batch, Gravity};

use super::*;
use crate::wire::Content;

/// What is read of a trace of that name: its batches, and its refusals as people read them.
pub(super) fn read(name: &str, bytes: impl AsRef<[u8]>) -> (Vec<Batch>, Vec<String>) {
    let trace = match Trace::read(Path::new(name), bytes.as_ref(), None) {
        Ok(trace) => trace,
        Err(refusal) => return (vec![], vec![refusal.to_string()]),
    };
    let (mut batches, mut refusals) = (vec![], vec![]);
    for message in trace {
        match message.map(|message| message.content) {
            Ok(Content::Samples(batch)) => batches.push(batch),
            Ok(_) => {}
            Err(refusal) => refusals.push(refusal.to_string()),
        }
    }
    (batches, refusals)
}

/// A CSV trace with the accelerometer alone: what is refused of these rows, and how many samples
/// are read.
fn check(rows: &str, samples: usize, refused: &[&str]) {
    let (batches, refusals) = read("a.csv", format!("t,ax,ay,az\n{rows}"));
    assert_eq!(refusals, refused, "{rows}");
    assert_eq!(
        batches.iter().map(|it| it.samples.len()).sum::<usize>(),
        samples,
        "{rows}"
    );
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).expect("memory does not fail");
    encoder.finish().expect("memory does not fail")
}

const DRIVE: &str = "\
t,ax,ay,az,gx,gy,gz,lat,lon,speed,accuracy,bearing
1523201497.038,9.497,0.016,-0.164,-0.0231,-0.0218,0.0077,30.3273594,-97.7560241,27.8,8,181.4
1523201497.138,8.99,-0.081,0.439,-0.0231,-0.0447,0.0153,,,,,
1523201497.238,8.99,-0.081,0.439,,,,,,,,
1523201497.338,,,,,,,30.3,-97.7,-1,-1,-1
1523201507.038,9,0,0,,,,,,,,
";

#[test]
fn a_csv_trace_is_read_as_it_stands() {
    let (batches, refusals) = read("drive1.csv", DRIVE);
    assert!(refusals.is_empty(), "{refusals:?}");
    assert_eq!(batches.iter().map(|it| it.seq).collect::<Vec<_>>(), [0, 1]);
    let first = &batches[0];
    assert_eq!(first.header.expect("on seq 0").gravity, Gravity::With);
    assert_eq!(
        (
            first.samples.len(),
            first.rotations.len(),
            first.fixes.len()
        ),
        (3, 2, 2)
    );
    assert_eq!(first.samples[0].t_us, 1_523_201_497_038_000);
    assert_eq!(first.samples[0].accel_mps2, [9.497, 0.016, -0.164]);
    assert_eq!(first.fixes[0].speed.map(|speed| speed.mps()), Some(27.8));
    assert_eq!(
        first.fixes[0].heading.map(|heading| heading.deg()),
        Some(181.4)
    );
    let second = &first.fixes[1];
    assert_eq!(
        (second.speed, second.heading, second.accuracy_m),
        (None, None, None)
    );
    assert_eq!(batches[1].header, None);
}

#[test]
fn columns_are_found_by_name() {
    let text = "\u{feff}speed,\"az\",note,ay , ax,t\r\n9,3,hello,2,1,0.5\r\n";
    let (batches, refusals) = read("a.csv", text);
    assert_eq!(
        (batches[0].samples[0].accel_mps2, refusals.len()),
        ([1.0, 2.0, 3.0], 0)
    );
}

#[test]
fn a_trace_of_positions_alone_is_a_trace() {
    let (batches, refusals) = read("a.csv", "t,lat,lon,speed\n0,41,-8,5\n1,41.1,-8,5\n");
    assert_eq!(
        (
            batches[0].fixes.len(),
            batches[0].samples.len(),
            refusals.len()
        ),
        (2, 0, 0)
    );
    let blank = "t,ax,ay,az,lat,lon\n0,,,,41,-8\n1,,,,41,-8\n";
    assert_eq!(read("a.csv", blank).0[0].fixes.len(), 2);
}

#[test]
fn identity_is_in_the_bytes_not_in_name_or_packing() {
    let identity = |name: &str, bytes: &[u8]| {
        let mut trace = Trace::read(Path::new(name), bytes, None).expect("a trace");
        trace.next().expect("a message").expect("sound").key()
    };
    let plain = identity("drive1.csv", DRIVE.as_bytes());
    assert_eq!(plain, identity("other.csv.gz", &gzip(DRIVE.as_bytes())));
    assert_eq!(
        plain,
        identity("-", &zstd::encode_all(DRIVE.as_bytes(), 0).expect("memory"))
    );
    assert_ne!(
        plain,
        identity("drive1.csv", DRIVE.replace("27.8", "27.9").as_bytes())
    );
    let key = plain.expect("every message of a trace names its device");
    assert_eq!(key.device.as_str(), key.trip.to_string());

    let told = "d-7".parse().expect("a device");
    let mut trace = Trace::read(Path::new("-"), DRIVE.as_bytes(), Some(&told)).expect("a trace");
    assert_eq!(
        trace.next().expect("a message").expect("sound").device,
        Some(told)
    );
}

#[test]
fn messages_are_read_line_by_line() {
    let bye = |seq: u32| {
        format!(
            r#"{{"v":1,"type":"bye","trip":"{}","seq":{seq},"device":"d-1"}}"#,
            "0".repeat(32)
        )
    };
    let text = format!(
        "{}\n\n{{\"v\":1,\"type\":\"hello\",\"now_us\":1}}\nnonsense\n{}\n",
        bye(0),
        bye(1).replace("d-1", "D-1")
    );
    let trace = Trace::read(Path::new("-"), text.as_bytes(), None).expect("a trace");
    assert_eq!(trace.kind(), FileKind::Jsonl);
    let all: Vec<_> = trace.collect();
    assert_eq!(all.len(), 3);
    assert_eq!(all[0].as_ref().map(|it| it.seq), Ok(0));
    let refused = |i: usize| all[i].as_ref().map(|_| ()).expect_err("refused");
    assert_eq!(
        (refused(1).line, refused(1).cause.reason()),
        (Some(4), "not_a_message")
    );
    assert_eq!(
        (refused(2).line, refused(2).cause.reason()),
        (Some(5), "bad_id")
    );
}

#[test]
fn a_bad_value_costs_its_row() {
    check(
        "0,1,2,3\n1,NaN,2,3\n2,1,2,3\n",
        2,
        &["line 3: line left out: ax is not a number from -2000 to 2000"],
    );
    check(
        "0,inf,2,3\n",
        0,
        &["line 2: line left out: ax is not a number from -2000 to 2000"],
    );
    check(
        "0,1,1e308,3\n",
        0,
        &["line 2: line left out: ay is not a number from -2000 to 2000"],
    );
    check(
        "0,1,2,x\n",
        0,
        &["line 2: line left out: az is not a number from -2000 to 2000"],
    );
    check(
        "0,1,,3\n",
        0,
        &["line 2: line left out: ay is blank, its neighbours are not"],
    );
    check(
        "0,1,2\n1,1,2,3,4\n2,1,2,3\n",
        1,
        &[
            "line 2: line left out: the row has 3 fields, the header 4",
            "line 3: line left out: the row has 5 fields, the header 4",
        ],
    );
    check(
        ",1,2,3\n",
        0,
        &["line 2: line left out: t is blank, its neighbours are not"],
    );
    check(
        "NaN,1,2,3\n1e300,1,2,3\n",
        0,
        &[
            "line 2: line left out: t is not a number from -1000000000 to 4102444800",
            "line 3: line left out: t is not a number from -1000000000 to 4102444800",
        ],
    );
}

#[test]
fn a_bad_position_costs_only_the_fix() {
    let header = "t,ax,ay,az,lat,lon,speed\n";
    for (cells, problem) in [
        ("999,18,5", "lat is not a number from -90 to 90"),
        ("41,-181,5", "lon is not a number from -180 to 180"),
        ("41,NaN,5", "lon is not a number from -180 to 180"),
        ("41,18,1e308", "speed is not a number up to 1000"),
        ("41,18,inf", "speed is not a number up to 1000"),
        ("41,,5", "lon is blank, its neighbours are not"),
    ] {
        let (batches, refusals) = read("a.csv", format!("{header}0,1,2,3,{cells}\n"));
        assert_eq!(refusals, [format!("line 2: position left out: {problem}")]);
        assert_eq!((batches[0].samples.len(), batches[0].fixes.len()), (1, 0));
    }
}

#[test]
fn time_that_stands_or_runs_backwards_costs_its_row_and_a_day_ahead_is_a_gap() {
    check(
        "5,1,2,3\n5,1,2,3\n4,1,2,3\n6,1,2,3\n",
        2,
        &[
            "line 3: line left out: t repeats the time of the row before",
            "line 4: line left out: t is before the time of the row before",
        ],
    );
    let (batches, refusals) = read("a.csv", "t,ax,ay,az\n0,1,2,3\n86400,1,2,3\n");
    assert_eq!(
        (batches.len(), refusals.len()),
        (2, 0),
        "no batch spans the gap"
    );
}

#[test]
fn batches_are_bounded_at_3_hz_and_at_2000_hz() {
    for rate_hz in [3, 2000, 50_000] {
        let row = |i: usize| format!("{},0,0,9.8\n", i as f64 / rate_hz as f64);
        let rows: String = (0..rate_hz * 25).map(row).collect();
        let (batches, refusals) = read("a.csv", format!("t,ax,ay,az\n{rows}"));
        assert_eq!(refusals.len(), 0);
        assert_eq!(
            batches.iter().map(|it| it.samples.len()).sum::<usize>(),
            rate_hz * 25
        );
        for (seq, batch) in (0..).zip(&batches) {
            let (first_us, last_us) = batch.span_us().expect("not empty");
            assert!(last_us - first_us < 10_000_000 && batch.samples.len() <= 24_000);
            assert_eq!(batch.seq, seq);
        }
    }
}

#[test]
fn nothing_and_a_header_alone_are_refused_as_what_they_are() {
    assert_eq!(read("a.csv", "").1, ["file left out: it is empty"]);
    assert_eq!(
        read("a.csv.gz", gzip(b"")).1,
        ["file left out: it is empty"]
    );
    assert_eq!(read("a.jsonl", "").1, ["file left out: it is empty"]);
    assert_eq!(read("-", "").1, ["file left out: it is empty"]);
    assert_eq!(
        read("a.csv", "t,ax,ay,az\n").1,
        ["file left out: it has a header and no rows"]
    );
}

#[test]
fn a_line_of_ten_megabytes_is_refused_and_the_rest_goes_on() {
    let long = "9".repeat(10_000_000);
    check(
        &format!("0,1,2,3\n1,{long},2,3\n2,1,2,3\n"),
        2,
        &["line 3: line left out: the line is longer than 64000 bytes"],
    );
    let bye = format!(
        r#"{{"v":1,"type":"bye","trip":"{}","seq":0}}"#,
        "0".repeat(32)
    );
    let (_, refusals) = read("a.jsonl", format!("{{\"v\":1,\"x\":\"{long}\"}}\n{bye}\n"));
    assert_eq!(
        refusals,
        ["line 1: line left out: the line is longer than 4000000 bytes"]
    );
}

#[test]
fn a_truncated_stream_is_read_as_far_as_it_goes() {
    let rows: String = (0..5000)
        .map(|i| format!("{i},0.123,{},9.8\n", i * 7 % 13))
        .collect();
    let whole = format!("t,ax,ay,az\n{rows}");
    for packed in [
        gzip(whole.as_bytes()),
        zstd::encode_all(whole.as_bytes(), 0).expect("memory"),
    ] {
        let (batches, refusals) = read("a.csv.gz", &packed[..packed.len() * 9 / 10]);
        let samples: usize = batches.iter().map(|it| it.samples.len()).sum();
        // A packer may put all of it into one block, of which nothing can be read.
        let line = if samples == 0 { 1 } else { samples + 2 };
        assert_eq!(
            refusals,
            [format!(
                "line {line}: the rest left out: the compressed stream is truncated here"
            )]
        );
        assert!(packed[0] == 0x28 || samples > 3000, "{samples}");
        // Even if nothing but the packing's own header is left.
        let (_, refusals) = read("a.csv.gz", &packed[..12]);
        assert_eq!(refusals.len(), 1);
        assert!(refusals[0].ends_with("truncated here"), "{refusals:?}");
    }
}

#[test]
fn a_damaged_stream_is_read_up_to_the_damage() {
    let rows: String = (0..5000)
        .map(|i| format!("{i},0.123,{},9.8\n", i * 7 % 13))
        .collect();
    let mut packed = gzip(format!("t,ax,ay,az\n{rows}").as_bytes());
    let middle = packed.len() / 2;
    packed[middle..middle + 64].fill(0xff);
    let (_, refusals) = read("a.csv.gz", &packed);
    assert!(
        refusals
            .last()
            .expect("one")
            .contains("compressed stream is"),
        "{refusals:?}"
    );
    let (_, refusals) = read("a.csv.gz", b"\x00\x01\x02 not gzip at all");
    assert_eq!(refusals, ["file left out: it is not text"]);
}

#[test]
fn what_is_not_a_trace_is_named() {
    const OTHER_CSV: &str =
        "CSV with other columns than a trace's (t, and ax,ay,az or lat,lon, between commas)";
    let check = |name: &str, text: &str, expected: &str| {
        assert_eq!(
            read(name, text).1,
            [format!("file left out: it is not a trace but {expected}")]
        );
    };
    check(
        "trip1.labels.csv",
        "t_start,t_end,kind\n1,2,rail\n",
        "labels beside a trace",
    );
    check(
        "x.csv",
        "t_start,t_end,kind\n1,2,rail\n",
        "labels beside a trace",
    );
    check(
        "clips.csv.gz",
        "clip,kind,t,az\na,b,0,1\n",
        "a collection of clips",
    );
    check(
        "labels_geo.csv",
        "trip,t,kind,lat,lon\na,1,rail,1,1\n",
        "labels with places",
    );
    check("catalog.csv", "name,device\n", "a catalogue");
    check("m.acts.jsonl", "{\"id\":1}\n", "what people said of a map");
    check("a.csv", "t,az\n0,1\n", OTHER_CSV);
    check("a.csv", "t,t,ax,ay,az\n0,0,1,1,1\n", OTHER_CSV);
    check(
        "a.csv",
        "seconds_elapsed,x\n",
        "a part of what Sensor Logger exports; give the zip that it exports",
    );
    check(
        "a.csv",
        "\"Time (s)\",\"x (m/s^2)\"\n",
        "a part of what phyphox exports; give the zip that it exports",
    );
    check(
        "a.geojson",
        r#"{"type":"FeatureCollection","features":[]}"#,
        "a map in GeoJSON",
    );
    check("a.json", r#"{"a":1}"#, "other JSON");
    check("README.md", "# t,ax,ay,az\n", "text for people");
}

#[test]
fn a_pipe_that_fails_is_refused() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
    }
    let refusal = Trace::read(Path::new("-"), Broken, None)
        .err()
        .expect("refused");
    assert_eq!(refusal.cause, Cause::Unreadable(io::ErrorKind::BrokenPipe));
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        name in prop::sample::select(vec!["a.csv", "a.csv.gz", "a.jsonl", "a.jsonl.zst", "-"]),
    ) {
        let (batches, refusals) = read(name, &bytes);
        prop_assert!(!batches.is_empty() || !refusals.is_empty());
    }

    #[test]
    fn whatever_is_changed_in_rows_costs_rows_and_never_the_file(
        changes in prop::collection::vec((any::<usize>(), "[0-9a-z.,\\-\n]"), 0..12),
    ) {
        let mut text = DRIVE.as_bytes().to_vec();
        let header = DRIVE.find('\n').expect("it has lines") + 1;
        for (at, byte) in changes {
            let at = header + at % (text.len() - header);
            text[at] = byte.as_bytes()[0];
        }
        let rows = text.split(|&byte| byte == b'\n').skip(1).filter(|row| !row.is_empty()).count();
        let (batches, refusals) = read("a.csv", &text);
        let lost = refusals.iter().filter(|refusal| refusal.contains("line left out")).count();
        let samples: usize = batches.iter().map(|it| it.samples.len()).sum();
        prop_assert!(refusals.iter().all(|refusal| !refusal.starts_with("file")), "{:?}", refusals);
        prop_assert!(samples + lost <= rows);
        let times: Vec<_> = batches.iter().flat_map(|it| &it.samples).map(|it| it.t_us).collect();
        prop_assert!(times.is_sorted_by(|a, b| a < b));
    }
}
