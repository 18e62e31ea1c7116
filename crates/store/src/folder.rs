//! The store on a folder.

use crate::check::{Fixity, check_file};
use crate::durable::{create_folder, flush_folder, parent_of};
use crate::links::link;
use crate::{Draft, Links, StoreError};
use deadwax_model::{FileHashes, Root};
use std::collections::BTreeSet;
use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// Holdings in a folder, by root.
#[derive(Debug)]
pub struct Store {
    pub(crate) folder: PathBuf,
    next_draft: AtomicU64,
    /// Folders of holdings whose names this process has made durable.
    shelves: Mutex<BTreeSet<PathBuf>>,
    pub(crate) replacing: Mutex<()>,
    pub(crate) setting_aside: Mutex<()>,
}

impl Store {
    /// Opens the store in `folder`, creating it when it is not there. Call it only under the
    /// archive's lock when writing: unfinished drafts of an earlier run are removed.
    pub fn create(folder: &Path) -> Result<Store, StoreError> {
        let drafts = folder.join("tmp");
        if drafts.is_dir() {
            fs::remove_dir_all(&drafts).map_err(StoreError::io("clear", &drafts))?;
        }
        create_folder(&drafts)?;
        Ok(Store::open(folder))
    }

    /// Opens the store for reading.
    pub fn open(folder: &Path) -> Store {
        Store {
            folder: folder.to_path_buf(),
            next_draft: AtomicU64::new(0),
            shelves: Mutex::default(),
            replacing: Mutex::default(),
            setting_aside: Mutex::default(),
        }
    }

    /// Where the holding of this root is, whether or not it is there.
    pub fn path(&self, root: &Root) -> PathBuf {
        path_in(&self.folder, root)
    }

    /// What gives holdings second names in folders that are not published yet.
    pub fn links(&self) -> Links {
        Links::of(&self.folder)
    }

    /// Whether a holding of this root and length is there. Reads no content.
    pub fn has(&self, root: &Root, bytes: u64) -> bool {
        fs::metadata(self.path(root)).is_ok_and(|there| there.len() == bytes)
    }

    /// A new empty draft.
    pub fn draft(&self) -> Result<Draft<'_>, StoreError> {
        let number = self.next_draft.fetch_add(1, Ordering::Relaxed);
        Draft::create(self, self.folder.join("tmp").join(format!("{number}")))
    }

    /// Stores a small file (a patch, an image) and gives its hashes.
    pub fn put(&self, content: &[u8]) -> Result<FileHashes, StoreError> {
        let mut draft = self.draft()?;
        io::Write::write_all(&mut draft, content).map_err(|e| self.write_failed(e))?;
        let hashes = draft.hashes()?;
        draft.finish(&hashes)?;
        Ok(hashes)
    }

    /// What writing to a draft through [`io::Write`] ran into, as an error of the store.
    pub fn write_failed(&self, error: io::Error) -> StoreError {
        StoreError::io("write to", &self.folder.join("tmp"))(error)
    }

    /// Opens a holding for reading.
    pub fn read(&self, root: &Root) -> Result<File, StoreError> {
        let path = self.path(root);
        File::open(&path).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => StoreError::Missing { root: *root, path },
            _ => StoreError::io("open", &path)(e),
        })
    }

    /// Gives a holding a second name, `target`, in a folder that is published already, without opening it: durable at once.
    pub fn link_durably(&self, root: &Root, target: &Path) -> Result<(), StoreError> {
        create_folder(parent_of(target))?;
        link(&self.folder, root, target)?;
        flush_folder(parent_of(target))
    }

    /// Makes a holding again from a file of the archive that has its bytes, by linking it where that
    /// can be. Whether it has: another one is left alone.
    pub fn take_back(&self, root: &Root, copy: &Path) -> Result<bool, StoreError> {
        let is_file = copy.symlink_metadata().is_ok_and(|there| there.is_file());
        if !is_file || !matches!(check_file(copy, root), Fixity::Sound { .. }) {
            return Ok(false);
        }
        let shelf = self.shelf(root)?;
        let file = File::open(copy).map_err(StoreError::io("open", copy))?;
        file.sync_all().map_err(StoreError::io("flush", copy))?;
        let read_only = file.set_permissions(Permissions::from_mode(0o444));
        match read_only.and_then(|()| fs::hard_link(copy, self.path(root))) {
            Ok(()) => flush_folder(&shelf).map(|()| true),
            // Somebody else's file, or one on another disk.
            Err(_) => self.take_copy(root, copy),
        }
    }

    /// Makes a holding again by copying a file from outside of the archive: what happens to that one later is no matter here. Whether it has the
    /// root: another one is left alone.
    pub fn take_copy(&self, root: &Root, copy: &Path) -> Result<bool, StoreError> {
        let mut file = File::open(copy).map_err(StoreError::io("open", copy))?;
        let mut draft = self.draft()?;
        io::copy(&mut file, &mut draft).map_err(|e| self.write_failed(e))?;
        let hashes = draft.hashes()?;
        if hashes.root != *root {
            return Ok(false);
        }
        draft.finish(&hashes).map(|()| true)
    }

    /// Reads a holding whole and compares its root with its name.
    pub fn check(&self, root: &Root) -> Fixity {
        check_file(&self.path(root), root)
    }

    /// The folder that the holding of this root belongs in, there and with a durable name. Each name is
    /// flushed once a process, whoever made it: a process that was killed may not have come to that.
    pub(crate) fn shelf(&self, root: &Root) -> Result<PathBuf, StoreError> {
        let shelf = parent_of(&self.path(root)).to_path_buf();
        let mut flushed = self.shelves.lock().unwrap_or_else(|e| e.into_inner());
        for folder in [parent_of(&shelf), &shelf] {
            if !flushed.contains(folder) || !folder.is_dir() {
                create_folder(folder)?;
                flushed.insert(folder.to_path_buf());
            }
        }
        Ok(shelf)
    }
}

/// Where the holding of this root is in a store.
pub(crate) fn path_in(store: &Path, root: &Root) -> PathBuf {
    let name = root.to_string();
    store.join(&name[..2]).join(&name[2..4]).join(name)
}
