//! The versions of metadata, which count up over all editions of an archive: whoever has seen a newer edition takes no older one.

use crate::signed;
use crate::{FOLDER, SignError};
use deadwax_store::write_file;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use tough::schema::{Snapshot, Targets, Timestamp};

/// The last versions that were given out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Numbers {
    pub(crate) targets: u64,
    pub(crate) snapshot: u64,
    pub(crate) timestamp: u64,
}

const FILE: &str = "versions.json";

impl Numbers {
    /// From the archive's folder of roots, and from `edition` where that knows more: a backup may have brought the first back.
    pub(crate) fn read(folder: &Path, edition: Option<&Path>) -> Result<Numbers, SignError> {
        let path = folder.join(FILE);
        let mut numbers: Numbers = match fs::read(&path) {
            Ok(bytes) => {
                serde_json::from_slice(&bytes).map_err(|e| SignError::malformed(&path, e))?
            }
            Err(e) if e.kind() == ErrorKind::NotFound => Numbers::default(),
            Err(e) => return Err(SignError::io("read", &path)(e)),
        };
        if let Some(trust) = edition.map(|edition| edition.join(FOLDER))
            && trust.join("timestamp.json").is_file()
        {
            let (targets, _) = signed::read::<Targets>(&trust.join("targets.json"))?;
            let (snapshot, _) = signed::read::<Snapshot>(&trust.join("snapshot.json"))?;
            let (timestamp, _) = signed::read::<Timestamp>(&trust.join("timestamp.json"))?;
            numbers.targets = numbers.targets.max(targets.signed.version.get());
            numbers.snapshot = numbers.snapshot.max(snapshot.signed.version.get());
            numbers.timestamp = numbers.timestamp.max(timestamp.signed.version.get());
        }
        Ok(numbers)
    }

    /// Notes them, before anything is signed with them: a number is given out once.
    pub(crate) fn write(self, folder: &Path) -> Result<(), SignError> {
        let path = folder.join(FILE);
        let mut text = serde_json::to_vec(&self).map_err(|e| SignError::malformed(&path, e))?;
        text.push(b'\n');
        Ok(write_file(&path, &text)?)
    }
}
