//! Vectors of three: accelerations and rates of turn in the phone's axes.

#[inline]
pub(crate) fn dot(a: [f32; 3], b: [f32; 3]) -> f32 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

#[inline]
pub(crate) fn length(a: [f32; 3]) -> f32 {
    dot(a, a).sqrt()
}

/// a + b·k
#[inline]
pub(crate) fn add(a: [f32; 3], b: [f32; 3], k: f32) -> [f32; 3] {
    std::array::from_fn(|i| a[i] + b[i] * k)
}

/// `share` of the way from a to b.
#[inline]
pub(crate) fn toward(a: [f32; 3], b: [f32; 3], share: f32) -> [f32; 3] {
    std::array::from_fn(|i| a[i] + (b[i] - a[i]) * share)
}

/// The direction of a, of length 1; `None` where a is too short to have one.
#[inline]
pub(crate) fn unit(a: [f32; 3]) -> Option<[f32; 3]> {
    let length = length(a);
    (length > f32::MIN_POSITIVE).then(|| a.map(|x| x / length))
}

/// Whether the angle between two vectors is wider than the one with that cosine.
#[inline]
pub(crate) fn apart(a: [f32; 3], b: [f32; 3], cos: f32) -> bool {
    dot(a, b) < cos * length(a) * length(b)
}
