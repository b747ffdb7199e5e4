//! Why it is or is not a bump, in sentences.

mod feature;

use detector::{Moment, Part};
use trip::{Bump, Channel, SkipReason};

use super::finding::{Finding, MEANT_US, floor};
use super::scene::Scene;
use crate::evaluate::Mark;
use crate::plot::scale::signed;
use crate::render::seconds;

/// An explanation.
#[derive(Clone, Debug, PartialEq)]
pub struct Words {
    /// The name of the trace and the moment.
    pub title: String,
    /// What there is, in one sentence.
    pub headline: String,
    /// The nearest mark, and what else one has to know.
    pub notes: Vec<String>,
    /// What both channels say, the one that counts first.
    pub channels: Vec<ChannelWords>,
}

/// What one channel says.
#[derive(Clone, Debug, PartialEq)]
pub struct ChannelWords {
    /// Its score, or why it has none.
    pub heading: String,
    /// What the score is the sum of, log odds: the bias, then what adds or takes most.
    pub parts: Vec<(f32, String)>,
}

impl Words {
    /// Of a scene and what there is in its middle.
    pub fn of(scene: &Scene<'_>, finding: &Finding<'_>) -> Self {
        let mut notes = vec![mark_note(scene, finding)];
        let channels = match finding {
            Finding::Found(bump, moment) => {
                notes.extend(found_notes(scene, finding, bump));
                moment.map(|moment| channels(scene, moment, bump.channel))
            }
            Finding::Below(moment) | Finding::NoCrest(moment) => {
                Some(channels(scene, moment, leading(moment)))
            }
            Finding::Unjudged(_) | Finding::Nothing => None,
        };
        Self {
            title: format!("{} at {:.2} s", scene.name, seconds(scene.span.at_us)),
            headline: headline(scene, finding),
            notes,
            channels: channels.unwrap_or_default(),
        }
    }
}

fn headline(scene: &Scene<'_>, finding: &Finding<'_>) -> String {
    let threshold = score(scene.config.trigger.threshold as f32);
    match finding {
        Finding::Found(bump, _) if scene.is_bump(bump) => format!(
            "A bump at {}: score {}, over the threshold of {threshold}; {}.",
            when(bump.peak_us, scene),
            score(bump.score),
            said_of(bump)
        ),
        Finding::Found(bump, _) => format!(
            "No bump. The nearest candidate, at {}, scores {}: {} below the threshold of {threshold}; {}.",
            when(bump.peak_us, scene),
            score(bump.score),
            plain(scene.config.trigger.threshold as f32 - bump.score),
            said_of(bump)
        ),
        Finding::Unjudged(reason) => {
            format!(
                "No bump: this time was not judged ({reason}). {}.",
                because(*reason)
            )
        }
        Finding::Below(moment) => format!(
            "No bump, and no candidate either: nothing within 1.5 s rises above the floor of {}. The \
             highest score is {}, at {}.",
            score(floor(scene) as f32),
            score(moment.score),
            when(moment.t_us, scene)
        ),
        Finding::NoCrest(moment) => no_crest(scene, moment),
        Finding::Nothing => "No bump: there is no signal to judge.".to_owned(),
    }
}

/// Why a moment over the floor has no event of its own.
fn no_crest(scene: &Scene<'_>, moment: &Moment) -> String {
    let at = when(moment.t_us, scene);
    let reaches = score(moment.score);
    let away_us = |bump: &Bump| (bump.peak_us - moment.t_us).abs();
    let nearest = scene.found.iter().min_by_key(|bump| away_us(bump));
    match nearest.filter(|bump| away_us(bump) <= MEANT_US) {
        Some(bump) => format!(
            "No bump and no candidate within 1.5 s. The score reaches {reaches} at {at}, on the flank \
             of the {} at {}, which scores {}.",
            if scene.is_bump(bump) {
                "bump"
            } else {
                "candidate"
            },
            when(bump.peak_us, scene),
            score(bump.score)
        ),
        None => format!(
            "No bump: the score reaches {reaches} at {at}, but a bounce counts only where swell and \
             bounce stand out most, and that is not within 1.5 s."
        ),
    }
}

