//! A file from some place on, as if it began there.

use std::io::{self, Read, Seek, SeekFrom};

/// The rest of a file behind what does not belong to it.
pub(crate) struct Behind<R> {
    file: R,
    start: u64,
}

impl<R: Seek> Behind<R> {
    /// From that place on, and standing there.
    pub(crate) fn new(mut file: R, start: u64) -> io::Result<Behind<R>> {
        file.seek(SeekFrom::Start(start))?;
        Ok(Behind { file, start })
    }
}

impl<R: Read> Read for Behind<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read(buffer)
    }
}

impl<R: Seek> Seek for Behind<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let to = match to {
            SeekFrom::Start(at) => SeekFrom::Start(self.start.saturating_add(at)),
            other => other,
        };
        let at = self.file.seek(to)?;
        // Nobody means to go in front of the start, but a length that lies can say so.
        at.checked_sub(self.start).ok_or_else(|| io::ErrorKind::InvalidInput.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn it_begins_where_it_is_said_to() {
        let mut file = Behind::new(Cursor::new(b"garbage music"), 8).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        assert_eq!(text, "music");
        assert_eq!(file.seek(SeekFrom::End(0)).unwrap(), 5);
        assert_eq!(file.seek(SeekFrom::Start(2)).unwrap(), 2);
        assert!(file.seek(SeekFrom::End(-9)).is_err());
    }
}
