//! Pages for an encoder: header packets on pages of their own, audio packets on pages of about a
//! second, the last page marked as the last.
//!
//! What belongs into a header may be known only after the audio is encoded (the R128 gain in
//! OpusTags). Write the header once with room to spare (zeros after the comments are padding,
//! RFC 7845 section 5.2), keep the [`HeaderSlot`], and [`PageWriter::rewrite_header`] it later.

use super::laced::Laced;
use super::page::{BOS, CONTINUED, EOS, NO_GRANULE, build_page};
use std::io::{self, Seek, SeekFrom, Write};

/// Writes one logical stream.
#[derive(Debug)]
pub struct PageWriter<W> {
    out: W,
    serial: u32,
    sequence: u32,
    written_bytes: u64,
    granules_per_page: u64,
    lacing: Vec<u8>,
    body: Vec<u8>,
    continued: bool,
    /// Granule at the end of the last packet that ends on the open page.
    granule: u64,
    /// Granule at which the open page starts.
    page_start: u64,
    scratch: Vec<u8>,
}

/// Where a header packet was written, so that it can be written again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeaderSlot {
    offset: u64,
    first_sequence: u32,
    /// Length of the packet: what takes its place is padded with zeros to it.
    pub packet_bytes: usize,
}

impl<W: Write> PageWriter<W> {
    /// A writer of the stream `serial`, with pages of at most 48,000 granules: a second of Opus.
    pub fn new(out: W, serial: u32) -> PageWriter<W> {
        PageWriter {
            out,
            serial,
            sequence: 0,
            written_bytes: 0,
            granules_per_page: 48_000,
            lacing: Vec::with_capacity(255),
            body: Vec::new(),
            continued: false,
            granule: NO_GRANULE,
            page_start: 0,
            scratch: Vec::new(),
        }
    }

    /// Another length of page.
    pub fn granules_per_page(mut self, granules: u64) -> PageWriter<W> {
        self.granules_per_page = granules;
        self
    }

    /// Writes a header packet on pages that nothing else is on (RFC 7845 section 3); the first one
    /// begins the stream and must fit one page. All headers come before the first audio packet.
    pub fn header_packet(&mut self, packet: &[u8]) -> io::Result<HeaderSlot> {
        let misuse = |why| Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        if !self.lacing.is_empty() {
            return misuse("an Ogg header packet came after audio packets");
        }
        if self.sequence == 0 && packet.len() >= 255 * 255 {
            return misuse("the first Ogg header packet does not fit one page");
        }
        let slot = HeaderSlot {
            offset: self.written_bytes,
            first_sequence: self.sequence,
            packet_bytes: packet.len(),
        };
        let (pages, count) = self.header_pages(&slot, packet);
        self.out.write_all(&pages)?;
        self.written_bytes += pages.len() as u64;
        self.sequence += count;
        Ok(slot)
    }

    /// Adds an audio packet; `granule` is the position at its end.
    pub fn packet(&mut self, packet: &[u8], granule: u64) -> io::Result<()> {
        let segments = packet.len() / 255 + 1;
        let full = self.lacing.len() + segments > 255
            || granule.saturating_sub(self.page_start) > self.granules_per_page;
        if full {
            self.end_page()?;
        }
        let mut rest = packet;
        while rest.len() >= 255 {
            if self.lacing.len() == 255 {
                self.flush_page(0, self.granule, true)?;
            }
            self.lacing.push(255);
            self.body.extend_from_slice(&rest[..255]);
            rest = &rest[255..];
        }
        if self.lacing.len() == 255 {
            self.flush_page(0, self.granule, true)?;
        }
        self.lacing.push(rest.len() as u8);
        self.body.extend_from_slice(rest);
        self.granule = granule;
        Ok(())
    }

    /// Ends the open page, however little is on it.
    pub fn end_page(&mut self) -> io::Result<()> {
        match self.lacing.is_empty() {
            true => Ok(()),
            false => self.flush_page(0, self.granule, false),
        }
    }

    /// Writes the last page, marked as the end of the stream. `granule` is the stream's last
    /// position: when it is before the end of the last packet, players drop what is beyond it
    /// (RFC 7845 section 4.4). Returns the writer, not flushed.
    pub fn finish(mut self, granule: u64) -> io::Result<W> {
        self.flush_page(EOS, granule, false)?;
        Ok(self.out)
    }

