//! `jounce explain`: what the detector saw around one moment.

use std::io::Write;
use std::path::Path;

use anyhow::Context as _;

use super::evaluate::config;
use super::{Ending, tell_refusals};
use crate::cli;
use crate::explain::words::odds_text;
use crate::explain::{Finding, Recorded, Span, Words, picture};

pub(super) fn run(args: &cli::Explain, out: &mut dyn Write) -> anyhow::Result<Ending> {
    if let Some(path) = &args.out {
        check_ending(path)?;
    }
    let config = config(args.config.as_deref())?;
    let (outcome, recorded) = Recorded::read(&args.trace, &config)?;
    tell_refusals(&args.trace, &outcome);
    let Some(recorded) = recorded else {
        anyhow::bail!("nothing in {} can be explained", args.trace.display());
    };
    let scene = recorded.around(Span::around(args.at, args.seconds))?;
    let words = Words::of(&scene, &Finding::of(&scene));
    write(&words, out)?;
    if let Some(path) = &args.out {
        let svg = picture::draw(&scene, &words);
        std::fs::write(path, svg).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(Ending::refused_if(outcome.refused > 0))
}

/// Only SVG is written: a program for another format would be told apart by nobody.
fn check_ending(path: &Path) -> anyhow::Result<()> {
    let ending = path.extension().and_then(|ending| ending.to_str());
    anyhow::ensure!(
        ending.is_some_and(|ending| ending.eq_ignore_ascii_case("svg")),
        "{}: pictures are written as SVG; name a file that ends in .svg (browsers show it; \
         `rsvg-convert -o picture.png picture.svg` makes a PNG of it)",
        path.display()
    );
    Ok(())
}

fn write(words: &Words, out: &mut dyn Write) -> anyhow::Result<()> {
    writeln!(out, "{}", words.title)?;
    writeln!(out, "{}", words.headline)?;
    for note in &words.notes {
        writeln!(out, "{note}")?;
    }
    for channel in &words.channels {
        writeln!(out, "{}", channel.heading)?;
        for (odds, text) in &channel.parts {
            writeln!(out, "  {:>6}  {text}", odds_text(*odds))?;
        }
    }
    Ok(())
}
