//! ID3v2 tags, taken apart into frames (id3.org: "ID3 tag version 2", 2.3.0, and 2.4.0 structure).

use super::{EmbedError, check_head_bytes, unsupported};
use crate::id3_sizes::{from_syncsafe, is_name, with_syncsafe_sizes};
use crate::probe::id3v2_bytes;
use deadwax_model::PictureKind;
use std::io::{BufRead, Read};
use std::ops::Range;

/// Bytes of a tag's header, and of its footer.
pub(super) const HEADER_BYTES: usize = 10;

const UNSYNCHRONISED: u8 = 0x80;
const EXTENDED_HEADER: u8 = 0x40;
const FOOTER: u8 = 0x10;
/// Of a frame, in 2.4.
const FRAME_UNSYNCHRONISED: u8 = 0x02;

/// More frames than any tag of music has.
const MAX_FRAMES: usize = 8192;

/// The tag in front of a file, and the first bytes behind it.
pub(super) struct Tag {
    /// As it is in the file; empty when there is none.
    pub(super) raw: Vec<u8>,
    /// 2, 3 or 4.
    pub(super) version: u8,
    /// What its frames are ranges of.
    body: Vec<u8>,
    frames: Vec<Frame>,
    /// What was read of the audio to see what it is.
    pub(super) ahead: Vec<u8>,
}

/// A frame.
struct Frame {
    /// From its name to its end.
    whole: Range<usize>,
    /// Behind its header.
    content: Range<usize>,
    /// Whether the content is as it was meant: neither compressed, encrypted, nor with anything in front.
    is_plain: bool,
}

/// A frame with its bytes.
pub(super) struct FrameBytes<'t> {
    /// `TIT2`, or `TT2` in version 2.
    pub(super) name: &'t [u8],
    /// All of it.
    pub(super) whole: &'t [u8],
    /// What it says; `None` when it takes more than reading to know.
    pub(super) content: Option<&'t [u8]>,
}

impl Tag {
    /// Reads the tag, if there is one, and up to ten bytes more.
    pub(super) fn read(source: &mut impl BufRead) -> Result<Tag, EmbedError> {
        let (raw, ahead) = raw(source)?;
        if raw.is_empty() {
            let (body, frames) = (Vec::new(), Vec::new());
            return Ok(Tag { raw, version: 4, body, frames, ahead });
        }
        let version = raw[3];
        let mended = with_syncsafe_sizes(&raw);
        let (body, frames) = frames(mended.as_deref().unwrap_or(&raw))?;
        Ok(Tag { raw, version, body, frames, ahead })
    }

    pub(super) fn frames(&self) -> impl Iterator<Item = FrameBytes<'_>> {
        let name_bytes = if self.version == 2 { 3 } else { 4 };
        self.frames.iter().map(move |frame| FrameBytes {
            name: &self.body[frame.whole.start..frame.whole.start + name_bytes],
            whole: &self.body[frame.whole.clone()],
            content: frame.is_plain.then(|| &self.body[frame.content.clone()]),
        })
    }
}

/// The tag in front of a file, empty when there is none, and up to ten bytes more.
pub(super) fn raw(source: &mut impl BufRead) -> Result<(Vec<u8>, Vec<u8>), EmbedError> {
    let mut raw = Vec::new();
    extend(source, HEADER_BYTES, &mut raw)?;
    let bytes = id3v2_bytes(&raw) as usize;
    if bytes == 0 {
        return match raw.starts_with(b"ID3") {
            true => unsupported("the header of its ID3v2 tag is damaged"),
            false => Ok((Vec::new(), raw)),
        };
    }
    check_head_bytes(bytes)?;
    extend(source, bytes - HEADER_BYTES, &mut raw)?;
    if raw.len() < bytes {
        return unsupported("it ends within its ID3v2 tag");
    }
    let mut ahead = Vec::new();
    extend(source, HEADER_BYTES, &mut ahead)?;
    match ahead.starts_with(b"ID3") {
        true => unsupported("two ID3v2 tags stand in front of it"),
        false => Ok((raw, ahead)),
    }
}

