use super::*;
use crate::ack::SeqSet;
use bytes::Bytes;
use tokio::sync::mpsc;
use trip::{DeviceId, TripId};

const NOW_US: i64 = 1_767_603_600_000_000;
const HOUR_US: i64 = 3_600_000_000;

fn device(name: &str) -> Arc<DeviceId> {
    Arc::new(name.parse().unwrap())
}

fn trip(n: u8) -> TripId {
    TripId::from_bytes([n; 16])
}

fn message(trip: TripId, seq: u32, bye: bool) -> Letter {
    Letter::Message {
        trip,
        seq,
        bye,
        claim: (seq == 0).then_some([9; 32]),
        payload: Bytes::from(format!("secret {seq}")),
    }
}

/// Puts letters of a device in, and gives the outcomes.
fn put(slot: &Slot, device: &Arc<DeviceId>, letters: Vec<Letter>) -> Vec<Outcome> {
    let (reply, mut answers) = mpsc::unbounded_channel();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        let count = letters.len();
        for (token, letter) in (0..).zip(letters) {
            let put = Put {
                device: Arc::clone(device),
                received_us: NOW_US + token as i64,
                letter,
                token,
                reply: reply.clone(),
                room: None,
            };
            slot.put(put).await.unwrap();
        }
        let mut outcomes = Vec::new();
        for token in 0..count {
            let answer = answers.recv().await.unwrap();
            assert_eq!(answer.token, token as u64, "in the order of the puts");
            outcomes.push(answer.outcome);
        }
        outcomes
    })
}

fn upto(outcome: &Outcome) -> Option<u32> {
    match outcome {
        Outcome::Stored { standing, .. } | Outcome::Refused { standing, .. } => standing.upto(),
        other => panic!("{other:?}"),
    }
}

fn opened(folder: &Path) -> (Inbox, Slot) {
    Inbox::open(folder, Limits::default()).unwrap()
}

fn texts(messages: &[Stored]) -> Vec<String> {
    let text = |it: &Stored| String::from_utf8(it.payload.to_vec()).unwrap();
    messages.iter().map(text).collect()
}

#[test]
fn what_was_answered_is_there_after_a_restart_and_a_second_one_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let (inbox, slot) = opened(folder.path());
    let d = device("d-1");
    let letters = (0..3).map(|seq| message(trip(1), seq, false)).collect();
    let outcomes = put(&slot, &d, letters);
    assert_eq!(upto(&outcomes[2]), Some(2));
    drop(slot);
    inbox.close();

    let (inbox, slot) = opened(folder.path());
    let outcomes = put(
        &slot,
        &d,
        vec![message(trip(1), 1, false), message(trip(1), 3, true)],
    );
    assert!(matches!(outcomes[0], Outcome::Stored { fresh: false, .. }));
    assert_eq!(upto(&outcomes[1]), Some(3));
    let due = inbox.due(i64::MIN, 10);
    assert_eq!(
        due.len(),
        1,
        "the phone said goodbye and nothing is missing"
    );
    let messages = inbox.messages(&due[0]).unwrap();
    assert_eq!(
        texts(&messages),
        ["secret 0", "secret 1", "secret 2", "secret 3"]
    );
}

#[test]
fn nothing_of_a_message_lies_on_disk_in_the_clear() {
    let folder = tempfile::tempdir().unwrap();
    let (inbox, slot) = opened(folder.path());
    put(&slot, &device("d-1"), vec![message(trip(1), 0, false)]);
    drop(slot);
    inbox.close();
    for entry in std::fs::read_dir(folder.path().join("raw")).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        for word in [&b"secret"[..], b"d-1", &[1; 16]] {
            assert!(!bytes.windows(word.len()).any(|it| it == word));
        }
    }
}

