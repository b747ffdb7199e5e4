//! Work on many items at once, results in order, with bounded memory.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::{Condvar, Mutex, MutexGuard};
use std::thread;

/// What the workers and the taker share.
struct Bench<R> {
    next: usize,
    taken: usize,
    stopped: bool,
    done: BTreeMap<usize, R>,
}

struct Shared<R> {
    bench: Mutex<Bench<R>>,
    changed: Condvar,
}

impl<R> Shared<R> {
    /// A worker that panicked has already ended the program: `thread::scope` passes panics on.
    fn lock(&self) -> MutexGuard<'_, Bench<R>> {
        self.bench
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Sets `stopped` when it goes, so that a panic on one side never leaves the other waiting.
struct StopOnDrop<'a, R>(&'a Shared<R>);

impl<R> Drop for StopOnDrop<'_, R> {
    fn drop(&mut self) {
        self.0.lock().stopped = true;
        self.0.changed.notify_all();
    }
}

/// As many as there are processors.
pub(crate) fn workers() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Calls `work` for every item on `workers` threads and `take` with each result on this one, in the
/// order of the items. No more than four results a worker are kept waiting. Stops early, dropping
/// what is not taken, when `take` breaks.
pub(crate) fn in_order<T: Sync, R: Send>(
    items: &[T],
    workers: usize,
    work: impl Fn(&T) -> R + Sync,
    mut take: impl FnMut(&T, R) -> ControlFlow<()>,
) {
    let workers = workers.clamp(1, items.len().max(1));
    let ahead = 4 * workers;
    let bench = Bench {
        next: 0,
        taken: 0,
        stopped: false,
        done: BTreeMap::new(),
    };
    let shared = Shared {
        bench: Mutex::new(bench),
        changed: Condvar::new(),
    };
    let worker = || {
        loop {
            let mut bench = shared.lock();
            while !bench.stopped && bench.next < items.len() && bench.next >= bench.taken + ahead {
                bench = shared
                    .changed
                    .wait(bench)
                    .unwrap_or_else(|e| e.into_inner());
            }
            if bench.stopped || bench.next >= items.len() {
                return;
            }
            let number = bench.next;
            bench.next += 1;
            drop(bench);
            let panicked = StopOnDrop(&shared);
            let result = work(&items[number]);
            std::mem::forget(panicked);
            shared.lock().done.insert(number, result);
            shared.changed.notify_all();
        }
    };
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(worker);
        }
        let _stop = StopOnDrop(&shared);
        for (number, item) in items.iter().enumerate() {
            let mut bench = shared.lock();
            let result = loop {
                if let Some(result) = bench.done.remove(&number) {
                    break result;
                }
                if bench.stopped {
                    return;
                }
                bench = shared
                    .changed
                    .wait(bench)
                    .unwrap_or_else(|e| e.into_inner());
            };
            bench.taken = number + 1;
            drop(bench);
            shared.changed.notify_all();
            if take(item, result).is_break() {
                return;
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        let items: Vec<u64> = (0..500).collect();
        let mut taken = Vec::new();
        let slow_first = |n: &u64| (0..(500 - n) * 200).fold(*n, |a, b| a ^ b.wrapping_mul(31)) ^ n;
        in_order(
            &items,
            3,
            |n| (slow_first(n), *n),
            |_, (_, n)| {
                taken.push(n);
                ControlFlow::Continue(())
            },
        );
        assert_eq!(taken, items);
    }

    #[test]
    fn breaking_stops_the_workers() {
        let items: Vec<u64> = (0..10_000).collect();
        let started = std::sync::atomic::AtomicUsize::new(0);
        let work = |_: &u64| started.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        in_order(&items, 2, work, |n, _| {
            if *n == 3 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        assert!(started.into_inner() < 20);
    }

    #[test]
    fn nothing_to_do_is_done() {
        in_order(&[], 2, |n: &u8| *n, |_, _| ControlFlow::Continue(()));
    }
}
