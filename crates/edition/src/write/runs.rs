//! Sorted runs: what does not fit into memory, one after the other in a file beside the edition.

use crate::EditionError;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Seek, SeekFrom, Take};
use std::path::{Path, PathBuf};

/// Bytes of a run that are read at once.
const READ_BYTES: usize = 1 << 16;

/// The file, which is made when it is needed.
pub(crate) struct Runs {
    path: PathBuf,
    file: Option<File>,
    /// Where runs end in the file.
    ends: Vec<u64>,
}

/// One run being read.
pub(crate) type RunReader = Take<BufReader<File>>;

impl Runs {
    pub(crate) fn new(path: PathBuf) -> Runs {
        Runs { path, file: None, ends: Vec::new() }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Adds a run: what `write` writes.
    pub(crate) fn add(
        &mut self,
        write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
    ) -> Result<(), EditionError> {
        let add = || -> io::Result<(File, u64)> {
            let file = match self.file.take() {
                Some(file) => file,
                None => File::options().read(true).write(true).create_new(true).open(&self.path)?,
            };
            let mut run = BufWriter::with_capacity(1 << 20, file);
            write(&mut run)?;
            let mut file = run.into_inner().map_err(io::IntoInnerError::into_error)?;
            let end = file.stream_position()?;
            Ok((file, end))
        };
        let (file, end) = add().map_err(EditionError::io("write", &self.path))?;
        self.file = Some(file);
        self.ends.push(end);
        Ok(())
    }

    /// All runs, each from its start.
    pub(crate) fn open(&self) -> Result<Vec<RunReader>, EditionError> {
        let starts = [0].into_iter().chain(self.ends.iter().copied());
        let open = |(start, end): (u64, &u64)| -> io::Result<RunReader> {
            let mut file = File::open(&self.path)?;
            file.seek(SeekFrom::Start(start))?;
            Ok(io::Read::take(BufReader::with_capacity(READ_BYTES, file), end - start))
        };
        let readers = starts.zip(&self.ends).map(open).collect::<io::Result<_>>();
        readers.map_err(EditionError::io("read", &self.path))
    }

    /// Removes the file.
    pub(crate) fn remove(self) -> Result<(), EditionError> {
        match self.file {
            Some(_) => {
                std::fs::remove_file(&self.path).map_err(EditionError::io("remove", &self.path))
            }
            None => Ok(()),
        }
    }
}
