//! The usual way from bumps to hazards, for comparison: DBSCAN over places, without direction,
//! time or quiet passes.
//!
//! Source: Ester, Kriegel, Sander and Xu (1996), with the radii that published systems use: 5 m
//! (Ou3a-Joura) and 15 m (roadsense-ns).

use std::collections::HashMap;

use trip::Position;

/// The middle of every cluster. A bump with at least `least` bumps within `radius_m`, itself
/// counted, makes one, and clusters whose makers are within the radius of each other are one.
pub fn clusters(bumps: &[Position], radius_m: f64, least: usize) -> Vec<Position> {
    let Some(&origin) = bumps.first() else {
        return Vec::new();
    };
    let cos = origin.lat_deg().to_radians().cos();
    let plane = |position: &Position| {
        let north_m = (position.lat_deg() - origin.lat_deg()) * M_PER_DEG;
        let east_m = (position.lon_deg() - origin.lon_deg()) * M_PER_DEG * cos;
        (north_m, east_m)
    };
    let points: Vec<(f64, f64)> = bumps.iter().map(plane).collect();
    let cell = |(north_m, east_m): (f64, f64)| {
        (
            (north_m / radius_m).floor() as i64,
            (east_m / radius_m).floor() as i64,
        )
    };
    let mut cells: HashMap<(i64, i64), Vec<u32>> = HashMap::new();
    for (index, &point) in (0..).zip(&points) {
        cells.entry(cell(point)).or_default().push(index);
    }
    let neighbours = |index: usize, found: &mut Vec<u32>| {
        found.clear();
        let (here, (row, column)) = (points[index], cell(points[index]));
        for cell in (-1..=1).flat_map(|i| (-1..=1).map(move |j| (row + i, column + j))) {
            let there = cells.get(&cell).map_or(&[][..], Vec::as_slice);
            found.extend(there.iter().filter(|&&other| {
                let (north_m, east_m) = points[other as usize];
                let (north_m, east_m) = (north_m - here.0, east_m - here.1);
                north_m * north_m + east_m * east_m <= radius_m * radius_m
            }));
        }
    };
    let mut cluster_of = vec![u32::MAX; points.len()];
    let (mut sums, mut found, mut open) = (Vec::<(f64, f64, f64)>::new(), Vec::new(), Vec::new());
    for first in 0..points.len() {
        if cluster_of[first] != u32::MAX {
            continue;
        }
        neighbours(first, &mut found);
        if found.len() < least {
            continue;
        }
        let number = sums.len() as u32;
        sums.push((0.0, 0.0, 0.0));
        open.push(first as u32);
        cluster_of[first] = number;
        while let Some(index) = open.pop() {
            let (north_m, east_m) = points[index as usize];
            let sum = &mut sums[number as usize];
            *sum = (sum.0 + north_m, sum.1 + east_m, sum.2 + 1.0);
            neighbours(index as usize, &mut found);
            if found.len() < least {
                continue; // On the border: it belongs here, and leads no further.
            }
            for &other in &found {
                if cluster_of[other as usize] == u32::MAX {
                    cluster_of[other as usize] = number;
                    open.push(other);
                }
            }
        }
    }
    let middle = |(north_m, east_m, count): (f64, f64, f64)| {
        let lat_deg = origin.lat_deg() + north_m / count / M_PER_DEG;
        let lon_deg = origin.lon_deg() + east_m / count / (M_PER_DEG * cos);
        Position::new(lat_deg, lon_deg).ok()
    };
    sums.into_iter().filter_map(middle).collect()
}

/// Metres of one degree of latitude on a sphere of the mean radius of WGS 84.
const M_PER_DEG: f64 = 6_371_008.8 * std::f64::consts::PI / 180.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_of_three_are_clusters_and_a_pair_is_noise() {
        let at = |north_m: f64| Position::new(48.0, 11.0).unwrap().moved(north_m, 0.0);
        let bumps: Vec<Position> = [0.0, 4.0, 8.0, 12.0, 100.0, 101.0, 200.0, 201.0, 202.0]
            .map(at)
            .into();
        let found = clusters(&bumps, 5.0, 3);
        assert_eq!(found.len(), 2);
        assert!(found[0].distance_m(at(6.0)) < 0.1);
        assert!(found[1].distance_m(at(201.0)) < 0.1);
        assert!(clusters(&[], 5.0, 3).is_empty());
    }
}
