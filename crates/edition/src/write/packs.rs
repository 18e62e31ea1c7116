//! Packs: what may leave, as folders of hard links and torrents made from rows.
//!
//! What a pack holds, what it is called and where its files lie follows from the files alone, so that a pack of the same files
//! is the same torrent in the next edition (docs/formats/edition.md, "packs").
//!
//! What can be put into a pack is a [`Packed`] thing, and each is made out of the leave for it, by value: a recording or a
//! cover for which nobody decided cannot be put into a pack, because the call does not compile.

use super::artwork::CoverKey;
use super::catalog_rows::{CatalogRows, PackRows};
use super::pack_job::{PackJob, PackPlace, Unplaced};
use crate::{EditionError, Listed, PackStage};
use deadwax_model::{FileHashes, Problem, Root};
use deadwax_rights::Cleared;
use deadwax_torrent::limits::PackRow;
use deadwax_torrent::names::{TrackName, component, track_path};
use deadwax_torrent::{Cutter, EntryKind, PackNames, PackSize};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};

/// Longest part of the archive's title in a pack's name, in bytes.
const TITLE_BYTES: usize = 120;

/// Something that is in a pack, with the leave to put it there.
pub(crate) trait Packed {
    /// The stage that it is of, as the catalogue calls it.
    const STAGE: PackStage;
    /// What stands behind the title in the names of its packs.
    const MARK: &'static str = "";
    /// Whether it is a file, or a folder of its own with its files in it.
    const KIND: EntryKind = EntryKind::File;

    /// What the catalogue notes of it.
    fn row(self) -> PackedRow;
}

/// What the catalogue notes of something in a pack, beside the pack and the path.
pub(crate) enum PackedRow {
    Audio {
        rank: u32,
    },
    Patch {
        rank: u32,
        root: Root,
        bytes: u64,
    },
    Cover {
        key: CoverKey,
        picture: u32,
        /// The name of the picture itself among the files.
        name: &'static str,
    },
}

/// A recording's holding.
pub(crate) struct PackedAudio {
    _leave: Cleared,
    rank: u32,
}

impl PackedAudio {
    pub(crate) fn new(leave: Cleared, listed: &Listed) -> PackedAudio {
        PackedAudio { _leave: leave, rank: listed.rank.get() }
    }
}

impl Packed for PackedAudio {
    const STAGE: PackStage = PackStage::Audio;

    fn row(self) -> PackedRow {
        PackedRow::Audio { rank: self.rank }
    }
}

/// The patch that gives a recording's original back.
pub(crate) struct PackedPatch {
    _leave: Cleared,
    rank: u32,
    root: Root,
    bytes: u64,
}

impl PackedPatch {
    pub(crate) fn new(leave: Cleared, listed: &Listed, patch: &FileHashes) -> PackedPatch {
        let rank = listed.rank.get();
        PackedPatch { _leave: leave, rank, root: patch.root, bytes: patch.bytes }
    }
}

impl Packed for PackedPatch {
    const STAGE: PackStage = PackStage::Patches;
    const MARK: &'static str = " patches";

    fn row(self) -> PackedRow {
        PackedRow::Patch { rank: self.rank, root: self.root, bytes: self.bytes }
    }
}

/// What goes into a pack together, at one place.
pub(crate) struct Entry<P> {
    pub(crate) packed: P,
    pub(crate) rank: u32,
    /// Of the recording, when it is audio and somebody counted.
    pub(crate) listens: Option<u64>,
    pub(crate) unplaced: Unplaced,
}

impl<P: Packed> Entry<P> {
    fn size(&self) -> PackSize {
        PackSize::of(self.unplaced.files.iter().map(|(name, hashes)| {
            let mut row = PackRow::new(hashes.bytes, &self.unplaced.path);
            row.path_bytes += name.len();
            row.components += usize::from(P::KIND == EntryKind::Folder);
            row
        }))
    }
}

