//! `jounce serve`.

use std::io::Write;
use std::path::Path;

use anyhow::Context as _;

use super::Ending;
use super::evaluate::config;
use crate::cli::Serve;
use crate::render;
use crate::serve;
use crate::serve::settings::Settings;

pub(super) fn run(args: &Serve, out: &mut dyn Write) -> anyhow::Result<Ending> {
    let settings = Settings::of(args).context("cannot serve by these settings")?;
    let detector = config(settings.detector.config.as_deref())?;
    if args.check {
        return check(&settings, out);
    }
    serve::run(settings, detector, args.open)
}

/// Says whether the settings are sound, and how long the disk lasts.
fn check(settings: &Settings, out: &mut dyn Write) -> anyhow::Result<Ending> {
    writeln!(out, "settings    sound")?;
    let answers = settings.operator.answers();
    match &answers {
        Ok(()) => writeln!(
            out,
            "operator    {}",
            settings.operator.name.as_deref().unwrap_or("")
        )?,
        Err(missing) => writeln!(out, "operator    {missing}")?,
    }
    let data = &settings.server.data;
    if !data.join("format").exists() {
        writeln!(
            out,
            "data        {} is made when the server starts",
            data.display()
        )?;
        return Ok(Ending::refused_if(answers.is_err()));
    }
    let used = used_bytes(data)?;
    let room = rustix::fs::statvfs(data).with_context(|| data.display().to_string())?;
    let free = room.f_bavail * room.f_frsize;
    writeln!(
        out,
        "data        {} in {}",
        render::bytes(used),
        data.display()
    )?;
    writeln!(
        out,
        "disk        {} free, {}",
        render::bytes(free),
        lasts(data, settings, used, free)?
    )?;
    Ok(Ending::refused_if(answers.is_err()))
}

/// How long the disk lasts at the pace of the days so far.
fn lasts(data: &Path, settings: &Settings, used: u64, free: u64) -> anyhow::Result<String> {
    let made = std::fs::metadata(data.join("format")).and_then(|it| it.modified());
    let made = made.with_context(|| data.display().to_string())?;
    let age_s = made.elapsed().map_or(0.0, |it| it.as_secs_f64());
    let days = age_s / 86_400.0;
    if days < 1.0 {
        return Ok("too early to say how many days that lasts: ask after the first day".to_owned());
    }
    // What is kept goes after so many days; from then on there is as much as ever there will be.
    let retention = f64::from(settings.privacy.retention_days);
    let a_day = used as f64 / days.min(retention);
    let left = (a_day * (retention - days)).max(0.0);
    if left <= free as f64 {
        return Ok(format!(
            "enough: {} a day are kept for {retention:.0} days",
            render::bytes(a_day as u64)
        ));
    }
    let until = free as f64 / a_day;
    Ok(format!(
        "full in {until:.0} days, at {} a day",
        render::bytes(a_day as u64)
    ))
}

fn used_bytes(folder: &Path) -> anyhow::Result<u64> {
    let mut sum = 0;
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry.with_context(|| folder.display().to_string())?;
        // What has gone since the folder was listed takes no room.
        let Ok(about) = entry.metadata() else {
            continue;
        };
        sum += if about.is_dir() {
            used_bytes(&entry.path())?
        } else {
            about.len()
        };
    }
    Ok(sum)
}
