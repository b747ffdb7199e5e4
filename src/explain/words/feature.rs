//! What one feature says, for people who do not know its name.

use detector::{Config, Part};
use trip::Channel;

/// A feature and its value as a phrase.
pub(super) fn phrase(channel: Channel, part: Part, config: &Config) -> String {
    match channel {
        Channel::Body => body(part, config),
        Channel::Impact => impact(part),
    }
}

fn body(part: Part, config: &Config) -> String {
    let value = part.value;
    let [swell, bounce] = config.body.bands_hz;
    let band = |name: &str, [from, to]: [f32; 2]| format!("{name} ({from}–{to} Hz)");
    let usual = |what: &str| above(what, value, "usual");
    match part.name {
        "bias" => "to begin with".to_owned(),
        "swell" => usual(&band("swell", swell)),
        "bounce" => usual(&band("bounce", bounce)),
        "contrast" => above("swell", value, "in the seconds around"),
        "peak" => usual("highest vertical acceleration"),
        "level" => {
            let rms = (value.exp() - config.body.floor_mps2).max(0.0);
            format!("swell and bounce together are {rms:.2} m/s²")
        }
        "overshoot" if value == 0.0 => "nothing beyond what a road can do".to_owned(),
        "overshoot" => format!("{value:.2} (ln) beyond what a road can do to swell and sway"),
        "braking" => usual("braking, then going on,"),
        "sway" => usual("highest horizontal acceleration"),
        name => format!("{name} {value:.2}"),
    }
}

fn impact(part: Part) -> String {
    let value = part.value;
    match part.name {
        "bias" => "to begin with".to_owned(),
        "excess" => above("blow (above 3 Hz)", value, "usual"),
        "lead" => above("peak", value, "the highest of the seconds around"),
        "contrast" => above("peak", value, "in the seconds around"),
        "horizontal" => format!("the horizontal peak is {} the vertical one", times(value)),
        "ceiling" => "no blow alone is surer than this".to_owned(),
        name => format!("{name} {value:.2}"),
    }
}

/// A difference of logarithms as what people understand: how many times.
fn above(what: &str, ln: f32, than: &str) -> String {
    let side = if ln < 0.0 { "below" } else { "above" };
    let reference = match than {
        "usual" => "its usual value".to_owned(),
        "in the seconds around" => "the median of the seconds around".to_owned(),
        other => other.to_owned(),
    };
    format!("{what} {:.2} {side} {reference} ({})", ln.abs(), times(ln))
}

fn times(ln: f32) -> String {
    let ratio = ln.exp();
    if ratio >= 9.95 {
        format!("{ratio:.0} times")
    } else if ratio >= 0.095 {
        format!("{ratio:.1} times")
    } else {
        format!("{ratio:.2} times")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(channel: Channel, name: &'static str, value: f32, expected: &str) {
        let part = Part {
            name,
            value,
            odds: 0.0,
        };
        assert_eq!(phrase(channel, part, &Config::default()), expected);
    }

    #[test]
    fn a_tired_analyst_understands_it() {
        let check = |name, value, expected| check(Channel::Body, name, value, expected);
        check(
            "swell",
            1.9,
            "swell (0.4–1.2 Hz) 1.90 above its usual value (6.7 times)",
        );
        check(
            "peak",
            -0.5,
            "highest vertical acceleration 0.50 below its usual value (0.6 times)",
        );
        check(
            "contrast",
            0.7,
            "swell 0.70 above the median of the seconds around (2.0 times)",
        );
        check("overshoot", 0.0, "nothing beyond what a road can do");
    }

    #[test]
    fn every_feature_has_a_phrase() {
        for name in detector::BodyFeatures::NAMES {
            let part = Part {
                name,
                value: 1.25,
                odds: 1.0,
            };
            let text = phrase(Channel::Body, part, &Config::default());
            assert_ne!(text, format!("{name} 1.25"));
        }
    }
}
