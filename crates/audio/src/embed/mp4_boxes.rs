//! The boxes that an MP4 file is made of (ISO/IEC 14496-12 section 4.2), read with suspicion.

use super::{EmbedError, unsupported};
use crate::probe::mp4::be64;
use std::io::Read;
use std::ops::Range;

/// What a box is: four characters.
pub(super) type Kind = [u8; 4];

pub(super) const OVERRUNS: &str = "a box is longer than what holds it";

/// More boxes than any index of audio has.
const MAX_BOXES: usize = 8192;

/// The start of a box.
pub(super) struct Header {
    pub(super) kind: Kind,
    /// Length of the header: 8 or 16.
    pub(super) bytes: u64,
    /// Length of what follows it; `None` when the box goes on to the end of the file.
    pub(super) content: Option<u64>,
}

/// What is next in a row of boxes.
pub(super) enum Next {
    /// Another box.
    Box(Header),
    /// Less than a header: nothing at the end of a sound file, else up to 7 bytes.
    Tail(Vec<u8>),
}

impl Header {
    pub(super) fn read(source: &mut impl Read) -> Result<Next, EmbedError> {
        let mut first = Vec::new();
        let mut read = |bytes, first: &mut Vec<u8>| {
            source.by_ref().take(bytes).read_to_end(first).map_err(EmbedError::Read)
        };
        read(8, &mut first)?;
        let Ok([s, i, z, e, kind @ ..]) = <[u8; 8]>::try_from(&first[..]) else {
            return Ok(Next::Tail(first));
        };
        let (size, bytes) = match u32::from_be_bytes([s, i, z, e]) {
            0 => return Ok(Next::Box(Header { kind, bytes: 8, content: None })),
            1 => {
                read(8, &mut first)?;
                (be64(&first, 8).unwrap_or(0), 16)
            }
            size => (u64::from(size), 8),
        };
        match size.checked_sub(bytes) {
            Some(content) => Ok(Next::Box(Header { kind, bytes, content: Some(content) })),
            None => unsupported("a box is shorter than its own header"),
        }
    }
}

/// Where a box lies within bytes in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BoxAt {
    pub(super) kind: Kind,
    /// The whole box.
    pub(super) place: Range<usize>,
    /// Where what follows its header begins.
    pub(super) content: usize,
}

impl BoxAt {
    /// What follows the header.
    pub(super) fn content<'a>(&self, raw: &'a [u8]) -> &'a [u8] {
        &raw[self.content..self.place.end]
    }
}

/// Takes boxes in memory apart, no more of them than an index may have.
pub(super) struct Walk<'a> {
    pub(super) raw: &'a [u8],
    left: usize,
}

impl<'a> Walk<'a> {
    pub(super) fn new(raw: &'a [u8]) -> Walk<'a> {
        Walk { raw, left: MAX_BOXES }
    }

    /// The boxes in a box, and where the last of them ends.
    pub(super) fn children(&mut self, parent: &BoxAt) -> Result<(Vec<BoxAt>, usize), EmbedError> {
        let mut children = Vec::new();
        let mut at = parent.content + before_children(parent, self.raw);
        loop {
            let mut rest = self.raw.get(at..parent.place.end).unwrap_or_default();
            let room = rest.len() as u64;
            let header = match Header::read(&mut rest)? {
                Next::Box(header) => header,
                Next::Tail(tail) if ends_boxes(parent, &tail) && at <= parent.place.end => {
                    return Ok((children, at));
                }
                Next::Tail(_) => return unsupported(OVERRUNS),
            };
            let bytes = match header.content {
                Some(content) => content.checked_add(header.bytes).filter(|&bytes| bytes <= room),
                None => return unsupported("a box within another has no length"),
            };
            let Some(bytes) = bytes else {
                return unsupported(OVERRUNS);
            };
            let Some(left) = self.left.checked_sub(1) else {
                return unsupported("its index (moov) has more boxes than one of audio");
            };
            self.left = left;
            let place = at..at + bytes as usize;
            let content = at + header.bytes as usize;
            at = place.end;
            children.push(BoxAt { kind: header.kind, place, content });
        }
    }
}

/// How much of its content comes in front of the boxes that a box holds.
fn before_children(parent: &BoxAt, raw: &[u8]) -> usize {
    match &parent.kind {
        // Version and flags, and a count.
        b"stsd" | b"dref" => 8,
        b"meta" if is_full(parent.content(raw)) => 4,
        _ => 0,
    }
}

/// `meta` begins with version and flags in ISO files and with the first box in QuickTime's.
fn is_full(meta: &[u8]) -> bool {
    !matches!(meta.get(4..8), Some(b"hdlr" | b"ilst" | b"mhdr" | b"ctry" | b"lang"))
}

/// A user data list may end with 32 zero bits (QuickTime File Format, "User Data Atoms").
fn ends_boxes(parent: &BoxAt, tail: &[u8]) -> bool {
    tail.is_empty() || parent.kind == *b"udta" && tail == [0; 4]
}

/// Why a file with such a box is left alone, if it is.
pub(super) fn refusal(kind: &Kind) -> Option<&'static str> {
    match kind {
        b"moof" | b"mvex" | b"mfra" => Some("it is fragmented"),
        b"sidx" | b"ssix" | b"saio" | b"iloc" => {
            Some("it has file positions in other places than its chunk offsets")
        }
        b"cmov" => Some("its index (moov) is compressed"),
        b"enca" | b"encv" | b"enct" | b"encs" | b"drms" | b"drmi" => Some("it is encrypted"),
        _ => None,
    }
}

/// A box of ours. One beyond 4 GiB is never written: [`super::check_head_bytes`] refuses it.
pub(super) fn boxed(kind: &Kind, content: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(8 + content.len());
    bytes.extend_from_slice(&(8 + content.len() as u32).to_be_bytes());
    bytes.extend_from_slice(kind);
    bytes.extend_from_slice(content);
    bytes
}
