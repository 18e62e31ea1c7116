//! Vorbis comments (xiph.org/vorbis/doc/v-comment.html), which FLAC, Vorbis and Opus share.

use super::bytes::Order;
use super::pictures::{self, flac_block};
use super::structure::Structure;
use super::texts;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The structure without any wrapping: vendor, number of fields, fields.
pub(super) fn encode(fields: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut counted = |bytes: &[u8]| {
        out.extend((bytes.len() as u32).to_le_bytes());
        out.extend(bytes);
    };
    counted(b"Deadwax testkit");
    let mut count = Some(fields.len() as u32);
    for field in fields {
        if let Some(count) = count.take() {
            out.extend(count.to_le_bytes());
        }
        out.extend((field.len() as u32).to_le_bytes());
        out.extend(field);
    }
    if let Some(count) = count {
        out.extend(count.to_le_bytes());
    }
    out
}

/// The lengths in a structure that [`encode`] wrote: vendor, count, and of the first fields.
pub(super) fn structure(comments: &[u8]) -> Structure {
    let mut found = Structure::default();
    let number = |at: usize| {
        comments.get(at..at + 4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]) as usize)
    };
    let Some(vendor) = number(0) else { return found };
    found.length(0, 4, Order::Little, "vendor");
    let mut at = 4 + vendor;
    found.mark(at, "comment-count");
    found.length(at, 4, Order::Little, "comment-count");
    found.header(0..at + 4);
    at += 4;
    for index in 0..2 {
        let Some(bytes) = number(at) else { break };
        found.mark(at, format!("comment-{index}"));
        found.length(at, 4, Order::Little, format!("comment-{index}"));
        found.header(at..at + 8);
        at += 4 + bytes;
    }
    found
}

/// `KEY=value` of text.
pub(super) fn field(key: &str, value: &[u8]) -> Vec<u8> {
    [key.as_bytes(), b"=", value].concat()
}

/// What an honest file says.
pub(super) fn honest() -> Vec<Vec<u8>> {
    texts::HONEST.iter().map(|(key, value)| field(key, value.as_bytes())).collect()
}

/// Sets of fields, with what is the matter with each.
pub(super) fn hostile() -> Vec<(String, Vec<Vec<u8>>)> {
    let text = |fields: &[&str]| -> Vec<Vec<u8>> {
        fields.iter().map(|field| field.as_bytes().to_vec()).collect()
    };
    let mut sets = vec![
        ("none".to_owned(), Vec::new()),
        ("honest".to_owned(), honest()),
        (
            "odd-keys".to_owned(),
            text(&[
                "=no key",
                "no equals sign",
                "",
                "=",
                "TITLE",
                "Title=one",
                "TITLE=two",
                "tItLe=",
                "A B=space",
                "T\u{ef}tre=accent",
                "~=tilde",
                "\u{1}=control",
                "TRACKNUMBER=-1",
                "TRACKNUMBER=99999999999",
                "DISCNUMBER=\u{663}",
                "ISRC=USRC176078390",
                "DATE=0000-99-99T99",
                "DATE=",
            ]),
        ),
        (
            "10000-comments".to_owned(),
            (0..10_000).map(|n| format!("K{n}=v{n}").into_bytes()).collect(),
        ),
        (
            "10000-of-one-key".to_owned(),
            (0..10_000).map(|n| format!("ARTIST=A{n}").into_bytes()).collect(),
        ),
        ("10000-empty".to_owned(), vec![Vec::new(); 10_000]),
        ("2-megabytes".to_owned(), vec![field("LYRICS", &b"la ".repeat(700_000))]),
        ("key-of-a-megabyte".to_owned(), vec![[vec![b'K'; 1 << 20], b"=v".to_vec()].concat()]),
        (
            "maker-fields".to_owned(),
            text(&[
                "DEADWAX_ID=forged",
                "DEADWAX=1",
                "ENCODER=x",
                "R128_TRACK_GAIN=99999999",
                "METADATA_BLOCK_PICTURE=",
            ]),
        ),
        (
            "bad-pictures".to_owned(),
            text(&[
                "METADATA_BLOCK_PICTURE=!!!!",
                "METADATA_BLOCK_PICTURE=AAAA",
                "COVERART=AAAA",
                "METADATA_BLOCK_PICTURE=AAAAA////w==",
            ]),
        ),
        (
            "chapters".to_owned(),
            text(&[
                "CHAPTER001=00:00:00.000",
                "CHAPTER001NAME=One",
                "CHAPTER002=99:99:99.999",
                "CUESHEET=FILE \"x\" WAVE\n  TRACK 01 AUDIO",
            ]),
        ),
    ];
    for (name, title) in texts::titles() {
        sets.push((
            format!("title-{name}"),
            vec![field("TITLE", &title), field("ALBUM", &title), field("ARTIST", &title)],
        ));
    }
    sets
}

/// METADATA_BLOCK_PICTURE fields with all sorts of artwork.
pub(super) fn with_pictures() -> impl Iterator<Item = (String, Vec<Vec<u8>>)> {
    pictures::all().iter().map(|art| {
        let coded = STANDARD.encode(flac_block(art));
        let fields = [honest(), vec![field("METADATA_BLOCK_PICTURE", coded.as_bytes())]].concat();
        (format!("picture-{}", art.name), fields)
    })
}
