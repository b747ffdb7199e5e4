//! What is sealed: the map is the same on the day after, and goes on from there.

use super::*;
use crate::said::{Act, ActKind, CitizenReport, Inspection, Pin, SaidId, What, WorkState};
use crate::zone::Zone;

/// The first day of a chapter, 2026-04-06, and of the next, 2026-07-06.
const APRIL: i32 = MONDAY + 91;
const JULY: i32 = MONDAY + 182;

/// Pseudo-random numbers, the same in every run (SplitMix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }

    fn metres(&mut self, most: f64) -> f64 {
        (self.below(2001) as f64 / 1000.0 - 1.0) * most
    }
}

/// A year of a street of 2 km: holes that come and go, some of them near each other, felt by most,
/// and bumps where nothing is.
fn year(seed: u64, drives: u64) -> Vec<Drive> {
    const HOLES: [(f64, i32, i32, bool); 8] = [
        (150.0, 0, 400, true),
        (162.0, 0, 400, true),
        (400.0, 20, 130, true),
        (700.0, 85, 400, true),
        (709.0, 0, 400, true),
        (1000.0, 0, 110, false),
        (1300.0, 0, 400, false),
        (1600.0, 150, 230, true),
    ];
    let mut chance = Chance(seed);
    let drive = |trip: u64| {
        let day = (trip * 364 / drives) as i32;
        let north = chance.below(3) > 0;
        let felt = |chance: &mut Chance, &&(_, from, until, northward): &&(f64, i32, i32, bool)| {
            from <= day && day < until && northward == north && chance.below(10) < 7
        };
        let mut felt_m: Vec<f64> = (HOLES.iter())
            .filter(|hole| felt(&mut chance, hole))
            .map(|&(along_m, ..)| along_m)
            .collect();
        felt_m.iter_mut().for_each(|m| *m += chance.metres(2.0));
        if chance.below(6) == 0 {
            felt_m.push(1000.0 + chance.metres(950.0));
        }
        let device = DEVICES[chance.below(6) as usize];
        let undated = chance.below(40) == 0;
        Drive {
            north,
            day: (!undated).then_some(MONDAY + day),
            sigma_m: 2.5 + chance.below(30) as f32 / 10.0,
            able: chance.below(8) > 0,
            street_m: 2000.0,
            ..Drive::new(device, trip).felt(&felt_m)
        }
        .off(chance.metres(5.0), chance.metres(2.0))
    };
    (0..drives).map(drive).collect()
}

/// What people say of that street, about the hazards that a map of it shows.
fn said_of(ledger: &Ledger) -> Vec<Said> {
    let hazards = ledger.project(None).hazards;
    let strongest = |along: f64| -> Pin {
        let near = hazards.iter().filter(|h| (along_m(h) - along).abs() < 15.0);
        let hazard = near.max_by_key(|hazard| (hazard.hits, hazard.id)).unwrap();
        Pin {
            id: hazard.id,
            at: hazard.position,
            heading: hazard.heading,
        }
    };
    let act = |along: f64, act: ActKind| {
        What::Act(Act {
            hazard: strongest(along),
            act,
            order: None,
            owner: None,
            reason: None,
            note: None,
        })
    };
    let inspection = |along: f64, found: bool| {
        What::Inspection(Inspection {
            hazard: strongest(along),
            found,
            kind: None,
            depth_mm: None,
            width_mm: None,
            owner: None,
            note: None,
        })
    };
    let report = |along: f64| {
        What::Report(CitizenReport {
            at: south_end().moved(along, 1.0),
            kind: Kind::Pothole,
            note: None,
        })
    };
    let all = [
        (3, report(1300.0)),
        (40, report(402.0)),
        (60, act(150.0, ActKind::Schedule)),
        (75, report(1850.0)),
        (95, act(1000.0, ActKind::Repaired)),
        (120, inspection(1300.0, true)),
        (132, act(400.0, ActKind::Repaired)),
        (200, report(700.0)),
        (260, inspection(1600.0, false)),
    ];
    // Between the passes of their days, and just before and after chapters begin, in zones on both
    // sides of UTC as well.
    let border = [
        (APRIL, 0, act(162.0, ActKind::Repaired)),
        (APRIL, -1, inspection(709.0, true)),
        (APRIL, 19 * 3600 + 30 * 60, report(1302.0)),
        (
            APRIL,
            18 * 3600 + 29 * 60 - DAY_S,
            act(700.0, ActKind::Repaired),
        ),
        (APRIL, 18 * 3600 + 31 * 60 - DAY_S, inspection(150.0, false)),
        (APRIL, 22 * 3600, inspection(1000.0, false)),
        (JULY, -1, act(1600.0, ActKind::Repaired)),
        (JULY, 18 * 3600 + 30 * 60 - DAY_S, report(150.0)),
        (JULY, 7 * 3600, act(150.0, ActKind::Repaired)),
    ];
    let said = |(number, (at_us, what))| Said {
        id: SaidId::from_bytes([number; 8]),
        at_us,
        by: "Ana".to_owned(),
        what,
    };
    let all =
        (all.into_iter()).map(|(day, what)| (i64::from(MONDAY + day) * DAY_US + DAY_US / 2, what));
    let border =
        (border.into_iter()).map(|(day, s, what)| (i64::from(day) * DAY_US + s * 1_000_000, what));
    (1..).zip(all.chain(border)).map(said).collect()
}

