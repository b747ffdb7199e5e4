//! Road driven and judged: consecutive frames become stretches, the others say why they are not.

use trip::{
    BANDS_HZ, Heading, PathPoint, Report, RoadClass, Roughness, SkipReason, Skipped, Speed, Stretch,
};

use crate::config::{Config, StretchConfig};
use crate::score::Scored;
use crate::track::Point;

/// Joins frames into stretches and skipped time.
#[derive(Clone, Debug)]
pub(crate) struct Stretches {
    config: Config,
    hop_us: i64,
    open: Option<Open>,
    skipped: Option<Skipped>,
    /// Until when the trip is told, judged or skipped, µs.
    told_us: Option<i64>,
}

/// The stretch that is being driven.
#[derive(Clone, Debug)]
struct Open {
    begin_us: i64,
    end_us: i64,
    able: bool,
    path: Vec<PathPoint>,
    last: Option<Point>,
    last_us: i64,
    length_m: f64,
    first_heading: Option<Heading>,
    turned: bool,
    /// The last heading, and its share of north and east.
    heading: Option<Heading>,
    direction: [f64; 2],
    north_east: [f64; 2],
    speed_sum_mps: f64,
    sigma_sum_m: f64,
    points: usize,
    rough_power: f64,
    /// Σ RMS of a frame at the reference speed · metres driven in it, and those metres.
    rough_metres: [f64; 2],
    band_power: [Option<f64>; BANDS_HZ.len()],
    rough_frames: usize,
}

impl Stretches {
    pub(crate) fn new(config: Config) -> Self {
        let hop_us = (config.window.hop_s * 1e6) as i64;
        Self {
            config,
            hop_us,
            open: None,
            skipped: None,
            told_us: None,
        }
    }

    /// Takes the next frame of the segment.
    pub(crate) fn push(&mut self, scored: &Scored, report: &mut Report) {
        match scored.skip {
            None => {
                self.end_skipped(report);
                let able = self.able(scored);
                self.drive(scored.frame.t_us, scored.point, able, Some(scored), report);
            }
            Some(reason) => {
                self.end_stretch(report);
                let t_us = scored.frame.t_us;
                let half_us = self.hop_us / 2;
                let begin_us = self.seam_us(t_us).unwrap_or(t_us - half_us);
                self.skip(begin_us, t_us + half_us, reason, report);
            }
        }
    }

    /// Takes a moment that has a place and no judgement: its road was driven, and no more.
    pub(crate) fn unjudged(&mut self, t_us: i64, point: Option<Point>, report: &mut Report) {
        self.drive(t_us, point, false, None, report);
    }

    /// Takes time that was not judged.
    pub(crate) fn skip(
        &mut self,
        begin_us: i64,
        end_us: i64,
        reason: SkipReason,
        report: &mut Report,
    ) {
        self.told_us = Some(end_us);
        if let Some(skipped) = &mut self.skipped {
            if skipped.reason == reason && begin_us <= skipped.end_us {
                skipped.end_us = end_us.max(skipped.end_us);
                return;
            }
            self.end_skipped(report);
        }
        self.skipped = Some(Skipped {
            begin_us,
            end_us,
            reason,
        });
    }

    /// Closes what is open.
    pub(crate) fn end_segment(&mut self, report: &mut Report) {
        self.end_stretch(report);
        self.end_skipped(report);
    }

    /// Where what lies right before a frame ended: no time is lost between two frames.
    fn seam_us(&self, t_us: i64) -> Option<i64> {
        let near_us = self.hop_us + self.hop_us / 2;
        self.told_us
            .filter(|told_us| (t_us - near_us..=t_us).contains(told_us))
    }

    /// Whether a defect would have shown.
    fn able(&self, scored: &Scored) -> bool {
        let config = &self.config.stretch;
        let fast = scored
            .point
            .is_some_and(|p| p.speed.mps() >= config.able_speed_mps);
        fast && f64::from(scored.frame.source_hz) >= config.able_rate_hz
    }

