//! Which phones were one vehicle on a day: their word counts once.

use std::collections::HashMap;

use super::passes::Passed;
use super::roll::Who;
use crate::config::VehicleRule;

/// Phones that ride together, each with the one that speaks for them.
#[derive(Debug, Default)]
pub(super) struct Convoys(HashMap<Who, Who>);

/// The pairs of phones that passed enough places one shortly after the other and always at the same
/// distance in time. `day` is everything that passed on one day, in order of place and time.
pub(super) fn convoys(day: &[Passed], rule: &VehicleRule) -> Convoys {
    let mut gaps_us: HashMap<(Who, Who), Vec<i64>> = HashMap::new();
    for place in day.chunk_by(|a, b| a.spot == b.spot) {
        for (index, first) in place.iter().enumerate() {
            let soon = (place[index + 1..].iter())
                .take_while(|next| next.t_us.saturating_sub(first.t_us) <= micros(rule.convoy_s));
            for next in soon.filter(|next| next.who != first.who) {
                let gap_us = next.t_us - first.t_us;
                let (pair, gap_us) = if first.who < next.who {
                    ((first.who, next.who), gap_us)
                } else {
                    ((next.who, first.who), -gap_us)
                };
                gaps_us.entry(pair).or_default().push(gap_us);
            }
        }
    }
    let mut pairs: Vec<(Who, Who)> = (gaps_us.into_iter())
        .filter(|(_, gaps_us)| is_one_vehicle(gaps_us, rule))
        .map(|(pair, _)| pair)
        .collect();
    pairs.sort_unstable();
    let mut convoys = Convoys::default();
    for (a, b) in pairs {
        let speaker = convoys.speaker(a);
        convoys.0.insert(b, speaker);
    }
    convoys
}

fn is_one_vehicle(gaps_us: &[i64], rule: &VehicleRule) -> bool {
    let (Some(least), Some(most)) = (gaps_us.iter().min(), gaps_us.iter().max()) else {
        return false;
    };
    gaps_us.len() >= rule.convoy_places && most - least <= micros(rule.convoy_spread_s)
}

impl Convoys {
    /// Who speaks for a phone: itself, or the first of its vehicle.
    pub(super) fn speaker(&self, who: Who) -> Who {
        self.0.get(&who).copied().unwrap_or(who)
    }
}

/// Seconds as whole microseconds.
pub(super) fn micros(seconds: f64) -> i64 {
    (seconds * 1e6).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::passes::Outcome;

    fn passed(spot: u32, number: u32, t_s: f64) -> Passed {
        Passed {
            spot,
            who: Who { season: 0, number },
            rank: number,
            t_us: micros(t_s),
            outcome: Outcome::Miss,
        }
    }

    fn speaks(day: &[Passed]) -> u32 {
        let mut day = day.to_vec();
        day.sort_unstable_by_key(Passed::order);
        let who = Who {
            season: 0,
            number: 2,
        };
        convoys(&day, &VehicleRule::default()).speaker(who).number
    }

    #[test]
    fn phones_that_stay_a_second_apart_are_one_vehicle() {
        let day: Vec<Passed> = (0..3)
            .flat_map(|spot| {
                let t_s = 60.0 * f64::from(spot);
                [passed(spot, 1, t_s), passed(spot, 2, t_s + 1.2)]
            })
            .collect();
        assert_eq!(speaks(&day), 1);
        assert_eq!(speaks(&day[..4]), 2);
    }

    #[test]
    fn cars_that_draw_apart_and_together_are_two() {
        let gaps_s = [2.0, 3.5, 1.5];
        let day: Vec<Passed> = (0..)
            .zip(gaps_s)
            .flat_map(|(spot, gap_s)| {
                let t_s = 60.0 * f64::from(spot);
                [passed(spot, 1, t_s), passed(spot, 2, t_s + gap_s)]
            })
            .collect();
        assert_eq!(speaks(&day), 2);
    }
}