/// A day, seconds.
const DAY_S: i64 = 86_400;

fn town(seed: u64) -> Ledger {
    town_of(&year(seed, 700), &Zone::UTC)
}

/// A map of drives with all that people say of them, where days are counted in `zone`.
fn town_of(drives: &[Drive], zone: &Zone) -> Ledger {
    let mut town = Ledger::new(Config::default()).in_zone(zone.clone());
    for drive in drives {
        town.record(drive.fact_in(1, zone));
    }
    for said in said_of(&town) {
        town.say(said);
    }
    town
}

/// Drives on the days about the beginning of two chapters, some of which begin before midnight and end
/// after it, in India and in Japan.
fn nights() -> Vec<Drive> {
    let mut chance = Chance(11);
    let mut drives = Vec::new();
    for (number, day) in [APRIL - 1, APRIL, JULY - 1, JULY].into_iter().enumerate() {
        // Midnight is at 15:00 UTC in Japan, at 18:30 UTC in India.
        for minute in [60, 177, 178, 179, 180, 385, 387, 388, 389, 390, 391, 420] {
            let trip = (number as u64 + 1) * 60_000 + minute;
            let felt_m: Vec<f64> = [150.0, 400.0, 709.0, 1000.0, 1300.0, 1600.0]
                .into_iter()
                .filter(|_| chance.below(3) > 0)
                .collect();
            let device = DEVICES[chance.below(6) as usize];
            drives.push(Drive {
                north: chance.below(2) > 0,
                street_m: 2000.0,
                ..Drive::new(device, trip).on(day).felt(&felt_m)
            });
        }
    }
    drives
}

#[test]
fn what_is_said_and_driven_in_the_night_between_two_chapters_is_told_alike_when_it_is_sealed() {
    for zone in ["UTC", "Asia/Kolkata", "America/Los_Angeles", "Asia/Tokyo"] {
        let zone: Zone = zone.parse().unwrap();
        let drives: Vec<Drive> = year(8, 500).into_iter().chain(nights()).collect();
        let mut town = town_of(&drives, &zone);
        let before = town.project(None);
        assert_eq!(before.reported.len(), 6);
        let claimed = |hazard: &&Hazard| hazard.work.state == WorkState::RepairClaimed;
        assert!(before.hazards.iter().filter(claimed).count() > 2);
        for day in [APRIL, JULY, MONDAY + 300] {
            assert!(town.seal(day) > 0);
            assert_same(&town.project(None), &before);
        }
    }
}