/// Packs of one stage being cut; holds one pack's entries at a time.
pub(crate) struct PackWriter<P> {
    place: Arc<PackPlace>,
    cutter: Cutter<Entry<P>>,
    /// The names, when the pack before has its own.
    names: Receiver<PackNames>,
    problems: Vec<Problem>,
}

impl<P: Packed> PackWriter<P> {
    /// `title` is that of the archive.
    pub(crate) fn new(place: &Arc<PackPlace>, title: &str) -> PackWriter<P> {
        let names = PackNames::new(format!("{}{}", component(title, TITLE_BYTES), P::MARK));
        PackWriter {
            place: Arc::clone(place),
            cutter: Cutter::default(),
            names: there(names),
            problems: Vec::new(),
        }
    }

    /// Whether a file can be in a pack. One that is too large for any is noted as a problem of `of`.
    pub(crate) fn fits(&mut self, of: &str, path: &[String], hashes: &FileHashes) -> bool {
        let fits = PackSize::of([PackRow::new(hashes.bytes, path)]).fits();
        if !fits {
            self.problems.push(Problem {
                path: of.to_owned(),
                what: format!("its file has {} bytes, more than a pack may hold.", hashes.bytes),
                next: "It is in the list and in no pack; keep it at a smaller tier.".to_owned(),
            });
        }
        fits
    }

    /// Adds an entry behind the last one.
    pub(crate) fn push(
        &mut self,
        entry: Entry<P>,
        rows: &mut CatalogRows,
    ) -> Result<(), EditionError> {
        let (size, root) = (entry.size(), entry.unplaced.root());
        for pack in self.cutter.push(entry, size, root) {
            self.write_pack(pack, rows)?;
        }
        Ok(())
    }

    /// The last pack; gives what could be in none.
    pub(crate) fn finish(mut self, rows: &mut CatalogRows) -> Result<Vec<Problem>, EditionError> {
        let last = std::mem::take(&mut self.cutter).finish();
        self.write_pack(last, rows)?;
        Ok(self.problems)
    }

    fn write_pack(
        &mut self,
        entries: Vec<Entry<P>>,
        rows: &mut CatalogRows,
    ) -> Result<(), EditionError> {
        let ranks = || entries.iter().map(|entry| entry.rank);
        let (Some(first_rank), Some(last_rank)) = (ranks().min(), ranks().max()) else {
            return Ok(());
        };
        let listens = entries.iter().filter_map(|entry| entry.listens);
        let listens = listens.reduce(u64::saturating_add);
        let (packed, entries) =
            entries.into_iter().map(|entry| (entry.packed.row(), entry.unplaced)).unzip();
        let (names_next, next) = sync_channel(1);
        let names = std::mem::replace(&mut self.names, next);
        let place = Arc::clone(&self.place);
        let job = PackJob { kind: P::KIND, entries, place, names, names_next };
        let pack = PackRows { stage: P::STAGE, first_rank, last_rank, listens, packed };
        rows.push_pack(pack, job)
    }
}

/// What is there already, for who waits for it.
fn there<T>(what: T) -> Receiver<T> {
    let (sender, receiver) = sync_channel(1);
    let _ = sender.send(what); // there is room, and the receiver is here
    receiver
}

/// `Artist/Year Release/NN Title.ext`, before it is made unique.
pub(crate) fn path_of(listed: &Listed, extension: &str) -> Vec<String> {
    let track = listed.tracks.first();
    let recording_artist = match listed.artist_credit.as_str() {
        "" => listed.artists.first().map(String::as_str),
        credit => Some(credit),
    };
    track_path(&TrackName {
        artist: track.and_then(|track| track.release_artist.as_deref()).or(recording_artist),
        year: track.and_then(|track| track.year()),
        release: track.map(|track| track.release_title.as_str()),
        disc: track.and_then(|track| track.disc),
        discs: track.and_then(|track| track.discs),
        position: track.and_then(|track| track.position),
        title: Some(&listed.title),
        extension,
    })
}

/// The ending of a holding's name.
pub(crate) fn extension_of(listed: &Listed) -> &str {
    listed.extension.as_deref().or(listed.container.as_deref()).unwrap_or("bin")
}
