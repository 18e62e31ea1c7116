//! Torrents that know no roots: a file of the length of one of ours is ours when all pieces that lie within it are. Pieces may be
//! of any length and start anywhere, so besides the stored hashes our own bytes are read where these are at hand.

use super::items::Item;
use super::{Certainty, Match, word_of};
use crate::original::restore_into;
use crate::{Archive, ArchiveError, Run};
use deadwax_catalog::{KnownFile, KnownKind};
use deadwax_model::{FileHashes, PIECE_BYTES};
use deadwax_torrent::foreign::{Foreign, ForeignFile};
use sha1::{Digest, Sha1};
use std::fs::File;
use std::io::{self, Write};

/// What comparing a file of a torrent with one of ours came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Same,
    Other,
    /// No piece lies within it, or our bytes are not at hand.
    Unknown,
}

const UNKNOWN: &str = "it is as long as a file of this archive, and whether it is that one cannot be told: the torrent has no roots, \
                       and none of its pieces lies within the file, or this archive has not kept the bytes";

impl Archive {
    pub(super) fn match_pieces(
        &self,
        run: &Run<'_>,
        items: &mut [Item],
        known: &[KnownFile],
    ) -> Result<(), ArchiveError> {
        for item in items.iter_mut().filter(|item| item.root.is_none() && item.bytes > 0) {
            let Some((torrent, file)) = item.torrent.clone() else { continue };
            let bytes = item.bytes;
            for ours in known.iter().filter(|ours| ours.bytes == bytes) {
                run.go_on()?;
                match self.compare_pieces(&torrent, &file, ours)? {
                    Outcome::Same => {
                        let id = Some(ours.recording.clone());
                        item.add(Match::of(Certainty::Pieces, word_of(ours.kind), id));
                    }
                    Outcome::Other => {}
                    Outcome::Unknown => item.untold = Some(UNKNOWN.to_owned()),
                }
            }
        }
        Ok(())
    }

    fn compare_pieces(
        &self,
        torrent: &Foreign,
        file: &ForeignFile,
        ours: &KnownFile,
    ) -> Result<Outcome, ArchiveError> {
        let Some(starts_at) = file.starts_at else { return Ok(Outcome::Unknown) };
        if let Some(hashes) = self.catalog.file(&ours.root)? {
            let by_rows = by_rows(torrent, file, starts_at, &hashes);
            if by_rows != Outcome::Unknown {
                return Ok(by_rows);
            }
        }
        let mut check = PieceCheck::new(torrent, starts_at, ours.bytes);
        let were_read = self.read_into(ours, &mut check)?;
        Ok(match (check.differs, were_read && check.compared > 0) {
            (true, _) => Outcome::Other,
            (false, true) => Outcome::Same,
            (false, false) => Outcome::Unknown,
        })
    }

    /// Writes our bytes of a file, from wherever they are; whether there were any.
    fn read_into(&self, ours: &KnownFile, out: &mut PieceCheck<'_>) -> Result<bool, ArchiveError> {
        if let Ok(mut held) = self.store.read(&ours.root) {
            return Ok(io::copy(&mut held, out).is_ok());
        }
        if ours.kind != KnownKind::Original {
            return Ok(false);
        }
        for path in self.catalog.paths_of(&ours.root)? {
            let is_as_long = path.metadata().is_ok_and(|there| there.len() == ours.bytes);
            if let (true, Ok(mut file)) = (is_as_long, File::open(&path)) {
                return Ok(io::copy(&mut file, out).is_ok());
            }
        }
        let recording = self.catalog.recording_alone(&ours.recording)?;
        Ok(recording.is_some_and(|it| restore_into(&self.store, &it, out).is_ok()))
    }
}

/// By the stored hashes of pieces of 1 MiB, where the torrent's are as long and the file starts with one.
fn by_rows(torrent: &Foreign, file: &ForeignFile, starts_at: u64, ours: &FileHashes) -> Outcome {
    if torrent.piece_bytes != PIECE_BYTES || !starts_at.is_multiple_of(PIECE_BYTES) {
        return Outcome::Unknown;
    }
    let (first, whole) = ((starts_at / PIECE_BYTES) as usize, (ours.bytes / PIECE_BYTES) as usize);
    let piece = |place: usize| torrent.v1_pieces.get(place * 20..place * 20 + 20);
    let rest = ours.bytes % PIECE_BYTES;
    let tail = match starts_at + ours.bytes == torrent.v1_bytes {
        true => ours.v1_tail,
        false if rest + file.pad_bytes == PIECE_BYTES => ours.v1_tail_padded,
        false => None,
    };
    let tail = tail.filter(|_| rest > 0);
    let wanted = ours.v1_whole.chunks(20).chain(tail.as_ref().map(|tail| tail.as_slice()));
    let mut compared = 0;
    for (place, wanted) in wanted.enumerate() {
        match piece(first + place) {
            Some(piece) if piece == wanted => compared += 1,
            Some(_) => return Outcome::Other,
            None => return Outcome::Unknown,
        }
    }
    match compared >= whole.max(1) {
        true => Outcome::Same,
        false => Outcome::Unknown,
    }
}

/// Takes the bytes of a file as they come, and compares every piece of the torrent that lies within it.
struct PieceCheck<'t> {
    torrent: &'t Foreign,
    /// Where the file starts and ends in what pieces are cut from.
    start: u64,
    end: u64,
    at: u64,
    hasher: Sha1,
    compared: u64,
    differs: bool,
}

impl<'t> PieceCheck<'t> {
    fn new(torrent: &'t Foreign, start: u64, bytes: u64) -> PieceCheck<'t> {
        let end = start.saturating_add(bytes);
        let hasher = Sha1::new();
        PieceCheck { torrent, start, end, at: start, hasher, compared: 0, differs: false }
    }
}

impl Write for PieceCheck<'_> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let piece_bytes = self.torrent.piece_bytes;
        let number = self.at / piece_bytes;
        let first = number * piece_bytes;
        let last = first.saturating_add(piece_bytes).min(self.torrent.v1_bytes);
        let left = usize::try_from(last.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let data = &data[..data.len().min(left)];
        if data.is_empty() {
            return Err(io::Error::other("the file is longer than the torrent says"));
        }
        let is_within = first >= self.start && last <= self.end;
        if is_within {
            self.hasher.update(data);
        }
        self.at += data.len() as u64;
        if is_within && self.at == last {
            let found = self.hasher.finalize_reset();
            let place = usize::try_from(number).unwrap_or(usize::MAX).saturating_mul(20);
            let wanted = self.torrent.v1_pieces.get(place..place.saturating_add(20));
            match wanted {
                Some(wanted) if wanted == found.as_slice() => self.compared += 1,
                Some(_) => {
                    self.differs = true;
                    return Err(io::Error::other("it is another file"));
                }
                None => return Err(io::Error::other("the torrent has no such piece")),
            }
        }
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
