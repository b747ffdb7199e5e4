use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};

use super::super::Terms;
use super::*;

/// A keeper at a time that can be set, µs.
fn keeper(folder: &Path) -> (Keeper, Arc<Registry>, Arc<AtomicI64>) {
    let registry = Arc::new(Registry::open(folder, Terms::default(), 0).unwrap());
    let time = Arc::new(AtomicI64::new(0));
    let clock = Arc::clone(&time);
    let keeper = Keeper::of(
        Arc::clone(&registry),
        Rules::default(),
        60,
        Trusted::of(["192.0.2.99"]).unwrap(),
        Box::new(move || clock.load(Ordering::Relaxed)),
    );
    (keeper, registry, time)
}

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// What the door is told.
fn asked(keeper: &Keeper, user: Option<&str>, client_id: &str) -> Result<Login, Denial> {
    let caller = Caller {
        user,
        password: Some(b"guess"),
        client_id,
        peer: address("192.0.2.7"),
    };
    let mut judgement = keeper.admit(caller);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match judgement.as_mut().poll(&mut context) {
        std::task::Poll::Ready(login) => login,
        std::task::Poll::Pending => unreachable!("the keeper waits for nothing"),
    }
}

#[test]
fn whoever_guesses_waits_and_an_honest_neighbour_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let (keeper, registry, time) = keeper(folder.path());
    let phone = registry.add(None, 30, 0).unwrap();
    let (id, secret) = (phone.id.as_str(), phone.secret.as_str().as_bytes());
    let one = address("192.0.2.7");
    for _ in 0..5 {
        let refused = keeper.login(id, b"guess", one).unwrap_err();
        assert_eq!(refused, LoginError::Refused(CheckError::WrongSecret));
    }
    let refused = keeper.login(id, b"guess", one).unwrap_err();
    assert_eq!(refused, LoginError::Paused { retry_s: 1 });
    assert_eq!(asked(&keeper, Some(id), "").unwrap_err(), Denial::Busy);
    assert!(
        keeper.login(id, secret, one).is_ok(),
        "a right one is never refused"
    );
    let refused = keeper
        .login(id, b"guess", address("192.0.2.8"))
        .unwrap_err();
    assert_eq!(refused, LoginError::Refused(CheckError::WrongSecret));
    time.store(1_000_000, Ordering::Relaxed);
    assert_eq!(
        asked(&keeper, Some("é"), "").unwrap_err(),
        Denial::WrongSecret
    );
    assert_eq!(asked(&keeper, None, id).unwrap_err(), Denial::Busy);
}

#[test]
fn the_machine_itself_and_trusted_addresses_are_not_slowed() {
    let folder = tempfile::tempdir().unwrap();
    let (keeper, ..) = keeper(folder.path());
    for peer in ["127.0.0.1", "::1", "192.0.2.99"] {
        for _ in 0..100 {
            let refused = keeper.login("d-1", b"", address(peer)).unwrap_err();
            assert_eq!(refused, LoginError::Refused(CheckError::WrongSecret));
            let refused = keeper.enrol("0000-0000-0000", address(peer)).unwrap_err();
            assert!(matches!(
                refused,
                JoinError::Refused(EnrolError::UnknownCode)
            ));
        }
    }
}

#[test]
fn a_device_hears_of_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let (keeper, registry, _) = keeper(folder.path());
    let phone = registry.add(None, 30, 0).unwrap();
    let (id, secret) = (phone.id.as_str(), phone.secret.as_str().as_bytes());
    let one = address("192.0.2.7");
    let login = keeper.login(id, secret, one).unwrap();
    assert_eq!((login.topic_name.as_str(), &login.device), (id, &phone.id));
    assert!(!*login.ended.borrow());
    registry.revoke(&phone.id, 0).unwrap();
    assert!(*login.ended.borrow());
    for _ in 0..100 {
        // It knows its secret, and guesses nothing.
        let refused = keeper.login(id, secret, one).unwrap_err();
        assert_eq!(refused, LoginError::Refused(CheckError::Revoked));
    }
}

#[test]
fn codes_are_tried_slowly_and_phones_come_one_after_another() {
    let folder = tempfile::tempdir().unwrap();
    let (keeper, registry, time) = keeper(folder.path());
    let code = registry.invite(1000, 14, None, 0).unwrap().to_string();
    let (one, other) = (address("192.0.2.7"), address("192.0.2.8"));
    for _ in 0..5 {
        let refused = keeper.enrol("0000-0000-0000", one).unwrap_err();
        assert!(
            matches!(refused, JoinError::Refused(EnrolError::UnknownCode)),
            "{refused}"
        );
    }
    let refused = keeper.enrol(&code, one).unwrap_err();
    assert!(
        matches!(refused, JoinError::Paused { retry_s: 1 }),
        "{refused}"
    );
    for _ in 0..60 {
        keeper.enrol(&code, other).unwrap();
    }
    let refused = keeper.enrol(&code, other).unwrap_err();
    assert!(
        matches!(refused, JoinError::Paused { retry_s: 60 }),
        "{refused}"
    );
    time.store(1_000_000, Ordering::Relaxed);
    let phone = keeper.enrol(&code, one).unwrap();
    let renewed = keeper.renew(phone.id.as_str(), phone.secret.as_str().as_bytes(), one);
    let renewed = renewed.unwrap();
    assert!(
        keeper
            .login(renewed.id.as_str(), renewed.secret.as_str().as_bytes(), one)
            .is_ok()
    );
    assert!(keeper.renew(phone.id.as_str(), b"guess", one).is_err());
}

#[test]
fn a_device_leaves_at_its_own_word_and_may_say_so_again() {
    let folder = tempfile::tempdir().unwrap();
    let (keeper, registry, _) = keeper(folder.path());
    let phone = registry.add(None, 30, 0).unwrap();
    let (id, secret) = (phone.id.as_str(), phone.secret.as_str().as_bytes());
    let one = address("192.0.2.7");
    let ended = keeper.login(id, secret, one).unwrap().ended;
    assert!(keeper.leave(id, b"guess", one).is_err());
    assert!(!*ended.borrow(), "nobody else says it");
    for _ in 0..2 {
        assert_eq!(*keeper.leave(id, secret, one).unwrap(), *phone.id);
        assert!(*ended.borrow());
    }
    let open = Keeper::open(Box::new(|| 0));
    assert!(
        open.leave(id, secret, one).is_err(),
        "where nobody proves anything"
    );
}

#[test]
fn a_trial_lets_in_anybody_by_any_name() {
    let keeper = Keeper::open(Box::new(|| 0));
    let login = asked(&keeper, Some("Ana.1"), "x").unwrap();
    assert_eq!(login.topic_name, "Ana.1");
    let login = asked(&keeper, None, "phone-1").unwrap();
    assert_eq!(
        (login.topic_name.as_str(), login.device.as_str()),
        ("phone-1", "phone-1")
    );
    for name in ["a/b", "#", ""] {
        assert_eq!(
            asked(&keeper, Some(name), "x").unwrap_err(),
            Denial::NotAllowed,
            "{name}"
        );
    }
    let refused = keeper.enrol("0000-0000-0000", address("192.0.2.7"));
    assert!(matches!(refused, Err(JoinError::Open)));
}
