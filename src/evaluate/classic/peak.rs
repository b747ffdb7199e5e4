//! Where a score is highest: its peaks, no two within a second.

use super::Event;

/// Of two peaks closer than this only the higher is kept, µs. The front and the rear axle of a car
/// over one obstacle are 0.1 to 0.5 s apart, and the tolerance of a mark is a second.
const APART_US: i64 = 1_000_000;

/// The indices of the local maxima above 0; of a level top, the first.
pub(super) fn maxima(scores: &[f64]) -> impl Iterator<Item = usize> + '_ {
    let falls_after = move |i: usize| {
        let mut rest = scores[i + 1..].iter().skip_while(move |s| **s == scores[i]);
        rest.next().is_some_and(|s| *s < scores[i])
    };
    (1..scores.len().saturating_sub(1))
        .filter(move |&i| scores[i] > 0.0 && scores[i] > scores[i - 1] && falls_after(i))
}

/// The peaks that have no higher one within a second, in order of time; of equal ones the earlier.
///
/// The highest of all is kept first and drops its neighbours, then the highest of what is left.
pub(super) fn apart(mut peaks: Vec<Event>) -> Vec<Event> {
    peaks.sort_by_key(|peak| peak.t_us);
    let mut order: Vec<usize> = (0..peaks.len()).collect();
    order.sort_by(|&a, &b| peaks[b].score.total_cmp(&peaks[a].score).then(a.cmp(&b)));
    let mut dropped = vec![false; peaks.len()];
    for highest in order {
        if dropped[highest] {
            continue;
        }
        let t_us = peaks[highest].t_us;
        let near = |other: &usize| peaks[*other].t_us.abs_diff(t_us) < APART_US as u64;
        let before = (0..highest).rev().take_while(near);
        let after = (highest + 1..peaks.len()).take_while(near);
        before.chain(after).for_each(|other| dropped[other] = true);
    }
    let mut dropped = dropped.into_iter();
    peaks.retain(|_| !dropped.next().unwrap_or_default());
    peaks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peaks(of: &[(i64, f64)]) -> Vec<Event> {
        let peak = |&(ms, score): &(i64, f64)| Event {
            t_us: ms * 1000,
            score,
        };
        of.iter().map(peak).collect()
    }

    #[test]
    fn a_level_top_is_one_peak_and_an_edge_is_none() {
        let scores = [5.0, 1.0, 2.0, 2.0, 2.0, 1.0, 0.0, -1.0, 3.0];
        assert_eq!(maxima(&scores).collect::<Vec<_>>(), [2]);
        assert_eq!(maxima(&[]).count() + maxima(&[1.0]).count(), 0);
        assert_eq!(maxima(&[-3.0, -2.0, -3.0]).count(), 0);
    }

    #[test]
    fn the_higher_of_two_within_a_second_stays() {
        let three = peaks(&[(0, 1.0), (900, 3.0), (1_800, 2.0), (1_950, 2.5)]);
        assert_eq!(apart(three), peaks(&[(900, 3.0), (1_950, 2.5)]));
        let equal = peaks(&[(0, 1.0), (500, 1.0), (1_000, 1.0)]);
        assert_eq!(apart(equal), peaks(&[(0, 1.0), (1_000, 1.0)]));
    }
}
