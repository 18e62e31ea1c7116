//! Files that are finished elsewhere on the same disk, given their names for good.

use crate::StoreError;
use crate::durable::{create_folder, flush_folder, parent_of};
use std::collections::BTreeSet;
use std::fs::{self, File, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// A file under a passing name, and where it belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placing {
    /// The file as it is now.
    pub from: PathBuf,
    /// Its name for good. Whatever has it is replaced.
    pub to: PathBuf,
    /// Its length.
    pub bytes: u64,
}

/// Gives finished files their names, read-only: length check, fsync, rename of each, then fsync of the folders, each
/// once. When this returns all are durable; after a power cut in between, each is under one of its names, whole.
pub fn place_files(files: &[Placing]) -> Result<(), StoreError> {
    let folders: BTreeSet<_> = files.iter().map(|file| parent_of(&file.to)).collect();
    for folder in &folders {
        create_folder(folder)?;
    }
    for Placing { from, to, bytes } in files {
        let file = File::open(from).map_err(StoreError::io("open", from))?;
        let found = file.metadata().map_err(StoreError::io("look at", from))?.len();
        if found != *bytes {
            return Err(StoreError::Length { path: from.clone(), wanted: *bytes, found });
        }
        file.set_permissions(Permissions::from_mode(0o444))
            .map_err(StoreError::io("make read-only", from))?;
        file.sync_all().map_err(StoreError::io("flush", from))?;
        fs::rename(from, to).map_err(StoreError::io("rename to", to))?;
    }
    folders.into_iter().try_for_each(flush_folder)
}

/// Gives durable files second names, by hard links, or by copies where the disk has no links; durable when this
/// returns. Whatever has a name is replaced.
pub fn link_files(files: &[(PathBuf, PathBuf)]) -> Result<(), StoreError> {
    let folders: BTreeSet<_> = files.iter().map(|(_, to)| parent_of(to)).collect();
    folders.iter().try_for_each(|folder| create_folder(folder))?;
    files.iter().try_for_each(|(from, to)| link_or_copy(from, to))?;
    folders.into_iter().try_for_each(flush_folder)
}

fn link_or_copy(from: &Path, to: &Path) -> Result<(), StoreError> {
    let mut name = to.file_name().unwrap_or_default().to_os_string();
    name.push(".tmp");
    let draft = to.with_file_name(name);
    if draft.symlink_metadata().is_ok() {
        fs::remove_file(&draft).map_err(StoreError::io("clear", &draft))?;
    }
    if fs::hard_link(from, &draft).is_err() {
        fs::copy(from, &draft).map_err(StoreError::io("copy to", &draft))?;
        let copy = File::open(&draft).map_err(StoreError::io("open", &draft))?;
        copy.set_permissions(Permissions::from_mode(0o444))
            .map_err(StoreError::io("make read-only", &draft))?;
        copy.sync_all().map_err(StoreError::io("flush", &draft))?;
    }
    fs::rename(&draft, to).map_err(StoreError::io("rename to", to))?;
    // A rename of one link over another of the same file does nothing and leaves both.
    match draft.symlink_metadata() {
        Ok(_) => fs::remove_file(&draft).map_err(StoreError::io("clear", &draft)),
        Err(_) => Ok(()),
    }
}

/// Removes files, for good when this returns. One that is not there is no error.
pub fn remove_files(files: &[PathBuf]) -> Result<(), StoreError> {
    let mut folders = BTreeSet::new();
    for file in files {
        match fs::remove_file(file) {
            Ok(()) => drop(folders.insert(parent_of(file))),
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
            Err(e) => return Err(StoreError::io("remove", file)(e)),
        }
    }
    folders.into_iter().try_for_each(flush_folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_placed_is_read_only_under_its_name_and_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("part"), folder.path().join("packs/A/B/1.ogg"));
        fs::write(&from, b"music").unwrap();
        let short = Placing { from: from.clone(), to: to.clone(), bytes: 6 };
        assert!(matches!(
            place_files(&[short]),
            Err(StoreError::Length { wanted: 6, found: 5, .. })
        ));
        assert!(!to.exists());
        place_files(&[Placing { from: from.clone(), to: to.clone(), bytes: 5 }]).unwrap();
        assert!(!from.exists());
        assert_eq!(fs::metadata(&to).unwrap().permissions().mode() & 0o777, 0o444);
        let second = folder.path().join("packs/B/1.ogg");
        for _ in 0..2 {
            link_files(&[(to.clone(), second.clone())]).unwrap();
            assert_eq!(fs::read(&second).unwrap(), b"music");
        }
        assert_eq!(fs::read_dir(second.parent().unwrap()).unwrap().count(), 1);
        for _ in 0..2 {
            remove_files(std::slice::from_ref(&to)).unwrap();
            assert!(!to.exists() && second.exists());
        }
    }
}
