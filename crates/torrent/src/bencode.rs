//! Bencode (BEP 3), as little of it as torrents need: a writer that appends to a buffer, and a
//! bounded reader for bytes from anywhere.

mod read;

pub use read::BencodeError;
pub(crate) use read::{Entry, Value, read, read_foreign};
use std::io::Write;

/// Appends a byte string.
pub(crate) fn bytes(out: &mut Vec<u8>, value: &[u8]) {
    bytes_in_parts(out, value.len(), [value]);
}

/// Appends a byte string of `length` bytes that lies in parts.
pub(crate) fn bytes_in_parts<'a>(
    out: &mut Vec<u8>,
    length: usize,
    parts: impl IntoIterator<Item = &'a [u8]>,
) {
    let _ = write!(out, "{length}:"); // writing to a Vec cannot fail
    parts.into_iter().for_each(|part| out.extend_from_slice(part));
}

/// Appends a text.
pub(crate) fn text(out: &mut Vec<u8>, value: &str) {
    bytes(out, value.as_bytes());
}

/// Appends an integer.
pub(crate) fn int(out: &mut Vec<u8>, value: impl Into<i128>) {
    let _ = write!(out, "i{}e", value.into());
}

/// Appends a list or dictionary of what `inside` appends; `open` is `b'l'` or `b'd'`.
/// The keys of a dictionary are the caller's to sort.
pub(crate) fn group(out: &mut Vec<u8>, open: u8, inside: impl FnOnce(&mut Vec<u8>)) {
    out.push(open);
    inside(out);
    out.push(b'e');
}
