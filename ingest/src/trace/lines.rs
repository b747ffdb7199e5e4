//! The lines of a stream, however long they are, in bounded memory.

use std::io::{self, BufRead};

/// Reads line by line. A line that is too long is skipped, but counted.
pub(super) struct Lines<R> {
    input: R,
    line: Vec<u8>,
    number: u64,
    max_bytes: usize,
    ended: bool,
}

/// One line.
#[derive(Debug, PartialEq)]
pub(super) enum Line<'a> {
    /// Its bytes, without the line's end.
    Whole(&'a [u8]),
    /// It is longer than a line may be.
    TooLong,
}

impl<R: BufRead> Lines<R> {
    /// The lines of `input`, of at most `max_bytes` each.
    pub(super) fn new(input: R, max_bytes: usize) -> Self {
        Self {
            input,
            line: Vec::new(),
            number: 0,
            max_bytes,
            ended: false,
        }
    }

    /// The number of the line that came last, from 1.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// The next line, if there is one. A line that a failing stream has cut is not given out: half
    /// of `12.345` is a number too. After a failure there are no more lines.
    pub(super) fn next(&mut self) -> Option<io::Result<Line<'_>>> {
        if self.ended {
            return None;
        }
        self.line.clear();
        self.number += 1;
        match self.fill() {
            Err(error) => {
                self.ended = true;
                Some(Err(error))
            }
            Ok(0) => {
                self.ended = true;
                None
            }
            Ok(length) if length > self.max_bytes => Some(Ok(Line::TooLong)),
            Ok(_) => Some(Ok(Line::Whole(trimmed(&self.line, self.number)))),
        }
    }

    /// Reads up to the end of the line; how many bytes it had. Keeps no more of them than may be.
    fn fill(&mut self) -> io::Result<usize> {
        let mut length = 0;
        loop {
            let bytes = match self.input.fill_buf() {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let end = bytes.iter().position(|&byte| byte == b'\n');
            let taken = end.map_or(bytes.len(), |end| end + 1);
            let room = (self.max_bytes + 1).saturating_sub(self.line.len());
            self.line.extend_from_slice(&bytes[..taken.min(room)]);
            self.input.consume(taken);
            length += taken;
            if end.is_some() || taken == 0 {
                return Ok(length);
            }
        }
    }
}

/// Without the line's end, and the first line without a byte order mark.
fn trimmed(line: &[u8], number: u64) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    match number {
        1 => line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line),
        _ => line,
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Read};

    use super::*;

    /// What the lines are, `None` for one that is too long.
    fn check(text: impl Read, expected: &[Option<&str>]) {
        // A buffer of three bytes: every line is met in pieces.
        let mut lines = Lines::new(BufReader::with_capacity(3, text), 8);
        let mut seen = Vec::new();
        while let Some(line) = lines.next() {
            seen.push(match line.expect("readable") {
                Line::Whole(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
                Line::TooLong => None,
            });
        }
        assert_eq!(
            seen.iter().map(Option::as_deref).collect::<Vec<_>>(),
            expected
        );
    }

    #[test]
    fn lines_end_as_any_system_ends_them() {
        check(
            "a\nbc\r\n\nd".as_bytes(),
            &[Some("a"), Some("bc"), Some(""), Some("d")],
        );
        check("\u{feff}t,ax\n".as_bytes(), &[Some("t,ax")]);
        check("".as_bytes(), &[]);
    }

    #[test]
    fn a_line_of_ten_megabytes_is_counted_and_not_kept() {
        let long = std::io::repeat(b'x').take(10_000_000);
        let text = "a\n".as_bytes().chain(long).chain("\nb\n".as_bytes());
        let mut lines = Lines::new(BufReader::new(text), 8);
        assert!(matches!(lines.next(), Some(Ok(Line::Whole(b"a")))));
        assert!(matches!(lines.next(), Some(Ok(Line::TooLong))));
        assert!(matches!(lines.next(), Some(Ok(Line::Whole(b"b")))));
        assert_eq!((lines.number(), lines.line.capacity() < 100), (3, true));
    }
}