#[test]
fn a_trip_belongs_to_who_first_wrote_it() {
    let folder = tempfile::tempdir().unwrap();
    let (_inbox, slot) = opened(folder.path());
    put(&slot, &device("d-1"), vec![message(trip(1), 0, false)]);
    let other = device("d-2");
    let outcomes = put(&slot, &other, vec![message(trip(1), 1, false)]);
    let Outcome::Refused {
        reason, standing, ..
    } = &outcomes[0]
    else {
        panic!("{outcomes:?}");
    };
    assert_eq!((*reason, standing.is_empty()), ("not_yours", true));
    let hello = Letter::Hello {
        ahead_us: 0,
        trips: vec![trip(1)],
    };
    let outcomes = put(&slot, &other, vec![hello]);
    assert_eq!(
        outcomes[0],
        Outcome::Standing(vec![(trip(1), SeqSet::default())])
    );
}

#[test]
fn a_refused_number_stays_used() {
    let folder = tempfile::tempdir().unwrap();
    let (inbox, slot) = opened(folder.path());
    let refused = Letter::Refused {
        of: Some((trip(1), 1)),
        reason: "out_of_range",
    };
    let d = device("d-1");
    let letters = vec![
        message(trip(1), 0, false),
        refused,
        message(trip(1), 2, true),
    ];
    let outcomes = put(&slot, &d, letters);
    assert_eq!(upto(&outcomes[2]), Some(2));
    drop(slot);
    inbox.close();
    let (inbox, _slot) = opened(folder.path());
    let due = inbox.due(i64::MIN, 10);
    assert_eq!(
        texts(&inbox.messages(&due[0]).unwrap()),
        ["secret 0", "secret 2"]
    );
}

#[test]
fn a_device_has_so_many_trips_open_and_so_many_gaps() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits {
        max_open_trips: 2,
        ..Limits::default()
    };
    let (_inbox, slot) = Inbox::open(folder.path(), limits).unwrap();
    let d = device("d-1");
    let outcomes = put(
        &slot,
        &d,
        (1..=3).map(|n| message(trip(n), 0, false)).collect(),
    );
    assert!(matches!(
        outcomes[2],
        Outcome::Refused {
            reason: "too_many_trips",
            ..
        }
    ));
    let outcomes = put(
        &slot,
        &d,
        (1..70).map(|n| message(trip(1), 2 * n, false)).collect(),
    );
    assert!(matches!(
        outcomes[68],
        Outcome::Refused {
            reason: "too_many_gaps",
            ..
        }
    ));
    let outcomes = put(&slot, &device("d-2"), vec![message(trip(4), 0, false)]);
    assert_eq!(upto(&outcomes[0]), Some(0), "others are unharmed");
}

#[test]
fn a_settled_trip_is_kept_without_its_ends_and_the_rest_is_erased() {
    let folder = tempfile::tempdir().unwrap();
    let (inbox, slot) = opened(folder.path());
    let d = device("d-1");
    put(
        &slot,
        &d,
        (0..4).map(|seq| message(trip(1), seq, seq == 3)).collect(),
    );
    let due = inbox.due(i64::MIN, 10);
    let middle = inbox.messages(&due[0]).unwrap()[1..3].to_vec();
    inbox.keep(&[(due[0].clone(), middle.clone())]).unwrap();
    assert!(inbox.due(i64::MAX, 10).is_empty());
    assert_eq!(inbox.erase_raw(NOW_US).unwrap(), 0, "too young");
    assert_eq!(inbox.erase_raw(NOW_US + HOUR_US).unwrap(), 1);
    assert!(inbox.messages(&due[0]).unwrap().is_empty());
    drop(slot);
    inbox.close();

    let (inbox, slot) = opened(folder.path());
    let kept = inbox.kept_after(None, 10);
    assert_eq!(kept.len(), 1);
    assert_eq!(inbox.kept(&kept[0].1).unwrap().unwrap().messages, middle);
    assert!(inbox.kept_after(Some(kept[0].0), 10).is_empty());
    // One that was acked long ago is known still; a new one opens the trip again, under a new key.
    let outcomes = put(
        &slot,
        &d,
        vec![message(trip(1), 0, false), message(trip(1), 4, true)],
    );
    assert!(matches!(outcomes[0], Outcome::Stored { fresh: false, .. }));
    let due = inbox.due(i64::MAX, 10);
    assert_eq!(texts(&inbox.messages(&due[0]).unwrap()), ["secret 4"]);
    assert_eq!(inbox.kept(&due[0]).unwrap().unwrap().messages, middle);
}

