//! The samples of one hop, summed up.

use crate::gravity::Motion;

/// A maximum of a magnitude.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Peak {
    /// When, µs.
    pub(crate) t_us: i64,
    /// How high, m/s².
    pub(crate) height_mps2: f32,
}

/// The samples of one hop: sums while it is open, means when it is done.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Hop {
    pub(super) samples: usize,
    pub(super) t_us: i64,
    pub(super) vertical: f32,
    pub(super) horizontal: [f32; 3],
    pub(super) across_squared: f32,
    pub(super) peak: Peak,
    pub(super) blow_mps2: f32,
    pub(super) handled: bool,
    pub(super) sound: bool,
    /// Squared steps from hop to hop up to and with this one, summed: across and along gravity.
    pub(super) stepped: [f64; 2],
}

impl Hop {
    /// The hop with means in place of sums, and its step from the hop before it.
    pub(super) fn done(mut self, before: Option<Self>) -> Self {
        let share = 1.0 / self.samples.max(1) as f32;
        self.vertical *= share;
        self.horizontal = self.horizontal.map(|sum| sum * share);
        let Some(before) = before else { return self };
        let steps = self.horizontal.iter().zip(before.horizontal);
        let across: f32 = steps.map(|(b, a)| (b - a).powi(2)).sum();
        let along = (self.vertical - before.vertical).powi(2);
        self.stepped = [
            before.stepped[0] + f64::from(across),
            before.stepped[1] + f64::from(along),
        ];
        self
    }

    pub(super) fn add(&mut self, motion: &Motion, blow: f32, middle: usize) {
        if self.samples <= middle {
            self.t_us = motion.t_us;
        }
        self.samples += 1;
        self.vertical += motion.vertical_mps2;
        let mut across_squared = 0.0;
        for (sum, value) in self.horizontal.iter_mut().zip(motion.horizontal_mps2) {
            *sum += value;
            across_squared += value * value;
        }
        self.across_squared = self.across_squared.max(across_squared);
        let first = self.samples == 1;
        self.peak
            .raise(first, motion.t_us, motion.vertical_mps2.abs());
        self.blow_mps2 = self.blow_mps2.max(blow.abs());
        self.handled |= motion.handled;
        self.sound = motion.sound;
    }
}

impl Peak {
    fn raise(&mut self, first: bool, t_us: i64, height_mps2: f32) {
        if first || height_mps2 > self.height_mps2 {
            *self = Self { t_us, height_mps2 };
        }
    }
}