/// Chance, kind, channel, speed and severity of what was found.
fn said_of(bump: &Bump) -> String {
    let mut text = format!(
        "a {} chance that a person would have marked it, {} channel, most like {}",
        percent(bump.probability),
        bump.channel,
        bump.kind.name().replace('_', " ")
    );
    if let Some(speed) = bump.measured.speed {
        text += &format!(", at {:.0} km/h", speed.kmh());
    }
    text += &format!(", peak {:.1} m/s²", bump.measured.peak_mps2);
    if bump.saturated {
        text += " (the sensor clipped: at least)";
    }
    text
}

/// The mark nearest to what was asked for, and how far what was found lies from it.
fn mark_note(scene: &Scene<'_>, finding: &Finding<'_>) -> String {
    let Some(marks) = &scene.marks else {
        return "No labels lie beside the trace.".to_owned();
    };
    let at_us = scene.span.at_us;
    let Some(mark) = marks.iter().min_by_key(|mark| mark.distance_us(at_us)) else {
        let within_s = seconds(scene.known_us().1 - at_us);
        return format!("No mark within {within_s:.0} s.");
    };
    let (t_us, what) = match finding {
        Finding::Found(bump, _) if scene.is_bump(bump) => (bump.peak_us, "the bump"),
        Finding::Found(bump, _) => (bump.peak_us, "the candidate"),
        _ => (at_us, "the moment"),
    };
    format!(
        "Nearest mark: {} from {:.2} to {:.2} s; {what} lies {}.",
        mark.kind,
        seconds(mark.begin_us),
        seconds(mark.end_us),
        beside(mark, t_us)
    )
}

fn beside(mark: &Mark, t_us: i64) -> String {
    let away_s = mark.distance_us(t_us) as f64 / 1e6;
    if away_s == 0.0 {
        "inside it".to_owned()
    } else if t_us < mark.begin_us {
        format!("{away_s:.2} s before it")
    } else {
        format!("{away_s:.2} s after it")
    }
}

/// What moved or keeps down what was found, besides its features.
fn found_notes(scene: &Scene<'_>, finding: &Finding<'_>, bump: &Bump) -> Vec<String> {
    let mut notes = Vec::new();
    if finding.is_swallowed(scene) {
        notes.push(format!(
            "What stands at {:.2} s itself lies within {} s of this higher peak and is no event of \
             its own.",
            seconds(scene.span.at_us),
            scene.config.trigger.merge_s
        ));
    }
    if let Some(moment) = finding.overtaken(scene) {
        notes.push(format!(
            "The score is higher at {:.2} s ({}), but a bounce counts where swell and bounce stand \
             out most, and that is here.",
            seconds(moment.t_us),
            score(moment.score)
        ));
    }
    if scene.moment_of(bump).and_then(|m| m.skip) == Some(SkipReason::Edge) {
        notes.push(format!(
            "{}: there nothing is more than a candidate, whatever it scores.",
            because(SkipReason::Edge)
        ));
    }
    notes
}

/// What both channels' scores are made of, the leading one first.
fn channels(scene: &Scene<'_>, moment: &Moment, leading: Channel) -> Vec<ChannelWords> {
    let body = |moment| channel_words(scene, moment, Channel::Body, None);
    match leading {
        Channel::Impact => {
            let impact = channel_words(scene, moment, Channel::Impact, None);
            vec![impact, body(moment)]
        }
        Channel::Body => vec![body(moment), impact_beside(scene, moment)],
    }
}

/// A blow stands for itself: the impact channel's highest score around the middle of a bounce.
fn impact_beside(scene: &Scene<'_>, middle: &Moment) -> ChannelWords {
    let near = |m: &&Moment| (m.t_us - middle.t_us).abs() <= BESIDE_US;
    let blows = scene.moments.iter().filter(near);
    let scored = blows.filter_map(|m| Some((m, m.impact_score?)));
    match scored.max_by(|a, b| a.1.total_cmp(&b.1)) {
        Some((blow, _)) => channel_words(scene, blow, Channel::Impact, Some(blow.t_us)),
        None => channel_words(scene, middle, Channel::Impact, None),
    }
}

/// A blow so near to the middle of a bounce is of the same thing: both axles, µs.
const BESIDE_US: i64 = 800_000;

