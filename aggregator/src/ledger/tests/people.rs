//! What people say beside what drivers feel.

use super::*;
use crate::hazard::Remark;
use crate::said::{
    Act, ActKind, CitizenReport, CloseReason, Inspection, Pin, SaidId, What, WorkState,
};

/// What somebody said, so many days after that Monday.
fn said(number: u8, day: i32, what: What) -> Said {
    Said {
        id: SaidId::from_bytes([number; 8]),
        at_us: i64::from(MONDAY + day) * DAY_US + DAY_US / 2,
        by: "Ana".to_owned(),
        what,
    }
}

fn inspection(hazard: &Hazard, found: bool) -> What {
    What::Inspection(Inspection {
        hazard: Pin::of(hazard),
        found,
        kind: found.then_some(Kind::Casting),
        depth_mm: found.then_some(18.0),
        width_mm: None,
        owner: found.then(|| "water utility".to_owned()),
        note: None,
    })
}

fn act(hazard: &Hazard, act: ActKind) -> What {
    What::Act(Act {
        hazard: Pin::of(hazard),
        act,
        order: None,
        owner: None,
        reason: (act == ActKind::Dismiss).then_some(CloseReason::BelowCriteria),
        note: None,
    })
}

fn report(along_m: f64) -> What {
    What::Report(CitizenReport {
        at: south_end().moved(along_m, 0.0),
        kind: Kind::Pothole,
        note: None,
    })
}

#[test]
fn a_hole_that_only_a_citizen_reported_exists_and_an_inspector_settles_it() {
    let mut ledger = ledger(&crowd(6, &[]));
    ledger.say(said(1, 1, report(100.0)));
    let reported = ledger.project(None).hazards.remove(0);
    assert_eq!((reported.hits, reported.reports), (0, 1));
    assert_eq!(reported.kind, Kind::Pothole);
    assert_eq!(reported.evidence_state, EvidenceState::Candidate);
    ledger.say(said(2, 2, inspection(&reported, true)));
    let settled = ledger.project(None).hazards.remove(0);
    assert_eq!(settled.id, reported.id);
    assert_eq!(settled.evidence_state, EvidenceState::Confirmed);
    assert_eq!(
        (settled.kind, settled.owner()),
        (Kind::Casting, Some("water utility"))
    );
    assert_eq!(settled.work.depth_mm, Some(18.0));
}

#[test]
fn a_report_of_what_is_felt_joins_it() {
    let mut ledger = ledger(&crowd(3, &[100.0]));
    ledger.say(said(1, 1, report(104.0)));
    let hazards = ledger.project(None).hazards;
    assert_eq!(
        (hazards.len(), hazards[0].hits, hazards[0].reports),
        (1, 3, 1)
    );
}

#[test]
fn it_is_kept_which_report_is_of_which_hazard() {
    let mut ledger = ledger(&crowd(3, &[100.0]));
    let places = [(4, 40.0), (1, 104.0), (3, 41.0), (2, 98.0)];
    for (number, along_m) in places {
        ledger.say(said(number, 1, report(along_m)));
    }
    let Projection {
        hazards, reported, ..
    } = ledger.project(None);
    let near = |number: u8| {
        let is_near = |hazard: &&Hazard| (along_m(hazard) - 40.0).abs() < 5.0;
        let (there, here): (Vec<_>, Vec<_>) = hazards.iter().partition(is_near);
        let hazard = if number > 2 { there[0] } else { here[0] };
        (SaidId::from_bytes([number; 8]), hazard.id)
    };
    assert_eq!(hazards.len(), 2);
    assert_eq!(reported, [1, 2, 3, 4].map(near));
}

#[test]
fn what_staff_decide_long_after_the_last_drive_counts_and_moves_no_clock() {
    let felt = crowd(4, &[100.0]);
    let before = ledger(&felt).project(None);
    for kind in [ActKind::Schedule, ActKind::Repaired, ActKind::Dismiss] {
        let mut ledger = ledger(&felt);
        ledger.say(said(1, 300, act(&before.hazards[0], kind)));
        let after = ledger.project(None);
        assert_eq!(after.as_of_us, before.as_of_us, "{kind}");
        let hazard = &after.hazards[0];
        assert_ne!(hazard.work.state, before.hazards[0].work.state, "{kind}");
        let unmoved = Hazard {
            work: before.hazards[0].work.clone(),
            remark: None,
            ..hazard.clone()
        };
        assert_eq!(unmoved, before.hazards[0], "{kind}");
        let then = ledger.project(before.as_of_us);
        assert_eq!(
            then.hazards, before.hazards,
            "as of then nobody had said it"
        );
    }
}

#[test]
fn whoever_sees_the_road_moves_the_clock_on() {
    let felt = crowd(4, &[100.0]);
    let hazard = hazard_of(&felt);
    for what in [inspection(&hazard, true), report(100.0)] {
        let mut ledger = ledger(&felt);
        let seen = said(1, 30, what);
        ledger.say(seen.clone());
        assert_eq!(ledger.project(None).as_of_us, Some(seen.at_us));
    }
}

