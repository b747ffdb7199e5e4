//! What many phones say together, on drives that others made and marked: several phones in one
//! vehicle, and places that were passed on more than one ride.

use std::path::{Path, PathBuf};

use trip::Position;

use crate::support::{good, jounce, real_traces};

/// Marks this close are of one site, and a hazard this close to a mark is on its site, metres: the
/// marks lie as far off as fixes of the phones and the delay of a thumb take them.
const SITE_M: f64 = 25.0;

/// Rides whose phones knew where they were.
const RIDES: [&str; 5] = ["trace19", "trace28", "trace31", "trace33", "trace37"];

/// What a map says of one hazard.
struct Row {
    at: Position,
    hits: u32,
}

/// The marks of the rides, in groups of one site each.
fn sites(set: &Path) -> Vec<Vec<Position>> {
    let text = std::fs::read_to_string(set.join("labels_geo.csv")).unwrap();
    let mut sites: Vec<Vec<Position>> = Vec::new();
    for line in text.lines().skip(1) {
        let number = |column| line.split(',').nth(column).unwrap().parse().unwrap();
        let mark = Position::new(number(3), number(4)).unwrap();
        let is_near = |site: &mut Vec<Position>| site.iter().any(|&at| is_on_site(at, mark));
        let mut joined: Vec<Position> = sites.extract_if(.., is_near).flatten().collect();
        joined.push(mark);
        sites.push(joined);
    }
    sites
}

fn is_on_site(at: Position, mark: Position) -> bool {
    at.distance_m(mark) <= SITE_M
}

/// The hazards of a map that is built of these traces.
fn hazards(traces: &[PathBuf]) -> Vec<Row> {
    let folder = tempfile::tempdir().unwrap();
    let map = folder.path().join("m.duckdb");
    let mut args = vec!["replay".into(), "--map".into(), map.clone()];
    args.extend(traces.iter().cloned());
    assert_eq!(jounce(&args).code, 0);
    let list = ["map".as_ref(), "list".as_ref(), map.as_os_str()];
    let list = good(&[&list[..], &["--format".as_ref(), "csv".as_ref()]].concat());
    let mut lines = list.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    let column = |name: &str| header.iter().position(|other| *other == name).unwrap();
    let [lat, lon, hits] = ["lat", "lon", "hits"].map(column);
    let row = |row: Vec<&str>| Row {
        at: Position::new(row[lat].parse().unwrap(), row[lon].parse().unwrap()).unwrap(),
        hits: row[hits].parse().unwrap(),
    };
    lines.map(row).collect()
}

/// How many hazards there are, how many of them on a site, and how many sites they find.
fn score<'a>(hazards: impl Iterator<Item = &'a Row>, sites: &[Vec<Position>]) -> [usize; 3] {
    let hazards: Vec<&Row> = hazards.collect();
    let finds = |row: &Row, site: &[Position]| site.iter().any(|&mark| is_on_site(row.at, mark));
    let right = (hazards.iter()).filter(|row| sites.iter().any(|site| finds(row, site)));
    let found = (sites.iter()).filter(|site| hazards.iter().any(|row| finds(row, site)));
    [hazards.len(), right.count(), found.count()]
}

#[test]
fn phones_and_rides_together_find_more_of_the_marked_sites_than_one_phone_a_ride() {
    let Some(set) = real_traces().map(|traces| traces.join("jiit2012")) else {
        return;
    };
    let files = |pattern: &str| -> Vec<PathBuf> {
        let files = std::fs::read_dir(&set).unwrap();
        let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
        files.retain(|path| {
            let name = path.file_name().unwrap().to_string_lossy();
            name.ends_with(".csv.gz")
                && name.contains(pattern)
                && RIDES.iter().any(|ride| name.starts_with(ride))
        });
        files.sort();
        files
    };
    let sites = sites(&set);
    let (one, all) = (hazards(&files("_marker")), hazards(&files("")));
    let one_phone = score(one.iter(), &sites);
    let together = score(all.iter(), &sites);
    let agreed = score(all.iter().filter(|row| row.hits > 1), &sites);
    eprintln!("{} sites; hazards, on a site, sites found:", sites.len());
    eprintln!(
        "one phone a ride {one_phone:?}, all phones {together:?}, of these felt twice or more {agreed:?}"
    );
    assert_eq!(sites.len(), 35);
    let precision = |[hazards, right, _]: [usize; 3]| right as f64 / hazards as f64;
    assert!(together[2] > one_phone[2]);
    assert!(precision(together) > precision(one_phone));
    assert!(agreed[0] >= 2 && precision(agreed) > precision(together));
}
