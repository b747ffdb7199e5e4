use std::fs;
use std::path::PathBuf;

use super::super::State;
use super::*;

const DAY_US: i64 = 86_400_000_000;
/// Noon of some day.
const NOW_US: i64 = 20_000 * DAY_US + DAY_US / 2;

fn open(folder: &Path, now_us: i64) -> Registry {
    Registry::open(folder, Terms::default(), now_us).unwrap()
}

fn file(folder: &Path) -> PathBuf {
    folder.join("devices.jsonl")
}

impl Registry {
    fn lets_in(&self, phone: &Credential, now_us: i64) -> Result<(), CheckError> {
        let secret = phone.secret.as_str().as_bytes();
        self.check(&phone.id, secret, now_us).map(drop)
    }
}

fn days(days: i64) -> i64 {
    NOW_US + days * DAY_US
}

#[test]
fn what_was_answered_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let registry = open(folder.path(), NOW_US);
    let cohort = || Some("library-poster".parse().unwrap());
    let added = registry.add(cohort(), 30, NOW_US).unwrap();
    let code = registry
        .invite(2, 14, cohort(), NOW_US)
        .unwrap()
        .to_string();
    let enrolled = registry.enrol(&code, NOW_US).unwrap();
    let revoked = registry.add(None, 30, NOW_US).unwrap();
    registry.revoke(&revoked.id, NOW_US).unwrap();
    drop(registry);

    let registry = open(folder.path(), NOW_US);
    assert_eq!(registry.lets_in(&added, NOW_US), Ok(()));
    assert_eq!(registry.lets_in(&enrolled, NOW_US), Ok(()));
    assert_eq!(registry.lets_in(&revoked, NOW_US), Err(CheckError::Revoked));
    assert_eq!(registry.cohort_of(&enrolled.id), cohort());
    assert_eq!(registry.list(NOW_US).len(), 3);
    assert_eq!(registry.invites(NOW_US)[0].uses_left, 1);
    registry.enrol(&code, NOW_US).unwrap();
    let used_up = registry.enrol(&code, NOW_US).unwrap_err();
    assert!(matches!(used_up, EnrolError::UsedUp), "{used_up}");
}

#[test]
fn neither_secrets_nor_codes_nor_times_of_day_lie_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let registry = open(folder.path(), NOW_US);
    let code = registry.invite(1, 14, None, NOW_US).unwrap().to_string();
    let phone = registry.enrol(&code, NOW_US).unwrap();
    let secret = phone.secret.as_str().as_bytes();
    let renewed = registry.renew(&phone.id, secret, NOW_US).unwrap();
    let mut disk = String::new();
    for entry in fs::read_dir(folder.path()).unwrap() {
        disk += &fs::read_to_string(entry.unwrap().path()).unwrap();
    }
    let bare = code.replace('-', "");
    for secret in [
        phone.secret.as_str(),
        renewed.secret.as_str(),
        &code,
        &bare,
        &bare.to_lowercase(),
    ] {
        assert!(!disk.contains(secret));
    }
    assert!(
        disk.contains("\"made_day\":20000") && !disk.contains("_us"),
        "{disk}"
    );
}

#[test]
fn a_wrong_secret_and_an_unknown_device_are_told_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let registry = open(folder.path(), NOW_US);
    let (one, other) = (
        registry.add(None, 30, NOW_US).unwrap(),
        registry.add(None, 30, NOW_US).unwrap(),
    );
    registry.revoke(&other.id, NOW_US).unwrap();
    let stranger = "d-0000000000000000".parse().unwrap();
    for (id, secret) in [
        (&*one.id, &b""[..]),
        (&*one.id, other.secret.as_str().as_bytes()),
        (&*other.id, one.secret.as_str().as_bytes()),
        (&stranger, one.secret.as_str().as_bytes()),
    ] {
        let refused = registry.check(id, secret, NOW_US);
        assert_eq!(refused, Err(CheckError::WrongSecret));
    }
}

#[test]
fn a_device_is_let_in_to_the_end_of_its_last_day() {
    let folder = tempfile::tempdir().unwrap();
    let registry = open(folder.path(), NOW_US);
    let phone = registry.add(None, 30, NOW_US).unwrap();
    let last_us = 20_031 * DAY_US - 1;
    assert_eq!(registry.lets_in(&phone, last_us), Ok(()));
    assert_eq!(
        registry.lets_in(&phone, last_us + 1),
        Err(CheckError::Expired)
    );
    assert_eq!(registry.list(last_us + 1)[0].state, State::Expired);
    let code = registry.invite(1, 7, None, NOW_US).unwrap().to_string();
    let late = registry.enrol(&code, days(8)).unwrap_err();
    assert!(matches!(late, EnrolError::Expired), "{late}");
    assert!(registry.enrol(&code, days(7)).is_ok());
}

