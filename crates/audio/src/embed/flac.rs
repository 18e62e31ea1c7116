//! FLAC (RFC 9639): metadata blocks rewritten, frames copied.

use super::id3::Tag;
use super::{
    EmbedError, Embedded, Embedding, behind_another_head, check_head_bytes, fields, unsupported,
};
use crate::ogg::{Comments, kind_of_picture_block, picture_block};
use std::io::{BufRead, ErrorKind, Read, Write};
use std::ops::Range;

const STREAMINFO: u8 = 0;
const STREAMINFO_BYTES: usize = 34;
const PADDING: u8 = 1;
const VORBIS_COMMENT: u8 = 4;
const PICTURE: u8 = 6;
const FORBIDDEN: u8 = 127;
/// A block's length has 24 bits.
const MAX_BLOCK_BYTES: usize = (1 << 24) - 1;

pub(super) fn embed(
    source: &mut impl BufRead,
    metadata: &Embedding,
    out: &mut impl Write,
) -> Result<Embedded, EmbedError> {
    let blocks = Blocks::read(source)?;
    blocks.check_audio(source)?;
    let (head, pictures_added) = new_head(&blocks, metadata)?;
    behind_another_head(&head, &blocks.raw, pictures_added, source, out)
}

/// Everything in front of the first frame.
pub(super) struct Blocks {
    /// As it is in the file, `fLaC` and an ID3v2 tag in front of it included.
    raw: Vec<u8>,
    /// Bytes of that tag.
    tag_bytes: usize,
    /// Type and place in `raw` of each block's content.
    blocks: Vec<(u8, Range<usize>)>,
}

impl Blocks {
    pub(super) fn read(source: &mut impl BufRead) -> Result<Blocks, EmbedError> {
        // Some taggers put one there, and readers of FLAC pass over it.
        let Tag { mut raw, ahead, .. } = Tag::read(source)?;
        let tag_bytes = raw.len();
        let source = &mut ahead.as_slice().chain(source);
        extend(source, 4, &mut raw)?;
        if !raw.ends_with(b"fLaC") {
            return unsupported("it does not begin as a FLAC stream");
        }
        let mut blocks = Vec::new();
        loop {
            let start = raw.len() + 4;
            extend(source, 4, &mut raw)?;
            let [first, length @ ..] = *raw.last_chunk::<4>().expect("four bytes were read");
            let kind = first & 0x7f;
            if (kind == STREAMINFO) != blocks.is_empty() || kind == FORBIDDEN {
                return unsupported("its FLAC metadata blocks are not in the order that FLAC has");
            }
            let length = u32::from_be_bytes([0, length[0], length[1], length[2]]) as usize;
            if kind == STREAMINFO && length != STREAMINFO_BYTES {
                return unsupported("its STREAMINFO block is not as long as FLAC has it");
            }
            check_head_bytes(start + length)?;
            extend(source, length, &mut raw)?;
            blocks.push((kind, start..start + length));
            if first & 0x80 != 0 {
                return Ok(Blocks { raw, tag_bytes, blocks });
            }
        }
    }

    /// A frame begins with a 15-bit sync code (RFC 9639 section 9.1).
    fn check_audio(&self, source: &mut impl BufRead) -> Result<(), EmbedError> {
        match source.fill_buf().map_err(EmbedError::Read)? {
            [] | [0xff] | [0xff, 0xf8 | 0xf9, ..] => Ok(()),
            _ => unsupported("its FLAC frames do not follow the metadata blocks"),
        }
    }
}

fn new_head(blocks: &Blocks, metadata: &Embedding) -> Result<(Vec<u8>, usize), EmbedError> {
    let mut of_comments = blocks.blocks.iter().filter(|(kind, _)| *kind == VORBIS_COMMENT);
    let (source, trailing) = match (of_comments.next(), of_comments.next()) {
        (None, _) => (Comments::default(), &[][..]),
        (Some((_, place)), None) => Comments::parse(&blocks.raw[place.clone()])
            .map_err(|error| EmbedError::Unsupported(error.to_string()))?,
        (Some(_), Some(_)) => return unsupported("it has two VORBIS_COMMENT blocks"),
    };
    let comments = fields::merge(source, metadata);
    let mut kinds = fields::kinds_in(&comments);
    let of_pictures = blocks.blocks.iter().filter(|(kind, _)| *kind == PICTURE);
    kinds.extend(of_pictures.filter_map(|(_, at)| kind_of_picture_block(&blocks.raw[at.clone()])));
    let pictures = fields::missing(metadata, &kinds);
    let mut encoded = comments.encode();
    // With pictures in them they are most of what is in memory.
    drop(comments);
    encoded.extend_from_slice(fields::beyond_padding(trailing));

    let mut head = Head { bytes: Vec::with_capacity(blocks.raw.len()), last_header: 0 };
    head.bytes.extend_from_slice(&blocks.raw[..blocks.tag_bytes + 4]);
    let mut to_place = Some(encoded);
    let exists = blocks.blocks.iter().any(|(kind, _)| *kind == VORBIS_COMMENT);
    for (kind, place) in &blocks.blocks {
        match *kind {
            PADDING => {}
            VORBIS_COMMENT => head.push_comments(&mut to_place)?,
            kind => head.push(kind, &blocks.raw[place.clone()])?,
        }
        if !exists {
            head.push_comments(&mut to_place)?;
        }
    }
    for picture in &pictures {
        head.push(PICTURE, &picture_block(picture))?;
    }
    head.bytes[head.last_header] |= 0x80;
    Ok((head.bytes, pictures.len()))
}

struct Head {
    bytes: Vec<u8>,
    last_header: usize,
}

impl Head {
    fn push(&mut self, kind: u8, content: &[u8]) -> Result<(), EmbedError> {
        if content.len() > MAX_BLOCK_BYTES {
            return unsupported("its metadata does not fit a FLAC block of 16 MiB");
        }
        check_head_bytes(self.bytes.len() + 4 + content.len())?;
        self.last_header = self.bytes.len();
        self.bytes.push(kind);
        self.bytes.extend_from_slice(&(content.len() as u32).to_be_bytes()[1..]);
        self.bytes.extend_from_slice(content);
        Ok(())
    }

    fn push_comments(&mut self, comments: &mut Option<Vec<u8>>) -> Result<(), EmbedError> {
        comments.take().map_or(Ok(()), |comments| self.push(VORBIS_COMMENT, &comments))
    }
}

fn extend(source: &mut impl Read, bytes: usize, raw: &mut Vec<u8>) -> Result<(), EmbedError> {
    match source.take(bytes as u64).read_to_end(raw) {
        Ok(read) if read == bytes => Ok(()),
        Ok(_) => unsupported("it ends within its FLAC metadata"),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
            unsupported("it ends within its FLAC metadata")
        }
        Err(error) => Err(EmbedError::Read(error)),
    }
}
