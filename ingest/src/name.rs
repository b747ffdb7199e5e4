//! What a file's name says of it.

use std::path::Path;

/// The name without what tells format and compression: `trip1.csv.gz` → `trip1`.
pub(crate) fn stem(path: &Path) -> String {
    let name = lossy(path);
    let name = unpacked(&name);
    let formats = [".csv", ".jsonl", ".ndjson", ".zip"];
    let stem = formats.iter().find_map(|format| strip_suffix(name, format));
    stem.unwrap_or(name).to_owned()
}

/// Whether the name, compression aside, ends with one of these, in whatever case.
pub(crate) fn ends_with(path: &Path, endings: &[&str]) -> bool {
    let name = lossy(path);
    let name = unpacked(&name);
    endings
        .iter()
        .any(|ending| strip_suffix(name, ending).is_some())
}

fn lossy(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn unpacked(name: &str) -> &str {
    let packings = [".gz", ".zst"];
    packings
        .iter()
        .find_map(|packing| strip_suffix(name, packing))
        .unwrap_or(name)
}

fn strip_suffix<'a>(name: &'a str, suffix: &str) -> Option<&'a str> {
    let at = name.len().checked_sub(suffix.len())?;
    let (stem, end) = name.split_at_checked(at)?;
    end.eq_ignore_ascii_case(suffix).then_some(stem)
}
