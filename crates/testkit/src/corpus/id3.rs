//! ID3 tags (id3.org: ID3v1.1, ID3v2.2.0, ID3v2.3.0, ID3v2.4.0 structure and frames), and Lyrics3v2 (id3.org/Lyrics3v2),
//! which stands in front of an ID3v1 tag.

use super::bytes::{Order, number};
use super::id3_frames::{self, Frame};
use super::structure::Structure;

/// An ID3v2 tag to be written.
#[derive(Debug, Clone)]
pub(super) struct Tag {
    /// 2, 3 or 4.
    pub version: u8,
    pub unsynchronised: bool,
    pub extended: bool,
    /// Of 2.4 alone, and never with padding.
    pub footer: bool,
    pub padding: usize,
    pub frames: Vec<Frame>,
}

impl Tag {
    /// What every file has.
    pub(super) fn plain(version: u8) -> Tag {
        Tag::of(version, id3_frames::honest(version, 0))
    }

    /// One of each frame, and padding.
    pub(super) fn rich(version: u8) -> Tag {
        Tag { padding: 300, ..Tag::of(version, id3_frames::every(version)) }
    }

    /// Of these frames, with nothing besides.
    pub(super) fn of(version: u8, frames: Vec<Frame>) -> Tag {
        Tag { version, unsynchronised: false, extended: false, footer: false, padding: 0, frames }
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut frames: Vec<u8> = Vec::new();
        for frame in &self.frames {
            frames.extend(frame.encode(self.version, self.unsynchronised));
        }
        let mut body = match (self.extended, self.version) {
            (true, 3) => [
                &number::<4>(Order::Big, 6)[..],
                &[0, 0],
                &number::<4>(Order::Big, self.padding as u64),
            ]
            .concat(),
            (true, 4) => vec![0, 0, 0, 6, 1, 0],
            _ => Vec::new(),
        };
        body.extend(frames);
        body.resize(body.len() + self.padding, 0);
        // Of 2.4 the frames are unsynchronised each by itself.
        if self.unsynchronised && self.version < 4 {
            body = unsynchronised(&body);
        }
        let flag = |bit: u8, set: bool| if set { 1u8 << bit } else { 0 };
        let flags = flag(7, self.unsynchronised)
            | flag(6, self.extended && self.version > 2)
            | flag(4, self.footer);
        let size = number::<4>(Order::Syncsafe, body.len() as u64);
        let head = |magic: &[u8]| [magic, &[self.version, 0, flags], &size].concat();
        let footer = if self.footer { head(b"3DI") } else { Vec::new() };
        [head(b"ID3"), body, footer].concat()
    }
}

/// A zero byte behind every 0xFF that a decoder of MPEG audio could take for the start of a frame, or that has one already.
pub(super) fn unsynchronised(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for (index, byte) in bytes.iter().enumerate() {
        out.push(*byte);
        let next = bytes.get(index + 1).copied().unwrap_or(0xFF);
        if *byte == 0xFF && (next >= 0xE0 || next == 0) {
            out.push(0);
        }
    }
    out
}

/// How many bytes the ID3v2 tag at the start has, 0 without one.
pub(super) fn bytes(file: &[u8]) -> usize {
    match file {
        [b'I', b'D', b'3', _, _, flags, a, b, c, d, ..] => {
            let body = super::bytes::read(&[*a, *b, *c, *d], Order::Syncsafe) as usize;
            body + if flags & 0x10 != 0 { 20 } else { 10 }
        }
        _ => 0,
    }
}

/// Of the ID3v2 tag at the start of a sound file.
pub(super) fn structure(file: &[u8]) -> Structure {
    let mut found = Structure::default();
    let end = bytes(file);
    if end == 0 {
        return found;
    }
    found.header(0..10);
    found.length(6, 4, Order::Syncsafe, "id3v2");
    found.mark(3, "id3v2-magic");
    found.mark(10, "id3v2-header");
    let version = file[3];
    let (name_bytes, length_bytes, header_bytes) =
        if version == 2 { (3, 3, 6) } else { (4, 4, 10) };
    let order = if version == 4 { Order::Syncsafe } else { Order::Big };
    let (mut at, mut index) = (10, 0);
    while at + header_bytes <= end && file[at].is_ascii_uppercase() {
        let length = at + name_bytes..at + name_bytes + length_bytes;
        let content = super::bytes::read(&file[length.clone()], order) as usize;
        let name = String::from_utf8_lossy(&file[at..at + name_bytes]).into_owned();
        if index < 4 || matches!(name.as_str(), "APIC" | "PIC" | "CHAP" | "TXXX" | "TXX") {
            found.mark(at, format!("frame-{index}-{name}"));
            found.length(length.start, length_bytes, order, format!("frame-{index}-{name}"));
            found.header(at..at + header_bytes + 2);
        }
        at += header_bytes + content;
        index += 1;
    }
    found.mark(at, "id3v2-padding");
    found.mark(end, "id3v2-end");
    found
}

/// An ID3v1.1 tag with that number of a genre.
pub(super) fn v1(title: &str, artist: &str, genre: u8) -> Vec<u8> {
    let mut tag = b"TAG".to_vec();
    let mut text = |text: &str, bytes: usize| {
        let mut field = text.as_bytes().to_vec();
        field.resize(bytes, 0);
        tag.extend(field);
    };
    text(title, 30);
    text(artist, 30);
    text("Hostile Pressings", 30);
    text("2024", 4);
    text("a comment", 28);
    tag.extend([0, 7, genre]);
    tag
}

/// "TAG+", the enhanced tag in front of an ID3v1 tag.
pub(super) fn v1_enhanced() -> Vec<u8> {
    let mut tag = b"TAG+The rest of a title that is too long".to_vec();
    tag.resize(227, 0);
    tag
}

/// Lyrics3 version 2: fields, their length in six digits, its end mark.
pub(super) fn lyrics3() -> Vec<u8> {
    let fields = b"LYRICSBEGININD0000200LYR00021[00:01]La la la la la\r\nETT00005Title";
    [&fields[..], format!("{:06}LYRICS200", fields.len()).as_bytes()].concat()
}

/// Lyrics3 version 1: no length, only its ends.
pub(super) fn lyrics3_v1() -> Vec<u8> {
    b"LYRICSBEGIN[00:01]La la la\r\nLYRICSEND".to_vec()
}
