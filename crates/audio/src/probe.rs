//! What a file is, by its content and never by its name: a JPEG named `.mp3` is a JPEG, and an MP3
//! named `.ogg` is an MP3. One bounded look at the head (and, for Ogg, at the tail) settles the
//! container; the exact length is read where the container states it; `lofty` reads the tags.

mod adts;
mod aiff;
mod artists;
mod behind;
mod bwf;
mod flac;
mod lofty_tags;
pub(crate) mod mp4;
pub(crate) mod mpeg;
mod ogg;
mod other_start;
mod sniff;
mod tag_fields;
pub(crate) mod wav;
mod wavpack;

use deadwax_model::{Picture, Tags};
use std::fmt;
use std::io::{self, Read, Seek, SeekFrom};

pub(crate) use behind::Behind;
pub(crate) use flac::first_flac_frame;
pub(crate) use mpeg::id3v2_bytes;

/// Pictures above this size are left out (with a warning): nothing that shows a cover needs more.
pub const PICTURE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The wrapping of the audio.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Container {
    /// Ogg (RFC 3533).
    Ogg,
    /// Native FLAC, with or without an ID3v2 tag in front.
    Flac,
    /// MPEG audio frames, with or without ID3v2, ID3v1 and APE tags.
    Mp3,
    /// ISO base media file: M4A, M4B, MP4.
    Mp4,
    /// RIFF WAVE, RF64 included.
    Wav,
    /// AIFF and AIFF-C.
    Aiff,
    /// AAC frames without a container, with or without an ID3v2 tag in front.
    Adts,
    /// WavPack, which is told apart but not decoded.
    WavPack,
}

impl Container {
    /// Every container there is.
    pub const ALL: [Container; 8] = [
        Container::Ogg,
        Container::Flac,
        Container::Mp3,
        Container::Mp4,
        Container::Wav,
        Container::Aiff,
        Container::Adts,
        Container::WavPack,
    ];

    /// The stable word in tables and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Container::Ogg => "ogg",
            Container::Flac => "flac",
            Container::Mp3 => "mp3",
            Container::Mp4 => "mp4",
            Container::Wav => "wav",
            Container::Aiff => "aiff",
            Container::Adts => "adts",
            Container::WavPack => "wavpack",
        }
    }

    /// The usual file name extension, without the dot.
    pub fn extension(self, codec: Codec) -> &'static str {
        match (self, codec) {
            (Container::Ogg, Codec::Opus) => "opus",
            (Container::Ogg, Codec::Flac) => "oga",
            (Container::Mp4, _) => "m4a",
            (Container::Adts, _) => "aac",
            (Container::WavPack, _) => "wv",
            (Container::Mp3, Codec::Mp2) => "mp2",
            _ => self.as_str(),
        }
    }
}

/// How the audio is coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Codec {
    /// Vorbis I.
    Vorbis,
    /// Opus (RFC 6716).
    Opus,
    /// FLAC (RFC 9639).
    Flac,
    /// MPEG audio layer III.
    Mp3,
    /// MPEG audio layer II.
    Mp2,
    /// Any kind of AAC.
    Aac,
    /// Apple Lossless.
    Alac,
    /// Uncompressed: integer, floating point, A-law, mu-law.
    Pcm,
    /// ADPCM in WAV.
    Adpcm,
    /// WavPack, lossless or hybrid.
    WavPack,
    /// Anything else in a container that is read: its audio is kept, and not decoded.
    Other,
}

impl Codec {
    /// Every codec there is.
    pub const ALL: [Codec; 11] = [
        Codec::Vorbis,
        Codec::Opus,
        Codec::Flac,
        Codec::Mp3,
        Codec::Mp2,
        Codec::Aac,
        Codec::Alac,
        Codec::Pcm,
        Codec::Adpcm,
        Codec::WavPack,
        Codec::Other,
    ];

    /// The stable word in tables and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Codec::Vorbis => "vorbis",
            Codec::Opus => "opus",
            Codec::Flac => "flac",
            Codec::Mp3 => "mp3",
            Codec::Mp2 => "mp2",
            Codec::Aac => "aac",
            Codec::Alac => "alac",
            Codec::Pcm => "pcm",
            Codec::Adpcm => "adpcm",
            Codec::WavPack => "wavpack",
            Codec::Other => "other",
        }
    }

    /// Whether its samples can be had here, for loudness, fingerprint and the Opus tier.
    pub fn has_decoder(self) -> bool {
        !matches!(self, Codec::WavPack | Codec::Other)
    }
}

