//! A file as symphonia should see it: it begins behind its ID3v2 tag, and of a FLAC file it has STREAMINFO and frames alone,
//! which agree with each other.
//!
//! Symphonia gives a FLAC file up when it does not like a cue sheet, a picture's type or a second STREAMINFO; the
//! audio needs none of these. And it tells from the smallest and the largest block in STREAMINFO whether all
//! blocks are of one size, and finds no frame at all when the frames say otherwise. Some encoders (flacenc for one)
//! count the short last block as the smallest, against RFC 9639, 8.2; other programs go by the frames, and so does this.

use crate::probe::{Container, first_flac_frame, id3v2_bytes, read_at};
use std::io::{self, Read, Seek, SeekFrom};
use symphonia::core::io::MediaSource;

/// `fLaC`, a block's header, STREAMINFO.
const FLAC_HEAD_BYTES: usize = 42;

/// Bytes in place of the start of a file, and the rest of it.
pub(super) struct SymphoniaInput<R> {
    file: R,
    /// What is read first.
    head: Vec<u8>,
    /// Where in the file it goes on behind the head.
    rest_at: u64,
    /// Of head and rest.
    bytes: u64,
    position: u64,
}

impl<R: Read + Seek> SymphoniaInput<R> {
    /// Of a file of that many bytes.
    pub(super) fn open(
        mut file: R,
        container: Container,
        bytes: u64,
    ) -> io::Result<SymphoniaInput<R>> {
        let mut start = [0; 10];
        let filled = read_at(&mut file, 0, &mut start)?;
        let tag = id3v2_bytes(&start[..filled]).min(bytes);
        let (head, rest_at) = match container {
            Container::Flac => flac_head(&mut file, tag)?.unwrap_or((Vec::new(), tag)),
            _ => (Vec::new(), tag),
        };
        file.seek(SeekFrom::Start(rest_at))?;
        let bytes = head.len() as u64 + bytes.saturating_sub(rest_at);
        Ok(SymphoniaInput { file, head, rest_at, bytes, position: 0 })
    }
}

/// A head of STREAMINFO alone, made to agree with the frames, and where these begin; `None` when there are none.
fn flac_head(file: &mut (impl Read + Seek), start: u64) -> io::Result<Option<(Vec<u8>, u64)>> {
    let (mut head, mut sync) = (vec![0; FLAC_HEAD_BYTES], [0; 2]);
    let first_frame = first_flac_frame(file, start)?;
    if read_at(file, start, &mut head)? < head.len() || read_at(file, first_frame, &mut sync)? < 2 {
        return Ok(None);
    }
    // STREAMINFO is the last block now.
    head[4] = 0x80;
    // Smallest and largest block are at bytes 8 and 10.
    let (smallest, largest) = ([head[8], head[9]], [head[10], head[11]]);
    match sync {
        [0xFF, 0xF8] if smallest != largest => head[8..10].copy_from_slice(&largest),
        // 16 is the smallest that there is.
        [0xFF, 0xF9] if smallest == largest => head[8..10].copy_from_slice(&[0, 16]),
        [0xFF, 0xF8 | 0xF9] => {}
        _ => return Ok(None),
    }
    Ok(Some((head, first_frame)))
}

impl<R: Read> Read for SymphoniaInput<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let in_head = usize::try_from(self.position).ok().and_then(|at| self.head.get(at..));
        let read = match in_head {
            Some(mut left) if !left.is_empty() => left.read(buffer)?,
            _ => self.file.read(buffer)?,
        };
        self.position += read as u64;
        Ok(read)
    }
}

impl<R: Seek> Seek for SymphoniaInput<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let to = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
            SeekFrom::End(by) => self.bytes.checked_add_signed(by),
        };
        self.position = to.ok_or(io::ErrorKind::InvalidInput)?;
        let behind_head = self.position.saturating_sub(self.head.len() as u64);
        self.file.seek(SeekFrom::Start(self.rest_at.saturating_add(behind_head)))?;
        Ok(self.position)
    }
}

impl<R: Read + Seek + Send + Sync> MediaSource for SymphoniaInput<R> {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.bytes)
    }
}
