//! Second names for holdings, in folders that are not published yet.

use crate::StoreError;
use crate::durable::parent_of;
use crate::folder::path_in;
use deadwax_model::Root;
use std::collections::HashSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Gives holdings of a store second names without opening them. It does nothing else, and so any number of threads can each have one.
#[derive(Debug, Clone)]
pub struct Links {
    store: PathBuf,
}

impl Links {
    pub(crate) fn of(store: &Path) -> Links {
        Links { store: store.to_path_buf() }
    }

    /// Links each holding as the path beside its root, and creates the folders above. Durable once those are flushed:
    /// [`crate::publish_folder`] does it for all at once.
    ///
    /// # Errors
    /// A holding that the store does not have; a folder that cannot be made or written to; a path that is taken.
    pub fn link_all(
        &self,
        links: impl IntoIterator<Item = (Root, PathBuf)>,
    ) -> Result<(), StoreError> {
        let mut made = HashSet::new();
        for (root, target) in links {
            let parent = parent_of(&target);
            if !made.contains(parent) {
                fs::create_dir_all(parent).map_err(StoreError::io("create folder", parent))?;
                made.insert(parent.to_path_buf());
            }
            link(&self.store, &root, &target)?;
        }
        Ok(())
    }
}

/// A link in a folder that is there.
pub(crate) fn link(store: &Path, root: &Root, target: &Path) -> Result<(), StoreError> {
    let path = path_in(store, root);
    fs::hard_link(&path, target).map_err(|e| match e.kind() {
        ErrorKind::NotFound if !path.exists() => StoreError::Missing { root: *root, path },
        _ => StoreError::io("link", target)(e),
    })
}
