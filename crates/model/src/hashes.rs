//! Everything BitTorrent will ever ask about a file's bytes, computed while they first pass by.

use crate::Root;

/// Leaf size of the Merkle tree (BEP 52): 16 KiB.
pub const BLOCK_BYTES: u64 = 16 * 1024;

/// Piece length, archive-wide: 1 MiB. A power of two and a multiple of [`BLOCK_BYTES`].
pub const PIECE_BYTES: u64 = 1024 * 1024;

/// The hashes of one file, enough to write v1, v2 and hybrid torrents that contain it without
/// reading it again. In a hybrid every file starts on a piece boundary (BEP 47 pad files), so the
/// v1 hashes depend on the file alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileHashes {
    /// Length of the file.
    pub bytes: u64,
    /// BEP 52 pieces root; [`Root::EMPTY`] for an empty file.
    pub root: Root,
    /// BEP 52 piece layer: one 32-byte hash a piece, concatenated. Empty when the file is no longer
    /// than one piece, because then the root is the only hash there is.
    pub piece_layer: Vec<u8>,
    /// v1 SHA-1 of each *whole* piece, 20 bytes each, concatenated: `bytes / PIECE_BYTES` of them.
    pub v1_whole: Vec<u8>,
    /// v1 SHA-1 of the rest after the last whole piece as it is (for a single-file torrent);
    /// `None` when there is no rest.
    pub v1_tail: Option<[u8; 20]>,
    /// The same rest padded with zeros to a whole piece (for every file of a multi-file hybrid);
    /// `None` when there is no rest.
    pub v1_tail_padded: Option<[u8; 20]>,
}

impl FileHashes {
    /// How many pieces the file spans, the last one counted even when it is short.
    pub fn pieces(&self) -> u64 {
        self.bytes.div_ceil(PIECE_BYTES)
    }
}
