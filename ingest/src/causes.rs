//! An error and what caused it, in one line: for logs, and for whoever asks how things stand.

use std::error::Error;

/// What went wrong, and why, and why that.
///
/// ```
/// use std::io::{Error, ErrorKind};
///
/// let error = Error::new(ErrorKind::Other, Error::from(ErrorKind::NotFound));
/// assert_eq!(ingest::causes::in_one_line(&error), "entity not found");
/// ```
pub fn in_one_line(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        // Some repeat their cause.
        if !line.ends_with(&text) {
            line = format!("{line}: {text}");
        }
        cause = error.source();
    }
    line
}
