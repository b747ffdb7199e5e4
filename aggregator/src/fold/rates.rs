//! How much a driver's word is worth.

use crate::config::{RateRule, likelihood};

/// How much a driver's word is worth in one week, in integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    /// The probability that an able pass over a hazard is felt, thousandths.
    pub(crate) detection_milli: u16,
    /// Minus the logarithm of false alarms per metre, thousandths.
    pub(crate) quiet_log_milli: u16,
}

/// What a driver's passes taught, in sums that add up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lesson {
    /// Passes over what others felt that felt it too.
    pub(crate) felt: u32,
    /// … and that did not.
    pub(crate) missed: u32,
    /// Bumps that nobody else felt though others passed.
    pub(crate) alone: u32,
    /// Metres judged and able.
    pub(crate) able_m: u32,
}

impl RateRule {
    /// What is believed of a driver of whom nothing is known.
    pub(crate) fn of_nobody(&self) -> Rate {
        self.rate(&Lesson::default())
    }

    /// What is believed of a driver after some lessons.
    pub(crate) fn rate(&self, lesson: &Lesson) -> Rate {
        let (felt, missed) = (f64::from(lesson.felt), f64::from(lesson.missed));
        let detection = (self.detection * self.detection_passes + felt)
            / (self.detection_passes + felt + missed);
        let expected = self.false_alarms_per_m * self.false_alarm_metres;
        let per_m = (expected + f64::from(lesson.alone))
            / (self.false_alarm_metres + f64::from(lesson.able_m));
        Rate {
            detection_milli: (likelihood(detection) * 1e3).round() as u16,
            quiet_log_milli: (-likelihood(per_m).ln() * 1e3).round() as u16,
        }
    }
}

impl Rate {
    /// The probability that an able pass over a hazard is felt.
    pub(crate) fn detection(self) -> f64 {
        f64::from(self.detection_milli) / 1e3
    }

    /// The probability of a false alarm within a gate.
    pub(crate) fn false_alarm(self, gate_m: f64) -> f64 {
        likelihood((-f64::from(self.quiet_log_milli) / 1e3).exp() * gate_m)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_trips_do_not_make_a_reputation() {
        let rule = RateRule::default();
        let nobody = rule.of_nobody();
        assert!((nobody.detection() - 0.6).abs() < 1e-3);
        assert!((nobody.false_alarm(20.0) - 0.014).abs() < 1e-4);
        let three = Lesson {
            missed: 3,
            able_m: 3_000,
            ..Lesson::default()
        };
        assert!(rule.rate(&three).detection() > 0.45);
    }

    #[test]
    fn who_invents_is_believed_less_and_who_feels_nothing_is_not_missed() {
        let rule = RateRule::default();
        let liar = rule.rate(&Lesson {
            alone: 60,
            able_m: 30_000,
            ..Lesson::default()
        });
        assert!(liar.false_alarm(20.0) > 0.02);
        let deaf = rule.rate(&Lesson {
            missed: 90,
            ..Lesson::default()
        });
        assert!(deaf.detection() < 0.07);
    }
}
