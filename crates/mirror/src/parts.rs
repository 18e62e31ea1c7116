//! The files of one pack on their way here: pieces come from anywhere and in any order, are compared with their v2 hash,
//! and the file is handed over to be made durable when it has all of them (docs/formats/mirror.md).

mod file;
mod finish;

pub(crate) use file::Gap;
pub(crate) use finish::{Finished, Finisher, ToFinish};

use crate::MirrorError;
use crate::storage::PackStorage;
use deadwax_model::{PIECE_BYTES, Root};
use deadwax_torrent::metainfo::Contents;
use file::PartFile;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A pack whose files are fetched.
pub(crate) struct PackParts {
    files: Vec<PartFile>,
    to_finish: ToFinish,
    /// Every piece that came and was right.
    on_piece: Box<dyn Fn(u64) + Send + Sync>,
}

/// What is there of a file before anything is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Before {
    /// It is not wanted, or comes from somewhere else.
    Unwanted,
    /// It is whole at its path.
    Whole,
    /// It is wanted; this is the number of its row. What is in `parts` is looked at.
    Wanted(i64),
}

/// Where the files of a mirror are.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    /// The mirror's folder.
    pub mirror: PathBuf,
}

impl Places {
    /// The file that is not whole yet.
    pub fn part(&self, root: &Root) -> PathBuf {
        self.parts().join(root.to_string())
    }

    pub fn parts(&self) -> PathBuf {
        self.mirror.join(".deadwax/parts")
    }

    /// A file by its path in the mirror, with `/`. Refuses one that leads out of it, whoever let that through.
    pub fn at(&self, path: &str) -> Result<PathBuf, MirrorError> {
        let is_plain =
            |name: &str| !matches!(name, "" | "." | "..") && !name.contains(['\\', '\0']);
        match !path.is_empty() && path.split('/').all(is_plain) {
            true => Ok(self.mirror.join(path)),
            false => Err(MirrorError::Refused(format!(
                "'{path}' would lead out of the mirror and is not written; tell the archive that its edition lists it"
            ))),
        }
    }
}

/// The path of a torrent's file beneath the mirror, with `/`.
pub(crate) fn path_in_mirror(contents: &Contents, file: usize) -> String {
    let path = contents.files[file].path.join("/");
    match contents.single_file {
        true => format!("packs/{path}"),
        false => format!("packs/{}/{path}", contents.name),
    }
}

impl PackParts {
    /// Opens the files of a pack. What is in `parts` of wanted files is read and hashed; `before` has an entry a file.
    pub fn open(
        places: &Places,
        contents: &Contents,
        before: &[Before],
        to_finish: ToFinish,
        on_piece: Box<dyn Fn(u64) + Send + Sync>,
    ) -> Result<Arc<PackParts>, MirrorError> {
        let mut files = Vec::with_capacity(contents.files.len());
        for (number, (file, before)) in contents.files.iter().zip(before).enumerate() {
            let path = places.at(&path_in_mirror(contents, number))?;
            files.push(PartFile::open(file, path, places.part(&file.root), *before)?);
        }
        let parts = PackParts { files, to_finish, on_piece };
        for number in 0..parts.files.len() {
            if parts.files[number].is_complete() {
                parts
                    .hand_over(number)
                    .map_err(MirrorError::io("finish", &parts.files[number].path))?;
            }
        }
        Ok(Arc::new(parts))
    }

    /// The pieces of a file that are not here, in order; none of one that is whole, or not wanted.
    pub fn gaps(&self, file: usize) -> Vec<Gap> {
        self.files[file].gaps()
    }

    /// Whether nothing of the file is missing; it may not be durable yet.
    pub fn is_complete(&self, file: usize) -> bool {
        self.gaps(file).is_empty()
    }

    /// Whether anything of the file is here, be it a part of a piece.
    pub fn is_begun(&self, file: usize) -> bool {
        self.files[file].is_begun()
    }

    /// Bytes of a file that are here and right.
    pub fn bytes_here(&self, file: usize) -> u64 {
        let part = &self.files[file];
        let missing = part.gaps().into_iter().flat_map(|(first, end)| first..end);
        part.bytes - missing.map(|piece| crate::piece::piece_bytes(part.bytes, piece)).sum::<u64>()
    }

    /// Length of a file.
    pub fn bytes(&self, file: usize) -> u64 {
        self.files[file].bytes
    }

    /// Takes a whole piece from memory. Whether it is right; one that is not leaves no trace.
    pub fn take(&self, file: usize, piece: u64, data: &[u8]) -> io::Result<bool> {
        let part = &self.files[file];
        if !part.fits(piece, data) {
            return Ok(false);
        }
        if part.keep(piece, data)? {
            self.kept(file, data.len() as u64)?;
        }
        Ok(true)
    }

    fn kept(&self, file: usize, bytes: u64) -> io::Result<()> {
        (self.on_piece)(bytes);
        match self.files[file].is_complete() {
            true => self.hand_over(file),
            false => Ok(()),
        }
    }

    fn hand_over(&self, file: usize) -> io::Result<()> {
        let Some(finished) = self.files[file].hand_over() else { return Ok(()) };
        let sent = self.to_finish.send(Some(finished));
        sent.map_err(|_| io::Error::other("what makes files durable has stopped"))
    }
}

impl PackStorage for PackParts {
    fn is_whole(&self, file: usize) -> bool {
        self.files.get(file).is_some_and(PartFile::is_whole)
    }

    fn has_piece(&self, file: usize, piece: u64) -> bool {
        self.files.get(file).is_some_and(|part| part.has(piece))
    }

    fn read_at(&self, file: usize, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.file(file)?.read_at(offset, buffer)
    }

    fn write_at(&self, file: usize, offset: u64, data: &[u8]) -> io::Result<()> {
        self.file(file)?.write_at(offset, data)
    }

    fn piece_written(&self, file: usize, piece: u64) -> io::Result<()> {
        let part = self.file(file)?;
        if part.confirm(piece)? {
            self.kept(file, crate::piece::piece_bytes(part.bytes, piece))?;
        }
        Ok(())
    }
}

impl PackParts {
    fn file(&self, file: usize) -> io::Result<&PartFile> {
        self.files.get(file).ok_or_else(|| ErrorKind::NotFound.into())
    }
}

/// How many pieces a file has.
fn pieces(bytes: u64) -> u64 {
    bytes.div_ceil(PIECE_BYTES)
}

/// The folder that a part is in, made when it is not there.
pub(crate) fn make_parts_folder(places: &Places) -> Result<(), MirrorError> {
    Ok(deadwax_store::create_folder(&places.parts())?)
}

/// Whether a name in `parts` is one that a mirror gives.
pub(crate) fn root_of_part(path: &Path) -> Option<Root> {
    path.file_name()?.to_str()?.parse().ok()
}

#[cfg(test)]
mod tests;
