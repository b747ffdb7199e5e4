use super::*;

fn pin() -> Pin {
    Pin {
        id: "h-44mxiekahas7lhin".parse().unwrap(),
        at: Position::new(41.15, -8.61).unwrap(),
        heading: Heading::from_deg(74.0).ok(),
    }
}

fn act(act: ActKind, at_us: i64) -> Said {
    Said {
        id: SaidId::from_bytes([7; 8]),
        at_us,
        by: "Ana".to_owned(),
        what: What::Act(Act {
            hazard: pin(),
            act,
            order: (act == ActKind::Schedule).then(|| "W-12".to_owned()),
            owner: None,
            reason: (act == ActKind::Dismiss).then_some(CloseReason::BelowCriteria),
            note: None,
        }),
    }
}

#[test]
fn what_was_said_reads_what_it_writes() {
    let inspection = Said {
        what: What::Inspection(Inspection {
            hazard: pin(),
            found: true,
            kind: Some(Kind::Casting),
            depth_mm: Some(18.0),
            width_mm: None,
            owner: Some("water utility".to_owned()),
            note: None,
        }),
        ..act(ActKind::Triage, 1)
    };
    let report = Said {
        what: What::Report(CitizenReport {
            at: pin().at,
            kind: Kind::Pothole,
            note: Some("deep".to_owned()),
        }),
        ..act(ActKind::Triage, 1)
    };
    for said in [act(ActKind::Dismiss, 5), inspection, report] {
        let line = serde_json::to_string(&said).unwrap();
        assert_eq!(serde_json::from_str::<Said>(&line).unwrap(), said, "{line}");
    }
}

#[test]
fn an_act_stands_in_the_file_like_this() {
    insta::assert_snapshot!(
        serde_json::to_string(&act(ActKind::Schedule, 5)).unwrap(),
        @r#"{"id":"0707070707070707","at_us":5,"by":"Ana","what":"act","hazard":{"id":"h-44mxiekahas7lhin","at":{"lat":41.15,"lon":-8.61},"heading":74.0},"act":"schedule","order":"W-12"}"#
    );
}

#[test]
fn what_people_said_last_stands_and_orders_stay() {
    let said = [
        act(ActKind::Triage, 1),
        act(ActKind::Schedule, 2),
        act(ActKind::Repaired, 3),
    ];
    let work = Work::after(said.iter());
    assert_eq!(work.state, WorkState::RepairClaimed);
    assert_eq!(
        (work.since_us, work.order.as_deref()),
        (Some(3), Some("W-12"))
    );
    let dismissed = act(ActKind::Dismiss, 4);
    let work = Work::after(said.iter().chain([&dismissed]));
    assert_eq!(work.reason, Some(CloseReason::BelowCriteria));
    let reopened = act(ActKind::Reopen, 5);
    let work = Work::after(said.iter().chain([&dismissed, &reopened]));
    assert_eq!((work.state, work.reason), (WorkState::None, None));
}

fn reference(id: &str, status: Option<&str>, url: Option<&str>, at_us: i64) -> Said {
    Said {
        what: What::Reference(Reference {
            hazard: pin(),
            system: "311".to_owned(),
            id: id.to_owned(),
            url: url.map(str::to_owned),
            status: status.map(str::to_owned),
        }),
        ..act(ActKind::Triage, at_us)
    }
}

#[test]
fn a_number_elsewhere_stands_in_the_file_like_this() {
    let said = reference("0047", Some("open"), Some("https://311.example/0047"), 5);
    let line = serde_json::to_string(&said).unwrap();
    assert_eq!(serde_json::from_str::<Said>(&line).unwrap(), said);
    insta::assert_snapshot!(
        line,
        @r#"{"id":"0707070707070707","at_us":5,"by":"Ana","what":"reference","hazard":{"id":"h-44mxiekahas7lhin","at":{"lat":41.15,"lon":-8.61},"heading":74.0},"system":"311","ref":"0047","url":"https://311.example/0047","status":"open"}"#
    );
}

#[test]
fn each_number_elsewhere_stands_once_with_what_was_said_of_it_last() {
    let said = [
        reference("7", Some("open"), Some("https://311.example/7"), 1),
        reference("0047", None, None, 2),
        reference("7", Some("closed"), None, 3),
    ];
    let work = Work::after(said.iter());
    assert_eq!((work.state, work.since_us), (WorkState::None, None));
    let told: Vec<_> = (work.references.iter())
        .map(|known| (known.id.as_str(), known.status.as_deref(), known.at_us))
        .collect();
    assert_eq!(told, [("0047", None, 2), ("7", Some("closed"), 3)]);
    assert!(work.references[1].url.is_some(), "nobody took it back");
}

#[test]
fn words_read_what_they_write() {
    for act in ActKind::ALL {
        assert_eq!(ActKind::from_name(act.name()), Some(*act));
    }
    for reason in CloseReason::ALL {
        assert_eq!(CloseReason::from_name(reason.name()), Some(*reason));
    }
    for state in WorkState::ALL {
        assert_eq!(WorkState::from_name(state.name()), Some(*state));
    }
}
