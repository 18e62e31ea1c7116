//! What disks, people and power cuts do to files. Files of an archive are read-only, and rot does not mind:
//! so these make a file writable first and leave permissions and modification time as they were.

use anyhow::{Context, ensure};
use std::fs;
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Inverts the lowest bit of the byte at `offset`.
pub fn flip_byte(path: &Path, offset: u64) -> anyhow::Result<()> {
    changed(path, |file| {
        let length = file.metadata()?.len();
        ensure!(
            offset < length,
            "byte {offset} is past the end of {} ({length} bytes)",
            path.display()
        );
        let mut byte = [0];
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(&mut byte)?;
        file.seek(SeekFrom::Start(offset))?;
        file.write_all(&[byte[0] ^ 1])?;
        Ok(())
    })
}

/// Cuts a file to its first `bytes` bytes.
pub fn truncate(path: &Path, bytes: u64) -> anyhow::Result<()> {
    changed(path, |file| {
        let length = file.metadata()?.len();
        ensure!(bytes < length, "{} has {length} bytes, too few to keep {bytes}", path.display());
        file.set_len(bytes)?;
        Ok(())
    })
}

/// Removes a file, out of a read-only folder too.
pub fn delete(path: &Path) -> anyhow::Result<()> {
    let folder = path.parent().context("a file to delete is in a folder")?;
    let mode = fs::metadata(folder)?.permissions();
    fs::set_permissions(folder, fs::Permissions::from_mode(mode.mode() | 0o700))?;
    let removed = fs::remove_file(path);
    fs::set_permissions(folder, mode)?;
    removed.with_context(|| format!("cannot delete {}", path.display()))
}

fn changed(
    path: &Path,
    change: impl FnOnce(&mut fs::File) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let before = fs::metadata(path).with_context(|| format!("cannot damage {}", path.display()))?;
    let mode = before.permissions();
    fs::set_permissions(path, fs::Permissions::from_mode(mode.mode() | 0o600))?;
    let mut file = fs::OpenOptions::new().read(true).write(true).open(path)?;
    let outcome = change(&mut file);
    file.set_modified(before.modified()?)?;
    drop(file);
    fs::set_permissions(path, mode)?;
    outcome
}
