//! `jounce device …`: who may send.

use std::io::Write;

use anyhow::Context as _;
use ingest::clock;
use ingest::devices::{Credential, Registry, State};
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;

use super::Ending;
use crate::cli::{DeviceCommand, DeviceInvite};
use crate::render;
use crate::serve::control;
use crate::serve::settings::{self, Settings};

/// Carries out a command on the folder of a server that does not run.
pub(super) fn on_disk(command: &DeviceCommand, out: &mut dyn Write) -> anyhow::Result<Ending> {
    let place = command.data();
    let settings = match &place.config {
        Some(path) => settings::read_file(path)?,
        None => Settings::default(),
    };
    if let (DeviceCommand::Invite(_), Err(error)) = (command, settings.operator.answers()) {
        eprintln!("note: {error}");
    }
    let folder = place.data.as_ref().unwrap_or(&settings.server.data);
    if let Some(ending) = control::ask(folder, out)? {
        return Ok(ending);
    }
    let now_us = clock::now_us();
    let registry = Registry::open(&folder.join("devices"), settings.terms(), now_us);
    let registry = registry.context("cannot open the devices")?;
    run(
        command,
        &registry,
        settings.server.url.as_deref(),
        now_us,
        out,
    )?;
    Ok(Ending::Good)
}

/// Carries out a command on an open registry. `url` is where phones reach the server, if that is set.
///
/// # Errors
/// When it cannot be carried out.
pub fn run(
    command: &DeviceCommand,
    registry: &Registry,
    url: Option<&str>,
    now_us: i64,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    match command {
        DeviceCommand::Add(args) => {
            let made = registry.add(args.cohort.clone(), args.days, now_us);
            show(&made.context("cannot add a device")?, out)?;
        }
        DeviceCommand::Renew(args) => {
            let renewed = registry.reissue(&args.device, now_us);
            show(&renewed.context("cannot renew the device")?, out)?;
        }
        DeviceCommand::List(_) => list(registry, now_us, out)?,
        DeviceCommand::Revoke(args) => {
            if let Some(device) = &args.device {
                let revoked = registry.revoke(device, now_us);
                revoked.context("cannot revoke the device")?;
                writeln!(out, "revoked: it is not let in any more")?;
            }
            if let Some(code) = &args.invite {
                let withdrawn = registry.withdraw(code, now_us);
                withdrawn.context("cannot end the invite")?;
                writeln!(out, "ended: nobody comes by that code any more")?;
            }
        }
        DeviceCommand::Invite(args) => invite(args, registry, url, now_us, out)?,
    }
    Ok(())
}

fn show(credential: &Credential, out: &mut dyn Write) -> anyhow::Result<()> {
    let lines = [
        ("device", credential.id.as_str().to_owned()),
        ("secret", credential.secret.as_str().to_owned()),
        ("good to the end of", date(credential.expires_day)),
    ];
    let rows = lines.map(|(name, value)| vec![name.to_owned(), value]);
    writeln!(out, "{}", render::table(&[], &[], rows))?;
    writeln!(out, "The secret is not shown again.")?;
    Ok(())
}

fn list(registry: &Registry, now_us: i64, out: &mut dyn Write) -> anyhow::Result<()> {
    let devices = registry.list(now_us);
    let rows = devices.iter().map(|device| {
        vec![
            device.id.as_str().to_owned(),
            device
                .cohort
                .as_ref()
                .map_or_else(String::new, ToString::to_string),
            date(device.made_day),
            date(device.expires_day),
            state(device.state),
        ]
    });
    if !devices.is_empty() {
        let header = ["device", "cohort", "made", "expires", "state"];
        writeln!(out, "{}", render::table(&header, &[], rows))?;
    }
    writeln!(
        out,
        "{}",
        render::count(devices.len() as u64, "device", "devices")
    )?;
    for invite in registry.invites(now_us) {
        let cohort = invite
            .cohort
            .map_or_else(String::new, |cohort| format!(" of {cohort}"));
        let phones = render::count(invite.uses_left.into(), "phone", "phones");
        let day = date(invite.expires_day);
        writeln!(
            out,
            "{phones}{cohort} may still come by an invite, until {day}"
        )?;
    }
    Ok(())
}

fn state(state: State) -> String {
    match state {
        State::Valid => "valid".to_owned(),
        State::Renewed { old_until_day } => {
            format!("valid, by its old secret until {}", date(old_until_day))
        }
        State::Expired => "expired".to_owned(),
        State::Revoked { day } => format!("revoked {}", date(day)),
    }
}