#[test]
fn people_and_evidence_can_disagree_and_it_is_said() {
    let felt = crowd(4, &[100.0]);
    let hazard = hazard_of(&felt);
    let remark = |acts: &[(i32, ActKind)], later: &[Drive]| {
        let mut ledger = ledger(&felt);
        for (number, &(day, kind)) in (1..).zip(acts) {
            ledger.say(said(number, day, act(&hazard, kind)));
        }
        later.iter().for_each(|drive| {
            ledger.record(drive.fact(1));
        });
        let hazards = ledger.project(None).hazards;
        assert_eq!(hazards[0].id, hazard.id);
        hazards[0].remark
    };
    let drives = |felt_m: &[f64]| -> Vec<Drive> {
        (DEVICES.iter().cycle().zip(50..75))
            .map(|(device, trip)| {
                let day = MONDAY + 3 + (trip - 50) as i32 / 4;
                Drive::new(device, trip).on(day).felt(felt_m)
            })
            .collect()
    };
    let (quiet, hits) = (drives(&[]), drives(&[100.0]));
    let one_more = Drive::new("f", 90).on(MONDAY + 3);
    for (acts, later, expected) in [
        (
            &[(1, ActKind::Schedule)][..],
            &quiet[..],
            Some(Remark::ScheduledNoLongerFelt),
        ),
        (&[(1, ActKind::Schedule)], &hits, None),
        (
            &[(1, ActKind::Dismiss)],
            &hits,
            Some(Remark::ClosedStillFelt),
        ),
        (&[(1, ActKind::Dismiss)], &quiet, None),
        (
            &[(1, ActKind::Repaired)],
            &quiet,
            Some(Remark::RepairVerified),
        ),
        (
            &[(1, ActKind::Repaired)],
            &hits,
            Some(Remark::RepairStillFelt),
        ),
        (
            &[(1, ActKind::Repaired)],
            &[one_more],
            Some(Remark::RepairUnverified),
        ),
        (&[(1, ActKind::Repaired), (2, ActKind::Reopen)], &hits, None),
    ] {
        assert_eq!(remark(acts, later), expected, "{acts:?}");
    }
}

#[test]
fn a_known_casting_explains_what_is_felt_near_it_and_names_its_owner() {
    let mut ledger = ledger(&crowd(3, &[40.0, 100.0]));
    ledger.know(vec![KnownFeature {
        id: "C-7".to_owned(),
        kind: Kind::Casting,
        owner: Some("water utility".to_owned()),
        at: south_end().moved(102.0, 1.0),
    }]);
    let mut hazards = ledger.project(None).hazards;
    hazards.sort_by(|a, b| along_m(a).total_cmp(&along_m(b)));
    assert_eq!((hazards[0].kind, hazards[0].owner()), (Kind::Pothole, None));
    assert_eq!(hazards[1].kind, Kind::Casting);
    assert_eq!(hazards[1].owner(), Some("water utility"));
}

#[test]
fn what_was_said_counts_once_in_any_order() {
    let felt = crowd(4, &[100.0]);
    let hazard = hazard_of(&felt);
    let words = [
        said(1, 1, act(&hazard, ActKind::Schedule)),
        said(2, 2, act(&hazard, ActKind::Repaired)),
        said(3, 3, report(101.0)),
    ];
    let mut straight = ledger(&felt);
    words.iter().for_each(|said| straight.say(said.clone()));
    let mut other = Ledger::new(Config::default());
    for said in words.iter().rev().chain(&words) {
        other.say(said.clone());
    }
    felt.iter().rev().for_each(|drive| {
        other.record(drive.fact(3));
    });
    assert_eq!(straight.project(None), other.project(None));
}

#[test]
fn a_name_that_staff_hold_is_given_to_nothing_else() {
    let felt = crowd(4, &[100.0]);
    let mut held = Pin::of(&hazard_of(&felt));
    // The hazard lay elsewhere when they decided: whatever founded it is out of its reach now.
    held.at = south_end().moved(150.0, 0.0);
    let mut ledger = ledger(&felt);
    ledger.say(said(
        1,
        1,
        What::Act(Act {
            hazard: held,
            act: ActKind::Triage,
            order: None,
            owner: None,
            reason: None,
            note: None,
        }),
    ));
    let hazards = ledger.project(None).hazards;
    assert_eq!(hazards.len(), 2);
    let triaged: Vec<_> = (hazards.iter())
        .filter(|hazard| hazard.work.state == WorkState::Triaged)
        .collect();
    assert_eq!(triaged.len(), 1);
    assert_eq!(triaged[0].id, held.id);
    assert_ne!(hazards[0].id, hazards[1].id);
}