#[test]
fn a_repair_that_is_claimed_on_the_last_evening_of_a_chapter_is_verified_in_the_next() {
    let mut street = ledger(&days(0, 91, true));
    let hazard = street.project(None).hazards.remove(0);
    street.say(Said {
        id: SaidId::from_bytes([9; 8]),
        at_us: i64::from(APRIL) * DAY_US - 1,
        by: "crew".to_owned(),
        what: What::Act(Act {
            hazard: Pin {
                id: hazard.id,
                at: hazard.position,
                heading: hazard.heading,
            },
            act: ActKind::Repaired,
            order: None,
            owner: None,
            reason: None,
            note: None,
        }),
    });
    let mut sealed = street.clone();
    assert_eq!(sealed.seal(APRIL), 91);
    let mut gone = Vec::new();
    for drive in days(91, 110, false) {
        for street in [&mut street, &mut sealed] {
            street.record(drive.fact(1));
        }
        let now = sealed.project(None);
        assert_same(&now, &street.project(None));
        gone.push(now.hazards[0].evidence_state == EvidenceState::VerifiedGone);
    }
    let passes = gone.iter().position(|&gone| gone).unwrap();
    assert!(passes < 8, "the claim is remembered: {passes}");
}

#[test]
fn nothing_changes_on_the_day_on_which_chapters_are_sealed() {
    for seed in 0..6 {
        let mut town = town(seed);
        let before = town.project(None);
        assert!(before.hazards.len() > 20, "{}", before.hazards.len());
        let facts = town.facts().count();
        let mut sealed = 0;
        for day in [APRIL, JULY, MONDAY + 300] {
            sealed += town.seal(day);
            assert_eq!(facts - sealed, town.facts().count());
            assert_same(&town.project(None), &before);
        }
        assert!(sealed * 2 > facts);
        assert_eq!(town.seal(MONDAY + 300), 0, "sealing again changes nothing");
        assert_same(&town.project(None), &before);
    }
}

/// Compares piece by piece, so that a difference can be read.
fn assert_same(now: &Projection, before: &Projection) {
    assert_eq!(now.as_of_us, before.as_of_us);
    assert_eq!(now.joined, before.joined);
    let ids = |projection: &Projection| -> Vec<_> {
        (projection.hazards.iter().map(|hazard| hazard.id)).collect()
    };
    assert_eq!(ids(now), ids(before));
    for (now, before) in now.hazards.iter().zip(&before.hazards) {
        assert_eq!(now, before);
    }
    assert_eq!(now.reported, before.reported);
    assert_eq!(now.coverage, before.coverage);
}

#[test]
fn sealing_in_two_steps_is_sealing_in_one() {
    let [mut once, mut twice] = [town(7), town(7)];
    once.seal(JULY);
    twice.seal(APRIL);
    twice.seal(JULY);
    assert!(format!("{:?}", once.past) == format!("{:?}", twice.past));
    let late = Drive::new("f", 9_000).on(MONDAY + 362).felt(&[150.0]);
    once.record(late.fact(1));
    twice.record(late.fact(1));
    assert_same(&once.project(None), &twice.project(None));
}

#[test]
fn what_is_heard_after_sealing_counts_as_if_nothing_had_been_sealed() {
    let dated = year(3, 700).into_iter().filter(|drive| drive.day.is_some());
    let dated: Vec<Drive> = dated.collect();
    let [mut sealed, mut whole] = [ledger(&dated), ledger(&dated)];
    for said in said_of(&whole) {
        sealed.say(said.clone());
        whole.say(said);
    }
    sealed.seal(MONDAY + 364);
    assert_eq!(sealed.facts().count(), 0);
    for (index, drive) in year(4, 120).into_iter().enumerate() {
        let mut drive = drive;
        drive.trip = 10_000 + index as u64;
        drive.day = Some(MONDAY + 370 + index as i32 / 2);
        sealed.record(drive.fact(2));
        whole.record(drive.fact(2));
        if index % 40 == 0 {
            assert_same(&sealed.project(None), &whole.project(None));
        }
    }
    assert_same(&sealed.project(None), &whole.project(None));
}

