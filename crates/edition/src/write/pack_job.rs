//! Makes one pack, on a thread: everything of it that the catalogue has no part in.
//!
//! Packs are made side by side. Only their names depend on each other, where two have the same files: so the names go from each
//! pack to the next, in the order of the list, as soon as it has its own. When a pack fails, they are lost, and none behind it
//! goes on.

use super::worker::GivenUp;
use crate::EditionError;
use deadwax_model::{FileHashes, Root};
use deadwax_store::{Links, write_file};
use deadwax_torrent::{
    EntryKind, Metainfo, PackDigest, PackFile, PackNames, PackOptions, hybrid, places,
};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};

/// Where the packs of an edition go, and what is said in all of their torrents.
pub(crate) struct PackPlace {
    /// It is there.
    pub(crate) folder: PathBuf,
    /// Of the holdings.
    pub(crate) links: Links,
    pub(crate) options: PackOptions,
}

/// What goes into a pack together, without a place of its own yet.
pub(crate) struct Unplaced {
    /// Of the file, or of the folder; made safe, and not yet unique.
    pub(crate) path: Vec<String>,
    /// The one file, without a name of its own; or what is in the folder.
    pub(crate) files: Vec<(&'static str, FileHashes)>,
}

impl Unplaced {
    /// Of its first file.
    pub(crate) fn root(&self) -> Root {
        self.files.first().map_or(Root::EMPTY, |(_, hashes)| hashes.root)
    }
}

/// A pack to be made.
pub(crate) struct PackJob {
    pub(crate) kind: EntryKind,
    pub(crate) entries: Vec<Unplaced>,
    pub(crate) place: Arc<PackPlace>,
    /// The names, from the pack before it.
    pub(crate) names: Receiver<PackNames>,
    /// To the pack behind it.
    pub(crate) names_next: SyncSender<PackNames>,
}

/// A pack that is made.
pub(crate) struct MadePack {
    pub(crate) name: String,
    /// Of each entry, in the pack.
    pub(crate) paths: Vec<String>,
    pub(crate) files: u64,
    pub(crate) bytes: u64,
    pub(crate) torrent_bytes: u64,
    pub(crate) infohash_v1: [u8; 20],
    pub(crate) infohash_v2: [u8; 32],
    pub(crate) twin_infohash: Option<[u8; 20]>,
    pub(crate) magnet: String,
}

impl PackJob {
    /// Lays it out, names it, links its files and writes its torrents.
    pub(crate) fn make(self, given_up: &GivenUp) -> Result<Option<MadePack>, EditionError> {
        let PackJob { kind, mut entries, place, names, names_next } = self;
        let wanted =
            entries.iter_mut().map(|entry| (std::mem::take(&mut entry.path), entry.root()));
        let paths = places(wanted.collect(), kind);
        let rows = rows(&entries, &paths, kind);
        let digest = PackDigest::of(&rows);
        let Ok(mut names) = names.recv() else { return Ok(None) };
        let name = names.name(&digest);
        let _ = names_next.send(names); // who is not there any more needs none
        let metainfo = hybrid(&name, &rows, &place.options)
            .map_err(|source| EditionError::Torrent { pack: name.clone(), source })?;
        let folder = place.folder.join(&name);
        let links = rows.iter().take_while(|_| !given_up.is_set());
        place.links.link_all(links.map(|row| (row.hashes.root, path_below(&folder, &row.path))))?;
        if given_up.is_set() {
            return Ok(None);
        }
        write_torrents(&place.folder, &name, &metainfo)?;
        Ok(Some(MadePack {
            paths: paths.iter().map(|path| path.join("/")).collect(),
            files: rows.len() as u64,
            bytes: rows.iter().map(|row| row.hashes.bytes).sum(),
            torrent_bytes: metainfo.bytes.len() as u64,
            infohash_v1: metainfo.infohash_v1,
            infohash_v2: metainfo.infohash_v2,
            twin_infohash: metainfo.v1_twin.map(|twin| twin.infohash),
            magnet: metainfo.magnet,
            name,
        }))
    }
}

fn rows<'a>(entries: &'a [Unplaced], paths: &[Vec<String>], kind: EntryKind) -> Vec<PackFile<'a>> {
    let mut rows = Vec::with_capacity(entries.len());
    for (entry, path) in entries.iter().zip(paths) {
        for (file, hashes) in &entry.files {
            let mut path = path.clone();
            path.extend((kind == EntryKind::Folder).then(|| (*file).to_owned()));
            rows.push(PackFile { path, hashes });
        }
    }
    rows
}

fn path_below(folder: &Path, path: &[String]) -> PathBuf {
    let mut below = folder.to_path_buf();
    below.extend(path);
    below
}

fn write_torrents(folder: &Path, name: &str, metainfo: &Metainfo) -> Result<(), EditionError> {
    write_file(&folder.join(format!("{name}.torrent")), &metainfo.bytes)?;
    if let Some(twin) = &metainfo.v1_twin {
        write_file(&folder.join(format!("{name}.v1.torrent")), &twin.bytes)?;
    }
    Ok(())
}
