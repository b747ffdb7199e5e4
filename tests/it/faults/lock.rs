//! Two programs at one map.

use std::io::Write as _;

use super::city::{Place, deliveries, export, hazards, of_map, replay, run};
use crate::support::{good, held};

#[test]
fn who_comes_second_is_told_who_has_the_map_and_what_to_do() {
    let place = Place::mapped(&deliveries()[..1]);
    let map = place.map();
    let (before, name) = (export(&map), hazards(&map).remove(0));
    let (mut holder, _) = held(&map, &of_map("summary", &map, &[]));
    let mut redetect = replay(&deliveries()[..1], &map);
    redetect[0] = "redetect".to_owned();
    for args in [
        of_map("list", &map, &[]),
        of_map("show", &map, &[&name]),
        of_map("sql", &map, &["SELECT 1"]),
        of_map("act", &map, &[&name, "triage", "--as", "Ana"]),
        of_map("inspect", &map, &[&name, "--found", "yes", "--as", "Rui"]),
        of_map("report", &map, &["--at", "41,-8", "--kind", "pothole"]),
        of_map("rebuild", &map, &[]),
        redetect,
        replay(&deliveries()[..2], &map),
    ] {
        let ran = run(&args);
        let holder = format!("(process {})", holder.id());
        assert_eq!(ran.code, 1, "{args:?}");
        for told in [holder.as_str(), "close that one or wait", "copy of the map"] {
            assert!(ran.err.contains(told), "{args:?}: {}", ran.err);
        }
    }
    holder.stdin.take().unwrap().flush().unwrap();
    holder.wait().unwrap();
    assert_eq!(export(&map), before);
    good(&replay(&deliveries()[..1], &map));
}
