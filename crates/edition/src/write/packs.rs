//! Packs: what may leave, as folders of hard links and torrents made from rows.
//!
//! What can be put into a pack is a [`Packed`] thing, and each is made out of the leave for it, by value: a recording or a
//! cover for which nobody decided cannot be put into a pack, because the call does not compile.

use super::catalog_file::CatalogFile;
use crate::{EditionError, EditionInfo, Listed, PackSummary};
use deadwax_model::{FileHashes, Problem, Root};
use deadwax_rights::Cleared;
use deadwax_store::{Store, write_file};
use deadwax_torrent::limits::{HEADER_BYTES, PACK_BYTES, PACK_FILES, PACK_METAINFO_BYTES, PackRow};
use deadwax_torrent::names::{TrackName, component, track_path, unique, unique_folders};
use deadwax_torrent::{PackFile, PackOptions, hybrid};
use std::path::{Path, PathBuf};

/// Longest part of the archive's title in a pack's name, in bytes.
const TITLE_BYTES: usize = 120;

/// Of how many entries it is remembered where they went: the covers that the report page shows.
pub(crate) const SHOWN: usize = 12;

/// Something that is in a pack, with the leave to put it there.
pub(crate) trait Packed {
    /// The stage that it is of, as the catalogue calls it.
    const STAGE: &'static str;
    /// What stands before the ranks in the names of its packs.
    const MARK: &'static str = "";
    /// Whether it is a folder of its own with its files in it, and not a file.
    const IS_FOLDER: bool = false;

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
    const STAGE: &'static str = "audio";

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
    const STAGE: &'static str = "patches";
    const MARK: &'static str = " patches";

    fn record(&self, catalog: &CatalogFile, pack: u32, path: &str) -> rusqlite::Result<()> {
        catalog.insert_packed_patch(self.rank, pack, path, &self.root, self.bytes)
    }
}

/// What goes into a pack together, at one place.
pub(crate) struct Entry<P> {
    pub(crate) packed: P,
    /// By its rank packs are cut and named.
    pub(crate) rank: u32,
    /// Of the file, or of the folder; made safe, and not yet unique.
    pub(crate) path: Vec<String>,
    /// The one file, without a name of its own; or what is in the folder.
    pub(crate) files: Vec<(&'static str, FileHashes)>,
}

impl<P: Packed> Entry<P> {
    /// The rows of its files.
    fn rows(&self) -> impl Iterator<Item = PackRow> {
        self.files.iter().map(|(name, hashes)| {
            let mut row = PackRow::new(hashes.bytes, &self.path);
            row.path_bytes += name.len();
            row.components += usize::from(P::IS_FOLDER);
            row
        })
    }

    fn bytes(&self) -> u64 {
        self.rows().map(|row| row.bytes).sum()
    }

    fn metainfo_bytes(&self) -> u64 {
        self.rows().map(|row| row.metainfo_bytes()).sum()
    }
}

/// Packs of one stage being written; holds one pack's rows at a time.
pub(crate) struct PackWriter<'s, P> {
    folder: PathBuf,
    /// What every pack's name starts with.
    prefix: String,
    store: &'s Store,
    options: PackOptions,
    entries: Vec<Entry<P>>,
    files: usize,
    bytes: u64,
    metainfo_bytes: u64,
    done: Vec<PackSummary>,
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
            prefix: format!("{} {}{}", component(&info.title, TITLE_BYTES), info.date, P::MARK),
            store,
            options,
            entries: Vec::new(),
            files: 0,
            bytes: 0,
            metainfo_bytes: HEADER_BYTES,
            done: Vec::new(),
            shown: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// Whether a file can be in a pack. One that is too large for any is noted as a problem of `of`.
    pub(crate) fn fits(&mut self, of: &str, path: &[String], hashes: &FileHashes) -> bool {
        let row = PackRow::new(hashes.bytes, path);
        let fits =
            row.bytes <= PACK_BYTES && row.metainfo_bytes() + HEADER_BYTES <= PACK_METAINFO_BYTES;
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
        let (bytes, metainfo_bytes) = (entry.bytes(), entry.metainfo_bytes());
        let full = self.files + entry.files.len() > PACK_FILES
            || self.bytes + bytes > PACK_BYTES
            || self.metainfo_bytes + metainfo_bytes > PACK_METAINFO_BYTES;
        if full {
            self.write_pack(catalog)?;
        }
        self.files += entry.files.len();
        self.bytes += bytes;
        self.metainfo_bytes += metainfo_bytes;
        self.entries.push(entry);
        Ok(())
    }

    pub(crate) fn finish(mut self, catalog: &mut CatalogFile) -> Result<Packs, EditionError> {
        self.write_pack(catalog)?;
        Ok(Packs { packs: self.done, shown: self.shown, problems: self.problems })
    }

    fn write_pack(&mut self, catalog: &mut CatalogFile) -> Result<(), EditionError> {
        let mut entries = std::mem::take(&mut self.entries);
        let ranks = || entries.iter().map(|entry| entry.rank);
        let (Some(first_rank), Some(last_rank)) = (ranks().min(), ranks().max()) else {
            return Ok(());
        };
        let name = format!("{} {first_rank}-{last_rank}", self.prefix);
        let paths = entries.iter_mut().map(|entry| std::mem::take(&mut entry.path)).collect();
        let paths = if P::IS_FOLDER { unique_folders(paths) } else { unique(paths) };
        let mut rows = Vec::with_capacity(self.files);
        for (entry, path) in entries.iter().zip(&paths) {
            for (file, hashes) in &entry.files {
                let mut path = path.clone();
                path.extend(P::IS_FOLDER.then(|| (*file).to_owned()));
                rows.push(PackFile { path, hashes });
            }
        }
        let metainfo = hybrid(&name, &rows, &self.options)
            .map_err(|source| EditionError::Torrent { pack: name.clone(), source })?;
        for row in &rows {
            let mut target = self.folder.join(&name);
            target.extend(&row.path);
            self.store.link(&row.hashes.root, &target)?;
        }
        write_file(&self.folder.join(format!("{name}.torrent")), &metainfo.bytes)?;
        let pack = PackSummary {
            folder: format!("packs/{name}"),
            torrent: format!("packs/{name}.torrent"),
            name,
            first_rank,
            last_rank,
            files: rows.len() as u64,
            bytes: std::mem::take(&mut self.bytes),
            infohash_v1: hex::encode(metainfo.infohash_v1),
            infohash_v2: hex::encode(metainfo.infohash_v2),
            magnet: metainfo.magnet,
        };
        (self.files, self.metainfo_bytes) = (0, HEADER_BYTES);
        let hashes = (metainfo.infohash_v1.as_slice(), metainfo.infohash_v2.as_slice());
        let number = catalog.push_pack(&pack, hashes, P::STAGE)?;
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
    pub(crate) packs: Vec<PackSummary>,
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
