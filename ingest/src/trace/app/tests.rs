//! Made-up exports, one for each trap that real ones hold; the real ones are in `real`.

mod real;

use std::io::{Cursor, Write as _};

use trip::{Batch, Gravity};
use zip::write::{SimpleFileOptions, ZipWriter};

use crate::trace::Trace;
use crate::trace::tests::read;

/// An archive of these members.
fn zipped(members: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(vec![]));
    for (name, text) in members {
        zip.start_file(*name, SimpleFileOptions::default())
            .expect("memory does not fail");
        zip.write_all(text.as_bytes())
            .expect("memory does not fail");
    }
    zip.finish().expect("memory does not fail").into_inner()
}

/// All of an export that is one batch, of which nothing is refused.
fn whole(bytes: impl AsRef<[u8]>) -> Batch {
    let (mut batches, refusals) = read("-", bytes);
    assert!(refusals.is_empty(), "{refusals:?}");
    assert_eq!(batches.len(), 1);
    batches.remove(0)
}

fn gravity(batch: &Batch) -> Gravity {
    batch.header.expect("on seq 0").gravity
}

const LOCATION: (&str, &str) = (
    "Location.csv",
    "time,seconds_elapsed,horizontalAccuracy,speed,bearing,longitude,latitude\n\
     1700000000500000000,0.5,4.5,-1,-1,-8.5,41.25\n\
     1700000001500000000,1.5,-1,11.5,74,-8.5,41.26\n",
);
const TOTAL: (&str, &str) = (
    "TotalAcceleration.csv",
    "time,seconds_elapsed,z,y,x\n1700000000000123400,0.0,9.75,2,1\n1700000000010123400,0.01,9.5,2,1\n",
);
const EMPTY: (&str, &str) = ("Annotation.csv", "");

#[test]
fn columns_of_sensor_logger_stand_backwards_and_its_time_is_nanoseconds() {
    let gyroscope = (
        "Gyroscope.csv",
        "time,seconds_elapsed,z,y,x\n1700000000005000000,0,3,2,1\n",
    );
    let batch = whole(zipped(&[TOTAL, gyroscope, LOCATION, EMPTY]));
    assert_eq!(gravity(&batch), Gravity::With);
    assert_eq!(batch.samples[0].t_us, 1_700_000_000_000_123);
    assert_eq!(batch.samples[0].accel_mps2, [1.0, 2.0, 9.75]);
    assert_eq!(batch.rotations[0].gyro_radps, [1.0, 2.0, 3.0]);
    let fix = &batch.fixes[0];
    assert_eq!(
        (fix.position.lat_deg(), fix.position.lon_deg()),
        (41.25, -8.5)
    );
    assert_eq!(
        (fix.speed, fix.heading, fix.accuracy_m),
        (None, None, Some(4.5))
    );
    let fix = &batch.fixes[1];
    assert_eq!(fix.speed.map(|it| it.mps()), Some(11.5));
    assert_eq!(
        (fix.heading.map(|it| it.deg()), fix.accuracy_m),
        (Some(74.0), None)
    );
}

#[test]
fn gravity_is_added_where_it_stands_apart() {
    let linear = (
        "Accelerometer.csv",
        "time,seconds_elapsed,z,y,x\n\
        1700000000000000000,0,0.25,0,1\n1700000000010000000,0.01,0.5,0,1\n1700000009000000000,9,0,0,1\n",
    );
    let gravity_table = (
        "Gravity.csv",
        "time,seconds_elapsed,z,y,x\n\
        1700000000001000000,0,-9.75,0,0\n1700000000011000000,0.01,-9.5,0,0\n",
    );
    let (batches, refusals) = read("-", zipped(&[linear, gravity_table, LOCATION]));
    assert_eq!(
        refusals,
        ["Accelerometer.csv, line 4: reading left out: no gravity was measured within 100 ms"]
    );
    assert_eq!(gravity(&batches[0]), Gravity::With);
    let values: Vec<_> = batches[0].samples.iter().map(|it| it.accel_mps2).collect();
    assert_eq!(values, [[1.0, 0.0, -9.5], [1.0, 0.0, -9.0]]);
    // Without gravity beside it, it is what it is.
    let alone = whole(zipped(&[linear, LOCATION, ("Gravity.csv", "")]));
    assert_eq!(
        (gravity(&alone), alone.samples.len()),
        (Gravity::Without, 3)
    );
}

