use super::*;
use crate::evaluate_map::figures::{Share, figures};

#[test]
fn a_truth_file_says_what_it_cannot_read_and_goes_on() {
    let text = r#"{"type":"FeatureCollection","features":[
        {"type":"Feature","geometry":{"type":"Point","coordinates":[-8.61,41.15]},"properties":{"kind":"pothole"}},
        {"type":"Feature","geometry":{"type":"Point","coordinates":[-8.61,141.15]},"properties":{}},
        {"type":"Feature","geometry":{"type":"LineString","coordinates":[]},"properties":{}},
        {"type":"Feature","geometry":{"type":"Point","coordinates":[-8.6,41.1]},"properties":{"heading_deg":"north"}},
        {"type":"Feature","geometry":{"type":"Point","coordinates":[-8.6,41.1]},"properties":null}]}"#;
    let truth = Truth::read(text).unwrap();
    let ids: Vec<u64> = truth.places.iter().map(|place| place.id).collect();
    assert_eq!(ids, [1, 5]);
    assert!(truth.places[0].stands_at(0) && truth.places[0].stands_at(i64::MAX));
    assert_eq!(
        truth.refused,
        [
            "feature 2: coordinates are no [longitude, latitude] in degrees",
            "feature 3: its geometry is no Point",
            "feature 4: heading_deg is \"north\", expected degrees from 0 to 360",
        ]
    );
    assert!(Truth::read("[]").is_err() && Truth::read("{").is_err());
}

#[test]
fn a_driver_passes_once_a_day_and_only_able_passes_count() {
    let day_us = 86_400_000_000_i64;
    let text = format!(
        "hazard,driver,t_us,able,felt\n7,1,5,1,1\n7,1,9,1,0\n7,2,6,0,0\n7,1,{},1,0\n8,1,3,1,1\n",
        day_us + 1
    );
    let passes = Passes::read(text.as_bytes()).unwrap();
    assert_eq!(passes.between(7, 0, i64::MAX).len(), 2);
    assert_eq!(passes.between(7, 6, i64::MAX).len(), 1);
    assert_eq!(passes.between(9, 0, i64::MAX), &[]);
    let wrong = Passes::read("hazard,driver,t_us,able,felt\n7,1,5,1,1\n7,1,x,1,1\n".as_bytes());
    assert!(wrong.unwrap_err().starts_with("line 3: "));
    assert!(
        Passes::read("t,ax\n".as_bytes())
            .unwrap_err()
            .starts_with("line 1: ")
    );
}

#[test]
fn wilson_s_interval_is_the_one_of_the_books() {
    // 8 of 10: 0.490 to 0.943.
    let share = Share::of(8, 10);
    let interval = share.interval.unwrap();
    assert!((interval.low - 0.490).abs() < 1e-3 && (interval.high - 0.943).abs() < 1e-3);
    assert_eq!(Share::of(0, 0).share, None);
}

/// A made city, its truth and passes, and the map of its trips.
fn small_city() -> (Vec<Hazard>, i64, Truth, Passes) {
    use crate::simulate::reports::{Options, city};
    let city = city(Options {
        hazards: 40,
        drivers: Some(60),
        days: 20,
        ..Options::default()
    });
    let mut ledger = aggregator::Ledger::new(aggregator::Config::default());
    let mut passes = crate::simulate::reports::PASSES_HEADER.to_owned();
    for trip in city.trips() {
        let evidence = trip.evidence();
        let driver = aggregator::Driver::of(&evidence.key.device, &[7; 32]);
        ledger.record(aggregator::Fact::new(
            &evidence,
            driver,
            &aggregator::Zone::UTC,
        ));
        passes.push_str(&trip.passes_csv());
    }
    let projection = ledger.project(None);
    let truth = Truth::read(&city.hazards_geojson()).unwrap();
    let passes = Passes::read(passes.as_bytes()).unwrap();
    (
        projection.hazards,
        projection.as_of_us.unwrap(),
        truth,
        passes,
    )
}

#[test]
fn the_figures_of_a_small_city_add_up() {
    let (hazards, as_of_us, truth, passes) = small_city();
    let figures = figures(
        &hazards,
        as_of_us,
        &truth.places,
        Some(&passes),
        Rule::default(),
    );
    assert_eq!(figures.hazards.values().sum::<u64>(), hazards.len() as u64);
    let of = &figures.believed;
    let believed = hazards.iter().filter(|hazard| is_believed(hazard)).count() as u64;
    assert_eq!(of.standing + of.repaired + of.second + of.nothing, believed);
    assert_eq!(of.precision.count, believed - of.nothing);
    assert_eq!(figures.recall.count, of.standing);
    assert_eq!(figures.recall.of, figures.standing);
    let by_passes: u64 = figures
        .recall_by_passes
        .iter()
        .map(|(_, share)| share.of)
        .sum();
    assert_eq!(by_passes, figures.standing);
    assert_eq!(figures.place_m.n, of.standing + of.repaired);
    assert!(
        figures.recall_8.unwrap().share.unwrap() > 0.8,
        "{figures:?}"
    );
    assert!(of.precision.share.unwrap() > 0.9, "{figures:?}");
}

#[test]
fn a_hazard_moved_away_or_turned_around_is_no_longer_its_place() {
    let (mut hazards, as_of_us, truth, _) = small_city();
    let precise = |hazards: &[Hazard]| {
        let figures = figures(hazards, as_of_us, &truth.places, None, Rule::default());
        (figures.believed.precision.count, figures.recall.count)
    };
    let before = precise(&hazards);
    let index = hazards.iter().position(is_believed).unwrap();
    let stood = hazards[index].clone();
    hazards[index].position = stood.position.moved(0.0, 500.0);
    assert!(precise(&hazards).0 < before.0);
    hazards[index] = stood.clone();
    hazards.push(stood);
    assert_eq!(
        precise(&hazards),
        (before.0 + 1, before.1),
        "a second one at the same place"
    );
}
