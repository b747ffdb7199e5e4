//! A car on four wheels: heave, pitch and roll of the body, and the height of each wheel.
//!
//! Seven degrees of freedom, linear springs and dampers, with the three things that make a hard
//! blow different from a large wave: a tyre that leaves the ground pulls no longer, a suspension
//! that reaches its stop turns hard, and dry friction holds it still on a smooth road.
//!
//! Axes: x forward, y to the left, z up; pitch positive nose up, roll positive left side up. What
//! comes by wheel stands in the order front left, front right, rear left, rear right.
//!
//! Source: the full-car model of Rill & Castro (2020), "Road Vehicle Dynamics", and Wong (2008),
//! "Theory of Ground Vehicles".

use rand_chacha::ChaCha8Rng;

use super::GRAVITY_MPS2;
use super::random::Span;

/// What a car is made of.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Car {
    /// Mass of the body, kg.
    pub(super) body_kg: f64,
    /// Moment of inertia of the body about the lateral axis, kg m².
    pub(super) pitch_kgm2: f64,
    /// Moment of inertia of the body about the longitudinal axis, kg m².
    pub(super) roll_kgm2: f64,
    /// Mass of one wheel with its share of the axle, kg.
    pub(super) wheel_kg: f64,
    /// Stiffness of one suspension spring, front and rear, N/m.
    pub(super) spring_npm: [f64; 2],
    /// One damper, front and rear, N s/m.
    pub(super) damper_nspm: [f64; 2],
    /// Dry friction of one suspension, N.
    pub(super) friction_n: f64,
    /// Stiffness of one tyre, N/m.
    pub(super) tyre_npm: f64,
    /// From the centre of mass to the front axle and, negative, to the rear axle, metres.
    pub(super) axle_m: [f64; 2],
    /// Distance between left and right wheels, metres.
    pub(super) track_m: f64,
}

/// How the car stands and moves: displacements from rest, metres and radians, and their rates.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct State {
    heave_m: f64,
    heave_mps: f64,
    pitch_rad: f64,
    pitch_radps: f64,
    roll_rad: f64,
    roll_radps: f64,
    wheel_m: [f64; 4],
    wheel_mps: [f64; 4],
}

/// What makes the car move during a step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Drive {
    /// Height of the road under each wheel, metres.
    pub(super) road_m: [f64; 4],
    /// Slope of the road under each wheel, no unit.
    pub(super) slope: [f64; 4],
    /// Acceleration along the way, m/s².
    pub(super) forward_mps2: f64,
    /// Acceleration to the left, m/s².
    pub(super) left_mps2: f64,
}

/// How the body moved during a step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Motion {
    /// Acceleration of the centre of mass, upward, m/s².
    pub(super) heave_mps2: f64,
    /// Pitch, radians nose up.
    pub(super) pitch_rad: f64,
    /// Pitch rate, rad/s.
    pub(super) pitch_radps: f64,
    /// Pitch acceleration, rad/s².
    pub(super) pitch_radps2: f64,
    /// Roll, radians left side up.
    pub(super) roll_rad: f64,
    /// Roll rate, rad/s.
    pub(super) roll_radps: f64,
    /// Roll acceleration, rad/s².
    pub(super) roll_radps2: f64,
    /// What the slopes under the wheels push the car back with, m/s² forward.
    pub(super) push_mps2: f64,
}

/// Travel of the suspension before a stop, metres, and how much stiffer it is beyond.
///
/// Source: bump travel of 70–80 mm is usual in passenger cars, Dixon (2007), "The Shock Absorber
/// Handbook".
const STOP_M: f64 = 0.07;
const STOP_STIFFNESS: f64 = 5.0;

/// Relative speed at which dry friction is fully developed, m/s: a smooth sign function.
const FRICTION_MPS: f64 = 0.01;

/// Height of the centre of mass above the pitch and roll axes, metres, less what the suspension's
/// geometry takes of braking and cornering. Source: centre of mass 0.5–0.6 m high in passenger
/// cars (NHTSA inertia database), about 40 % anti-dive.
const PITCH_ARM_M: f64 = 0.33;
const ROLL_ARM_M: f64 = 0.4;

impl Car {
    /// A passenger car of the street.
    ///
    /// Source: body frequency 1–1.6 Hz and damping ratio 0.2–0.4, Wong (2008) and Dixon (2007);
    /// the dampers are taken from the soft end, which brings body bounce up to what phones record
    /// (`sample-traces/README.md`). Masses and inertias: NHTSA inertia database, Heydinger et al.
    /// (1999). Friction of some tens of newtons per wheel: Yabuta et al. (1981), "Influence of
    /// suspension friction on riding comfort".
    pub(super) fn draw(rng: &mut ChaCha8Rng) -> Self {
        let body_kg = Span::new(950.0, 1900.0).draw(rng);
        let wheelbase_m = Span::new(2.4, 2.9).draw(rng);
        let front_m = wheelbase_m * Span::new(0.42, 0.52).draw(rng);
        let rear_m = wheelbase_m - front_m;
        let track_m = Span::new(1.45, 1.6).draw(rng);
        let bounce_radps = std::f64::consts::TAU * Span::new(1.15, 1.6).draw(rng);
        let damping = Span::new(0.18, 0.32).draw(rng);
        // Each axle carries its share; the rear rides a little harder, so that pitch dies out.
        let share = [rear_m / wheelbase_m, front_m / wheelbase_m];
        let harder = [0.95, 1.05];
        let spring =
            |axle: usize| body_kg * share[axle] * bounce_radps.powi(2) * harder[axle] / 2.0;
        let damper = |axle: usize| body_kg * share[axle] * damping * bounce_radps;
        Self {
            body_kg,
            pitch_kgm2: body_kg * front_m * rear_m * Span::new(0.9, 1.05).draw(rng),
            roll_kgm2: 1.05 * body_kg * (0.35 * track_m).powi(2),
            wheel_kg: Span::new(32.0, 50.0).draw(rng),
            spring_npm: [spring(0), spring(1)],
            damper_nspm: [damper(0), damper(1)],
            friction_n: Span::new(15.0, 45.0).draw(rng),
            tyre_npm: Span::new(170e3, 240e3).draw(rng),
            axle_m: [front_m, -rear_m],
            track_m,
        }
    }

