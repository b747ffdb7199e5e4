mod many;
mod people;
mod sealed;

use proptest::prelude::*;
use trip::{Heading, Kind};

use super::*;
use crate::hazard::{EvidenceState, Hazard};
use crate::stamp::DAY_US;
use crate::street::{Drive, MONDAY, south_end};

fn ledger(drives: &[Drive]) -> Ledger {
    let mut ledger = Ledger::new(Config::default());
    for drive in drives {
        ledger.record(drive.fact(1));
    }
    ledger
}

fn hazards_of(drives: &[Drive]) -> Vec<Hazard> {
    ledger(drives).project(None).hazards
}

/// The only hazard of some drives.
fn hazard_of(drives: &[Drive]) -> Hazard {
    let mut hazards = hazards_of(drives);
    assert_eq!(hazards.len(), 1, "{hazards:#?}");
    hazards.remove(0)
}

/// Metres north of the south end.
fn along_m(hazard: &Hazard) -> f64 {
    south_end().offset_to(hazard.position).north_m
}

const DEVICES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

/// One drive each of so many devices, that feel something at the same places.
fn crowd(devices: usize, felt_m: &[f64]) -> Vec<Drive> {
    (DEVICES[..devices].iter().zip(1..))
        .map(|(device, trip)| Drive::new(device, trip).felt(felt_m))
        .collect()
}

#[test]
fn no_facts_make_an_empty_map() {
    assert_eq!(ledger(&[]).project(None), Projection::default());
}

#[test]
fn one_drive_makes_a_candidate() {
    let hazard = hazard_of(&crowd(1, &[100.0]));
    assert_eq!(hazard.evidence_state, EvidenceState::Candidate);
    assert_eq!((hazard.hits, hazard.passes, hazard.drivers), (1, 1, 1));
    assert!((along_m(&hazard) - 100.0).abs() < 0.1);
    assert_eq!(hazard.severity_mps2, Some(5.5));
    assert_eq!(hazard.kind, Kind::Pothole);
    assert!(
        hazard
            .heading
            .unwrap()
            .turn_deg(Heading::from_deg(0.0).unwrap())
            < 1.0
    );
}

#[test]
fn three_drivers_confirm() {
    let hazard = hazard_of(&crowd(3, &[100.0]));
    assert_eq!(hazard.evidence_state, EvidenceState::Confirmed);
    assert!(hazard.confidence > 0.99);
    assert!(hazard.sigma_m < 2.0, "{}", hazard.sigma_m);
}

#[test]
fn two_lanes_stay_apart() {
    let mut drives = crowd(3, &[100.0]);
    for (device, trip) in DEVICES[3..].iter().zip(11..) {
        let north = false;
        drives.push(Drive {
            north,
            ..Drive::new(device, trip).felt(&[100.0])
        });
    }
    let hazards = hazards_of(&drives);
    assert_eq!(hazards.len(), 2);
    for hazard in &hazards {
        assert_eq!((hazard.hits, hazard.passes), (3, 3), "{hazard:?}");
    }
}

#[test]
fn two_holes_12_m_apart_stay_two_however_far_the_fixes_are_off() {
    let offs_m = [
        (7.0, 0.0),
        (-6.0, 2.0),
        (0.0, -3.0),
        (5.0, 1.0),
        (-4.0, -2.0),
        (2.0, 0.0),
    ];
    let drives: Vec<Drive> = (crowd(6, &[100.0, 112.0]).into_iter().zip(offs_m))
        .map(|(drive, (north_m, east_m))| Drive {
            sigma_m: 5.0,
            ..drive.off(north_m, east_m)
        })
        .collect();
    let mut hazards = hazards_of(&drives);
    hazards.sort_by(|a, b| along_m(a).total_cmp(&along_m(b)));
    assert_eq!(hazards.len(), 2);
    assert!((along_m(&hazards[1]) - along_m(&hazards[0]) - 12.0).abs() < 1.0);
    assert!(hazards.iter().all(|hazard| hazard.hits == 6));
}

#[test]
fn both_axles_over_both_ends_of_a_hump_are_one_hazard() {
    let hazard = hazard_of(&crowd(1, &[100.0, 102.9, 106.6]));
    assert_eq!(hazard.hits, 1);
}

#[test]
fn a_quiet_pass_lowers_belief_and_a_blind_one_does_not() {
    let felt = crowd(3, &[100.0]);
    let sure = hazard_of(&felt);
    let with = |drive: Drive| {
        let mut drives = felt.clone();
        drives.push(drive);
        hazard_of(&drives)
    };
    let quiet = with(Drive::new("d", 50));
    assert!(quiet.confidence < sure.confidence);
    assert_eq!((quiet.hits, quiet.passes), (3, 4));
    let blind = with(Drive {
        able: false,
        ..Drive::new("d", 50)
    });
    assert_eq!((blind.confidence, blind.passes), (sure.confidence, 3));
    let other_lane = with(Drive {
        north: false,
        ..Drive::new("d", 50)
    });
    assert_eq!(other_lane.confidence, sure.confidence);
}