impl FrameBytes<'_> {
    /// The description of a text that its user has named.
    pub(super) fn description(&self) -> Option<String> {
        matches!(self.name, b"TXXX" | b"TXX").then(|| self.text_behind(0)).flatten()
    }

    /// Whether it is a comment as people write them; those with a description are notes of programs.
    pub(super) fn is_comment(&self) -> bool {
        // Behind three letters of a language.
        matches!(self.name, b"COMM" | b"COM") && self.text_behind(3).is_none_or(|it| it.is_empty())
    }

    /// The first text of a frame that begins with an encoding, so many bytes behind that.
    fn text_behind(&self, bytes: usize) -> Option<String> {
        let (encoding, text) = self.content?.split_first()?;
        let text = text.get(bytes..)?;
        let wide = |from_bytes: fn([u8; 2]) -> u16, text: &[u8]| {
            let units = text.as_chunks::<2>().0.iter().map(|unit| from_bytes(*unit));
            char::decode_utf16(units.take_while(|unit| *unit != 0))
                .collect::<Result<String, _>>()
                .ok()
        };
        let end = text.iter().position(|byte| *byte == 0).unwrap_or(text.len());
        match (encoding, text) {
            (0, _) => Some(text[..end].iter().map(|byte| char::from(*byte)).collect()),
            (1, [0xFF, 0xFE, text @ ..]) => wide(u16::from_le_bytes, text),
            (1, [0xFE, 0xFF, text @ ..]) | (2, text) => wide(u16::from_be_bytes, text),
            (3, _) => String::from_utf8(text[..end].to_vec()).ok(),
            _ => None,
        }
    }

    /// What kind of picture it carries. One that cannot be read may be the cover.
    pub(super) fn picture_kind(&self) -> Option<PictureKind> {
        let kind_of = |content: &[u8]| match self.name {
            // Encoding, three letters of a format, kind.
            b"PIC" => content.get(4).copied(),
            // Encoding, the media type and a zero byte, kind.
            _ => {
                let end = content.iter().skip(1).position(|byte| *byte == 0)?;
                content.get(end + 2).copied()
            }
        };
        match (self.name, self.content) {
            (b"APIC" | b"PIC", Some(content)) => Some(match kind_of(content) {
                Some(4) => PictureKind::Back,
                Some(3) | None => PictureKind::Front,
                Some(_) => PictureKind::Other,
            }),
            (b"APIC" | b"PIC", None) => Some(PictureKind::Front),
            _ => None,
        }
    }
}

/// The frames of a whole tag, and what they are ranges of.
fn frames(raw: &[u8]) -> Result<(Vec<u8>, Vec<Frame>), EmbedError> {
    let (version, flags) = (raw[3], raw[5]);
    if !(2..=4).contains(&version) {
        return unsupported(format!("its ID3v2 tag is of version 2.{version}"));
    }
    if version == 2 && flags & EXTENDED_HEADER != 0 {
        return unsupported("its ID3v2.2 tag is compressed");
    }
    let has_footer = version == 4 && flags & FOOTER != 0;
    let body = &raw[HEADER_BYTES..raw.len() - if has_footer { HEADER_BYTES } else { 0 }];
    let body = match version < 4 && flags & UNSYNCHRONISED != 0 {
        true => synchronised(body),
        false => body.to_vec(),
    };
    let mut at = 0;
    if flags & EXTENDED_HEADER != 0 {
        at = extended_header_bytes(version, &body)
            .filter(|bytes| *bytes <= body.len())
            .ok_or_else(|| {
                EmbedError::Unsupported("the extended header of its ID3v2 tag is damaged".into())
            })?;
    }
    let mut frames = Vec::new();
    while at < body.len() {
        if body[at] == 0 {
            if body[at..].iter().any(|byte| *byte != 0) {
                return unsupported("something stands in the padding of its ID3v2 tag");
            }
            break;
        }
        let (frame, has_flag) = frame(version, &body, at).ok_or_else(|| {
            EmbedError::Unsupported("a frame of its ID3v2 tag is damaged".to_owned())
        })?;
        if version == 4 && flags & UNSYNCHRONISED != 0 && !has_flag {
            return unsupported(
                "its ID3v2 tag is unsynchronised in part, which readers read differently",
            );
        }
        if has_file_positions(&body, &frame) {
            return unsupported("its ID3v2 tag has positions in the file (CHAP, ASPI)");
        }
        if frames.len() == MAX_FRAMES {
            return unsupported("its ID3v2 tag has more frames than one of music");
        }
        at = frame.whole.end;
        frames.push(frame);
    }
    Ok((body, frames))
}

