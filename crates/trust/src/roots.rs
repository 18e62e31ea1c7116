//! The roots of an archive: which keys sign what, from the first to the newest.

use crate::signed::{self, SPECIFICATION, sign, version};
use crate::transport::root_version;
use crate::{Keys, Role, SignError, SigningKey, Terms};
use deadwax_store::{create_folder, write_file};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use tough::schema::{RoleKeys, Root, Signed, Targets};

/// The roots of an archive.
#[derive(Debug)]
pub struct Roots {
    folder: PathBuf,
    /// By version, none missing: what is read and the file as it is.
    all: BTreeMap<u64, (Signed<Root>, Vec<u8>)>,
    newest: Root,
}

const COPY: &str = "bring it back from the folder trust/ of an edition: every one has all roots";

/// What is to be otherwise in the next root.
pub(crate) struct RootChange<'k> {
    /// Roles whose keys are left out.
    pub(crate) without: Vec<Role>,
    /// Keys that come in.
    pub(crate) with: Vec<(Role, &'k SigningKey)>,
}

impl Roots {
    /// The roots in `folder`, `N.root.json`; `None` when there is none.
    pub fn open(folder: &Path) -> Result<Option<Roots>, SignError> {
        let mut all = BTreeMap::new();
        if folder.is_dir() {
            for entry in fs::read_dir(folder).map_err(SignError::io("list", folder))? {
                let path = entry.map_err(SignError::io("list", folder))?.path();
                let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
                if let Some(version) = root_version(name) {
                    let (root, bytes) = signed::read::<Root>(&path, COPY)?;
                    let is_good = root.signed.verify_role(&root).is_ok();
                    if !is_good || root.signed.version.get() != version {
                        return Err(SignError::malformed(
                            &path,
                            "it is not signed by its own keys",
                            COPY,
                        ));
                    }
                    all.insert(version, (root, bytes));
                }
            }
        }
        let Some((root, _)) = all.values().next_back() else { return Ok(None) };
        let newest = root.signed.clone();
        if let Some(missing) = (1..newest.version.get()).find(|version| !all.contains_key(version))
        {
            let path = folder.join(format!("{missing}.root.json"));
            return Err(SignError::malformed(
                &path,
                "it is not there, and mirrors need every one",
                COPY,
            ));
        }
        Ok(Some(Roots { folder: folder.to_path_buf(), all, newest }))
    }

    /// Makes the first root of an archive, of the keys at hand by the roles in their names.
    pub fn create(
        folder: &Path,
        keys: &Keys,
        terms: &Terms,
        now: Timestamp,
    ) -> Result<Roots, SignError> {
        create_folder(folder)?;
        let nothing = Root {
            spec_version: SPECIFICATION.to_owned(),
            consistent_snapshot: false,
            version: NonZeroU64::MIN,
            expires: terms.expires(Role::Root, now),
            keys: HashMap::new(),
            roles: HashMap::new(),
            _extra: HashMap::new(),
        };
        let with = keys.all().map(|(role, key)| (*role, key)).collect();
        let first = changed(&nothing, &RootChange { without: Vec::new(), with }, terms);
        let mut roots =
            Roots { folder: folder.to_path_buf(), all: BTreeMap::new(), newest: first.clone() };
        roots.write(first, keys)?;
        Ok(roots)
    }

    /// Makes the next root: signed by the keys of the newest one and by its own, so that mirrors can follow.
    pub(crate) fn succeed(
        &mut self,
        change: &RootChange<'_>,
        keys: &Keys,
        terms: &Terms,
        now: Timestamp,
    ) -> Result<(), SignError> {
        let mut next = changed(&self.newest, change, terms);
        next.version = version(self.version() + 1);
        next.expires = terms.expires(Role::Root, now);
        self.write(next, keys)
    }

    fn write(&mut self, next: Root, keys: &Keys) -> Result<(), SignError> {
        let mut by = keys.enough(Role::Root, of(&self.newest, Role::Root))?;
        for key in keys.enough(Role::Root, of(&next, Role::Root))? {
            if !by.iter().any(|other| other.tuf_id() == key.tuf_id()) {
                by.push(key);
            }
        }
        let version = next.version.get();
        let bytes = sign(Role::Root, next, &by)?;
        let path = self.folder.join(format!("{version}.root.json"));
        let root: Signed<Root> =
            serde_json::from_slice(&bytes).map_err(|e| SignError::malformed(&path, e, COPY))?;
        write_file(&path, &bytes)?;
        self.newest = root.signed.clone();
        self.all.insert(version, (root, bytes));
        Ok(())
    }

    /// Writes all that are not there yet into another folder: the metadata of an edition.
    pub fn copy_to(&self, trust: &Path) -> Result<(), SignError> {
        for (version, (_, bytes)) in &self.all {
            let path = trust.join(format!("{version}.root.json"));
            if fs::read(&path).ok().as_ref() != Some(bytes) {
                write_file(&path, bytes)?;
            }
        }
        Ok(())
    }

    /// The keys of a role, and how many must sign.
    pub(crate) fn role(&self, role: Role) -> &RoleKeys {
        of(&self.newest, role)
    }

    /// The newest.
    pub(crate) fn newest(&self) -> &Root {
        &self.newest
    }

    /// Whether a list of files was signed by targets keys that this archive has or once had.
    pub(crate) fn has_signed(&self, targets: &Signed<Targets>) -> bool {
        self.all.values().any(|(root, _)| root.signed.verify_role(targets).is_ok())
    }

    /// Where they are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Version of the newest.
    pub fn version(&self) -> u64 {
        self.newest.version.get()
    }

    /// Hex of the SHA-256 of the newest file, as `sha256sum N.root.json` prints it.
    pub fn fingerprint(&self) -> String {
        let newest = self.all.values().next_back();
        newest.map(|(_, bytes)| hex::encode(Sha256::digest(bytes))).unwrap_or_default()
    }
}

/// The keys of a role; of a root that names none, none, and one is needed: then nothing can be signed.
fn of(root: &Root, role: Role) -> &RoleKeys {
    static NONE: std::sync::LazyLock<RoleKeys> = std::sync::LazyLock::new(|| RoleKeys {
        keyids: Vec::new(),
        threshold: NonZeroU64::MIN,
        _extra: HashMap::new(),
    });
    root.roles.get(&role.of_tuf()).unwrap_or(&NONE)
}

/// A root with other keys and today's thresholds, never more than there are keys.
fn changed(before: &Root, change: &RootChange<'_>, terms: &Terms) -> Root {
    let mut root = before.clone();
    let (mut known, mut roles) = (HashMap::new(), HashMap::new());
    for role in Role::ALL {
        let stay = !change.without.contains(&role);
        let mut keyids = of(before, role).keyids.clone();
        keyids.retain(|_| stay);
        for id in &keyids {
            known.extend(before.keys.get(id).map(|key| (id.clone(), key.clone())));
        }
        for (_, key) in change.with.iter().filter(|(its, _)| *its == role) {
            known.insert(key.tuf_id().clone(), key.public());
            if !keyids.contains(key.tuf_id()) {
                keyids.push(key.tuf_id().clone());
            }
        }
        let threshold = terms.of(role).threshold.min(keyids.len() as u64).max(1);
        let threshold = NonZeroU64::new(threshold).unwrap_or(NonZeroU64::MIN);
        roles.insert(role.of_tuf(), RoleKeys { keyids, threshold, _extra: HashMap::new() });
    }
    root.keys = known;
    root.roles = roles;
    root
}
