//! What people said, in the map and beside it.

use super::*;
use crate::said::{Act, ActKind, Pin, Said, SaidId, What};

#[test]
fn what_was_said_moves_the_hazard_and_survives_the_loss_of_the_map() {
    let place = Place::mapped(&drives());
    let confirmed = |store: &Store| {
        let mut hazards = store.hazards(&HazardQuery::default()).unwrap();
        hazards.sort_by_key(|hazard| std::cmp::Reverse(hazard.hits));
        hazards.remove(0)
    };
    let mut store = place.writer();
    let before = confirmed(&store);
    let said = Said {
        id: SaidId::from_bytes([1; 8]),
        at_us: before.last_us.unwrap() + 1,
        by: "Ana".to_owned(),
        what: What::Act(Act {
            hazard: Pin {
                id: before.id,
                at: before.position,
                heading: before.heading,
            },
            act: ActKind::Schedule,
            order: Some("W-12".to_owned()),
            owner: None,
            reason: None,
            note: None,
        }),
    };
    store.say(&said).unwrap();
    store.say(&said).unwrap();
    store.project().unwrap();
    let after = confirmed(&store);
    assert_eq!(after.work.order.as_deref(), Some("W-12"));
    assert_eq!((after.id, after.hits), (before.id, before.hits));
    assert_eq!(store.said().unwrap(), std::slice::from_ref(&said));
    drop(store);
    let journal = crate::store::open::beside(&place.path(), ".acts.jsonl");
    let whole = fs::read(&journal).unwrap();
    // What a crash and what a power loss leave of a line that nobody was told of.
    for tail in [&b"{\"id\":\"02"[..], &[0; 600], &[0xFF; 7], b"\0\0\n"] {
        fs::remove_file(place.path()).unwrap();
        fs::write(&journal, [&whole[..], tail].concat()).unwrap();
        assert_eq!(place.writer().said().unwrap(), std::slice::from_ref(&said));
    }
    fs::write(&journal, [&whole[..], b"{\"id\":\"02"].concat()).unwrap();
    let mut store = place.writer();
    let mut later = said.clone();
    later.id = SaidId::from_bytes([2; 8]);
    store.say(&later).unwrap();
    let lines = fs::read_to_string(&journal).unwrap();
    // What was said twice stands there twice, and counts once.
    assert_eq!(lines.lines().count(), 3, "{lines}");
    store.project().unwrap();
    assert_eq!(
        store.hazard(before.id).unwrap().work.order.as_deref(),
        Some("W-12")
    );
    let evidence: Vec<_> = drives().iter().map(Drive::evidence).collect();
    store.record(&evidence).unwrap();
    store.project().unwrap();
    let hazard = store.hazard(before.id).unwrap();
    assert_eq!((hazard.hits, hazard.work), (after.hits, after.work));
}

#[test]
fn who_withdraws_is_out_of_the_map_and_stays_out() {
    let all = drives();
    let (anna, others): (Vec<Drive>, Vec<Drive>) = all
        .into_iter()
        .partition(|drive| drive.device == "phone-anna");
    let place = Place::mapped(&drives());
    let mut store = place.writer();
    assert_eq!(store.forget(&"phone-nobody".parse().unwrap()).unwrap(), 0);
    assert_eq!(
        store.forget(&"phone-anna".parse().unwrap()).unwrap(),
        anna.len()
    );
    store.project().unwrap();
    let expected = export(&Place::mapped(&others).open(Mode::Read).unwrap());
    assert_eq!(export(&store), expected);
    let evidence: Vec<_> = anna.iter().map(Drive::evidence).collect();
    let recorded = store.record(&evidence).unwrap();
    assert!(
        recorded
            .iter()
            .all(|recorded| *recorded == Recorded::Withdrawn)
    );
    store.project().unwrap();
    assert_eq!(export(&store), expected);
    let hashes = evidence
        .iter()
        .map(|trip| TripHash::of(&trip.key).to_string());
    let dump = dump(&store);
    for hash in hashes {
        assert_eq!(
            dump.matches(&hash).count(),
            1,
            "the tombstone alone is left"
        );
    }
}

#[test]
fn one_question_after_the_other_is_answered() {
    let store = Place::mapped(&drives()).open(Mode::Read).unwrap();
    let ask = |sql: &str| {
        store
            .ask(sql, 2, std::time::Duration::from_secs(60))
            .unwrap()
    };
    let trips = ask("SELECT count(*) AS trips FROM trip");
    assert_eq!(
        (trips.columns, trips.rows),
        (vec!["trips".to_owned()], vec![vec![Some("6".to_owned())]])
    );
    let undated = ask("SELECT stamp_day FROM trip WHERE stamp_day IS NULL; ");
    assert_eq!(undated.rows, [[None]]);
    assert!(ask("SELECT * FROM trip").has_more);
}
