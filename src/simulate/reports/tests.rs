use std::collections::{BTreeMap, BTreeSet};

use trip::Kind;

use super::*;

fn small() -> Options {
    Options {
        seed: 5,
        hazards: 300,
        drivers: Some(200),
        days: 30,
        ..Options::default()
    }
}

/// Whether a share of `hits` in `of` is what `expected` makes, within 4 standard deviations.
fn agrees(hits: usize, of: usize, expected: f64) -> bool {
    let sigma = (expected * (1.0 - expected) / of as f64).sqrt();
    (hits as f64 / of as f64 - expected).abs() < 4.0 * sigma
}

#[test]
fn one_seed_makes_the_same_trips_and_another_makes_others() {
    let trips = |seed| -> Vec<Trip> {
        let options = Options {
            seed,
            hostile: 0.1,
            days: 8,
            ..small()
        };
        city(options).trips().collect()
    };
    assert!(trips(5) == trips(5));
    assert!(trips(5) != trips(6));
}

#[test]
fn a_city_has_the_objects_it_was_asked_for() {
    let city = city(small());
    let sites: BTreeSet<u32> = city.hazards().iter().map(|hazard| hazard.site).collect();
    assert_eq!(sites.len(), 300);
    assert_eq!(city.drivers(), 200);
    for (hazard, id) in city.hazards().iter().zip(1..) {
        assert_eq!(hazard.id, id);
    }
    let kinds: BTreeSet<Kind> = city.hazards().iter().map(|hazard| hazard.kind).collect();
    assert_eq!(kinds.len(), 5);
}

#[test]
fn the_mean_chance_of_a_hit_is_what_was_asked_for() {
    for detection in [0.6, 0.85] {
        let city = city(Options {
            detection,
            ..small()
        });
        let straight = city.hazards().iter().filter(|hazard| !hazard.swerved);
        let shares: Vec<f64> = straight.map(|hazard| hazard.detectability).collect();
        let mean = shares.iter().sum::<f64>() / shares.len() as f64;
        assert!((mean - detection).abs() < 0.005, "{mean}");
    }
}

#[test]
fn hits_of_updated_phones_agree_with_what_hazards_say_of_themselves() {
    let city = city(Options {
        drivers: Some(2000),
        ..small()
    });
    let today = &city.generations[0];
    let (mut hits, mut expected, mut passes) = (0, 0.0, 0);
    for trip in city.trips().filter(|trip| trip.generation == *today) {
        for pass in trip.passes.iter().filter(|pass| pass.able) {
            let hazard = &city.hazards()[pass.hazard as usize - 1];
            let grown = hazard.appears_us.is_none();
            if grown && hazard.stands_at(pass.t_us) {
                hits += usize::from(pass.felt);
                expected += hazard.detectability;
                passes += 1;
            }
        }
    }
    assert!(passes > 100_000, "{passes}");
    // Phones differ, and some drive more than others: not binomial, but near.
    let shares = [hits as f64, expected].map(|sum| sum / f64::from(passes));
    assert!((shares[0] - shares[1]).abs() < 0.01, "{shares:?}");
}

#[test]
fn shares_of_repairs_claims_and_liars_are_what_was_asked_for() {
    let city = city(Options {
        hazards: 4000,
        repaired: 0.3,
        hostile: 0.1,
        drivers: Some(2000),
        ..small()
    });
    let mut sites = BTreeMap::new();
    for hazard in city.hazards().iter().filter(|h| h.kind == Kind::Pothole) {
        sites.insert(hazard.site, hazard);
    }
    let repaired: Vec<_> = sites.values().filter(|h| h.repaired_us.is_some()).collect();
    assert!(
        agrees(repaired.len(), sites.len(), 0.3),
        "{}",
        repaired.len()
    );
    let claimed = repaired.iter().filter(|h| h.claimed_us.is_some()).count();
    assert!(agrees(claimed, repaired.len(), 0.5), "{claimed}");
    assert!(
        sites
            .values()
            .any(|h| h.claimed_us.is_some() && h.repaired_us.is_none())
    );
    let lying = (0..2000)
        .filter(|&n| city.driver(n).hostile.is_some())
        .count();
    assert!(agrees(lying, 2000, 0.1), "{lying}");
}

#[test]
fn trips_come_in_order_of_delivery_and_late_phones_come_late() {
    let city = city(small());
    let mut before = 0;
    let mut late = 0;
    for trip in city.trips() {
        assert!(trip.received_day() >= before);
        before = trip.received_day();
        let driven = trip.evidence().last_us.div_euclid(DAY_US);
        late += usize::from(trip.received_day() > driven);
        assert!(trip.received_day() - driven <= i64::from(driver::OFFLINE_DAYS));
    }
    assert!(late > 0);
}

#[test]
fn false_alarms_are_as_many_as_was_asked_for() {
    let city = city(Options {
        false_alarms_per_km: 0.5,
        ..small()
    });
    let today = &city.generations[0];
    let (mut alarms, mut able_km) = (0, 0.0);
    for trip in city.trips().filter(|trip| trip.generation == *today) {
        let felt = trip.passes.iter().filter(|pass| pass.felt).count();
        alarms += trip.report.bumps.len() - felt;
        let able = trip.report.stretches.iter().filter(|stretch| stretch.able);
        able_km += able.map(trip::Stretch::length_m).sum::<f64>() / 1e3;
    }
    let per_km = alarms as f64 / able_km;
    assert!((per_km - 0.5).abs() < 0.02, "{per_km} over {able_km} km");
}

