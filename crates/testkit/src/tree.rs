//! A folder as something that can be compared: are two archives the same, has anything outside changed?

use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// Relative path to what is there.
pub type Tree = BTreeMap<PathBuf, String>;

/// Everything beneath `dir` by content: the SHA-256 of a file in hex, `dir`, `-> TARGET` for a symlink (not
/// followed), or why it cannot be read.
pub fn contents(dir: &Path) -> Tree {
    walk(
        dir,
        &[],
        |path, metadata| {
            if metadata.is_file() { sha256(path) } else { kind(path, metadata) }
        },
    )
}

/// Everything beneath `dir` by outline (kind, length, permissions, modification time, no content), with the
/// paths in `except` and what is beneath them left out. Quick, also where files are huge.
pub fn outline(dir: &Path, except: &[&Path]) -> Tree {
    walk(dir, except, |path, metadata| {
        let permissions = metadata.mode() & 0o7777;
        if metadata.is_file() {
            let (seconds, nanoseconds) = (metadata.mtime(), metadata.mtime_nsec());
            format!("{} bytes, {permissions:o}, {seconds}.{nanoseconds:09}", metadata.len())
        } else {
            format!("{}, {permissions:o}", kind(path, metadata))
        }
    })
}

/// The differences as sentences; empty when there are none.
pub fn differences(before: &Tree, after: &Tree) -> Vec<String> {
    let mut list = Vec::new();
    for (path, was) in before {
        match after.get(path) {
            None => list.push(format!("{} is gone", path.display())),
            Some(is) if is != was => list.push(format!("{} was {was}, is {is}", path.display())),
            Some(_) => {}
        }
    }
    let new = after.keys().filter(|path| !before.contains_key(*path));
    list.extend(new.map(|path| format!("{} is new", path.display())));
    list
}

fn walk(dir: &Path, except: &[&Path], tell: impl Fn(&Path, &fs::Metadata) -> String) -> Tree {
    let mut tree = Tree::new();
    let entries = WalkDir::new(dir).min_depth(1).into_iter();
    for entry in entries.filter_entry(|entry| !except.contains(&entry.path())) {
        let (path, told) = match entry {
            Ok(entry) => match entry.metadata() {
                Ok(metadata) => (entry.path().to_owned(), tell(entry.path(), &metadata)),
                Err(error) => (entry.path().to_owned(), error.to_string()),
            },
            Err(error) => (error.path().unwrap_or(dir).to_owned(), error.to_string()),
        };
        let relative = path.strip_prefix(dir).unwrap_or(&path).to_owned();
        tree.insert(relative, told);
    }
    tree
}

fn kind(path: &Path, metadata: &fs::Metadata) -> String {
    if metadata.is_symlink() {
        let target = fs::read_link(path).unwrap_or_default();
        return format!("-> {}", target.display());
    }
    if metadata.is_dir() { "dir".to_owned() } else { "special".to_owned() }
}

fn sha256(path: &Path) -> String {
    let digest = || -> std::io::Result<String> {
        let mut file = fs::File::open(path)?;
        let mut sum = Sha256::new();
        let mut buffer = vec![0; 256 * 1024];
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok(hex::encode(sum.finalize())),
                count => sum.update(&buffer[..count]),
            }
        }
    };
    digest().unwrap_or_else(|error| format!("unreadable: {error}"))
}
