//! How far places and roughness lie from the truth of made drives.

use super::chart::{self, Labels};
use crate::evaluate::kinds::PlaceError;
use crate::evaluate::roughness::RoughnessFigures;
use crate::plot::{Panel, Stroke, colour};
use crate::render;

/// The share of the bumps that lie within a distance of where they truly are.
pub(super) fn place(by: &str, place: &PlaceError) -> String {
    let title = format!(
        "{}: how far the places of {by} lie from the truth",
        place.set
    );
    let basis = [
        format!(
            "{} on a mark whose place is known, {} placed",
            render::count(place.bumps, "bump", "bumps"),
            render::grouped(place.placed)
        ),
        format!(
            "half within {:.1} m, 95 % within {:.1} m; within 2.45 sigma: {:.0} % (honest: 95 %)",
            place.median_m,
            place.p95_m,
            100.0 * place.within_2_45_sigma
        ),
    ];
    let farthest = place.errors_m.last().copied().unwrap_or(1.0);
    let (mut svg, panel) = chart::frame(
        &Labels {
            title: &title,
            basis: &basis,
            x: "distance, m",
            y: "share of the bumps within",
        },
        |area| Panel::linear(area, [0.0, farthest.max(1.0)], [0.0, 1.0]),
    );
    let count = place.errors_m.len().max(1) as f64;
    let steps = place.errors_m.iter().enumerate().flat_map(|(i, error)| {
        let share = |n: usize| Some(n as f64 / count);
        [(*error, share(i)), (*error, share(i + 1))]
    });
    panel.line(&mut svg, steps, Stroke::solid(colour::BLUE, 1.8));
    for (metres, share) in [(place.median_m, 0.5), (place.p95_m, 0.95)] {
        let corner = [
            (0.0, Some(share)),
            (metres, Some(share)),
            (metres, Some(0.0)),
        ];
        panel.line(&mut svg, corner, Stroke::dashed(colour::GREY, 1.0));
    }
    chart::finish(svg, &panel, &title)
}

/// Estimated against true roughness, a dot for each section.
pub(super) fn roughness(by: &str, roughness: &RoughnessFigures) -> String {
    let title = format!(
        "{}: how well the roughness of {by} follows the truth",
        roughness.set
    );
    let basis = [
        format!(
            "{} of single passes, {:.2} h",
            render::count(roughness.sections, "section", "sections"),
            roughness.hours
        ),
        format!(
            "R² of ln IRI {:.2} as it stands, {:.2} after the best line; error {:.2} m/km RMS",
            roughness.r2_ln_iri, roughness.r2_ln_iri_by_line, roughness.rmse_m_per_km
        ),
    ];
    let values = roughness
        .pairs
        .iter()
        .flat_map(|(said, truth)| [*said, *truth]);
    let (low, high) = values.fold((1.0_f64, 2.0_f64), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    let ends = [0.9 * low.max(0.05), 1.1 * high];
    let (mut svg, panel) = chart::frame(
        &Labels {
            title: &title,
            basis: &basis,
            x: "true IRI, m/km",
            y: "estimated IRI, m/km",
        },
        |area| Panel::log_log(area, ends, ends),
    );
    let honest = ends.map(|value| (value, Some(value)));
    panel.line(&mut svg, honest, Stroke::dashed(colour::GREY, 1.0));
    let dots = roughness
        .pairs
        .iter()
        .map(|(said, truth)| panel.at((*truth, *said)));
    let dots: Vec<_> = dots.collect();
    svg.dots(&dots, 2.2, colour::BLUE);
    let names = [
        ("dots: sections of 100 m".to_owned(), colour::BLUE),
        ("dashed: right".to_owned(), colour::GREY),
    ];
    chart::legend(&mut svg, &panel, &names);
    chart::finish(svg, &panel, &title)
}
