//! Matching the jolts of one pass to spots, in order along the road.

use super::super::jolt::Jolt;
use super::super::rows::same_direction;
use crate::config::Config;
use crate::tile::Point;

/// A spot as it stands when a run is matched.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    /// Its number.
    pub(super) number: u32,
    pub(super) at: Point,
    pub(super) sigma_m: f64,
    pub(super) heading_deg: Option<f32>,
}

/// What leaving a jolt without a spot costs: as much as a spot at the edge of its gate. The cost
/// of a match is the square of its distance in gates.
const UNMATCHED: f64 = 1.0;

/// A spot that some jolt of the run may be of.
struct Candidate {
    number: u32,
    /// How far along the run it lies, metres.
    along_m: f64,
    /// What taking it costs, for each jolt; `None` outside the gate or in another direction.
    costs: Vec<Option<f64>>,
}

/// For every jolt of a run the number of the spot it is of; `None` for one that none explains.
///
/// The assignment has the least total cost among those that give a spot to one jolt only and keep
/// the order along the road: the alignment of two sequences (Needleman & Wunsch, 1970).
/// `standing` are the spots that may matter, each once, in order of their numbers.
pub(super) fn align(run: &[Jolt], standing: Vec<Standing>, config: &Config) -> Vec<Option<u32>> {
    if let [jolt] = run {
        return vec![nearest(jolt, &standing, config)];
    }
    let mut candidates: Vec<Candidate> = (standing.into_iter())
        .filter_map(|spot| candidate(run, &spot, config))
        .collect();
    candidates.sort_by(|a, b| {
        let by_place = a.along_m.total_cmp(&b.along_m);
        by_place.then(a.number.cmp(&b.number))
    });
    let costs = cheapest(run.len(), &candidates);
    trace_back(run.len(), &candidates, &costs)
}

/// The spot that costs a lone jolt least, the older of equal ones.
fn nearest(jolt: &Jolt, standing: &[Standing], config: &Config) -> Option<u32> {
    let mut best: Option<(f64, u32)> = None;
    for spot in standing {
        let cost = cost(jolt, spot, config);
        if let Some(cost) = cost.filter(|&cost| best.is_none_or(|(least, _)| cost < least)) {
            best = Some((cost, spot.number));
        }
    }
    best.map(|(_, number)| number)
}

/// What it costs a jolt to be of a spot; `None` outside the gate or in another direction.
fn cost(jolt: &Jolt, spot: &Standing, config: &Config) -> Option<f64> {
    let gate_m = config.gate.width_m(jolt.sigma_m, spot.sigma_m);
    let share = jolt.at.distance_m(spot.at) / gate_m;
    let fits =
        share <= 1.0 && same_direction(jolt.heading_deg, spot.heading_deg, config.gate.heading_deg);
    fits.then_some(share * share)
}

/// What a spot would cost each jolt; `None` when no jolt can be of it.
fn candidate(run: &[Jolt], spot: &Standing, config: &Config) -> Option<Candidate> {
    let costs: Vec<Option<f64>> = run.iter().map(|jolt| cost(jolt, spot, config)).collect();
    costs.iter().any(Option::is_some).then(|| Candidate {
        number: spot.number,
        along_m: along_m(run, spot.at),
        costs,
    })
}

/// How far along a run a place lies: the way to the nearest jolt, and on from there in its
/// direction.
fn along_m(run: &[Jolt], at: Point) -> f64 {
    let mut way_m = 0.0;
    let mut nearest = (f64::INFINITY, 0.0);
    for (index, jolt) in run.iter().enumerate() {
        if index > 0 {
            way_m += run[index - 1].at.distance_m(jolt.at);
        }
        let distance_m = jolt.at.distance_m(at);
        if distance_m < nearest.0 {
            let (north_m, east_m) = jolt.at.to(at);
            let ahead_m = jolt.heading_deg.map_or(0.0, |deg| {
                let (east, north) = f64::from(deg).to_radians().sin_cos();
                north_m * north + east_m * east
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
fn trace_back(jolts: usize, candidates: &[Candidate], costs: &[Vec<f64>]) -> Vec<Option<u32>> {
    let mut matches = vec![None; jolts];
    let (mut i, mut j) = (jolts, candidates.len());
    while i > 0 && j > 0 {
        if costs[i][j] == costs[i][j - 1] {
            j -= 1;
        } else if candidates[j - 1].costs[i - 1]
            .is_some_and(|cost| costs[i][j] == costs[i - 1][j - 1] + cost)
        {
            matches[i - 1] = Some(candidates[j - 1].number);
            (i, j) = (i - 1, j - 1);
        } else {
            i -= 1;
        }
    }
    matches
}
