//! How large a pack may be, and where to cut the list. Clients refuse large `.torrent` files by
//! default, and people cannot carry a pack larger than a disk; the caps leave room below both.

use crate::TorrentError;
use deadwax_model::PIECE_BYTES;
use std::ops::Range;

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

/// Cuts the list, in the order given, into contiguous ranges that each keep the caps, every range as long
/// as it can be. An empty list gives no ranges.
///
/// # Errors
/// [`TorrentError::FileTooLarge`] for the first file that is over the caps alone.
pub fn split(rows: &[PackRow]) -> Result<Vec<Range<usize>>, TorrentError> {
    let mut ranges = Vec::new();
    let mut start = 0;
    let (mut bytes, mut metainfo) = (0, HEADER_BYTES);
    for (index, row) in rows.iter().enumerate() {
        let row_metainfo = row.metainfo_bytes();
        if row.bytes > PACK_BYTES || HEADER_BYTES + row_metainfo > PACK_METAINFO_BYTES {
            return Err(TorrentError::FileTooLarge { index, bytes: row.bytes });
        }
        let full = index - start == PACK_FILES
            || bytes + row.bytes > PACK_BYTES
            || metainfo + row_metainfo > PACK_METAINFO_BYTES;
        if full {
            ranges.push(start..index);
            start = index;
            (bytes, metainfo) = (0, HEADER_BYTES);
        }
        bytes += row.bytes;
        metainfo += row_metainfo;
    }
    if start < rows.len() {
        ranges.push(start..rows.len());
    }
    Ok(ranges)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn row(bytes: u64) -> PackRow {
        PackRow { bytes, path_bytes: 60, components: 3 }
    }

    #[test]
    fn cuts_at_each_cap() {
        assert_eq!(split(&[]), Ok(vec![]));
        assert_eq!(
            split(&vec![row(5_000_000); 10_001]),
            Ok(vec![0..5000, 5000..10_000, 10_000..10_001])
        );
        assert_eq!(split(&[row(PACK_BYTES), row(1), row(0)]), Ok(vec![0..1, 1..3]));
        let long = PackRow { bytes: 1, path_bytes: 2_000, components: 9 };
        let ranges = split(&vec![long; 5_000]).unwrap();
        assert_eq!(ranges.len(), 3);
        let error = split(&[row(1), row(PACK_BYTES + 1)]).unwrap_err();
        assert_eq!(error, TorrentError::FileTooLarge { index: 1, bytes: PACK_BYTES + 1 });
        assert!(split(&[row(u64::MAX)]).is_err());
    }

    proptest! {
        #[test]
        fn ranges_are_the_list_keep_the_caps_and_are_as_long_as_can_be(
            rows in prop::collection::vec(
                (0..PACK_BYTES / 2, 1..700usize, 1..5usize)
                    .prop_map(|(bytes, path_bytes, components)| PackRow { bytes, path_bytes, components }),
                0..60,
            )
        ) {
            let ranges = split(&rows).unwrap();
            let keeps = |range: Range<usize>| {
                let rows = &rows[range];
                rows.len() <= PACK_FILES
                    && rows.iter().map(|row| row.bytes).sum::<u64>() <= PACK_BYTES
                    && rows.iter().map(PackRow::metainfo_bytes).sum::<u64>() + HEADER_BYTES <= PACK_METAINFO_BYTES
            };
            let mut next = 0;
            for range in ranges {
                prop_assert_eq!(range.start, next);
                prop_assert!(range.start < range.end && keeps(range.clone()));
                prop_assert!(range.end == rows.len() || !keeps(range.start..range.end + 1));
                next = range.end;
            }
            prop_assert_eq!(next, rows.len());
        }
    }
}
