//! What a report says, as bytes: complete, the same for the same value, and no two values alike.

use trip::{
    Bump, Generation, Heading, Measured, PathPoint, Place, Position, Report, Roughness, Skipped,
    Speed, Stretch,
};

/// Something that can be written as bytes. Every field is named when it is taken apart, so that a
/// new one cannot be forgotten.
pub(super) trait Bytes {
    /// Appends its bytes.
    fn put(&self, out: &mut Vec<u8>);
}

macro_rules! as_big_endian {
    ($($number:ty),*) => {
        $(impl Bytes for $number {
            fn put(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_be_bytes());
            }
        })*
    };
}

as_big_endian!(u32, u64, i64, f32, f64);

impl Bytes for bool {
    fn put(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }
}

impl Bytes for str {
    fn put(&self, out: &mut Vec<u8>) {
        (self.len() as u64).put(out);
        out.extend_from_slice(self.as_bytes());
    }
}

impl<T: Bytes> Bytes for Option<T> {
    fn put(&self, out: &mut Vec<u8>) {
        self.is_some().put(out);
        self.iter().for_each(|value| value.put(out));
    }
}

impl<T: Bytes> Bytes for [T] {
    fn put(&self, out: &mut Vec<u8>) {
        (self.len() as u64).put(out);
        self.iter().for_each(|value| value.put(out));
    }
}

impl Bytes for Position {
    fn put(&self, out: &mut Vec<u8>) {
        self.lat_deg().put(out);
        self.lon_deg().put(out);
    }
}

impl Bytes for Heading {
    fn put(&self, out: &mut Vec<u8>) {
        self.deg().put(out);
    }
}

impl Bytes for Speed {
    fn put(&self, out: &mut Vec<u8>) {
        self.mps().put(out);
    }
}

impl Bytes for Generation {
    fn put(&self, out: &mut Vec<u8>) {
        let Self {
            name,
            version,
            config_hash,
        } = self;
        for word in [name, version, config_hash] {
            word.as_str().put(out);
        }
    }
}

impl Bytes for Report {
    fn put(&self, out: &mut Vec<u8>) {
        let Self {
            bumps,
            candidates,
            stretches,
            skipped,
        } = self;
        bumps[..].put(out);
        candidates[..].put(out);
        stretches[..].put(out);
        skipped[..].put(out);
    }
}

impl Bytes for Bump {
    fn put(&self, out: &mut Vec<u8>) {
        let Self {
            begin_us,
            peak_us,
            end_us,
            score,
            probability,
            channel,
            kind,
            kind_probability,
            severity_mps2,
            saturated,
            place,
            measured,
        } = self;
        for t_us in [begin_us, peak_us, end_us] {
            t_us.put(out);
        }
        for value in [score, probability] {
            value.put(out);
        }
        for word in [channel.name(), kind.name()] {
            word.put(out);
        }
        kind_probability[..].put(out);
        severity_mps2.put(out);
        saturated.put(out);
        place.put(out);
        measured.put(out);
    }
}

impl Bytes for Place {
    fn put(&self, out: &mut Vec<u8>) {
        let Self {
            position,
            sigma_m,
            heading,
        } = self;
        position.put(out);
        sigma_m.put(out);
        heading.put(out);
    }
}

impl Bytes for Measured {
    fn put(&self, out: &mut Vec<u8>) {
        let Self {
            peak_mps2,
            width_s,
            speed,
            rate_hz,
            band_rms_mps2,
            body_score,
            impact_score,
            horizontal_ratio,
        } = self;
        for value in [peak_mps2, width_s, rate_hz, horizontal_ratio] {
            value.put(out);
        }
        speed.put(out);
        band_rms_mps2[..].put(out);
        for score in [body_score, impact_score] {
            score.put(out);
        }
    }
}

impl Bytes for Stretch {
    fn put(&self, out: &mut Vec<u8>) {
        let Self {
            begin_us,
            end_us,
            path,
            sigma_m,
            heading,
            speed,
            able,
            roughness,
        } = self;
        for t_us in [begin_us, end_us] {
            t_us.put(out);
        }
        path[..].put(out);
        sigma_m.put(out);
        heading.put(out);
        speed.put(out);
        able.put(out);
        roughness.put(out);
    }
}

impl Bytes for PathPoint {
    fn put(&self, out: &mut Vec<u8>) {
        let Self { t_us, position } = self;
        t_us.put(out);
        position.put(out);
    }
}

impl Bytes for Roughness {
    fn put(&self, out: &mut Vec<u8>) {
        let Self {
            rms_mps2,
            band_rms_mps2,
            iri_m_per_km,
            iri_sigma_ln,
            class,
        } = self;
        rms_mps2.put(out);
        band_rms_mps2[..].put(out);
        for value in [iri_m_per_km, iri_sigma_ln] {
            value.put(out);
        }
        class.map(|class| class as u32).put(out);
    }
}

impl Bytes for Skipped {
    fn put(&self, out: &mut Vec<u8>) {
        let Self {
            begin_us,
            end_us,
            reason,
        } = self;
        for t_us in [begin_us, end_us] {
            t_us.put(out);
        }
        reason.name().put(out);
    }
}
