//! Boxes of MP4 (ISO/IEC 14496-12) as a tree that can be changed, and files put together of them so that the chunk
//! offsets point where the audio is, unless a lie is wanted.

use super::bytes::Order;
use super::structure::Structure;

/// A box: its kind, and what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    pub kind: [u8; 4],
    pub content: Content,
    /// Its length is written with 64 bits.
    pub is_wide: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Content {
    Bytes(Vec<u8>),
    /// Bytes that come first (version and flags of `meta`), and boxes.
    Boxes(Vec<u8>, Vec<Node>),
}

const PARENTS: [&[u8; 4]; 11] = [
    b"moov", b"trak", b"mdia", b"minf", b"stbl", b"udta", b"edts", b"ilst", b"meta", b"mvex",
    b"tref",
];

impl Node {
    pub(super) fn new(kind: &[u8; 4], content: impl Into<Vec<u8>>) -> Node {
        Node { kind: *kind, content: Content::Bytes(content.into()), is_wide: false }
    }

    pub(super) fn parent(kind: &[u8; 4], nodes: Vec<Node>) -> Node {
        Node { kind: *kind, content: Content::Boxes(Vec::new(), nodes), is_wide: false }
    }

    /// The boxes of a sound file.
    pub(super) fn all(mut bytes: &[u8]) -> Vec<Node> {
        let mut nodes = Vec::new();
        while bytes.len() >= 8 {
            let size = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) as usize;
            let kind = [bytes[4], bytes[5], bytes[6], bytes[7]];
            let inner = &bytes[8..size];
            let content = match PARENTS.contains(&&kind) {
                false => Content::Bytes(inner.to_vec()),
                true => {
                    let first = if kind == *b"meta" { 4 } else { 0 };
                    Content::Boxes(inner[..first].to_vec(), Node::all(&inner[first..]))
                }
            };
            nodes.push(Node { kind, content, is_wide: false });
            bytes = &bytes[size..];
        }
        nodes
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let inner = match &self.content {
            Content::Bytes(bytes) => bytes.clone(),
            Content::Boxes(first, nodes) => [first.clone(), encode(nodes)].concat(),
        };
        match self.is_wide {
            true => {
                [&[0, 0, 0, 1], &self.kind[..], &(inner.len() as u64 + 16).to_be_bytes(), &inner]
                    .concat()
            }
            false => [&(inner.len() as u32 + 8).to_be_bytes(), &self.kind[..], &inner].concat(),
        }
    }

    /// The boxes in it; none in one without.
    pub(super) fn nodes(&mut self) -> &mut Vec<Node> {
        if let Content::Bytes(_) = self.content {
            self.content = Content::Boxes(Vec::new(), Vec::new());
        }
        match &mut self.content {
            Content::Boxes(_, nodes) => nodes,
            Content::Bytes(_) => unreachable!("it was made a parent"),
        }
    }

    /// The content of a box without boxes.
    pub(super) fn bytes(&mut self) -> &mut Vec<u8> {
        match &mut self.content {
            Content::Bytes(bytes) | Content::Boxes(bytes, _) => bytes,
        }
    }

    /// The box at the end of a path of kinds within it, the first of each kind.
    pub(super) fn at(&mut self, path: &[&[u8; 4]]) -> Option<&mut Node> {
        path.iter()
            .try_fold(self, |node, kind| node.nodes().iter_mut().find(|it| it.kind == **kind))
    }
}

pub(super) fn encode(nodes: &[Node]) -> Vec<u8> {
    nodes.iter().flat_map(Node::encode).collect()
}

/// A file of these boxes at the top, of which `moov` says where chunks are as they were in `before`: they move with the
/// first `mdat`.
pub(super) fn file(before: &[u8], nodes: &[Node]) -> Vec<u8> {
    let (Some(old), Some(new)) = (audio_at(before), audio_at(&encode(nodes))) else {
        return encode(nodes);
    };
    let mut nodes = nodes.to_vec();
    for moov in nodes.iter_mut().filter(|node| node.kind == *b"moov") {
        for trak in moov.nodes().iter_mut().filter(|node| node.kind == *b"trak") {
            let Some(stbl) = trak.at(&[b"mdia", b"minf", b"stbl"]) else { continue };
            for table in stbl.nodes() {
                let width = match &table.kind {
                    b"stco" => 4,
                    b"co64" => 8,
                    _ => continue,
                };
                for entry in table.bytes()[8..].chunks_exact_mut(width) {
                    let place = super::bytes::read(entry, Order::Big);
                    let moved = place.wrapping_add(new as u64).wrapping_sub(old as u64);
                    super::bytes::write(entry, Order::Big, moved);
                }
            }
        }
    }
    encode(&nodes)
}

/// Where the content of the first `mdat` begins.
fn audio_at(file: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Some(head) = file.get(at..at + 8) {
        let size = match u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize {
            1 => u64::from_be_bytes(file.get(at + 8..at + 16)?.try_into().ok()?) as usize,
            size => size,
        };
        if &head[4..] == b"mdat" {
            return Some(at + if head[..4] == [0, 0, 0, 1] { 16 } else { 8 });
        }
        at += size.max(8);
    }
    None
}

/// Of a sound file: all boxes, with the path of each.
pub(super) fn structure(file: &[u8]) -> Structure {
    let mut found = Structure::default();
    walk(file, 0, "", &mut found);
    found.mark(file.len(), "end");
    found
}

fn walk(bytes: &[u8], start: usize, path: &str, found: &mut Structure) {
    let mut at = 0;
    while at + 8 <= bytes.len() {
        let size =
            u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]) as usize;
        if size < 8 || at + size > bytes.len() {
            break;
        }
        let kind = [bytes[at + 4], bytes[at + 5], bytes[at + 6], bytes[at + 7]];
        let letters: String =
            kind.iter().map(|byte| char::from(*byte)).filter(char::is_ascii_alphanumeric).collect();
        let name = format!("{path}{letters}");
        let place = start + at;
        found.mark(place, name.clone());
        found.length(place, 4, Order::Big, name.clone());
        found.header(place..place + 8);
        if PARENTS.contains(&&kind) {
            let first = if kind == *b"meta" { 12 } else { 8 };
            walk(&bytes[at + first..at + size], place + first, &format!("{name}-"), found);
        } else if kind != *b"mdat" {
            found.header(place + 8..place + size.min(48));
            // What tables count is in front of them.
            if matches!(&kind, b"stco" | b"stsz" | b"stsc" | b"stts" | b"stsd" | b"elst" | b"dref")
                && size >= 16
            {
                let counts = if kind == *b"stsz" { 16 } else { 12 };
                found.length(place + counts, 4, Order::Big, format!("{name}-count"));
            }
        }
        at += size;
    }
}
