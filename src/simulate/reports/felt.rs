//! What the detector of one phone says of a journey.

use std::borrow::Cow;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};
use trip::{
    Bump, Channel, DeviceId, Generation, Heading, Kind, Measured, PathPoint, Place, Position,
    Report, Roughness, SkipReason, Skipped, Speed, Stretch, TripId, TripKey, Vehicle,
};

use super::driver::{Driver, Phone};
use super::ease::{PassedBy, youth};
use super::hazard::Hazard;
use super::hostile::Hostility;
use super::journey::{Journey, Piece};
use super::{City, statistics as stats};
use crate::simulate::plane::{Point, heading};
use crate::simulate::random::{count, normal};

/// A trip as it is delivered, and what is true about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Trip {
    /// The name of the phone and of the journey.
    pub key: TripKey,
    /// When a server takes it in, µs since 1970.
    pub received_us: i64,
    /// The detector that judged it.
    pub generation: Generation,
    /// What drove.
    pub vehicle: Vehicle,
    /// What the detector says.
    pub report: Report,
    /// The hazards that it passed, felt or not, in order of time. A trip that somebody made up or sent
    /// again passed nothing.
    pub passes: Vec<Pass>,
    /// Who drove, of [`City::drivers`].
    pub driver: u32,
    /// How that driver lies.
    pub hostile: Option<Hostility>,
}

/// A hazard's place passed by one phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pass {
    /// The hazard's `id`.
    pub hazard: u32,
    /// When, µs since 1970.
    pub t_us: i64,
    /// Whether the stretch of road was judged able to show a defect.
    pub able: bool,
    /// Whether the phone reported it.
    pub felt: bool,
}

/// Which trip of which driver on which day: even ones there, odd ones back, of each phone its own.
#[derive(Clone, Copy, Debug)]
pub(super) struct TripNumber {
    pub(super) driver: u32,
    pub(super) day: u32,
    pub(super) number: u8,
}

/// Who tells of a journey, and in whose name.
pub(super) struct Teller<'a> {
    pub(super) city: &'a City,
    pub(super) driver: &'a Driver,
    pub(super) phone: Phone,
    pub(super) device: DeviceId,
    pub(super) older: bool,
    /// This phone's clock is ahead of the journey by so much, µs.
    pub(super) ahead_us: i64,
    /// Where it says that something is, whatever is there: lane and metres along it.
    pub(super) invented: Cow<'a, [(u32, f64)]>,
    /// Only what it invents, nothing that it felt.
    pub(super) silent: bool,
}

impl Trip {
    /// The day on which a server takes it in, since 1970.
    pub fn received_day(&self) -> i64 {
        self.received_us.div_euclid(super::DAY_US)
    }

    /// The trip as evidence for a map, without the way over the wire.
    pub fn evidence(&self) -> aggregator::TripEvidence {
        let hash = Sha256::digest(self.key.trip.bytes());
        let spans = self.report.stretches.iter().map(|s| (s.begin_us, s.end_us));
        let (first_us, last_us) = spans
            .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
            .unwrap_or((self.received_us, self.received_us));
        aggregator::TripEvidence {
            key: self.key.clone(),
            counts_as: None,
            generation: self.generation.clone(),
            vehicle: self.vehicle,
            messages: 1,
            digest: hash[..16].try_into().expect("SHA-256 has 32 bytes"),
            first_us,
            last_us,
            report: self.report.clone(),
        }
    }
}

/// A bump that is about to be told.
struct Blow<'a> {
    /// What made it; `None`: nothing.
    hazard: Option<&'a Hazard>,
    piece: usize,
    at_m: f64,
    left_m: f64,
}

