//! The server's clock, which only the edges look at; and its days.

/// Now, µs since 1970 UTC.
#[expect(
    clippy::disallowed_methods,
    reason = "what comes in at an edge is stamped as it comes"
)]
pub fn now_us() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| since.as_micros() as i64)
}

/// The day of a moment: days from 1970-01-01, UTC.
///
/// ```
/// assert_eq!(ingest::clock::day_of(1_767_603_600_000_000), 20_458);
/// ```
pub fn day_of(t_us: i64) -> i32 {
    const DAY_US: i64 = 86_400_000_000;
    i32::try_from(t_us.div_euclid(DAY_US)).expect("every 64-bit time lies within 32 bits of days")
}
