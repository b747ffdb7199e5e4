//! What reaches a phone in its place: the car's motion there, the engine, the rumble of the tyres,
//! doors, and hands.

use std::f64::consts::{PI, TAU};

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::GRAVITY_MPS2;
use super::filter::{Isolated, Isolation};
use super::motion::Instant;
use super::phone::Seat;
use super::random::{Drift, Span, count, normal};
use super::turn::Turn;
use super::vehicle::Motion;

/// What a phone feels, in its own axes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Felt {
    /// Specific force, m/s².
    pub(super) force_mps2: [f64; 3],
    /// Rotation, rad/s.
    pub(super) rotation_radps: [f64; 3],
}

/// The surroundings of a phone during one trip.
pub(super) struct Cabin<'a> {
    seat: &'a Seat,
    engine: Engine,
    rumble: Isolated,
    rumble_mps2: f64,
    tyres: Isolated,
    mount: Isolated,
    turn: Turn,
    sway: [Drift; 3],
    sway_now: [f64; 3],
    doors: Vec<Door>,
    handlings: Vec<Handling>,
    clock_s: f64,
}

/// A sine wave with its first harmonic.
struct Engine {
    amplitude_mps2: f64,
    idle_hz: f64,
    phase: f64,
}

/// A door that slams.
struct Door {
    at_s: f64,
    peak_mps2: [f64; 3],
    ring_hz: f64,
}

/// Somebody takes the phone and puts it back differently.
struct Handling {
    at_s: f64,
    secs: f64,
    axis: [f64; 3],
    angle_rad: f64,
    shake_hz: [f64; 3],
}

/// What the noise of the tyres becomes on its way through the frame: a broad hump around 22 Hz.
/// Chosen with [`RUMBLE_MPS2`].
const RUMBLE: Isolation = Isolation {
    natural_hz: 22.0,
    damping: 0.35,
    damper_pulls: false,
};

/// The rubber in the suspension's arms passes forces along the road up to here, Hz.
const TYRES: Isolation = Isolation {
    natural_hz: 12.0,
    damping: 0.5,
    damper_pulls: false,
};

/// RMS of the rumble at 15 m/s, m/s². Chosen so that 12–22 Hz is as strong as in recorded drives
/// (`sample-traces/README.md`).
const RUMBLE_MPS2: Span = Span::new(0.05, 0.18);

/// How hard a phone is shaken while it is handled, m/s². Chosen: as strong as a hard hump.
const SHAKE_MPS2: f64 = 4.0;

impl<'a> Cabin<'a> {
    /// A cabin for a trip of about `secs` seconds, the car standing.
    pub(super) fn new(seat: &'a Seat, secs: f64, rng: &mut ChaCha8Rng) -> Self {
        let at_rest = [0.0, 0.0, GRAVITY_MPS2];
        let handlings = count(rng, seat.handled_per_hour / 3600.0, secs);
        Self {
            seat,
            engine: Engine {
                amplitude_mps2: Span::new(0.02, 0.12).draw(rng),
                idle_hz: Span::new(20.0, 28.0).draw(rng),
                phase: 0.0,
            },
            rumble: Isolated::at_rest(RUMBLE, [0.0; 3]),
            rumble_mps2: RUMBLE_MPS2.draw(rng),
            tyres: Isolated::at_rest(TYRES, [0.0; 3]),
            mount: Isolated::at_rest(seat.isolation, at_rest),
            turn: seat.turn,
            sway: [(); 3].map(|()| Drift::new(SWAY_STEP_S, 0.3, rng)),
            sway_now: [0.0; 3],
            doors: doors(secs, rng),
            handlings: (0..handlings).map(|_| Handling::draw(secs, rng)).collect(),
            clock_s: 0.0,
        }
    }

    /// What the phone feels `dt_s` seconds later.
    pub(super) fn step(
        &mut self,
        way: &Instant,
        body: &Motion,
        dt_s: f64,
        rng: &mut ChaCha8Rng,
    ) -> Felt {
        self.clock_s += dt_s;
        let push_mps2 = self.tyres.step([body.push_mps2, 0.0, 0.0], dt_s)[0];
        let moved = at_seat(self.seat.lever_m, way, body, push_mps2);
        let engine_mps2 = self.engine.step(way.speed_mps, dt_s);
        let rumble = self.rumble(way.speed_mps, dt_s, rng);
        let shaken = [
            moved[0] + rumble[0] + 0.3 * engine_mps2,
            moved[1] + rumble[1] + 0.5 * engine_mps2,
            moved[2] + rumble[2] + engine_mps2,
        ];
        let mut force = self.mount.step(shaken, dt_s);
        self.sway(dt_s, rng);
        let standing = way.speed_mps < 0.1;
        let clock_s = self.clock_s;
        for (axis, value) in force.iter_mut().enumerate() {
            *value += self.seat.sway_mps2 * self.sway_now[axis];
            if standing {
                *value += self
                    .doors
                    .iter()
                    .map(|door| door.felt(axis, clock_s))
                    .sum::<f64>();
            }
        }
        let rates = [body.roll_radps, -body.pitch_radps, way.yaw_radps];
        let (handled, turned_radps) = self.handle(dt_s);
        let (force, rates) = (self.turn.apply(force), self.turn.apply(rates));
        Felt {
            force_mps2: [0, 1, 2].map(|i| force[i] + handled[i]),
            rotation_radps: [0, 1, 2].map(|i| rates[i] + turned_radps[i]),
        }
    }