#[test]
fn uncalibrated_values_are_in_the_platforms_unit() {
    let table = |z: &str| {
        let text = format!("time,seconds_elapsed,z,y,x\n1700000000000000000,0,{z},0,0\n");
        let batch = whole(zipped(&[
            ("AccelerometerUncalibrated.csv", &text),
            LOCATION,
        ]));
        (gravity(&batch), batch.samples[0].accel_mps2[2])
    };
    assert_eq!(table("-1"), (Gravity::With, -9.80665));
    assert_eq!(table("9.75"), (Gravity::With, 9.75));
}

#[test]
fn an_archive_is_the_same_trip_however_it_is_packed() {
    let trip = |bytes: Vec<u8>| {
        let mut trace = Trace::read("-".as_ref(), &*bytes, None).expect("an export");
        trace.next().expect("a message").expect("sound").trip
    };
    let one = trip(zipped(&[TOTAL, LOCATION, EMPTY]));
    assert_eq!(
        one,
        trip(zipped(&[("__MACOSX/._Location.csv", "x"), LOCATION, TOTAL]))
    );
    let (folder, other) = (
        "drive/Location.csv",
        ("drive/TotalAcceleration.csv", TOTAL.1),
    );
    assert_eq!(one, trip(zipped(&[(folder, LOCATION.1), other])));
    let changed = LOCATION.1.replace("41.26", "41.27");
    assert_ne!(one, trip(zipped(&[TOTAL, ("Location.csv", &changed)])));
}

#[test]
fn what_an_export_lacks_is_said_and_the_rest_goes_on() {
    let check = |members: &[(&str, &str)], readings: (usize, usize), refused: &[&str]| {
        let (batches, refusals) = read("a.zip", zipped(members));
        assert_eq!(refusals, refused);
        let samples = batches.iter().map(|it| it.samples.len()).sum();
        assert_eq!(
            (samples, batches.iter().map(|it| it.fixes.len()).sum()),
            readings
        );
    };
    let no_location = "all positions left out: the export has no location; switch it on in the app";
    check(&[TOTAL], (2, 0), &[no_location]);
    check(
        &[TOTAL, ("Location.csv", "time,latitude,longitude\n")],
        (2, 0),
        &[no_location],
    );
    check(
        &[LOCATION, ("TotalAcceleration.csv", "")],
        (0, 2),
        &["all samples left out: the export has no accelerometer; switch it on in the app"],
    );
    let header = "time,seconds_elapsed,z,y,x\n";
    check(
        &[("TotalAcceleration.csv", header)],
        (0, 0),
        &[
            "file left out: the export has no accelerometer and no location; switch it on in the app",
        ],
    );
    let bad = format!(
        "{}1700000000020000000,0.02,1e9,0,0\n1,2\n17000000000300000.5,1,0,0,0\n",
        TOTAL.1
    );
    check(
        &[("TotalAcceleration.csv", &bad), LOCATION],
        (2, 2),
        &[
            "TotalAcceleration.csv, line 4: reading left out: z is not a number from -2000 to 2000",
            "TotalAcceleration.csv, line 5: line left out: the row has 2 fields, the header 5",
            "TotalAcceleration.csv, line 6: reading left out: time is not whole nanoseconds before the year 2100",
        ],
    );
    check(
        &[TOTAL, LOCATION, ("b/TotalAcceleration.csv", TOTAL.1)],
        (0, 0),
        &["file left out: the archive holds more than one recording; give each of them alone"],
    );
    check(
        &[("a.txt", "x"), ("b.csv", "x,y\n")],
        (0, 0),
        &["file left out: it is not a trace but an archive that is no export of a known app"],
    );
}