#[test]
fn a_renewed_secret_lets_the_old_one_finish() {
    let folder = tempfile::tempdir().unwrap();
    let registry = open(folder.path(), NOW_US);
    let old = registry.add(None, 30, NOW_US).unwrap();
    let renew = |phone: &Credential, now_us| {
        let renewed = registry.renew(&phone.id, phone.secret.as_str().as_bytes(), now_us);
        renewed.unwrap()
    };
    let new = renew(&old, NOW_US);
    assert_eq!((&new.id, new.expires_day), (&old.id, 20_365));
    assert_eq!(registry.lets_in(&old, days(7)), Ok(()));
    assert_eq!(registry.lets_in(&old, days(8)), Err(CheckError::Expired));
    assert_eq!(registry.lets_in(&new, days(8)), Ok(()));
    // The answer was lost: the phone asks again with what it has, and that stays.
    let again = renew(&old, days(1));
    assert_eq!(
        registry.lets_in(&new, days(1)),
        Err(CheckError::WrongSecret)
    );
    assert_eq!(registry.lets_in(&old, days(1)), Ok(()));
    // The next renewal comes early: what it had so far may finish.
    let next = renew(&again, days(2));
    assert_eq!(registry.lets_in(&again, days(9)), Ok(()));
    assert_eq!(
        registry.lets_in(&old, days(2)),
        Err(CheckError::WrongSecret)
    );
    let by_operator = registry.reissue(&next.id, days(3)).unwrap();
    assert_eq!(registry.lets_in(&next, days(10)), Ok(()));
    assert_eq!(registry.lets_in(&by_operator, days(10)), Ok(()));
    let old_until_day = 20_010;
    assert_eq!(
        registry.list(days(3))[0].state,
        State::Renewed { old_until_day }
    );
}

#[test]
fn whoever_is_revoked_is_out_for_good_and_live_sessions_hear_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let registry = open(folder.path(), NOW_US);
    let phone = registry.add(None, 30, NOW_US).unwrap();
    let other = registry.add(None, 30, NOW_US).unwrap();
    let mut ended = registry.ended(&phone.id).unwrap();
    let secret = phone.secret.as_str().as_bytes();
    let renewed = registry.renew(&phone.id, secret, NOW_US).unwrap();
    assert!(!*ended.borrow_and_update(), "a renewal ends nothing");
    registry.revoke(&phone.id, NOW_US).unwrap();
    assert!(*ended.borrow_and_update() && *registry.ended(&phone.id).unwrap().borrow());
    assert!(!*registry.ended(&other.id).unwrap().borrow());
    for phone in [&phone, &renewed] {
        assert!(registry.lets_in(phone, NOW_US).is_err());
    }
    let refused = registry.reissue(&phone.id, NOW_US).unwrap_err();
    assert!(matches!(refused, RegistryError::Revoked), "{refused}");
    registry.revoke(&phone.id, NOW_US).unwrap();
    let stranger = "d-0000000000000000".parse().unwrap();
    let refused = registry.revoke(&stranger, NOW_US).unwrap_err();
    assert!(matches!(refused, RegistryError::UnknownDevice), "{refused}");
    assert!(registry.ended(&stranger).is_none());
}

#[test]
fn a_withdrawn_invite_brings_nobody_more() {
    let folder = tempfile::tempdir().unwrap();
    let registry = open(folder.path(), NOW_US);
    let code = registry.invite(9, 14, None, NOW_US).unwrap().to_string();
    let phone = registry.enrol(&code, NOW_US).unwrap();
    registry.withdraw(&code, NOW_US).unwrap();
    assert!(matches!(
        registry.enrol(&code, NOW_US),
        Err(EnrolError::UsedUp)
    ));
    assert_eq!(registry.lets_in(&phone, NOW_US), Ok(()));
    assert!(registry.invites(NOW_US).is_empty());
    assert!(matches!(
        registry.withdraw("0000-0000-0000", NOW_US),
        Err(RegistryError::UnknownInvite)
    ));
}

