//! The versions of metadata, which count up over all editions of an archive: whoever has seen a newer edition takes no older one.

use crate::peek::Peek;
use crate::{FOLDER, SignError};
use deadwax_store::write_file;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// The last versions that were given out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Numbers {
    pub(crate) targets: u64,
    pub(crate) snapshot: u64,
    pub(crate) timestamp: u64,
}

const FILE: &str = "versions.json";
const REMOVE: &str = "remove it: the versions are taken from the newest edition then";

/// The version that a file says; 0 where it is damaged or not there, which must not keep anybody from signing anew.
fn version(path: &Path) -> u64 {
    let peek = fs::read(path).ok().and_then(|bytes| Peek::at(&bytes).ok());
    peek.map_or(0, |peek| peek.signed.version)
}

impl Numbers {
    /// From the archive's folder of roots, and from `edition` where that knows more: a backup may have brought the first back.
    pub(crate) fn read(folder: &Path, edition: Option<&Path>) -> Result<Numbers, SignError> {
        let path = folder.join(FILE);
        let mut numbers: Numbers = match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|e| SignError::malformed(&path, e, REMOVE))?,
            Err(e) if e.kind() == ErrorKind::NotFound => Numbers::default(),
            Err(e) => return Err(SignError::io("read", &path)(e)),
        };
        if let Some(trust) = edition.map(|edition| edition.join(FOLDER)) {
            numbers.targets = numbers.targets.max(version(&trust.join("targets.json")));
            numbers.snapshot = numbers.snapshot.max(version(&trust.join("snapshot.json")));
            numbers.timestamp = numbers.timestamp.max(version(&trust.join("timestamp.json")));
        }
        Ok(numbers)
    }

    /// Notes them, before anything is signed with them: a number is given out once.
    pub(crate) fn write(self, folder: &Path) -> Result<(), SignError> {
        let path = folder.join(FILE);
        let mut text =
            serde_json::to_vec(&self).map_err(|e| SignError::malformed(&path, e, REMOVE))?;
        text.push(b'\n');
        Ok(write_file(&path, &text)?)
    }
}
