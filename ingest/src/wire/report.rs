//! `report`, checked: what a detector on the phone found, in the project's own words.

use std::fmt::Display;

use trip::{
    BANDS_HZ, Bump, Channel, Generation, Kind, Measured, PathPoint, Place, Report, RoadClass,
    Roughness, SkipReason, Skipped, Stretch,
};

use super::{WireError, check, limits, v1};
use crate::unit::GivenSpeed;

/// The generation that speaks, and what it found.
pub(super) fn report(report: &v1::Report) -> Result<(Generation, Report), WireError> {
    let v1::Report {
        detector,
        bumps,
        stretches,
        skipped,
    } = report;
    let found = Report {
        bumps: list(bumps, "bumps", bump)?,
        candidates: vec![],
        stretches: list(stretches, "stretches", stretch)?,
        skipped: list(skipped, "skipped", skip)?,
    };
    check::text(Some(&detector.name), "detector.name")?;
    check::text(Some(&detector.version), "detector.version")?;
    check::hex(&detector.config_hash, 16, "detector.config_hash")?;
    let generation = Generation {
        name: detector.name.clone(),
        version: detector.version.clone(),
        config_hash: detector.config_hash.clone(),
    };
    Ok((generation, found))
}

/// Every entry of a list that is not too long, each in order of its beginning.
fn list<W: Begin, T>(
    list: &[W],
    name: &str,
    checked: impl Fn(&W, &str) -> Result<T, WireError>,
) -> Result<Vec<T>, WireError> {
    check::length(list.len(), limits::MAX_FINDINGS, name)?;
    let mut before_us = i64::MIN;
    let mut all = Vec::with_capacity(list.len());
    for (i, entry) in list.iter().enumerate() {
        let field = format!("{name}[{i}]");
        check::later(
            entry.begin_us(),
            before_us,
            format_args!("{field}.begin_us"),
        )?;
        before_us = entry.begin_us();
        all.push(checked(entry, &field)?);
    }
    Ok(all)
}

/// Something found, which begins at some time.
trait Begin {
    fn begin_us(&self) -> i64;
}

impl Begin for v1::Bump {
    fn begin_us(&self) -> i64 {
        self.begin_us
    }
}

impl Begin for v1::Stretch {
    fn begin_us(&self) -> i64 {
        self.begin_us
    }
}

impl Begin for v1::Skipped {
    fn begin_us(&self) -> i64 {
        self.begin_us
    }
}

fn bump(bump: &v1::Bump, field: &str) -> Result<Bump, WireError> {
    let any = |value: f64, name: &str| {
        let limit = limits::MAX_NUMBER;
        check::number(value, -limit, limit, format_args!("{field}.{name}")).map(|v| v as f32)
    };
    let peak_us = check::later(bump.peak_us, bump.begin_us, format_args!("{field}.peak_us"))?;
    let kind = check::word(&bump.kind, Kind::from_name, format_args!("{field}.kind"))?;
    let channel = format_args!("{field}.channel");
    Ok(Bump {
        begin_us: bump.begin_us,
        peak_us,
        end_us: check::later(bump.end_us, peak_us, format_args!("{field}.end_us"))?,
        score: any(bump.score, "score")?,
        probability: share(bump.probability, format_args!("{field}.probability"))?,
        channel: check::word(&bump.channel, Channel::from_name, channel)?,
        kind,
        kind_probability: match &bump.kind_probability {
            Some(shares) => kind_probability(shares, field)?,
            None => std::array::from_fn(|i| f32::from(u8::from(Kind::ALL[i] == kind))),
        },
        severity_mps2: optional(bump.severity_mps2, |value| {
            strength(value, format_args!("{field}.severity_mps2"))
        })?,
        saturated: bump.saturated,
        place: bump.place.as_ref().map(|at| place(at, field)).transpose()?,
        measured: measured(&bump.measured, field)?,
    })
}

/// The probability of each kind, in the order of [`Kind::ALL`].
fn kind_probability(shares: &v1::KindProbability, bump: &str) -> Result<[f32; 7], WireError> {
    let given = |kind: Kind| match kind {
        Kind::Pothole => shares.pothole,
        Kind::SpeedBump => shares.speed_bump,
        Kind::Casting => shares.casting,
        Kind::Rail => shares.rail,
        Kind::Joint => shares.joint,
        Kind::Rough => shares.rough,
        Kind::Other => shares.other,
    };
    let mut probability = [0.0; 7];
    for (probability, &kind) in probability.iter_mut().zip(Kind::ALL) {
        *probability = share(given(kind), format_args!("{bump}.kind_probability.{kind}"))?;
    }
    Ok(probability)
}

fn place(at: &v1::Place, field: &str) -> Result<Place, WireError> {
    let sigma = format_args!("{field}.place.sigma_m");
    Ok(Place {
        position: check::position(at.lat, at.lon, format_args!("{field}.place."))?,
        sigma_m: check::positive(at.sigma_m, limits::MAX_ACCURACY_M, sigma)? as f32,
        heading: optional(at.heading_deg, |deg| {
            check::heading(deg, format_args!("{field}.place.heading_deg"))
        })?,
    })
}