#[test]
fn a_code_for_five_brings_five_when_twenty_try_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let registry = open(folder.path(), NOW_US);
    let code = registry.invite(5, 14, None, NOW_US).unwrap().to_string();
    let came: usize = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    (0..5)
                        .filter(|_| registry.enrol(&code, NOW_US).is_ok())
                        .count()
                })
            })
            .collect();
        tries.into_iter().map(|tried| tried.join().unwrap()).sum()
    });
    assert_eq!((came, registry.list(NOW_US).len()), (5, 5));
}

#[test]
fn a_cohort_has_so_many_witnesses_and_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let registry = open(folder.path(), NOW_US);
    let add = |name: &str, days| {
        let cohort = Some(name.parse().unwrap());
        registry.add(cohort, days, NOW_US).unwrap()
    };
    let poster: Vec<Credential> = (0..20).map(|_| add("poster", 300)).collect();
    let alone = registry.add(None, 300, NOW_US).unwrap();
    add("other-poster", 300);
    let witness = |registry: &Registry, phone: &Credential| registry.witness_of(&phone.id, 20);
    registry.reissue(&poster[0].id, NOW_US).unwrap();
    assert_eq!(witness(&registry, &poster[0]), None, "20 are no crowd");
    add("poster", 10);
    let witnesses: std::collections::BTreeSet<DeviceId> = (poster.iter())
        .map(|phone| witness(&registry, phone).expect("21 are"))
        .collect();
    assert!((2..=20).contains(&witnesses.len()), "{}", witnesses.len());
    assert_eq!(witness(&registry, &alone), None);
    drop(registry);
    let again = open(folder.path(), NOW_US);
    assert!(
        witness(&again, &poster[0]).is_some(),
        "they are counted again"
    );
    drop(again);
    let later = open(folder.path(), days(101));
    assert_eq!(witness(&later, &poster[0]), None, "one of them is over");
}

#[test]
fn impossible_wishes_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let registry = open(folder.path(), NOW_US);
    for (uses, invite_days) in [(0, 14), (1001, 14), (1, 0), (1, 366)] {
        let refused = registry.invite(uses, invite_days, None, NOW_US);
        assert!(refused.is_err(), "{uses} {invite_days}");
    }
    assert!(registry.add(None, 0, NOW_US).is_err());
    assert!(registry.add(None, u32::MAX, NOW_US).is_err());
    for code in ["", "nonsense", "0000-0000-0000"] {
        assert!(matches!(
            registry.enrol(code, NOW_US),
            Err(EnrolError::UnknownCode)
        ));
    }
}

#[test]
fn a_last_line_that_was_never_finished_is_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let registry = open(folder.path(), NOW_US);
    let first = registry.add(None, 30, NOW_US).unwrap();
    let before = fs::read(file(folder.path())).unwrap();
    registry.add(None, 30, NOW_US).unwrap();
    drop(registry);
    let after = fs::read(file(folder.path())).unwrap();
    for end in before.len()..after.len() {
        fs::write(file(folder.path()), &after[..end]).unwrap();
        let registry = open(folder.path(), NOW_US);
        assert_eq!(registry.list(NOW_US).len(), 1, "{end}");
        assert_eq!(registry.lets_in(&first, NOW_US), Ok(()));
        let next = registry.add(None, 30, NOW_US).unwrap();
        drop(registry);
        let registry = open(folder.path(), NOW_US);
        assert_eq!(registry.lets_in(&next, NOW_US), Ok(()), "{end}");
    }
    // The power went before the first line was whole.
    let head = before.iter().position(|&b| b == b'\n').unwrap();
    for end in 0..=head {
        fs::write(file(folder.path()), &before[..end]).unwrap();
        assert!(open(folder.path(), NOW_US).list(NOW_US).is_empty());
    }
}

#[test]
fn a_damaged_line_within_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let registry = open(folder.path(), NOW_US);
    for _ in 0..3 {
        registry.add(None, 30, NOW_US).unwrap();
    }
    drop(registry);
    let text = fs::read_to_string(file(folder.path())).unwrap();
    let check = |text: String, says: &str| {
        fs::write(file(folder.path()), text).unwrap();
        let refused = Registry::open(folder.path(), Terms::default(), NOW_US).unwrap_err();
        let refused = refused.to_string();
        assert!(
            refused.contains(says) && refused.contains("devices.jsonl"),
            "{refused}"
        );
        assert!(!refused.contains("d-"), "{refused}");
    };
    check(text.replacen("\"hash\"", "\"has\"", 1), "damaged in line 2");
    let third = text.lines().nth(2).unwrap();
    check(text.replace(third, &third[..40]), "damaged in line 3");
    check(
        text.replacen("{\"format\":1}\n", "", 1),
        "damaged in line 1",
    );
    check(
        text.replacen("{\"format\":1}", "{\"format\":2}", 1),
        "has format 2",
    );
}

