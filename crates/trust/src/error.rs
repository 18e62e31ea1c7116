//! Why an edition is not taken: a variant an attack, each with a sentence that says which one it would be.

use deadwax_store::StoreError;
use std::path::{Path, PathBuf};

/// Why an edition, or a file of it, is not taken. Paths are relative to the edition where they are of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrustError {
    /// An older edition is offered as the newest.
    #[error(
        "rollback: {path} is version {offered}, and version {trusted} was seen before; nothing of this edition is taken. \
         Ask another source, or the archive, for its newest edition"
    )]
    Rollback {
        /// The metadata file.
        path: String,
        /// The version that was seen before.
        trusted: u64,
        /// The one that is offered.
        offered: u64,
    },
    /// What is offered was not renewed in time, or a newer one is kept from us.
    #[error(
        "freeze: {path} expired at {since}, so there may be a newer edition that is withheld; nothing of this one is taken. \
         Ask another source, look whether this machine's clock is right, or ask the archive to renew it (deadwax keys refresh)"
    )]
    Expired {
        /// The metadata file.
        path: String,
        /// When it expired, as it says itself.
        since: String,
    },
    /// Files of several editions are mixed, or one was changed.
    #[error(
        "mixed: {path} is not the one that is signed ({what}); it is of another edition, or was changed on the way. \
         Nothing of it is taken: try again in a minute, then ask another source"
    )]
    Mixed {
        /// The file.
        path: String,
        /// How it differs.
        what: String,
    },
    /// No signature at all.
    #[error(
        "unsigned: {path} has no signature; nothing of this edition is taken. Ask another source, or the archive"
    )]
    Unsigned {
        /// The metadata file.
        path: String,
    },
    /// Signatures, and none by a key that the trusted root names.
    #[error(
        "wrong key: no signature of {path} is by a key that the trusted root names for it; nothing of this edition is taken. \
         Somebody else has signed it: ask the archive"
    )]
    WrongKey {
        /// The metadata file.
        path: String,
    },
    /// Some good signatures, and fewer than the trusted root asks for.
    #[error(
        "threshold: {path} has {good} good signatures of the {needed} that the trusted root asks for; nothing of this edition \
         is taken. Ask the archive"
    )]
    Threshold {
        /// The metadata file.
        path: String,
        /// Good signatures.
        good: u64,
        /// Needed ones.
        needed: u64,
    },
    /// More bytes than are signed or allowed.
    #[error(
        "endless: {path} goes on behind the {most} bytes that it may have; it was not read to the end. Ask another source"
    )]
    Endless {
        /// The file.
        path: String,
        /// How many bytes were allowed.
        most: u64,
    },
    /// A root after a root, without end.
    #[error(
        "endless: there are more than {most} new roots after the trusted one; no archive has so many. Ask another source"
    )]
    EndlessRoots {
        /// How many were followed.
        most: u64,
    },
    /// A file that should be there.
    #[error(
        "missing: {path} is not there; without it the edition cannot be checked, and nothing of it is taken. Ask another source"
    )]
    Missing {
        /// The file.
        path: String,
    },
    /// A file that nobody signed.
    #[error("unsigned: {path} is not among the files that this edition signs")]
    NotATarget {
        /// The file.
        path: String,
    },
    /// Metadata that cannot be read.
    #[error(
        "malformed: {path} is no metadata that can be read: {what}. Ask another source, or the archive"
    )]
    Malformed {
        /// The metadata file.
        path: String,
        /// What is wrong.
        what: String,
    },
    /// The root that should be trusted is none.
    #[error(
        "the root to be trusted ({origin}) is none: {what}; take an N.root.json of the archive's folder trust/"
    )]
    BadRoot {
        /// Where it came from.
        origin: &'static str,
        /// What is wrong.
        what: String,
    },
    /// The root that was given does not lead to the one that is trusted here.
    #[error(
        "other root: the root that is given (version {given}) and the one that is trusted in {} (version {trusted}) are not of one \
         chain. Give a root of the same archive, or use another folder for this one", state.display()
    )]
    OtherRoot {
        /// Version of the given one.
        given: u64,
        /// Version of the trusted one.
        trusted: u64,
        /// The folder that remembers.
        state: PathBuf,
    },
    /// The clock went back.
    #[error(
        "this machine's clock says {now}, and {before} was seen before, so nothing can be said of what has expired. Set the \
         clock right; if it was wrong before, remove {}", file.display()
    )]
    Clock {
        /// What it says.
        now: String,
        /// What it has said.
        before: String,
        /// Where that is noted.
        file: PathBuf,
    },
    /// The source did not give a file.
    #[error("cannot fetch {path}: {what}. Try again later, or ask another source")]
    Fetch {
        /// The file.
        path: String,
        /// What the source said.
        what: String,
    },
    /// A file of this machine.
    #[error("cannot {act} {}: {source}", path.display())]
    Io {
        /// What was attempted.
        act: &'static str,
        /// On which path.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Making something durable.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl TrustError {
    pub(crate) fn io(act: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> TrustError {
        let path = path.to_path_buf();
        move |source| TrustError::Io { act, path, source }
    }
}
