//! One Ogg page, held as the bytes it is, and read from a stream without trusting its lengths.

use super::crc::{page_crc, renumbering};
use std::io::{self, Read};

/// Flag: the page begins in the middle of a packet.
pub const CONTINUED: u8 = 1;
/// Flag: first page of a logical stream.
pub const BOS: u8 = 2;
/// Flag: last page of a logical stream.
pub const EOS: u8 = 4;
/// Granule position of a page on which no packet ends.
pub const NO_GRANULE: u64 = u64::MAX;
/// The longest page there can be: 27 bytes, 255 lacing values, 255 segments of 255 bytes.
pub const MAX_PAGE_BYTES: usize = HEAD + 255 + 255 * 255;

const HEAD: usize = 27;

/// A whole page: capture pattern, version 0 and lengths are right; the checksum need not be
/// ([`Page::crc_is_right`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page(Vec<u8>);

/// What a read came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageRead {
    /// A whole page.
    Page,
    /// The stream was at its end.
    End,
    /// What follows is no page, or only the beginning of one. The bytes consumed to find that out
    /// are in [`Page::bytes`], and the accessors of the page's parts must not be used.
    NotAPage,
}

impl Page {
    /// A place to read pages into; holds no page yet.
    pub fn reserve() -> Page {
        Page(Vec::with_capacity(8192))
    }

    /// Reads the next page in place of the one held. Never holds more than [`MAX_PAGE_BYTES`].
    pub fn read(&mut self, reader: &mut impl Read) -> io::Result<PageRead> {
        self.0.clear();
        if !self.extend(reader, HEAD)? {
            return Ok(if self.0.is_empty() { PageRead::End } else { PageRead::NotAPage });
        }
        if !self.0.starts_with(b"OggS\0") || !self.extend(reader, self.0[26].into())? {
            return Ok(PageRead::NotAPage);
        }
        let body = self.lacing().iter().map(|&lace| usize::from(lace)).sum();
        Ok(if self.extend(reader, body)? { PageRead::Page } else { PageRead::NotAPage })
    }

    fn extend(&mut self, reader: &mut impl Read, bytes: usize) -> io::Result<bool> {
        let read = reader.take(bytes as u64).read_to_end(&mut self.0)?;
        Ok(read == bytes)
    }

    /// The page as it stands in the file.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// [`CONTINUED`], [`BOS`], [`EOS`].
    pub fn flags(&self) -> u8 {
        self.0[5]
    }

    /// Position of the last sample of the last packet that ends here, or [`NO_GRANULE`].
    pub fn granule(&self) -> u64 {
        u64::from_le_bytes(self.0[6..14].try_into().expect("eight bytes"))
    }

    /// Which logical stream the page belongs to.
    pub fn serial(&self) -> u32 {
        self.word(14)
    }

    /// The page's number in its stream.
    pub fn sequence(&self) -> u32 {
        self.word(18)
    }

    /// The checksum that the page carries.
    pub fn crc(&self) -> u32 {
        self.word(22)
    }

    /// Whether the page carries the checksum it should.
    pub fn crc_is_right(&self) -> bool {
        self.crc() == page_crc(&self.0)
    }

    /// The segment table. A value below 255 ends a packet.
    pub fn lacing(&self) -> &[u8] {
        &self.0[HEAD..HEAD + usize::from(self.0[26])]
    }

    /// The segments, one after the other.
    pub fn body(&self) -> &[u8] {
        &self.0[HEAD + usize::from(self.0[26])..]
    }

    /// Gives the page another number and corrects the checksum without reading the body.
    pub fn set_sequence(&mut self, sequence: u32) {
        let crc = self.crc() ^ renumbering(self.sequence(), sequence, self.0.len());
        self.0[18..22].copy_from_slice(&sequence.to_le_bytes());
        self.0[22..26].copy_from_slice(&crc.to_le_bytes());
    }

    fn word(&self, at: usize) -> u32 {
        u32::from_le_bytes(self.0[at..at + 4].try_into().expect("four bytes"))
    }
}

/// Appends a page to `out`. `lacing` has at most 255 values and `body` is as long as they say.
pub fn build_page(
    flags: u8,
    granule: u64,
    serial: u32,
    sequence: u32,
    lacing: &[u8],
    body: &[u8],
    out: &mut Vec<u8>,
) {
    debug_assert!(lacing.len() <= 255);
    debug_assert_eq!(lacing.iter().map(|&l| usize::from(l)).sum::<usize>(), body.len());
    let start = out.len();
    out.extend_from_slice(b"OggS\0");
    out.push(flags);
    out.extend_from_slice(&granule.to_le_bytes());
    out.extend_from_slice(&serial.to_le_bytes());
    out.extend_from_slice(&sequence.to_le_bytes());
    out.extend_from_slice(&[0; 4]);
    out.push(lacing.len() as u8);
    out.extend_from_slice(lacing);
    out.extend_from_slice(body);
    let crc = page_crc(&out[start..]);
    out[start + 22..start + 26].copy_from_slice(&crc.to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<u8> {
        let mut bytes = Vec::new();
        build_page(BOS, 7, 0xabcd, 3, &[255, 2], &[9; 257], &mut bytes);
        bytes
    }

    #[test]
    fn reads_what_it_builds() {
        let bytes = sample();
        let mut page = Page::reserve();
        assert_eq!(page.read(&mut &bytes[..]).unwrap(), PageRead::Page);
        assert_eq!(
            (page.flags(), page.granule(), page.serial(), page.sequence()),
            (BOS, 7, 0xabcd, 3)
        );
        assert_eq!((page.lacing(), page.body()), (&[255, 2][..], &[9; 257][..]));
        assert!(page.crc_is_right());
        page.set_sequence(u32::MAX);
        assert!(page.crc_is_right());
    }

    #[test]
    fn a_cut_or_foreign_page_is_no_page() {
        let bytes = sample();
        let mut page = Page::reserve();
        for cut in 1..bytes.len() {
            assert_eq!(page.read(&mut &bytes[..cut]).unwrap(), PageRead::NotAPage);
            assert_eq!(page.bytes(), &bytes[..cut]);
        }
        assert_eq!(page.read(&mut &b""[..]).unwrap(), PageRead::End);
        assert_eq!(page.read(&mut &[0; 100][..]).unwrap(), PageRead::NotAPage);
    }
}
