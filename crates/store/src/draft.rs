//! A file on its way into the store.

use crate::durable::{flush_folder, rename};
use crate::hash::{FileHasher, hash_reader};
use crate::{Fixity, Store, StoreError};
use deadwax_model::FileHashes;
use std::fs::{self, File, Permissions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

/// Bytes being written to a temporary file of the store. Hashed while they are written in order;
/// a writer that goes back (to fill in a header) costs one more read at the end. Dropped without
/// [`Draft::finish`] it leaves nothing behind.
pub struct Draft<'s> {
    store: &'s Store,
    file: Option<File>,
    path: PathBuf,
    position: u64,
    /// `None` once something already hashed was written over.
    hasher: Option<FileHasher>,
    hashed_bytes: u64,
}

impl<'s> Draft<'s> {
    pub(crate) fn create(store: &'s Store, path: PathBuf) -> Result<Draft<'s>, StoreError> {
        let file = File::options()
            .read(true)
            .write(true)
            .create_new(true)
            .open(&path)
            .map_err(StoreError::io("create", &path))?;
        let hasher = Some(FileHasher::new());
        Ok(Draft { store, file: Some(file), path, position: 0, hasher, hashed_bytes: 0 })
    }

    /// The hashes of what is in the draft now.
    pub fn hashes(&mut self) -> Result<FileHashes, StoreError> {
        if let Some(hasher) = self.hasher.take() {
            let hashes = hasher.finish();
            self.hashed_bytes = u64::MAX;
            return Ok(hashes);
        }
        self.file_mut()
            .and_then(|file| {
                file.rewind()?;
                hash_reader(&*file)
            })
            .map_err(StoreError::io("re-read", &self.path))
    }

    /// Makes the draft a holding under the root given by `hashes` (of [`Draft::hashes`]): length
    /// check, fsync, close, read-only, rename, fsync directory. A holding that is there already and
    /// is sound, which is read whole for that, stays as it is; one that is not is set aside.
    pub fn finish(mut self, hashes: &FileHashes) -> Result<(), StoreError> {
        let file = self.file.take().expect("a draft has its file until it is finished");
        let found = file.metadata().map_err(StoreError::io("look at", &self.path))?.len();
        if found != hashes.bytes {
            let path = self.path.clone();
            return Err(StoreError::Length { path, wanted: hashes.bytes, found });
        }
        let target = self.store.path(&hashes.root);
        let shelf = self.store.shelf(&hashes.root)?;
        if target.symlink_metadata().is_ok() {
            // One worker at a time, lest a second one sets aside what the first has just put there.
            let _one = self.store.replacing.lock().unwrap_or_else(|e| e.into_inner());
            match self.store.check(&hashes.root) {
                Fixity::Sound { .. } => return flush_folder(&shelf),
                Fixity::Missing => {}
                Fixity::Damaged { .. } | Fixity::Unreadable { .. } => {
                    self.store.set_aside(&hashes.root)?;
                }
            }
        }
        file.set_permissions(Permissions::from_mode(0o444))
            .map_err(StoreError::io("make read-only", &self.path))?;
        file.sync_all().map_err(StoreError::io("flush", &self.path))?;
        drop(file);
        rename(&self.path, &target)
    }

    fn file_mut(&mut self) -> io::Result<&mut File> {
        self.file.as_mut().ok_or_else(|| io::Error::other("this draft is finished"))
    }
}

impl Write for Draft<'_> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let written = self.file_mut()?.write(data)?;
        if self.position != self.hashed_bytes {
            self.hasher = None;
        }
        if let Some(hasher) = &mut self.hasher {
            hasher.update(&data[..written]);
            self.hashed_bytes += written as u64;
        }
        self.position += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file_mut()?.flush()
    }
}

impl Seek for Draft<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.position = self.file_mut()?.seek(to)?;
        Ok(self.position)
    }
}

impl Read for Draft<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file_mut()?.read(buffer)?;
        self.position += read as u64;
        Ok(read)
    }
}

impl Drop for Draft<'_> {
    fn drop(&mut self) {
        // After `finish` the name is gone already, and a leftover is cleared when the store opens.
        let _ = fs::remove_file(&self.path);
    }
}
