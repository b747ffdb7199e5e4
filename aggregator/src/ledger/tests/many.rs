//! Several objects near each other, several phones in one car.

use super::*;

#[test]
fn what_is_felt_from_both_directions_at_one_place_is_one_site() {
    let back = |east_m: f64| -> Vec<Hazard> {
        let mut drives = crowd(3, &[100.0]);
        drives.extend(
            crowd(3, &[100.0])
                .into_iter()
                .zip(11..)
                .map(|(drive, trip)| Drive {
                    north: false,
                    trip,
                    ..drive.off(0.0, east_m)
                }),
        );
        hazards_of(&drives)
    };
    let (same, lanes) = (back(0.5), back(3.5));
    assert_eq!((same.len(), lanes.len()), (2, 2));
    assert_eq!(same[0].site, same[1].site);
    assert_ne!(lanes[0].site, lanes[1].site);
}

#[test]
fn several_phones_in_one_car_are_one_voice() {
    let drives: Vec<Drive> = (DEVICES.iter())
        .map(|device| Drive::new(device, 1).felt(&[30.0, 100.0, 170.0]))
        .collect();
    for hazard in hazards_of(&drives) {
        assert_eq!((hazard.hits, hazard.drivers), (1, 1));
        assert_eq!(hazard.evidence_state, EvidenceState::Candidate);
    }
}

#[test]
fn a_spot_that_gathered_two_holes_parts() {
    // One or the other is felt, never both: only the places tell that there are two.
    let drives: Vec<Drive> = (0..24)
        .map(|trip| {
            let felt_m = if trip % 2 == 0 { 100.0 } else { 114.0 };
            Drive::new(DEVICES[trip % 6], trip as u64)
                .on(MONDAY + trip as i32 / 6)
                .felt(&[felt_m + [0.0, 1.0, -1.0][trip % 3]])
        })
        .map(|drive| Drive {
            sigma_m: 5.0,
            ..drive
        })
        .collect();
    let mut along: Vec<f64> = hazards_of(&drives).iter().map(along_m).collect();
    along.sort_by(f64::total_cmp);
    assert_eq!(along.len(), 2, "{along:?}");
    assert!((along[1] - along[0] - 14.0).abs() < 2.0, "{along:?}");
}

#[test]
fn what_is_near_enough_once_its_neighbours_are_one_is_joined_as_well() {
    // Three spots: the middle one lies within 8 m of both others, which are 9.7 m apart until it is
    // joined into the first of them.
    let first = [100.0, 116.4, 108.1];
    let then = [102.9, 102.9, 102.9, 102.9, 107.0, 107.0, 107.0, 107.0];
    let at_last = [112.0, 111.0, 110.4, 110.0];
    let places = first.iter().chain(&then).chain(&at_last);
    let drives: Vec<Drive> = (places.zip(0_i32..))
        .map(|(&felt_m, number)| Drive {
            sigma_m: 1.0,
            ..Drive::new(DEVICES[number as usize % 6], number as u64)
                .on(MONDAY + number)
                .felt(&[felt_m])
        })
        .collect();
    assert_eq!(hazard_of(&drives).hits, 15);
}

#[test]
fn false_alarms_of_a_busy_day_do_not_add_up() {
    const NAMES: &str = "abcdefghijklmnopqrstuvwxyz";
    let drive = |day: i32, number: usize, felt_m: &[f64]| {
        Drive::new(&NAMES[number..=number], 100 * day as u64 + number as u64)
            .on(MONDAY + day)
            .felt(felt_m)
    };
    let mut drives: Vec<Drive> = vec![drive(0, 0, &[100.0])];
    drives.extend((0..2).flat_map(|day| (1..26).map(move |number| drive(day, number, &[]))));
    let felt_by = |number: usize| number % 8 == 1;
    drives.extend((0..26).map(|number| {
        let felt_m: &[f64] = if felt_by(number) { &[100.0] } else { &[] };
        drive(2, number, felt_m)
    }));
    let hazard = hazard_of(&drives);
    assert_eq!((hazard.hits, hazard.drivers), (5, 5));
    assert_eq!(hazard.evidence_state, EvidenceState::Candidate);
    assert!(hazard.confidence < 0.1, "{}", hazard.confidence);
    assert_eq!(hazard.moves, []);
}
