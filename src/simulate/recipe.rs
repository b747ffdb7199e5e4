//! What a town's roads are made of: how rough, and how much of what lies on them.

use super::Preset;
use super::random::Span;
use super::surface::class;

/// Densities and sizes that differ between presets.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Recipe {
    /// Gd(n0) of the road classes in m³ and the share of streets that have each; shares sum to 1.
    pub(super) classes: &'static [(f64, f64)],
    /// Waviness of a street.
    pub(super) waviness: Span,
    /// Small defects nobody would mark, per km of lane.
    pub(super) defects_per_km: Span,
    /// Potholes per km of lane.
    pub(super) potholes_per_km: f64,
    /// Depth of a pothole, metres.
    pub(super) pothole_depth_m: Span,
    /// Share of potholes whose depth is drawn from [`Recipe::deep_m`] instead.
    pub(super) deep_share: f64,
    /// Depth of a deep pothole, metres.
    pub(super) deep_m: Span,
    /// Humps per km of residential street, across both lanes.
    pub(super) humps_per_km: f64,
    /// Share of the humps that are short bumps; the others are round-top.
    pub(super) short_share: f64,
    /// Joints per km of main street, across both lanes.
    pub(super) joints_per_km: f64,
    /// Covers that are sunk or raised, per km of lane.
    pub(super) covers_per_km: f64,
    /// Tram crossings per km of main street, across both lanes.
    pub(super) rails_per_km: f64,
}

impl Recipe {
    /// The recipe of a preset.
    pub(super) fn of(preset: Preset) -> Self {
        match preset {
            Preset::Town => TOWN,
            Preset::Sharp => SHARP,
        }
    }
}

/// The realistic town.
///
/// Source: chosen so that the signal of a drive agrees with recorded drives and the published
/// detectors stand in the order in which they stand there; figures in `sample-traces/README.md`.
/// Surveys find better streets (A for first-class roads, B to C for poor pavement: Múčka, 2018,
/// "Simulated road profiles according to ISO 8608"); with 60 % A, 30 % B and 10 % C the made signal
/// is too weak below 2.5 Hz, and its shocks stand out too far. Waviness around the 2 of ISO 8608;
/// with that of surveyed roads, 1.8 to 2.8 (Kropáč & Múčka, 2005), too little is left above 2.5 Hz,
/// and every shock is the only one. Humps lie closer together where there are any (TRL Report 186:
/// 50 to 150 m), but not every residential street has them. Four marks in five are humps, as in
/// jiit2012 (222 of 272).
const TOWN: Recipe = Recipe {
    classes: &[
        (class::A_M3, 0.1),
        (class::B_M3, 0.4),
        (class::C_M3, 0.45),
        (class::D_M3, 0.05),
    ],
    waviness: Span::new(1.5, 2.3),
    defects_per_km: Span::new(20.0, 40.0),
    potholes_per_km: 1.0,
    pothole_depth_m: Span::new(0.015, 0.05),
    deep_share: 0.15,
    deep_m: Span::new(0.05, 0.09),
    humps_per_km: 5.0,
    short_share: 0.3,
    joints_per_km: 1.5,
    covers_per_km: 1.5,
    rails_per_km: 0.6,
};

/// Clean blows on a smooth road: for timing, localisation and the impact channel, not for choosing
/// a detector.
const SHARP: Recipe = Recipe {
    classes: &[(class::A_M3, 0.5), (class::B_M3, 0.5)],
    waviness: Span::new(1.9, 2.2),
    defects_per_km: Span::new(0.0, 0.0),
    potholes_per_km: 4.0,
    pothole_depth_m: Span::new(0.05, 0.09),
    deep_share: 0.0,
    deep_m: Span::new(0.05, 0.09),
    humps_per_km: 2.0,
    short_share: 1.0,
    joints_per_km: 0.0,
    covers_per_km: 0.0,
    rails_per_km: 0.0,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_of_the_classes_sum_to_one() {
        for recipe in [TOWN, SHARP] {
            let sum: f64 = recipe.classes.iter().map(|(_, share)| share).sum();
            assert!((sum - 1.0).abs() < 1e-12);
        }
    }
}