impl Teller<'_> {
    /// What the phone's detector says of the journey.
    pub(super) fn tell(&self, journey: &Journey<'_>, rng: &mut ChaCha8Rng) -> Trip {
        let trip = TripId::from_bytes(rng.random());
        let errors = self.errors(journey, rng);
        let latency_m = stats::LATENCY_SHARE * self.phone.sigma_m * normal(rng);
        let (mut blows, passes) = self.blows(journey, rng);
        self.add_alarms(journey, &mut blows, rng);
        let mut bumps: Vec<Bump> = (blows.iter())
            .map(|blow| self.bump(journey, blow, &errors, latency_m, rng))
            .collect();
        bumps.sort_by_key(|bump| bump.begin_us);
        let stretches = (journey.pieces.iter())
            .map(|piece| self.stretch(journey, piece, &errors, latency_m, rng))
            .collect();
        let skipped = journey.corners.iter().map(|&(begin_us, end_us)| Skipped {
            begin_us: begin_us + self.ahead_us,
            end_us: end_us + self.ahead_us,
            reason: SkipReason::Slow,
        });
        Trip {
            key: TripKey {
                device: self.device.clone(),
                trip,
            },
            received_us: journey.end_us() + UPLOAD_US,
            generation: self.city.generation(self.older),
            vehicle: self.driver.vehicle,
            report: Report {
                bumps,
                candidates: Vec::new(),
                stretches,
                skipped: skipped.collect(),
            },
            passes,
            driver: self.driver.number,
            hostile: self.driver.hostile,
        }
    }

    /// The receiver's wandering error at each node.
    fn errors(&self, journey: &Journey<'_>, rng: &mut ChaCha8Rng) -> Vec<Point> {
        let sigma_m = stats::WANDERING_SHARE * self.phone.sigma_m;
        let mut error = Point::new(normal(rng), normal(rng));
        let mut before_us = journey.nodes.first().map_or(0, |node| node.t_us);
        let wander = |node: &super::journey::Node| {
            let keep = (-((node.t_us - before_us) as f64) / (1e6 * stats::WANDERING_S)).exp();
            let fresh = (1.0 - keep * keep).sqrt();
            error = error * keep + Point::new(normal(rng), normal(rng)) * fresh;
            before_us = node.t_us;
            error * sigma_m
        };
        journey.nodes.iter().map(wander).collect()
    }

    /// What was passed and felt, and the places that somebody invents.
    fn blows<'j>(&self, journey: &Journey<'j>, rng: &mut ChaCha8Rng) -> (Vec<Blow<'j>>, Vec<Pass>) {
        let (mut blows, mut passes) = (Vec::new(), Vec::new());
        for passed in &journey.passed {
            let (hazard, piece) = (passed.hazard, journey.pieces[passed.piece]);
            let (t_us, ..) = journey.reached(&piece, hazard.at_m);
            if hazard.appears_us.is_some_and(|from_us| t_us < from_us) {
                continue;
            }
            let by = PassedBy {
                phone: self.phone.ease,
                speed_mps: piece.speed_mps,
                older: self.older,
                t_us,
            };
            let chance = self.city.ease.hit(hazard, by);
            let is_hit = rng.random::<f64>() < chance && passed.ran_over && piece.able;
            let felt = is_hit && hazard.stands_at(t_us) && !self.silent;
            passes.push(Pass {
                hazard: hazard.id,
                t_us: t_us + self.ahead_us,
                able: piece.able,
                felt,
            });
            if felt {
                blows.push(Blow {
                    hazard: Some(hazard),
                    piece: passed.piece,
                    at_m: hazard.at_m,
                    left_m: hazard.left_m,
                });
            }
        }
        for (number, piece) in journey.pieces.iter().enumerate() {
            let [from_m, to_m] = [piece.first, piece.last].map(|node| journey.nodes[node].at_m);
            let here =
                |&&(lane, at_m): &&(u32, f64)| lane == piece.lane && from_m <= at_m && at_m < to_m;
            blows.extend(self.invented.iter().filter(here).map(|&(_, at_m)| Blow {
                hazard: None,
                piece: number,
                at_m,
                left_m: 0.0,
            }));
        }
        (blows, passes)
    }

    /// Bumps where nothing is, anywhere on the able road.
    fn add_alarms(&self, journey: &Journey<'_>, blows: &mut Vec<Blow<'_>>, rng: &mut ChaCha8Rng) {
        if self.silent {
            return;
        }
        let times = if self.older { stats::OLDER_ALARMS } else { 1.0 };
        let per_m = times * self.city.options.false_alarms_per_km / 1e3;
        for (number, piece) in journey.pieces.iter().enumerate().filter(|(_, p)| p.able) {
            let [from_m, to_m] = [piece.first, piece.last].map(|node| journey.nodes[node].at_m);
            for _ in 0..count(rng, per_m, to_m - from_m) {
                blows.push(Blow {
                    hazard: None,
                    piece: number,
                    at_m: from_m + rng.random::<f64>() * (to_m - from_m),
                    left_m: 0.0,
                });
            }
        }
    }

    /// Where the phone says that a place of the lane is.
    fn place(&self, lane: u32, at_m: f64, left_m: f64, error: Point) -> Position {
        let grid = &self.city.grid;
        let point = grid.lane(lane).point(at_m, left_m) + error;
        rounded_position(point.on_globe(grid.origin))
    }

    fn stretch(
        &self,
        journey: &Journey<'_>,
        piece: &Piece,
        errors: &[Point],
        latency_m: f64,
        rng: &mut ChaCha8Rng,
    ) -> Stretch {
        let path = (piece.first..=piece.last).map(|number| {
            let node = journey.nodes[number];
            PathPoint {
                t_us: node.t_us + self.ahead_us,
                position: self.place(piece.lane, node.at_m + latency_m, 0.0, errors[number]),
            }
        });
        let [begin_us, end_us] = [piece.first, piece.last].map(|n| journey.nodes[n].t_us);
        let direction_rad = self.city.grid.lane(piece.lane).direction_rad;
        Stretch {
            begin_us: begin_us + self.ahead_us,
            end_us: end_us + self.ahead_us,
            path: path.collect(),
            sigma_m: rounded(self.phone.sigma_m, 100.0) as f32,
            heading: rounded_heading(heading(direction_rad).deg()),
            speed: rounded_speed(piece.speed_mps),
            able: piece.able,
            roughness: Some(roughness(normal(rng))),
        }
    }

    fn bump(
        &self,
        journey: &Journey<'_>,
        blow: &Blow<'_>,
        errors: &[Point],
        latency_m: f64,
        rng: &mut ChaCha8Rng,
    ) -> Bump {
        let piece = &journey.pieces[blow.piece];
        let (t_us, node, share) = journey.reached(piece, blow.at_m);
        let own_m = stats::OWN_SHARE * self.phone.sigma_m;
        let error = errors[node] * (1.0 - share) + errors[node + 1] * share;
        let at_m = blow.at_m + latency_m + own_m * normal(rng);
        let left_m = blow.left_m + own_m * normal(rng);
        let direction_deg = heading(self.city.grid.lane(piece.lane).direction_rad).deg();
        let place = Place {
            position: self.place(piece.lane, at_m, left_m, error),
            sigma_m: rounded(self.phone.sigma_m, 100.0) as f32,
            heading: rounded_heading(direction_deg + stats::HEADING_SIGMA_DEG * normal(rng)),
        };
        let kind = blow.hazard.map_or(Kind::Other, |hazard| hazard.kind);
        let called_hump = rng.random::<f64>() < stats::called_hump(kind);
        let severity_mps2 = severity_mps2(blow.hazard, t_us, rng);
        let scale = if blow.hazard.is_some() {
            stats::SCORE_HIT
        } else {
            stats::SCORE_ALARM
        };
        let score = stats::SCORE_FROM + scale * normal(rng).abs();
        conclude(Conclusion {
            t_us: t_us + self.ahead_us,
            place,
            score,
            severity_mps2,
            called_hump,
            on_hump: kind == Kind::SpeedBump,
            speed_mps: piece.speed_mps,
            rate_hz: self.phone.rate_hz,
        })
    }
}

