//! Artwork: honest, huge, lying and explosive.

use crate::png;
use std::sync::OnceLock;

/// Something that begins and ends as a JPEG and is noise between.
pub(super) fn jpeg(bytes: usize) -> Vec<u8> {
    let mut dice = fastrand::Rng::with_seed(bytes as u64);
    let mut jpeg = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0".to_vec();
    let start = jpeg.len();
    jpeg.resize(start + bytes, 0);
    dice.fill(&mut jpeg[start..]);
    // Nothing in it looks like a frame of MPEG audio.
    jpeg[start..].iter_mut().filter(|byte| **byte == 0xFF).for_each(|byte| *byte = 0);
    jpeg.extend(b"\xff\xd9");
    jpeg
}

/// A PNG whose header says 65,535 by 65,535 pixels of 64 bits.
pub(super) fn bomb() -> Vec<u8> {
    let mut bomb = b"\x89PNG\r\n\x1a\n".to_vec();
    let side = 65_535u32.to_be_bytes();
    png::chunk(&mut bomb, b"IHDR", &[&side[..], &side, &[16, 6, 0, 0, 0]].concat());
    png::chunk(&mut bomb, b"IDAT", &png::zlib_stored(&[0; 1000]));
    png::chunk(&mut bomb, b"IEND", &[]);
    bomb
}

/// A picture as tags carry it.
pub(super) struct Art {
    /// What is the matter with it.
    pub name: &'static str,
    /// What the tag calls it.
    pub mime: &'static str,
    /// As FLAC and ID3v2 count kinds: 3 is the front cover.
    pub kind: u8,
    pub data: Vec<u8>,
}

/// Pictures of all sorts. The huge ones are the same whatever the format, so that a store has them once.
pub(super) fn all() -> &'static [Art] {
    static ALL: OnceLock<Vec<Art>> = OnceLock::new();
    ALL.get_or_init(make)
}

fn make() -> Vec<Art> {
    let art = |name, mime, kind, data| Art { name, mime, kind, data };
    vec![
        art("honest", "image/png", 3, png::cover(1, 48)),
        art("back", "image/png", 4, png::cover(2, 32)),
        art("10-megabytes", "image/jpeg", 3, jpeg(10_000_000)),
        art("17-megabytes", "image/jpeg", 3, jpeg(17_000_000)),
        art("lying-type", "image/jpeg", 3, png::cover(3, 24)),
        art("no-type", "", 3, png::cover(4, 24)),
        art("odd-type", "text/html; charset=\"\u{1}\"", 3, png::cover(5, 24)),
        art("unknown-kind", "image/png", 200, png::cover(6, 24)),
        art("bomb", "image/png", 3, bomb()),
        art("empty", "image/png", 3, Vec::new()),
        art("a-link", "-->", 3, b"http://example.org/cover.png".to_vec()),
        art("cut", "image/png", 3, png::cover(7, 48)[..400].to_vec()),
    ]
}

/// A PICTURE block of FLAC (RFC 9639, section 8.8) without its block header.
pub(super) fn flac_block(art: &Art) -> Vec<u8> {
    let mut block = u32::from(art.kind).to_be_bytes().to_vec();
    let mut counted = |bytes: &[u8]| {
        block.extend((bytes.len() as u32).to_be_bytes());
        block.extend(bytes);
    };
    counted(art.mime.as_bytes());
    counted("Sleeve \u{2014} front".as_bytes());
    // Width, height, depth, colours: not said.
    block.extend([0; 16]);
    block.extend((art.data.len() as u32).to_be_bytes());
    block.extend(&art.data);
    block
}
