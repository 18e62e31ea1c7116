//! The keys at hand: in the archive's own folder, and in those that are brought for the occasion.

use crate::key::{file_name, role_of};
use crate::{Role, SignError, SigningKey};
use deadwax_store::create_private_folder;
use std::fs;
use std::path::{Path, PathBuf};
use tough::schema::RoleKeys;
use tough::schema::decoded::{Decoded, Hex};

/// The keys at hand.
#[derive(Debug)]
pub struct Keys {
    folders: Vec<PathBuf>,
    keys: Vec<(Role, SigningKey)>,
}

impl Keys {
    /// Reads the keys in these folders: files called `ROLE-anything.pem`. Others are not looked at. Which role a key has in the end
    /// is the root's word, not its name's.
    pub fn open(folders: &[PathBuf]) -> Result<Keys, SignError> {
        let mut keys = Vec::new();
        for folder in folders {
            for entry in fs::read_dir(folder).map_err(SignError::io("list", folder))? {
                let path = entry.map_err(SignError::io("list", folder))?.path();
                let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
                if let Some(role) = role_of(name) {
                    keys.push((role, SigningKey::read(&path)?));
                }
            }
        }
        keys.sort_by(|a, b| (a.0, a.1.path()).cmp(&(b.0, b.1.path())));
        Ok(Keys { folders: folders.to_vec(), keys })
    }

    /// Makes a first set in `folder`, which only its owner may look into: a key for each role. What a killed run has left is used.
    pub fn create(folder: &Path) -> Result<Keys, SignError> {
        create_private_folder(folder)?;
        let there = Keys::open(&[folder.to_path_buf()])?;
        for role in Role::ALL {
            if !there.keys.iter().any(|(its, _)| *its == role) {
                SigningKey::create(folder, role)?;
            }
        }
        Keys::open(&[folder.to_path_buf()])
    }

    /// All, by the role in their names.
    pub(crate) fn all(&self) -> impl Iterator<Item = &(Role, SigningKey)> {
        self.keys.iter()
    }

    /// Takes in a key that was just made.
    pub(crate) fn add(&mut self, role: Role, key: SigningKey) {
        self.keys.push((role, key));
    }

    pub(crate) fn find(&self, id: &Decoded<Hex>) -> Option<&SigningKey> {
        self.keys.iter().map(|(_, key)| key).find(|key| key.tuf_id() == id)
    }

    /// Those of a role that are here; an error when they are too few.
    pub(crate) fn enough(
        &self,
        role: Role,
        wanted: &RoleKeys,
    ) -> Result<Vec<&SigningKey>, SignError> {
        let here: Vec<_> = wanted.keyids.iter().filter_map(|id| self.find(id)).collect();
        let (needed, at_hand) = (wanted.threshold.get(), here.len() as u64);
        if at_hand >= needed {
            return Ok(here);
        }
        let shown = |folder: &PathBuf| folder.display().to_string();
        let file = |id: &Decoded<Hex>| file_name(role, &hex::encode(id));
        let looked = self.folders.iter().map(shown).collect::<Vec<_>>().join(", ");
        let files = wanted.keyids.iter().map(file).collect::<Vec<_>>().join(", ");
        let looked = if looked.is_empty() { "no folder".to_owned() } else { looked };
        Err(SignError::NotAtHand { role, needed, at_hand, looked, files })
    }
}