    fn flush_page(&mut self, flags: u8, granule: u64, goes_on: bool) -> io::Result<()> {
        let mut page = std::mem::take(&mut self.scratch);
        page.clear();
        build_page(
            flags | if self.continued { CONTINUED } else { 0 },
            granule,
            self.serial,
            self.sequence,
            &self.lacing,
            &self.body,
            &mut page,
        );
        self.out.write_all(&page)?;
        self.written_bytes += page.len() as u64;
        self.scratch = page;
        self.sequence = self.sequence.wrapping_add(1);
        if granule != NO_GRANULE {
            self.page_start = granule;
        }
        self.granule = NO_GRANULE;
        self.continued = goes_on;
        self.lacing.clear();
        self.body.clear();
        Ok(())
    }

    fn header_pages(&self, slot: &HeaderSlot, packet: &[u8]) -> (Vec<u8>, u32) {
        let mut pages = Vec::with_capacity(packet.len() + packet.len() / 200 + 64);
        if slot.first_sequence == 0 {
            let mut lacing = vec![255; packet.len() / 255];
            lacing.push((packet.len() % 255) as u8);
            build_page(BOS, 0, self.serial, 0, &lacing, packet, &mut pages);
            return (pages, 1);
        }
        let mut run = Laced::default();
        run.push_packet(packet);
        let mut per_page = vec![255; run.segments() / 255];
        per_page.extend(Some(run.segments() % 255).filter(|&rest| rest > 0));
        run.write_pages(&per_page, (self.serial, slot.first_sequence), (0, 0), &mut pages);
        (pages, per_page.len() as u32)
    }
}

impl<W: Write + Seek> PageWriter<W> {
    /// Writes a header again in its place, padded with zeros to the length it had. Any time before
    /// [`PageWriter::finish`]. Fails with `InvalidInput` when `packet` is longer than the slot.
    pub fn rewrite_header(&mut self, slot: &HeaderSlot, packet: &[u8]) -> io::Result<()> {
        if packet.len() > slot.packet_bytes {
            let why = format!(
                "an Ogg header of {} bytes does not fit the {} bytes kept for it",
                packet.len(),
                slot.packet_bytes
            );
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        let mut padded = packet.to_vec();
        padded.resize(slot.packet_bytes, 0);
        let (pages, _) = self.header_pages(slot, &padded);
        let end = self.out.stream_position()?;
        let start = end.saturating_sub(self.written_bytes);
        self.out.seek(SeekFrom::Start(start + slot.offset))?;
        self.out.write_all(&pages)?;
        self.out.seek(SeekFrom::Start(end))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::page::{Page, PageRead};
    use super::*;
    use std::io::Cursor;

    fn pages(mut bytes: &[u8]) -> Vec<Page> {
        let mut pages = Vec::new();
        let mut page = Page::reserve();
        while page.read(&mut bytes).unwrap() == PageRead::Page {
            assert!(page.crc_is_right());
            pages.push(page.clone());
        }
        assert!(page.bytes().is_empty());
        pages
    }

    #[test]
    fn headers_alone_audio_by_the_second_end_marked() {
        let mut writer = PageWriter::new(Cursor::new(Vec::new()), 5);
        writer.header_packet(b"head").unwrap();
        let slot = writer.header_packet(&[0; 255 * 255]).unwrap();
        for packet in 1..=120u64 {
            writer.packet(&[packet as u8; 300], packet * 960).unwrap();
        }
        writer.packet(&[7; 70_000], 121 * 960).unwrap();
        writer.packet(&[], 122 * 960).unwrap();
        writer.rewrite_header(&slot, b"later").unwrap();
        assert!(writer.rewrite_header(&slot, &[0; 255 * 255 + 1]).is_err());
        let bytes = writer.finish(121 * 960 + 5).unwrap().into_inner();

        let pages = pages(&bytes);
        let told: Vec<_> =
            pages.iter().map(|p| (p.flags(), p.granule(), p.lacing().len())).collect();
        assert_eq!(
            told,
            [
                (BOS, 0, 1),
                (0, NO_GRANULE, 255),
                (CONTINUED, 0, 1),
                (0, 48_000, 100),
                (0, 96_000, 100),
                (0, 115_200, 40),
                (0, NO_GRANULE, 255),
                (CONTINUED | EOS, 116_165, 21),
            ]
        );
        assert!(pages.iter().enumerate().all(|(at, p)| p.sequence() == at as u32));
        assert!(pages[1].body().starts_with(b"later\0"));
    }

    #[test]
    fn a_stream_without_audio_still_ends() {
        let mut writer = PageWriter::new(Vec::new(), 5);
        writer.header_packet(b"head").unwrap();
        let bytes = writer.finish(0).unwrap();
        assert_eq!(pages(&bytes).last().unwrap().flags(), EOS);
    }
}
