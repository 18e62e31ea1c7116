//! The one sequence that makes bytes durable under a name: temporary file, write, fsync, close,
//! rename, fsync directory.

use crate::StoreError;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// Writes a small file so that after a power cut either the old or the new content is there, whole.
pub fn write_file(path: &Path, content: &[u8]) -> Result<(), StoreError> {
    write_with_mode(path, content, 0o666)
}

/// The same for a secret: only its owner may read it, from the first byte on.
pub fn write_private_file(path: &Path, content: &[u8]) -> Result<(), StoreError> {
    write_with_mode(path, content, 0o600)
}

fn write_with_mode(path: &Path, content: &[u8], mode: u32) -> Result<(), StoreError> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".tmp");
    let draft = path.with_file_name(name);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(mode);
    let mut file = options.open(&draft).map_err(StoreError::io("create", &draft))?;
    file.write_all(content).map_err(StoreError::io("write", &draft))?;
    file.sync_all().map_err(StoreError::io("flush", &draft))?;
    drop(file);
    rename(&draft, path)
}

/// Makes a finished folder durable and gives it its final name, which must not exist yet. Every
/// *new* file below is flushed; hard links into the store are durable already and are not opened:
/// `is_ours` says which files were written here. The folder above the target's may be as new as the
/// draft, and is flushed too.
pub fn publish_folder(
    draft: &Path,
    target: &Path,
    is_ours: impl Fn(&Path) -> bool,
) -> Result<(), StoreError> {
    flush_tree(draft, &is_ours)?;
    rename(draft, target)?;
    flush_if_readable(parent_of(parent_of(target)))
}

/// Creates a folder and all above it, flushing the directories that gain a name. The one that holds
/// the folder's own name is flushed even when the folder is there already: whoever made it, another
/// worker or a process that was killed, may not have come to that.
pub fn create_folder(folder: &Path) -> Result<(), StoreError> {
    create_with_those_above(folder)?;
    flush_if_readable(parent_of(folder))
}

/// The same for a folder of secrets: only its owner may look into it. One that is there already is left as it is.
pub fn create_private_folder(folder: &Path) -> Result<(), StoreError> {
    create_with_those_above(parent_of(folder))?;
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(e) if e.kind() == ErrorKind::AlreadyExists && folder.is_dir() => {}
        Err(e) => return Err(StoreError::io("create folder", folder)(e)),
        Ok(()) => {}
    }
    flush_if_readable(parent_of(folder))
}

/// Renames within one filesystem and flushes the directory that now holds the name.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<(), StoreError> {
    fs::rename(from, to).map_err(StoreError::io("rename to", to))?;
    flush_folder(parent_of(to))
}

/// Makes the names in a folder durable.
pub(crate) fn flush_folder(folder: &Path) -> Result<(), StoreError> {
    let opened = File::open(folder).map_err(StoreError::io("open", folder))?;
    opened.sync_all().map_err(StoreError::io("flush", folder))
}

/// The same for a folder of somebody else's, which may be one that this user can write to and not
/// read, or on a file system that flushes no folders: there is no way to flush it then.
pub(crate) fn flush_if_readable(folder: &Path) -> Result<(), StoreError> {
    let cannot = |e: &io::Error| {
        use ErrorKind::{InvalidInput, PermissionDenied, Unsupported};
        matches!(e.kind(), PermissionDenied | InvalidInput | Unsupported)
    };
    match File::open(folder).and_then(|opened| opened.sync_all()) {
        Err(e) if !cannot(&e) => Err(StoreError::io("flush", folder)(e)),
        _ => Ok(()),
    }
}

/// The folder that holds this name.
pub(crate) fn parent_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

fn create_with_those_above(folder: &Path) -> Result<(), StoreError> {
    if folder.is_dir() {
        return Ok(());
    }
    let parent = parent_of(folder);
    create_with_those_above(parent)?;
    match fs::create_dir(folder) {
        Err(e) if e.kind() == ErrorKind::AlreadyExists && folder.is_dir() => {}
        Err(e) => return Err(StoreError::io("create folder", folder)(e)),
        Ok(()) => {}
    }
    flush_if_readable(parent)
}

fn flush_tree(folder: &Path, is_ours: &impl Fn(&Path) -> bool) -> Result<(), StoreError> {
    let listing = fs::read_dir(folder).map_err(StoreError::io("list", folder))?;
    for entry in listing {
        let entry = entry.map_err(StoreError::io("list", folder))?;
        let path = entry.path();
        let kind = entry.file_type().map_err(StoreError::io("look at", &path))?;
        if kind.is_dir() {
            flush_tree(&path, is_ours)?;
        } else if kind.is_file() && is_ours(&path) {
            let file = File::open(&path).map_err(StoreError::io("open", &path))?;
            file.sync_all().map_err(StoreError::io("flush", &path))?;
        }
    }
    flush_folder(folder)
}
