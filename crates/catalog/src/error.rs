//! What can go wrong with the working catalogue, in sentences.

use std::path::PathBuf;

/// An error of the working catalogue.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// Nothing is there.
    #[error("{} is not there; make an archive first: deadwax init {}", path.display(),
        path.parent().unwrap_or(path).display())]
    NotThere {
        /// Where the catalogue should be.
        path: PathBuf,
    },
    /// Something else is there, or what was there is damaged.
    #[error("{} is not a Deadwax catalogue, or it is damaged ({reason}); restore it from a backup", path.display())]
    NotACatalogue {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Written by a newer Deadwax.
    #[error("{} has schema version {found}, this deadwax knows up to {known}; use a newer deadwax", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest version that is understood.
        known: i64,
    },
    /// A file that sorting needs.
    #[error("cannot {act} {}: {source}; make room if the disk is full, then run the same line again", path.display())]
    Scratch {
        /// What was attempted.
        act: &'static str,
        /// On which path.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The person stopped it.
    #[error("interrupted; nothing is lost, run the same line again and it goes on from here")]
    Interrupted,
    /// SQLite refused.
    #[error(
        "the working catalogue: {0}; if the disk is full make room, then run the same line again"
    )]
    Sqlite(#[from] rusqlite::Error),
}
