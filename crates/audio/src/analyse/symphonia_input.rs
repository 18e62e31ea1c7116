//! A file as symphonia should see it: it begins behind its ID3v2 tag, and its STREAMINFO agrees with its frames.
//!
//! Symphonia tells from the smallest and the largest block in STREAMINFO whether all blocks are of one size, and
//! finds no frame at all when the frames say otherwise. Some encoders (flacenc for one) count the short last
//! block as the smallest, against RFC 9639, 8.2; other programs go by the frames, and so does this.

use crate::probe::{Container, first_flac_frame, id3v2_bytes, read_at};
use std::io::{self, Read, Seek, SeekFrom};
use symphonia::core::io::MediaSource;

/// Where STREAMINFO has the smallest block: behind `fLaC`, the block's header and nothing else.
const SMALLEST_BLOCK: usize = 8;

/// The file from its tag's end on.
pub(super) struct SymphoniaInput<R> {
    file: R,
    start: u64,
    bytes: u64,
    /// Behind the tag.
    position: u64,
    /// What STREAMINFO should say of the smallest block, where it says otherwise.
    smallest_block: Option<[u8; 2]>,
}

impl<R: Read + Seek> SymphoniaInput<R> {
    /// Of a file of that many bytes.
    pub(super) fn open(
        mut file: R,
        container: Container,
        bytes: u64,
    ) -> io::Result<SymphoniaInput<R>> {
        let mut head = [0; 10];
        let filled = read_at(&mut file, 0, &mut head)?;
        let start = id3v2_bytes(&head[..filled]).min(bytes);
        let smallest_block = match container {
            Container::Flac => smallest_block(&mut file, start)?,
            _ => None,
        };
        file.seek(SeekFrom::Start(start))?;
        Ok(SymphoniaInput { file, start, bytes: bytes - start, position: 0, smallest_block })
    }
}

/// What the frames ask of STREAMINFO; `None` when it says so already.
fn smallest_block(file: &mut (impl Read + Seek), start: u64) -> io::Result<Option<[u8; 2]>> {
    let (mut head, mut sync) = ([0; SMALLEST_BLOCK + 4], [0; 2]);
    let first_frame = first_flac_frame(file, start)?;
    if read_at(file, start, &mut head)? < head.len() || read_at(file, first_frame, &mut sync)? < 2 {
        return Ok(None);
    }
    let [.., min_high, min_low, max_high, max_low] = head;
    let (smallest, largest) = ([min_high, min_low], [max_high, max_low]);
    Ok(match sync {
        [0xFF, 0xF8] if smallest != largest => Some(largest),
        // 16 is the smallest that there is.
        [0xFF, 0xF9] if smallest == largest => Some([0, 16]),
        _ => None,
    })
}

impl<R: Read> Read for SymphoniaInput<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        if let Some(smallest_block) = self.smallest_block {
            for (offset, byte) in (SMALLEST_BLOCK as u64..).zip(smallest_block) {
                let at = offset.checked_sub(self.position).and_then(|at| usize::try_from(at).ok());
                if let Some(place) = at.and_then(|at| buffer[..read].get_mut(at)) {
                    *place = byte;
                }
            }
        }
        self.position += read as u64;
        Ok(read)
    }
}

impl<R: Seek> Seek for SymphoniaInput<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let to = match to {
            SeekFrom::Start(at) => SeekFrom::Start(self.start.saturating_add(at)),
            other => other,
        };
        self.position = self.file.seek(to)?.saturating_sub(self.start);
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
