//! What stops an act, in sentences.

use deadwax_catalog::CatalogError;
use deadwax_edition::EditionError;
use deadwax_store::StoreError;
use deadwax_trust::SignError;
use std::path::PathBuf;

/// An error that stops an act. What was done before it is safe, and the same line goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The store, or any file of the archive.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The working catalogue.
    #[error(transparent)]
    Catalog(CatalogError),
    /// An edition.
    #[error(transparent)]
    Edition(#[from] EditionError),
    /// Signing an edition.
    #[error(transparent)]
    Sign(SignError),
    /// The person stopped it.
    #[error("interrupted; nothing is lost, run the same line again and it goes on from here")]
    Interrupted,
    /// The folder is something else.
    #[error("{} is not empty and is not a Deadwax archive; name a new or an empty folder", path.display())]
    NotAnArchive {
        /// The folder.
        path: PathBuf,
    },
    /// A store or editions, and no catalogue.
    #[error(
        "{} has a store or editions and no catalogue; if it is an archive, restore its catalog.sqlite from a \
         backup, and if it is not, name a new or an empty folder", path.display()
    )]
    NoCatalogue {
        /// The folder.
        path: PathBuf,
    },
    /// Nothing is there.
    #[error("there is no archive at {}; make one first: deadwax init {}", path.display(), path.display())]
    NoArchive {
        /// The folder.
        path: PathBuf,
    },
    /// What should be taken in is not there or is the archive itself.
    #[error("{}: {what}", path.display())]
    Source {
        /// What was named.
        path: PathBuf,
        /// What is wrong, and what to do.
        what: String,
    },
    /// deadwax.toml cannot be understood.
    #[error("{}: {what}", path.display())]
    Policy {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        what: String,
    },
    /// Something asked for does not exist or cannot be.
    #[error("{0}")]
    Refused(String),
    /// A temporary folder or file of the archive.
    #[error("cannot {act} {}: {source}", path.display())]
    Io {
        /// What was attempted.
        act: &'static str,
        /// On which path.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl From<CatalogError> for ArchiveError {
    fn from(error: CatalogError) -> ArchiveError {
        match error {
            CatalogError::Interrupted => ArchiveError::Interrupted,
            error => ArchiveError::Catalog(error),
        }
    }
}

impl From<SignError> for ArchiveError {
    fn from(error: SignError) -> ArchiveError {
        match error {
            SignError::Interrupted => ArchiveError::Interrupted,
            error => ArchiveError::Sign(error),
        }
    }
}

impl ArchiveError {
    pub(crate) fn io(
        act: &'static str,
        path: &std::path::Path,
    ) -> impl FnOnce(std::io::Error) -> ArchiveError {
        let path = path.to_path_buf();
        move |source| ArchiveError::Io { act, path, source }
    }
}
