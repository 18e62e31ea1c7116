//! What stops a mirror's work, in sentences.

use std::io;
use std::path::{Path, PathBuf};

/// An error that stops the work. What was done before it is safe, and the same line goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum MirrorError {
    /// Making bytes durable, or the lock.
    #[error(transparent)]
    Store(#[from] deadwax_store::StoreError),
    /// The edition is not taken.
    #[error(transparent)]
    Trust(#[from] deadwax_trust::TrustError),
    /// The person stopped it.
    #[error("interrupted; nothing is lost, run the same line again and it goes on from here")]
    Interrupted,
    /// The record of what is here.
    #[error(
        "{} cannot be read or written ({source}); if it is damaged, move it away and run `deadwax mirror` again: \
         what is whole is hashed once more, and kept", path.display()
    )]
    State {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// A record that another version of this program wrote, or another program.
    #[error(
        "{} is not a mirror's record of this version ({found}); use the deadwax that wrote it, or a newer one",
        path.display()
    )]
    Schema {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        found: String,
    },
    /// Nothing is there.
    #[error("there is no mirror at {}; make one: deadwax mirror SOURCE --budget SIZE --into {}", path.display(), path.display())]
    NoMirror {
        /// The folder.
        path: PathBuf,
    },
    /// A file or folder of the mirror.
    #[error("cannot {act} {}: {source}", path.display())]
    Io {
        /// What was attempted.
        act: &'static str,
        /// On which path.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Nobody can be reached, or nobody can reach us.
    #[error("{what}")]
    Swarm {
        /// The whole sentence.
        what: String,
    },
    /// A torrent that is not one, or is of another kind.
    #[error("{}: {what}", path.display())]
    Torrent {
        /// The file.
        path: PathBuf,
        /// What is wrong, and what to do.
        what: String,
    },
    /// Something asked for cannot be, or what was published is not what the formats say: a whole sentence.
    #[error("{0}")]
    Refused(String),
}

impl MirrorError {
    pub(crate) fn io(act: &'static str, path: &Path) -> impl FnOnce(io::Error) -> MirrorError {
        let path = path.to_path_buf();
        move |source| MirrorError::Io { act, path, source }
    }

    pub(crate) fn swarm(what: impl Into<String>) -> MirrorError {
        MirrorError::Swarm { what: what.into() }
    }

    /// Whether going on with other files is pointless.
    pub fn is_fatal(&self) -> bool {
        match self {
            MirrorError::Store(error) => error.is_fatal(),
            MirrorError::Io { source, .. } => {
                use io::ErrorKind::{QuotaExceeded, ReadOnlyFilesystem, StorageFull};
                matches!(source.kind(), StorageFull | ReadOnlyFilesystem | QuotaExceeded)
            }
            MirrorError::Refused(_) | MirrorError::Swarm { .. } | MirrorError::Torrent { .. } => {
                false
            }
            _ => true,
        }
    }
}