#[test]
fn a_position_from_before_the_recording_is_no_place_of_it() {
    let old = LOCATION.1.replace(
        "latitude\n",
        "latitude\n1699990000000000000,-10000,9,0,0,-8.6,41.1\n",
    );
    let (batches, refusals) = read("-", zipped(&[TOTAL, ("Location.csv", &old)]));
    assert_eq!(
        refusals,
        ["Location.csv, line 2: position left out: it is from before the recording began"]
    );
    assert_eq!((batches.len(), batches[0].fixes.len()), (1, 2));
}

#[test]
fn an_archive_that_is_cut_off_or_damaged_is_refused_by_name() {
    let rows: String = (0..5_000)
        .map(|i| {
            format!(
                "17000000{:011},0,9.8,0,{}\n",
                i * 10_000_000_u64,
                i * 7 % 13
            )
        })
        .collect();
    let total = format!("time,seconds_elapsed,z,y,x\n{rows}");
    let whole = zipped(&[("TotalAcceleration.csv", &total), LOCATION]);
    let (_, refusals) = read("a.zip", &whole[..whole.len() / 2]);
    let cut =
        "file left out: the archive is truncated or damaged: it has no directory; export it again";
    assert_eq!(refusals, [cut]);
    let mut damaged = whole;
    damaged[2_000..2_050].fill(0xff);
    let (batches, refusals) = read("a.zip", &damaged);
    assert_eq!(refusals.len(), 1, "{refusals:?}");
    assert!(
        refusals[0].starts_with("TotalAcceleration.csv, line "),
        "{refusals:?}"
    );
    assert!(
        refusals[0].ends_with("the rest left out: the compressed stream is damaged here"),
        "{refusals:?}"
    );
    assert_eq!(
        batches.iter().map(|it| it.fixes.len()).sum::<usize>(),
        2,
        "the rest goes on"
    );
}

const PAUSED: (&str, &str) = (
    "meta/time.csv",
    "\"event\",\"experiment time\",\"system time\",\"system time text\"\n\
     \"START\",0.000000000E0,1700000000.314,\"…\"\n\"PAUSE\",1.0E1,1700000010.314,\"…\"\n\
     \"START\",1.0E1,1700000100.000,\"…\"\n\"PAUSE\",2.0E1,1700000110.000,\"…\"\n",
);

#[test]
fn a_pause_of_phyphox_moves_its_clock() {
    let accel = (
        "Accelerometer.csv",
        "\"Time (s)\",\"Acceleration x (m/s^2)\",\"Acceleration y (m/s^2)\",\"Acceleration z (m/s^2)\"\n\
        1.5E0,1.0E0,2.0E0,9.75E0\n9.999999E0,1,2,9.5\n1.0E1,1,2,9.25\n",
    );
    let place = (
        "Location.csv",
        "\"Time (s)\",\"Latitude (°)\",\"Longitude (°)\",\"Height (m)\",\"Velocity (m/s)\",\"Direction (°)\",\"Horizontal Accuracy (m)\",\"Vertical Accuracy (m)\"\n\
        1.0E0,4.125E1,-8.5E0,3.0E1,NaN,NaN,1.0E2,7.0E0\n1.1E1,4.125E1,-8.5E0,3.0E1,1.25E1,9.0E1,4.0E0,7.0E0\n",
    );
    let device = ("meta/device.csv", "\"property\",\"value\"\n");
    let (batches, refusals) = read("-", zipped(&[accel, place, PAUSED, device]));
    assert!(refusals.is_empty(), "{refusals:?}");
    assert_eq!(gravity(&batches[0]), Gravity::With);
    let times = |batch: &Batch| batch.samples.iter().map(|it| it.t_us).collect::<Vec<_>>();
    let times: Vec<_> = batches.iter().flat_map(times).collect();
    assert_eq!(
        times,
        [
            1_700_000_001_814_000,
            1_700_000_010_313_999,
            1_700_000_100_000_000
        ]
    );
    let fixes: Vec<_> = batches.iter().flat_map(|it| &it.fixes).collect();
    assert_eq!(
        (fixes[0].speed, fixes[0].heading, fixes[0].accuracy_m),
        (None, None, Some(100.0))
    );
    assert_eq!(fixes[1].t_us, 1_700_000_101_000_000);
    assert_eq!(fixes[1].speed.map(|it| it.mps()), Some(12.5));
    assert_eq!(
        (fixes[1].heading.map(|it| it.deg()), fixes[1].accuracy_m),
        (Some(90.0), Some(4.0))
    );
}

