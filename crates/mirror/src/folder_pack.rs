//! A pack folder as it lies there, to give from and never to write.

use crate::PackStorage;
use deadwax_torrent::metainfo::Contents;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// So many files are held open: peers ask for one piece after another of the same few.
const HELD_OPEN: usize = 32;

/// The files of a pack folder. Whole is what is there in its full length; what else it should be is known to whoever keeps the folder.
pub struct FolderPack {
    files: Vec<FolderFile>,
    /// The last ones that were read, newest last.
    open: Mutex<Vec<Held>>,
}

/// A file that is held open: which one, and by which number the disk knows it.
type Held = (usize, u64, Arc<File>);

struct FolderFile {
    /// Where it is, when it may be given.
    path: Option<PathBuf>,
    bytes: u64,
}

impl FolderPack {
    /// Looks at every file of the folder that it is said to have; `is_withheld` tells by its place in the torrent what is not to be given.
    pub fn open(
        folder: &Path,
        contents: &Contents,
        is_withheld: impl Fn(usize) -> bool,
    ) -> FolderPack {
        let file = |(index, listed): (usize, &deadwax_torrent::metainfo::ContentFile)| {
            let path = match contents.single_file {
                true => folder.to_path_buf(),
                false => folder.join(listed.path.join("/")),
            };
            let is_here = !is_withheld(index)
                && fs::metadata(&path).is_ok_and(|m| m.is_file() && m.len() == listed.bytes);
            FolderFile { path: is_here.then_some(path), bytes: listed.bytes }
        };
        let files = contents.files.iter().enumerate().map(file).collect();
        FolderPack { files, open: Mutex::default() }
    }

    /// How many files can be given, and their bytes.
    pub fn whole(&self) -> (u64, u64) {
        let whole = self.files.iter().filter(|file| file.path.is_some());
        whole.fold((0, 0), |(files, bytes), file| (files + 1, bytes + file.bytes))
    }

    fn file(&self, file: usize) -> io::Result<Arc<File>> {
        let path = self.files.get(file).and_then(|file| file.path.as_ref());
        let path = path.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        // Taken away, or replaced by a sound one, it could still be read from a file that is held open.
        let number = fs::metadata(path).map(|found| found.ino());
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let held = open.iter().position(|(index, ..)| *index == file).map(|at| open.remove(at));
        let number = number?;
        let found = match held.filter(|held| held.1 == number) {
            Some(held) => held,
            None => (file, number, Arc::new(File::open(path)?)),
        };
        if open.len() == HELD_OPEN {
            open.remove(0);
        }
        open.push(found);
        Ok(Arc::clone(&open[open.len() - 1].2))
    }
}

impl PackStorage for FolderPack {
    fn is_whole(&self, file: usize) -> bool {
        self.files.get(file).is_some_and(|file| file.path.is_some())
    }

    fn has_piece(&self, file: usize, _: u64) -> bool {
        self.is_whole(file)
    }

    fn read_at(&self, file: usize, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.file(file)?.read_exact_at(buffer, offset)
    }

    fn write_at(&self, _: usize, _: u64, _: &[u8]) -> io::Result<()> {
        Err(io::Error::new(io::ErrorKind::ReadOnlyFilesystem, "this folder is only given from"))
    }

    fn piece_written(&self, _: usize, _: u64) -> io::Result<()> {
        Err(io::Error::new(io::ErrorKind::ReadOnlyFilesystem, "this folder is only given from"))
    }
}