#[test]
fn places_are_as_far_off_as_they_say() {
    let city = city(Options {
        false_alarms_per_km: 0.0,
        ..small()
    });
    let (mut within, mut all) = (0, 0);
    let mut errors_m = Vec::new();
    for trip in city.trips() {
        let felt = trip.passes.iter().filter(|pass| pass.felt);
        for (bump, pass) in trip.report.bumps.iter().zip(felt) {
            let place = bump.place.expect("every bump has one");
            let hazard = &city.hazards()[pass.hazard as usize - 1];
            let error_m = place.position.distance_m(hazard.position);
            within += usize::from(error_m < 2.45 * f64::from(place.sigma_m));
            all += 1;
            errors_m.push(error_m);
        }
    }
    let covered = f64::from(within as u32) / f64::from(all);
    assert!((covered - 0.95).abs() < 0.02, "{covered}");
    errors_m.sort_by(f64::total_cmp);
    let median_m = crate::evaluate::interval::quantile(&errors_m, 0.5);
    assert!((3.9..4.6).contains(&median_m), "{median_m}");
}

#[test]
fn participation_is_the_share_of_all_kilometres() {
    let thin = city(Options {
        drivers: None,
        participation: 0.002,
        ..small()
    });
    assert!((thin.participation() / 0.002 - 1.0).abs() < 0.02);
    let thick = city(Options {
        drivers: None,
        participation: 0.02,
        ..small()
    });
    let ratio = f64::from(thick.drivers()) / f64::from(thin.drivers());
    assert!((ratio - 10.0).abs() < 0.2, "{ratio}");
}

#[test]
fn busy_streets_are_driven_more() {
    let city = city(Options {
        hazards: 3000,
        ..small()
    });
    let mut km = BTreeMap::new();
    for number in 0..200 {
        let way = Route::to_work(&city.grid, &city.driver(number), false);
        for leg in &way.legs {
            let street = city.grid.lane(leg.lane).street;
            *km.entry(street).or_insert(0.0) += leg.length_m() / 1e3;
        }
    }
    let density = |street| km[&street] / city.lane_km(street);
    let [busy, middling, quiet] = Street::ALL.map(density);
    assert!(
        busy > 1.3 * middling && middling > 4.0 * quiet,
        "{busy} {middling} {quiet}"
    );
}

#[test]
fn two_phones_in_one_car_tell_of_one_journey() {
    let city = city(small());
    let number = (0..200).find(|&n| city.driver(n).phones.len() == 2);
    let number = number.expect("one car in twenty has two");
    let mut trips = city.trips().filter(|trip| trip.driver == number);
    let (a, b) = (trips.next().expect("one"), trips.next().expect("another"));
    assert_ne!(a.key.device, b.key.device);
    let apart_us = a.evidence().first_us - b.evidence().first_us;
    assert!(apart_us.abs() <= 1_000_000, "{apart_us}");
    let hazards = |trip: &Trip| -> Vec<u32> { trip.passes.iter().map(|p| p.hazard).collect() };
    assert_eq!(hazards(&a), hazards(&b));
}

#[test]
fn what_is_written_on_the_wire_reads_back_as_it_was() {
    let city = city(Options {
        hostile: 0.2,
        days: 3,
        ..small()
    });
    for trip in city.trips().take(60) {
        let mut report = trip::Report::default();
        for message in trip.messages() {
            let line = message.to_json();
            assert!(line.len() < ingest::wire::limits::MAX_PACKET_BYTES);
            let decoded = ingest::wire::decode(&line).expect("a message of the wire");
            let ingest::wire::Incoming::Message(decoded) = decoded else {
                panic!("a hello");
            };
            if let ingest::wire::Content::Report(generation, part) = decoded.content {
                assert_eq!(generation, trip.generation);
                report.append(part);
            }
        }
        assert_eq!(report, trip.report);
    }
}

#[test]
fn liars_lie_each_in_their_way() {
    let city = city(Options {
        hostile: 1.0,
        days: 10,
        ..small()
    });
    let mut bumps: BTreeMap<Hostility, usize> = BTreeMap::new();
    let mut names: BTreeMap<u32, BTreeSet<trip::DeviceId>> = BTreeMap::new();
    for trip in city.trips() {
        let hostile = trip.hostile.expect("everybody lies");
        *bumps.entry(hostile).or_default() += trip.report.bumps.len();
        if hostile == Hostility::ManyNames {
            names
                .entry(trip.driver)
                .or_default()
                .insert(trip.key.device);
        }
    }
    assert_eq!(bumps[&Hostility::Hiding], 0);
    assert!(bumps[&Hostility::Inventing] > 0 && bumps[&Hostility::Replaying] > 0);
    assert!(
        names.values().all(|names| names.len() >= 10),
        "ten names each"
    );
}
