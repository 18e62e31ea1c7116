//! Fixity: whether files still have their roots, of one file or of many on several cores.

use crate::leaves::{LeafReader, Leaves};
use deadwax_model::Root;
use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;

/// What a re-read of a file found.
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

/// A file and the root that it should have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileToCheck {
    /// Where it is.
    pub path: PathBuf,
    /// What it should be.
    pub root: Root,
}

/// Reads files whole, `jobs` at a time, and tells of each in the order in which they are done: its place among `files`, what was found and,
/// where it could be read, its leaves. Ends early, also within a file, once `stop` is set, and where `found` fails.
///
/// Only the root is computed: half of what a first reading computes.
///
/// # Errors
/// Those of `found`, which is called by this thread alone.
pub fn check_files<E>(
    files: &[FileToCheck],
    jobs: usize,
    stop: &AtomicBool,
    mut found: impl FnMut(usize, Fixity, Option<Leaves>) -> Result<(), E>,
) -> Result<(), E> {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let (told, hear) = mpsc::sync_channel(2 * jobs.max(1));
        for _ in 0..jobs.clamp(1, files.len().max(1)) {
            let (told, next) = (told.clone(), &next);
            scope.spawn(move || {
                let mut reader = LeafReader::default();
                while !stop.load(Ordering::Relaxed) {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let Some(file) = files.get(place) else { break };
                    let Some((fixity, leaves)) = check_with(&mut reader, file, stop) else { break };
                    // Nobody hears any more once `found` has failed.
                    if told.send((place, fixity, leaves)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(told);
        hear.into_iter().try_for_each(|(place, fixity, leaves)| found(place, fixity, leaves))
    })
}

/// Reads a file whole and compares its root with the one it should have.
pub fn check_file(path: &Path, root: &Root) -> Fixity {
    fixity(Leaves::read_file(path), root).0
}

impl Leaves {
    /// Of a file.
    ///
    /// # Errors
    /// Opening and reading it.
    pub fn read_file(path: &Path) -> io::Result<Leaves> {
        File::open(path).and_then(Leaves::read)
    }
}

/// `None` when it was stopped.
fn check_with(
    reader: &mut LeafReader,
    file: &FileToCheck,
    stop: &AtomicBool,
) -> Option<(Fixity, Option<Leaves>)> {
    match File::open(&file.path).and_then(|opened| reader.read(opened, stop)) {
        Err(e) if e.kind() == ErrorKind::Interrupted && stop.load(Ordering::Relaxed) => None,
        read => Some(fixity(read, &file.root)),
    }
}

fn fixity(read: io::Result<Leaves>, root: &Root) -> (Fixity, Option<Leaves>) {
    match read {
        Ok(leaves) => {
            let (bytes, found) = (leaves.bytes(), leaves.root());
            let fixity = match found == *root {
                true => Fixity::Sound { bytes },
                false => Fixity::Damaged { bytes, found },
            };
            (fixity, Some(leaves))
        }
        Err(e) if e.kind() == ErrorKind::NotFound => (Fixity::Missing, None),
        Err(e) => (Fixity::Unreadable { reason: e.to_string() }, None),
    }
}
