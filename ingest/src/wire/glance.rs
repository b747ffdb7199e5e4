//! Whether a plain `samples` message breaks no limit, without laying its readings out.
//!
//! The door looks at every message before it is kept, at up to a hundred thousand a second; what they
//! say is read later. What this look lets pass the careful reader takes as well (a test and the fuzzer
//! hold the two together); about anything else it says nothing.

use serde::de::DeserializeOwned;
use trip::TripId;

use super::cbor::{self, NEGATIVE, Steps, UNSIGNED, once};
use super::samples::checked_fix;
use super::v1::{AccelUnit, GyroUnit, VERSION};
use super::{TRIP_ID, check, limits};
use crate::unit::Unit;

/// From when to when, µs; `None` of nothing.
type Span = Option<(i64, i64)>;

/// The trip and number of a plain `samples` message that breaks no limit.
pub(super) fn samples(bytes: &[u8]) -> Option<(TripId, u32)> {
    let (mut v, mut name, mut trip, mut seq) = (None, None, None, None);
    let (mut accel, mut gyro, mut fixes) = (None, None, None);
    let rest = Steps(bytes).map(|key, steps| match key {
        "v" => once(&mut v, steps.integer()?),
        "type" => once(&mut name, steps.text()?),
        "trip" => once(&mut trip, check::id(steps.text()?, TRIP_ID, "trip").ok()?),
        "seq" => once(&mut seq, steps.integer()?),
        "accel" => once(
            &mut accel,
            columns::<AccelUnit>(steps, limits::MAX_ACCEL_MPS2)?,
        ),
        "gyro" => once(
            &mut gyro,
            columns::<GyroUnit>(steps, limits::MAX_GYRO_RADPS)?,
        ),
        "fixes" => once(&mut fixes, self::fixes(steps)?),
        // Once a trip there is a header; files have more.
        _ => None,
    })?;
    let is_samples = rest.is_empty() && v? == i64::from(VERSION) && name? == "samples";
    let spans = [accel, gyro, fixes].into_iter().flatten().flatten();
    let all = spans.reduce(|(a, b), (c, d)| (a.min(c), b.max(d)));
    let is_short = all.is_none_or(|(first, last)| last - first <= limits::MAX_SPAN_US);
    let seq = super::seq(seq?).ok()?;
    (is_samples && is_short).then_some((trip?, seq))
}

/// Columns of one sensor; gives their span of time.
fn columns<U: Unit + DeserializeOwned>(steps: &mut Steps<'_>, max_si: f64) -> Option<Span> {
    let (mut unit, mut t0_us, mut times, mut scale) = (None, None, None, None);
    let mut axes = [None; 3];
    steps.0 = Steps(steps.0).map(|key, steps| match key {
        "unit" => once(&mut unit, cbor::sound::<U>(steps.over()?)?),
        "t0_us" => once(&mut t0_us, steps.integer()?),
        "dt_us" => once(&mut times, self::times(steps)?),
        "scale" => once(&mut scale, steps.number()?),
        "x" => once(&mut axes[0], largest(steps)?),
        "y" => once(&mut axes[1], largest(steps)?),
        "z" => once(&mut axes[2], largest(steps)?),
        _ => None,
    })?;
    let (length, lasts_us) = times?;
    let t0_us = check::time(t0_us?, "t0_us").ok()?;
    let scale = check::positive(scale?, limits::MAX_NUMBER, "scale").ok()?;
    let si_per_step = scale * unit?.in_si();
    for axis in axes {
        let (its_length, largest) = axis?;
        if its_length != length || f64::from(largest) * si_per_step > max_si {
            return None;
        }
    }
    Some((length > 0).then_some((t0_us, t0_us + lasts_us)))
}

/// A column of time differences: how many, and their sum.
fn times(steps: &mut Steps<'_>) -> Option<(usize, i64)> {
    let (mut sum_us, mut is_first) = (0, true);
    let length = integers(steps, |major, dt_us| {
        let is_sound =
            major == UNSIGNED && dt_us <= limits::MAX_SPAN_US as u64 && (dt_us == 0 || !is_first);
        is_first = false;
        sum_us += dt_us as i64;
        is_sound
    })?;
    Some((length, sum_us))
}

/// A column of readings: how many, and the largest of them without its sign.
fn largest(steps: &mut Steps<'_>) -> Option<(usize, i32)> {
    let mut largest = 0;
    let length = integers(steps, |major, argument| {
        // A negative number is written as what it is below -1.
        largest = argument.saturating_add(major.into()).max(largest);
        true
    })?;
    Some((length, largest.try_into().ok()?))
}

/// A list of integers, each shown as its major type and argument; how many.
fn integers(steps: &mut Steps<'_>, mut is_sound: impl FnMut(u8, u64) -> bool) -> Option<usize> {
    let length = steps.list()?;
    if length > limits::MAX_READINGS {
        return None;
    }
    for _ in 0..length {
        let (major, argument) = steps.head()?;
        if major > NEGATIVE || !is_sound(major, argument) {
            return None;
        }
    }
    Some(length)
}

/// Fixes in order of time; gives their span.
fn fixes(steps: &mut Steps<'_>) -> Option<Span> {
    let length = steps.list()?;
    check::length(length, limits::MAX_FIXES, "fixes").ok()?;
    let (mut span, mut before_us) = (None, i64::MIN);
    for i in 0..length {
        let fix = steps.fix()?;
        checked_fix(&fix, before_us, i).ok()?;
        before_us = fix.t_us;
        span = Some((span.map_or(fix.t_us, |(first_us, _)| first_us), fix.t_us));
    }
    Some(span)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    use crate::wire::{self, Content, Incoming, cbor::tests::message};

    #[test]
    fn what_collectors_send_is_told_at_a_glance() {
        let message = message(None);
        assert_eq!(
            samples(&message.to_cbor()),
            Some((message.trip.parse().unwrap(), 70_000))
        );
    }

    proptest! {
        /// Whatever a few changed bytes make of a message: what passes here, the careful reader takes.
        #[test]
        fn what_passes_at_a_glance_is_sound(
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
        ) {
            let mut bytes = message(None).to_cbor();
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            if let Some((trip, seq)) = samples(&bytes) {
                let Ok(Incoming::Message(careful)) = wire::decode(&bytes) else {
                    return Err(TestCaseError::fail("refused"));
                };
                prop_assert_eq!((careful.trip, careful.seq), (trip, seq));
                prop_assert!(matches!(careful.content, Content::Samples(_)));
            }
        }
    }
}
