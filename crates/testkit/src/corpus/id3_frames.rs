//! Frames of ID3v2 tags, in all three versions.

use super::bytes::{Order, number};
use super::id3::unsynchronised;
use super::pictures::{self, Art};
use super::texts;
use crate::png;

/// A frame to be written.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    /// Its name in 2.3 and 2.4.
    name: &'static str,
    content: Vec<u8>,
    /// The second byte of its flags.
    flags: u8,
}

/// Names of version 2.2.
const OLD_NAMES: [(&str, &str); 26] = [
    ("TIT2", "TT2"),
    ("TPE1", "TP1"),
    ("TPE2", "TP2"),
    ("TALB", "TAL"),
    ("TYER", "TYE"),
    ("TRCK", "TRK"),
    ("TPOS", "TPA"),
    ("TCON", "TCO"),
    ("TSRC", "TRC"),
    ("TXXX", "TXX"),
    ("COMM", "COM"),
    ("USLT", "ULT"),
    ("APIC", "PIC"),
    ("UFID", "UFI"),
    ("WXXX", "WXX"),
    ("WCOP", "WCP"),
    ("GEOB", "GEO"),
    ("POPM", "POP"),
    ("PCNT", "CNT"),
    ("MCDI", "MCI"),
    ("TLEN", "TLE"),
    ("ETCO", "ETC"),
    ("RVRB", "REV"),
    ("TENC", "TEN"),
    ("TCOM", "TCM"),
    ("SYLT", "SLT"),
];

impl Frame {
    pub(super) fn new(name: &'static str, content: Vec<u8>) -> Frame {
        Frame { name, content, flags: 0 }
    }

    /// A text in that encoding (0 Latin-1, 1 UTF-16 with its mark, 2 UTF-16 highest byte first, 3 UTF-8).
    pub(super) fn text(name: &'static str, encoding: u8, text: &str) -> Frame {
        Frame::new(name, [vec![encoding], coded(encoding, text)].concat())
    }

    /// Bytes that are called text of that encoding, whatever they are.
    pub(super) fn raw_text(name: &'static str, encoding: u8, bytes: &[u8]) -> Frame {
        Frame::new(name, [&[encoding], bytes].concat())
    }

    /// A described text.
    pub(super) fn described(name: &'static str, encoding: u8, key: &str, text: &str) -> Frame {
        let end: &[u8] = if matches!(encoding, 1 | 2) { &[0, 0] } else { &[0] };
        let content =
            [&[encoding][..], &coded(encoding, key), end, &coded(encoding, text)].concat();
        Frame::new(name, content)
    }

    /// A picture.
    pub(super) fn picture(version: u8, art: &Art) -> Frame {
        let kind: Vec<u8> = match (version, art.mime) {
            (2, "image/png") => b"PNG".to_vec(),
            (2, "-->") => b"-->".to_vec(),
            (2, _) => b"JPG".to_vec(),
            (_, mime) => [mime.as_bytes(), b"\0"].concat(),
        };
        Frame::new("APIC", [&[0][..], &kind, &[art.kind], b"Sleeve\0", &art.data].concat())
    }

    fn flagged(self, flags: u8) -> Frame {
        Frame { flags, ..self }
    }

    pub(super) fn encode(&self, version: u8, unsynchronise: bool) -> Vec<u8> {
        let mut content = self.content.clone();
        if version == 2 {
            let old = OLD_NAMES.iter().find(|(name, _)| *name == self.name);
            let name = old.map_or("XYZ", |(_, old)| old);
            let length = number::<3>(Order::Big, content.len() as u64);
            return [name.as_bytes(), &length, &content].concat();
        }
        let (mut flags, mut order) = (self.flags, Order::Big);
        if version == 4 {
            order = Order::Syncsafe;
            if unsynchronise {
                // Unsynchronised, and how long it is without that.
                let length = number::<4>(Order::Syncsafe, content.len() as u64);
                content = [&length[..], &unsynchronised(&content)].concat();
                flags |= 3;
            }
        }
        let length = number::<4>(order, content.len() as u64);
        [self.name.as_bytes(), &length, &[0, flags], &content].concat()
    }
}

