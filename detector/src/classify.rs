//! What a jolt most likely was, how hard it was, and how sure that is.

use trip::{BANDS_HZ, Bump, Channel, Kind, Measured, Speed};

use crate::config::{ClassifyConfig, Config};
use crate::track::Point;
use crate::trigger::Jolt;
use crate::window::Frame;

/// Draws the conclusions from a jolt, its place apart. `clipped` tells that the sensor reached the
/// end of its range.
pub(crate) fn bump(config: &Config, jolt: &Jolt, clipped: bool) -> Bump {
    let peak = &jolt.peak;
    let score = f64::from(peak.event_score());
    let body = peak.body.filter(|_| peak.crest);
    let impact_leads = peak
        .impact
        .is_some_and(|i| i >= body.unwrap_or(f32::NEG_INFINITY));
    let channel = if impact_leads {
        Channel::Impact
    } else {
        Channel::Body
    };
    let speed = peak.point.map(|p| p.speed);
    let highest = highest(jolt);
    let kind_probability = kinds(&config.classify, jolt);
    Bump {
        begin_us: jolt.around[jolt.begin].frame.t_us,
        peak_us: peak_us(jolt, channel),
        end_us: jolt.around[jolt.end].frame.t_us,
        score: peak.event_score(),
        probability: probability(config, score),
        channel,
        kind: likeliest(&kind_probability),
        kind_probability,
        severity_mps2: speed.map(|v| severity(&config.classify, highest.peak.height_mps2, v)),
        saturated: clipped,
        place: None,
        measured: Measured {
            peak_mps2: highest.peak.height_mps2,
            width_s: highest.width_s,
            speed,
            rate_hz: peak.frame.source_hz,
            band_rms_mps2: band_rms_mps2(jolt),
            body_score: peak.body,
            impact_score: peak.impact,
            horizontal_ratio: peak.frame.horizontal_ratio,
        },
    }
}

/// The time of the jolt: the blow itself, or the top of a parabola through the body's scores.
pub(crate) fn peak_us(jolt: &Jolt, channel: Channel) -> i64 {
    let here = &jolt.peak;
    if channel == Channel::Impact {
        return here.frame.peak.t_us;
    }
    let neighbours = jolt.at.checked_sub(1).and_then(|i| jolt.around.get(i));
    let (Some(before), Some(after)) = (neighbours, jolt.around.get(jolt.at + 1)) else {
        return here.frame.t_us;
    };
    let (Some(a), Some(b), Some(c)) = (before.body, here.body, after.body) else {
        return here.frame.t_us;
    };
    let bend = a - 2.0 * b + c;
    let shift = if bend < 0.0 {
        f64::from((a - c) / (2.0 * bend)).clamp(-0.5, 0.5)
    } else {
        0.0
    };
    here.frame.t_us + (shift * (after.frame.t_us - here.frame.t_us) as f64).round() as i64
}

/// RMS per band of the whole spectrum that was taken nearest to the peak.
fn band_rms_mps2(jolt: &Jolt) -> [Option<f32>; BANDS_HZ.len()] {
    let fresh = jolt
        .around
        .iter()
        .enumerate()
        .filter(|(_, s)| s.frame.fresh);
    let nearest = fresh.min_by_key(|(i, _)| i.abs_diff(jolt.at));
    nearest.map_or(jolt.peak.frame.band_rms_mps2, |(_, s)| {
        s.frame.band_rms_mps2
    })
}

/// The moment of the highest vertical acceleration between the beginning and the end of the jolt.
fn highest(jolt: &Jolt) -> &Frame {
    let frames = jolt.around[jolt.begin..=jolt.end].iter().map(|s| &s.frame);
    let higher = |a: &&Frame, b: &&Frame| a.peak.height_mps2.total_cmp(&b.peak.height_mps2);
    frames.max_by(higher).unwrap_or(&jolt.peak.frame)
}

