//! One value of a row, whatever format it came in.

/// A value as a format tells it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Cell<'a> {
    /// Not known.
    Null,
    /// Wide enough for every integer type of Parquet.
    Int(i128),
    /// Not checked for UTF-8.
    Text(&'a [u8]),
    /// Something that no column holds, as its file writes it.
    Other(&'a str),
}

impl Cell<'_> {
    pub(super) fn text_bytes(&self) -> usize {
        match self {
            Cell::Text(text) => text.len(),
            Cell::Null | Cell::Int(_) | Cell::Other(_) => 0,
        }
    }
}
