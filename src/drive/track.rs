//! Tracks: recorded trips, cut anew into the messages that a phone would send.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ingest::wire::{Content, Mark, Message, v1};
use trip::{Batch, Gravity, Header, Mount, TripKey, Vehicle};

use super::mould::{EPOCH_US, Mould};
use super::quality::Quality;
use crate::replay::{Outcome, Reading};

/// A recorded trip as the messages of a phone, the same for all phones that play it.
#[derive(Clone, Debug)]
pub struct Track {
    /// What the phone says of itself before the first reading.
    pub header: Mould,
    /// The messages in order of time; never empty.
    pub legs: Vec<Leg>,
}

/// One message of a track.
#[derive(Clone, Debug)]
pub struct Leg {
    /// When it is sent, µs from the begin of the track: its last reading is not later.
    pub at_us: i64,
    /// How much of the drive it covers, µs.
    pub span_us: i64,
    /// Its bytes.
    pub mould: Mould,
}

/// Reads the trips of all traces. What is refused is told, what is no trip of readings left out.
pub fn load(
    paths: &[PathBuf],
    quality: &Quality,
    mut tell: impl FnMut(&Path, &Outcome),
) -> Vec<Track> {
    let mut tracks = vec![];
    for path in paths {
        let mut trips: BTreeMap<TripKey, BTreeMap<u32, Message>> = BTreeMap::new();
        let outcome = Reading::default().messages(path, |key, message| {
            let trip = trips.entry(key.clone()).or_default();
            trip.entry(message.seq).or_insert(message);
        });
        tell(path, &outcome);
        let trips = trips.into_values();
        tracks.extend(trips.filter_map(|messages| Track::of(messages.into_values(), quality)));
    }
    tracks
}

impl Track {
    /// How long it takes, µs.
    pub fn length_us(&self) -> i64 {
        self.legs.last().map_or(0, |leg| leg.at_us)
    }

    fn of(messages: impl Iterator<Item = Message>, quality: &Quality) -> Option<Self> {
        let (mut all, mut marks) = (Batch::default(), vec![]);
        for message in messages {
            match message.content {
                Content::Samples(batch) => {
                    all.header = all.header.or(batch.header);
                    all.samples.extend(batch.samples);
                    all.rotations.extend(batch.rotations);
                    all.fixes.extend(batch.fixes);
                }
                Content::Mark(mark) => marks.push(mark),
                // A drive has its own end, and a phone that sends readings needs no report.
                Content::Bye(_) | Content::Report(..) => {}
            }
        }
        all.samples.sort_by_key(|it| it.t_us);
        all.rotations.sort_by_key(|it| it.t_us);
        all.fixes.sort_by_key(|it| it.t_us);
        let (begin_us, _) = all.span_us()?;
        let samples = Cut {
            all: &all,
            quality,
            begin_us,
        };
        let mut legs: Vec<Leg> = samples.legs();
        legs.extend(marks.iter().filter_map(|mark| leg_of_mark(mark, begin_us)));
        legs.sort_by_key(|leg| leg.at_us);
        let header = header(&all, quality);
        (!legs.is_empty()).then(|| Self {
            header: Mould::new(v1::Content::Samples(header)),
            legs,
        })
    }
}

/// Readings on their way into messages of equal length.
struct Cut<'a> {
    all: &'a Batch,
    quality: &'a Quality,
    begin_us: i64,
}

