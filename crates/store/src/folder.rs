//! The store on a folder.

use crate::durable::{create_folder, flush_folder, rename};
use crate::hash::hash_reader;
use crate::{Draft, StoreError};
use deadwax_model::{FileHashes, Root};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Holdings in a folder, by root.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    next_draft: AtomicU64,
}

/// What a re-read of a holding found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fixity {
    /// The bytes still have the root they are named by.
    Sound {
        /// How many bytes were read.
        bytes: u64,
    },
    /// They have another one.
    Damaged {
        /// Bytes found.
        bytes: u64,
        /// The root of what was found.
        found: Root,
    },
    /// Nothing is there.
    Missing,
    /// Something is there that cannot be read.
    Unreadable {
        /// What the system said.
        reason: String,
    },
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
        Store { folder: folder.to_path_buf(), next_draft: AtomicU64::new(0) }
    }

    /// Where the holding of this root is, whether or not it is there.
    pub fn path(&self, root: &Root) -> PathBuf {
        let name = root.to_string();
        self.folder.join(&name[..2]).join(&name[2..4]).join(name)
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

    /// Gives a holding a second name, `target`, without opening it. Creates the folders above.
    pub fn link(&self, root: &Root, target: &Path) -> Result<(), StoreError> {
        let parent = target.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(parent).map_err(StoreError::io("create folder", parent))?;
        let path = self.path(root);
        fs::hard_link(&path, target).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => StoreError::Missing { root: *root, path },
            _ => StoreError::io("link", target)(e),
        })
    }

    /// Reads a holding whole and compares its root with its name.
    pub fn check(&self, root: &Root) -> Fixity {
        let file = match File::open(self.path(root)) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Fixity::Missing,
            Err(e) => {
                return Fixity::Unreadable { reason: e.to_string() };
            }
        };
        match hash_reader(file) {
            Ok(found) if found.root == *root => Fixity::Sound { bytes: found.bytes },
            Ok(found) => Fixity::Damaged { bytes: found.bytes, found: found.root },
            Err(e) => Fixity::Unreadable { reason: e.to_string() },
        }
    }

    /// Takes a holding that is damaged out of the way (to `store/damaged/ROOT`), so that a sound one
    /// can take its place. Nothing is deleted.
    pub fn set_aside(&self, root: &Root) -> Result<(), StoreError> {
        self.set_aside_file(&self.path(root), root)
    }

    /// Takes any file of the archive out of the way, to `store/damaged/NAME`.
    pub fn set_aside_file(&self, path: &Path, name: &Root) -> Result<(), StoreError> {
        let aside = self.folder.join("damaged");
        create_folder(&aside)?;
        fs::rename(path, aside.join(name.to_string()))
            .map_err(StoreError::io("set aside", path))?;
        flush_folder(&aside)
    }

    /// Puts back what [`Store::set_aside`] took out of the way, where nothing better has come.
    pub fn put_back(&self, root: &Root) -> Result<(), StoreError> {
        let aside = self.folder.join("damaged").join(root.to_string());
        let path = self.path(root);
        match path.exists() {
            true => Ok(()),
            false => rename(&aside, &path),
        }
    }
}
