//! One writer an archive.

use crate::StoreError;
use std::fs::{File, TryLockError};
use std::path::Path;

/// Held while a process changes an archive; the system frees it when the process ends, however it ends.
#[derive(Debug)]
pub struct ArchiveLock {
    _file: File,
}

impl ArchiveLock {
    /// Takes the lock of the archive in `folder`, or says at once that somebody else has it.
    pub fn take(folder: &Path) -> Result<ArchiveLock, StoreError> {
        ArchiveLock::take_file(&folder.join("archive.lock"), folder)
    }

    /// The same by a lock file of another name, for `what` is kept by it.
    pub fn take_file(path: &Path, what: &Path) -> Result<ArchiveLock, StoreError> {
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)
            .map_err(StoreError::io("open", path))?;
        match file.try_lock() {
            Ok(()) => Ok(ArchiveLock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(StoreError::Locked { path: what.to_path_buf() }),
            Err(TryLockError::Error(e)) => Err(StoreError::io("lock", path)(e)),
        }
    }
}
