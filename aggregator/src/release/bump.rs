//! What single phones felt, as staff and research get it: columns in SQL over the tables of facts,
//! because there may be ten million of them.

use std::collections::BTreeSet;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::Audience;
use super::sheet::Field;
use super::sheet::Kind::{self, Day, Number, Text, Time, Truth, Whole};

/// A column and the expression over `bump` and `trip` that gives it.
pub(crate) struct BumpColumn {
    pub(crate) field: Field,
    pub(crate) sql: String,
}

/// The name of the column in which research finds drivers told apart. Its expression gives the
/// trip, whose place the driver's number takes.
pub(crate) const DRIVER: &str = "driver_no";

/// The order in which bumps are given away: spatial, so that every trip is spread over the file.
pub(crate) const ORDER: &str = "floor(bump.lat_deg * 100), bump.lon_deg, bump.lat_deg, \
    bump.peak_us, bump.trip_no, bump.bump_no";

/// What an audience gets of bumps. Staff learn what was felt where and on which day; research all
/// that was measured, and which bumps are of one driver.
pub(crate) fn columns(audience: Audience) -> Vec<BumpColumn> {
    let mut columns = for_both();
    if audience == Audience::Research {
        columns.extend(for_research());
    }
    columns
}

/// Numbers that tell drivers apart within one file: from 1, in an order that `key` draws. With a
/// new key for every file no number says anything about another file, nor about the map.
pub(crate) fn numbers(drivers: BTreeSet<String>, key: &[u8; 32]) -> Vec<(String, i64)> {
    let drawn = |driver: String| {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
        mac.update(driver.as_bytes());
        (mac.finalize().into_bytes(), driver)
    };
    let mut drawn: Vec<_> = drivers.into_iter().map(drawn).collect();
    drawn.sort_unstable();
    let drivers = drawn.into_iter().map(|(_, driver)| driver);
    drivers.zip(1..).collect()
}

fn for_both() -> Vec<BumpColumn> {
    vec![
        known("dated", "trip.stamp_day", "whether the phone knew the date"),
        made(
            "day",
            Day,
            "trip.stamp_day",
            "the day it counts for, where the map is",
        ),
        bump("lat_deg", Number, "latitude, WGS 84"),
        bump("lon_deg", Number, "longitude, WGS 84"),
        bump("sigma_m", Number, "standard deviation per axis"),
        known("heading_known", "bump.heading_deg", "whether it is"),
        bump("heading_deg", Number, "which way, clockwise from north"),
        bump("kind", Text, "the likeliest kind"),
        bump("probability", Number, "that a person would mark it"),
        known("severity_known", "bump.severity_mps2", "whether it is"),
        bump("severity_mps2", Number, "peak, brought to 40 km/h"),
        bump("saturated", Truth, "severity is a lower bound"),
        bump("peak_mps2", Number, "peak vertical acceleration"),
        known("speed_known", "bump.speed_mps", "whether it is"),
        bump("speed_mps", Number, "speed"),
    ]
}

fn for_research() -> Vec<BumpColumn> {
    let second = "make_timestamp(bump.peak_us // 1000000 * 1000000)";
    let dated = format!("CASE WHEN trip.stamp_day IS NOT NULL THEN {second} END");
    let duration = "(bump.end_us - bump.begin_us) / 1e6";
    vec![
        made(
            DRIVER,
            Whole,
            "bump.trip_no",
            "tells drivers of one season apart, in this file only",
        ),
        trip("season", "the quarter, or undated"),
        made("peak_utc", Time, &dated, "when, to the second"),
        made("duration_s", Number, duration, "from begin to end"),
        bump("score", Number, "how far it stands out, log odds"),
        bump("channel", Text, "body or impact"),
        bump("p_pothole", Number, "probability of the kind"),
        bump("p_speed_bump", Number, "probability of the kind"),
        bump("p_casting", Number, "probability of the kind"),
        bump("p_rail", Number, "probability of the kind"),
        bump("p_joint", Number, "probability of the kind"),
        bump("p_rough", Number, "probability of the kind"),
        bump("p_other", Number, "probability of the kind"),
        bump("width_s", Number, "width of the jolt"),
        bump("rate_hz", Number, "samples a second"),
        bump("band_1_rms_mps2", Number, "vertical RMS, 0.4 to 1.2 Hz"),
        bump("band_2_rms_mps2", Number, "vertical RMS, 1.2 to 2.5 Hz"),
        bump("band_3_rms_mps2", Number, "vertical RMS, 2.5 to 5 Hz"),
        bump("band_4_rms_mps2", Number, "vertical RMS, 5 to 12 Hz"),
        bump("band_5_rms_mps2", Number, "vertical RMS, 12 to 22 Hz"),
        bump("body_score", Number, "score of the body channel"),
        bump("impact_score", Number, "score of the impact channel"),
        bump("horizontal_ratio", Number, "horizontal over vertical"),
        trip("vehicle", "what drove"),
        trip("detector", "the detector that judged it"),
        trip("detector_version", "its version"),
        trip("detector_config", "a hash of its configuration"),
    ]
}

/// A column of the table of bumps.
fn bump(name: &'static str, kind: Kind, meaning: &'static str) -> BumpColumn {
    made(name, kind, &format!("bump.{name}"), meaning)
}

/// A text of the table of trips.
fn trip(name: &'static str, meaning: &'static str) -> BumpColumn {
    made(name, Text, &format!("trip.{name}"), meaning)
}

/// Whether a column next to it is known.
fn known(name: &'static str, of: &str, meaning: &'static str) -> BumpColumn {
    made(name, Truth, &format!("{of} IS NOT NULL"), meaning)
}

fn made(name: &'static str, kind: Kind, sql: &str, meaning: &'static str) -> BumpColumn {
    let sql = match kind {
        Number => format!("round(({sql})::DOUBLE, 7)"),
        Whole => format!("({sql})::BIGINT"),
        _ => sql.to_owned(),
    };
    let field = Field {
        name,
        kind,
        meaning,
    };
    BumpColumn { field, sql }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drivers() -> BTreeSet<String> {
        (0..50)
            .map(|driver| format!("2026Q1 {driver:032x}"))
            .collect()
    }

    #[test]
    fn every_driver_has_one_number_and_another_key_draws_others() {
        let numbered = numbers(drivers(), &[1; 32]);
        let mut found: Vec<i64> = numbered.iter().map(|(_, number)| *number).collect();
        found.sort_unstable();
        assert!(found.into_iter().eq(1..=50));
        assert_eq!(numbered, numbers(drivers(), &[1; 32]));
        let again = numbers(drivers(), &[2; 32]);
        let same = numbered.iter().filter(|of| again.contains(of)).count();
        assert!(same < 10, "{same} of 50 by chance");
    }

    #[test]
    fn staff_get_neither_times_nor_drivers_of_single_bumps() {
        let names = |audience| {
            let columns = columns(audience).into_iter();
            columns.map(|column| column.field.name).collect::<Vec<_>>()
        };
        let staff = names(Audience::Staff);
        for name in [DRIVER, "season", "peak_utc", "vehicle"] {
            assert!(!staff.contains(&name), "{name}");
            assert!(names(Audience::Research).contains(&name), "{name}");
        }
    }
}
