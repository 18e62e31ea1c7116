//! Writes a hybrid torrent from hash rows (docs/formats/torrent.md). Nothing here reads a file: what
//! cannot be told from the rows is not in the torrent.

mod check;
mod write;

pub(crate) use write::ORDER_KEY;

use crate::{TorrentError, limits, magnet};
use deadwax_model::FileHashes;
use sha2::Digest;

/// A file of a torrent: where it lies under the torrent's folder, and its hashes.
#[derive(Debug, Clone)]
pub struct PackFile<'a> {
    /// Path components, each as [`crate::names::component`] makes them.
    pub path: Vec<String>,
    /// The stored row.
    pub hashes: &'a FileHashes,
}

/// What a torrent says beside its files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PackOptions {
    /// Tracker addresses in tiers (BEP 12).
    pub trackers: Vec<Vec<String>>,
    /// Addresses of web servers that have the pack (BEP 19): of the folder that holds the pack's folder.
    pub web_seeds: Vec<String>,
    /// Peers from the trackers alone (BEP 27). Part of the info hashes.
    pub private: bool,
    /// Whether there is a twin for clients that cannot read hybrids.
    pub v1_twin: bool,
    /// Free text.
    pub comment: Option<String>,
    /// The program.
    pub created_by: Option<String>,
    /// Seconds since 1970-01-01 UTC.
    pub creation_date_unix: Option<i64>,
}

/// A finished torrent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metainfo {
    /// The `.torrent` file.
    pub bytes: Vec<u8>,
    /// SHA-1 of the info dictionary.
    pub infohash_v1: [u8; 20],
    /// SHA-256 of the info dictionary.
    pub infohash_v2: [u8; 32],
    /// Link with both info hashes, name, trackers and web seeds.
    pub magnet: String,
    /// The same files for clients that cannot read hybrids, where it was asked for.
    pub v1_twin: Option<V1Twin>,
}

/// A torrent of the same files and pads without the v2 part: another swarm, the same folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct V1Twin {
    /// The `.torrent` file.
    pub bytes: Vec<u8>,
    /// SHA-1 of its info dictionary.
    pub infohash: [u8; 20],
}

/// The hybrid torrent of these files in a folder `name`, or of one file when its path is `name` alone. `files`
/// come most listened first: that order is noted beside the info dictionary and changes nothing in it. The same files in
/// the same order and the same options give the same bytes.
///
/// # Errors
/// No files, or none with bytes; a name or path that is not safe everywhere, twice there, or file and folder at
/// once; a hash row that contradicts itself; more metainfo than clients take.
pub fn hybrid(
    name: &str,
    files: &[PackFile],
    options: &PackOptions,
) -> Result<Metainfo, TorrentError> {
    let (files, order) = check::checked(name, files)?;
    let web_seeds = web_seeds(&options.web_seeds, is_folder(name, &files));
    let made = write::hybrid(name, &files, &order, &web_seeds, options);
    if made.written.bytes.len() > limits::CLIENT_METAINFO_BYTES {
        return Err(TorrentError::MetainfoTooLarge { bytes: made.written.bytes.len() });
    }
    let v1_twin = options.v1_twin.then(|| {
        let twin = write::v1_twin(&made, &web_seeds, options);
        V1Twin { infohash: sha1::Sha1::digest(twin.info()).into(), bytes: twin.bytes }
    });
    let infohash_v1 = sha1::Sha1::digest(made.written.info()).into();
    let infohash_v2 = sha2::Sha256::digest(made.written.info()).into();
    let magnet = magnet::link(&infohash_v1, &infohash_v2, name, &options.trackers, &web_seeds);
    let bytes = made.written.bytes;
    Ok(Metainfo { bytes, infohash_v1, infohash_v2, magnet, v1_twin })
}

/// Not a single-file torrent, whose one file carries the torrent's name.
fn is_folder(name: &str, files: &[&PackFile]) -> bool {
    !matches!(files, [one] if one.path == [name])
}

/// Clients put a folder's name and paths behind an address that ends in `/`; one without is the file itself.
fn web_seeds(given: &[String], is_folder: bool) -> Vec<String> {
    let slash = |seed: &String| {
        if is_folder && !seed.ends_with('/') { "/" } else { "" }
    };
    given.iter().map(|seed| format!("{seed}{}", slash(seed))).collect()
}
