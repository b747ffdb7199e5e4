//! How values look to people: tables, times, counts.

use comfy_table::{CellAlignment, ContentArrangement, Table, TableStyle};

/// A table without rules between its rows, the columns in `right` aligned to the right.
pub fn table(
    header: &[&str],
    right: &[usize],
    rows: impl IntoIterator<Item = Vec<String>>,
) -> String {
    let mut table = Table::new();
    table
        .load_style(TableStyle::new())
        .set_content_arrangement(ContentArrangement::Disabled);
    if !header.is_empty() {
        table.set_header(header.iter().copied());
    }
    for row in rows {
        table.add_row(row);
    }
    for &column in right {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt()
}

/// A time of a phone's clock in seconds.
pub fn seconds(t_us: i64) -> f64 {
    t_us as f64 / 1e6
}

/// A count with its word: `1 trip`, `1 200 trips`.
pub fn count(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(n), if n == 1 { one } else { many })
}

/// A whole number with a thin gap between thousands.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

/// A length of data: `12.3 MB`.
pub fn bytes(n: u64) -> String {
    let units = ["bytes", "kB", "MB", "GB", "TB"];
    let (mut value, mut unit) = (n as f64, 0);
    while value >= 1000.0 && unit + 1 < units.len() {
        value /= 1000.0;
        unit += 1;
    }
    let places = usize::from(unit > 0 && value < 100.0);
    format!("{value:.places$} {}", units[unit])
}

/// Seconds as `3.2 s`, `4 min 05 s` or `2 h 03 min`.
pub fn duration(seconds: f64) -> String {
    // Not -0.0, which an empty sum of floats is.
    let seconds = seconds + 0.0;
    let whole = seconds.round().max(0.0) as u64;
    match whole {
        0..60 => format!("{seconds:.1} s"),
        60..3600 => format!("{} min {:02} s", whole / 60, whole % 60),
        _ => format!("{} h {:02} min", whole / 3600, whole % 3600 / 60),
    }
}

/// A dated time as `2026-01-05 07:30:00 UTC`.
pub fn time(t_us: i64) -> String {
    let time = jiff::Timestamp::from_microsecond(t_us);
    time.map_or_else(
        |_| "?".to_owned(),
        |t| t.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
    )
}

/// A dated time as RFC 3339, for machines.
pub fn rfc3339(t_us: i64) -> String {
    jiff::Timestamp::from_microsecond(t_us).map_or_else(|_| String::new(), |t| t.to_string())
}

/// A value with a number of decimals, or a blank.
pub fn decimals(value: Option<f64>, places: usize) -> String {
    value.map_or_else(String::new, |v| format!("{v:.places$}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!(grouped(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!(count(1, "trip", "trips"), "1 trip");
        assert_eq!(duration(59.94), "1 min 00 s");
        assert_eq!(duration(3.2), "3.2 s");
        assert_eq!(duration(7380.0), "2 h 03 min");
        assert_eq!(time(1_767_600_000_000_000), "2026-01-05 08:00:00 UTC");
        assert_eq!(decimals(None, 2), "");
    }

    #[test]
    fn columns_line_up() {
        let text = table(
            &["kind", "hits"],
            &[1],
            [vec!["pothole".into(), "12".into()]],
        );
        assert_eq!(
            text.lines().map(str::trim_end).collect::<Vec<_>>(),
            [" kind     hits", " pothole    12"]
        );
    }
}
