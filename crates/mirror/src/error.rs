//! What goes wrong between an edition and those who carry it, in sentences.

use std::io;
use std::path::{Path, PathBuf};

/// An error of this room: what happened, where, what to do.
#[derive(Debug, thiserror::Error)]
pub enum MirrorError {
    /// The operating system refused.
    #[error("cannot {act} {}: {source}", path.display())]
    Io {
        /// What was attempted, a verb phrase.
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
}

impl MirrorError {
    pub(crate) fn io(act: &'static str, path: &Path) -> impl FnOnce(io::Error) -> MirrorError {
        let path = path.to_path_buf();
        move |source| MirrorError::Io { act, path, source }
    }

    pub(crate) fn swarm(what: impl Into<String>) -> MirrorError {
        MirrorError::Swarm { what: what.into() }
    }
}