    fn drive(
        &mut self,
        t_us: i64,
        point: Option<Point>,
        able: bool,
        scored: Option<&Scored>,
        report: &mut Report,
    ) {
        let config = &self.config.stretch;
        let apart_us = (self.config.locate.max_fix_gap_s * 1e6) as i64;
        let before = self
            .open
            .as_ref()
            .and_then(|open| Some((open.last_us, open.last?)));
        let before = before.filter(|(last_us, _)| t_us - last_us <= apart_us);
        let done = self.open.as_ref().is_some_and(|open| {
            open.able != able
                || t_us - open.last_us > apart_us
                || open.last.is_some() != point.is_some()
                || open.length_m >= config.length_m
                || open.turned
                || (t_us - open.begin_us) as f64 >= config.duration_s * 1e6
        });
        if done {
            self.end_stretch(report);
        }
        let seam_us = self.seam_us(t_us);
        self.told_us = Some(t_us);
        let open = self.open.get_or_insert_with(|| {
            let mut open = Open::new(seam_us.unwrap_or(t_us), able);
            // The track goes on where the stretch before ended, so that no metre is lost.
            if let (Some((last_us, last)), Some(_)) = (before, point) {
                open.begin_us = last_us;
                open.path.push(PathPoint {
                    t_us: last_us,
                    position: last.place.position,
                });
                open.last = Some(last);
                open.last_us = last_us;
            }
            open
        });
        open.add(t_us, point, &self.config);
        if let Some(scored) = scored {
            open.add_roughness(scored, &self.config);
        }
    }

    fn end_stretch(&mut self, report: &mut Report) {
        if let Some(open) = self.open.take() {
            report.stretches.push(open.close(&self.config));
        }
    }

    fn end_skipped(&mut self, report: &mut Report) {
        report.skipped.extend(self.skipped.take());
    }
}

impl Open {
    fn new(t_us: i64, able: bool) -> Self {
        Self {
            begin_us: t_us,
            end_us: t_us,
            able,
            path: Vec::new(),
            last: None,
            last_us: t_us,
            length_m: 0.0,
            first_heading: None,
            turned: false,
            heading: None,
            direction: [0.0; 2],
            north_east: [0.0; 2],
            speed_sum_mps: 0.0,
            sigma_sum_m: 0.0,
            points: 0,
            rough_power: 0.0,
            rough_metres: [0.0; 2],
            band_power: [None; BANDS_HZ.len()],
            rough_frames: 0,
        }
    }

    fn add(&mut self, t_us: i64, point: Option<Point>, config: &Config) {
        self.end_us = t_us;
        let Some(point) = point else { return };
        if let Some(last) = self.last {
            let offset = last.place.position.offset_to(point.place.position);
            self.length_m += offset.length_m();
        }
        let due_us = (config.stretch.point_s * 1e6) as i64;
        if self.path.last().is_none_or(|p| t_us - p.t_us >= due_us) {
            self.path.push(PathPoint {
                t_us,
                position: point.place.position,
            });
        }
        if let Some(heading) = point.place.heading {
            let first = *self.first_heading.get_or_insert(heading);
            self.turned |= first.turn_deg(heading) > config.stretch.turn_deg;
            if self.heading != Some(heading) {
                let (sin, cos) = heading.deg().to_radians().sin_cos();
                (self.heading, self.direction) = (Some(heading), [cos, sin]);
            }
            self.north_east[0] += self.direction[0];
            self.north_east[1] += self.direction[1];
        }
        self.speed_sum_mps += point.speed.mps();
        self.sigma_sum_m += f64::from(point.place.sigma_m);
        self.points += 1;
        self.last = Some(point);
        self.last_us = t_us;
    }

    fn add_roughness(&mut self, scored: &Scored, config: &Config) {
        let speed_mps = scored.point.map(|point| point.speed.mps());
        if let Some(mps) = speed_mps.filter(|mps| *mps >= config.reject.min_speed_mps) {
            let ratio = config.classify.reference_speed_mps / mps;
            let shown = BANDS_HZ.iter().zip(scored.frame.band_rms_mps2);
            let powers =
                shown.filter(|(band, _)| f64::from(band.to_hz) <= config.stretch.iri_to_hz);
            let power: f32 = powers.filter_map(|(_, rms)| Some(rms? * rms?)).sum();
            let rms = f64::from(power).sqrt();
            let metres = mps * config.window.hop_s;
            self.rough_metres[0] += rms * ratio.powf(config.stretch.speed_exponent) * metres;
            self.rough_metres[1] += metres;
        }
        self.rough_power += f64::from(scored.frame.rough_power);
        self.rough_frames += 1;
        for (sum, rms) in self.band_power.iter_mut().zip(scored.frame.band_rms_mps2) {
            if let Some(rms) = rms {
                *sum = Some(sum.unwrap_or(0.0) + f64::from(rms * rms));
            }
        }
    }

