//! Whether the metadata of an archive's own edition are as they were signed: for a check of fixity, which asks no clock.

use crate::roots::Roots;
use crate::signed;
use crate::{FOLDER, SignError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::path::Path;
use tough::schema::{Metafile, Role, Root, Snapshot, Targets, Timestamp};

/// What is amiss with the signatures of an edition: the path of a file in it, and what happened to it. The first one only; all that is
/// behind it would be amiss too. Expiry does not count.
pub fn fault(edition: &Path) -> Option<(String, String)> {
    let path = |name: &str| format!("{FOLDER}/{name}");
    let trust = edition.join(FOLDER);
    let root = match Roots::open(&trust) {
        Ok(Some(roots)) => roots.newest().clone(),
        Ok(None) => return Some((path("1.root.json"), "it is not there".to_owned())),
        Err(SignError::Malformed { path: file, what, .. }) => {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            return Some((path(&name), what));
        }
        Err(error) => return Some((path("1.root.json"), error.to_string())),
    };
    let timestamp = match checked::<Timestamp>(&trust, "timestamp.json", &root, None) {
        Ok(timestamp) => timestamp,
        Err(what) => return Some((path("timestamp.json"), what)),
    };
    let named = timestamp.meta.get("snapshot.json");
    let snapshot = match checked::<Snapshot>(&trust, "snapshot.json", &root, named) {
        Ok(snapshot) => snapshot,
        Err(what) => return Some((path("snapshot.json"), what)),
    };
    let named = snapshot.meta.get("targets.json");
    let what = checked::<Targets>(&trust, "targets.json", &root, named).err()?;
    Some((path("targets.json"), what))
}

fn checked<T>(trust: &Path, name: &str, root: &Root, named: Option<&Metafile>) -> Result<T, String>
where
    T: Role + Serialize + DeserializeOwned,
{
    let path = trust.join(name);
    let (file, bytes) = match signed::read::<T>(&path, "") {
        Ok(read) => read,
        Err(SignError::Malformed { what, .. }) => return Err(format!("it cannot be read: {what}")),
        Err(SignError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
            return Err("it is not there".to_owned());
        }
        Err(error) => return Err(error.to_string()),
    };
    let hash = named.and_then(|named| named.hashes.as_ref()).map(|hashes| &hashes.sha256);
    if hash.is_some_and(|hash| Sha256::digest(&bytes).as_slice() != &**hash) {
        return Err("it is not the one that is signed: its SHA-256 is another".to_owned());
    }
    match root.verify_role(&file) {
        Ok(()) => Ok(file.signed),
        Err(error) => Err(format!("its signatures are not good: {error}")),
    }
}