#[test]
fn a_forgotten_trip_is_gone_from_every_file() {
    let folder = tempfile::tempdir().unwrap();
    let (inbox, slot) = opened(folder.path());
    let (a, b) = (device("d-1"), device("d-2"));
    put(
        &slot,
        &a,
        vec![message(trip(1), 0, false), message(trip(2), 0, false)],
    );
    put(&slot, &b, vec![message(trip(3), 0, false)]);
    let trips = inbox.trips_of(&a);
    assert_eq!(inbox.forget_trips(&trips).unwrap(), 2);
    assert_eq!(inbox.due(i64::MAX, 10).len(), 1);
    let claimed = inbox.find_claim(&[9; 32]);
    assert_eq!(claimed[0].trip, trip(3));
    assert_eq!(inbox.forget_trips(&claimed).unwrap(), 1);
    drop(slot);
    inbox.close();
    let (inbox, slot) = opened(folder.path());
    assert!(inbox.due(i64::MAX, 10).is_empty());
    // The row has another tenant; old records are not theirs.
    put(&slot, &b, vec![message(trip(4), 0, false)]);
    let due = inbox.due(i64::MAX, 10);
    assert_eq!(texts(&inbox.messages(&due[0]).unwrap()), ["secret 0"]);
}

#[test]
fn a_torn_write_costs_what_was_not_answered_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let (inbox, slot) = opened(folder.path());
    let d = device("d-1");
    put(
        &slot,
        &d,
        (0..3).map(|seq| message(trip(1), seq, false)).collect(),
    );
    drop(slot);
    inbox.close();
    let segment = std::fs::read_dir(folder.path().join("raw")).unwrap().next();
    let path = segment.unwrap().unwrap().path();
    let whole = std::fs::read(&path).unwrap();
    for cut in [1, 20, 60] {
        std::fs::write(&path, &whole[..whole.len() - cut]).unwrap();
        let (inbox, slot) = opened(folder.path());
        let hello = Letter::Hello {
            ahead_us: 0,
            trips: vec![trip(1)],
        };
        let Outcome::Standing(standing) = &put(&slot, &d, vec![hello])[0] else {
            panic!("a hello is answered");
        };
        assert_eq!(standing[0].1.upto(), Some(1), "{cut} bytes cut");
        drop(slot);
        inbox.close();
    }
    // In the middle, others after it stand.
    let mut damaged = whole.clone();
    damaged[whole.len() / 2] ^= 1;
    std::fs::write(&path, &damaged).unwrap();
    let (inbox, slot) = opened(folder.path());
    assert!(inbox.counters().figures().damaged_bytes > 0);
    let outcomes = put(&slot, &d, vec![message(trip(1), 1, false)]);
    assert_eq!(upto(&outcomes[0]), Some(2));
    let due = inbox.due(i64::MAX, 10);
    assert_eq!(inbox.messages(&due[0]).unwrap().len(), 3);
}

#[test]
fn one_process_has_an_inbox() {
    let folder = tempfile::tempdir().unwrap();
    let (_inbox, _slot) = opened(folder.path());
    assert!(Inbox::read(folder.path(), Limits::default()).is_err());
}

#[test]
fn many_segments_are_one_log() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits {
        segment_bytes: 200,
        ..Limits::default()
    };
    let (inbox, slot) = Inbox::open(folder.path(), limits).unwrap();
    let d = device("d-1");
    for seq in 0..20 {
        put(&slot, &d, vec![message(trip(1), seq, seq == 19)]);
    }
    drop(slot);
    inbox.close();
    let files = std::fs::read_dir(folder.path().join("raw"))
        .unwrap()
        .count();
    assert!(files > 5, "{files}");
    let (inbox, _slot) = Inbox::open(folder.path(), limits).unwrap();
    let due = inbox.due(i64::MIN, 10);
    assert_eq!(inbox.messages(&due[0]).unwrap().len(), 20);
    inbox.keep(&[(due[0].clone(), Vec::new())]).unwrap();
    inbox.erase_raw(i64::MAX).unwrap();
    let files = std::fs::read_dir(folder.path().join("raw"))
        .unwrap()
        .count();
    assert_eq!(files, 1);
}
