use super::*;
use crate::config::Config;
use crate::ledger::Ledger;
use crate::release::sheet::Read;
use crate::said::{Act, ActKind, Inspection, Pin, Said, SaidId, What};
use crate::stamp::DAY_US;
use crate::street::{Drive, MONDAY};
use crate::zone::Zone;

/// What so many drivers, each on two days of that week, make of one hole.
fn felt_by(drivers: &[&'static str]) -> Vec<Hazard> {
    let mut ledger = Ledger::new(Config::default());
    for (device, trip) in drivers.iter().zip(1..) {
        for day in 0..2 {
            let drive = Drive::new(device, 10 * trip + day).felt(&[100.0]);
            ledger.record(drive.on(MONDAY + day as i32).fact(1));
        }
    }
    ledger.project(None).hazards
}

/// A hole that one driver felt, and what people then say of it.
fn of_one_driver(what: impl Fn(Pin) -> What) -> Vec<Hazard> {
    let mut ledger = Ledger::new(Config::default());
    ledger.record(Drive::new("a", 1).felt(&[100.0]).fact(1));
    let hazard = ledger.project(None).hazards.remove(0);
    ledger.say(Said {
        id: SaidId::from_bytes([1; 8]),
        at_us: i64::from(MONDAY + 1) * DAY_US,
        by: "Ana".to_owned(),
        what: what(Pin {
            id: hazard.id,
            at: hazard.position,
            heading: hazard.heading,
        }),
    });
    ledger.project(None).hazards
}

fn act(act: ActKind) -> impl Fn(Pin) -> What {
    move |hazard| {
        What::Act(Act {
            hazard,
            act,
            order: None,
            owner: None,
            reason: None,
            note: None,
        })
    }
}

fn inspection(found: bool) -> impl Fn(Pin) -> What {
    move |hazard| {
        What::Inspection(Inspection {
            hazard,
            found,
            kind: None,
            depth_mm: None,
            width_mm: None,
            owner: None,
            note: None,
        })
    }
}

fn told(hazards: &[Hazard]) -> Vec<PublicHazard<'_>> {
    public(hazards.iter(), &ReleaseRule::default(), &Zone::UTC)
}

/// All that a row says, as one text.
fn said_of(row: &PublicHazard<'_>) -> String {
    let columns = public_sheet().columns.into_iter();
    let values = columns.map(|column| match column.read {
        Read::Text(read) => format!("{}={} ", column.field.name, read(row)),
        Read::Whole(read) => format!("{}={:?} ", column.field.name, read(row)),
        Read::Number(read) => format!("{}={:?} ", column.field.name, read(row)),
        Read::Truth(read) => format!("{}={:?} ", column.field.name, read(row)),
        Read::Time(_) | Read::Day(_) => panic!("{} is finer than a week", column.field.name),
    });
    values.collect()
}

#[test]
fn what_three_drivers_felt_is_told_and_what_two_felt_is_not() {
    assert_eq!(told(&felt_by(&["a", "b"])), []);
    let hazards = felt_by(&["a", "b", "c", "d"]);
    let told = told(&hazards);
    let said = said_of(&told[0]);
    for expected in [
        "lat_deg=Some(41.1509)",
        "hits_range=6-10 ",
        "drivers_range=3-5 ",
        "few_drivers=Some(false)",
        "first_week=2026-W02 ",
        "severity_mps2=Some(5.5)",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
}

#[test]
fn a_stricter_rule_tells_less_and_no_rule_tells_more() {
    let hazards = felt_by(&["a", "b", "c", "d"]);
    let told = |k: u32| {
        let rule = ReleaseRule {
            k,
            ..ReleaseRule::default()
        };
        public(hazards.iter(), &rule, &Zone::UTC).len()
    };
    assert_eq!([0, 3, 4, 5].map(told), [1, 1, 1, 0]);
    let two = felt_by(&["a", "b"]);
    let lax = ReleaseRule {
        k: 1,
        ..ReleaseRule::default()
    };
    assert_eq!(public(two.iter(), &lax, &Zone::UTC), []);
}

#[test]
fn what_staff_vouch_for_is_told_without_what_one_driver_says() {
    for hazards in [
        of_one_driver(act(ActKind::Triage)),
        of_one_driver(act(ActKind::Schedule)),
        of_one_driver(inspection(true)),
    ] {
        let told = told(&hazards);
        assert_eq!(told.len(), 1);
        let said = said_of(&told[0]);
        for expected in [
            "few_drivers=Some(true)",
            "hits_range=few ",
            "passes_range=few ",
            "drivers_range=few ",
            "confidence=None",
            "heading_deg=None",
            "severity_mps2=None",
            "first_week= ",
            "last_week= ",
            "last_pass_week= ",
        ] {
            assert!(said.contains(expected), "{expected}: {said}");
        }
    }
}

#[test]
fn what_staff_turned_away_or_did_not_find_is_not_vouched_for() {
    for hazards in [
        of_one_driver(act(ActKind::Dismiss)),
        of_one_driver(act(ActKind::Known)),
        of_one_driver(inspection(false)),
    ] {
        assert_eq!(told(&hazards), []);
    }
}

#[test]
fn a_site_is_never_named_after_a_hazard_that_is_not_told() {
    let public_ones = felt_by(&["a", "b", "c"]);
    let hidden = of_one_driver(act(ActKind::Dismiss)).remove(0);
    let mut hazards = vec![public_ones[0].clone(), hidden];
    let other: HazardId = "h-aaaaaaaaaaaaaaaa".parse().unwrap();
    hazards[0].id = "h-bbbbbbbbbbbbbbbb".parse().unwrap();
    hazards[1].id = other;
    hazards[0].site = other;
    hazards[1].site = other;
    let told = told(&hazards);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].site, hazards[0].id);
}
