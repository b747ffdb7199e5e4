//! From values to pixels, and the ticks between.

/// One axis: which values stand at which pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    from: f64,
    to: f64,
    from_px: f64,
    to_px: f64,
    log: bool,
}

/// A value that an axis names.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// The value.
    pub value: f64,
    /// How it is written.
    pub label: String,
}

impl Scale {
    /// An axis with even steps. An empty span is widened.
    pub fn linear([from, to]: [f64; 2], [from_px, to_px]: [f64; 2]) -> Self {
        let to = if to > from { to } else { from + 1.0 };
        Self {
            from,
            to,
            from_px,
            to_px,
            log: false,
        }
    }

    /// An axis with even ratios; both ends are above 0, an empty span is widened.
    pub fn log([from, to]: [f64; 2], pixels: [f64; 2]) -> Self {
        let from = from.max(f64::MIN_POSITIVE);
        let to = if to > from { to } else { from * 10.0 };
        Self {
            log: true,
            ..Self::linear([from, to], pixels)
        }
    }

    /// The values at both ends.
    pub fn ends(&self) -> [f64; 2] {
        [self.from, self.to]
    }

    /// The pixel of a value; beyond the ends, that of the end.
    pub fn at(&self, value: f64) -> f64 {
        let value = value.clamp(self.from, self.to);
        let share = if self.log {
            (value / self.from).ln() / (self.to / self.from).ln()
        } else {
            (value - self.from) / (self.to - self.from)
        };
        self.from_px + share * (self.to_px - self.from_px)
    }

    /// Round values inside, about so many: steps of 1, 2 or 5.
    pub fn ticks(&self, about: usize) -> Vec<Tick> {
        if self.log {
            self.log_ticks(about)
        } else {
            self.linear_ticks(about)
        }
    }

    fn linear_ticks(&self, about: usize) -> Vec<Tick> {
        let span = self.to - self.from;
        let unit = 10f64.powf((span / about.max(1) as f64).log10().floor());
        let enough = |step: &f64| (span / step).floor() + 1.0 >= 0.6 * about as f64;
        let steps = [10.0, 5.0, 2.0].map(|step| step * unit);
        let step = steps.into_iter().find(enough).unwrap_or(unit);
        let places = (-(step.log10() + 1e-9).floor()).max(0.0) as usize;
        let first = (self.from / step - 1e-9).ceil() as i64;
        let last = (self.to / step + 1e-9).floor() as i64;
        (first..=last)
            .map(|n| Tick {
                value: n as f64 * step,
                label: signed(&format!("{:.places$}", n as f64 * step)),
            })
            .collect()
    }

    fn log_ticks(&self, about: usize) -> Vec<Tick> {
        let (first, last) = (
            self.from.log10().floor() as i32,
            self.to.log10().ceil() as i32,
        );
        let inside = |value: &f64| *value >= self.from * 0.999_999 && *value <= self.to * 1.000_001;
        let of = |digits: &[f64]| -> Vec<f64> {
            let decades = (first..=last).flat_map(|n| digits.iter().map(move |d| (n, *d)));
            // Of a text, since 10⁻¹ · 2 is no nice number.
            let values = decades.filter_map(|(n, digit)| format!("{digit}e{n}").parse().ok());
            values.filter(inside).collect()
        };
        let fine = of(&[1.0, 2.0, 5.0]);
        let values = if fine.len() <= about {
            fine
        } else {
            of(&[1.0])
        };
        (values.into_iter())
            .map(|value| Tick {
                value,
                label: format!("{value}"),
            })
            .collect()
    }
}

/// A number as people write it: with a minus, not a hyphen.
pub fn signed(text: &str) -> String {
    text.replace('-', "\u{2212}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(scale: Scale, about: usize) -> Vec<String> {
        scale.ticks(about).into_iter().map(|t| t.label).collect()
    }

    #[test]
    fn ticks_are_round() {
        let even = Scale::linear([-7.3, 8.1], [100.0, 0.0]);
        assert_eq!(labels(even, 4), ["−5", "0", "5"]);
        let low = Scale::linear([-4.3, 4.1], [100.0, 0.0]);
        assert_eq!(labels(low, 4), ["−4", "−2", "0", "2", "4"]);
        let narrow = Scale::linear([0.0, 0.9], [0.0, 90.0]);
        assert_eq!(labels(narrow, 4), ["0.0", "0.2", "0.4", "0.6", "0.8"]);
        // A span that rounding made a little shorter than 20.
        let times = Scale::linear([0.3, 20.299_999], [0.0, 1.0]);
        assert_eq!(labels(times, 20)[0], "1");
        let ratio = Scale::log([0.04, 3.0], [0.0, 1.0]);
        assert_eq!(labels(ratio, 9), ["0.05", "0.1", "0.2", "0.5", "1", "2"]);
        assert_eq!(labels(ratio, 3), ["0.1", "1"]);
    }

    #[test]
    fn what_lies_beyond_stays_at_the_edge() {
        let scale = Scale::linear([0.0, 10.0], [200.0, 100.0]);
        assert_eq!((scale.at(5.0), scale.at(99.0)), (150.0, 100.0));
        let ratio = Scale::log([0.1, 10.0], [0.0, 2.0]);
        assert_eq!((ratio.at(1.0), ratio.at(0.0)), (1.0, 0.0));
    }
}
