//! What can go wrong, as sentences that name the file and the next step.

use deadwax_model::Rank;
use std::io;
use std::path::{Path, PathBuf};

/// Why an edition could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum EditionError {
    /// A file or folder could not be made, read or measured.
    #[error("cannot {what} {}: {source}", path.display())]
    Io {
        /// What was tried, as a verb.
        what: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// SQLite refused.
    #[error(
        "{}: {source}; if this edition was copied, copy it again, or run `deadwax verify` on it",
        path.display()
    )]
    Sqlite {
        /// The database file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The text index is not as an edition's writer leaves it.
    #[error(
        "{}: the text index is damaged, or another program has written to it; if this edition was \
         copied, copy it again, or run `deadwax verify` on it",
        path.display()
    )]
    DamagedIndex {
        /// The database file.
        path: PathBuf,
    },
    /// A Parquet file could not be written.
    #[error("cannot write {}: {source}", path.display())]
    Parquet {
        /// The Parquet file.
        path: PathBuf,
        /// What the writer said.
        source: parquet::errors::ParquetError,
    },
    /// A torrent could not be made.
    #[error("pack '{pack}': {source}")]
    Torrent {
        /// The pack's name.
        pack: String,
        /// What stands in the way.
        source: deadwax_torrent::TorrentError,
    },
    /// Tombstones that are none.
    #[error("{}: its tombstones cannot be read: {what}; fetch it again", path.display())]
    NotTombstones {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// A list of torrents that is not one.
    #[error("{}: it is not a list of torrents: {what}; fetch it again", path.display())]
    NotTorrents {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The store could not give a holding, or a file could not be made durable.
    #[error(transparent)]
    Store(#[from] deadwax_store::StoreError),
    /// The report page could not be rendered.
    #[error("cannot render index.html: {0}")]
    Report(#[from] askama::Error),
    /// A recording was pushed out of order.
    #[error(
        "rank {rank} was pushed where rank {expected} belongs; push the list in order, without gaps"
    )]
    RankOrder {
        /// The rank that came.
        rank: Rank,
        /// The rank that was due.
        expected: u64,
    },
    /// The clearance is of another recording, another act or another place.
    #[error(
        "rank {rank}: the clearance given is {given}, and a pack needs leave to publish recording {id} \
         worldwide; decide again for this recording"
    )]
    WrongClearance {
        /// The rank concerned.
        rank: Rank,
        /// The recording at this rank.
        id: String,
        /// What the clearance is for.
        given: String,
    },
    /// The hashes given are not those of the holding.
    #[error(
        "rank {rank}: the hashes given are of {given}, the holding is {root}; hash the holding again"
    )]
    WrongHashes {
        /// The rank concerned.
        rank: Rank,
        /// The root in the hashes.
        given: String,
        /// The root of the holding.
        root: String,
    },
    /// The folder is no edition.
    #[error("{} is not an edition: {what}; give the folder that has edition.json in it", path.display())]
    NotAnEdition {
        /// The folder or file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// The file ends too early.
    #[error(
        "{} is cut short: it has {found} bytes and its header says {expected}; fetch it again",
        path.display()
    )]
    Truncated {
        /// The file.
        path: PathBuf,
        /// Bytes that are there.
        found: u64,
        /// Bytes that should be there.
        expected: u64,
    },
    /// Written by a later version.
    #[error(
        "{} has schema {found}, and this program reads up to {known}; use a newer deadwax",
        path.display()
    )]
    NewerSchema {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: u64,
        /// The newest schema we know.
        known: u64,
    },
    /// Written by an earlier version, whose schema is no longer read.
    #[error(
        "{} has schema {found}, and the oldest that this program reads is {known}; publish the archive again, or use the \
         deadwax that wrote it",
        path.display()
    )]
    OlderSchema {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: u64,
        /// The schema we know.
        known: u64,
    },
    /// A question that cannot be answered as asked.
    #[error("{0}")]
    Query(String),
}

impl EditionError {
    pub(crate) fn io(
        what: &'static str,
        path: &Path,
    ) -> impl FnOnce(io::Error) -> EditionError + use<> {
        let path = path.to_path_buf();
        move |source| EditionError::Io { what, path, source }
    }

    pub(crate) fn sqlite(path: &Path) -> impl Fn(rusqlite::Error) -> EditionError + use<> {
        let path = path.to_path_buf();
        move |source| EditionError::Sqlite { path: path.clone(), source }
    }

    pub(crate) fn parquet(
        path: &Path,
    ) -> impl Fn(parquet::errors::ParquetError) -> EditionError + use<> {
        let path = path.to_path_buf();
        move |source| EditionError::Parquet { path: path.clone(), source }
    }
}
