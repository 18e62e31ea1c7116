//! Reads a torrent back, to check that it still says what the catalogue says, and to follow an edition
//! of somebody else. The bytes are not trusted: size, depth and number of values are bounded, names
//! must be safe on every system, and all parts of the torrent must tell the same story.

mod layers;
mod outside;
mod tree;
mod v1;

use crate::bencode::{self, BencodeError, Value};
use crate::{limits, names};
use deadwax_model::{PIECE_BYTES, Root};
use sha2::Digest;

/// What a hybrid torrent says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// Name of the folder, or of the file of a single-file torrent.
    pub name: String,
    /// Whether `name` is the file itself. Its path is then `[name]` and it lies in no folder.
    pub single_file: bool,
    /// The files in the order of the torrent, pads left out.
    pub files: Vec<ContentFile>,
    /// Peers from trackers alone.
    pub private: bool,
    /// SHA-1 of the info dictionary.
    pub infohash_v1: [u8; 20],
    /// SHA-256 of the info dictionary.
    pub infohash_v2: [u8; 32],
    /// For each of `files` its place when the most listened comes first: who carries a part of the pack takes the
    /// lowest places. A permutation of 0 to the number of files. `None` where the torrent does not say.
    pub order: Option<Vec<u32>>,
    /// Addresses of web servers that have the pack, as the torrent says them (BEP 19).
    pub web_seeds: Vec<String>,
    /// Tracker addresses in tiers (BEP 12).
    pub trackers: Vec<Vec<String>>,
}

/// A file that a torrent lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentFile {
    /// Path components under the torrent's folder.
    pub path: Vec<String>,
    /// Length of the file.
    pub bytes: u64,
    /// Its pieces root; [`Root::EMPTY`] for an empty file.
    pub root: Root,
    /// The v2 hash of each piece, 32 bytes a piece, compared with the root. Empty for a file of at most one piece, whose
    /// root is the hash of that piece.
    pub piece_layer: Vec<u8>,
}

/// Why bytes are not a torrent as docs/formats/torrent.md describes it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetainfoError {
    /// More bytes than clients take.
    #[error(
        "the torrent has {bytes} bytes, more than the {} that clients take",
        limits::CLIENT_METAINFO_BYTES
    )]
    TooLarge {
        /// How many there are.
        bytes: usize,
    },
    /// Not canonical bencode.
    #[error("the torrent cannot be read: {0}")]
    Bencode(#[from] BencodeError),
    /// A part is missing or of the wrong kind.
    #[error("the torrent is not a hybrid of this archive's kind: {0}")]
    Shape(&'static str),
    /// Something is wrong with one file.
    #[error("the torrent lists '{path}' and {what}")]
    File {
        /// The path as the torrent has it, as far as it could be read.
        path: String,
        /// What is wrong.
        what: &'static str,
    },
}

/// Reads and checks a `.torrent` file.
///
/// # Errors
/// A sentence for everything that docs/formats/torrent.md does not describe. Memory is bounded by the size of the
/// input and the limits there.
pub fn read(input: &[u8]) -> Result<Contents, MetainfoError> {
    use MetainfoError::Shape;
    if input.len() > limits::CLIENT_METAINFO_BYTES {
        return Err(MetainfoError::TooLarge { bytes: input.len() });
    }
    let top = bencode::read(input)?;
    let entry = top.entry("info").ok_or(Shape("there is no info dictionary"))?;
    let info = &entry.value;
    if info.get("meta version").and_then(Value::length) != Some(2) {
        return Err(Shape("'meta version' is not 2"));
    }
    if info.get("piece length").and_then(Value::length) != Some(PIECE_BYTES) {
        return Err(Shape("'piece length' is not 1048576"));
    }
    let private = match info.get("private") {
        None => false,
        Some(Value::Int(1)) => true,
        Some(_) => return Err(Shape("'private' is there and not 1")),
    };
    let name = info.get("name").and_then(Value::text).ok_or(Shape("there is no name"))?;
    if !names::is_component(name) {
        return Err(Shape("the name is not safe on every system"));
    }
    let mut files = tree::files(info.get("file tree").ok_or(Shape("there is no file tree"))?)?;
    v1::check(info, name, &files)?;
    layers::fill(top.get("piece layers"), &mut files)?;
    let order = outside::order(&top, files.len())?;
    let (web_seeds, trackers) = (outside::web_seeds(&top)?, outside::trackers(&top)?);
    Ok(Contents {
        name: name.to_owned(),
        single_file: info.get("length").is_some(),
        files,
        private,
        infohash_v1: sha1::Sha1::digest(entry.raw).into(),
        infohash_v2: sha2::Sha256::digest(entry.raw).into(),
        order,
        web_seeds,
        trackers,
    })
}
