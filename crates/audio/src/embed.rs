//! Writing the archive's metadata into a file without touching its audio
//! (docs/formats/embedding.md), together with the patch that takes it out again.
//!
//! A wrong holding is worse than an untouched one. So whatever a file does that the rules do not
//! foresee, it is refused, and the caller keeps it as it came.

mod ape;
mod digest;
mod fields;
mod flac;
mod id3;
mod id3_writer;
mod mp4;
mod mp4_boxes;
mod mp4_index;
mod mp4_moov;
mod mp4_tags;
mod mpeg;
mod ogg;
mod ogg_headers;

pub use digest::audio_digest;

use crate::patch::{MAX_HEAD_BYTES, Operation, PatchBody};
use crate::probe::{Codec, Container, Probe};
use deadwax_model::Picture;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

/// The formats that can carry metadata so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EmbedFormat {
    /// Vorbis in Ogg.
    Vorbis,
    /// Opus in Ogg.
    Opus,
    /// FLAC in its own container.
    Flac,
    /// MPEG audio: MP3, MP2.
    Mpeg,
    /// AAC or ALAC in MP4.
    Mp4,
}

impl EmbedFormat {
    /// How metadata goes into a file of this kind; `None` when it cannot.
    pub fn of(probe: &Probe) -> Option<EmbedFormat> {
        match (probe.container, probe.codec) {
            _ if probe.start > 0 => None,
            (Container::Ogg, Codec::Vorbis) => Some(EmbedFormat::Vorbis),
            (Container::Ogg, Codec::Opus) => Some(EmbedFormat::Opus),
            (Container::Flac, Codec::Flac) => Some(EmbedFormat::Flac),
            (Container::Mp3, _) => Some(EmbedFormat::Mpeg),
            (Container::Mp4, Codec::Aac | Codec::Alac) => Some(EmbedFormat::Mp4),
            _ => None,
        }
    }
}

/// What to write into a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Embedding {
    /// Upper-case key and value. A key takes the place of all the file's fields of that key, and
    /// may be given more than once.
    pub fields: Vec<(String, String)>,
    /// Pictures, each left out when the file has one of its kind.
    pub pictures: Vec<Picture>,
}

/// A holding that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Embedded {
    /// The way back; give it the roots and store it.
    pub patch: PatchBody,
    /// Whether everything after the headers is the source's, byte for byte. Otherwise Ogg pages were
    /// renumbered, and what is in them is the source's.
    pub audio_pages_identical: bool,
    /// Length of the source.
    pub source_bytes: u64,
    /// Length of the holding.
    pub holding_bytes: u64,
    /// How many of the pictures were added.
    pub pictures_added: usize,
}

/// Why nothing could be embedded. What was written to the output is then to be thrown away.
#[derive(Debug, thiserror::Error)]
pub enum EmbedError {
    /// The file is fine as a source, but not one to write into; keep it untouched.
    #[error("metadata cannot be embedded: {0}; keep the file as it is")]
    Unsupported(String),
    /// A key that the comment format does not allow.
    #[error(
        "'{0}' cannot be a metadata key: it must be printable ASCII, without '=' and not empty; \
         rename it"
    )]
    Key(String),
    /// The source could not be read.
    #[error("reading the source failed: {0}")]
    Read(#[source] io::Error),
    /// The holding could not be written.
    #[error("writing the holding failed: {0}")]
    Write(#[source] io::Error),
}

const BUFFER_BYTES: usize = 256 << 10;

/// Writes the holding of `source`, from its first byte to its last, to `out`. Memory is bounded by
/// the headers, which are at most 16 MiB before and after; audio only streams through.
pub fn embed(
    source: &mut (impl Read + Seek),
    format: EmbedFormat,
    metadata: &Embedding,
    out: &mut impl Write,
) -> Result<Embedded, EmbedError> {
    fields::check_keys(metadata)?;
    source.seek(SeekFrom::Start(0)).map_err(EmbedError::Read)?;
    let mut source = BufReader::with_capacity(BUFFER_BYTES, source);
    let mut out = BufWriter::with_capacity(BUFFER_BYTES, out);
    let embedded = match format {
        EmbedFormat::Vorbis | EmbedFormat::Opus => {
            ogg::embed(&mut source, format, metadata, &mut out)?
        }
        EmbedFormat::Flac => flac::embed(&mut source, metadata, &mut out)?,
        EmbedFormat::Mpeg => mpeg::embed(&mut source, metadata, &mut out)?,
        EmbedFormat::Mp4 => mp4::embed(&mut source, metadata, &mut out)?,
    };
    out.flush().map_err(EmbedError::Write)?;
    Ok(embedded)
}

fn unsupported<T>(why: impl Into<String>) -> Result<T, EmbedError> {
    Err(EmbedError::Unsupported(why.into()))
}

/// Refuses headers that are too long to hold in memory.
fn check_head_bytes(bytes: usize) -> Result<(), EmbedError> {
    if bytes as u64 > MAX_HEAD_BYTES {
        return unsupported("its headers, pictures included, are longer than 16 MiB");
    }
    Ok(())
}

/// A holding that has another head, and behind it all that is left of the source.
fn behind_another_head(
    head: &[u8],
    old_head: &[u8],
    pictures_added: usize,
    source: &mut impl io::BufRead,
    out: &mut impl Write,
) -> Result<Embedded, EmbedError> {
    out.write_all(head).map_err(EmbedError::Write)?;
    let bytes = copy_rest(source, out)?;
    let from = head.len() as u64;
    let operations =
        [Operation::Insert { bytes: old_head.len() as u64 }, Operation::Copy { from, bytes }];
    let patch =
        PatchBody::new(from + bytes, head, old_head, &operations).map_err(EmbedError::Write)?;
    Ok(Embedded {
        audio_pages_identical: true,
        source_bytes: patch.source_bytes(),
        holding_bytes: patch.holding_bytes(),
        pictures_added,
        patch,
    })
}

/// Copies to the end; returns how many bytes that was.
fn copy_rest(source: &mut impl io::BufRead, out: &mut impl Write) -> Result<u64, EmbedError> {
    let mut copied = 0;
    loop {
        let bytes = match source.fill_buf() {
            Ok([]) => return Ok(copied),
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(EmbedError::Read(error)),
        };
        out.write_all(bytes).map_err(EmbedError::Write)?;
        let read = bytes.len();
        copied += read as u64;
        source.consume(read);
    }
}
