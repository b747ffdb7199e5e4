//! Matching the jolts of one pass to spots, in order along the road.

use trip::Position;

use super::{Jolt, Spot};
use crate::config::Config;

/// What leaving a jolt without a spot costs: as much as a spot at the edge of its gate. The cost
/// of a match is the square of its distance in gates.
const UNMATCHED: f64 = 1.0;

/// A spot that some jolt of the run may be of.
struct Candidate {
    spot: usize,
    /// How far along the run it lies, metres.
    along_m: f64,
    /// What taking it costs, for each jolt; `None` outside the gate or in another direction.
    costs: Vec<Option<f64>>,
}

/// For every jolt of a run the spot it is of; `None` for one that no known spot explains.
///
/// The assignment has the least total cost among those that give a spot to one jolt only and keep
/// the order along the road: the alignment of two sequences (Needleman & Wunsch, 1970).
/// `near` are the numbers of spots that may matter, each once.
pub(super) fn align(
    run: &[Jolt<'_>],
    near: impl Iterator<Item = usize>,
    spots: &[Spot],
    config: &Config,
) -> Vec<Option<usize>> {
    let mut candidates: Vec<Candidate> = near
        .filter_map(|spot| candidate(run, spot, &spots[spot], config))
        .collect();
    candidates.sort_by(|a, b| {
        let by_place = a.along_m.total_cmp(&b.along_m);
        by_place.then(a.spot.cmp(&b.spot))
    });
    let costs = cheapest(run.len(), &candidates);
    trace_back(run.len(), &candidates, &costs)
}

/// What a spot would cost each jolt; `None` when no jolt can be of it.
fn candidate(run: &[Jolt<'_>], number: usize, spot: &Spot, config: &Config) -> Option<Candidate> {
    let (position, sigma_m, heading) =
        (spot.position(), spot.sigma_m(&config.place), spot.heading());
    let costs: Vec<Option<f64>> = (run.iter())
        .map(|jolt| {
            let gate_m = (config.gate).width_m(config.place.bounded(jolt.place.sigma_m), sigma_m);
            let share = jolt.place.position.distance_m(position) / gate_m;
            let fits = share <= 1.0 && config.gate.same_direction(jolt.place.heading, heading);
            fits.then_some(share * share)
        })
        .collect();
    costs.iter().any(Option::is_some).then(|| Candidate {
        spot: number,
        along_m: along_m(run, position),
        costs,
    })
}

/// How far along a run a position lies: the way to the nearest jolt, and on from there in its
/// direction.
fn along_m(run: &[Jolt<'_>], position: Position) -> f64 {
    let mut way_m = 0.0;
    let mut nearest = (f64::INFINITY, 0.0);
    for (index, jolt) in run.iter().enumerate() {
        if index > 0 {
            way_m += run[index - 1]
                .place
                .position
                .distance_m(jolt.place.position);
        }
        let distance_m = jolt.place.position.distance_m(position);
        if distance_m < nearest.0 {
            let offset = jolt.place.position.offset_to(position);
            let ahead_m = jolt.place.heading.map_or(0.0, |heading| {
                let (east, north) = heading.deg().to_radians().sin_cos();
                offset.north_m * north + offset.east_m * east
            });
            nearest = (distance_m, way_m + ahead_m);
        }
    }
    nearest.1
}

/// The least cost of the first `i` jolts with the first `j` candidates, for all `i` and `j`.
fn cheapest(jolts: usize, candidates: &[Candidate]) -> Vec<Vec<f64>> {
    let mut costs = vec![vec![0.0; candidates.len() + 1]; jolts + 1];
    for i in 1..=jolts {
        costs[i][0] = i as f64 * UNMATCHED;
        for (j, candidate) in (1..).zip(candidates) {
            let left_out = costs[i - 1][j] + UNMATCHED;
            let mut least = left_out.min(costs[i][j - 1]);
            if let Some(cost) = candidate.costs[i - 1] {
                least = least.min(costs[i - 1][j - 1] + cost);
            }
            costs[i][j] = least;
        }
    }
    costs
}

/// The assignment behind the least cost; of equal ones that with the earlier spots.
fn trace_back(jolts: usize, candidates: &[Candidate], costs: &[Vec<f64>]) -> Vec<Option<usize>> {
    let mut matches = vec![None; jolts];
    let (mut i, mut j) = (jolts, candidates.len());
    while i > 0 && j > 0 {
        if costs[i][j] == costs[i][j - 1] {
            j -= 1;
        } else if candidates[j - 1].costs[i - 1]
            .is_some_and(|cost| costs[i][j] == costs[i - 1][j - 1] + cost)
        {
            matches[i - 1] = Some(candidates[j - 1].spot);
            (i, j) = (i - 1, j - 1);
        } else {
            i -= 1;
        }
    }
    matches
}
