//! Enrolment: a code for a poster, a secret for a phone, and its end.

use super::running::{Server, basic};
use crate::support::{good, jounce};

const SETTINGS: &str = "\
[operator]
name = \"Roads Department\"
contact = \"roads@example.org\"
privacy_contact = \"privacy@example.org\"
consent_version = \"2026-01\"
";

#[test]
fn a_code_is_traded_for_a_credential_that_works_until_it_is_revoked() {
    let place = tempfile::tempdir().unwrap();
    let config = place.path().join("jounce.toml");
    std::fs::write(&config, SETTINGS).unwrap();
    let data = place.path().join("data");
    let server = Server::start(&data, &["--config", config.to_str().unwrap()]);
    let data = data.to_str().unwrap();
    assert_eq!(server.post_status("somebody", "secret", b"").0, 401);
    let invited = good(&[
        "device", "invite", "--uses", "1", "--cohort", "library", "--data", data,
    ]);
    let is_code = |word: &&str| {
        let groups: Vec<&str> = word.split('-').collect();
        groups.len() >= 3 && groups.iter().all(|group| group.len() == 4)
    };
    let code = invited.split_whitespace().find(is_code).expect("a code");
    let trade = |code: &str| {
        let body = format!("{{\"code\":\"{code}\"}}");
        let json = ["Content-Type: application/json"];
        server.request("POST", "/v1/devices", &json, body.as_bytes())
    };
    assert_eq!(trade("AAAA-BBBB-CCCC").0, 403);
    let (status, text) = trade(code);
    assert_eq!(status, 201, "{text}");
    let credential: serde_json::Value = serde_json::from_str(&text).unwrap();
    let (id, secret) = (
        credential["id"].as_str().unwrap(),
        credential["secret"].as_str().unwrap(),
    );
    assert_eq!(credential["up"], format!("jounce/v1/{id}/up"));
    assert_eq!(trade(code).0, 403, "it is used up");

    let trip = "8f14e45fceea167a5a36dedd4bea2543";
    let message = format!(r#"{{"v":1,"type":"mark","trip":"{trip}","seq":0,"t_us":0}}"#);
    assert_eq!(server.post_status(id, secret, message.as_bytes()).0, 200);
    assert_eq!(server.post_status(id, "guess", message.as_bytes()).0, 401);
    let basic = basic(id, secret);
    let (status, renewed) = server.request("POST", "/v1/devices/renew", &[&basic], b"");
    assert_eq!(status, 200, "{renewed}");
    let renewed: serde_json::Value = serde_json::from_str(&renewed).unwrap();
    let new = renewed["secret"].as_str().unwrap();
    assert_ne!(new, secret);
    for secret in [new, secret] {
        assert_eq!(
            server.post_status(id, secret, message.as_bytes()).0,
            200,
            "the old one may finish"
        );
    }
    let list = good(&["device", "list", "--data", data]);
    assert!(
        list.contains(id) && list.contains("library") && !list.contains(new),
        "{list}"
    );
    good(&["device", "revoke", id, "--data", data]);
    assert_eq!(server.post_status(id, new, message.as_bytes()).0, 401);
    // Nothing on disk gives a secret away.
    for file in ["devices/devices.jsonl", "devices/secret.key"] {
        let bytes = std::fs::read(server.data().join(file)).unwrap();
        for secret in [secret, new, code] {
            let secret = secret.as_bytes();
            assert!(
                !bytes.windows(secret.len()).any(|it| it == secret),
                "{file}"
            );
        }
    }
}

#[test]
fn whoever_has_a_devices_secret_may_withdraw_all_that_it_said() {
    let place = tempfile::tempdir().unwrap();
    let config = place.path().join("jounce.toml");
    std::fs::write(&config, SETTINGS).unwrap();
    let data = place.path().join("data");
    let server = Server::start(&data, &["--config", config.to_str().unwrap()]);
    let data = data.to_str().unwrap();
    let made = good(&["device", "add", "--data", data]);
    let behind = |name: &str| {
        let line = made.lines().find(|line| line.trim().starts_with(name));
        line.unwrap().split_whitespace().last().unwrap().to_owned()
    };
    let (id, secret) = (behind("device"), behind("secret"));
    let trip = "8f14e45fceea167a5a36dedd4bea2543";
    let message = format!(r#"{{"v":1,"type":"mark","trip":"{trip}","seq":0,"t_us":0}}"#);
    assert_eq!(server.post_status(&id, &secret, message.as_bytes()).0, 200);
    let holds = |trips: u32| {
        let stats = good(&["inbox", "stats", "--json", "--data", data]);
        assert!(
            stats.contains(&format!("\"trips_open\":{trips}")),
            "{stats}"
        );
    };
    holds(1);
    let forget = |secret: &str| {
        let basic = basic(&id, secret);
        server
            .request("POST", "/v1/devices/forget", &[&basic], b"")
            .0
    };
    assert_eq!(forget("guess"), 401);
    holds(1);
    assert_eq!(forget(&secret), 200);
    holds(0);
    assert_eq!(server.post_status(&id, &secret, message.as_bytes()).0, 401);
    assert_eq!(forget(&secret), 200, "once more changes nothing");
}

#[test]
fn nobody_is_enrolled_before_somebody_answers_for_it() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    let server = Server::start(&data, &[]);
    let json = ["Content-Type: application/json"];
    let body = b"{\"code\":\"AAAA-BBBB-CCCC\"}";
    let (status, text) = server.request("POST", "/v1/devices", &json, body);
    assert_eq!(status, 503);
    assert!(
        text.contains("operator.name") && text.contains("operator.privacy_contact"),
        "{text}"
    );
    let ran = jounce(&["device", "invite", "--data", data.to_str().unwrap()]);
    assert_ne!(ran.code, 0);
    assert!(ran.err.contains("operator.name"), "{}", ran.err);
}