#[test]
fn a_sealed_trip_is_not_taken_in_again_and_a_late_one_counts() {
    let mut town = town(1);
    town.seal(APRIL);
    let dated = year(1, 700).into_iter().find(|drive| drive.day.is_some());
    let again = dated.unwrap().fact(1);
    assert_eq!(town.record(again), Recorded::Sealed);
    let hits = |town: &Ledger| {
        let hazards = town.project(None).hazards;
        let near = hazards
            .iter()
            .filter(|hazard| (along_m(hazard) - 150.0).abs() < 5.0);
        near.map(|hazard| hazard.hits).sum::<u32>()
    };
    let before = hits(&town);
    let late = Drive {
        street_m: 2000.0,
        ..Drive::new("f", 9_000).on(MONDAY + 30).felt(&[150.0])
    };
    assert_eq!(town.record(late.fact(1)), Recorded::Added);
    assert_eq!(hits(&town), before + 1);
    let said = Said {
        id: SaidId::from_bytes([99; 8]),
        at_us: i64::from(MONDAY + 30) * DAY_US,
        by: "Ana".to_owned(),
        what: What::Report(CitizenReport {
            at: south_end().moved(150.0, 0.0),
            kind: Kind::Pothole,
            note: None,
        }),
    };
    let reports = |town: &Ledger| -> u32 {
        let hazards = town.project(None).hazards;
        hazards.iter().map(|hazard| hazard.reports).sum()
    };
    let before = reports(&town);
    town.say(said);
    assert_eq!(reports(&town), before + 1);
}

#[test]
fn the_order_in_which_facts_come_after_sealing_does_not_matter() {
    let later: Vec<Drive> = (year(5, 60).into_iter())
        .enumerate()
        .map(|(index, drive)| Drive {
            trip: 20_000 + index as u64,
            day: drive.day.map(|_| MONDAY + 60 + 5 * index as i32),
            ..drive
        })
        .collect();
    let map = |reversed: bool| {
        let mut town = town(2);
        town.seal(APRIL);
        let mut later = later.clone();
        if reversed {
            later.reverse();
        }
        for drive in later.iter().chain(&later[..20]) {
            town.record(drive.fact(1));
        }
        town.seal(JULY);
        town.project(None)
    };
    assert_same(&map(false), &map(true));
}

/// Drives along the hole at 100 m, one a day by another driver.
fn days(from: i32, until: i32, felt: bool) -> Vec<Drive> {
    let drive = |day: i32| {
        let felt_m: &[f64] = if felt { &[100.0] } else { &[] };
        Drive::new(DEVICES[day as usize % 6], 50_000 + day as u64)
            .on(MONDAY + day)
            .felt(felt_m)
    };
    (from..until).map(drive).collect()
}

#[test]
fn what_was_sealed_still_fades_expires_goes_and_comes_back() {
    let mut street = ledger(&days(0, 90, true));
    street.seal(APRIL);
    assert_eq!(street.facts().count(), 0);
    let state = |street: &Ledger, day: Option<i32>| {
        let day = day.map(|day| i64::from(MONDAY + day) * DAY_US);
        let hazards = street.project(day).hazards;
        assert_eq!(hazards.len(), 1);
        hazards[0].evidence_state
    };
    assert_eq!(state(&street, None), EvidenceState::Confirmed);
    assert_eq!(state(&street, Some(180)), EvidenceState::Fading);
    assert_eq!(state(&street, Some(300)), EvidenceState::ExpiredUnverified);
    for drive in days(95, 125, false) {
        street.record(drive.fact(1));
    }
    assert_eq!(state(&street, None), EvidenceState::VerifiedGone);
    street.seal(JULY);
    for drive in days(190, 200, true) {
        street.record(drive.fact(1));
    }
    assert_eq!(state(&street, None), EvidenceState::Reopened);
}
