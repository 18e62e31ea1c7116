//! RIFF WAVE and RF64: `fmt ` says how, `data` how much.

use super::{Codec, ProbeError, Shape, read_at};
use std::io::{Read, Seek};

/// More chunks than any file has; each costs a seek.
const CHUNKS_MAX: usize = 65_536;

/// Longest `fmt ` chunk that is read: Microsoft's ADPCM has the longest, with its coefficients.
const FORMAT_BYTES_MAX: usize = 512;

/// Where a file's audio is, and what describes it.
pub(crate) struct Sound {
    /// What the `fmt ` chunk holds, cut to 512 bytes.
    pub(crate) format: Vec<u8>,
    pub(crate) start: u64,
    /// What the header states; `None` where it does not know.
    stated: Option<u64>,
    /// From the start to the end of the file.
    available: u64,
}

impl Sound {
    /// How much audio there is, whatever the header states.
    pub(crate) fn bytes(&self) -> u64 {
        self.stated.unwrap_or(u64::MAX).min(self.available)
    }
}

/// The format and length of a WAV file. `samples` is what the header states, even when the file is
/// cut short (a warning says so); a length of 0 or all ones, left by a recorder that could not seek
/// back, means "to the end of the file".
pub(super) fn read(file: &mut (impl Read + Seek), bytes: u64) -> Result<Shape, ProbeError> {
    let sound = sound(file, bytes)?;
    Ok(shape(&Format::parse(&sound.format)?, sound.stated, sound.available))
}

/// Finds the audio of a file and the chunk that describes it.
pub(crate) fn sound(file: &mut (impl Read + Seek), bytes: u64) -> Result<Sound, ProbeError> {
    let unreadable = |why: &str| ProbeError::Unreadable { kind: "a WAV file", why: why.to_owned() };
    let (mut format, mut data, mut data_bytes_64) = (None, None, None);
    let mut at = 12;
    for _ in 0..CHUNKS_MAX {
        let mut chunk = [0; 24];
        let filled = read_at(file, at, &mut chunk)?;
        if filled < 8 {
            break;
        }
        let size = u64::from(le32(&chunk, 4));
        match &chunk[..4] {
            b"ds64" if filled >= 24 => data_bytes_64 = Some(le64(&chunk, 16)),
            b"fmt " if filled >= 24 && format.is_none() => {
                let mut content = vec![0; FORMAT_BYTES_MAX.min(size.max(16) as usize)];
                let filled = read_at(file, at + 8, &mut content)?;
                content.truncate(filled);
                format = Some(content);
            }
            b"data" if data.is_none() => data = Some((at + 8, size)),
            _ => {}
        }
        // Against the rules, audio may come before what describes it.
        if let (Some((start, size)), Some(_)) = (data, &format) {
            let stated = if size == u64::from(u32::MAX) { data_bytes_64 } else { Some(size) };
            return Ok(Sound {
                format: format.unwrap_or_default(),
                start,
                stated: stated.filter(|&bytes| bytes > 0),
                available: bytes.saturating_sub(start),
            });
        }
        at += 8 + size + (size & 1);
    }
    Err(unreadable(match data {
        Some(_) => "no 'fmt ' chunk describes its audio",
        None => "it has no 'data' chunk",
    }))
}

struct Format {
    codec: Codec,
    channels: u16,
    sample_rate: u32,
    bytes_a_second: u32,
    block_bytes: u16,
    bits: u16,
}

impl Format {
    fn parse(fmt: &[u8]) -> Result<Format, ProbeError> {
        let mut tag = le16(fmt, 0);
        if tag == 0xFFFE && fmt.len() >= 26 {
            tag = le16(fmt, 24);
        }
        // Microsoft's registry, as in mmreg.h.
        let codec = match tag {
            1 | 3 | 6 | 7 => Codec::Pcm,
            2 | 0x11 => Codec::Adpcm,
            0x50 => Codec::Mp2,
            0x55 => Codec::Mp3,
            0xFF => Codec::Aac,
            _ => Codec::Other,
        };
        let format = Format {
            codec,
            channels: le16(fmt, 2),
            sample_rate: le32(fmt, 4),
            bytes_a_second: le32(fmt, 8),
            block_bytes: le16(fmt, 12),
            bits: le16(fmt, 14),
        };
        if format.channels == 0 || format.sample_rate == 0 {
            return Err(ProbeError::Unreadable {
                kind: "a WAV file",
                why: "its 'fmt ' chunk states no channels or no sample rate".to_owned(),
            });
        }
        // What a block has to be follows from the rest.
        let block_bytes = match format.block_bytes {
            0 => format.channels.saturating_mul(format.bits.div_ceil(8)).max(1),
            bytes => bytes,
        };
        Ok(Format { block_bytes, ..format })
    }
}

fn shape(format: &Format, stated: Option<u64>, available: u64) -> Shape {
    let data = stated.unwrap_or(available);
    let block = u64::from(format.block_bytes);
    let pcm = format.codec == Codec::Pcm;
    let mut warnings = Vec::new();
    if data > available {
        warnings.push(format!(
            "its header states {data} bytes of audio, but only {available} follow: it is cut short"
        ));
    }
    Shape {
        codec: format.codec,
        samples: pcm.then(|| data / block),
        duration_ms: (!pcm && format.bytes_a_second > 0)
            .then(|| data.saturating_mul(1000) / u64::from(format.bytes_a_second)),
        sample_rate: format.sample_rate,
        channels: format.channels,
        bits_per_sample: u8::try_from(format.bits).ok().filter(|&bits| pcm && bits > 0),
        audio_bytes: Some(data),
        warnings,
    }
}

fn le16(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn le32(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn le64(bytes: &[u8], at: usize) -> u64 {
    u64::from(le32(bytes, at)) | u64::from(le32(bytes, at + 4)) << 32
}
