//! Files that are not what they should be, taken out of the way without losing a byte of them. What
//! looks broken here may be the best copy that there is.

use crate::check::check_file;
use crate::durable::{create_folder, flush_folder, parent_of, rename};
use crate::{Fixity, Store, StoreError};
use deadwax_model::Root;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

impl Store {
    /// Takes a holding that is damaged out of the way (to `store/damaged/ROOT`, or `ROOT.2` and so on
    /// where that is taken), so that a sound one can take its place. Nothing is deleted.
    pub fn set_aside(&self, root: &Root) -> Result<(), StoreError> {
        self.set_aside_file(&self.path(root), root)
    }

    /// Takes any file of the archive out of the way, to `store/damaged/NAME`, numbered as above.
    pub fn set_aside_file(&self, path: &Path, name: &Root) -> Result<(), StoreError> {
        let aside = self.aside_folder();
        create_folder(&aside)?;
        let _one = self.setting_aside.lock().unwrap_or_else(|e| e.into_inner());
        let number = self.aside_copies(name)?.last().map_or(1, |(number, _)| number + 1);
        let target = match number {
            1 => aside.join(name.to_string()),
            _ => aside.join(format!("{name}.{number}")),
        };
        fs::rename(path, &target).map_err(StoreError::io("set aside", path))?;
        flush_folder(&aside)?;
        flush_folder(parent_of(path))
    }

    /// Puts a copy that was set aside under this name back where nothing is, if one of them turns out
    /// to be sound. Whether one was put back.
    pub fn put_back_sound(&self, root: &Root) -> Result<bool, StoreError> {
        self.put_back_one(root, |path| matches!(check_file(path, root), Fixity::Sound { .. }))
    }

    /// Puts back the copy that was set aside last, where nothing is. Whether there was one.
    pub fn put_back(&self, root: &Root) -> Result<bool, StoreError> {
        self.put_back_one(root, |_| true)
    }

    fn put_back_one(
        &self,
        root: &Root,
        is_good: impl Fn(&Path) -> bool,
    ) -> Result<bool, StoreError> {
        let target = self.path(root);
        if target.symlink_metadata().is_ok() {
            return Ok(false);
        }
        let mut copies = self.aside_copies(root)?.into_iter().rev();
        let Some((_, copy)) = copies.find(|(_, path)| is_good(path)) else {
            return Ok(false);
        };
        self.shelf(root)?;
        rename(&copy, &target)?;
        flush_folder(&self.aside_folder())?;
        Ok(true)
    }

    /// What was set aside under this name, with the numbers, in their order.
    pub(crate) fn aside_copies(&self, name: &Root) -> Result<Vec<(u32, PathBuf)>, StoreError> {
        let (aside, name) = (self.aside_folder(), name.to_string());
        let listing = match fs::read_dir(&aside) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            listing => listing.map_err(StoreError::io("list", &aside))?,
        };
        let mut copies = Vec::new();
        for entry in listing {
            let path = entry.map_err(StoreError::io("list", &aside))?.path();
            let found = path.file_name().and_then(|found| found.to_str());
            let number = match found.and_then(|found| found.strip_prefix(&name)) {
                Some("") => Some(1),
                Some(rest) => rest.strip_prefix('.').and_then(|number| number.parse().ok()),
                None => None,
            };
            copies.extend(number.map(|number| (number, path)));
        }
        copies.sort();
        Ok(copies)
    }

    pub(crate) fn aside_folder(&self) -> PathBuf {
        self.folder.join("damaged")
    }
}