fn measured(measured: &v1::Measured, bump: &str) -> Result<Measured, WireError> {
    let positive_or_0 = |value: f64, name: &str| {
        let field = format_args!("{bump}.measured.{name}");
        check::number(value, 0.0, limits::MAX_NUMBER, field).map(|value| value as f32)
    };
    let score = |value: Option<f64>, name: &str| {
        let limit = limits::MAX_NUMBER;
        let field = format_args!("{bump}.measured.{name}");
        optional(value, |value| {
            check::number(value, -limit, limit, field).map(|v| v as f32)
        })
    };
    let field = format_args!("{bump}.measured");
    Ok(Measured {
        peak_mps2: strength(measured.peak_mps2, format_args!("{field}.peak_mps2"))?,
        width_s: positive_or_0(measured.width_s, "width_s")?,
        speed: optional(measured.speed_mps, |mps| {
            check::speed(GivenSpeed::Mps(mps), format_args!("{field}.speed_mps"))
        })?,
        rate_hz: positive_or_0(measured.rate_hz, "rate_hz")?,
        band_rms_mps2: bands(&measured.band_rms_mps2, field)?,
        body_score: score(measured.body_score, "body_score")?,
        impact_score: score(measured.impact_score, "impact_score")?,
        horizontal_ratio: positive_or_0(measured.horizontal_ratio, "horizontal_ratio")?,
    })
}

fn stretch(stretch: &v1::Stretch, field: &str) -> Result<Stretch, WireError> {
    let sigma = format_args!("{field}.sigma_m");
    Ok(Stretch {
        begin_us: stretch.begin_us,
        end_us: check::later(
            stretch.end_us,
            stretch.begin_us,
            format_args!("{field}.end_us"),
        )?,
        path: path(&stretch.path, field)?,
        sigma_m: check::number(stretch.sigma_m, 0.0, limits::MAX_ACCURACY_M, sigma)? as f32,
        heading: optional(stretch.heading_deg, |deg| {
            check::heading(deg, format_args!("{field}.heading_deg"))
        })?,
        speed: optional(stretch.speed_mps, |mps| {
            check::speed(GivenSpeed::Mps(mps), format_args!("{field}.speed_mps"))
        })?,
        able: stretch.able,
        roughness: stretch
            .roughness
            .as_ref()
            .map(|rough| roughness(rough, field))
            .transpose()?,
    })
}

fn path(points: &[v1::PathPoint], stretch: &str) -> Result<Vec<PathPoint>, WireError> {
    check::length(
        points.len(),
        limits::MAX_PATH_POINTS,
        format_args!("{stretch}.path"),
    )?;
    let mut before_us = i64::MIN;
    let mut path = Vec::with_capacity(points.len());
    for (i, point) in points.iter().enumerate() {
        let field = format_args!("{stretch}.path[{i}].");
        path.push(PathPoint {
            t_us: check::later(point.t_us, before_us, format_args!("{field}t_us"))?,
            position: check::position(point.lat, point.lon, field)?,
        });
        before_us = point.t_us;
    }
    Ok(path)
}

fn roughness(roughness: &v1::Roughness, stretch: &str) -> Result<Roughness, WireError> {
    let field = format_args!("{stretch}.roughness");
    let class = |name: &str| {
        CLASSES
            .iter()
            .find(|(letter, _)| *letter == name)
            .map(|c| c.1)
    };
    Ok(Roughness {
        rms_mps2: strength(roughness.rms_mps2, format_args!("{field}.rms_mps2"))?,
        band_rms_mps2: bands(&roughness.band_rms_mps2, field)?,
        iri_m_per_km: optional(roughness.iri_m_per_km, |iri| {
            let field = format_args!("{field}.iri_m_per_km");
            check::number(iri, 0.0, limits::MAX_NUMBER, field).map(|iri| iri as f32)
        })?,
        // Version 1 of the wire has no word for it.
        iri_sigma_ln: None,
        class: match &roughness.class {
            Some(name) => Some(check::word(name, class, format_args!("{field}.class"))?),
            None => None,
        },
    })
}

/// The letters of ISO 8608.
const CLASSES: [(&str, RoadClass); 8] = [
    ("A", RoadClass::A),
    ("B", RoadClass::B),
    ("C", RoadClass::C),
    ("D", RoadClass::D),
    ("E", RoadClass::E),
    ("F", RoadClass::F),
    ("G", RoadClass::G),
    ("H", RoadClass::H),
];

fn skip(skipped: &v1::Skipped, field: &str) -> Result<Skipped, WireError> {
    let reason = format_args!("{field}.reason");
    Ok(Skipped {
        begin_us: skipped.begin_us,
        end_us: check::later(
            skipped.end_us,
            skipped.begin_us,
            format_args!("{field}.end_us"),
        )?,
        reason: check::word(&skipped.reason, SkipReason::from_name, reason)?,
    })
}

fn bands(
    bands: &[Option<f64>; BANDS_HZ.len()],
    field: impl Display,
) -> Result<[Option<f32>; BANDS_HZ.len()], WireError> {
    let mut checked = [None; BANDS_HZ.len()];
    for (i, rms) in bands.iter().enumerate() {
        checked[i] = optional(*rms, |rms| {
            strength(rms, format_args!("{field}.band_rms_mps2[{i}]"))
        })?;
    }
    Ok(checked)
}

/// The strength of an acceleration, m/s².
fn strength(value: f64, field: impl Display) -> Result<f32, WireError> {
    check::number(value, 0.0, limits::MAX_ACCEL_MPS2, field).map(|value| value as f32)
}

fn share(value: f64, field: impl Display) -> Result<f32, WireError> {
    check::number(value, 0.0, 1.0, field).map(|value| value as f32)
}

fn optional<T>(
    value: Option<f64>,
    checked: impl Fn(f64) -> Result<T, WireError>,
) -> Result<Option<T>, WireError> {
    value.map(checked).transpose()
}