fn channel_words(
    scene: &Scene<'_>,
    moment: &Moment,
    channel: Channel,
    at_us: Option<i64>,
) -> ChannelWords {
    let (parts, total) = match channel {
        Channel::Body => (moment.body_parts(scene.config), moment.body_score),
        Channel::Impact => (moment.impact_parts(scene.config), moment.impact_score),
    };
    let at = at_us.map_or_else(String::new, |t_us| format!(" at {:.2} s", seconds(t_us)));
    let heading = match total {
        Some(total) => format!(
            "The {channel} channel says {}{at}, in log odds:",
            score(total)
        ),
        None => silent(scene, moment, channel),
    };
    let phrase = |part: Part| (part.odds, feature::phrase(channel, part, scene.config));
    ChannelWords {
        heading,
        parts: sorted(parts).into_iter().map(phrase).collect(),
    }
}

/// The bias first, then what adds or takes most.
fn sorted(mut parts: Vec<Part>) -> Vec<Part> {
    parts.sort_by(|a, b| {
        let bias = |part: &Part| part.name != "bias";
        let size = b.odds.abs().total_cmp(&a.odds.abs());
        bias(a).cmp(&bias(b)).then(size)
    });
    parts
}

/// Why a channel says nothing at a moment.
fn silent(scene: &Scene<'_>, moment: &Moment, channel: Channel) -> String {
    let config = scene.config;
    match channel {
        Channel::Body if moment.skip == Some(SkipReason::Edge) => {
            "The body channel says nothing so near to the end of a segment.".to_owned()
        }
        Channel::Body => format!(
            "The body channel says nothing: the sensor is too slow for it, or the vehicle is not \
             known before {} s of driving.",
            config.body.from_s
        ),
        Channel::Impact if moment.peak_mps2 < config.impact.floor_mps2 => format!(
            "The impact channel says nothing: the peak of {:.2} m/s² is under {:.2}, and no blow.",
            moment.peak_mps2, config.impact.floor_mps2
        ),
        Channel::Impact => {
            "The impact channel says nothing: the blow is higher just beside this moment."
                .to_owned()
        }
    }
}

fn leading(moment: &Moment) -> Channel {
    let none = f32::NEG_INFINITY;
    if moment.impact_score.unwrap_or(none) > moment.body_score.unwrap_or(none) {
        Channel::Impact
    } else {
        Channel::Body
    }
}

/// What a reason means.
pub(super) fn because(reason: SkipReason) -> &'static str {
    match reason {
        SkipReason::Slow => "The vehicle stood or crawled: what shook the phone was not the road",
        SkipReason::Handling => "Somebody moved the phone within two seconds",
        SkipReason::Manoeuvre => "Braking, turning or a manoeuvre outweighs the vertical motion",
        SkipReason::Gap => "No readings came for longer than the gap limit",
        SkipReason::LowRate => "The phone sampled too slowly to show a jolt",
        SkipReason::Edge => "There is too little signal before or after to judge by",
        SkipReason::NoSamples => "There are positions, but no accelerometer",
        SkipReason::NoSignal => {
            "The readings are not those of a phone in a moving vehicle (frozen, or without gravity)"
        }
    }
}

/// A time, and how far it lies from what was asked for.
fn when(t_us: i64, scene: &Scene<'_>) -> String {
    let away_s = (t_us - scene.span.at_us) as f64 / 1e6;
    let at = format!("{:.2} s", seconds(t_us));
    if away_s.abs() < 0.005 {
        return at;
    }
    let side = if away_s < 0.0 { "earlier" } else { "later" };
    format!("{at} ({:.2} s {side})", away_s.abs())
}

/// What something adds to a score, with its sign.
pub fn odds_text(odds: f32) -> String {
    if odds.abs() < 0.005 {
        return "0.00".to_owned();
    }
    signed(&format!("{odds:+.2}"))
}

fn score(value: f32) -> String {
    signed(&plain(value))
}

fn plain(value: f32) -> String {
    format!("{:.2}", value + 0.0)
}

fn percent(share: f32) -> String {
    if share < 0.01 {
        "under 1 %".to_owned()
    } else {
        format!("{:.0} %", share * 100.0)
    }
}