    /// Noise of the tyres through the frame, on all axes; it grows with speed.
    fn rumble(&mut self, speed_mps: f64, dt_s: f64, rng: &mut ChaCha8Rng) -> [f64; 3] {
        if speed_mps < 0.1 {
            return self.rumble.step([0.0; 3], dt_s);
        }
        // Equivalent noise bandwidth of the filter; white noise has variance / (2 dt) per hertz of it.
        let bandwidth_hz = PI * RUMBLE.natural_hz / (4.0 * RUMBLE.damping);
        let white_mps2 = self.rumble_mps2 * (speed_mps / 15.0) * (0.5 / dt_s / bandwidth_hz).sqrt();
        let white = [0.6, 0.6, 1.0].map(|share| share * white_mps2 * normal(rng));
        self.rumble.step(white, dt_s)
    }

    fn sway(&mut self, dt_s: f64, rng: &mut ChaCha8Rng) {
        let before = (self.clock_s - dt_s) / SWAY_STEP_S;
        if self.seat.sway_mps2 > 0.0 && before.floor() < (self.clock_s / SWAY_STEP_S).floor() {
            for (now, drift) in self.sway_now.iter_mut().zip(&mut self.sway) {
                *now = drift.next(rng);
            }
        }
    }

    /// Hands: the shaking they add and the rotation they give, in the phone's axes.
    fn handle(&mut self, dt_s: f64) -> ([f64; 3], [f64; 3]) {
        let (mut shaken_mps2, mut turned_radps) = ([0.0; 3], [0.0; 3]);
        for handling in &self.handlings {
            let share = (self.clock_s - handling.at_s) / handling.secs;
            if !(0.0..1.0).contains(&share) {
                continue;
            }
            let strength = (PI * share).sin();
            // Half of π sin(π t / T) / T integrates to one over the handling.
            let rate_radps = handling.angle_rad * PI / 2.0 / handling.secs * strength;
            self.turn = Turn::about(handling.axis, rate_radps * dt_s).after(self.turn);
            let length = handling.axis.iter().map(|a| a * a).sum::<f64>().sqrt();
            for axis in 0..3 {
                let wave = (TAU * handling.shake_hz[axis] * self.clock_s).sin();
                shaken_mps2[axis] += SHAKE_MPS2 * strength * wave;
                // The phone turns against what its axes see.
                turned_radps[axis] -= rate_radps * handling.axis[axis] / length;
            }
        }
        (shaken_mps2, turned_radps)
    }
}

/// Time between two values of a body's sway, seconds.
const SWAY_STEP_S: f64 = 0.02;

/// Specific force at a place in the car, in the car's axes: its own acceleration, what turning
/// adds, and gravity as the tilted body sees it.
fn at_seat(lever_m: [f64; 3], way: &Instant, body: &Motion, push_mps2: f64) -> [f64; 3] {
    let [forward_m, left_m, up_m] = lever_m;
    let forward = way.forward_mps2 + push_mps2 - up_m * body.pitch_radps2;
    let left = way.left_mps2 - up_m * body.roll_radps2;
    let up = body.heave_mps2 + forward_m * body.pitch_radps2 + left_m * body.roll_radps2;
    [
        forward + GRAVITY_MPS2 * body.pitch_rad.sin(),
        left + GRAVITY_MPS2 * body.roll_rad.sin(),
        up + GRAVITY_MPS2 * body.pitch_rad.cos() * body.roll_rad.cos(),
    ]
}

impl Engine {
    /// Acceleration now, m/s²: firing at 20–35 Hz, idle included.
    fn step(&mut self, speed_mps: f64, dt_s: f64) -> f64 {
        let share = (speed_mps / 15.0).min(1.0);
        let firing_hz = self.idle_hz + (35.0 - self.idle_hz) * share;
        self.phase = (self.phase + firing_hz * dt_s).fract();
        let turn = TAU * self.phase;
        self.amplitude_mps2 * (turn.sin() + 0.3 * (2.0 * turn).sin())
    }
}

