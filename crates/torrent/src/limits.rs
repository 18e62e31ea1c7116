//! How large a pack may be. Clients refuse large `.torrent` files by
//! default, and people cannot carry a pack larger than a disk; the caps leave room below both.

use deadwax_model::PIECE_BYTES;

/// Most files of a pack.
pub const PACK_FILES: usize = 5_000;

/// Most bytes of a pack's files together, pads not counted.
pub const PACK_BYTES: u64 = 150_000_000_000;

/// Most bytes of a pack's `.torrent` file.
pub const PACK_METAINFO_BYTES: u64 = 9_000_000;

/// Part of [`PACK_METAINFO_BYTES`] kept for what does not come from rows: trackers, web seeds, comment, name.
pub const HEADER_BYTES: u64 = 64 * 1024;

/// What clients take at most by default (libtorrent's `load_torrent_limits::max_buffer_size`).
/// [`crate::hybrid`] refuses to write more and [`crate::metainfo::read`] to read more.
pub const CLIENT_METAINFO_BYTES: usize = 10_000_000;

/// As much of a file as its share of a pack depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackRow {
    /// Length of the file.
    pub bytes: u64,
    /// Bytes of all its path components together, without separators.
    pub path_bytes: usize,
    /// How many components the path has.
    pub components: usize,
}

impl PackRow {
    /// The row of a file.
    pub fn new(bytes: u64, path: &[String]) -> PackRow {
        PackRow { bytes, path_bytes: path.iter().map(String::len).sum(), components: path.len() }
    }

    /// At least as many bytes as the file adds to the metainfo. It is charged its folders as if no other
    /// file shared them, and the ` (2)` that [`crate::names::unique`] may add to its name.
    pub fn metainfo_bytes(&self) -> u64 {
        // v1: d6:lengthi..e4:pathl..ee; pad: d4:attr1:p6:lengthi..e4:pathl4:.pad7:1048575ee
        const V1: u64 = 40 + 51;
        // v2: d0:d6:lengthi..e11:pieces root32:..ee; the key and length of the piece layer
        const V2: u64 = 85 + 45;
        const SUFFIX: u64 = 2 * 8;
        const ORDER: u64 = 4;
        // "240:" in both lists, d and e around a folder
        let path = 2 * self.path_bytes as u64 + 10 * self.components as u64;
        let pieces = self.bytes.div_ceil(PIECE_BYTES) * (20 + 32);
        V1 + V2 + SUFFIX + ORDER + path + pieces
    }
}
