//! An edition whose metadata were checked: what is signed, and the files of it.

use crate::load::not_fetched;
use crate::transport::BEHIND_BYTES;
use crate::{FOLDER, Fetch, TrustError};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Component, Path};
use std::sync::Arc;
use tough::Repository;

/// Most bytes that the files of an edition may have together, 1 EiB: whoever adds them up never counts past 64 bits.
const MOST_BYTES: u64 = 1 << 60;

/// What is signed of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TargetInfo {
    /// Its length.
    pub bytes: u64,
    /// Its hash.
    pub sha256: [u8; 32],
}

/// Which versions were trusted; each counts up over all editions of an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Versions {
    /// Of the newest root.
    pub root: u64,
    /// Of the list of files.
    pub targets: u64,
    /// Of what names the list.
    pub snapshot: u64,
    /// Of what is signed every few days.
    pub timestamp: u64,
}

/// An edition whose metadata are signed, newer than all that were seen, of one edition, and not expired.
#[derive(Debug, Clone)]
pub struct Trusted {
    source: Arc<dyn Fetch>,
    targets: BTreeMap<String, TargetInfo>,
    root_fingerprint: String,
    is_first_use: bool,
    versions: Versions,
    expires: Timestamp,
}

impl Trusted {
    pub(crate) fn new(
        source: Arc<dyn Fetch>,
        repository: &Repository,
        root: &[u8],
        is_first_use: bool,
    ) -> Result<Trusted, TrustError> {
        let (signed, timestamp) = (&repository.targets().signed, &repository.timestamp().signed);
        let (newest, snapshot) = (&repository.root().signed, &repository.snapshot().signed);
        let (mut targets, mut bytes) = (BTreeMap::new(), 0u64);
        for (name, target) in &signed.targets {
            let malformed = |what: &str| TrustError::Malformed {
                path: format!("{FOLDER}/targets.json"),
                what: format!("{:?} {what}", name.raw()),
            };
            let parts = || Path::new(name.raw()).components();
            if name.raw() != name.resolved()
                || !parts().all(|it| matches!(it, Component::Normal(_)))
            {
                return Err(malformed("is no path within an edition"));
            }
            let sha256 = <[u8; 32]>::try_from(&*target.hashes.sha256)
                .map_err(|_| malformed("has no whole SHA-256"))?;
            bytes = bytes.saturating_add(target.length);
            if bytes > MOST_BYTES {
                return Err(malformed("is, with the other files, longer than any edition"));
            }
            targets.insert(name.raw().to_owned(), TargetInfo { bytes: target.length, sha256 });
        }
        let expires = [newest.expires, signed.expires, snapshot.expires, timestamp.expires];
        Ok(Trusted {
            source,
            targets,
            root_fingerprint: hex::encode(Sha256::digest(root)),
            is_first_use,
            versions: Versions {
                root: newest.version.get(),
                targets: signed.version.get(),
                snapshot: snapshot.version.get(),
                timestamp: timestamp.version.get(),
            },
            expires: expires.into_iter().min().unwrap_or(timestamp.expires),
        })
    }

    /// What is signed of the file at `path`, `edition.json`; `None` of one that nobody signed.
    pub fn target(&self, path: &str) -> Option<&TargetInfo> {
        self.targets.get(path)
    }

    /// All files that are signed, by path.
    pub fn targets(&self) -> impl Iterator<Item = (&str, &TargetInfo)> {
        self.targets.iter().map(|(path, info)| (path.as_str(), info))
    }

    /// The file at `path`, fetched and compared with what is signed. Refuses one of more than `most_bytes` before it is fetched.
    ///
    /// # Errors
    /// A file that is not signed, not there, larger than it may be, or not the signed one.
    pub async fn read(&self, path: &str, most_bytes: u64) -> Result<Vec<u8>, TrustError> {
        let info =
            self.target(path).ok_or_else(|| TrustError::NotATarget { path: path.to_owned() })?;
        if info.bytes > most_bytes {
            return Err(TrustError::Endless { path: path.to_owned(), most: most_bytes });
        }
        let most = info.bytes.saturating_add(BEHIND_BYTES);
        let fetched = self.source.fetch(path, most).await;
        let bytes = fetched.map_err(|error| not_fetched(path.to_owned(), info.bytes, error))?;
        info.check(path, &bytes)?;
        Ok(bytes)
    }

    /// Hex of the SHA-256 of the newest root file, as `sha256sum trust/N.root.json` prints it: what people compare.
    pub fn root_fingerprint(&self) -> &str {
        &self.root_fingerprint
    }

    /// Whether the root was trusted because it was the first to be seen.
    pub fn is_first_use(&self) -> bool {
        self.is_first_use
    }

    /// Which versions were trusted.
    pub fn versions(&self) -> Versions {
        self.versions
    }

    /// When the first of the metadata expires: from then on nothing of it is to be taken without another [`crate::load`].
    pub fn expires(&self) -> Timestamp {
        self.expires
    }
}

impl TargetInfo {
    /// Compares the bytes of a file with what is signed.
    ///
    /// # Errors
    /// When they are others.
    pub fn check(&self, path: &str, bytes: &[u8]) -> Result<(), TrustError> {
        let found = bytes.len() as u64;
        let what = if found != self.bytes {
            format!("it has {found} bytes, {} are signed", self.bytes)
        } else if Sha256::digest(bytes).as_slice() != self.sha256.as_slice() {
            "its SHA-256 is another".to_owned()
        } else {
            return Ok(());
        };
        Err(TrustError::Mixed { path: path.to_owned(), what })
    }
}