/// From the end of a trip until a phone that is online has handed it over, µs.
const UPLOAD_US: i64 = 8_000_000;

/// How hard a hazard is felt at 40 km/h by one pass.
fn severity_mps2(hazard: Option<&Hazard>, t_us: i64, rng: &mut ChaCha8Rng) -> f64 {
    let usual_ln = match hazard {
        Some(hazard) => hazard.severity_ln - stats::YOUNG_SEVERITY * youth(hazard, t_us),
        None => stats::severity_mps2(Kind::Other).ln() - stats::SEVERITY_BETWEEN,
    };
    (usual_ln + stats::SEVERITY_WITHIN * normal(rng)).exp()
}

/// What a detector concludes of a blow.
struct Conclusion {
    t_us: i64,
    place: Place,
    score: f64,
    severity_mps2: f64,
    called_hump: bool,
    on_hump: bool,
    speed_mps: f64,
    rate_hz: f32,
}

fn conclude(of: Conclusion) -> Bump {
    let (kind, kind_probability, channel) = match (of.called_hump, of.on_hump) {
        (false, _) => (Kind::Pothole, stats::SAID_POTHOLE, Channel::Impact),
        (true, true) => (Kind::SpeedBump, stats::SAID_HUMP, Channel::Body),
        (true, false) => (Kind::SpeedBump, stats::SAID_HUMP_WRONGLY, Channel::Body),
    };
    let (width_s, bands_mps2, horizontal_ratio) = match channel {
        Channel::Impact => stats::BLOW,
        Channel::Body => stats::BOUNCE,
    };
    let probability = super::chance::logistic(of.score);
    let score = rounded(of.score, 1e3) as f32;
    let scored = |wanted: Channel| (channel == wanted).then_some(score);
    let half_us = (f64::from(width_s) * 0.5e6) as i64;
    // Severity is brought to 40 km/h by the power of 0.7 of the speed, as the detector does.
    let peak_mps2 = of.severity_mps2 * (of.speed_mps / (40.0 / 3.6)).powf(0.7);
    Bump {
        begin_us: of.t_us - half_us,
        peak_us: of.t_us,
        end_us: of.t_us + half_us,
        score,
        probability: rounded(probability, 1e3) as f32,
        channel,
        kind,
        kind_probability,
        severity_mps2: Some(rounded(of.severity_mps2, 100.0) as f32),
        saturated: false,
        place: Some(of.place),
        measured: Measured {
            peak_mps2: rounded(peak_mps2, 100.0) as f32,
            width_s,
            speed: rounded_speed(of.speed_mps),
            rate_hz: of.rate_hz,
            band_rms_mps2: bands_mps2.map(Some),
            body_score: scored(Channel::Body),
            impact_score: scored(Channel::Impact),
            horizontal_ratio,
        },
    }
}

/// A stretch of class B road, more or less. The index itself is of no use here.
fn roughness(normal: f64) -> Roughness {
    let rms_mps2 = 0.6 * (0.3 * normal.clamp(-3.0, 3.0)).exp();
    Roughness {
        rms_mps2: rounded(rms_mps2, 100.0) as f32,
        band_rms_mps2: [None; 5],
        iri_m_per_km: None,
        iri_sigma_ln: None,
        class: None,
    }
}

/// A number in steps of one `per`th: nothing is said that is lost on the wire.
fn rounded(value: f64, per: f64) -> f64 {
    (value * per).round() / per
}

fn rounded_position(position: Position) -> Position {
    let degrees = [position.lat_deg(), position.lon_deg()].map(|deg| rounded(deg, 1e7));
    Position::new(degrees[0], degrees[1]).unwrap_or(position)
}

fn rounded_heading(deg: f64) -> Option<Heading> {
    Heading::from_deg(rounded(deg.rem_euclid(360.0), 10.0)).ok()
}

fn rounded_speed(mps: f64) -> Option<Speed> {
    Speed::from_mps(rounded(mps, 100.0)).ok()
}