#[test]
fn road_that_was_quiet_before_the_hole_came_says_nothing_about_it() {
    let mut drives = crowd(3, &[100.0]);
    let sure = hazard_of(&drives);
    drives.push(Drive::new("d", 50).on(MONDAY - 1));
    assert_eq!(hazard_of(&drives), sure);
    drives.push(Drive::new("e", 51).on(MONDAY));
    assert_eq!(hazard_of(&drives).passes, 4);
}

#[test]
fn a_driver_counts_once_a_day_however_often_they_say_it() {
    let once = hazard_of(&[Drive::new("liar", 1).felt(&[100.0])]);
    let often: Vec<Drive> = (1..=20)
        .map(|trip| Drive::new("liar", trip).felt(&[100.0]))
        .collect();
    let often = hazard_of(&often);
    assert_eq!((often.hits, often.passes, often.drivers), (1, 1, 1));
    assert_eq!(often.confidence, once.confidence);
}

#[test]
fn a_driver_alone_never_confirms() {
    let days: Vec<Drive> = (1..=20)
        .map(|trip| {
            Drive::new("liar", trip as u64)
                .felt(&[100.0])
                .on(MONDAY + trip)
        })
        .collect();
    let hazard = hazard_of(&days);
    assert_eq!((hazard.hits, hazard.drivers), (20, 1));
    assert_eq!(hazard.evidence_state, EvidenceState::Candidate);
}

#[test]
fn undated_drives_confirm_and_never_fade() {
    let undated = |drive: Drive| Drive { day: None, ..drive };
    let mut drives: Vec<Drive> = crowd(3, &[100.0]).into_iter().map(undated).collect();
    let sure = hazard_of(&drives);
    assert_eq!(sure.evidence_state, EvidenceState::Confirmed);
    assert_eq!((sure.first_us, sure.last_us), (None, None));
    let in_100_years_us = i64::from(MONDAY + 36_525) * DAY_US;
    assert_eq!(
        ledger(&drives).project(Some(in_100_years_us)).hazards,
        [sure]
    );
    // Each is a day of its own: the same driver twice counts twice, but stays one driver.
    drives.push(undated(Drive::new("a", 9).felt(&[100.0])));
    let again = hazard_of(&drives);
    assert_eq!((again.hits, again.drivers), (4, 3));
}

#[test]
fn a_repair_is_noticed_by_those_who_feel_nothing() {
    let mut drives = crowd(4, &[100.0]);
    for day in 1..=5 {
        for (device, trip) in ["d", "e"].iter().zip(1..) {
            drives.push(Drive::new(device, 100 * day as u64 + trip).on(MONDAY + day));
        }
    }
    let repaired = hazard_of(&drives);
    assert_eq!(repaired.evidence_state, EvidenceState::VerifiedGone);
    for (device, trip) in DEVICES.iter().zip(1000..) {
        drives.push(Drive::new(device, trip).felt(&[100.0]).on(MONDAY + 20));
    }
    let reopened = hazard_of(&drives);
    assert_eq!(reopened.evidence_state, EvidenceState::Reopened);
    assert_eq!(reopened.id, repaired.id);
}

#[test]
fn what_nobody_passes_fades_and_then_expires_but_is_never_gone() {
    let ledger = ledger(&crowd(3, &[100.0]));
    let state_after = |days: i32| {
        let as_of_us = i64::from(MONDAY + days) * DAY_US;
        ledger.project(Some(as_of_us)).hazards[0].evidence_state
    };
    assert_eq!(state_after(10), EvidenceState::Confirmed);
    assert_eq!(state_after(60), EvidenceState::Fading);
    assert_eq!(state_after(180), EvidenceState::ExpiredUnverified);
}

#[test]
fn the_map_of_an_earlier_day_knows_nothing_of_later_ones() {
    let mut drives = crowd(2, &[100.0]);
    let then = ledger(&drives).project(None);
    drives.push(Drive::new("f", 70).felt(&[100.0, 150.0]).on(MONDAY + 3));
    let now = ledger(&drives);
    assert_eq!(now.project(then.as_of_us), then);
    assert_eq!(now.project(None).hazards.len(), 2);
}

#[test]
fn later_evidence_never_renames_what_earlier_evidence_founded() {
    let mut drives = crowd(4, &[60.0, 100.0, 150.0]);
    let ids = |drives: &[Drive]| -> Vec<_> { hazards_of(drives).iter().map(|h| h.id).collect() };
    let before = ids(&drives);
    for (device, trip) in DEVICES.iter().zip(500..) {
        let felt_m = [62.0, 97.0, 110.0, 155.0, 180.0];
        drives.push(
            Drive::new(device, trip)
                .felt(&felt_m)
                .on(MONDAY + 1)
                .off(5.0, 3.0),
        );
    }
    let after = ids(&drives);
    assert!(before.iter().all(|id| after.contains(id)));
}

