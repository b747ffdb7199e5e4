//! Trips as wire messages: what a phone with a detector of its own publishes.

use ingest::wire::v1;
use trip::{BANDS_HZ, Bump, Kind, RoadClass, Skipped, Stretch, Vehicle};

use super::felt::Trip;

/// Entries of one message, far within the limits of the wire: 1000 entries, 256 kB.
const ENTRIES: usize = 200;

impl Trip {
    /// What the phone publishes, in order: a header, `report`s, a `bye`.
    pub fn messages(&self) -> Vec<v1::Message> {
        let report = &self.report;
        let mut contents = vec![v1::Content::Samples(self.header())];
        let pages = |entries: usize| entries.div_ceil(ENTRIES);
        let reports = pages(report.bumps.len())
            .max(pages(report.stretches.len()))
            .max(pages(report.skipped.len()));
        contents.extend((0..reports).map(|page| {
            v1::Content::Report(v1::Report {
                detector: v1::Detector {
                    name: self.generation.name.clone(),
                    version: self.generation.version.clone(),
                    config_hash: self.generation.config_hash.clone(),
                },
                bumps: of_page(&report.bumps, page).iter().map(bump).collect(),
                stretches: of_page(&report.stretches, page)
                    .iter()
                    .map(stretch)
                    .collect(),
                skipped: of_page(&report.skipped, page).iter().map(skipped).collect(),
            })
        }));
        contents.push(v1::Content::Bye(v1::Bye {
            t_us: report.stretches.last().map(|stretch| stretch.end_us),
        }));
        let numbered = contents.into_iter().zip(0..);
        let messages = numbered.map(|(content, seq)| v1::Message {
            trip: self.key.trip.to_string(),
            seq,
            device: Some(self.key.device.as_str().to_owned()),
            received_us: Some(self.received_us),
            content,
        });
        messages.collect()
    }

    /// `seq` 0 without readings: what drove.
    fn header(&self) -> v1::Samples {
        v1::Samples {
            header: Some(v1::Header {
                app: Some("jounce simulate --reports".to_owned()),
                app_version: Some(env!("CARGO_PKG_VERSION").to_owned()),
                vehicle: (self.vehicle != Vehicle::Unknown).then(|| self.vehicle.name().to_owned()),
                ..v1::Header::default()
            }),
            ..v1::Samples::default()
        }
    }
}

fn of_page<T>(all: &[T], page: usize) -> &[T] {
    let from = (page * ENTRIES).min(all.len());
    &all[from..(from + ENTRIES).min(all.len())]
}

fn bump(bump: &Bump) -> v1::Bump {
    v1::Bump {
        begin_us: bump.begin_us,
        peak_us: bump.peak_us,
        end_us: bump.end_us,
        score: plain(bump.score),
        probability: plain(bump.probability),
        channel: bump.channel.name().to_owned(),
        kind: bump.kind.name().to_owned(),
        kind_probability: Some(kind_probability(bump)),
        severity_mps2: bump.severity_mps2.map(plain),
        saturated: bump.saturated,
        place: bump.place.map(|place| v1::Place {
            lat: place.position.lat_deg(),
            lon: place.position.lon_deg(),
            sigma_m: plain(place.sigma_m),
            heading_deg: place.heading.map(trip::Heading::deg),
        }),
        measured: v1::Measured {
            peak_mps2: plain(bump.measured.peak_mps2),
            width_s: plain(bump.measured.width_s),
            speed_mps: bump.measured.speed.map(trip::Speed::mps),
            rate_hz: plain(bump.measured.rate_hz),
            band_rms_mps2: bands(bump.measured.band_rms_mps2),
            body_score: bump.measured.body_score.map(plain),
            impact_score: bump.measured.impact_score.map(plain),
            horizontal_ratio: plain(bump.measured.horizontal_ratio),
        },
    }
}

fn kind_probability(bump: &Bump) -> v1::KindProbability {
    let of = |kind: Kind| {
        let at = Kind::ALL.iter().position(|&other| other == kind);
        at.map_or(0.0, |at| plain(bump.kind_probability[at]))
    };
    v1::KindProbability {
        pothole: of(Kind::Pothole),
        speed_bump: of(Kind::SpeedBump),
        casting: of(Kind::Casting),
        rail: of(Kind::Rail),
        joint: of(Kind::Joint),
        rough: of(Kind::Rough),
        other: of(Kind::Other),
    }
}

fn stretch(stretch: &Stretch) -> v1::Stretch {
    let path = stretch.path.iter().map(|point| v1::PathPoint {
        t_us: point.t_us,
        lat: point.position.lat_deg(),
        lon: point.position.lon_deg(),
    });
    v1::Stretch {
        begin_us: stretch.begin_us,
        end_us: stretch.end_us,
        path: path.collect(),
        sigma_m: plain(stretch.sigma_m),
        heading_deg: stretch.heading.map(trip::Heading::deg),
        speed_mps: stretch.speed.map(trip::Speed::mps),
        able: stretch.able,
        roughness: stretch.roughness.map(|rough| v1::Roughness {
            rms_mps2: plain(rough.rms_mps2),
            band_rms_mps2: bands(rough.band_rms_mps2),
            iri_m_per_km: rough.iri_m_per_km.map(plain),
            class: rough.class.map(letter),
        }),
    }
}

fn skipped(skipped: &Skipped) -> v1::Skipped {
    v1::Skipped {
        begin_us: skipped.begin_us,
        end_us: skipped.end_us,
        reason: skipped.reason.name().to_owned(),
    }
}

fn letter(class: RoadClass) -> String {
    format!("{class:?}")
}

fn bands(rms_mps2: [Option<f32>; BANDS_HZ.len()]) -> [Option<f64>; BANDS_HZ.len()] {
    rms_mps2.map(|rms| rms.map(plain))
}

/// The double with the fewest digits that reads back as the same single: 0.3, not
/// 0.30000001192092896.
fn plain(value: f32) -> f64 {
    let micro = (f64::from(value) * 1e6).round() / 1e6;
    if micro as f32 == value {
        micro
    } else {
        value.into()
    }
}
