//! A file as symphonia should see it: it begins behind its ID3v2 tag; of a FLAC file it has STREAMINFO and frames alone,
//! which agree with each other; of a WAV file, `fmt ` and `data`.
//!
//! Symphonia gives a FLAC file up when it does not like a cue sheet, a picture's type or a second STREAMINFO; the
//! audio needs none of these. And it tells from the smallest and the largest block in STREAMINFO whether all
//! blocks are of one size, and finds no frame at all when the frames say otherwise. Some encoders (flacenc for one)
//! count the short last block as the smallest, against RFC 9639, 8.2; other programs go by the frames, and so does this.
//! A tag behind the frames would cost the last of them.
//!
//! It gives a WAV file up for what is wrong in other chunks, for RF64, and for A-law without the length of an extension that
//! is not there.

use crate::probe::{Container, first_flac_frame, id3v2_bytes, read_at, wav};
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
        let whole = View { head: Vec::new(), rest_at: tag, rest_bytes: bytes - tag };
        let view = match container {
            Container::Flac => flac(&mut file, tag, bytes)?,
            Container::Wav => wave(&mut file, bytes),
            _ => None,
        };
        let View { head, rest_at, rest_bytes } = view.unwrap_or(whole);
        file.seek(SeekFrom::Start(rest_at))?;
        let bytes = head.len() as u64 + rest_bytes;
        Ok(SymphoniaInput { file, head, rest_at, bytes, position: 0 })
    }
}

/// What is to be seen of a file: a head in place of its own, and a part of it.
struct View {
    head: Vec<u8>,
    rest_at: u64,
    rest_bytes: u64,
}

/// A head of `fmt ` and `data` alone; `None` when there are none, when it is not PCM, and when there is more than the head
/// can state.
fn wave(file: &mut (impl Read + Seek), bytes: u64) -> Option<View> {
    let mut sound = wav::sound(file, bytes).ok()?;
    match sound.format.get(..2)? {
        // A-law and mu-law, with an extension of no bytes.
        [6 | 7, 0] => {
            sound.format.resize(18, 0);
            sound.format[16..].fill(0);
        }
        [1 | 3, 0] | [0xFE, 0xFF] => sound.format.resize(sound.format.len().next_multiple_of(2), 0),
        _ => return None,
    }
    let sizes =
        [sound.format.len() as u32, u32::try_from(sound.bytes()).ok()?].map(u32::to_le_bytes);
    let riff = b"RIFF\xFF\xFF\xFF\xFFWAVEfmt ";
    let head = [&riff[..], &sizes[0], &sound.format, b"data", &sizes[1]].concat();
    Some(View { head, rest_at: sound.start, rest_bytes: sound.bytes() })
}

/// A head of STREAMINFO alone, made to agree with the frames, and the frames; `None` when there are none.
fn flac(file: &mut (impl Read + Seek), start: u64, bytes: u64) -> io::Result<Option<View>> {
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
    let end = bytes - tag_bytes_behind(file, bytes)?.min(bytes - first_frame);
    Ok(Some(View { head, rest_at: first_frame, rest_bytes: end - first_frame }))
}

/// Length of an APE tag, an ID3v1 tag, or one behind the other, at the end of a file.
fn tag_bytes_behind(file: &mut (impl Read + Seek), bytes: u64) -> io::Result<u64> {
    const ID3V1: u64 = 128;
    const APE_FOOTER: u64 = 32;
    let mut behind = 0;
    let mut tag = [0; 3];
    if bytes >= ID3V1 && read_at(file, bytes - ID3V1, &mut tag)? == 3 && tag == *b"TAG" {
        behind = ID3V1;
    }
    let mut footer = [0; APE_FOOTER as usize];
    let at = bytes.checked_sub(behind + APE_FOOTER);
    if let Some(at) = at
        && read_at(file, at, &mut footer)? == footer.len()
        && footer.starts_with(b"APETAGEX")
    {
        let number = |at: usize| u32::from_le_bytes([0, 1, 2, 3].map(|n| footer[at + n]));
        // The size is of items and footer; a flag says that there is a header too.
        behind += u64::from(number(12)) + if number(20) >> 31 == 1 { APE_FOOTER } else { 0 };
    }
    Ok(behind)
}

impl<R: Read> Read for SymphoniaInput<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let in_head = usize::try_from(self.position).ok().and_then(|at| self.head.get(at..));
        let read = match in_head {
            Some(mut left) if !left.is_empty() => left.read(buffer)?,
            _ => {
                let left = self.bytes.saturating_sub(self.position);
                let most = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                self.file.read(&mut buffer[..most])?
            }
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
