//! Packs: what may leave, as folders of hard links and torrents made from rows.
//!
//! [`PackWriter::push`] takes a [`Cleared`] by value: a recording for which nobody decided cannot
//! be put into a pack, because the call does not compile.

use super::catalog_file::CatalogFile;
use crate::{EditionError, EditionInfo, Listed, PackSummary};
use deadwax_model::{FileHashes, Problem};
use deadwax_rights::Cleared;
use deadwax_store::{Store, write_file};
use deadwax_torrent::limits::{HEADER_BYTES, PACK_BYTES, PACK_FILES, PACK_METAINFO_BYTES, PackRow};
use deadwax_torrent::names::{TrackName, component, track_path, unique};
use deadwax_torrent::{PackFile, PackOptions, hybrid};
use std::path::{Path, PathBuf};

/// Longest part of the archive's title in a pack's name, in bytes.
const TITLE_BYTES: usize = 120;

/// Packs being written; holds one pack's rows at a time.
pub(crate) struct PackWriter<'s> {
    folder: PathBuf,
    /// What every pack's name starts with.
    prefix: String,
    store: &'s Store,
    options: PackOptions,
    files: Vec<Packed>,
    bytes: u64,
    metainfo_bytes: u64,
    done: Vec<PackSummary>,
    problems: Vec<Problem>,
}

/// A file of the pack being filled, with the leave to put it there.
struct Packed {
    _leave: Cleared,
    rank: u32,
    path: Vec<String>,
    hashes: FileHashes,
}

impl<'s> PackWriter<'s> {
    pub(crate) fn create(
        folder: &Path,
        info: &EditionInfo,
        store: &'s Store,
        options: PackOptions,
    ) -> Result<PackWriter<'s>, EditionError> {
        std::fs::create_dir(folder).map_err(EditionError::io("create folder", folder))?;
        Ok(PackWriter {
            folder: folder.to_path_buf(),
            prefix: format!("{} {}", component(&info.title, TITLE_BYTES), info.date),
            store,
            options,
            files: Vec::new(),
            bytes: 0,
            metainfo_bytes: HEADER_BYTES,
            done: Vec::new(),
            problems: Vec::new(),
        })
    }

    /// Whether a recording can be in a pack. One that is too large for any is noted as a problem.
    pub(crate) fn takes(&mut self, listed: &Listed) -> bool {
        let Some(hashes) = listed.hashes.as_ref().filter(|_| listed.is_held()) else {
            return false;
        };
        if listed.clearance.is_err() || hashes.bytes == 0 {
            return false;
        }
        let row = PackRow::new(hashes.bytes, &path_of(listed));
        let fits =
            row.bytes <= PACK_BYTES && row.metainfo_bytes() + HEADER_BYTES <= PACK_METAINFO_BYTES;
        if !fits {
            self.problems.push(Problem {
                path: listed.id.to_string(),
                what: format!("its file has {} bytes, more than a pack may hold.", hashes.bytes),
                next: "It is in the list and in no pack; keep it at a smaller tier.".to_owned(),
            });
        }
        fits
    }

    /// Adds a cleared recording, which [`takes`](Self::takes) has said yes to, behind the last one.
    pub(crate) fn push(
        &mut self,
        leave: Cleared,
        listed: Listed,
        catalog: &mut CatalogFile,
    ) -> Result<(), EditionError> {
        let path = path_of(&listed);
        let Some(hashes) = listed.hashes else {
            return Ok(());
        };
        let row = PackRow::new(hashes.bytes, &path);
        let full = self.files.len() == PACK_FILES
            || self.bytes + row.bytes > PACK_BYTES
            || self.metainfo_bytes + row.metainfo_bytes() > PACK_METAINFO_BYTES;
        if full {
            self.write_pack(catalog)?;
        }
        self.bytes += row.bytes;
        self.metainfo_bytes += row.metainfo_bytes();
        self.files.push(Packed { _leave: leave, rank: listed.rank.get(), path, hashes });
        Ok(())
    }

    pub(crate) fn finish(
        mut self,
        catalog: &mut CatalogFile,
    ) -> Result<(Vec<PackSummary>, Vec<Problem>), EditionError> {
        self.write_pack(catalog)?;
        Ok((self.done, self.problems))
    }

    fn write_pack(&mut self, catalog: &mut CatalogFile) -> Result<(), EditionError> {
        let mut files = std::mem::take(&mut self.files);
        let (Some(first), Some(last)) = (files.first(), files.last()) else {
            return Ok(());
        };
        let (first_rank, last_rank) = (first.rank, last.rank);
        let name = format!("{} {first_rank}-{last_rank}", self.prefix);
        let paths = unique(files.iter_mut().map(|file| std::mem::take(&mut file.path)).collect());
        let rows: Vec<PackFile> = files
            .iter()
            .zip(&paths)
            .map(|(file, path)| PackFile { path: path.clone(), hashes: &file.hashes })
            .collect();
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
        self.metainfo_bytes = HEADER_BYTES;
        let placed = files.iter().zip(&paths).map(|(file, path)| (file.rank, path.join("/")));
        let hashes = (metainfo.infohash_v1.as_slice(), metainfo.infohash_v2.as_slice());
        catalog.push_pack(self.done.len() + 1, &pack, hashes, placed)?;
        self.done.push(pack);
        Ok(())
    }
}

/// `Artist/Year Release/NN Title.ext`, before it is made unique.
fn path_of(listed: &Listed) -> Vec<String> {
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
        extension: listed.extension.as_deref().or(listed.container.as_deref()).unwrap_or("bin"),
    })
}