fn coded(encoding: u8, text: &str) -> Vec<u8> {
    let wide = |mark: &[u8], order: fn(u16) -> [u8; 2]| {
        let units = text.encode_utf16().flat_map(order);
        mark.iter().copied().chain(units).collect()
    };
    match encoding {
        0 => text.chars().map(|letter| u8::try_from(letter).unwrap_or(b'?')).collect(),
        1 => wide(&[0xFF, 0xFE], u16::to_le_bytes),
        2 => wide(&[], u16::to_be_bytes),
        _ => text.as_bytes().to_vec(),
    }
}

/// What an honest file says, in that encoding.
pub(super) fn honest(version: u8, encoding: u8) -> Vec<Frame> {
    let names = [
        ("TITLE", "TIT2"),
        ("ARTIST", "TPE1"),
        ("ALBUM", "TALB"),
        ("ALBUMARTIST", "TPE2"),
        ("DATE", if version == 4 { "TDRC" } else { "TYER" }),
        ("TRACKNUMBER", "TRCK"),
        ("GENRE", "TCON"),
        ("ISRC", "TSRC"),
    ];
    let mut frames: Vec<Frame> = Vec::new();
    for (key, value) in texts::HONEST {
        // Four digits are a year.
        let value = if key == "DATE" && version < 4 { &value[..4] } else { value };
        frames.push(match names.iter().find(|(named, _)| *named == key) {
            Some((_, name)) => Frame::text(name, encoding, value),
            None if key == "LICENSE" => Frame::new("WCOP", value.as_bytes().to_vec()),
            None => Frame::described("TXXX", encoding, key, value),
        });
    }
    frames
}

/// One of each kind that is worth having.
pub(super) fn every(version: u8) -> Vec<Frame> {
    let mut frames = honest(version, 1);
    frames.push(Frame::picture(version, &pictures::all()[0]));
    frames.push(Frame::new("COMM", b"\0engshort\0a comment".to_vec()));
    frames.push(Frame::new("USLT", b"\0eng\0la la la".to_vec()));
    frames.push(Frame::new(
        "UFID",
        b"http://musicbrainz.org\x001b9a1c5d-0c8e-4d0a-9f46-2a0c6bb3f6a1".to_vec(),
    ));
    frames.push(Frame::new("POPM", b"someone@example.org\0\xC4\0\0\0\x09".to_vec()));
    frames.push(Frame::new("GEOB", b"\0text/plain\0a.txt\0what\0content".to_vec()));
    frames.push(Frame::new("WXXX", b"\0page\0http://example.org/".to_vec()));
    frames.push(Frame::new("MCDI", vec![0xFF; 40]));
    if version > 2 {
        frames.push(Frame::new("PRIV", b"owner\0\xff\xfb\x90\x64\xff\xe0 data".to_vec()));
        frames.push(Frame::new("CTOC", b"toc\0\x03\x02one\0two\0".to_vec()));
        frames.extend([chapter("one", 0, 400), chapter("two", 400, 900)]);
        frames.push(Frame::new("XRVA", b"old and experimental".to_vec()));
    }
    frames
}

/// A chapter (id3.org, "ID3v2 Chapter Frame Addendum"); its places in the file are not said.
fn chapter(id: &str, from_ms: u32, to_ms: u32) -> Frame {
    let title = Frame::text("TIT2", 0, id).encode(3, false);
    let times = [from_ms.to_be_bytes(), to_ms.to_be_bytes(), [0xFF; 4], [0xFF; 4]].concat();
    Frame::new("CHAP", [id.as_bytes(), b"\0", &times, &title].concat())
}