fn invite(
    args: &DeviceInvite,
    registry: &Registry,
    url: Option<&str>,
    now_us: i64,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let made = registry.invite(args.uses, args.days, args.cohort.clone(), now_us);
    let code = made.context("cannot invite")?.to_string();
    writeln!(out, "{code}")?;
    let url = args.url.as_deref().or(url);
    // What stands behind the # stays on the phone: no proxy writes the code into its log.
    let link = url.map(|url| format!("{}/join#{code}", url.trim_end_matches('/')));
    if let Some(link) = &link {
        writeln!(out, "{link}")?;
    }
    let square = QrCode::new(link.as_ref().unwrap_or(&code)).context("the link is too long")?;
    // A letter is bright in a terminal and dark on paper; cameras want dark on bright.
    let (dark, bright) = match args.paper {
        true => (Dense1x2::Dark, Dense1x2::Light),
        false => (Dense1x2::Light, Dense1x2::Dark),
    };
    let mut square = square.render::<Dense1x2>();
    let square = square.dark_color(dark).light_color(bright).build();
    let last_day = clock::day_of(now_us).saturating_add_unsigned(args.days);
    let phones = render::count(args.uses.into(), "phone", "phones");
    writeln!(out, "\n{square}\n")?;
    writeln!(
        out,
        "For {phones}, to the end of {} (UTC). The code is not shown again.",
        date(last_day)
    )?;
    Ok(())
}

/// A day, counted from 1970-01-01.
fn date(day: i32) -> String {
    let date = jiff::civil::date(1970, 1, 1);
    let date = date.checked_add(jiff::Span::new().days(day));
    date.map_or_else(|_| "?".to_owned(), |date| date.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser as _;
    use ingest::devices::Terms;

    /// Noon of 2026-01-05.
    const NOW_US: i64 = 1_767_614_400_000_000;

    fn said(registry: &Registry, words: &[&str]) -> String {
        let line = ["jounce", "device"].iter().chain(words);
        let cli = crate::cli::Cli::parse_from(line);
        let crate::cli::Command::Device(command) = cli.command else {
            unreachable!("device is device")
        };
        let mut out = Vec::new();
        let ran = run(
            &command,
            registry,
            Some("https://road.example.org/"),
            NOW_US,
            &mut out,
        );
        let out = String::from_utf8(out).unwrap();
        ran.map_or_else(|error| format!("error: {error:#}"), |()| out)
    }

    /// The word behind a name in a table.
    fn behind<'a>(text: &'a str, name: &str) -> &'a str {
        let line = text.lines().find(|line| line.trim().starts_with(name));
        line.unwrap().split_whitespace().last().unwrap()
    }

    #[test]
    fn a_poster_brings_a_phone_and_the_list_shows_it() {
        let folder = tempfile::tempdir().unwrap();
        let registry = Registry::open(folder.path(), Terms::default(), NOW_US).unwrap();
        let poster = said(&registry, &["invite", "--uses", "2", "--cohort", "library"]);
        let code = poster.lines().next().unwrap();
        assert!(
            poster.contains(&format!("https://road.example.org/join#{code}\n")),
            "{poster}"
        );
        assert!(
            poster.contains("For 2 phones, to the end of 2026-01-19 (UTC)"),
            "{poster}"
        );
        // 50 letters with 4 modules of margin need 25 lines at most, of two modules each.
        assert!(
            poster.lines().filter(|line| line.contains('█')).count() >= 14,
            "{poster}"
        );
        let phone = registry.enrol(code, NOW_US).unwrap();

        let list = said(&registry, &["list"]);
        let row: Vec<&str> = list.lines().nth(1).unwrap().split_whitespace().collect();
        let expected = [
            phone.id.as_str(),
            "library",
            "2026-01-05",
            "2027-01-05",
            "valid",
        ];
        assert_eq!(row, expected);
        assert!(list.contains("1 phone of library may still come by an invite, until 2026-01-19"));

        assert!(said(&registry, &["revoke", "--invite", code]).starts_with("ended"));
        assert!(registry.enrol(code, NOW_US).is_err());
        assert!(said(&registry, &["revoke", phone.id.as_str()]).starts_with("revoked"));
        assert!(said(&registry, &["list"]).contains("revoked 2026-01-05"));
    }

    #[test]
    fn a_secret_is_shown_once_and_opens() {
        let folder = tempfile::tempdir().unwrap();
        let registry = Registry::open(folder.path(), Terms::default(), NOW_US).unwrap();
        let made = said(&registry, &["add", "--days", "30"]);
        let id = behind(&made, "device");
        let opens = |text: &str| {
            let secret = behind(text, "secret").as_bytes();
            registry.check(&id.parse().unwrap(), secret, NOW_US).is_ok()
        };
        assert!(opens(&made) && made.contains("2026-02-04"), "{made}");
        let renewed = said(&registry, &["renew", id]);
        assert!(opens(&renewed) && opens(&made));
        let list = said(&registry, &["list"]);
        assert!(
            list.contains("by its old secret until 2026-01-12"),
            "{list}"
        );
        assert!(!list.contains(behind(&made, "secret")));
    }

    #[test]
    fn an_error_names_no_device() {
        let folder = tempfile::tempdir().unwrap();
        let registry = Registry::open(folder.path(), Terms::default(), NOW_US).unwrap();
        let refused = said(&registry, &["revoke", "d-0123"]);
        assert!(
            refused.contains("there is no such device") && !refused.contains("0123"),
            "{refused}"
        );
        assert!(said(&registry, &["invite", "--uses", "0"]).contains("1 to 1000 phones"));
    }
}
