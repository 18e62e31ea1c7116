//! Carries the requests of `tough` to a [`Fetch`]: only for metadata, never for more bytes than the file may have, and keeping
//! what came, as it came.

use crate::peek::Peek;
use crate::{FOLDER, Fetch, FetchError};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tough::{Bytes, Transport, TransportError, TransportErrorKind, TransportStream, async_trait};
use url::Url;

/// The most that a root may have: some dozens of keys take a few KiB.
pub(crate) const ROOT_BYTES: u64 = 256 * 1024;
/// The most that timestamp and snapshot may have: they name one file each.
const SMALL_BYTES: u64 = 64 * 1024;
/// The most that targets may have: some hundred thousand torrents.
pub(crate) const TARGETS_BYTES: u64 = 128 * 1024 * 1024;
/// What is read behind the signed length, to tell a file of another edition from one that does not end.
pub(crate) const BEHIND_BYTES: u64 = 64 * 1024;

/// What came, by its name in `trust/`.
pub(crate) type Seen = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

/// A [`Fetch`] as `tough` wants it.
#[derive(Debug, Clone)]
pub(crate) struct EditionTransport {
    source: Arc<dyn Fetch>,
    seen: Seen,
}

/// Why a file did not come, with what was asked for.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {error}")]
pub(crate) struct NotFetched {
    pub(crate) path: String,
    pub(crate) most_bytes: u64,
    pub(crate) error: FetchError,
}

impl EditionTransport {
    pub(crate) fn new(source: Arc<dyn Fetch>, seen: Seen) -> EditionTransport {
        EditionTransport { source, seen }
    }

    /// How many bytes are asked for. When `tough` asks for what a file names, it has checked that file.
    fn most_bytes(&self, name: &str) -> u64 {
        let signed = |by: &str, ceiling: u64| {
            let seen = self.seen.lock().unwrap_or_else(|e| e.into_inner());
            let peek = seen.get(by).and_then(|bytes| Peek::at(bytes).ok());
            let length = peek.and_then(|peek| peek.signed.meta.get(name)?.length);
            length.map_or(ceiling, |length| length.saturating_add(BEHIND_BYTES).min(ceiling))
        };
        match name {
            "timestamp.json" => SMALL_BYTES,
            "snapshot.json" => signed("timestamp.json", SMALL_BYTES),
            "targets.json" => signed("snapshot.json", TARGETS_BYTES),
            _ => ROOT_BYTES,
        }
    }
}

#[async_trait]
impl Transport for EditionTransport {
    /// What went wrong comes in the stream, not as the answer itself: for a root the latter would be taken as "there is no newer one".
    async fn fetch(&self, url: Url) -> Result<TransportStream, TransportError> {
        let name = url.path().rsplit('/').next().unwrap_or_default().to_owned();
        let (path, most_bytes) = (format!("{FOLDER}/{name}"), self.most_bytes(&name));
        let fetched = match is_ours(&name) {
            true => self.source.fetch(&path, most_bytes).await,
            false => Err(FetchError::NotFound),
        };
        let fetched = fetched.and_then(|bytes| match bytes.len() as u64 > most_bytes {
            true => Err(FetchError::TooLarge),
            false => Ok(bytes),
        });
        let item = match fetched {
            Ok(bytes) => {
                let mut seen = self.seen.lock().unwrap_or_else(|e| e.into_inner());
                seen.insert(name, bytes.clone());
                Ok(Bytes::from(bytes))
            }
            Err(error) => {
                let kind = match error {
                    FetchError::NotFound => TransportErrorKind::FileNotFound,
                    _ => TransportErrorKind::Other,
                };
                let cause = NotFetched { path, most_bytes, error };
                Err(TransportError::new_with_cause(kind, url, cause))
            }
        };
        Ok(Box::pin(futures_util::stream::iter([item])))
    }
}

/// Metadata of an edition: there are no delegated roles in one.
fn is_ours(name: &str) -> bool {
    matches!(name, "timestamp.json" | "snapshot.json" | "targets.json")
        || root_version(name).is_some()
}

/// The version in `N.root.json`.
pub(crate) fn root_version(name: &str) -> Option<u64> {
    let number = name.strip_suffix(".root.json")?;
    let version = number.parse().ok()?;
    (format!("{version}") == number && version > 0).then_some(version)
}
