//! A file outside the store that appears whole or not at all, and in place of nothing.
//!
//! A rename would replace a file that came meanwhile, and whatever a link leads to is not ours to
//! write. So the draft is a file that this process created, and it gets its name by a hard link, which
//! fails where the name is taken.

use crate::StoreError;
use crate::durable::{flush_if_readable, parent_of};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A new file on its way to its name. Dropped without [`NewFile::finish`] it leaves nothing behind.
#[derive(Debug)]
pub struct NewFile {
    file: File,
    draft: PathBuf,
    target: PathBuf,
}

impl NewFile {
    /// Begins a file that will be `target`, as a draft called `draft_name` beside it. A draft of that
    /// name that an earlier run left is replaced.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when something has one of the names: for the target anything, a link that
    /// leads nowhere too; for the draft anything but a plain file.
    pub fn create(target: &Path, draft_name: &str) -> Result<NewFile, StoreError> {
        if target.symlink_metadata().is_ok() {
            return Err(taken(target));
        }
        let draft = parent_of(target).join(draft_name);
        if draft.symlink_metadata().is_ok_and(|there| there.is_file()) {
            fs::remove_file(&draft).map_err(StoreError::io("clear", &draft))?;
        }
        let file =
            File::options().write(true).create_new(true).open(&draft).map_err(|e| {
                match e.kind() {
                    ErrorKind::AlreadyExists => StoreError::Taken {
                        path: draft.clone(),
                        next: "name a file in another folder",
                    },
                    _ => StoreError::io("create", &draft)(e),
                }
            })?;
        Ok(NewFile { file, draft, target: target.to_path_buf() })
    }

    /// Makes it durable under its name.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when the name was taken meanwhile; what took it stays as it is.
    pub fn finish(self) -> Result<(), StoreError> {
        self.finish_by(|from, to| fs::hard_link(from, to))
    }

    fn finish_by(self, link: impl Fn(&Path, &Path) -> io::Result<()>) -> Result<(), StoreError> {
        self.file.sync_all().map_err(StoreError::io("flush", &self.draft))?;
        if !self.has_its_draft() {
            let next = "another process writes the same; let it end, then run the same line again";
            return Err(StoreError::Taken { path: self.draft.clone(), next });
        }
        match link(&self.draft, &self.target) {
            Ok(()) => {}
            Err(e) if e.kind() == ErrorKind::AlreadyExists => return Err(taken(&self.target)),
            // A file system without hard links: the name is taken with an empty file first.
            Err(_) => {
                match File::options().write(true).create_new(true).open(&self.target) {
                    Ok(_) => {}
                    Err(e) if e.kind() == ErrorKind::AlreadyExists => {
                        return Err(taken(&self.target));
                    }
                    Err(e) => return Err(StoreError::io("create", &self.target)(e)),
                }
                fs::rename(&self.draft, &self.target).map_err(|e| {
                    let _ = fs::remove_file(&self.target);
                    StoreError::io("rename to", &self.target)(e)
                })?;
            }
        }
        let folder = parent_of(&self.target).to_path_buf();
        drop(self);
        flush_if_readable(&folder)
    }

    /// Whether the draft's name still leads to the file that is being written.
    fn has_its_draft(&self) -> bool {
        match (self.file.metadata(), self.draft.symlink_metadata()) {
            (Ok(ours), Ok(there)) => (ours.dev(), ours.ino()) == (there.dev(), there.ino()),
            _ => false,
        }
    }
}

impl Write for NewFile {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.file.write(data)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        // After a rename, or when another process took the name, there is nothing of ours to remove.
        if self.has_its_draft() {
            let _ = fs::remove_file(&self.draft);
        }
    }
}

fn taken(path: &Path) -> StoreError {
    StoreError::Taken { path: path.to_path_buf(), next: "name another file" }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a file system without hard links says.
    fn unsupported(_: &Path, _: &Path) -> io::Result<()> {
        Err(ErrorKind::PermissionDenied.into())
    }

    #[test]
    fn without_hard_links_a_file_still_replaces_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (free, taken) = (folder.path().join("free"), folder.path().join("taken"));
        for (target, comes_meanwhile) in [(&free, false), (&taken, true)] {
            let mut file = NewFile::create(target, ".draft").unwrap();
            file.write_all(b"new").unwrap();
            if comes_meanwhile {
                fs::write(target, "mine").unwrap();
            }
            let done = file.finish_by(unsupported);
            assert_eq!(matches!(done, Err(StoreError::Taken { .. })), comes_meanwhile, "{done:?}");
        }
        assert_eq!(fs::read(free).unwrap(), b"new");
        assert_eq!(fs::read(taken).unwrap(), b"mine");
        assert!(!folder.path().join(".draft").exists());
    }
}
