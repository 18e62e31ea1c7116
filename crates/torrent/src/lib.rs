//! Hybrid v1 + v2 metainfo from stored hash rows, packs, magnets. No network.
//!
//! Publishing must not read audio, so everything here starts from [`deadwax_model::FileHashes`]: what
//! the store noted down when the bytes first passed by. No crate at hand makes hybrids, hence our own
//! writer; the format is specified in `docs/formats/torrent.md` and held against libtorrent in the tests.

mod bencode;
mod cut;
mod error;
pub mod foreign;
mod hybrid;
pub mod limits;
mod magnet;
mod merkle;
pub mod metainfo;
pub mod names;
mod pack;
pub mod scrape;

pub use bencode::BencodeError;
pub use cut::{Cutter, PackSize};
pub use error::TorrentError;
pub use hybrid::{Metainfo, PackFile, PackOptions, V1Twin, hybrid};
pub use pack::{EntryKind, PackDigest, PackNames, places};
