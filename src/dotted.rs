//! Names with dots: what a configuration is made of, and what somebody may have meant by a name.

use serde_json::Value;

/// What is no table, by its dotted name, in order.
pub(crate) fn leaves(value: &Value) -> Vec<(String, Value)> {
    let mut ahead = vec![(String::new(), value)];
    let mut found = Vec::new();
    while let Some((name, value)) = ahead.pop() {
        let Value::Object(parts) = value else {
            found.push((name, value.clone()));
            continue;
        };
        let dot = if name.is_empty() { "" } else { "." };
        let parts = parts
            .iter()
            .map(|(key, part)| (format!("{name}{dot}{key}"), part));
        // The last of the stack comes first.
        ahead.extend(parts.collect::<Vec<_>>().into_iter().rev());
    }
    found
}

/// Those of some names that somebody may have meant: with few letters different, or equal after the
/// last dot.
pub(crate) fn near(key: &str, names: Vec<String>) -> Vec<String> {
    let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    let apart = |name: &str| {
        let whole = letters_apart(name, key);
        whole.min(letters_apart(&last(name), &last(key)))
    };
    let mut names: Vec<(usize, String)> = names
        .into_iter()
        .map(|name| (apart(&name), name))
        .filter(|(apart, name)| 3 * apart <= last(name).len().max(3))
        .collect();
    names.sort();
    names.truncate(3);
    names.into_iter().map(|(_, name)| name).collect()
}

/// How many letters must be changed, put in or taken out to make one word of the other
/// (Levenshtein 1966).
fn letters_apart(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, other) in b.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *other);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
