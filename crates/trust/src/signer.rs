//! Signs editions.

mod change;
mod renew;

use crate::numbers::Numbers;
use crate::signed::{SPECIFICATION, sign, version};
use crate::{FOLDER, Keys, Role, Roots, SignError, SigningKey, TargetFile, Terms};
use deadwax_store::{create_folder, write_file};
use jiff::Timestamp;
pub use renew::{Late, Renewed};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::path::Path;
use tough::TargetName;
use tough::schema::{self, Hashes, Metafile, Snapshot, Target, Targets};

/// Signs editions with the keys at hand.
#[derive(Debug)]
pub struct Signer {
    roots: Roots,
    keys: Keys,
    terms: Terms,
    now: Timestamp,
}

impl Signer {
    /// With these keys, under the newest of these roots.
    pub fn new(roots: Roots, keys: Keys, terms: Terms, now: Timestamp) -> Signer {
        Signer { roots, keys, terms, now }
    }

    /// The roots, with what was changed.
    pub fn roots(&self) -> &Roots {
        &self.roots
    }

    /// The keys at hand.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Whether the keys for these roles are at hand.
    ///
    /// # Errors
    /// When they are not, with where they were looked for.
    pub fn need(&self, roles: &[Role]) -> Result<(), SignError> {
        roles.iter().try_for_each(|role| self.keys_of(*role).map(drop))
    }

    /// Signs the edition in `edition`, which may be a draft: writes its `trust/`. `newest` is the newest edition that was signed
    /// before, if any; it may be the same. The root is renewed too when it expires soon.
    pub fn sign(
        &mut self,
        edition: &Path,
        files: &[TargetFile],
        newest: Option<&Path>,
    ) -> Result<Renewed, SignError> {
        let mut renewed = Renewed::default();
        self.renew_root(&mut renewed)?;
        let mut numbers = Numbers::read(self.roots.folder(), newest)?;
        numbers.targets += 1;
        numbers.snapshot += 1;
        let targets = self.targets(numbers.targets, files)?;
        let snapshot = self.snapshot(numbers.snapshot, &targets)?;
        self.write(edition, numbers, &[&targets, &snapshot], &snapshot)?;
        renewed.roles.extend(Role::OF_EDITION);
        Ok(renewed)
    }

    fn keys_of(&self, role: Role) -> Result<Vec<&SigningKey>, SignError> {
        self.keys.enough(role, self.roots.role(role))
    }

    fn targets(&self, number: u64, files: &[TargetFile]) -> Result<Signature, SignError> {
        let mut targets = HashMap::new();
        for file in files {
            let name = TargetName::new(&*file.path);
            let name = name.map_err(|_| SignError::BadPath { role: Role::Targets })?;
            let target = Target {
                length: file.bytes,
                hashes: hashes(&file.sha256),
                custom: HashMap::new(),
                _extra: HashMap::new(),
            };
            targets.insert(name, target);
        }
        self.targets_again(number, targets)
    }

    fn targets_again(
        &self,
        number: u64,
        targets: HashMap<TargetName, Target>,
    ) -> Result<Signature, SignError> {
        let content = Targets {
            spec_version: SPECIFICATION.to_owned(),
            version: version(number),
            expires: self.terms.expires(Role::Targets, self.now),
            targets,
            delegations: None,
            _extra: HashMap::new(),
        };
        let bytes = sign(Role::Targets, content, &self.keys_of(Role::Targets)?)?;
        Ok(Signature { name: "targets.json", number, bytes })
    }

    fn snapshot(&self, number: u64, targets: &Signature) -> Result<Signature, SignError> {
        let expires = self.terms.expires(Role::Snapshot, self.now);
        let mut content = Snapshot::new(SPECIFICATION.to_owned(), version(number), expires);
        content.meta.insert(targets.name.to_owned(), targets.named());
        let bytes = sign(Role::Snapshot, content, &self.keys_of(Role::Snapshot)?)?;
        Ok(Signature { name: "snapshot.json", number, bytes })
    }

    fn timestamp(&self, number: u64, snapshot: &Signature) -> Result<Signature, SignError> {
        let expires = self.terms.expires(Role::Timestamp, self.now);
        let mut content =
            schema::Timestamp::new(SPECIFICATION.to_owned(), version(number), expires);
        content.meta.insert(snapshot.name.to_owned(), snapshot.named());
        let bytes = sign(Role::Timestamp, content, &self.keys_of(Role::Timestamp)?)?;
        Ok(Signature { name: "timestamp.json", number, bytes })
    }

    /// Writes what is new of an edition's metadata and a timestamp that names `snapshot`. What names another file is written after
    /// it: in between a mirror sees files that do not go together, takes none of them, and comes back.
    fn write(
        &self,
        edition: &Path,
        mut numbers: Numbers,
        new: &[&Signature],
        snapshot: &Signature,
    ) -> Result<(), SignError> {
        numbers.timestamp += 1;
        let timestamp = self.timestamp(numbers.timestamp, snapshot)?;
        numbers.write(self.roots.folder())?;
        let trust = edition.join(FOLDER);
        create_folder(&trust)?;
        self.roots.copy_to(&trust)?;
        for file in new.iter().copied().chain([&timestamp]) {
            write_file(&trust.join(file.name), &file.bytes)?;
        }
        Ok(())
    }
}

/// A signed file of an edition's metadata.
struct Signature {
    name: &'static str,
    number: u64,
    bytes: Vec<u8>,
}

impl Signature {
    /// As it is named by the file above it.
    fn named(&self) -> Metafile {
        Metafile {
            length: Some(self.bytes.len() as u64),
            hashes: Some(hashes(&Sha256::digest(&self.bytes))),
            version: version(self.number),
            _extra: HashMap::new(),
        }
    }
}

fn hashes(sha256: &[u8]) -> Hashes {
    Hashes { sha256: sha256.to_vec().into(), _extra: HashMap::new() }
}
