//! One spot that turns out to be two.

use super::super::roll::Roll;
use super::super::rows::TileRows;
use super::super::spot::Spot;
use crate::config::Config;
use crate::hazard::HazardId;

/// What becomes of a spot that is two.
pub(super) struct Second {
    /// The bumps that stay.
    pub(super) first: Vec<u32>,
    /// The bumps that go.
    pub(super) second: Vec<u32>,
    /// The name of the hazard that they found: from the first of them.
    pub(super) id: HazardId,
}

/// Looks whether the bumps of a spot lie in two groups along the road: at the sixth bump, and then
/// each time that half as many have come again.
///
/// The cut is where the squares within the groups are least (Otsu, 1979). The groups must be
/// further apart than `split_m` and than three times their scatter. The founding bump's group
/// keeps the name; when that was felt in a closed chapter, the group that is nearer to where the spot
/// was then.
pub(super) fn split(
    spot: &Spot,
    rows: &TileRows,
    roll: &Roll,
    is_taken: impl Fn(HazardId) -> bool,
    config: &Config,
) -> Option<Second> {
    if !is_due(spot.members.len()) {
        return None;
    }
    let heading_deg = f64::from(spot.heading_deg()?);
    let (east, north) = heading_deg.to_radians().sin_cos();
    let mut along: Vec<(f64, u32)> = (spot.members.iter())
        .map(|&member| {
            let (north_m, east_m) = spot.founded.to(rows.felt[member as usize].at);
            (north_m * north + east_m * east, member)
        })
        .collect();
    along.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let cut = best_cut(&along, config.gate.split_bumps, config.gate.split_m)?;
    let group = |range: &[(f64, u32)]| -> Vec<u32> {
        let mut members: Vec<u32> = range.iter().map(|&(_, member)| member).collect();
        members.sort_unstable();
        members
    };
    let (mut first, mut second) = (group(&along[..cut]), group(&along[cut..]));
    let swapped = match &spot.past {
        Some(past) if past.bumps > 0 => {
            let (north_m, east_m) = past.felt.mean_m();
            let was_m = north_m * north + east_m * east;
            was_m > (along[cut - 1].0 + along[cut].0) / 2.0
        }
        _ => second[0] < first[0],
    };
    if swapped {
        std::mem::swap(&mut first, &mut second);
    }
    // The first of them may have founded a spot that it left since: no name is given twice.
    let id = second.iter().find_map(|&member| {
        let founder = &rows.felt[member as usize];
        let id = HazardId::founded_by(roll.trip(founder.rank).trip, founder.peak_us);
        (!is_taken(id)).then_some(id)
    })?;
    Some(Second { id, first, second })
}

/// Whether a spot of so many bumps is looked at: 6, 9, 13, 19, 28 …
fn is_due(bumps: usize) -> bool {
    let mut due = 6;
    while due < bumps {
        due += due / 2;
    }
    due == bumps
}

/// Where sorted places part into two groups of at least `least` each; `None` when they do not.
fn best_cut(along: &[(f64, u32)], least: usize, apart_m: f64) -> Option<usize> {
    let count = along.len();
    let (mut sums, mut squares) = (vec![0.0], vec![0.0]);
    for &(m, _) in along {
        sums.push(sums[sums.len() - 1] + m);
        squares.push(squares[squares.len() - 1] + m * m);
    }
    let within = |from: usize, to: usize| {
        let (sum, n) = (sums[to] - sums[from], (to - from) as f64);
        (squares[to] - squares[from] - sum * sum / n).max(0.0)
    };
    let cut = (least.max(1)..=count.checked_sub(least)?).min_by(|&a, &b| {
        let total = |cut: usize| within(0, cut) + within(cut, count);
        total(a).total_cmp(&total(b))
    })?;
    let mean = |from: usize, to: usize| (sums[to] - sums[from]) / (to - from) as f64;
    let parted_m = mean(cut, count) - mean(0, cut);
    let scatter_m = ((within(0, cut) + within(cut, count)) / (count - 2).max(1) as f64).sqrt();
    (parted_m > apart_m && parted_m > 3.0 * scatter_m).then_some(cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(places_m: &[f64]) -> Option<usize> {
        let along: Vec<(f64, u32)> = places_m.iter().map(|&m| (m, 0)).collect();
        best_cut(&along, 3, 10.0)
    }

    #[test]
    fn two_groups_part_and_one_does_not() {
        assert_eq!(cut(&[0.0, 1.0, 2.0, 12.0, 13.0, 14.0]), Some(3));
        assert_eq!(cut(&[0.0, 2.0, 4.0, 6.0, 8.0, 10.0]), None);
        assert_eq!(cut(&[0.0, 1.0, 2.0, 3.0, 4.0, 30.0]), None);
        assert_eq!(cut(&[0.0, 1.0]), None);
    }

    #[test]
    fn a_growing_spot_is_looked_at_now_and_then() {
        let due: Vec<usize> = (0..30).filter(|&bumps| is_due(bumps)).collect();
        assert_eq!(due, [6, 9, 13, 19, 28]);
    }
}
