//! A file that takes the place of a damaged one, and not before it was read back and found right: until then the damaged
//! one, which may be the best copy that there is, stays where it is.

use crate::durable::{parent_of, rename};
use crate::{Leaves, StoreError, create_folder};
use deadwax_model::Root;
use std::fs::{self, File, Permissions};
use std::io::{self, Seek, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// A file being written aside. Dropped without [`Replacement::finish`] it leaves nothing behind.
#[derive(Debug)]
pub struct Replacement {
    file: File,
    draft: PathBuf,
    target: PathBuf,
}

impl Replacement {
    /// Begins a file that will be `target`, at `draft` on the same file system. What an earlier run left there is replaced.
    ///
    /// # Errors
    /// Creating it.
    pub fn create(target: &Path, draft: &Path) -> Result<Replacement, StoreError> {
        create_folder(parent_of(draft))?;
        let file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(draft)
            .map_err(StoreError::io("create", draft))?;
        Ok(Replacement { file, draft: draft.to_path_buf(), target: target.to_path_buf() })
    }

    /// Reads back what was written, and puts it durably in the place of what is at `target` when it has this root.
    /// Whether it has: where not, nothing changes.
    ///
    /// # Errors
    /// The disk.
    pub fn finish(mut self, root: &Root) -> Result<bool, StoreError> {
        let read = self.file.rewind().and_then(|()| Leaves::read(&self.file));
        if read.map_err(StoreError::io("re-read", &self.draft))?.root() != *root {
            return Ok(false);
        }
        self.file
            .set_permissions(Permissions::from_mode(0o444))
            .map_err(StoreError::io("make read-only", &self.draft))?;
        self.file.sync_all().map_err(StoreError::io("flush", &self.draft))?;
        create_folder(parent_of(&self.target))?;
        rename(&self.draft, &self.target).map(|()| true)
    }

    /// What writing ran into, as an error of the store.
    pub fn write_failed(&self, error: io::Error) -> StoreError {
        StoreError::io("write", &self.draft)(error)
    }
}

impl Write for Replacement {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.file.write(data)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        // After `finish` the name is gone already.
        let _ = fs::remove_file(&self.draft);
    }
}
