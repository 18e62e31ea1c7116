//! A file of which the first bytes read differently.

use super::read_at;
use std::io::{self, Read, Seek, SeekFrom};

/// `start` in place of as many bytes of the file.
pub(super) struct OtherStart<'f, R> {
    pub(super) file: &'f mut R,
    pub(super) start: Vec<u8>,
    pub(super) at: u64,
}

impl<R: Read + Seek> Read for OtherStart<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match self.start.get(self.at as usize..).filter(|start| !start.is_empty()) {
            Some(mut start) => start.read(buffer)?,
            None => read_at(self.file, self.at, buffer)?,
        };
        self.at += read as u64;
        Ok(read)
    }
}

impl<R: Seek> Seek for OtherStart<'_, R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let to = match to {
            SeekFrom::Current(by) => {
                SeekFrom::Start(self.at.checked_add_signed(by).ok_or_else(before_it)?)
            }
            to => to,
        };
        self.at = self.file.seek(to)?;
        Ok(self.at)
    }
}

fn before_it() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "a place before the file's first byte")
}
