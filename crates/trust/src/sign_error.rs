//! Why something could not be signed.

use crate::Role;
use deadwax_store::StoreError;
use std::path::{Path, PathBuf};

/// Why something could not be signed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// Keys that are not here.
    #[error(
        "signing needs {needed} of the {role} keys of this archive, and {at_hand} are at hand (looked in {looked}). Bring the \
         folder that they are in and say it: --keys DIR. Their files are {files}"
    )]
    NotAtHand {
        /// Whose keys.
        role: Role,
        /// How many are needed.
        needed: u64,
        /// How many are here.
        at_hand: u64,
        /// Where was looked.
        looked: String,
        /// Their usual names.
        files: String,
    },
    /// A file that is called as a key and is none.
    #[error("{} is no key: {what}; bring it back from a copy, or move it out of that folder", path.display())]
    BadKey {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// A file of the archive's own that cannot be read.
    #[error("{} cannot be read: {what}; {next}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
        /// What to do.
        next: &'static str,
    },
    /// A list of files that this archive did not sign.
    #[error(
        "{} is not signed by a targets key that this archive has or had, so it is not signed anew: it was changed. If the \
         rest of that edition is sound (deadwax verify), remove its folder trust/ and publish: then it is signed whole, as it is", path.display()
    )]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A name that cannot be signed so that every reader reads the same.
    #[error(
        "{role} metadata cannot be signed: a path in them is not in the normal form (NFC), or has a control character"
    )]
    BadPath {
        /// Of which role.
        role: Role,
    },
    /// The key itself did not do it.
    #[error("a key could not be made: the system gave no random numbers")]
    NotMade,
    /// The person stopped it.
    #[error("interrupted")]
    Interrupted,
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

impl SignError {
    pub(crate) fn io(act: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> SignError {
        let path = path.to_path_buf();
        move |source| SignError::Io { act, path, source }
    }

    pub(crate) fn malformed(path: &Path, what: impl ToString, next: &'static str) -> SignError {
        SignError::Malformed { path: path.to_path_buf(), what: what.to_string(), next }
    }
}