impl Cut<'_> {
    fn legs(&self) -> Vec<Leg> {
        let mut times: Vec<i64> = (self.all.samples.iter().map(|it| it.t_us))
            .chain(self.all.rotations.iter().map(|it| it.t_us))
            .chain(self.all.fixes.iter().map(|it| it.t_us))
            .collect();
        times.sort_unstable();
        let (mut legs, mut rest) = (vec![], &times[..]);
        // A pause of all sensors has no messages.
        while let Some(first_us) = rest.first() {
            let before = (first_us - self.begin_us) / self.quality.batch_us;
            let from_us = self.begin_us + before * self.quality.batch_us;
            let to_us = from_us + self.quality.batch_us;
            let (now, later) = rest.split_at(rest.partition_point(|&t_us| t_us < to_us));
            let last_us = now.last().expect("the first one is in it");
            let samples = self.samples(from_us, to_us);
            legs.push(Leg {
                at_us: to_us - self.begin_us,
                span_us: if later.is_empty() {
                    last_us - from_us
                } else {
                    to_us - from_us
                },
                mould: Mould::new(v1::Content::Samples(samples)),
            });
            rest = later;
        }
        legs
    }

    fn samples(&self, from_us: i64, to_us: i64) -> v1::Samples {
        let quality = self.quality;
        let since = |t_us: i64| EPOCH_US + t_us - self.begin_us;
        let accel = within(&self.all.samples, from_us, to_us, |it| it.t_us)
            .iter()
            .map(|it| (since(it.t_us), it.accel_mps2.map(f64::from)));
        let gyro = within(&self.all.rotations, from_us, to_us, |it| it.t_us)
            .iter()
            .map(|it| (since(it.t_us), it.gyro_radps.map(f64::from)));
        let accel = v1::Columns::from_readings(
            v1::AccelUnit::MetrePerSecondSquared,
            quality.accel_step_mps2(self.all.header.as_ref()),
            quality.thinned(accel),
        );
        let (unit, step) = quality.gyro_step();
        let gyro = quality.thinned(gyro).map(|(t_us, radps)| match unit {
            v1::GyroUnit::RadianPerSecond => (t_us, radps),
            v1::GyroUnit::DegreePerSecond => (t_us, radps.map(f64::to_degrees)),
        });
        let gyro = v1::Columns::from_readings(unit, step, gyro);
        let fixes = within(&self.all.fixes, from_us, to_us, |it| it.t_us);
        v1::Samples {
            header: None,
            accel: Some(accel).filter(|columns| !columns.x.is_empty()),
            gyro: Some(gyro).filter(|columns| !columns.x.is_empty()),
            fixes: fixes.iter().map(|it| fix(it, since(it.t_us))).collect(),
        }
    }
}

fn within<T>(all: &[T], from_us: i64, to_us: i64, t_us: impl Fn(&T) -> i64) -> &[T] {
    let begin = all.partition_point(|it| t_us(it) < from_us);
    let end = all.partition_point(|it| t_us(it) < to_us);
    &all[begin..end]
}

fn fix(fix: &trip::Fix, t_us: i64) -> v1::Fix {
    let rounded = |value: f64, factor: f64| (value * factor).round() / factor;
    v1::Fix {
        t_us,
        // 1e-7° is a centimetre.
        lat: rounded(fix.position.lat_deg(), 1e7),
        lon: rounded(fix.position.lon_deg(), 1e7),
        speed_mps: fix.speed.map(|speed| rounded(speed.mps(), 1e2)),
        bearing_deg: fix.heading.map(|heading| rounded(heading.deg(), 10.0)),
        accuracy_m: fix.accuracy_m.map(|m| rounded(m.into(), 10.0)),
        source: Some(source(fix.source).to_owned()),
        ..v1::Fix::default()
    }
}

fn source(source: trip::FixSource) -> &'static str {
    match source {
        trip::FixSource::Gnss => "gnss",
        trip::FixSource::Fused => "fused",
        trip::FixSource::Network => "network",
        trip::FixSource::Unknown => "unknown",
    }
}

fn header(all: &Batch, quality: &Quality) -> v1::Samples {
    let known = all.header.unwrap_or_default();
    let text = |text: &str| Some(text.to_owned());
    let Header {
        vehicle,
        mount,
        gravity,
        range_mps2,
        ..
    } = known;
    v1::Samples {
        header: Some(v1::Header {
            app: text("jounce drive"),
            app_version: text(env!("CARGO_PKG_VERSION")),
            vehicle: text(vehicle.name()).filter(|_| vehicle != Vehicle::Unknown),
            mount: text(mount.name()).filter(|_| mount != Mount::Unknown),
            accel: Some(v1::Sensor {
                unit: Some(v1::AccelUnit::MetrePerSecondSquared),
                gravity: text(gravity.name()).filter(|_| gravity != Gravity::Unknown),
                range: range_mps2.map(f64::from),
                resolution: quality.resolution_mps2(Some(&known)),
                rate_asked_hz: None,
            }),
            ..v1::Header::default()
        }),
        ..v1::Samples::default()
    }
}

/// A mark is sent when it is made; one without a time has no place in a drive.
fn leg_of_mark(mark: &Mark, begin_us: i64) -> Option<Leg> {
    let at_us = (mark.t_us? - begin_us).max(0);
    let content = v1::Content::Mark(v1::Mark {
        t_us: Some(EPOCH_US + at_us),
        kind: mark.kind.map(|kind| kind.name().to_owned()),
        lat: mark.position.map(|position| position.lat_deg()),
        lon: mark.position.map(|position| position.lon_deg()),
        accuracy_m: mark.accuracy_m.map(f64::from),
    });
    Some(Leg {
        at_us,
        span_us: 0,
        mould: Mould::new(content),
    })
}
