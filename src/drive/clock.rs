//! The clock of a run: wall time that never runs backwards, and processor time spent.

use std::time::{Duration, Instant};

use ingest::clock::now_us;

/// Wall time as it was when the run began, and a steady clock since.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    begin: Instant,
    begin_us: i64,
}

impl Clock {
    /// A clock that begins now.
    pub fn start() -> Self {
        Self {
            begin: Instant::now(),
            begin_us: now_us(),
        }
    }

    /// Now, µs since 1970 UTC.
    pub fn now_us(&self) -> i64 {
        self.begin_us + self.begin.elapsed().as_micros() as i64
    }

    /// That time on the clock that timers use.
    pub fn instant(&self, t_us: i64) -> tokio::time::Instant {
        let since = Duration::from_micros((t_us.saturating_sub(self.begin_us)).max(0) as u64);
        // A time that no run lives to see stands for "never".
        const NEVER: Duration = Duration::from_secs(30 * 86_400);
        (self.begin + since.min(NEVER)).into()
    }

    /// How long the run has taken, s.
    pub fn elapsed_s(&self) -> f64 {
        self.begin.elapsed().as_secs_f64()
    }
}

/// Processor seconds that this process has used in user and system mode; `None` where the system
/// does not say.
///
/// Source: proc(5), `/proc/pid/stat`, fields 14 and 15 in ticks of 10 ms.
pub fn cpu_seconds() -> Option<(f64, f64)> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name in field 2 may hold spaces.
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut ticks = after_name.split_whitespace().skip(11);
    let mut seconds = || Some(ticks.next()?.parse::<f64>().ok()? / 100.0);
    Some((seconds()?, seconds()?))
}
