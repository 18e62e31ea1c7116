//! Packs: what may leave, as folders of hard links and torrents made from rows.
//!
//! What a pack holds, what it is called and where its files lie follows from the files alone, so that a pack of the same files
//! is the same torrent in the next edition (docs/formats/edition.md, "packs").
//!
//! What can be put into a pack is a [`Packed`] thing, and each is made out of the leave for it, by value: a recording or a
//! cover for which nobody decided cannot be put into a pack, because the call does not compile.

use super::catalog_file::CatalogFile;
use crate::{EditionError, EditionInfo, Listed, PackStage, TorrentEntry};
use deadwax_model::{FileHashes, Problem, Root};
use deadwax_rights::Cleared;
use deadwax_store::{Store, write_file};
use deadwax_torrent::limits::PackRow;
use deadwax_torrent::names::{TrackName, component, track_path};
use deadwax_torrent::{
    Cutter, EntryKind, PackFile, PackNames, PackOptions, PackSize, hybrid, places,
};
use std::path::{Path, PathBuf};

/// Longest part of the archive's title in a pack's name, in bytes.
const TITLE_BYTES: usize = 120;

/// Of how many entries it is remembered where they went: the covers that the report page shows.
pub(crate) const SHOWN: usize = 12;

/// Something that is in a pack, with the leave to put it there.
pub(crate) trait Packed {
    /// The stage that it is of, as the catalogue calls it.
    const STAGE: PackStage;
    /// What stands behind the title in the names of its packs.
    const MARK: &'static str = "";
    /// Whether it is a file, or a folder of its own with its files in it.
    const KIND: EntryKind = EntryKind::File;

    /// Notes in which pack it is, and where.
    fn record(&self, catalog: &CatalogFile, pack: u32, path: &str) -> rusqlite::Result<()>;
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

    fn record(&self, catalog: &CatalogFile, pack: u32, path: &str) -> rusqlite::Result<()> {
        catalog.insert_packed(self.rank, pack, path)
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

    fn record(&self, catalog: &CatalogFile, pack: u32, path: &str) -> rusqlite::Result<()> {
        catalog.insert_packed_patch(self.rank, pack, path, &self.root, self.bytes)
    }
}

/// What goes into a pack together, at one place.
pub(crate) struct Entry<P> {
    pub(crate) packed: P,
    pub(crate) rank: u32,
    /// Of the recording, when it is audio and somebody counted.
    pub(crate) listens: Option<u64>,
    /// Of the file, or of the folder; made safe, and not yet unique.
    pub(crate) path: Vec<String>,
    /// The one file, without a name of its own; or what is in the folder.
    pub(crate) files: Vec<(&'static str, FileHashes)>,
}

impl<P: Packed> Entry<P> {
    fn size(&self) -> PackSize {
        PackSize::of(self.files.iter().map(|(name, hashes)| {
            let mut row = PackRow::new(hashes.bytes, &self.path);
            row.path_bytes += name.len();
            row.components += usize::from(P::KIND == EntryKind::Folder);
            row
        }))
    }

    /// Of its first file.
    fn root(&self) -> Root {
        self.files.first().map_or(Root::EMPTY, |(_, hashes)| hashes.root)
    }
}

/// Packs of one stage being written; holds one pack's rows at a time.
pub(crate) struct PackWriter<'s, P> {
    folder: PathBuf,
    names: PackNames,
    store: &'s Store,
    options: PackOptions,
    cutter: Cutter<Entry<P>>,
    done: Vec<TorrentEntry>,
    /// Where the first entries went: paths in the edition.
    shown: Vec<String>,
    problems: Vec<Problem>,
}

impl<'s, P: Packed> PackWriter<'s, P> {
    /// `folder` is there.
    pub(crate) fn new(
        folder: &Path,
        info: &EditionInfo,
        store: &'s Store,
        options: PackOptions,
    ) -> PackWriter<'s, P> {
        PackWriter {
            folder: folder.to_path_buf(),
            names: PackNames::new(format!("{}{}", component(&info.title, TITLE_BYTES), P::MARK)),
            store,
            options,
            cutter: Cutter::default(),
            done: Vec::new(),
            shown: Vec::new(),
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
        catalog: &mut CatalogFile,
    ) -> Result<(), EditionError> {
        let (size, root) = (entry.size(), entry.root());
        for pack in self.cutter.push(entry, size, root) {
            self.write_pack(pack, catalog)?;
        }
        Ok(())
    }