/// Sets of frames for a version, with what is the matter with each.
pub(super) fn hostile(version: u8) -> Vec<(String, Vec<Frame>)> {
    let mut sets: Vec<(String, Vec<Frame>)> = Vec::new();
    let mut set = |name: &str, frames: Vec<Frame>| sets.push((name.to_owned(), frames));
    for encoding in 0..4 {
        set(&format!("encoding-{encoding}"), honest(version, encoding));
    }
    set("encoding-9", vec![Frame::raw_text("TIT2", 9, b"what is it"), Frame::text("TPE1", 0, "A")]);
    set("no-frames", Vec::new());
    set(
        "empty-frames",
        vec![
            Frame::new("TIT2", Vec::new()),
            Frame::new("TXXX", vec![0]),
            Frame::new("APIC", vec![]),
        ],
    );
    set(
        "odd-utf-16",
        vec![
            Frame::raw_text("TIT2", 1, b"\xff\xfea\0b"),
            Frame::raw_text("TALB", 1, b"\xfe\xff\0a\0b"),
            Frame::raw_text("TPE1", 1, b"a\0b\0"),
        ],
    );
    set("lone-surrogates", vec![Frame::raw_text("TIT2", 1, b"\xff\xfe\x3d\xd8a\0")]);
    set(
        "10000-texts",
        (0..10_000).map(|n| Frame::described("TXXX", 0, &format!("K{n}"), "v")).collect(),
    );
    set(
        "8000-texts",
        (0..8_000).map(|n| Frame::described("TXXX", 0, &format!("K{n}"), "v")).collect(),
    );
    set("10000-of-one", (0..10_000).map(|n| Frame::text("TIT2", 0, &format!("T{n}"))).collect());
    set("2-megabytes", vec![Frame::described("TXXX", 0, "LYRICS", &"la ".repeat(700_000))]);
    set("many-values", vec![Frame::text("TPE1", 3, &vec!["A"; 5000].join("\0"))]);
    set(
        "syncs-within",
        vec![
            Frame::new("PRIV", [&b"x\0"[..], &b"\xff\xfb\x90\x64".repeat(500)].concat()),
            Frame::text("TIT2", 0, "T"),
        ],
    );
    set(
        "forged",
        vec![
            Frame::described("TXXX", 0, "DEADWAX_ID", "forged"),
            Frame::text("TSRC", 0, "USRC176078390"),
        ],
    );
    set(
        "old-and-new",
        vec![
            Frame::text("TYER", 0, "1999"),
            Frame::text("TDRC", 0, "2001-02-03"),
            Frame::text("TDAT", 0, "0302"),
            Frame::text("TORY", 0, "1"),
        ],
    );
    set(
        "repeated",
        vec![
            Frame::text("TIT2", 0, "one"),
            Frame::text("TIT2", 0, "two"),
            Frame::text("TPE1", 0, "a/b;c"),
        ],
    );
    if version > 2 {
        let squeezed = |flags: u8| {
            let text = b"\0Squeezed";
            let length = number::<4>(
                if version == 4 { Order::Syncsafe } else { Order::Big },
                text.len() as u64,
            );
            let content = [&length[..], &png::zlib_stored(text)].concat();
            vec![Frame::new("TIT2", content).flagged(flags), Frame::text("TPE1", 0, "A")]
        };
        set("compressed", squeezed(if version == 4 { 0x09 } else { 0x80 }));
        set(
            "compression-bomb",
            vec![
                Frame::new("TIT2", [&[0x7F; 4][..], &png::zlib_stored(&[b'a'; 100])].concat())
                    .flagged(if version == 4 { 0x09 } else { 0x80 }),
            ],
        );
        set(
            "encrypted",
            vec![Frame::new("TIT2", b"\x80secret".to_vec()).flagged(if version == 4 {
                0x04
            } else {
                0x40
            })],
        );
        set(
            "grouped",
            vec![Frame::new("TIT2", b"\x01\0grouped".to_vec()).flagged(if version == 4 {
                0x40
            } else {
                0x20
            })],
        );
        set("every-flag", vec![Frame::text("TIT2", 0, "flags").flagged(0xFF)]);
        set(
            "chapters",
            vec![chapter("one", 0, 400), chapter("two", 400, 900), chapter("back", 900, 100)],
        );
        set(
            "places-in-the-file",
            vec![Frame::new("CHAP", [&b"x\0"[..], &[0; 8], &[0, 0, 1, 0, 0, 0, 2, 0]].concat())],
        );
        set("index-of-places", vec![Frame::new("ASPI", vec![0; 20]), Frame::text("TIT2", 0, "T")]);
    }
    for (name, title) in texts::titles() {
        let encoding = if version == 4 { 3 } else { 0 };
        set(
            &format!("title-{name}"),
            vec![
                Frame::raw_text("TIT2", encoding, &title),
                Frame::raw_text("TALB", encoding, &title),
            ],
        );
    }
    for art in pictures::all() {
        let frames = [honest(version, 0), vec![Frame::picture(version, art)]].concat();
        set(&format!("picture-{}", art.name), frames);
    }
    sets
}