impl fmt::Display for Container {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What one file is and says.
#[derive(Debug, Clone, PartialEq)]
pub struct Probe {
    /// Where it begins: bytes in front of it are of some other thing, and the file is to be kept as it is.
    pub start: u64,
    /// The wrapping.
    pub container: Container,
    /// The coding inside it.
    pub codec: Codec,
    /// Samples per channel, when the container states them exactly.
    pub samples: Option<u64>,
    /// Milliseconds: from `samples` where there are any, otherwise the container's own word or an
    /// estimate from the bit rate.
    pub duration_ms: Option<u64>,
    /// Sample rate, Hz. 48,000 for Opus, whatever it was made from.
    pub sample_rate: u32,
    /// Channels.
    pub channels: u16,
    /// Bits of one sample, for codings that have such a thing.
    pub bits_per_sample: Option<u8>,
    /// Bits per second, averaged over the file where the length is known.
    pub bit_rate: Option<u32>,
    /// What the tags say.
    pub tags: Tags,
    /// Embedded pictures, in file order, each at most [`PICTURE_BYTES_MAX`].
    pub pictures: Vec<Picture>,
    /// Sentences about what is odd, without the path.
    pub warnings: Vec<String>,
}

/// Why a file is not taken for audio. Sentences without the path: the caller has it.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// No bytes.
    #[error("the file is empty; fetch or copy it again")]
    Empty,
    /// Something known that is not audio.
    #[error("it is {what}, not audio; remove it, or give it the name of what it is")]
    NotAudio {
        /// With its article: `a JPEG image`.
        what: &'static str,
    },
    /// Audio of a kind that this crate does not read.
    #[error("it is {what}, which is not read yet; convert it to FLAC, WAV or Ogg first")]
    NotRead {
        /// With its article: `a Musepack file`.
        what: &'static str,
    },
    /// Nothing known.
    #[error(
        "its content is no known kind of audio; if a player plays it, convert it to FLAC first"
    )]
    Unknown,
    /// The head is that of an audio file, the rest is not.
    #[error("it looks like {kind} but cannot be read: {why}; fetch or copy it again")]
    Unreadable {
        /// With its article where it takes one: `an Ogg file`.
        kind: &'static str,
        /// What is wrong.
        why: String,
    },
    /// The bytes could not be had.
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
}

/// What the length and format part of a probe finds; tags are read after it.
pub(crate) struct Shape {
    codec: Codec,
    samples: Option<u64>,
    duration_ms: Option<u64>,
    sample_rate: u32,
    channels: u16,
    bits_per_sample: Option<u8>,
    /// Bytes of audio without tags and headers, for the bit rate.
    audio_bytes: Option<u64>,
    warnings: Vec<String>,
}

/// Says what `file` is. Reads from its start, whatever its position; keeps nothing but tags and
/// pictures, and reads no audio apart from the first and last pages or frames.
pub fn probe(file: &mut (impl Read + Seek)) -> Result<Probe, ProbeError> {
    let bytes = file.seek(SeekFrom::End(0))?;
    let sniff::Found { container, start } = sniff::container(file, bytes)?;
    let mut found = tag_fields::Found::default();
    let mut shape = match start {
        0 => read(file, bytes, container, &mut found)?,
        _ => read(&mut Behind::new(file, start)?, bytes - start, container, &mut found)?,
    };
    shape.warnings.extend(foreign_front(start));
    Ok(assemble(container, start, shape, found))
}

/// The sentence about a file that begins as something else.
pub(crate) fn foreign_front(start: u64) -> Option<String> {
    (start > 0).then(|| format!("{start} bytes that are none of it stand in front of its audio"))
}

fn read(
    file: &mut (impl Read + Seek),
    bytes: u64,
    container: Container,
    found: &mut tag_fields::Found,
) -> Result<Shape, ProbeError> {
    let shape = match container {
        Container::Ogg => ogg::read(file, bytes, found)?,
        Container::Flac => flac::read(file, bytes)?,
        Container::Mp3 => mpeg::read(file, bytes)?,
        Container::Mp4 => mp4::read(file, bytes)?,
        Container::Wav => {
            bwf::read(file, bytes, found)?;
            found.next_source();
            wav::read(file, bytes)?
        }
        Container::Aiff => aiff::read(file, bytes)?,
        Container::Adts => adts::read(file, bytes)?,
        Container::WavPack => wavpack::read(file, bytes)?,
    };
    lofty_tags::read(file, container, found);
    Ok(shape)
}

fn assemble(container: Container, start: u64, shape: Shape, found: tag_fields::Found) -> Probe {
    let rate = u128::from(shape.sample_rate.max(1));
    let duration_ms = shape
        .samples
        .map(|samples| ((u128::from(samples) * 1000 + rate / 2) / rate) as u64)
        .or(shape.duration_ms);
    let bit_rate = match (shape.audio_bytes, duration_ms) {
        (Some(bytes), Some(ms)) if ms > 0 => {
            u32::try_from(u128::from(bytes) * 8000 / u128::from(ms)).ok()
        }
        _ => None,
    };
    let mut warnings = shape.warnings;
    let (tags, pictures) = found.into_tags(&mut warnings);
    Probe {
        start,
        container,
        codec: shape.codec,
        samples: shape.samples,
        duration_ms,
        sample_rate: shape.sample_rate,
        channels: shape.channels,
        bits_per_sample: shape.bits_per_sample,
        bit_rate,
        tags,
        pictures,
        warnings,
    }
}

/// The bytes of an ID3v2 tag at the start, 0 without one, and the first `most` bytes behind it.
fn behind_tag(file: &mut (impl Read + Seek), most: usize) -> io::Result<(u64, Vec<u8>)> {
    let mut head = vec![0; most];
    let filled = read_at(file, 0, &mut head[..10])?;
    let tag = id3v2_bytes(&head[..filled]);
    let filled = read_at(file, tag, &mut head)?;
    head.truncate(filled);
    Ok((tag, head))
}

/// Length of an APE tag, an ID3v1 tag, or one behind the other, at the end of a file.
pub(crate) fn tag_bytes_behind(file: &mut (impl Read + Seek), bytes: u64) -> io::Result<u64> {
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

/// Fills `buffer` from `at`, or as much of it as the file has; how many bytes that was.
pub(crate) fn read_at(
    file: &mut (impl Read + Seek),
    at: u64,
    buffer: &mut [u8],
) -> io::Result<usize> {
    file.seek(SeekFrom::Start(at))?;
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