/// The frame at `at`, and whether it is marked as unsynchronised.
fn frame(version: u8, body: &[u8], at: usize) -> Option<(Frame, bool)> {
    let (name_bytes, header_bytes) = if version == 2 { (3, 6) } else { (4, 10) };
    let header = body.get(at..at + header_bytes)?;
    if !is_name(&header[..name_bytes]) {
        return None;
    }
    let size = match *header {
        [_, _, _, a, b, c] => u32::from_be_bytes([0, a, b, c]) as usize,
        [_, _, _, _, a, b, c, d, ..] if version == 3 => u32::from_be_bytes([a, b, c, d]) as usize,
        [_, _, _, _, a, b, c, d, ..] => from_syncsafe([a, b, c, d])?,
        _ => return None,
    };
    let flags = header.get(9).copied().unwrap_or(0);
    let start = at + header_bytes;
    let content = start..start.checked_add(size).filter(|end| *end <= body.len())?;
    let frame = Frame { whole: at..content.end, content, is_plain: flags == 0 };
    Some((frame, flags & FRAME_UNSYNCHRONISED != 0))
}

/// Whether a frame says where in the file something is: that would no longer be so.
fn has_file_positions(body: &[u8], frame: &Frame) -> bool {
    let is_named = |name: &[u8]| body[frame.whole.clone()].starts_with(name);
    if !is_named(b"CHAP") {
        return is_named(b"ASPI");
    }
    let content = &body[frame.content.clone()];
    // Behind the chapter's name and two times; all ones, and with some writers zeros, say nothing.
    let name_bytes = content.iter().position(|byte| *byte == 0).unwrap_or(content.len());
    let says_nothing = |at: &[u8; 4]| matches!(at, [0, 0, 0, 0] | [0xFF, 0xFF, 0xFF, 0xFF]);
    match content.get(name_bytes + 9..name_bytes + 17) {
        Some(places) if frame.is_plain => !places.as_chunks().0.iter().all(says_nothing),
        _ => true,
    }
}

/// Bytes of the extended header, its length included.
fn extended_header_bytes(version: u8, body: &[u8]) -> Option<usize> {
    let length = *body.first_chunk::<4>()?;
    match version {
        3 => (u32::from_be_bytes(length) as usize).checked_add(4),
        _ => from_syncsafe(length).filter(|bytes| *bytes >= 6),
    }
}

/// Takes out the zero bytes that unsynchronisation has put behind 0xFF.
fn synchronised(body: &[u8]) -> Vec<u8> {
    let mut before = 0;
    let keeps = |byte: &&u8| {
        let is_put_in = before == 0xFF && **byte == 0;
        before = **byte;
        !is_put_in
    };
    body.iter().filter(keeps).copied().collect()
}

