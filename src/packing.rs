//! A message as it travels: zstd, or bare where that is shorter.

use std::cell::RefCell;

use bytes::Bytes;
use zstd::bulk::Compressor;

/// What phones can afford, and little is gained beyond: the compressor's own default.
const LEVEL: i32 = 3;

thread_local! {
    /// One compressor a thread: its tables are larger than a hundred phones.
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = RefCell::new(Compressor::new(LEVEL).ok());
}

/// The bytes, packed if that makes them fewer.
pub(crate) fn packed(bytes: Vec<u8>) -> Bytes {
    let packed = COMPRESSOR.with_borrow_mut(|it| it.as_mut()?.compress(&bytes).ok());
    match packed {
        Some(packed) if packed.len() < bytes.len() => packed.into(),
        _ => bytes.into(),
    }
}