#[test]
fn phyphox_in_german_with_decimal_commas_reads_the_same() {
    let linear = (
        "Lineare Beschleunigung.csv",
        "\"Zeit (s)\";\"Lineare Beschleunigung x (m/s^2)\";\"Lineare Beschleunigung y (m/s^2)\";\"Lineare Beschleunigung z (m/s^2)\"\n\
        1,5E0;1,0E0;2,0E-1;-2,5E-1\n",
    );
    let full = (
        "Beschleunigung.csv",
        "\"Zeit (s)\"\t\"x (m/s²)\"\t\"y (m/s²)\"\t\"z (m/s²)\"\t\"Betrag (m/s²)\"\n1,5\t1\t2\t9,75\t10\n",
    );
    let gyro = (
        "Gyroskop.csv",
        "\"Zeit (s)\";\"x (rad/s)\";\"y (rad/s)\";\"z (rad/s)\"\n1,5;0,5;0;0\n",
    );
    let place = (
        "Standort.csv",
        "\"Zeit (s)\";\"Breite (°)\";\"Länge (°)\";\"Höhe (m)\";\"Geschwindigkeit (m/s)\";\"Richtung (°)\";\"Genauigkeit (m)\"\n\
        1,5;41,25;-8,5;30;12,5;90;4\n",
    );
    let batch = whole(zipped(&[linear, gyro, place]));
    assert_eq!(gravity(&batch), Gravity::Without);
    assert_eq!(batch.samples[0].t_us, 1_500_000, "no date");
    assert_eq!(batch.samples[0].accel_mps2, [1.0, 0.2, -0.25]);
    assert_eq!(batch.rotations[0].gyro_radps, [0.5, 0.0, 0.0]);
    assert_eq!(batch.fixes[0].position.lon_deg(), -8.5);
    let batch = whole(zipped(&[linear, full, place]));
    assert_eq!(
        (gravity(&batch), batch.samples[0].accel_mps2),
        (Gravity::With, [1.0, 2.0, 9.75])
    );
}

#[test]
fn physics_toolbox_repeats_its_last_position_and_begins_at_zero() {
    let text = "\ntime;ax;ay;az;wx;wy;wz;Latitude;Longitude;Speed (m/s);Altitude (m);\n\
        0,1;0,25;0,5;-0,25;0,5;0;0;0,00000000;0,00000000;0,00000000;716,1;\n\
        0,2;0,25;0,5;-0,25;0,5;0;0;41,25;-8,5;11,5;716,1;\n\
        0,3;0,25;0,5;-0,25;0,5;0;0;41,25;-8,5;11,5;716,1;\n\
        0,4;0,25;0,5;-0,25;0,5;0;0;41,25;-8,5;11,5;716,2;\n";
    let batch = whole(text);
    assert_eq!(
        (gravity(&batch), batch.samples.len()),
        (Gravity::Without, 4)
    );
    assert_eq!(batch.samples[0].accel_mps2, [0.25, 0.5, -0.25]);
    assert_eq!(batch.rotations[3].gyro_radps, [0.5, 0.0, 0.0]);
    let fixes: Vec<_> = batch.fixes.iter().map(|it| it.t_us).collect();
    assert_eq!(fixes, [200_000, 400_000]);
    assert_eq!(batch.fixes[0].speed.map(|it| it.mps()), Some(11.5));
    let points = text.replace(',', ".").replace(';', ",");
    assert_eq!(whole(points), batch);
}

