//! From a source of files to what is signed.

mod explain;

use crate::peek::Peek;
use crate::state::State;
use crate::transport::{EditionTransport, ROOT_BYTES, Seen, TARGETS_BYTES};
use crate::{FOLDER, Fetch, FetchError, TrustError, Trusted};
use explain::explain;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use tough::{ExpirationEnforcement, Limits, RepositoryLoader};
use url::Url;

/// How many new roots are followed at one time. An archive that changes its keys every week has as many in twenty years, and who
/// trusts its first root follows all of them.
pub(crate) const ROOT_UPDATES: u64 = 1024;

/// Fetches the metadata of an edition and checks them.
///
/// `pinned_root` is a root file that the operator trusts. Without one, and with none in `state` from before, the first one of
/// the source is trusted, and [`Trusted::is_first_use`] says so. `state` is a folder of the mirror's that remembers the newest metadata
/// that were trusted: give it the same one every time, and to one process at a time. What has expired is decided by the
/// system's clock.
///
/// # Errors
/// A variant an attack; nothing of the edition is to be used then.
pub async fn load(
    source: Arc<dyn Fetch>,
    pinned_root: Option<&[u8]>,
    state: &Path,
) -> Result<Trusted, TrustError> {
    let state = State::open(state)?;
    let start = Start::choose(&state, source.as_ref(), pinned_root).await?;
    let seen = Seen::default();
    let loaded = RepositoryLoader::new(&start.root, address(FOLDER)?, address("")?)
        .transport(EditionTransport::new(Arc::clone(&source), Arc::clone(&seen)))
        .limits(Limits {
            max_root_size: ROOT_BYTES,
            max_targets_size: TARGETS_BYTES,
            max_root_updates: ROOT_UPDATES,
            ..Limits::default()
        })
        .expiration_enforcement(ExpirationEnforcement::Safe)
        .datastore(state.begin()?)
        .load()
        .await;
    let seen = std::mem::take(&mut *seen.lock().unwrap_or_else(|e| e.into_inner()));
    let roots = start.chain(&state, &seen)?;
    start.check_against(&state, &roots)?;
    // A root that was just given, or that nobody has been told of, may be another archive's: it is trusted once it led to an
    // edition. And a chain without end would fill the disk.
    let is_endless = matches!(loaded, Err(tough::error::Error::MaxUpdatesExceeded { .. }));
    if loaded.is_ok() || (start.origin == REMEMBERED && !is_endless) {
        state.keep(&roots)?;
    }
    let newest = roots.last_key_value();
    let (_, root) = newest.unwrap_or((&start.version, &start.root));
    match loaded {
        Ok(repository) => Trusted::new(source, &repository, root, start.is_first_use),
        Err(error) => Err(explain(error, &seen, &start, &state)),
    }
}

/// The root that a look begins with.
struct Start {
    root: Vec<u8>,
    version: u64,
    is_first_use: bool,
    origin: &'static str,
}

impl Start {
    async fn choose(
        state: &State,
        source: &dyn Fetch,
        pinned: Option<&[u8]>,
    ) -> Result<Start, TrustError> {
        let newest = state.roots.last_key_value().map(|(_, root)| root.clone());
        let (root, origin, is_first_use) = match (pinned, newest) {
            // One that was trusted already leads to the newest.
            (Some(pinned), Some(newest)) if state.roots.values().any(|root| root == pinned) => {
                (newest, REMEMBERED, false)
            }
            (Some(pinned), _) => (pinned.to_vec(), "given", false),
            (None, Some(newest)) => (newest, REMEMBERED, false),
            (None, None) => (first(source).await?, "the first of the source", true),
        };
        let version = Peek::at(&root)
            .map_err(|e| TrustError::BadRoot { origin, what: e.to_string() })?
            .signed
            .version;
        Ok(Start { root, version, is_first_use, origin })
    }

    /// The roots from this one on that were found good, as they came.
    fn chain(
        &self,
        state: &State,
        seen: &BTreeMap<String, Vec<u8>>,
    ) -> Result<BTreeMap<u64, Vec<u8>>, TrustError> {
        let Some(last) = state.root_found()? else { return Ok(BTreeMap::new()) };
        let mut roots = BTreeMap::from([(self.version, self.root.clone())]);
        for version in self.version + 1..=last {
            let root = seen.get(&format!("{version}.root.json"));
            roots.extend(root.map(|root| (version, root.clone())));
        }
        Ok(roots)
    }

    /// Whether a root that was given leads to the one that is trusted already. One that is newer than all that were seen is
    /// the operator's word, and taken.
    fn check_against(
        &self,
        state: &State,
        roots: &BTreeMap<u64, Vec<u8>>,
    ) -> Result<(), TrustError> {
        let (Some((version, trusted)), Some((found, _))) =
            (state.roots.last_key_value(), roots.last_key_value())
        else {
            return Ok(());
        };
        if self.version > *version {
            return Ok(());
        }
        match roots.get(version) {
            Some(root) if root == trusted => Ok(()),
            Some(_) => Err(TrustError::OtherRoot {
                given: self.version,
                trusted: *version,
                state: state.folder.clone(),
            }),
            None => Err(TrustError::Rollback {
                path: format!("{FOLDER}/{found}.root.json"),
                trusted: *version,
                offered: *found,
            }),
        }
    }
}

const REMEMBERED: &str = "the one trusted before";

async fn first(source: &dyn Fetch) -> Result<Vec<u8>, TrustError> {
    let path = format!("{FOLDER}/1.root.json");
    let fetched = source.fetch(&path, ROOT_BYTES).await;
    fetched.map_err(|error| not_fetched(path, ROOT_BYTES, error))
}

/// What did not come, as a refusal.
pub(crate) fn not_fetched(path: String, most: u64, error: FetchError) -> TrustError {
    match error {
        FetchError::NotFound => TrustError::Missing { path },
        FetchError::TooLarge => TrustError::Endless { path, most },
        FetchError::Other(what) => TrustError::Fetch { path, what },
    }
}

/// A base for `tough`, which wants addresses; only the last part of what is asked for is ever looked at.
fn address(folder: &str) -> Result<Url, TrustError> {
    let address = format!("edition:///{folder}/");
    Url::parse(&address).map_err(|e| TrustError::Malformed { path: address, what: e.to_string() })
}