#[test]
fn a_bump_without_a_place_is_on_no_map() {
    let drive = Drive {
        placed: false,
        ..Drive::new("a", 1).felt(&[100.0])
    };
    assert_eq!(hazards_of(&[drive]), []);
}

#[test]
fn a_longer_reading_of_a_trip_takes_the_place_of_a_shorter_one() {
    let (short, mut long) = (
        Drive::new("a", 1).fact(1),
        Drive::new("a", 1).felt(&[100.0]).fact(1),
    );
    (long.edition.messages, long.edition.digest) = (21, [9; 16]);
    for order in [[&short, &long, &short], [&long, &short, &long]] {
        let mut ledger = Ledger::default();
        for fact in order {
            ledger.record(fact.clone());
        }
        assert_eq!(ledger.facts().collect::<Vec<_>>(), [&long]);
    }
}

#[test]
fn coverage_counts_each_drive_once_per_cell_and_direction() {
    let mut drives = crowd(2, &[]);
    drives.push(Drive {
        able: false,
        ..Drive::new("a", 20)
    });
    drives.push(Drive {
        north: false,
        ..Drive::new("a", 21)
    });
    drives.push(Drive {
        day: None,
        ..Drive::new("a", 22)
    });
    let coverage = ledger(&drives).project(None).coverage;
    let dated_north: Vec<_> = (coverage.iter())
        .filter(|cell| cell.octant == 0 && cell.week.is_some())
        .collect();
    assert!(
        (4..=8).contains(&dated_north.len()),
        "{}",
        dated_north.len()
    );
    for cell in &dated_north {
        assert_eq!(
            (cell.passes, cell.able_passes, cell.drivers),
            (3, 2, 2),
            "{cell:?}"
        );
        assert_eq!((cell.speed_passes, cell.speed_sum_mmps), (3, 30_000));
        assert_eq!(cell.log_rms_sum_micro, 3 * -693_147);
    }
    assert!(
        coverage
            .iter()
            .any(|cell| cell.octant == 4 && cell.passes == 1)
    );
    assert!(coverage.iter().any(|cell| cell.week.is_none()));
    assert!(coverage.is_sorted_by_key(|cell| (cell.cell, cell.octant, cell.week)));
}

#[test]
fn hostile_numbers_do_no_harm() {
    let mut fact = Drive::new("a", 1).felt(&[100.0, 150.0]).fact(1);
    for bump in &mut fact.report.bumps {
        bump.kind_probability = [f32::NAN; 7];
        bump.severity_mps2 = Some(f32::INFINITY);
        bump.peak_us = i64::MAX;
        bump.place.as_mut().unwrap().sigma_m = f32::NAN;
    }
    for stretch in &mut fact.report.stretches {
        stretch.sigma_m = f32::NEG_INFINITY;
        stretch.path[0].t_us = i64::MIN;
        stretch.roughness.as_mut().unwrap().rms_mps2 = -1.0;
    }
    let mut ledger = Ledger::default();
    ledger.record(fact);
    let hazards = ledger.project(None).hazards;
    assert_eq!(hazards.len(), 1);
    assert_eq!(
        (hazards[0].kind, hazards[0].severity_mps2),
        (Kind::Other, None)
    );
    assert!(hazards[0].confidence.is_finite());
}

prop_compose! {
    fn any_drive()(
        device in 0..DEVICES.len(),
        trip in 0_u64..1000,
        day in prop::option::weighted(0.8, MONDAY..MONDAY + 200),
        north: bool,
        able in prop::bool::weighted(0.8),
        felt_m in prop::collection::vec(0.0..200.0, 0..4),
        off_m in (-6.0..6.0, -6.0..6.0),
        sigma_m in 1.0_f32..8.0,
    ) -> Drive {
        Drive { day, north, able, felt_m, off_m, sigma_m, ..Drive::new(DEVICES[device], trip) }
    }
}

proptest! {
    #[test]
    fn the_map_is_the_same_for_any_order_any_repeat_and_any_key(
        drives in prop::collection::vec(any_drive(), 1..24),
        swaps in prop::collection::vec(any::<prop::sample::Index>(), 24),
    ) {
        let straight = ledger(&drives).project(None);
        let mut shuffled = drives.clone();
        for (index, swap) in swaps.iter().enumerate().take(drives.len()) {
            shuffled.swap(index, swap.index(drives.len()));
        }
        let mut other = Ledger::new(Config::default());
        for drive in shuffled.iter().chain(&drives) {
            other.record(drive.fact(2));
        }
        prop_assert_eq!(other.project(None), straight);
    }
}