    pub(crate) fn finish(mut self, catalog: &mut CatalogFile) -> Result<Packs, EditionError> {
        let last = std::mem::take(&mut self.cutter).finish();
        self.write_pack(last, catalog)?;
        Ok(Packs { packs: self.done, shown: self.shown, problems: self.problems })
    }

    fn write_pack(
        &mut self,
        mut entries: Vec<Entry<P>>,
        catalog: &mut CatalogFile,
    ) -> Result<(), EditionError> {
        let ranks = || entries.iter().map(|entry| entry.rank);
        let (Some(first_rank), Some(last_rank)) = (ranks().min(), ranks().max()) else {
            return Ok(());
        };
        let wanted =
            entries.iter_mut().map(|entry| (std::mem::take(&mut entry.path), entry.root()));
        let paths = places(wanted.collect(), P::KIND);
        let mut rows = Vec::with_capacity(entries.len());
        for (entry, path) in entries.iter().zip(&paths) {
            for (file, hashes) in &entry.files {
                let mut path = path.clone();
                path.extend((P::KIND == EntryKind::Folder).then(|| (*file).to_owned()));
                rows.push(PackFile { path, hashes });
            }
        }
        let name = self.names.name(&rows);
        let metainfo = hybrid(&name, &rows, &self.options)
            .map_err(|source| EditionError::Torrent { pack: name.clone(), source })?;
        for row in &rows {
            let mut target = self.folder.join(&name);
            target.extend(&row.path);
            self.store.link(&row.hashes.root, &target)?;
        }
        write_file(&self.folder.join(format!("{name}.torrent")), &metainfo.bytes)?;
        if let Some(twin) = &metainfo.v1_twin {
            write_file(&self.folder.join(format!("{name}.v1.torrent")), &twin.bytes)?;
        }
        let twin = metainfo.v1_twin.as_ref();
        let pack = TorrentEntry {
            stage: P::STAGE,
            torrent: format!("packs/{name}.torrent"),
            torrent_bytes: metainfo.bytes.len() as u64,
            v1_twin: twin.map(|_| format!("packs/{name}.v1.torrent")),
            folder: format!("packs/{name}"),
            name,
            first_rank,
            last_rank,
            files: rows.len() as u64,
            bytes: rows.iter().map(|row| row.hashes.bytes).sum(),
            listens: entries.iter().filter_map(|entry| entry.listens).reduce(u64::saturating_add),
            coverage: None,
            infohash_v1: hex::encode(metainfo.infohash_v1),
            infohash_v2: hex::encode(metainfo.infohash_v2),
            twin_infohash: twin.map(|twin| hex::encode(twin.infohash)),
            magnet: metainfo.magnet,
        };
        let hashes = (metainfo.infohash_v1.as_slice(), metainfo.infohash_v2.as_slice());
        let number = catalog.push_pack(&pack, hashes)?;
        for (entry, path) in entries.iter().zip(&paths) {
            let path = path.join("/");
            catalog.record(&entry.packed, number, &path)?;
            if self.shown.len() < SHOWN {
                self.shown.push(format!("{}/{path}", pack.folder));
            }
        }
        self.done.push(pack);
        Ok(())
    }
}

/// The finished packs of a stage.
#[derive(Default)]
pub(crate) struct Packs {
    pub(crate) packs: Vec<TorrentEntry>,
    /// Paths of the first entries in the edition.
    pub(crate) shown: Vec<String>,
    /// What could be in no pack.
    pub(crate) problems: Vec<Problem>,
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
