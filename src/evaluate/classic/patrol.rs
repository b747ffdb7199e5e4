//! The Pothole Patrol: a cascade of filters over peaks of the vertical acceleration.

use super::filter::{Filter, Keep};
use super::level::{Signal, length};
use super::speed::Speeds;

/// Slower motion is braking, turning and hills, Hz. The paper names no corner.
const HIGH_PASS_HZ: f64 = 0.5;

/// Slower vehicles stand, m/s: doors slam and people get in. The paper drops them, without a number.
const SLOWEST_MPS: f64 = 2.0;

/// The sideways peak is looked for within 32 readings at 380 Hz, seconds. Source: Eriksson et al.
/// (2008), as commonly quoted.
const BESIDE_S: f64 = 32.0 / 380.0;

/// Least ratio of the sideways to the vertical peak: a hole lies under one wheel; what lies across
/// the road (a hump, a joint, a rail) lifts both. Start value, the paper's came from its own drives.
/// The phone's place in the car is not known, so forward motion counts as sideways, too.
const LEAST_SIDEWAYS: f64 = 0.3;

/// Least ratio of the vertical peak to the speed, 1/s: fast vehicles shake on any road. Start value.
const LEAST_PER_SPEED: f64 = 0.05;

/// |z| in m/s² where all filters let it pass, else 0. What is not known rejects nothing.
pub(super) fn blows(signal: &Signal, speeds: &Speeds) -> Vec<f64> {
    let high_pass = Filter::new(Keep::Fast, HIGH_PASS_HZ, signal.rate_hz);
    let mut vertical = signal.vertical_mps2.clone();
    high_pass.both_ways(&mut vertical);
    let mut axes: [Vec<f64>; 3] =
        std::array::from_fn(|axis| signal.across_mps2.iter().map(|a| a[axis]).collect());
    axes.iter_mut().for_each(|axis| high_pass.both_ways(axis));
    let across = |i: usize| length(std::array::from_fn(|axis| axes[axis][i]));
    let across: Vec<f64> = (0..vertical.len()).map(across).collect();

    let one_axis = across.iter().all(|a| *a == 0.0);
    let beside = signal.readings(BESIDE_S);
    let blow = |(i, z): (usize, &f64)| {
        let z = z.abs();
        let near = &across[i.saturating_sub(beside)..across.len().min(i + beside + 1)];
        let sideways = near.iter().copied().fold(0.0, f64::max);
        let one_sided = one_axis || sideways >= LEAST_SIDEWAYS * z;
        let passes = |mps| mps >= SLOWEST_MPS && z >= LEAST_PER_SPEED * mps;
        let speed = || speeds.at(signal.t_us(i));
        if one_sided && speed().is_none_or(passes) {
            z
        } else {
            0.0
        }
    };
    vertical.iter().enumerate().map(blow).collect()
}
