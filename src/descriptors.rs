//! How many files and sockets this process may have open.

/// Raises the number as far as it may towards `wanted`, and tells what it is then.
pub(crate) fn raise(wanted: u64) -> u64 {
    match rlimit::increase_nofile_limit(wanted) {
        Ok(limit) => limit,
        Err(_) => rlimit::Resource::NOFILE.get_soft().unwrap_or(0),
    }
}
