//! APE tags, versions 1 and 2 (wiki.hydrogenaud.io, "APEv2 specification"): items between a header and a footer.

use super::bytes::Order;
use super::structure::Structure;
use super::{pictures, texts};

/// An item: key, flags (0 text, 2 binary, 4 link), value.
pub(super) type Item = (String, u32, Vec<u8>);

/// What an honest file says.
pub(super) fn honest() -> Vec<u8> {
    encode(2000, true, &honest_items())
}

fn honest_items() -> Vec<Item> {
    texts::HONEST
        .iter()
        .map(|(key, value)| ((*key).to_owned(), 0, value.as_bytes().to_vec()))
        .collect()
}

/// A tag of that version, with or without its header.
pub(super) fn encode(version: u32, has_header: bool, items: &[Item]) -> Vec<u8> {
    let mut body = Vec::new();
    for (key, flags, value) in items {
        body.extend((value.len() as u32).to_le_bytes());
        body.extend(flags.to_le_bytes());
        body.extend(key.as_bytes());
        body.push(0);
        body.extend(value);
    }
    let ends = |flags: u32| {
        let numbers = [version, body.len() as u32 + 32, items.len() as u32, flags];
        let numbers: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        [&b"APETAGEX"[..], &numbers, &[0; 8]].concat()
    };
    let has = if has_header { 1u32 << 31 } else { 0 };
    let header = if has_header { ends(has | 1 << 29) } else { Vec::new() };
    [header, body.clone(), ends(has)].concat()
}

/// Of a tag with a header, by itself.
pub(super) fn structure(tag: &[u8]) -> Structure {
    let mut found = Structure::default();
    let footer = tag.len() - 32;
    for (at, name) in [(0, "ape-header"), (footer, "ape-footer")] {
        found.mark(at, name);
        found.header(at..at + 24);
        found.length(at + 12, 4, Order::Little, format!("{name}-size"));
        found.length(at + 16, 4, Order::Little, format!("{name}-items"));
    }
    found.mark(32, "ape-items");
    found.length(32, 4, Order::Little, "ape-item-0");
    found.header(32..44);
    found
}

/// Tags, with what is the matter with each.
pub(super) fn hostile() -> Vec<(String, Vec<u8>)> {
    let item = |key: &str, value: &[u8]| (key.to_owned(), 0, value.to_vec());
    let many = |n: usize| (0..n).map(|n| item(&format!("K{n}"), b"v")).collect::<Vec<_>>();
    let mut sets: Vec<(String, Vec<Item>)> = vec![
        ("10000-items".to_owned(), many(10_000)),
        ("2-megabytes".to_owned(), vec![item("Lyrics", &b"la ".repeat(700_000))]),
        ("many-values".to_owned(), vec![item("Artist", &b"A\0".repeat(5000))]),
        (
            "odd-keys".to_owned(),
            vec![
                item("", b"empty"),
                item("K\u{e9}y", b"accent"),
                item("ID3", b"forbidden"),
                item(&"k".repeat(300), b"long"),
            ],
        ),
        ("repeated".to_owned(), vec![item("Title", b"one"), item("title", b"two")]),
        ("a-link".to_owned(), vec![("Related".to_owned(), 4, b"http://example.org/".to_vec())]),
    ];
    for (name, title) in texts::titles() {
        sets.push((format!("title-{name}"), vec![item("Title", &title), item("Artist", b"A")]));
    }
    for art in pictures::all() {
        let value = [&b"Cover.png\0"[..], &art.data].concat();
        let cover = ("Cover Art (Front)".to_owned(), 2, value);
        sets.push((format!("picture-{}", art.name), [honest_items(), vec![cover]].concat()));
    }
    let mut tags: Vec<(String, Vec<u8>)> =
        sets.into_iter().map(|(name, items)| (name, encode(2000, true, &items))).collect();
    tags.push(("version-1".to_owned(), encode(1000, false, &honest_items())));
    tags.push(("no-header".to_owned(), encode(2000, false, &honest_items())));
    tags.push(("version-9".to_owned(), encode(9000, true, &honest_items())));
    tags.push(("no-items".to_owned(), encode(2000, true, &[])));
    tags
}
