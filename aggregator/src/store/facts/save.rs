//! Facts into tables. Every function lists the columns of one table in the order of the schema.

use std::iter::zip;

use duckdb::Connection;
use duckdb::arrow::array::ArrayRef;
use duckdb::arrow::datatypes::{Date32Type, Float32Type, Float64Type, Int64Type, UInt32Type};
use trip::{BANDS_HZ, Bump, Heading, Kind, Position, RoadClass, Roughness, Speed, Stretch};

use super::super::StoreError;
use super::super::arrow::{append, lists, numbers, some_numbers, some_texts, texts, truths};
use crate::area::Area;
use crate::evidence::Fact;
use crate::identity::hex;
use crate::stamp::Stamp;
use crate::zone::Zone;

/// Deletes everything that these trips said.
pub(in super::super) fn forget(db: &Connection, trips: &[u32]) -> Result<(), StoreError> {
    if trips.is_empty() {
        return Ok(());
    }
    let numbers: Vec<String> = trips.iter().map(u32::to_string).collect();
    let numbers = numbers.join(",");
    for table in ["trip", "bump", "stretch", "skipped"] {
        db.execute_batch(&format!("DELETE FROM {table} WHERE trip_no IN ({numbers})"))?;
    }
    Ok(())
}

/// Writes facts of trips of an area that have none in the tables, each with its number.
pub(in super::super) fn save(
    db: &Connection,
    facts: &[(u32, Fact)],
    area: &Area,
) -> Result<(), StoreError> {
    append(db, "trip", trips(facts, area))?;
    append(
        db,
        "bump",
        bumps(&Parts::of(facts, |fact| &fact.report.bumps)),
    )?;
    append(
        db,
        "stretch",
        stretches(&Parts::of(facts, |fact| &fact.report.stretches)),
    )?;
    let skipped = Parts::of(facts, |fact| &fact.report.skipped);
    let [trip_no, skipped_no] = skipped.identity();
    let columns = vec![
        trip_no,
        skipped_no,
        numbers::<Int64Type>(skipped.each(|part| part.begin_us)),
        numbers::<Int64Type>(skipped.each(|part| part.end_us)),
        texts(skipped.each(|part| part.reason.name())),
    ];
    append(db, "skipped", columns)
}

fn trips(facts: &[(u32, Fact)], area: &Area) -> Vec<ArrayRef> {
    let all = || facts.iter().map(|(_, fact)| fact);
    let [trips, drivers, seasons, digests] = [
        |fact: &Fact| fact.trip.to_string(),
        |fact: &Fact| fact.driver.to_string(),
        |fact: &Fact| fact.stamp.season().to_string(),
        |fact: &Fact| hex(&fact.edition.digest),
    ]
    .map(|text| all().map(text).collect::<Vec<String>>());
    let [trips, drivers, seasons, digests] =
        [trips, drivers, seasons, digests].map(|column| texts(column.iter().map(String::as_str)));
    let week = |fact: &Fact| fact.stamp.week().map(|week| week.to_string());
    let weeks: Vec<Option<String>> = all().map(week).collect();
    let utc_day = |fact: &Fact| Stamp::of(fact.last_us, &Zone::UTC).day();
    vec![
        numbers::<UInt32Type>(facts.iter().map(|(number, _)| *number)),
        trips,
        drivers,
        seasons,
        some_numbers::<Date32Type>(all().map(|fact| fact.stamp.day())),
        texts(all().map(|fact| fact.vehicle.name())),
        texts(all().map(|fact| fact.edition.generation.name.as_str())),
        texts(all().map(|fact| fact.edition.generation.version.as_str())),
        texts(all().map(|fact| fact.edition.generation.config_hash.as_str())),
        numbers::<UInt32Type>(all().map(|fact| fact.edition.messages)),
        digests,
        numbers::<Int64Type>(all().map(|fact| fact.first_us)),
        numbers::<Int64Type>(all().map(|fact| fact.last_us)),
        texts(all().map(|_| area.id.as_str())),
        some_texts(weeks.iter().map(Option::as_deref)),
        some_numbers::<Date32Type>(all().map(utc_day)),
    ]
}

/// The parts of many reports, each with the number of its trip and its own in the report.
struct Parts<'a, T>(Vec<(u32, u32, &'a T)>);

impl<'a, T> Parts<'a, T> {
    fn of(facts: &'a [(u32, Fact)], parts: impl Fn(&'a Fact) -> &'a Vec<T>) -> Self {
        let of_fact = |(trip_no, fact): &'a (u32, Fact)| {
            zip(0.., parts(fact)).map(|(number, part)| (*trip_no, number, part))
        };
        Self(facts.iter().flat_map(of_fact).collect())
    }

    fn identity(&self) -> [ArrayRef; 2] {
        [
            numbers::<UInt32Type>(self.0.iter().map(|part| part.0)),
            numbers::<UInt32Type>(self.0.iter().map(|part| part.1)),
        ]
    }

    fn each<'s, V>(&'s self, value: impl Fn(&'a T) -> V + 's) -> impl Iterator<Item = V> + 's {
        self.0.iter().map(move |part| value(part.2))
    }
}

