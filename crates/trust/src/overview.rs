//! What an archive signs with, and until when: for people and programs.

use crate::peek::Peek;
use crate::{FOLDER, Keys, Role, Roots, SignError};
use serde::Serialize;
use std::fs;
use std::path::Path;

/// What an archive signs with, and until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Overview {
    /// Hex of the SHA-256 of the newest root file: what mirrors compare.
    pub root: String,
    /// Its version.
    pub root_version: u64,
    /// The four roles, the most precious first.
    pub roles: Vec<RoleOverview>,
    /// Keys at hand that the newest root does not name: they were rotated away, or a run was killed.
    pub unused: Vec<String>,
}

/// The keys of one role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RoleOverview {
    /// Which.
    pub role: Role,
    /// How many must sign.
    pub threshold: u64,
    /// When what it has signed last expires, RFC 3339; of the newest edition, but for the root. `None` where there is nothing signed.
    pub expires: Option<String>,
    /// Its keys.
    pub keys: Vec<KeyOverview>,
}

/// One key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeyOverview {
    /// Its id: 64 hex digits.
    pub id: String,
    /// Where it is, if it is at hand.
    pub path: Option<String>,
}

impl Overview {
    /// Of these roots and the keys at hand, with the signatures on `edition`, the newest.
    pub fn of(roots: &Roots, keys: &Keys, edition: Option<&Path>) -> Result<Overview, SignError> {
        let role = |role: Role| -> Result<RoleOverview, SignError> {
            let wanted = roots.role(role);
            let key = |id| KeyOverview {
                id: hex::encode(id),
                path: keys.find(id).map(|key| key.path().display().to_string()),
            };
            let expires = match (role, edition) {
                (Role::Root, _) => Some(roots.newest().expires.to_string()),
                (_, Some(edition)) => expires(&edition.join(FOLDER).join(format!("{role}.json")))?,
                (_, None) => None,
            };
            let keys = wanted.keyids.iter().map(key).collect();
            Ok(RoleOverview { role, threshold: wanted.threshold.get(), expires, keys })
        };
        let is_named = |id| Role::ALL.iter().any(|role| roots.role(*role).keyids.contains(id));
        let unused = keys.all().filter(|(_, key)| !is_named(key.tuf_id()));
        Ok(Overview {
            root: roots.fingerprint(),
            root_version: roots.version(),
            roles: Role::ALL.into_iter().map(role).collect::<Result<_, _>>()?,
            unused: unused.map(|(_, key)| key.path().display().to_string()).collect(),
        })
    }
}

fn expires(path: &Path) -> Result<Option<String>, SignError> {
    if !path.is_file() {
        return Ok(None);
    }
    let bytes = fs::read(path).map_err(SignError::io("read", path))?;
    // Damaged metadata are the business of those who sign and verify.
    Ok(Peek::at(&bytes).ok().map(|peek| peek.signed.expires))
}
