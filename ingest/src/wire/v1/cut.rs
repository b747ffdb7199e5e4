//! A message without what lies outside some spans of time, or on another clock: for what a server
//! keeps of a trip.

use trip::Position;

use super::{Columns, Content, Message, Report, Samples};

/// A span of time, both ends included, µs.
pub type Span = (i64, i64);

fn within(spans: &[Span], from_us: i64, to_us: i64) -> bool {
    spans.iter().any(|(a, b)| *a <= from_us && to_us <= *b)
}

/// A time of the phone's clock, µs, and where the phone was then, where it says so.
pub type Moment = (i64, Option<Position>);

impl Message {
    /// When it was recorded, and where: every fix, and the first and last reading of each sensor (a
    /// message is shorter than any pause).
    pub fn moments(&self) -> Vec<Moment> {
        let mut moments = Vec::new();
        let mut at = |t_us, lat, lon| moments.push((t_us, Position::new(lat, lon).ok()));
        match &self.content {
            Content::Samples(samples) => {
                let fixes = samples.fixes.iter();
                fixes.for_each(|fix| at(fix.t_us, fix.lat, fix.lon));
                let columns = [
                    samples.accel.as_ref().and_then(Columns::span),
                    samples.gyro.as_ref().and_then(Columns::span),
                ];
                for (first_us, last_us) in columns.into_iter().flatten() {
                    moments.extend([(first_us, None), (last_us, None)]);
                }
            }
            Content::Report(report) => {
                let points = report.stretches.iter().flat_map(|it| &it.path);
                points.for_each(|point| at(point.t_us, point.lat, point.lon));
            }
            Content::Mark(_) | Content::Bye(_) => {}
        }
        moments
    }

    /// Whether all that it says lies within the spans; `false` where it is not plain to see.
    pub fn is_within(&self, spans: &[Span]) -> bool {
        let Content::Samples(samples) = &self.content else {
            return false;
        };
        let has = |span: Option<Span>| span.is_none_or(|(from, to)| within(spans, from, to));
        has(samples.accel.as_ref().and_then(Columns::span))
            && has(samples.gyro.as_ref().and_then(Columns::span))
            && samples
                .fixes
                .iter()
                .all(|it| within(spans, it.t_us, it.t_us))
    }

    /// Leaves out every reading, mark and finding outside the spans; the message itself stays, because
    /// its number is used. A mark of which nothing is left becomes a message without readings.
    pub fn keep_within(&mut self, spans: &[Span]) {
        match &mut self.content {
            Content::Samples(samples) => samples.keep_within(spans),
            Content::Report(report) => report.keep_within(spans),
            // When recording ended says when somebody was at home.
            Content::Bye(bye) => bye.t_us = None,
            Content::Mark(mark) => {
                // A place without a time may be anywhere on the trip.
                let stays = mark.t_us.is_some_and(|t_us| within(spans, t_us, t_us));
                if !stays {
                    self.content = Content::Samples(Samples::default());
                }
            }
        }
    }

    /// Puts every time of the message so much later.
    pub fn shift(&mut self, by_us: i64) {
        let moved = |t_us: &mut i64| *t_us = t_us.saturating_add(by_us);
        match &mut self.content {
            Content::Samples(samples) => {
                samples.accel.iter_mut().for_each(|it| moved(&mut it.t0_us));
                samples.gyro.iter_mut().for_each(|it| moved(&mut it.t0_us));
                samples.fixes.iter_mut().for_each(|it| moved(&mut it.t_us));
            }
            Content::Mark(mark) => mark.t_us.iter_mut().for_each(moved),
            Content::Bye(bye) => bye.t_us.iter_mut().for_each(moved),
            Content::Report(report) => {
                for bump in &mut report.bumps {
                    [&mut bump.begin_us, &mut bump.peak_us, &mut bump.end_us]
                        .into_iter()
                        .for_each(moved);
                }
                for stretch in &mut report.stretches {
                    moved(&mut stretch.begin_us);
                    moved(&mut stretch.end_us);
                    stretch.path.iter_mut().for_each(|it| moved(&mut it.t_us));
                }
                for skipped in &mut report.skipped {
                    moved(&mut skipped.begin_us);
                    moved(&mut skipped.end_us);
                }
            }
        }
    }
}

