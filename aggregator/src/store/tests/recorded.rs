//! Facts as their tables hold them, read back row by row.

use trip::{
    BANDS_HZ, Bump, Channel, Kind, Measured, PathPoint, RoadClass, Roughness, SkipReason, Skipped,
    Speed, Stretch,
};

use super::super::rows::{Columns, rows};
use super::*;

/// The report of the trip with a number.
fn report(store: &Store, trip_no: u32) -> trip::Report {
    let select = |columns: &str, table: &str, order: &str| {
        format!("SELECT {columns} FROM {table} WHERE trip_no = {trip_no} ORDER BY {order}")
    };
    let bumps = select("* EXCLUDE (trip_no, bump_no)", "bump", "bump_no");
    let stretches = select(
        "* EXCLUDE (trip_no, stretch_no, length_m, south_deg, north_deg, path_us, path_lat_deg, \
         path_lon_deg), stretch_no",
        "stretch",
        "stretch_no",
    );
    let skipped = select("begin_us, end_us, reason", "skipped", "skipped_no");
    trip::Report {
        bumps: rows(&store.db, &bumps, "bump", bump).unwrap(),
        candidates: Vec::new(),
        stretches: (rows(&store.db, &stretches, "stretch", stretch).unwrap())
            .into_iter()
            .map(|(number, stretch)| Stretch {
                path: path(store, trip_no, number).unwrap(),
                ..stretch
            })
            .collect(),
        skipped: rows(&store.db, &skipped, "skipped", |columns| {
            Ok(Skipped {
                begin_us: columns.take()?,
                end_us: columns.take()?,
                reason: columns.word("reason", SkipReason::from_name)?,
            })
        })
        .unwrap(),
    }
}

fn speed(columns: &mut Columns<'_>) -> Result<Option<Speed>, StoreError> {
    let mps: Option<f64> = columns.take()?;
    Ok(mps.map(|mps| Speed::from_mps(mps).unwrap()))
}

fn bands(columns: &mut Columns<'_>) -> Result<[Option<f32>; BANDS_HZ.len()], StoreError> {
    let mut bands = [None; BANDS_HZ.len()];
    for band in &mut bands {
        *band = columns.take()?;
    }
    Ok(bands)
}

fn bump(columns: &mut Columns<'_>) -> Result<Bump, StoreError> {
    Ok(Bump {
        begin_us: columns.take()?,
        peak_us: columns.take()?,
        end_us: columns.take()?,
        score: columns.take()?,
        probability: columns.take()?,
        channel: columns.word("channel", Channel::from_name)?,
        kind: columns.word("kind", Kind::from_name)?,
        kind_probability: {
            let mut kinds = [0.0; Kind::ALL.len()];
            for kind in &mut kinds {
                *kind = columns.take()?;
            }
            kinds
        },
        severity_mps2: columns.take()?,
        saturated: columns.take()?,
        place: {
            let position = columns.position()?;
            let sigma_m: Option<f32> = columns.take()?;
            let heading = columns.heading()?;
            position
                .zip(sigma_m)
                .map(|(position, sigma_m)| trip::Place {
                    position,
                    sigma_m,
                    heading,
                })
        },
        measured: Measured {
            peak_mps2: columns.take()?,
            width_s: columns.take()?,
            speed: speed(columns)?,
            rate_hz: columns.take()?,
            band_rms_mps2: bands(columns)?,
            body_score: columns.take()?,
            impact_score: columns.take()?,
            horizontal_ratio: columns.take()?,
        },
    })
}

/// A stretch without its track, and its number.
fn stretch(columns: &mut Columns<'_>) -> Result<(u32, Stretch), StoreError> {
    let (begin_us, end_us) = (columns.take()?, columns.take()?);
    let sigma_m = columns.take()?;
    let heading = columns.heading()?;
    let speed = speed(columns)?;
    let able = columns.take()?;
    let rms_mps2: Option<f32> = columns.take()?;
    let band_rms_mps2 = bands(columns)?;
    let iri_m_per_km = columns.take()?;
    let letter: Option<String> = columns.take()?;
    let classes = [RoadClass::A, RoadClass::B, RoadClass::C, RoadClass::D];
    let class = classes
        .into_iter()
        .find(|class| Some(format!("{class:?}")) == letter);
    let stretch_no: u32 = columns.take()?;
    let stretch = Stretch {
        begin_us,
        end_us,
        path: Vec::new(),
        sigma_m,
        heading,
        speed,
        able,
        roughness: rms_mps2.map(|rms_mps2| Roughness {
            rms_mps2,
            band_rms_mps2,
            iri_m_per_km,
            iri_sigma_ln: None,
            class,
        }),
    };
    Ok((stretch_no, stretch))
}

fn path(store: &Store, trip_no: u32, stretch_no: u32) -> Result<Vec<PathPoint>, StoreError> {
    let sql = format!(
        "SELECT unnest(path_us), unnest(path_lat_deg), unnest(path_lon_deg) FROM stretch \
         WHERE trip_no = {trip_no} AND stretch_no = {stretch_no}"
    );
    rows(&store.db, &sql, "stretch", |columns| {
        Ok(PathPoint {
            t_us: columns.take()?,
            position: columns.position()?.unwrap(),
        })
    })
}

#[test]
fn a_fact_comes_back_as_it_was_recorded() {
    let place = Place::mapped(&drives());
    let store = place.writer();
    let trips: Vec<TripHash> = drives().iter().map(|drive| drive.fact(0).trip).collect();
    let known = facts::known(&store.db, &trips).unwrap();
    assert_eq!(known.len(), 6);
    for drive in drives() {
        let (expected, found) = (drive.fact(0), &known[&drive.fact(0).trip]);
        assert_eq!(found.edition, expected.edition);
        assert_eq!(report(&store, found.number), expected.report);
    }
}

#[test]
fn a_trip_keeps_its_number_when_it_is_read_again() {
    let place = Place::mapped(&drives());
    let mut store = place.writer();
    let mut again = drives()[1].evidence();
    again.generation.version = "2".to_owned();
    store.record(&[again]).unwrap();
    store.project().unwrap();
    let sql = "SELECT count(*) FROM bump JOIN trip USING (trip_no) WHERE trip_no = 1 AND \
               detector_version = '2'";
    let bumps: u64 = store.db.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(bumps, 1);
}

#[test]
fn bands_are_folded_a_few_at_a_time_with_the_same_result() {
    let place = Place::mapped(&drives());
    let store = place.open(Mode::Read).unwrap();
    let told = fold::Told::new(Vec::new(), Vec::new(), None);
    let fold = |most_rows| {
        let facts = Facts {
            db: &store.db,
            most_rows,
        };
        fold::project(&facts, &told, None, &store.config).unwrap()
    };
    assert_eq!(fold(1), fold(MOST_ROWS));
}