fn bumps(bumps: &Parts<'_, Bump>) -> Vec<ArrayRef> {
    let position = |bump: &Bump| bump.place.map(|place| place.position);
    let mut columns = Vec::from(bumps.identity());
    columns.extend([
        numbers::<Int64Type>(bumps.each(|bump| bump.begin_us)),
        numbers::<Int64Type>(bumps.each(|bump| bump.peak_us)),
        numbers::<Int64Type>(bumps.each(|bump| bump.end_us)),
        numbers::<Float32Type>(bumps.each(|bump| bump.score)),
        numbers::<Float32Type>(bumps.each(|bump| bump.probability)),
        texts(bumps.each(|bump| bump.channel.name())),
        texts(bumps.each(|bump| bump.kind.name())),
    ]);
    columns.extend(
        (0..Kind::ALL.len()).map(|kind| {
            numbers::<Float32Type>(bumps.each(move |bump| bump.kind_probability[kind]))
        }),
    );
    columns.extend([
        some_numbers::<Float32Type>(bumps.each(|bump| bump.severity_mps2)),
        truths(bumps.each(|bump| bump.saturated)),
        some_numbers::<Float64Type>(bumps.each(|bump| position(bump).map(Position::lat_deg))),
        some_numbers::<Float64Type>(bumps.each(|bump| position(bump).map(Position::lon_deg))),
        some_numbers::<Float32Type>(bumps.each(|bump| bump.place.map(|place| place.sigma_m))),
        some_numbers::<Float64Type>(
            bumps.each(|bump| bump.place.and_then(|place| place.heading).map(Heading::deg)),
        ),
        numbers::<Float32Type>(bumps.each(|bump| bump.measured.peak_mps2)),
        numbers::<Float32Type>(bumps.each(|bump| bump.measured.width_s)),
        some_numbers::<Float64Type>(bumps.each(|bump| bump.measured.speed.map(Speed::mps))),
        numbers::<Float32Type>(bumps.each(|bump| bump.measured.rate_hz)),
    ]);
    columns.extend((0..BANDS_HZ.len()).map(|band| {
        some_numbers::<Float32Type>(bumps.each(move |bump| bump.measured.band_rms_mps2[band]))
    }));
    columns.extend([
        some_numbers::<Float32Type>(bumps.each(|bump| bump.measured.body_score)),
        some_numbers::<Float32Type>(bumps.each(|bump| bump.measured.impact_score)),
        numbers::<Float32Type>(bumps.each(|bump| bump.measured.horizontal_ratio)),
    ]);
    columns
}

fn stretches(stretches: &Parts<'_, Stretch>) -> Vec<ArrayRef> {
    let rough = |stretch: &Stretch, value: fn(&Roughness) -> Option<f32>| {
        stretch.roughness.as_ref().and_then(value)
    };
    let latitudes = |stretch: &Stretch| -> Vec<f64> {
        let points = stretch.path.iter();
        points.map(|point| point.position.lat_deg()).collect()
    };
    let mut columns = Vec::from(stretches.identity());
    columns.extend([
        numbers::<Int64Type>(stretches.each(|stretch| stretch.begin_us)),
        numbers::<Int64Type>(stretches.each(|stretch| stretch.end_us)),
        numbers::<Float64Type>(stretches.each(Stretch::length_m)),
        numbers::<Float32Type>(stretches.each(|stretch| stretch.sigma_m)),
        some_numbers::<Float64Type>(stretches.each(|stretch| stretch.heading.map(Heading::deg))),
        some_numbers::<Float64Type>(stretches.each(|stretch| stretch.speed.map(Speed::mps))),
        truths(stretches.each(|stretch| stretch.able)),
        some_numbers::<Float32Type>(stretches.each(|s| rough(s, |rough| Some(rough.rms_mps2)))),
    ]);
    columns.extend((0..BANDS_HZ.len()).map(|band| {
        let rms_mps2 = move |stretch: &Stretch| {
            let roughness = stretch.roughness.as_ref();
            roughness.and_then(|roughness| roughness.band_rms_mps2[band])
        };
        some_numbers::<Float32Type>(stretches.each(rms_mps2))
    }));
    let class = |stretch: &Stretch| {
        let roughness = stretch.roughness.as_ref();
        roughness.and_then(|roughness| roughness.class).map(letter)
    };
    columns.extend([
        some_numbers::<Float32Type>(stretches.each(|s| rough(s, |rough| rough.iri_m_per_km))),
        some_texts(stretches.each(class)),
        some_numbers::<Float64Type>(
            stretches.each(|s| latitudes(s).into_iter().min_by(f64::total_cmp)),
        ),
        some_numbers::<Float64Type>(
            stretches.each(|s| latitudes(s).into_iter().max_by(f64::total_cmp)),
        ),
    ]);
    let points = || stretches.0.iter().flat_map(|(.., stretch)| &stretch.path);
    let lengths = || stretches.each(|stretch| stretch.path.len());
    columns.extend([
        lists::<Int64Type>(lengths(), points().map(|point| point.t_us)),
        lists::<Float64Type>(lengths(), points().map(|point| point.position.lat_deg())),
        lists::<Float64Type>(lengths(), points().map(|point| point.position.lon_deg())),
    ]);
    columns
}

/// The standard's letter of a class.
fn letter(class: RoadClass) -> &'static str {
    match class {
        RoadClass::A => "A",
        RoadClass::B => "B",
        RoadClass::C => "C",
        RoadClass::D => "D",
        RoadClass::E => "E",
        RoadClass::F => "F",
        RoadClass::G => "G",
        RoadClass::H => "H",
    }
}
