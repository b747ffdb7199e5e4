//! Jolts: the bumps that one object gave in one pass, front axle and rear, or both ends of a hump.

use super::rows::Felt;
use crate::config::Gate;
use crate::tile::Point;

/// The bumps of one pass over one object.
#[derive(Clone, Debug)]
pub(super) struct Jolt {
    /// Where the first of them was.
    pub(super) at: Point,
    pub(super) sigma_m: f64,
    pub(super) heading_deg: Option<f32>,
    /// Their indices among the tile's bumps.
    pub(super) bumps: Vec<u32>,
}

/// A longer run is matched in parts, so that a hostile trip of a million bumps in one place costs
/// no more than an honest one.
const RUN_JOLTS_MAX: usize = 16;

/// Visits the runs of jolts of every trip, in canonical order: a run is cut where the next jolt is
/// too far for one look at the map to concern both.
pub(super) fn runs(felt: &[Felt], gate: &Gate, mut visit: impl FnMut(&[Jolt])) {
    let mut run: Vec<Jolt> = Vec::new();
    for (index, bump) in (0..).zip(felt) {
        let Some(last) = run.last_mut() else {
            run.push(Jolt::new(index, bump));
            continue;
        };
        let before = &felt[last.bumps[last.bumps.len() - 1] as usize];
        let is_soon = before.rank == bump.rank
            && bump.peak_us.saturating_sub(before.peak_us) <= gate.same_pass_us();
        let apart_m = last.at.distance_m(bump.at);
        if is_soon && apart_m <= gate.same_object_m {
            last.bumps.push(index);
            continue;
        }
        if is_soon && bump.peak_us == before.peak_us {
            continue; // Nobody is in two places at once; the first one counts.
        }
        let is_near = is_soon && apart_m <= 2.0 * gate.max_m;
        if !is_near || run.len() >= RUN_JOLTS_MAX {
            visit(&run);
            run.clear();
        }
        run.push(Jolt::new(index, bump));
    }
    if !run.is_empty() {
        visit(&run);
    }
}

impl Jolt {
    fn new(index: u32, bump: &Felt) -> Self {
        Self {
            at: bump.at,
            sigma_m: f64::from(bump.sigma_m),
            heading_deg: bump.heading_deg,
            bumps: vec![index],
        }
    }
}
