//! Signs an edition's metadata anew before they expire, and after keys were changed.

use super::{Signature, Signer};
use crate::numbers::Numbers;
use crate::roots::RootChange;
use crate::{FOLDER, Role, SignError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs;
use std::path::Path;
use tough::schema::{Signed, Snapshot, Targets};

/// What was signed anew.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Renewed {
    /// By whom; the timestamp always is.
    pub roles: Vec<Role>,
    /// What expires soon and could not be, because its keys are elsewhere.
    pub late: Vec<Late>,
}

/// Metadata that expire soon, and whose keys are elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Late {
    /// Whose keys.
    pub role: Role,
    /// When, RFC 3339.
    pub expires: String,
}

impl Signer {
    /// Signs the timestamp of an edition anew, and what else expires soon, is not signed by today's keys, or does not go together
    /// because a run was killed.
    ///
    /// # Errors
    /// Keys that are not at hand: of what must be signed. What may wait is told in the answer.
    pub fn renew(&mut self, edition: &Path) -> Result<Renewed, SignError> {
        let mut renewed = Renewed::default();
        self.renew_root(&mut renewed)?;
        let trust = edition.join(FOLDER);
        let mut numbers = Numbers::read(self.roots.folder(), Some(edition))?;
        let path = trust.join("targets.json");
        let foreign = || SignError::Foreign { path: path.clone() };
        let (targets, bytes) = read::<Targets>(&path).ok_or_else(foreign)?;
        let number = targets.signed.version.get();
        let mut list = Signature { name: "targets.json", number, bytes };
        let is_good = self.roots.newest().verify_role(&targets).is_ok();
        if self.is_due(Role::Targets, is_good, targets.signed.expires, &mut renewed)? {
            if !self.roots.has_signed(&targets) {
                return Err(foreign());
            }
            numbers.targets += 1;
            list = self.targets_again(numbers.targets, targets.signed.targets)?;
        }
        let snapshot = read::<Snapshot>(&trust.join("snapshot.json"));
        let is_good = |snapshot: &Signed<Snapshot>| {
            self.roots.newest().verify_role(snapshot).is_ok()
                && snapshot.signed.meta.get(list.name) == Some(&list.named())
        };
        let names = match snapshot.filter(|(snapshot, _)| is_good(snapshot)) {
            Some((snapshot, bytes))
                if !self.is_due(Role::Snapshot, true, snapshot.signed.expires, &mut renewed)? =>
            {
                let number = snapshot.signed.version.get();
                Signature { name: "snapshot.json", number, bytes }
            }
            good => {
                if good.is_none() {
                    renewed.roles.push(Role::Snapshot);
                }
                numbers.snapshot += 1;
                self.snapshot(numbers.snapshot, &list)?
            }
        };
        renewed.roles.push(Role::Timestamp);
        let is_new = |file: &&Signature| match file.name {
            "targets.json" => renewed.roles.contains(&Role::Targets),
            _ => renewed.roles.contains(&Role::Snapshot),
        };
        let new: Vec<_> = [&list, &names].into_iter().filter(is_new).collect();
        self.write(edition, numbers, &new, &names)?;
        Ok(renewed)
    }

    pub(super) fn renew_root(&mut self, renewed: &mut Renewed) -> Result<(), SignError> {
        let expires = self.roots.newest().expires;
        if self.is_due(Role::Root, true, expires, renewed)? {
            let nothing = RootChange { without: Vec::new(), with: Vec::new() };
            self.roots.succeed(&nothing, &self.keys, &self.terms, self.now)?;
        }
        Ok(())
    }

    /// Whether it is to be signed anew: because it must, or because it soon must and the keys are here.
    fn is_due(
        &self,
        role: Role,
        is_good: bool,
        expires: jiff::Timestamp,
        renewed: &mut Renewed,
    ) -> Result<bool, SignError> {
        let must = !is_good || expires <= self.now;
        if !must && !self.terms.is_soon(role, expires, self.now) {
            return Ok(false);
        }
        match self.need(&[role]) {
            Ok(()) => {
                renewed.roles.push(role);
                Ok(true)
            }
            Err(error) if must => Err(error),
            Err(_) => {
                renewed.late.push(Late { role, expires: expires.to_string() });
                Ok(false)
            }
        }
    }
}

/// A metadata file and its bytes, if it can be read.
fn read<T: DeserializeOwned>(path: &Path) -> Option<(Signed<T>, Vec<u8>)> {
    let bytes = fs::read(path).ok()?;
    Some((serde_json::from_slice(&bytes).ok()?, bytes))
}
