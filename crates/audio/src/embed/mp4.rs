//! MP4 (ISO/IEC 14496-12): the index (`moov`) rewritten, everything else copied.

use super::mp4_boxes::{Header, Next, OVERRUNS, refusal};
use super::{EmbedError, Embedded, Embedding, check_head_bytes, copy_rest, mp4_moov, unsupported};
use crate::patch::{Operation, PatchBody};
use std::io::{self, BufRead, Read, Seek, SeekFrom, Write};
use std::ops::Range;

/// More boxes than any file has at its top.
const MAX_TOP_BOXES: usize = 4096;
const TOO_MANY: &str = "it has more boxes than a file of audio";
const NO_AUDIO: &str = "it has no audio (mdat)";
const CHANGED: &str = "it became shorter or longer while it was read";

/// With at most so many bytes in front of `moov`, what the patch inserts is compressed against both:
/// old tags are much like new ones.
const MAX_BYTES_BEFORE_REFERENCE: u64 = 64 << 10;

pub(super) fn embed(
    source: &mut (impl BufRead + Seek),
    metadata: &Embedding,
    out: &mut impl Write,
) -> Result<Embedded, EmbedError> {
    let layout = Layout::read(source)?;
    let old = read_range(source, layout.moov.clone())?;
    let moov = mp4_moov::rewrite(&old, layout.moov.start, metadata)?;
    let mut reference = Vec::new();
    if layout.moov.start <= MAX_BYTES_BEFORE_REFERENCE {
        reference = read_range(source, 0..layout.moov.start)?;
        reference.extend_from_slice(&moov.bytes);
    }

    source.seek(SeekFrom::Start(0)).map_err(EmbedError::Read)?;
    let before = copy_rest(&mut source.by_ref().take(layout.moov.start), out)?;
    out.write_all(&moov.bytes).map_err(EmbedError::Write)?;
    source.seek(SeekFrom::Start(layout.moov.end)).map_err(EmbedError::Read)?;
    let after = copy_rest(source, out)?;
    if before != layout.moov.start || after != layout.bytes - layout.moov.end {
        return unsupported(CHANGED);
    }

    let from = before + moov.bytes.len() as u64;
    let mut operations = vec![Operation::Copy { from: 0, bytes: before }];
    operations.extend(moov.operations);
    operations.push(Operation::Copy { from, bytes: after });
    let patch = PatchBody::new(from + after, &reference, &moov.literals, &operations)
        .map_err(EmbedError::Write)?;
    Ok(Embedded {
        audio_pages_identical: true,
        source_bytes: patch.source_bytes(),
        holding_bytes: patch.holding_bytes(),
        pictures_added: moov.pictures_added,
        patch,
    })
}

/// Gives `sink` what the `mdat` boxes hold, in the order of the file, and what follows the last
/// whole box. `source` is at the start of the file.
pub(super) fn audio(source: &mut impl BufRead, sink: &mut impl Write) -> Result<(), EmbedError> {
    let mut has_audio = false;
    for _ in 0..MAX_TOP_BOXES {
        let header = match Header::read(source)? {
            Next::Box(header) => header,
            Next::Tail(_) if !has_audio => return unsupported(NO_AUDIO),
            Next::Tail(tail) => return sink.write_all(&tail).map_err(EmbedError::Write),
        };
        let mut content = source.by_ref().take(header.content.unwrap_or(u64::MAX));
        let read = if header.kind == *b"mdat" {
            has_audio = true;
            copy_rest(&mut content, sink)?
        } else {
            copy_rest(&mut content, &mut io::sink())?
        };
        if header.content.is_some_and(|content| content != read) {
            return unsupported(OVERRUNS);
        }
    }
    unsupported(TOO_MANY)
}

/// Where things are in a file.
struct Layout {
    /// Length of the file.
    bytes: u64,
    /// The whole box.
    moov: Range<u64>,
}

impl Layout {
    fn read(source: &mut (impl BufRead + Seek)) -> Result<Layout, EmbedError> {
        let bytes = source.seek(SeekFrom::End(0)).map_err(EmbedError::Read)?;
        source.seek(SeekFrom::Start(0)).map_err(EmbedError::Read)?;
        let (mut at, mut moov, mut has_audio) = (0, None, false);
        for _ in 0..MAX_TOP_BOXES {
            let header = match Header::read(source)? {
                Next::Box(header) => header,
                Next::Tail(_) => return Layout::checked(bytes, moov, has_audio),
            };
            let room = bytes.saturating_sub(at + header.bytes);
            let content = header.content.unwrap_or(room);
            if content > room {
                return unsupported(OVERRUNS);
            }
            let end = at + header.bytes + content;
            match &header.kind {
                b"mdat" => has_audio = true,
                b"moov" if moov.is_some() => return unsupported("it has two indexes (moov)"),
                b"moov" if header.bytes != 8 => {
                    return unsupported("its index (moov) has a 64-bit length");
                }
                b"moov" => moov = Some(at..end),
                b"meta" => return unsupported("it has metadata (meta) outside its index (moov)"),
                kind => refusal(kind).map_or(Ok(()), unsupported)?,
            }
            source.seek_relative(content as i64).map_err(EmbedError::Read)?;
            at = end;
        }
        unsupported(TOO_MANY)
    }

    fn checked(
        bytes: u64,
        moov: Option<Range<u64>>,
        has_audio: bool,
    ) -> Result<Layout, EmbedError> {
        match moov {
            None => unsupported("it has no index (moov)"),
            Some(_) if !has_audio => unsupported(NO_AUDIO),
            Some(moov) => {
                check_head_bytes(usize::try_from(moov.end - moov.start).unwrap_or(usize::MAX))?;
                Ok(Layout { bytes, moov })
            }
        }
    }
}

/// At most 16 MiB, which [`Layout`] makes sure of.
fn read_range(source: &mut (impl Read + Seek), range: Range<u64>) -> Result<Vec<u8>, EmbedError> {
    let wanted = range.end - range.start;
    let mut bytes = Vec::new();
    source.seek(SeekFrom::Start(range.start)).map_err(EmbedError::Read)?;
    source.take(wanted).read_to_end(&mut bytes).map_err(EmbedError::Read)?;
    if bytes.len() as u64 != wanted {
        return unsupported(CHANGED);
    }
    Ok(bytes)
}