/// Doors at the beginning and the end of a trip, sometimes.
fn doors(secs: f64, rng: &mut ChaCha8Rng) -> Vec<Door> {
    const CHANCE: f64 = 0.6;
    let mut doors = Vec::new();
    for window in [Span::new(0.5, 3.5), Span::new(secs - 5.0, secs - 1.0)] {
        let door = Door {
            at_s: window.draw(rng),
            peak_mps2: [(); 3].map(|()| Span::new(-7.0, 7.0).draw(rng)),
            ring_hz: Span::new(20.0, 40.0).draw(rng),
        };
        if rng.random_bool(CHANCE) {
            doors.push(door);
        }
    }
    doors
}

impl Door {
    /// Acceleration on an axis: a ring that decays within 30 ms.
    fn felt(&self, axis: usize, clock_s: f64) -> f64 {
        const DECAY_S: f64 = 0.03;
        let since_s = clock_s - self.at_s;
        if !(0.0..8.0 * DECAY_S).contains(&since_s) {
            return 0.0;
        }
        let ring = (TAU * self.ring_hz * since_s).sin();
        self.peak_mps2[axis] * ring * (-since_s / DECAY_S).exp()
    }
}

impl Handling {
    fn draw(secs: f64, rng: &mut ChaCha8Rng) -> Self {
        Self {
            at_s: Span::new(0.0, secs).draw(rng),
            secs: Span::new(0.8, 2.5).draw(rng),
            axis: [normal(rng), normal(rng), normal(rng)],
            angle_rad: Span::new(0.2, 1.0).draw(rng),
            shake_hz: [(); 3].map(|()| Span::new(1.0, 5.0).draw(rng)),
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;
    use crate::simulate::phone::Phone;

    const DT_S: f64 = 1.0 / 1600.0;

    fn felt(way: Instant, seat: &Seat, secs: f64) -> Vec<Felt> {
        let mut rng = ChaCha8Rng::seed_from_u64(6);
        let mut cabin = Cabin::new(seat, 1000.0, &mut rng);
        cabin.doors.clear();
        cabin.handlings.clear();
        (0..(secs / DT_S) as usize)
            .map(|_| cabin.step(&way, &Motion::default(), DT_S, &mut rng))
            .collect()
    }

    fn seat(driver: u32) -> Seat {
        Phone::draw(driver, None, &mut ChaCha8Rng::seed_from_u64(8)).seat
    }

    fn rms(values: impl Iterator<Item = f64> + Clone) -> f64 {
        let n = values.clone().count() as f64;
        (values.map(|v| v * v).sum::<f64>() / n).sqrt()
    }

    #[test]
    fn at_rest_a_phone_feels_its_weight_and_the_engine_however_it_is_turned() {
        for driver in 0..7 {
            let felt = felt(Instant::default(), &seat(driver), 2.0);
            let lengths = felt
                .iter()
                .map(|f| f.force_mps2.iter().map(|v| v * v).sum::<f64>().sqrt() - GRAVITY_MPS2);
            let most = lengths.fold(0.0f64, |most, v| most.max(v.abs()));
            assert!(0.0 < most && most < 1.2, "{driver}: {most}");
        }
    }

    #[test]
    fn the_tyres_rumble_as_loudly_as_they_should() {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let seat = seat(0);
        let mut cabin = Cabin::new(&seat, 100.0, &mut rng);
        let rumble: Vec<f64> = (0..32_000)
            .map(|_| cabin.rumble(15.0, DT_S, &mut rng)[2])
            .collect();
        let ratio = rms(rumble.iter().copied()) / cabin.rumble_mps2;
        assert!((0.9..1.1).contains(&ratio), "{ratio}");
    }

    #[test]
    fn handling_turns_the_phone_and_leaves_it_turned() {
        let mut rng = ChaCha8Rng::seed_from_u64(6);
        let seat = seat(0);
        let mut cabin = Cabin::new(&seat, 100.0, &mut rng);
        cabin.doors.clear();
        cabin.handlings = vec![Handling::draw(1.0, &mut rng)];
        let before = cabin.turn.apply([0.0, 0.0, 1.0]);
        for _ in 0..8_000 {
            cabin.step(&Instant::default(), &Motion::default(), DT_S, &mut rng);
        }
        let after = cabin.turn.apply([0.0, 0.0, 1.0]);
        let along = (0..3).map(|i| before[i] * after[i]).sum::<f64>();
        assert!(along < 0.999, "{along}");
    }
}
