//! Which event is which mark. One event takes one mark, and one mark one event.
//!
//! Two ways, because two questions are asked. *How well are the events ranked?* As they come by
//! falling score, each takes the nearest mark that is still free ([`by_falling_score`]). *How many
//! marks were found at a threshold?* As many as can be paired at all ([`maximum`]): no order may
//! cost a hit.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::{Event, Tolerance, Truth};

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is on a wanted mark: its number in [`Truth::wanted`].
    Hit(usize),
    /// It is on an ignored mark, and no wanted one was free for it.
    Ignored,
    /// It is on nothing.
    FalseAlarm,
}

/// By falling score (then by time) each event takes the nearest free wanted mark that holds it; of
/// equally near ones the earlier. One verdict per event, in the order of the events.
pub fn by_falling_score(events: &[Event], truth: &Truth<'_>, tolerance: Tolerance) -> Vec<Verdict> {
    let mut order: Vec<usize> = (0..events.len()).collect();
    order.sort_by(|&a, &b| {
        let (a, b) = (events[a], events[b]);
        b.score.total_cmp(&a.score).then(a.t_us.cmp(&b.t_us))
    });
    let mut free = vec![true; truth.wanted.len()];
    let mut verdicts = vec![Verdict::FalseAlarm; events.len()];
    for at in order {
        let t_us = events[at].t_us;
        let near = truth.wanted.iter().enumerate();
        let near = near.filter(|(number, mark)| free[*number] && tolerance.holds(mark, t_us));
        let nearest = near.min_by_key(|(_, mark)| (mark.distance_us(t_us), mark.begin_us));
        verdicts[at] = match nearest {
            Some((number, _)) => {
                free[number] = false;
                Verdict::Hit(number)
            }
            None => unmatched(t_us, truth, tolerance),
        };
    }
    verdicts
}

/// As many events as possible on a wanted mark each. One verdict per event, in their order.
///
/// In order of time, each event takes, of the free marks that hold it, the one whose time is over
/// first (Glover 1967, matching in a convex bipartite graph). That is a maximum: let `m` be that mark
/// of the first event `e`. Some maximum matching pairs the two, for if `e` goes to `n` and `m` to a
/// later `f`, then `f` lies before the end of `m`, hence of `n`, and after `e`, hence after the
/// beginning of `n`: `e` and `f` can change places. If only one of `e` and `m` is paired, it can be
/// paired with the other instead. The same holds for what is left.
pub fn maximum(events: &[Event], truth: &Truth<'_>, tolerance: Tolerance) -> Vec<Verdict> {
    let mut order: Vec<usize> = (0..events.len()).collect();
    order.sort_by_key(|&at| events[at].t_us);
    let mut coming: Vec<(i64, i64, usize)> = Vec::with_capacity(truth.wanted.len());
    coming.extend(truth.wanted.iter().enumerate().map(|(number, mark)| {
        let (begin_us, end_us) = tolerance.span_us(mark);
        (begin_us, end_us, number)
    }));
    coming.sort_unstable();
    let mut coming = coming.into_iter().peekable();
    let mut open: BinaryHeap<Reverse<(i64, usize)>> = BinaryHeap::new();
    let mut verdicts = vec![Verdict::FalseAlarm; events.len()];
    for at in order {
        let t_us = events[at].t_us;
        while let Some((_, end_us, number)) = coming.next_if(|(begin_us, ..)| *begin_us <= t_us) {
            open.push(Reverse((end_us, number)));
        }
        while open
            .peek()
            .is_some_and(|Reverse((end_us, _))| *end_us < t_us)
        {
            open.pop();
        }
        verdicts[at] = match open.pop() {
            Some(Reverse((_, number))) => Verdict::Hit(number),
            None => unmatched(t_us, truth, tolerance),
        };
    }
    verdicts
}

/// An event that got no wanted mark. Any number of them may lie on one ignored mark.
fn unmatched(t_us: i64, truth: &Truth<'_>, tolerance: Tolerance) -> Verdict {
    if truth.ignored.iter().any(|mark| tolerance.holds(mark, t_us)) {
        Verdict::Ignored
    } else {
        Verdict::FalseAlarm
    }
}