#[test]
fn sensorlog_is_dated_by_its_positions_and_says_g() {
    let text = "loggingTime(txt),locationTimestamp_since1970(s),locationLatitude(WGS84),locationLongitude(WGS84),locationSpeed(m/s),locationCourse(°),locationHorizontalAccuracy(m),accelerometerTimestamp_sinceReboot(s),accelerometerAccelerationX(G),accelerometerAccelerationY(G),accelerometerAccelerationZ(G)\n\
        2023-11-14 16:13:20.150,-9999,-9999,-9999,-1,-1,-1,1000.100,0,0,-1\n\
        2023-11-14 16:13:20.220,1699999999.500,41.25,-8.5,-1,-1,8,1000.200,0,0,-1\n\
        2023-11-14 16:13:20.330,1699999999.500,41.25,-8.5,-1,-1,8,1000.300,0.5,0,-1\n";
    let batch = whole(text);
    assert_eq!(gravity(&batch), Gravity::With);
    let times: Vec<_> = batch.samples.iter().map(|it| it.t_us).collect();
    assert_eq!(
        times,
        [
            1_700_000_000_120_000,
            1_700_000_000_220_000,
            1_700_000_000_320_000
        ]
    );
    assert_eq!(batch.samples[0].accel_mps2, [0.0, 0.0, -9.80665]);
    assert_eq!(batch.fixes.len(), 1);
    assert_eq!(
        (batch.fixes[0].speed, batch.fixes[0].accuracy_m),
        (None, Some(8.0))
    );
}

#[test]
fn combined_tables_have_local_times_or_count_from_the_start() {
    let text = "seconds_elapsed,location_latitude,location_longitude,location_speed,location_local_time,accelerometer_z,accelerometer_y,accelerometer_x,accelerometer_local_time,gravity_z,gravity_y,gravity_x\n\
        0.0,41.25,-8.5,5,2023-11-14T16:13:20.250-06:00,0.25,0,1,2023-11-14T16:13:20.123-06:00,-9.75,0,0\n\
        1.0,,,,,0.5,0,1,2023-11-14T16:13:21.123-06:00,-9.75,0,0\n";
    let batch = whole(text);
    assert_eq!(gravity(&batch), Gravity::With);
    assert_eq!(batch.samples[0].t_us, 1_700_000_000_123_000);
    assert_eq!(batch.samples[0].accel_mps2, [1.0, 0.0, -9.5]);
    assert_eq!(batch.fixes[0].t_us, 1_700_000_000_250_000);
    let undated = "seconds_elapsed,location_latitude,location_longitude,accelerometer_z,accelerometer_y,accelerometer_x\n\
        0.5,41.25,-8.5,0,0,1\n1.5,41.25,-8.5,0,0,1\n";
    let batch = whole(undated);
    assert_eq!(
        (gravity(&batch), batch.samples[1].t_us, batch.fixes.len()),
        (Gravity::Without, 1_500_000, 1)
    );
}

#[test]
fn an_archive_in_the_archive_is_not_read() {
    let inner = zipped(&[TOTAL]);
    let mut zip = ZipWriter::new(Cursor::new(vec![]));
    zip.start_file("inner.zip", SimpleFileOptions::default())
        .expect("memory does not fail");
    zip.write_all(&inner).expect("memory does not fail");
    let bytes = zip.finish().expect("memory does not fail").into_inner();
    let not_one =
        "file left out: it is not a trace but an archive that is no export of a known app";
    assert_eq!(read("a.zip", bytes).1, [not_one]);
}