impl Samples {
    fn keep_within(&mut self, spans: &[Span]) {
        self.accel = self.accel.take().and_then(|it| it.within(spans));
        self.gyro = self.gyro.take().and_then(|it| it.within(spans));
        self.fixes.retain(|fix| within(spans, fix.t_us, fix.t_us));
    }
}

impl Report {
    fn keep_within(&mut self, spans: &[Span]) {
        self.bumps
            .retain(|it| within(spans, it.begin_us, it.end_us));
        self.stretches.retain(|it| {
            let path = it
                .path
                .iter()
                .all(|point| within(spans, point.t_us, point.t_us));
            within(spans, it.begin_us, it.end_us) && path
        });
        self.skipped
            .retain(|it| within(spans, it.begin_us, it.end_us));
    }
}

impl<U> Columns<U> {
    /// When its first and last readings were taken.
    fn span(&self) -> Option<Span> {
        let lasts_us: i64 = self.dt_us.iter().sum();
        (!self.dt_us.is_empty()).then_some((self.t0_us, self.t0_us + lasts_us))
    }

    /// The readings within the spans; `None` when none is.
    fn within(self, spans: &[Span]) -> Option<Self> {
        let (mut t_us, mut before_us) = (self.t0_us, None);
        let (mut kept, mut t0_us) = (Vec::new(), self.t0_us);
        let mut dt_us = Vec::new();
        for (i, dt) in self.dt_us.iter().enumerate() {
            t_us += dt;
            if within(spans, t_us, t_us) {
                if before_us.is_none() {
                    t0_us = t_us;
                }
                dt_us.push(before_us.map_or(0, |before| t_us - before));
                before_us = Some(t_us);
                kept.push(i);
            }
        }
        let of = |column: &[i32]| kept.iter().map(|&i| column[i]).collect();
        (!kept.is_empty()).then(|| Self {
            x: of(&self.x),
            y: of(&self.y),
            z: of(&self.z),
            unit: self.unit,
            scale: self.scale,
            t0_us,
            dt_us,
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::wire::{self, Incoming};

    #[test]
    fn moments_and_what_lies_within() {
        let message = wire::typed(MESSAGE.as_bytes()).unwrap();
        let times: Vec<_> = message
            .moments()
            .iter()
            .map(|(t_us, at)| (*t_us, at.is_some()))
            .collect();
        assert_eq!(
            times,
            [(1000, true), (1025, true), (1000, false), (1030, false)]
        );
        assert!(message.is_within(&[(0, 1), (1000, 1030)]));
        assert!(!message.is_within(&[(1000, 1025), (1026, 1030)]));
        assert!(!message.is_within(&[(1001, 1030)]));
    }

    const MESSAGE: &str = r#"{"v":1,"type":"samples","trip":"00ff00000000000000000000000000a7","seq":3,
        "accel":{"unit":"m/s2","t0_us":1000,"dt_us":[0,10,10,10],"scale":1,"x":[1,2,3,4],"y":[0,0,0,0],"z":[0,0,0,0]},
        "fixes":[{"t_us":1000,"lat":1,"lon":2},{"t_us":1025,"lat":1,"lon":2}]}"#;

    #[test]
    fn what_lies_outside_is_gone_and_the_rest_keeps_its_time() {
        let mut message = wire::typed(MESSAGE.as_bytes()).unwrap();
        message.keep_within(&[(1005, 1015), (1030, 2000)]);
        message.shift(-5);
        let Ok(Incoming::Message(read)) = wire::decode(&message.to_cbor()) else {
            panic!("what is kept is a message");
        };
        let wire::Content::Samples(batch) = read.content else {
            panic!("of samples");
        };
        let times: Vec<i64> = batch.samples.iter().map(|it| it.t_us).collect();
        assert_eq!(
            (times, batch.samples[1].accel_mps2[0]),
            (vec![1005, 1025], 4.0)
        );
        assert!(batch.fixes.is_empty());
    }
}