#[test]
fn without_its_key_the_registry_does_not_open() {
    let folder = tempfile::tempdir().unwrap();
    let registry = open(folder.path(), NOW_US);
    registry.add(None, 30, NOW_US).unwrap();
    let held = Registry::open(folder.path(), Terms::default(), NOW_US).unwrap_err();
    assert!(matches!(held, RegistryError::Held { .. }), "{held}");
    drop(registry);
    let key = folder.path().join("secret.key");
    for text in ["", "00ff\n"] {
        fs::write(&key, text).unwrap();
        let refused = Registry::open(folder.path(), Terms::default(), NOW_US).unwrap_err();
        assert!(matches!(refused, RegistryError::Key { .. }), "{refused}");
    }
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_the_registry() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("devices");
    open(&folder, NOW_US).add(None, 30, NOW_US).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(&file(&folder)), 0o600);
    assert_eq!(mode(&folder.join("secret.key")), 0o600);
}

#[test]
fn what_is_over_for_long_is_dropped_and_the_rest_stays() {
    let folder = tempfile::tempdir().unwrap();
    let registry = open(folder.path(), NOW_US);
    let short = registry.add(None, 10, NOW_US).unwrap();
    let long = registry.add(None, 300, NOW_US).unwrap();
    let revoked = registry.add(None, 300, NOW_US).unwrap();
    registry.revoke(&revoked.id, NOW_US).unwrap();
    registry.invite(1, 14, None, NOW_US).unwrap();
    drop(registry);
    let known = |now_us| open(folder.path(), now_us).list(now_us).len();
    assert_eq!(known(days(90)), 3, "the revoked one for 90 days");
    assert_eq!(known(days(91)), 2);
    assert_eq!(known(days(100)), 2, "90 days after the last of 10");
    assert_eq!(known(days(101)), 1);
    let text = fs::read_to_string(file(folder.path())).unwrap();
    assert!(text.contains(long.id.as_str()) && !text.contains(short.id.as_str()));
    assert_eq!(text.lines().count(), 2, "{text}");
}

#[test]
fn a_file_that_is_mostly_dead_is_written_anew() {
    let folder = tempfile::tempdir().unwrap();
    let registry = open(folder.path(), NOW_US);
    let phone = registry.add(None, 30, NOW_US).unwrap();
    drop(registry);
    let text = fs::read_to_string(file(folder.path())).unwrap();
    let (head, line) = text.split_once('\n').unwrap();
    fs::write(
        file(folder.path()),
        format!("{head}\n{}", line.repeat(1003)),
    )
    .unwrap();
    let registry = open(folder.path(), NOW_US);
    assert_eq!(fs::read_to_string(file(folder.path())).unwrap(), text);
    assert_eq!(registry.lets_in(&phone, NOW_US), Ok(()));
    registry.add(None, 30, NOW_US).unwrap();
    drop(registry);
    assert_eq!(open(folder.path(), NOW_US).list(NOW_US).len(), 2);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "it says how long something took")]
fn a_hundred_thousand_devices_open_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let registry = open(folder.path(), NOW_US);
    let cohort = Some("fleet".parse().unwrap());
    let made = |_| {
        let (_, row) = registry.made(Option::clone(&cohort), 365, NOW_US).unwrap();
        device_line(row)
    };
    let lines: Vec<Line> = (0..100_000).map(made).collect();
    Journal::replace(&file(folder.path()), &lines).unwrap();
    drop(registry);
    let start = std::time::Instant::now();
    let registry = open(folder.path(), NOW_US);
    eprintln!("100 000 devices opened in {:?}", start.elapsed());
    assert_eq!(registry.list(NOW_US).len(), 100_000);

    let phones: Vec<_> = (0..100)
        .map(|_| registry.add(None, 9, NOW_US).unwrap())
        .collect();
    eprintln!("100 devices added in {:?} besides", start.elapsed());
    let start = std::time::Instant::now();
    for _ in 0..1000 {
        for phone in &phones {
            assert_eq!(registry.lets_in(phone, NOW_US), Ok(()));
        }
    }
    eprintln!("100 000 secrets checked in {:?}", start.elapsed());
}
