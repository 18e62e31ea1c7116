//! Other keys: a new root.

use super::Signer;
use crate::roots::RootChange;
use crate::{Role, SignError, SigningKey};
use deadwax_store::create_private_folder;
use std::path::{Path, PathBuf};

impl Signer {
    /// Makes a key for `role` in `folder`, and a root that names it beside those there are. Gives its path.
    pub fn add_key(&mut self, role: Role, folder: &Path) -> Result<PathBuf, SignError> {
        self.need(&[Role::Root])?;
        create_private_folder(folder)?;
        let key = SigningKey::create(folder, role)?;
        let path = key.path().to_path_buf();
        self.change(&[], vec![(role, key)])?;
        Ok(path)
    }

    /// Makes as many new keys for these roles as they have, and a root that names them in the place of the old ones. Gives their
    /// paths. Nothing is deleted.
    pub fn rotate(&mut self, roles: &[Role], folder: &Path) -> Result<Vec<PathBuf>, SignError> {
        self.need(&[Role::Root])?;
        create_private_folder(folder)?;
        let mut made = Vec::new();
        for role in roles {
            for _ in &self.roots.role(*role).keyids {
                made.push((*role, SigningKey::create(folder, *role)?));
            }
        }
        let paths = made.iter().map(|(_, key)| key.path().to_path_buf()).collect();
        self.change(roles, made)?;
        Ok(paths)
    }

    fn change(&mut self, without: &[Role], with: Vec<(Role, SigningKey)>) -> Result<(), SignError> {
        let ids: Vec<_> = with.iter().map(|(role, key)| (*role, key.tuf_id().clone())).collect();
        with.into_iter().for_each(|(role, key)| self.keys.add(role, key));
        let found = ids.iter().filter_map(|(role, id)| Some((*role, self.keys.find(id)?)));
        let change = RootChange { without: without.to_vec(), with: found.collect() };
        self.roots.succeed(&change, &self.keys, &self.terms, self.now)
    }
}
