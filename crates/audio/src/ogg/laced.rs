//! A run of packets with its lacing values, cut into pages where the caller wants.

use super::page::{CONTINUED, NO_GRANULE, build_page};

/// Segments waiting for pages: one lacing value a segment, bodies one after the other. The first
/// packet begins in the run; the last one may go on beyond it.
#[derive(Debug, Default, Clone)]
pub(crate) struct Laced {
    lacing: Vec<u8>,
    body: Vec<u8>,
}

impl Laced {
    /// Adds a whole packet: as many 255s as fit, then the rest, which may be 0.
    pub(crate) fn push_packet(&mut self, packet: &[u8]) {
        self.lacing.resize(self.lacing.len() + packet.len() / 255, 255);
        self.lacing.push((packet.len() % 255) as u8);
        self.body.extend_from_slice(packet);
    }

    /// Adds segments as they were found on a page.
    pub(crate) fn push_segments(&mut self, lacing: &[u8], body: &[u8]) {
        self.lacing.extend_from_slice(lacing);
        self.body.extend_from_slice(body);
    }

    /// How many segments there are.
    pub(crate) fn segments(&self) -> usize {
        self.lacing.len()
    }

    /// Writes one page for each entry of `segments_per_page` (at most 255 each, together all there
    /// are). `granule` goes on every page on which a packet ends, `last_granule` on the last page.
    pub(crate) fn write_pages(
        &self,
        segments_per_page: &[usize],
        (serial, first_sequence): (u32, u32),
        (granule, last_granule): (u64, u64),
        out: &mut Vec<u8>,
    ) {
        let (mut segment, mut byte) = (0, 0);
        for (index, &count) in segments_per_page.iter().enumerate() {
            let lacing = &self.lacing[segment..segment + count];
            let bytes: usize = lacing.iter().map(|&lace| usize::from(lace)).sum();
            let continued = segment > 0 && self.lacing[segment - 1] == 255;
            let ends = lacing.iter().any(|&lace| lace < 255);
            build_page(
                if continued { CONTINUED } else { 0 },
                match () {
                    () if index + 1 == segments_per_page.len() => last_granule,
                    () if ends => granule,
                    () => NO_GRANULE,
                },
                serial,
                first_sequence.wrapping_add(index as u32),
                lacing,
                &self.body[byte..byte + bytes],
                out,
            );
            segment += count;
            byte += bytes;
        }
        debug_assert_eq!((segment, byte), (self.lacing.len(), self.body.len()));
    }
}
