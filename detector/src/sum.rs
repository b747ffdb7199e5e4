//! Sums that the processor can take several of at a time.

/// Σ a·b over the shorter of the two.
///
/// Eight sums that go side by side, added up at the end: a single one waits for each addition, and
/// the compiler must not reorder it. The order is fixed, so the same values give the same bits.
pub(crate) fn of_products(a: &[f32], b: &[f32]) -> f32 {
    const SIDE_BY_SIDE: usize = 8;
    let length = a.len().min(b.len());
    let (a, b) = (
        a[..length].chunks_exact(SIDE_BY_SIDE),
        b[..length].chunks_exact(SIDE_BY_SIDE),
    );
    let rest = a.remainder().iter().zip(b.remainder());
    let rest: f32 = rest.map(|(a, b)| a * b).sum();
    let mut sums = [0.0; SIDE_BY_SIDE];
    for (a, b) in a.zip(b) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_adds_up_any_length() {
        for length in [0, 1, 7, 8, 9, 32, 65] {
            let numbers: Vec<f32> = (1..=length).map(|i| i as f32).collect();
            let squares = (length * (length + 1) * (2 * length + 1) / 6) as f32;
            assert_eq!(of_products(&numbers, &numbers), squares);
            assert_eq!(
                of_products(&numbers, &[2.0, 3.0][..2.min(length)]),
                match length {
                    0 => 0.0,
                    1 => 2.0,
                    _ => 8.0,
                }
            );
        }
    }
}
