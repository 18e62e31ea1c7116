//! What can go wrong with stored bytes, in sentences.

use deadwax_model::Root;
use std::io;
use std::path::{Path, PathBuf};

/// An error of the store, with the path it concerns and the next step.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The operating system refused.
    #[error("cannot {act} {}: {}", path.display(), reason(source))]
    Io {
        /// What was attempted, a verb phrase.
        act: &'static str,
        /// On which path.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A holding that the catalogue knows and the store has not.
    #[error("{} is missing from the store; `deadwax verify` lists everything that is", path.display())]
    Missing {
        /// Its name.
        root: Root,
        /// Where it should be.
        path: PathBuf,
    },
    /// Fewer or more bytes reached the disk than were written.
    #[error("{} has {found} bytes after {wanted} were written; check the disk, then run the same line again", path.display())]
    Length {
        /// The draft.
        path: PathBuf,
        /// Bytes written.
        wanted: u64,
        /// Bytes found.
        found: u64,
    },
    /// A name is in use, and what has it is not ours to replace.
    #[error("{} exists already and is not overwritten; {next}", path.display())]
    Taken {
        /// The name.
        path: PathBuf,
        /// What to do.
        next: &'static str,
    },
    /// Another process works on the archive.
    #[error("{} is in use by another deadwax process; wait for it to end, then run the same line again", path.display())]
    Locked {
        /// The archive.
        path: PathBuf,
    },
}

impl StoreError {
    pub(crate) fn io(act: &'static str, path: &Path) -> impl FnOnce(io::Error) -> StoreError {
        let path = path.to_path_buf();
        move |source| StoreError::Io { act, path, source }
    }

    /// Whether going on with other files is pointless: the disk is full or cannot be written.
    pub fn is_fatal(&self) -> bool {
        let StoreError::Io { source, .. } = self else {
            return matches!(self, StoreError::Locked { .. } | StoreError::Length { .. });
        };
        use io::ErrorKind::{QuotaExceeded, ReadOnlyFilesystem, StorageFull};
        matches!(source.kind(), StorageFull | ReadOnlyFilesystem | QuotaExceeded)
    }
}

fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::StorageFull => {
            "the disk is full; make room, then run the same line again".to_owned()
        }
        io::ErrorKind::ReadOnlyFilesystem => {
            "the disk is mounted read-only; name a folder that can be written".to_owned()
        }
        io::ErrorKind::PermissionDenied => {
            "permission denied; give this user access to it, or run as its owner".to_owned()
        }
        _ => error.to_string(),
    }
}
