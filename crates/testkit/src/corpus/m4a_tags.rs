//! Tags of iTunes: items in `moov/udta/meta/ilst` (Apple, "QuickTime File Format", Metadata).

use super::mp4_tree::Node;
use super::{pictures, texts};

/// Types of values.
const UTF8: u32 = 1;
const UTF16: u32 = 2;
const JPEG: u32 = 13;
const PNG: u32 = 14;
const INTEGER: u32 = 21;

fn data(kind: u32, value: &[u8]) -> Node {
    Node::new(b"data", [&kind.to_be_bytes()[..], &[0; 4], value].concat())
}

fn item(kind: &[u8; 4], values: Vec<Node>) -> Node {
    Node::parent(kind, values)
}

fn text(kind: &[u8; 4], value: &[u8]) -> Node {
    item(kind, vec![data(UTF8, value)])
}

/// A freeform item.
fn freeform(name: &[u8], value: &[u8]) -> Node {
    let full = |kind: &[u8; 4], value: &[u8]| Node::new(kind, [&[0; 4], value].concat());
    item(b"----", vec![full(b"mean", b"com.apple.iTunes"), full(b"name", name), data(UTF8, value)])
}

/// What an honest file says.
pub(super) fn honest() -> Vec<Node> {
    let mut items = Vec::new();
    for (key, value) in texts::HONEST {
        let value = value.as_bytes();
        items.push(match key {
            "TITLE" => text(b"\xa9nam", value),
            "ARTIST" => text(b"\xa9ART", value),
            "ALBUM" => text(b"\xa9alb", value),
            "ALBUMARTIST" => text(b"aART", value),
            "DATE" => text(b"\xa9day", value),
            "GENRE" => text(b"\xa9gen", value),
            "TRACKNUMBER" => item(b"trkn", vec![data(0, &[0, 0, 0, 7, 0, 12, 0, 0])]),
            _ => freeform(key.as_bytes(), value),
        });
    }
    items
}

/// Sets of items, with what is the matter with each.
pub(super) fn hostile() -> Vec<(String, Vec<Node>)> {
    let many =
        |n: usize| (0..n).map(|n| freeform(format!("K{n}").as_bytes(), b"v")).collect::<Vec<_>>();
    let mut sets: Vec<(String, Vec<Node>)> = vec![
        ("none".to_owned(), Vec::new()),
        ("honest".to_owned(), honest()),
        ("10000-items".to_owned(), many(10_000)),
        ("2000-items".to_owned(), many(2_000)),
        (
            "10000-values".to_owned(),
            vec![item(b"\xa9ART", (0..10_000).map(|_| data(UTF8, b"A")).collect())],
        ),
        ("2-megabytes".to_owned(), vec![text(b"\xa9lyr", &b"la ".repeat(700_000))]),
        ("utf-16".to_owned(), vec![item(b"\xa9nam", vec![data(UTF16, b"\0T\0\xe9")])]),
        (
            "unknown-type".to_owned(),
            vec![
                item(b"\xa9nam", vec![data(77, b"what")]),
                item(b"trkn", vec![data(INTEGER, &[7])]),
            ],
        ),
        (
            "empty-items".to_owned(),
            vec![
                item(b"\xa9nam", vec![]),
                item(b"trkn", vec![data(0, &[])]),
                item(b"----", vec![]),
            ],
        ),
        ("short-data".to_owned(), vec![item(b"\xa9nam", vec![Node::new(b"data", vec![0, 0])])]),
        ("freeform-without-name".to_owned(), vec![item(b"----", vec![data(UTF8, b"v")])]),
        (
            "repeated".to_owned(),
            vec![
                text(b"\xa9nam", b"one"),
                text(b"\xa9nam", b"two"),
                freeform(b"isrc", b"USRC176078390"),
                freeform(b"ISRC", b"QZDWX2600001"),
            ],
        ),
        (
            "forged".to_owned(),
            vec![
                freeform(b"DEADWAX_ID", b"forged"),
                freeform(b"iTunSMPB", b" 00000000 FFFFFFFF 00000000 0000000000000001"),
            ],
        ),
        (
            "odd-keys".to_owned(),
            vec![
                freeform(b"", b"v"),
                freeform(b"K\xffy", b"v"),
                freeform(&[b'k'; 70_000], b"v"),
                text(b"\0\0\0\0", b"v"),
            ],
        ),
    ];
    for (name, title) in texts::titles() {
        sets.push((
            format!("title-{name}"),
            vec![text(b"\xa9nam", &title), text(b"\xa9alb", &title)],
        ));
    }
    for art in pictures::all() {
        let kind = if art.mime == "image/jpeg" { JPEG } else { PNG };
        let cover = item(b"covr", vec![data(kind, &art.data)]);
        sets.push((format!("picture-{}", art.name), [honest(), vec![cover]].concat()));
    }
    sets
}

/// `udta` with these items, as iTunes lays it out.
pub(super) fn udta(items: Vec<Node>) -> Node {
    let mut handler = vec![0; 8];
    handler.extend(b"mdirappl");
    handler.resize(25, 0);
    let mut meta =
        Node::parent(b"meta", vec![Node::new(b"hdlr", handler), Node::parent(b"ilst", items)]);
    meta.bytes().extend([0; 4]);
    Node::parent(b"udta", vec![meta])
}
