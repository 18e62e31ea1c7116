//! Taking files away for good, so that after a power cut they are still gone.

use crate::durable::{flush_folder, parent_of};
use crate::{Store, StoreError};
use deadwax_model::Root;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// Takes a published file away, and the folders that are empty without it, up to `top`, which stays. Whether it was there.
pub fn take_out(path: &Path, top: &Path) -> Result<bool, StoreError> {
    let was_there = match fs::remove_file(path) {
        Ok(()) => true,
        Err(e) if e.kind() == ErrorKind::NotFound => false,
        Err(e) => return Err(StoreError::io("remove", path)(e)),
    };
    let mut folder = parent_of(path);
    while folder != top && folder.starts_with(top) {
        match fs::remove_dir(folder) {
            Ok(()) => {}
            Err(e) if e.kind() == ErrorKind::NotFound => {}
            // Something else is in it.
            Err(_) => break,
        }
        folder = parent_of(folder);
    }
    if folder.is_dir() {
        flush_folder(folder)?;
    }
    Ok(was_there)
}

impl Store {
    /// Removes a holding for good. Whether it was there. It may be the last copy that there is: only who was told so by a
    /// person may ask for it.
    /// What was set aside under its name goes too.
    pub fn remove(&self, root: &Root) -> Result<bool, StoreError> {
        for (_, copy) in self.aside_copies(root)? {
            take_out(&copy, &self.aside_folder())?;
        }
        take_out(&self.path(root), &self.folder)
    }
}
