//! Fusing: trips into the ledger and its projection, beside comparing every bump with every other.

use aggregator::{Config, Driver, Fact, Ledger, TripEvidence};
use divan::Bencher;
use divan::counter::ItemsCount;
use trip::{
    BANDS_HZ, Bump, Channel, Generation, Heading, Kind, Measured, PathPoint, Place, Position,
    Report, Speed, Stretch, TripId, TripKey, Vehicle,
};

fn main() {
    divan::main();
}

/// Metres between two hazards on the made road.
const APART_M: f64 = 150.0;

/// Trips over one road of ten hazards each, 20 trips on the same ten: `trips` × 10 bumps.
fn facts(trips: u64) -> Vec<Fact> {
    let origin = Position::new(41.15, -8.61).expect("a place");
    let heading = Heading::from_deg(0.0).ok();
    (0..trips)
        .map(|number| {
            let road = origin.moved(0.0, 200.0 * (number / 20) as f64);
            let at = |metres: f64| road.moved(metres + 3.0 * ((number * 7) % 5) as f64 - 6.0, 0.0);
            let begin_us = 1_767_600_000_000_000 + number as i64 * 3_600_000_000;
            let t_us = |metres: f64| begin_us + (metres * 1e5) as i64;
            let bumps = (0..10).map(|hazard| {
                bump(
                    t_us(APART_M * f64::from(hazard)),
                    at(APART_M * f64::from(hazard)),
                    heading,
                )
            });
            let path = (0..150).map(|i| f64::from(i) * 10.0);
            let path = path
                .map(|m| PathPoint {
                    t_us: t_us(m),
                    position: at(m),
                })
                .collect();
            let stretch = Stretch {
                begin_us,
                end_us: t_us(1500.0),
                path,
                sigma_m: 4.0,
                heading,
                speed: Speed::from_mps(10.0).ok(),
                able: true,
                roughness: None,
            };
            let report = Report {
                bumps: bumps.collect(),
                stretches: vec![stretch],
                ..Report::default()
            };
            let device = format!("d-{}", number % 50).parse().expect("a device id");
            let key = TripKey {
                device,
                trip: TripId::from_bytes(u128::from(number).to_be_bytes()),
            };
            let driver = Driver::of(&key.device, &[7; 32]);
            let evidence = TripEvidence {
                key,
                generation: Generation {
                    name: "made".into(),
                    version: "1".into(),
                    config_hash: "0".into(),
                },
                vehicle: Vehicle::Car,
                messages: 1,
                digest: [0; 16],
                first_us: begin_us,
                last_us: t_us(1500.0),
                report,
            };
            Fact::new(&evidence, driver, &aggregator::Zone::UTC)
        })
        .collect()
}

fn bump(peak_us: i64, position: Position, heading: Option<Heading>) -> Bump {
    Bump {
        begin_us: peak_us - 300_000,
        peak_us,
        end_us: peak_us + 300_000,
        score: 2.5,
        probability: 0.8,
        channel: Channel::Body,
        kind: Kind::SpeedBump,
        kind_probability: [0.2, 0.6, 0.04, 0.04, 0.04, 0.04, 0.04],
        severity_mps2: Some(5.0),
        saturated: false,
        place: Some(Place {
            position,
            sigma_m: 4.0,
            heading,
        }),
        measured: Measured {
            peak_mps2: 5.0,
            width_s: 0.2,
            speed: Speed::from_mps(10.0).ok(),
            rate_hz: 50.0,
            band_rms_mps2: [Some(0.3); BANDS_HZ.len()],
            body_score: Some(2.5),
            impact_score: None,
            horizontal_ratio: 0.5,
        },
    }
}

#[divan::bench_group]
mod record {
    use super::*;

    #[divan::bench(args = [100, 1_000, 10_000], name = "bumps")]
    fn ledger(bencher: Bencher<'_, '_>, bumps: u64) {
        let facts = facts(bumps / 10);
        bencher
            .counter(ItemsCount::new(bumps))
            .with_inputs(|| facts.clone())
            .bench_local_values(|facts| {
                let mut ledger = Ledger::new(Config::default());
                for fact in facts {
                    divan::black_box(ledger.record(fact));
                }
                ledger.project(None).hazards.len()
            });
    }

    #[divan::bench(args = [100, 1_000, 10_000], name = "bumps baseline, all pairs within 15 m")]
    fn baseline(bencher: Bencher<'_, '_>, bumps: u64) {
        let facts = facts(bumps / 10);
        let places: Vec<Position> = facts
            .iter()
            .flat_map(|fact| &fact.report.bumps)
            .filter_map(|bump| bump.place.map(|place| place.position))
            .collect();
        bencher.counter(ItemsCount::new(bumps)).bench_local(|| {
            let mut first: Vec<usize> = (0..places.len()).collect();
            for i in 0..places.len() {
                for j in 0..i {
                    if places[i].distance_m(places[j]) < 15.0 {
                        first[i] = first[j];
                        break;
                    }
                }
            }
            first.iter().enumerate().filter(|(i, f)| i == *f).count()
        });
    }
}