/// Adds so many bytes of the source, or what there is.
fn extend(source: &mut impl BufRead, bytes: usize, raw: &mut Vec<u8>) -> Result<(), EmbedError> {
    source.take(bytes as u64).read_to_end(raw).map(drop).map_err(EmbedError::Read)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id3_sizes::syncsafe;

    fn names(tag: &[u8]) -> Result<Vec<String>, String> {
        let tag = Tag::read(&mut &tag[..]).map_err(|error| error.to_string())?;
        let name = |frame: FrameBytes<'_>| String::from_utf8(frame.name.to_vec()).unwrap();
        Ok(tag.frames().map(name).collect())
    }

    fn tag(version: u8, flags: u8, body: &[u8]) -> Vec<u8> {
        [&[b'I', b'D', b'3', version, 0, flags], &syncsafe(body.len())[..], body].concat()
    }

    #[test]
    fn frames_of_all_versions_are_told_apart() {
        let old = b"TT2\0\0\x02\0aTP1\0\0\x02\0b\0\0";
        assert_eq!(names(&tag(2, 0, old)).unwrap(), ["TT2", "TP1"]);
        let usual = b"TIT2\0\0\0\x02\0\0\0aTPE1\0\0\0\x02\0\0\0b";
        assert_eq!(names(&tag(3, 0, usual)).unwrap(), ["TIT2", "TPE1"]);
        assert_eq!(names(&tag(4, 0, usual)).unwrap(), ["TIT2", "TPE1"]);
        // An extended header in front: in 2.3 its length does not count itself, in 2.4 it does.
        let of_23 = [&b"\0\0\0\x06\0\0\0\0\0\0"[..], usual].concat();
        assert_eq!(names(&tag(3, EXTENDED_HEADER, &of_23)).unwrap(), ["TIT2", "TPE1"]);
        let of_24 = [&b"\0\0\0\x06\x01\0"[..], usual].concat();
        assert_eq!(names(&tag(4, EXTENDED_HEADER, &of_24)).unwrap(), ["TIT2", "TPE1"]);
    }

    #[test]
    fn unsynchronisation_is_taken_out_or_refused() {
        let body = b"TIT2\0\0\0\x05\0\0\x01\xFF\0\xFEb\0TPE1\0\0\0\x01\0\0\0";
        assert_eq!(names(&tag(3, UNSYNCHRONISED, body)).unwrap(), ["TIT2", "TPE1"]);
        let in_part = b"TIT2\0\0\0\x02\0\0\0a";
        assert!(names(&tag(4, UNSYNCHRONISED, in_part)).unwrap_err().contains("in part"));
        let marked = b"TIT2\0\0\0\x02\0\x02\0a";
        assert_eq!(names(&tag(4, UNSYNCHRONISED, marked)).unwrap(), ["TIT2"]);
    }

    #[test]
    fn positions_in_the_file_are_refused() {
        let chapter = |places: &[u8]| {
            let content = [&b"one\0\0\0\0\0\0\0\x27\x10"[..], places].concat();
            let size = [0, 0, 0, content.len() as u8, 0, 0];
            names(&tag(4, 0, &[&b"CHAP"[..], &size, &content].concat()))
        };
        assert_eq!(chapter(&[0xFF; 8]).unwrap(), ["CHAP"]);
        assert_eq!(chapter(&[0; 8]).unwrap(), ["CHAP"]);
        assert!(chapter(b"\0\0\x10\0\0\0\x20\0").unwrap_err().contains("positions"));
        assert!(chapter(&[0xFF; 3]).unwrap_err().contains("positions"));
        assert!(names(&tag(4, 0, b"ASPI\0\0\0\x01\0\0a")).unwrap_err().contains("positions"));
    }

    #[test]
    fn a_tag_of_nothing_but_frames_is_bounded() {
        let few = b"TIT2\0\0\0\0\0\0".repeat(MAX_FRAMES);
        let long = |body: &[u8]| [&b"ID3\x04\0\0"[..], &syncsafe(body.len()), body].concat();
        assert_eq!(names(&long(&few)).unwrap().len(), MAX_FRAMES);
        let many = [&few[..], b"TIT2\0\0\0\0\0\0"].concat();
        assert!(names(&long(&many)).unwrap_err().contains("more frames"));
    }

    #[test]
    fn what_is_damaged_is_refused() {
        for (tag, why) in [
            (tag(5, 0, b""), "version 2.5"),
            (tag(3, 0, b"TIT2\0\0\0\x09\0\0\0a"), "is damaged"),
            (tag(3, 0, b"tit2\0\0\0\x02\0\0\0a"), "is damaged"),
            (tag(3, 0, b"\0\0\0\0x"), "padding"),
            (tag(3, EXTENDED_HEADER, b"\xFF\0\0\0"), "extended header"),
            (b"ID3\x03\0\0\0\0\0\x20TIT2".to_vec(), "ends within"),
            (b"ID3\x03\0\0\xFF\0\0\0".to_vec(), "header of its ID3v2 tag"),
            ([tag(3, 0, b""), tag(3, 0, b"")].concat(), "two ID3v2 tags"),
        ] {
            let error = names(&tag).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn user_texts_and_pictures_are_recognised() {
        let frame = |name: &'static [u8], content: &'static [u8]| FrameBytes {
            name,
            whole: b"",
            content: Some(content),
        };
        let said = |content| frame(b"TXXX", content).description();
        assert_eq!(said(b"\0KEY\0value").as_deref(), Some("KEY"));
        assert_eq!(said(b"\x01\xFF\xFEK\0Y\0\0\0v\0").as_deref(), Some("KY"));
        assert_eq!(said(b"\x02\0K\0\0\0v").as_deref(), Some("K"));
        assert_eq!(said("\x03ключ\0v".as_bytes()).as_deref(), Some("ключ"));
        assert_eq!(frame(b"TIT2", b"\0KEY\0v").description(), None);
        let kind = |name, content| frame(name, content).picture_kind();
        assert_eq!(kind(b"APIC", b"\0image/png\0\x03\0.."), Some(PictureKind::Front));
        assert_eq!(kind(b"APIC", b"\0image/png\0\x04\0.."), Some(PictureKind::Back));
        assert_eq!(kind(b"PIC", b"\0PNG\x05\0.."), Some(PictureKind::Other));
        assert_eq!(kind(b"TIT2", b"\0a"), None);
    }
}
