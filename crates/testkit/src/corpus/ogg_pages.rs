//! Pages of Ogg (RFC 3533), written with any lie that is wanted.

use super::bytes::{self, Order};
use super::structure::Structure;

pub(super) const CONTINUED: u8 = 1;
pub(super) const BOS: u8 = 2;
pub(super) const EOS: u8 = 4;

/// One page, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Page {
    pub flags: u8,
    pub granule: u64,
    pub serial: u32,
    pub sequence: u32,
    pub lacing: Vec<u8>,
    pub body: Vec<u8>,
}

impl Page {
    /// The pages of a sound file.
    pub(super) fn all(mut file: &[u8]) -> Vec<Page> {
        let mut pages = Vec::new();
        while file.starts_with(b"OggS") {
            let segments = usize::from(file[26]);
            let lacing = file[27..27 + segments].to_vec();
            let length: usize = lacing.iter().map(|lace| usize::from(*lace)).sum();
            let start = 27 + segments;
            pages.push(Page {
                flags: file[5],
                granule: bytes::read(&file[6..14], Order::Little),
                serial: bytes::read(&file[14..18], Order::Little) as u32,
                sequence: bytes::read(&file[18..22], Order::Little) as u32,
                lacing,
                body: file[start..start + length].to_vec(),
            });
            file = &file[start + length..];
        }
        pages
    }

    /// With its right checksum.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut page = b"OggS\0".to_vec();
        page.push(self.flags);
        page.extend(self.granule.to_le_bytes());
        page.extend(self.serial.to_le_bytes());
        page.extend(self.sequence.to_le_bytes());
        page.extend([0; 4]);
        page.push(self.lacing.len() as u8);
        page.extend(&self.lacing);
        page.extend(&self.body);
        seal(&mut page);
        page
    }
}

/// All pages, one behind the other.
pub(super) fn join(pages: &[Page]) -> Vec<u8> {
    pages.iter().flat_map(Page::encode).collect()
}

/// Puts the right checksum into a page, however odd it is otherwise.
pub(super) fn seal(page: &mut [u8]) {
    page[22..26].fill(0);
    let crc = page.iter().fold(0u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte) << 24, |crc, _| {
            if crc >> 31 != 0 { crc << 1 ^ 0x04C1_1DB7 } else { crc << 1 }
        })
    });
    page[22..26].copy_from_slice(&crc.to_le_bytes());
}

/// Packets laid out over pages of at most `segments` segments, from page number `sequence` on.
pub(super) fn lay_out(
    packets: &[Vec<u8>],
    serial: u32,
    sequence: u32,
    segments: usize,
) -> Vec<Page> {
    let (mut lacing, mut body) = (Vec::new(), Vec::new());
    for packet in packets {
        lacing.resize(lacing.len() + packet.len() / 255, 255u8);
        lacing.push((packet.len() % 255) as u8);
        body.extend(packet);
    }
    let (mut pages, mut at, mut continued) = (Vec::new(), 0, false);
    for chunk in lacing.chunks(segments) {
        let length: usize = chunk.iter().map(|lace| usize::from(*lace)).sum();
        let ends = chunk.iter().any(|lace| *lace < 255);
        pages.push(Page {
            flags: if continued { CONTINUED } else { 0 },
            granule: if ends { 0 } else { u64::MAX },
            serial,
            sequence: sequence + pages.len() as u32,
            lacing: chunk.to_vec(),
            body: body[at..at + length].to_vec(),
        });
        at += length;
        continued = chunk.last() == Some(&255);
    }
    pages
}

/// Of a sound file: pages, their numbers of segments and their first lacing values.
pub(super) fn structure(file: &[u8]) -> Structure {
    let mut found = Structure::default();
    let pages = Page::all(file);
    let chosen = Structure::telling(pages.len());
    let mut at = 0;
    for (index, page) in pages.iter().enumerate() {
        let length = 27 + page.lacing.len() + page.body.len();
        if chosen.contains(&index) {
            found.mark(at, format!("page-{index}"));
            found.mark(at + 27, format!("page-{index}-lacing"));
            found.mark(at + 27 + page.lacing.len(), format!("page-{index}-body"));
            found.header(at..at + 28);
            if index < 3 {
                found.length(at + 26, 1, Order::Little, format!("page-{index}-segments"));
                found.length(at + 27, 1, Order::Little, format!("page-{index}-lace"));
                found.header(at + 27 + page.lacing.len()..at + 27 + page.lacing.len() + 30);
            }
        }
        at += length;
    }
    found.mark(at, "end");
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_go_round() {
        let pages = lay_out(&[vec![7; 255], vec![8; 1000], Vec::new()], 5, 1, 3);
        assert_eq!(pages.iter().map(|page| page.lacing.len()).collect::<Vec<_>>(), [3, 3, 1]);
        assert_eq!(pages[1].flags, CONTINUED);
        assert_eq!(Page::all(&join(&pages)), pages);
    }
}