    /// Distance between the axles, metres.
    pub(super) fn wheelbase_m(&self) -> f64 {
        self.axle_m[0] - self.axle_m[1]
    }

    /// Moves the car on by `dt_s` seconds, by semi-implicit Euler: stable up to about 5 ms, meant
    /// for less than 1.
    pub(super) fn step(&self, state: &mut State, drive: &Drive, dt_s: f64) -> Motion {
        let mut lift_n = 0.0;
        let mut pitch_nm = self.body_kg * drive.forward_mps2 * PITCH_ARM_M;
        let mut roll_nm = self.body_kg * drive.left_mps2 * ROLL_ARM_M;
        let mut push_n = 0.0;
        for corner in 0..4 {
            let (x_m, y_m) = self.place_m(corner);
            let suspension_n = self.suspension_n(state, corner);
            let static_n = self.static_n(corner);
            let squeeze_m = drive.road_m[corner] - state.wheel_m[corner];
            let tyre_n = (self.tyre_npm * squeeze_m + static_n).max(0.0);
            lift_n += suspension_n;
            pitch_nm += x_m * suspension_n;
            roll_nm += y_m * suspension_n;
            push_n -= tyre_n * drive.slope[corner];
            let wheel_mps2 = (tyre_n - static_n - suspension_n) / self.wheel_kg;
            state.wheel_mps[corner] += wheel_mps2 * dt_s;
        }
        let motion = Motion {
            heave_mps2: lift_n / self.body_kg,
            pitch_radps2: pitch_nm / self.pitch_kgm2,
            roll_radps2: roll_nm / self.roll_kgm2,
            push_mps2: push_n / (self.body_kg + 4.0 * self.wheel_kg),
            ..Motion::default()
        };
        state.advance(motion, dt_s)
    }

    /// Where a corner lies from the centre of mass: forward and to the left, metres.
    fn place_m(&self, corner: usize) -> (f64, f64) {
        let left = corner.is_multiple_of(2);
        let y_m = if left { 0.5 } else { -0.5 } * self.track_m;
        (self.axle_m[corner / 2], y_m)
    }

    /// The force with which a suspension lifts the body above its weight, N.
    fn suspension_n(&self, state: &State, corner: usize) -> f64 {
        let (x_m, y_m) = self.place_m(corner);
        let body_m = state.heave_m + x_m * state.pitch_rad + y_m * state.roll_rad;
        let body_mps = state.heave_mps + x_m * state.pitch_radps + y_m * state.roll_radps;
        let travel_m = state.wheel_m[corner] - body_m;
        let travel_mps = state.wheel_mps[corner] - body_mps;
        let beyond_m = travel_m - travel_m.clamp(-STOP_M, STOP_M);
        let spring_npm = self.spring_npm[corner / 2];
        spring_npm * (travel_m + (STOP_STIFFNESS - 1.0) * beyond_m)
            + self.damper_nspm[corner / 2] * travel_mps
            + self.friction_n * (travel_mps / FRICTION_MPS).clamp(-1.0, 1.0)
    }

    /// The force between a tyre and the road at rest, N.
    fn static_n(&self, corner: usize) -> f64 {
        let other_axle_m = self.axle_m[1 - corner / 2].abs();
        let body_n = self.body_kg * GRAVITY_MPS2 * other_axle_m / self.wheelbase_m() / 2.0;
        body_n + self.wheel_kg * GRAVITY_MPS2
    }
}

impl State {
    /// Applies the accelerations for `dt_s`, rates first, and completes the motion.
    fn advance(&mut self, motion: Motion, dt_s: f64) -> Motion {
        self.heave_mps += motion.heave_mps2 * dt_s;
        self.pitch_radps += motion.pitch_radps2 * dt_s;
        self.roll_radps += motion.roll_radps2 * dt_s;
        self.heave_m += self.heave_mps * dt_s;
        self.pitch_rad += self.pitch_radps * dt_s;
        self.roll_rad += self.roll_radps * dt_s;
        for (wheel_m, wheel_mps) in self.wheel_m.iter_mut().zip(self.wheel_mps) {
            *wheel_m += wheel_mps * dt_s;
        }
        Motion {
            pitch_rad: self.pitch_rad,
            pitch_radps: self.pitch_radps,
            roll_rad: self.roll_rad,
            roll_radps: self.roll_radps,
            ..motion
        }
    }
}

#[cfg(test)]
mod tests;