    fn close(mut self, config: &Config) -> Stretch {
        if let Some(last) = self.last
            && self.path.last().is_none_or(|p| p.t_us < self.last_us)
        {
            self.path.push(PathPoint {
                t_us: self.last_us,
                position: last.place.position,
            });
        }
        let points = self.points.max(1) as f64;
        let speed = Speed::from_mps(self.speed_sum_mps / points)
            .ok()
            .filter(|_| self.points > 0);
        let [north, east] = self.north_east;
        let heading = (north.hypot(east) > 0.0)
            .then(|| east.atan2(north).to_degrees().rem_euclid(360.0))
            .and_then(|deg| Heading::from_deg(deg).ok())
            .filter(|_| !self.turned);
        Stretch {
            begin_us: self.begin_us,
            end_us: self.end_us,
            roughness: self.roughness(config, speed),
            path: self.path,
            sigma_m: (self.sigma_sum_m / points) as f32,
            heading,
            speed,
            able: self.able,
        }
    }

    /// Source: RMS of a road of waviness 2 grows with the root of speed. The index is a mean of
    /// magnitudes over the metres driven, no root mean square over time: a hole is in it once, not
    /// squared, and a slow piece counts by its length.
    fn roughness(&self, config: &Config, speed: Option<Speed>) -> Option<Roughness> {
        let seconds = self.rough_frames as f64 * config.window.hop_s;
        if seconds < config.stretch.min_rough_s {
            return None;
        }
        let frames = self.rough_frames as f64;
        let rms = (self.rough_power / frames).sqrt();
        let reference_mps = config.classify.reference_speed_mps;
        let moving = speed.filter(|v| v.mps() >= config.reject.min_speed_mps);
        let scale = moving.map(|v| (reference_mps / v.mps()).powf(config.stretch.speed_exponent));
        let index = self.index(&config.stretch);
        Some(Roughness {
            rms_mps2: (rms * scale.unwrap_or(1.0)) as f32,
            band_rms_mps2: self
                .band_power
                .map(|p| p.map(|sum| (sum / frames).sqrt() as f32)),
            iri_m_per_km: index.map(|index| index.iri_m_per_km as f32),
            iri_sigma_ln: index.map(|index| index.sigma_ln as f32),
            class: index.map(|index| road_class(index.iri_m_per_km)),
        })
    }

    /// ln IRI is a straight line over ln mean RMS; its uncertainty is the spread between vehicles
    /// and phones, and what the stretch is too short to average out.
    fn index(&self, config: &StretchConfig) -> Option<Index> {
        let [sum, metres] = self.rough_metres;
        let iri_ln = config.iri_offset_ln + config.iri_slope * (sum / metres).ln();
        let short = (config.length_m / metres).sqrt();
        let sigma_ln = config
            .iri_vehicle_sigma_ln
            .hypot(config.iri_road_sigma_ln * short);
        let iri_m_per_km = iri_ln.exp();
        let sound = iri_m_per_km.is_finite() && iri_m_per_km > 0.0 && sigma_ln.is_finite();
        sound.then_some(Index {
            iri_m_per_km,
            sigma_ln,
        })
    }
}

/// An International Roughness Index as estimated, and the standard deviation of its logarithm.
#[derive(Clone, Copy, Debug)]
struct Index {
    iri_m_per_km: f64,
    sigma_ln: f64,
}

/// The ISO 8608 class of a road with that roughness index.
///
/// Source: IRI = 2.21 √(Gd(n0) / 16·10⁻⁶ m³) m/km (Kropáč & Múčka); the classes' geometric means
/// grow by 4 from 16·10⁻⁶ m³ for A, their limits lie a factor of 2 to either side.
fn road_class(iri_m_per_km: f64) -> RoadClass {
    use RoadClass::{A, B, C, D, E, F, G, H};
    let roughness = (iri_m_per_km / 2.21).powi(2);
    let step = ((roughness / 2.0).ln() / 4_f64.ln()).ceil().clamp(0.0, 7.0);
    [A, B, C, D, E, F, G, H][step as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_classes_have_their_standard_means() {
        for (iri, class) in [
            (1.0, RoadClass::A),
            (2.21, RoadClass::A),
            (4.42, RoadClass::B),
            (8.84, RoadClass::C),
            (17.7, RoadClass::D),
            (1e6, RoadClass::H),
        ] {
            assert_eq!(road_class(iri), class, "{iri}");
        }
    }
}
