//! Which attack an error of `tough` would be.

use super::{ROOT_UPDATES, Start, not_fetched};
use crate::peek::Peek;
use crate::state::{CLOCK, State};
use crate::transport::{NotFetched, root_version};
use crate::{FOLDER, TrustError};
use std::collections::BTreeMap;
use std::error::Error as _;
use tough::error::Error;
use tough::schema::{Error as SchemaError, RoleType};

pub(super) fn explain(
    error: Error,
    seen: &BTreeMap<String, Vec<u8>>,
    start: &Start,
    state: &State,
) -> TrustError {
    let file = |role| File::of(role, seen, start);
    match error {
        Error::ExpiredMetadata { role, .. } => {
            let since =
                file(role).peek().map_or_else(|| "?".to_owned(), |peek| peek.signed.expires);
            TrustError::Expired { path: file(role).path, since }
        }
        Error::OlderMetadata { role, current_version, new_version, .. } => TrustError::Rollback {
            path: file(role).path,
            trusted: current_version,
            offered: new_version,
        },
        Error::OlderSnapshotInTimestamp { snapshot_new, snapshot_old, .. } => {
            TrustError::Rollback {
                path: file(RoleType::Snapshot).path,
                trusted: snapshot_old,
                offered: snapshot_new,
            }
        }
        Error::SnapshotRoleRollback { role, old_role_version, new_role_version, .. } => {
            TrustError::Rollback {
                path: format!("{FOLDER}/{role}"),
                trusted: old_role_version,
                offered: new_role_version,
            }
        }
        Error::VersionMismatch { role, fetched, expected, .. } => TrustError::Mixed {
            path: file(role).path,
            what: format!("it is version {fetched}, version {expected} is signed"),
        },
        Error::VerifyMetadata { role, source, .. } => file(role).badly_signed(source),
        Error::ParseMetadata { role, source, .. } => {
            TrustError::Malformed { path: file(role).path, what: source.to_string() }
        }
        Error::ParseTrustedMetadata { source, .. } => {
            TrustError::BadRoot { origin: start.origin, what: source.to_string() }
        }
        Error::VerifyTrustedMetadata { source, .. } => {
            TrustError::BadRoot { origin: start.origin, what: source.to_string() }
        }
        Error::MaxUpdatesExceeded { .. } => TrustError::EndlessRoots { most: ROOT_UPDATES },
        Error::SystemTimeSteppedBackward { sys_time, latest_known_time } => TrustError::Clock {
            now: sys_time.to_string(),
            before: latest_known_time.to_string(),
            file: state.folder.join(CLOCK),
        },
        Error::Transport { url, source, .. } => {
            let path = url.path().trim_start_matches('/').to_owned();
            not_carried(path, source.source())
                .unwrap_or_else(|path| TrustError::Fetch { path, what: source.to_string() })
        }
        error => malformed_or_local(error, state),
    }
}

/// What the transport ran into, or the checks of length and hash that are laid over it.
fn not_carried(
    path: String,
    cause: Option<&(dyn std::error::Error + 'static)>,
) -> Result<TrustError, String> {
    let Some(cause) = cause else { return Err(path) };
    if let Some(NotFetched { path, most_bytes, error }) = cause.downcast_ref() {
        return Ok(not_fetched(path.clone(), *most_bytes, error.clone()));
    }
    match cause.downcast_ref() {
        // It ended: otherwise the transport had said so.
        Some(Error::MaxSizeExceeded { max_size, .. }) => {
            let what = format!("it is longer than the {max_size} bytes that are signed");
            Ok(TrustError::Mixed { path, what })
        }
        Some(Error::HashMismatch { .. }) => {
            Ok(TrustError::Mixed { path, what: "its SHA-256 is another".to_owned() })
        }
        _ => Err(path),
    }
}

/// The rest: signed metadata that lack something, or the folder that remembers.
fn malformed_or_local(error: Error, state: &State) -> TrustError {
    let path = match &error {
        Error::DatastoreCreate { path, .. }
        | Error::DatastoreOpen { path, .. }
        | Error::DatastoreRemove { path, .. } => path.display().to_string(),
        Error::DatastoreInit { .. } => state.folder.display().to_string(),
        _ => FOLDER.to_owned(),
    };
    TrustError::Malformed { path, what: error.to_string() }
}

/// A metadata file, as it came.
struct File<'a> {
    path: String,
    bytes: Option<&'a [u8]>,
}

impl File<'_> {
    fn of<'a>(role: RoleType, seen: &'a BTreeMap<String, Vec<u8>>, start: &'a Start) -> File<'a> {
        let name = match role {
            RoleType::Root => {
                let newest = seen.keys().filter_map(|name| root_version(name)).max();
                format!("{}.root.json", newest.unwrap_or(start.version))
            }
            role => format!("{role}.json"),
        };
        let bytes = seen.get(&name).map(Vec::as_slice);
        let bytes = bytes.or_else(|| (role == RoleType::Root).then_some(&start.root));
        File { path: format!("{FOLDER}/{name}"), bytes }
    }

    fn peek(&self) -> Option<Peek> {
        Peek::at(self.bytes?).ok()
    }

    fn badly_signed(self, error: SchemaError) -> TrustError {
        let signatures = self.peek().map_or(0, |peek| peek.signatures.len());
        let path = self.path;
        match error {
            _ if signatures == 0 => TrustError::Unsigned { path },
            SchemaError::SignatureThreshold { valid: 0, .. } => TrustError::WrongKey { path },
            SchemaError::SignatureThreshold { valid, threshold, .. } => {
                TrustError::Threshold { path, good: valid, needed: threshold }
            }
            error => TrustError::Malformed { path, what: error.to_string() },
        }
    }
}
