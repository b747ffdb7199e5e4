use super::file::names;
use super::*;

const DOCUMENTED: &str = include_str!("../../../docs/jounce.toml");

/// The lines of a problem list that a text gives.
fn slips(text: &str) -> Vec<String> {
    let error = read(text, "j.toml".as_ref()).expect_err(text).to_string();
    error.lines().map(str::to_owned).collect()
}

#[test]
fn the_documented_file_says_the_defaults() {
    let settings = read(DOCUMENTED, "docs/jounce.toml".as_ref()).unwrap();
    assert_eq!(settings, Settings::default());
    assert_eq!(read("", "".as_ref()).unwrap(), Settings::default());
}

#[test]
fn the_documented_file_shows_every_setting_and_no_other() {
    let mut section = "";
    let mut shown = Vec::new();
    let mut all_in_use = String::new();
    for line in DOCUMENTED.lines() {
        // What has no default is shown as a comment that begins like a setting.
        let open = line.strip_prefix("# ").unwrap_or(line);
        let name = open.split_once(" = ").map(|(name, _)| name);
        let is_name = |name: &&str| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        if let Some(name) = name.filter(is_name) {
            shown.push(format!("{section}.{name}"));
            all_in_use += &format!("{open}\n");
            let (_, why) = line.split_once('#').unwrap_or_default();
            assert!(!why.is_empty(), "{line} says no unit and no reason");
        } else if let Some(rest) = line.strip_prefix('[') {
            section = rest.split(']').next().unwrap_or_default();
            all_in_use += &format!("{line}\n");
        }
    }
    shown.sort();
    let mut names = names();
    names.sort();
    assert_eq!(shown, names);
    read(&all_in_use, "docs/jounce.toml".as_ref()).expect("what is commented out could be used");
}

#[test]
fn every_slip_is_named_at_once_with_its_line() {
    let text = "\
[server]
mqt = '0.0.0.0:1883'
http = 'everywhere'
tls_cert = 'cert.pem'
trusted_addresses = ['10.0.0.0/8', 'office']

[privacy]
raw_hours = 48
trim_m = 'far'

[broker]
url = 'mqtt://server:hunter2@'

[devices]
slips = 2.5
";
    let slips = slips(text);
    let expected = [
        "j.toml:2: server.mqt: there is no such setting; near it: server.mqtt",
        "j.toml:3: server.http: cannot be \"everywhere\": ",
        "j.toml:4: server.tls_cert: needs server.tls_key as well",
        "j.toml:5: server.trusted_addresses: trusted_addresses[1] is not an address",
        "j.toml:8: privacy.raw_hours: is 48; may be 1 to 24 h; ",
        "j.toml:9: privacy.trim_m: cannot be \"far\": ",
        "j.toml:12: broker.url: a broker's address names a host",
        "j.toml:15: devices.slips: cannot be 2.5: ",
    ];
    assert_eq!(slips.len(), expected.len(), "{slips:#?}");
    for (slip, expected) in slips.iter().zip(expected) {
        assert!(slip.starts_with(expected), "{slip}\n{expected}");
        assert!(!slip.contains("hunter2"), "{slip}");
    }
}

#[test]
fn a_file_that_is_no_toml_is_named_by_its_line() {
    let slips = slips("[server]\n\nmqtt = \n");
    assert!(
        slips[0].starts_with("j.toml:3: this is not TOML: "),
        "{slips:?}"
    );
}

#[test]
fn a_part_is_no_setting() {
    assert_eq!(
        slips("privacy = 1\nzebra = 2\n"),
        [
            "j.toml:1: privacy: holds settings of its own: write them below [privacy]",
            "j.toml:2: zebra: there is no such setting; docs/jounce.toml shows them all",
        ]
    );
}

/// What `serve` with these words would use.
fn of(words: &[&str]) -> Result<Settings, SettingsError> {
    use clap::Parser;
    let line = ["jounce", "serve"].iter().chain(words);
    match crate::cli::Cli::parse_from(line).command {
        crate::cli::Command::Serve(args) => Settings::of(&args),
        _ => unreachable!("serve is serve"),
    }
}

#[test]
fn the_command_line_has_the_last_word() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jounce.toml");
    std::fs::write(
        &path,
        "[server]\ndata = 'a'\nmqtt = '0.0.0.0:1'\nhttp = '0.0.0.0:2'\n",
    )
    .unwrap();
    let path = path.to_str().unwrap();
    let settings = of(&["--config", path, "--data", "b", "--mqtt", "[::1]:3"]).unwrap();
    assert_eq!(settings.server.data.to_str(), Some("b"));
    assert_eq!(settings.server.mqtt.to_string(), "[::1]:3");
    assert_eq!(settings.server.http.to_string(), "0.0.0.0:2");
    let refused = of(&["--broker", "mqtt://nobody"]).unwrap_err().to_string();
    assert!(refused.starts_with("broker.url: "), "{refused}");
    assert!(of(&["--config", "no/such/file"]).is_err());
}

#[test]
fn a_debug_print_tells_no_password() {
    let broker = Broker {
        url: Some("mqtt://server:hunter2@h".to_owned()),
        password: Some("hunter3".to_owned()),
    };
    let text = format!(
        "{:?}",
        Settings {
            broker,
            ..Settings::default()
        }
    );
    assert!(!text.contains("hunter"), "{text}");
}
