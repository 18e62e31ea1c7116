//! What librqbit counts and what a storage counts: its list of files has the pads of the v1 list, ours has not; its pieces
//! run through the torrent, ours begin anew with every file.

use crate::{MirrorError, PackStorage};
use std::ops::Range;

/// The files of a torrent as both sides number them.
pub(super) struct Layout {
    info_hash: String,
    trackers: Vec<String>,
    piece_bytes: u64,
    pieces: usize,
    entries: Vec<Entry>,
    /// The entry of each file.
    files: Vec<usize>,
}

struct Entry {
    /// Which file it is; a pad is none.
    file: Option<usize>,
    bytes: u64,
    pieces: Range<usize>,
    /// Begins with a piece: then its pieces are its own.
    aligned: bool,
}

impl Layout {
    pub(super) fn read(torrent: &[u8]) -> Result<Layout, MirrorError> {
        let unreadable = |e: &dyn std::fmt::Display| {
            MirrorError::swarm(format!(
                "the torrent cannot be read ({e}); fetch it again from its edition"
            ))
        };
        let torrent = librqbit::torrent_from_bytes(torrent).map_err(|e| unreadable(&e))?;
        let info_hash = torrent.info_hash.as_string();
        let trackers =
            torrent.iter_announce().map(|url| String::from_utf8_lossy(url.as_ref()).into_owned());
        let trackers = trackers.collect();
        let info = torrent.info.data.validate().map_err(|e| unreadable(&e))?;
        let piece_bytes = u64::from(info.lengths().default_piece_length());
        let (mut entries, mut files) = (Vec::new(), Vec::new());
        for listed in info.iter_file_details_ext() {
            let file = (!listed.details.attrs().padding).then_some(files.len());
            if file.is_some() {
                files.push(entries.len());
            }
            entries.push(Entry {
                file,
                bytes: listed.details.len,
                pieces: listed.pieces_usize(),
                aligned: listed.offset.is_multiple_of(piece_bytes),
            });
        }
        let pieces = info.lengths().total_pieces() as usize;
        Ok(Layout { info_hash, trackers, piece_bytes, pieces, entries, files })
    }

    /// The v1 info hash in hex.
    pub(super) fn info_hash(&self) -> &str {
        &self.info_hash
    }

    /// The trackers that it names.
    pub(super) fn trackers(&self) -> &[String] {
        &self.trackers
    }

    /// How many files there are.
    pub(super) fn files(&self) -> usize {
        self.files.len()
    }

    /// The file that librqbit calls so, unless it is a pad.
    pub(super) fn file(&self, entry: usize) -> Option<usize> {
        self.entries.get(entry)?.file
    }

    /// What librqbit calls these files.
    pub(super) fn entries(&self, files: &[usize]) -> Vec<usize> {
        files.iter().filter_map(|&file| self.files.get(file).copied()).collect()
    }

    /// The piece of its file that a byte of this entry is in, and how far; `None` in files that share their pieces with others.
    pub(super) fn piece(&self, entry: usize, offset: u64) -> Option<(u64, u64)> {
        let entry = self.entries.get(entry).filter(|entry| entry.aligned)?;
        (offset < entry.bytes).then_some((offset / self.piece_bytes, offset % self.piece_bytes))
    }

    /// Whether a file has no bytes: then there is nothing of it to give or to fetch.
    pub(super) fn is_empty(&self, file: usize) -> bool {
        self.files.get(file).is_none_or(|&entry| self.entries[entry].bytes == 0)
    }

    /// Whether all files can be fetched, each for itself.
    pub(super) fn is_fetchable(&self) -> bool {
        self.entries.iter().all(|entry| entry.aligned || entry.file.is_none() || entry.bytes == 0)
    }

    /// A bit a piece, the highest of a byte first: what is here, as both protocols and librqbit's own notes have it.
    pub(super) fn bitfield(&self, storage: &dyn PackStorage) -> Vec<u8> {
        let mut bits = vec![0u8; self.pieces.div_ceil(8)];
        for piece in 0..self.pieces {
            bits[piece / 8] |= 0x80 >> (piece % 8);
        }
        for entry in &self.entries {
            let Some(file) = entry.file.filter(|&file| entry.bytes > 0 && !storage.is_whole(file))
            else {
                continue;
            };
            for (own, piece) in entry.pieces.clone().enumerate() {
                if !(entry.aligned && storage.has_piece(file, own as u64)) {
                    bits[piece / 8] &= !(0x80 >> (piece % 8));
                }
            }
        }
        bits
    }
}