/// Peak acceleration brought to the reference speed.
///
/// Source: a power law of speed, exponent 0.7 for impacts to start with; see `ClassifyConfig`.
fn severity(config: &ClassifyConfig, peak_mps2: f32, speed: Speed) -> f32 {
    let [slowest, fastest] = config.severity_speed_mps;
    let ratio = config.reference_speed_mps / speed.mps().clamp(slowest, fastest);
    peak_mps2 * ratio.powf(config.severity_exponent) as f32
}

fn probability(config: &Config, score: f64) -> f32 {
    let trigger = &config.trigger;
    let logit = trigger.probability_slope * (score - trigger.probability_mid);
    (1.0 / (1.0 + (-logit).exp())) as f32
}

/// What a channel that says nothing scores, for the comparison with the other one.
const NOTHING_LN: f64 = -6.0;

/// The probability of each kind: a softmax of what the body's lead over the impact and the slowing
/// before say. One phone's pass tells little; the many passes of the aggregator tell more.
fn kinds(config: &ClassifyConfig, jolt: &Jolt) -> [f32; 7] {
    let body = jolt.peak.body.map_or(NOTHING_LN, f64::from);
    let impact = jolt.peak.impact.map_or(NOTHING_LN, f64::from);
    let limit = config.body_lead_limit;
    let lead = (body - impact).clamp(-limit, limit);
    let limit_mps = config.slowed_limit_mps;
    let slowed_mps = slowed_mps(jolt).unwrap_or(0.0).clamp(-limit_mps, limit_mps);
    let hump = config.body_lead_weight * lead + config.slowed_weight * slowed_mps;
    let mut odds_ln = config.prior_ln;
    for (ln, kind) in odds_ln.iter_mut().zip(Kind::ALL) {
        *ln += match kind {
            Kind::SpeedBump => hump,
            Kind::Pothole => -hump,
            _ => -hump.abs(),
        };
    }
    let total: f64 = odds_ln.iter().map(|ln| ln.exp()).sum();
    odds_ln.map(|ln| (ln.exp() / total) as f32)
}

/// How much slower the vehicle was at the jolt than a few seconds before, m/s.
fn slowed_mps(jolt: &Jolt) -> Option<f64> {
    let speed = |point: &Option<Point>| point.as_ref().map(|p| p.speed.mps());
    let before = jolt.around[..jolt.at]
        .iter()
        .filter_map(|s| speed(&s.point))
        .fold(0.0, f64::max);
    Some(before - speed(&jolt.peak.point)?).filter(|d| d.is_finite())
}

fn likeliest(probability: &[f32; 7]) -> Kind {
    let best = (0..probability.len())
        .rev()
        .max_by(|&a, &b| probability[a].total_cmp(&probability[b]));
    Kind::ALL[best.unwrap_or(Kind::ALL.len() - 1)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_blow_is_brought_up_to_forty_kmh() {
        let config = ClassifyConfig::default();
        let at = |kmh| severity(&config, 5.0, Speed::from_kmh(kmh).expect("valid"));
        assert!((at(40.0) - 5.0).abs() < 1e-5);
        assert!(
            at(20.0) > 8.0 && at(80.0) < 3.2,
            "{} {}",
            at(20.0),
            at(80.0)
        );
        assert_eq!(
            at(3.0),
            at(14.4),
            "below the bounds the power law is not trusted"
        );
    }

    #[test]
    fn probability_grows_with_the_score() {
        let config = Config::default();
        assert!((probability(&config, config.trigger.probability_mid) - 0.5).abs() < 1e-6);
        assert!(probability(&config, 3.0) > probability(&config, 2.0));
    }

    #[test]
    fn of_equal_kinds_the_first_named_wins() {
        assert_eq!(
            likeliest(&[0.2, 0.2, 0.2, 0.1, 0.1, 0.1, 0.1]),
            Kind::Pothole
        );
    }
}
