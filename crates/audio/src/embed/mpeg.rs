//! MPEG audio (MP3, MP2): another ID3v2 tag in front, everything behind it copied.

use super::ape::{self, Item};
use super::id3::{self, FrameBytes, Tag};
use super::id3_writer::{Frames, NAMES};
use super::{
    EmbedError, Embedded, Embedding, behind_another_head, check_head_bytes, copy_rest, fields,
};
use crate::id3_sizes::syncsafe;
use deadwax_model::PictureKind;
use std::collections::HashSet;
use std::io::{BufRead, Read, Seek, SeekFrom, Write};

/// Bytes of an ID3v1 tag, which is the last thing in a file.
const ID3V1_BYTES: usize = 128;

pub(super) fn embed(
    source: &mut (impl BufRead + Seek),
    metadata: &Embedding,
    out: &mut impl Write,
) -> Result<Embedded, EmbedError> {
    let old = id3v1(source)?;
    let items = ape::items(source, if old.is_some() { ID3V1_BYTES as u64 } else { 0 })?;
    source.seek(SeekFrom::Start(0)).map_err(EmbedError::Read)?;
    let tag = Tag::read(source)?;
    let (head, pictures_added) = new_tag(&tag, &items, old.as_ref(), metadata)?;
    behind_another_head(
        &head,
        &tag.raw,
        pictures_added,
        &mut tag.ahead.as_slice().chain(source),
        out,
    )
}

/// Hands over everything behind the tag.
pub(super) fn copy_audio(
    source: &mut impl BufRead,
    out: &mut impl Write,
) -> Result<(), EmbedError> {
    let (_, ahead) = id3::raw(source)?;
    out.write_all(&ahead).map_err(EmbedError::Write)?;
    copy_rest(source, out).map(drop)
}

/// The ID3v1 tag, if there is one.
fn id3v1(source: &mut (impl Read + Seek)) -> Result<Option<[u8; ID3V1_BYTES]>, EmbedError> {
    let end = source.seek(SeekFrom::End(0)).map_err(EmbedError::Read)?;
    let Some(start) = end.checked_sub(ID3V1_BYTES as u64) else { return Ok(None) };
    let mut tag = [0; ID3V1_BYTES];
    source.seek(SeekFrom::Start(start)).map_err(EmbedError::Read)?;
    source.read_exact(&mut tag).map_err(EmbedError::Read)?;
    Ok(tag.starts_with(b"TAG").then_some(tag))
}

/// The tag of the holding, and how many pictures it has more.
fn new_tag(
    tag: &Tag,
    items: &[Item],
    old: Option<&[u8; ID3V1_BYTES]>,
    metadata: &Embedding,
) -> Result<(Vec<u8>, usize), EmbedError> {
    let given = fields::grouped(metadata);
    let replaced = Replaced::by(given.iter().map(|(key, _)| key.as_str()).collect());
    let mut frames = Frames::new(tag.version);
    for (key, values) in &given {
        frames.field(key, values)?;
    }
    for frame in tag.frames().filter(|frame| !replaced.has(frame)) {
        frames.keep(&frame)?;
    }
    ape::carry(items, &mut frames)?;
    // A tag without frames says nothing, and would be gone from a holding that has nothing to say either.
    let says_nothing = tag.frames().next().is_none() || frames.bytes.is_empty();
    if let Some(old) = old.filter(|_| says_nothing) {
        carry_id3v1(old, &mut frames)?;
    }
    let kinds: HashSet<PictureKind> =
        tag.frames().filter_map(|frame| frame.picture_kind()).collect();
    let mut pictures = fields::missing(metadata, &kinds);
    pictures.retain(|picture| frames.can_carry(picture));
    for (place, picture) in pictures.iter().enumerate() {
        frames.picture(picture, place)?;
    }
    if frames.bytes.is_empty() {
        return Ok((Vec::new(), 0));
    }
    let header = [b'I', b'D', b'3', tag.version, 0, 0];
    let head = [&header, &syncsafe(frames.bytes.len())[..], &frames.bytes].concat();
    check_head_bytes(head.len())?;
    Ok((head, pictures.len()))
}

/// What the archive says itself.
struct Replaced<'k> {
    /// In upper case.
    keys: Vec<&'k str>,
    names: HashSet<&'static [u8]>,
}

impl Replaced<'_> {
    fn by(keys: Vec<&str>) -> Replaced<'_> {
        let mut names: HashSet<&'static [u8]> = HashSet::new();
        for (_, old, name, others) in NAMES.iter().filter(|names| keys.contains(&names.0)) {
            names.extend([old.as_bytes(), name.as_bytes()]);
            names.extend(others.iter().map(|other| other.as_bytes()));
        }
        Replaced { keys, names }
    }

    fn has(&self, frame: &FrameBytes<'_>) -> bool {
        let is_given = |key: String| self.keys.contains(&key.to_ascii_uppercase().as_str());
        self.names.contains(frame.name) || frame.description().is_some_and(is_given)
    }
}

/// What an ID3v1 tag says that nothing else does: readers that find an ID3v2 tag may look no further.
fn carry_id3v1(old: &[u8; ID3V1_BYTES], frames: &mut Frames) -> Result<(), EmbedError> {
    // Of 30 bytes, the last two may be a zero byte and a track number.
    let comment = &old[97..if old[125] == 0 { 125 } else { 127 }];
    let end = comment.iter().position(|byte| *byte == 0).unwrap_or(comment.len());
    let comment = comment[..end].trim_ascii_end();
    if !comment.is_empty() && !frames.has_comment {
        // Latin letters, no known language, no description.
        let content = [&b"\0XXX\0"[..], comment].concat();
        frames.frame("COM", "COMM", &content)?;
    }
    match old[127] {
        genre @ 0..192 if !frames.say("GENRE") => frames.field("GENRE", &[&genre.to_string()]),
        _ => Ok(()),
    }
}
