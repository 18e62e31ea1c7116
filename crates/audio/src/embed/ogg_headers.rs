//! The headers of an Ogg Vorbis or Opus file: read with suspicion, laid out again over pages.

use super::{EmbedError, EmbedFormat, check_head_bytes, unsupported};
use crate::ogg::{BOS, CONTINUED, EOS, Laced, Page, PageRead};
use std::io::Read;

/// The start of a file, up to and with the page on which its last header ends.
#[derive(Debug)]
pub(super) struct OggHeaders {
    pub(super) serial: u32,
    /// The first page, which holds the identification header alone.
    pub(super) first_page: Vec<u8>,
    /// The other pages as they are in the file.
    pub(super) pages: Vec<u8>,
    pub(super) page_count: usize,
    /// Their packets: comments, and for Vorbis the setup.
    pub(super) packets: Vec<Vec<u8>>,
    /// Lacing and body of what follows the last header on its page. Rarely anything.
    pub(super) rest: (Vec<u8>, Vec<u8>),
    first_sequence: u32,
    last_granule: u64,
}

impl OggHeaders {
    pub(super) fn read(
        source: &mut impl Read,
        format: EmbedFormat,
    ) -> Result<OggHeaders, EmbedError> {
        let (identification, packets, name): (&[u8], _, _) = match format {
            EmbedFormat::Opus => (b"OpusHead", 1, "Opus"),
            _ => (b"\x01vorbis", 2, "Vorbis"),
        };
        let mut page = Page::reserve();
        read_page(source, &mut page)?;
        let alone = page.lacing().iter().position(|&lace| lace < 255)
            == Some(page.lacing().len().wrapping_sub(1));
        if page.flags() != BOS || !alone || !page.body().starts_with(identification) {
            return unsupported(format!(
                "it does not begin with the header of an Ogg {name} stream"
            ));
        }
        let mut headers = OggHeaders {
            serial: page.serial(),
            first_page: page.bytes().to_vec(),
            pages: Vec::new(),
            page_count: 0,
            packets: Vec::new(),
            rest: (Vec::new(), Vec::new()),
            first_sequence: page.sequence().wrapping_add(1),
            last_granule: 0,
        };
        let mut open: Option<Vec<u8>> = None;
        while headers.packets.len() < packets {
            read_page(source, &mut page)?;
            headers.take_page(&page, packets, &mut open)?;
        }
        Ok(headers)
    }

    fn take_page(
        &mut self,
        page: &Page,
        wanted: usize,
        open: &mut Option<Vec<u8>>,
    ) -> Result<(), EmbedError> {
        if page.flags() & BOS != 0 || page.serial() != self.serial {
            return unsupported("it carries more than one stream");
        }
        if page.flags() & EOS != 0 {
            return unsupported("it ends before its audio begins");
        }
        let sequence = self.first_sequence.wrapping_add(self.page_count as u32);
        let continued = if open.is_some() { CONTINUED } else { 0 };
        if page.sequence() != sequence || page.flags() != continued {
            return unsupported("a page of its headers is missing or out of order");
        }
        self.page_count += 1;
        self.last_granule = page.granule();
        self.pages.extend_from_slice(page.bytes());
        check_head_bytes(self.pages.len())?;

        let mut body = page.body();
        for (index, &lace) in page.lacing().iter().enumerate() {
            if self.packets.len() == wanted {
                self.rest = (page.lacing()[index..].to_vec(), body.to_vec());
                break;
            }
            let (segment, after) = body.split_at(lace.into());
            body = after;
            let packet = open.get_or_insert_default();
            packet.extend_from_slice(segment);
            if lace < 255 {
                self.packets.extend(open.take());
            }
        }
        Ok(())
    }

    /// Lays out new headers over at least as many pages as there were; where they have fewer
    /// segments than that, zeros are added to `comments`. Returns the pages, the identification
    /// page first, and how many they are without it.
    pub(super) fn lay_out(
        &self,
        mut comments: Vec<u8>,
        setup: Option<&[u8]>,
    ) -> Result<(Vec<u8>, usize), EmbedError> {
        let segments = |packet: &[u8]| packet.len() / 255 + 1;
        check_head_bytes(comments.len() + setup.map_or(0, <[u8]>::len))?;
        let of_headers = segments(&comments) + setup.map_or(0, segments);
        // Every page needs a segment: each 255 bytes of padding make one more.
        let lacking = self.page_count.saturating_sub(of_headers);
        check_head_bytes(comments.len() + lacking * 255)?;
        comments.resize(comments.len() + lacking * 255, 0);

        let mut run = Laced::default();
        run.push_packet(&comments);
        drop(comments);
        if let Some(setup) = setup {
            run.push_packet(setup);
        }
        let header_segments = run.segments();
        run.push_segments(&self.rest.0, &self.rest.1);
        let page_count = self.page_count.max(run.segments().div_ceil(255));
        let per_page = spread(header_segments, self.rest.0.len(), page_count);

        let mut pages = Vec::with_capacity(self.first_page.len() + self.pages.len());
        pages.extend_from_slice(&self.first_page);
        let numbers = (self.serial, self.first_sequence);
        let last_granule = if self.rest.0.is_empty() { 0 } else { self.last_granule };
        run.write_pages(&per_page, numbers, (0, last_granule), &mut pages);
        check_head_bytes(pages.len())?;
        Ok((pages, page_count))
    }
}

/// Segments a page: full pages from the front, at least one header segment for each, and all that
/// followed the headers (less than a page) on the last.
fn spread(header_segments: usize, rest_segments: usize, pages: usize) -> Vec<usize> {
    let mut left = header_segments;
    let mut per_page: Vec<usize> = (1..pages)
        .map(|page| {
            let take = (left - (pages - page)).min(255);
            left -= take;
            take
        })
        .collect();
    per_page.push(left + rest_segments);
    per_page
}

fn read_page(source: &mut impl Read, page: &mut Page) -> Result<(), EmbedError> {
    match page.read(source).map_err(EmbedError::Read)? {
        PageRead::Page if page.flags() & !(CONTINUED | BOS | EOS) != 0 => {
            unsupported("a page of its headers has flags that Ogg does not know")
        }
        PageRead::Page if page.crc_is_right() => Ok(()),
        PageRead::Page => unsupported("a page of its headers has a wrong checksum"),
        PageRead::End | PageRead::NotAPage => unsupported("it does not begin with whole Ogg pages"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn spread_uses_every_page_and_overfills_none(
            headers in 2usize..5000, rest in 0usize..255, more in 0usize..50,
        ) {
            let pages = ((headers + rest).div_ceil(255) + more).min(headers);
            prop_assume!(pages * 255 >= headers + rest);
            let per_page = spread(headers, rest, pages);
            prop_assert_eq!(per_page.len(), pages);
            prop_assert_eq!(per_page.iter().sum::<usize>(), headers + rest);
            prop_assert!(per_page.iter().all(|&count| (1..=255).contains(&count)));
            prop_assert!(*per_page.last().unwrap() > rest);
        }
    }
}
