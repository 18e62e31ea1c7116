//! Why a set of rows cannot become a torrent. Every sentence names the file and the next step.

/// A pack that cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TorrentError {
    /// Nothing to publish.
    #[error("a torrent needs at least one file; leave this pack out")]
    NoFiles,
    /// Only empty files: no piece, and clients refuse it.
    #[error("all {files} files of this torrent are empty and clients refuse it; leave it out")]
    NoBytes {
        /// How many empty files there are.
        files: usize,
    },
    /// A name that some file system or client would change or refuse.
    #[error("'{path}': the name '{component}' is not safe on every system; call it '{safe}'")]
    BadComponent {
        /// The whole path, or the torrent's name.
        path: String,
        /// The component at fault.
        component: String,
        /// What [`crate::names::component`] makes of it.
        safe: String,
    },
    /// A path of no components or too many.
    #[error(
        "'{path}' has {depth} components; a path in a torrent has 1 to {}",
        crate::names::MAX_DEPTH
    )]
    Depth {
        /// The path.
        path: String,
        /// How many components it has.
        depth: usize,
    },
    /// Two files of one path.
    #[error("'{path}' is in this torrent twice; make the paths unique first")]
    DuplicatePath {
        /// The path.
        path: String,
    },
    /// A path that is a file and the folder of another file.
    #[error("'{path}' is both a file and a folder of this torrent; make the paths unique first")]
    FileIsFolder {
        /// The path.
        path: String,
    },
    /// Stored hashes that cannot be those of a file of that length.
    #[error("the hash row of '{path}' is wrong: {what}; hash the file again")]
    HashRow {
        /// The path.
        path: String,
        /// What does not fit.
        what: String,
    },
    /// More metainfo than clients take.
    #[error(
        "the metainfo is {bytes} bytes and clients refuse more than {}; split the pack",
        crate::limits::CLIENT_METAINFO_BYTES
    )]
    MetainfoTooLarge {
        /// The size it would have had.
        bytes: usize,
    },
}
