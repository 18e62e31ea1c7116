//! Packets of the first audio stream in an Ogg file, then of the next one where streams are chained.
//!
//! Our own, because decoders need what general demuxers smooth away: which packets share a page, the
//! page's granule position, and whether it is the last page. Damaged pages are skipped and counted.

use crate::ogg::{BOS, CONTINUED, EOS, NO_GRANULE, Page, PageRead};
use std::io::{self, BufReader, Read, Seek, SeekFrom};

/// A packet beyond this is no packet (a comment header with pictures is the largest there is).
const PACKET_BYTES_MAX: usize = 64 * 1024 * 1024;
/// How many pages after the headers are read to find the first granule position.
const FIRST_GRANULE_PAGES: usize = 64;

/// The codecs that this crate decodes from Ogg.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Vorbis I.
    Vorbis,
    /// Opus.
    Opus,
    /// FLAC.
    Flac,
}

impl Kind {
    fn of(packet: &[u8]) -> Option<Kind> {
        match packet {
            _ if packet.starts_with(b"\x01vorbis") => Some(Kind::Vorbis),
            _ if packet.starts_with(b"OpusHead") => Some(Kind::Opus),
            _ if packet.starts_with(b"\x7fFLAC") => Some(Kind::Flac),
            _ => None,
        }
    }
}

/// One packet and what its page says.
pub(crate) struct Packet<'a> {
    pub(crate) data: &'a [u8],
    /// Granule position of the page that the packet ends on; `None` when it has none.
    pub(crate) granule: Option<u64>,
    /// No other packet ends on that page.
    pub(crate) last_on_page: bool,
    /// The page is marked as the last of the stream.
    pub(crate) ended: bool,
}

/// A reader of packets.
pub(crate) struct Packets<R> {
    reader: BufReader<R>,
    page: Page,
    /// `page` is a page, not what a failed read left.
    held: bool,
    /// Offset of the held page in the file.
    page_at: u64,
    page_end: u64,
    kind: Kind,
    serial: u32,
    head: Vec<u8>,
    sequence: u32,
    /// Next segment of the held page, and where its bytes begin.
    segment: usize,
    byte: usize,
    partial: Vec<u8>,
    /// `partial` was handed out and is to be emptied.
    handed_out: bool,
    /// The held page begins a further stream.
    chained: bool,
    damaged_pages: u64,
}

impl<R: Read + Seek> Packets<R> {
    /// Reads up to the first page of the first audio stream, from where `source` stands. Fails with
    /// `InvalidData` and a clause that says why when there is none.
    pub(crate) fn open(source: R) -> io::Result<Packets<R>> {
        let mut packets = Packets {
            reader: BufReader::with_capacity(64 * 1024, source),
            page: Page::reserve(),
            held: false,
            page_at: 0,
            page_end: 0,
            kind: Kind::Vorbis,
            serial: 0,
            head: Vec::new(),
            sequence: 0,
            segment: 0,
            byte: 0,
            partial: Vec::new(),
            handed_out: false,
            chained: false,
            damaged_pages: 0,
        };
        let wrong = |why| Err(io::Error::new(io::ErrorKind::InvalidData, why));
        loop {
            if !packets.read_page()? {
                return wrong("it ends before any audio stream begins");
            }
            // A first page that lost its mark still says what follows.
            if packets.begin_stream() {
                return Ok(packets);
            }
            if packets.page.flags() & BOS == 0 {
                return wrong("it holds no Vorbis, Opus or FLAC stream");
            }
        }
    }

    /// The codec of the stream at hand.
    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// Its serial number.
    pub(crate) fn serial(&self) -> u32 {
        self.serial
    }

    /// Its first packet.
    pub(crate) fn head(&self) -> &[u8] {
        &self.head
    }

    /// Pages that were damaged or missing so far.
    pub(crate) fn damaged_pages(&self) -> u64 {
        self.damaged_pages
    }

    /// Goes on to the next chained stream after [`Packets::next_packet`] came to its end; `false`
    /// when there is none.
    pub(crate) fn next_stream(&mut self) -> bool {
        std::mem::take(&mut self.chained) && self.begin_stream()
    }

    /// The granule position of the first page with audio. Leaves the reader somewhere after it.
    pub(crate) fn first_granule(&mut self) -> io::Result<Option<u64>> {
        for _ in 0..FIRST_GRANULE_PAGES {
            if !self.read_page()? {
                break;
            }
            let page = &self.page;
            if page.serial() == self.serial && ![0, NO_GRANULE].contains(&page.granule()) {
                return Ok(Some(page.granule()));
            }
        }
        Ok(None)
    }

    /// The next packet, or `None` at the end of the stream at hand.
    pub(crate) fn next_packet(&mut self) -> io::Result<Option<Packet<'_>>> {
        if self.handed_out {
            self.partial.clear();
            self.handed_out = false;
        }
        loop {
            if !self.held || self.chained {
                return Ok(None);
            }
            let start = self.byte;
            let lacing = &self.page.lacing()[self.segment..];
            let whole = lacing.iter().position(|&lace| lace < 255);
            let segments = whole.map_or(lacing.len(), |last| last + 1);
            self.byte += lacing[..segments].iter().map(|&lace| usize::from(lace)).sum::<usize>();
            self.segment += segments;
            if whole.is_some() {
                let last_on_page = !lacing[segments..].iter().any(|&lace| lace < 255);
                let data = &self.page.body()[start..self.byte];
                let data = if self.partial.is_empty() {
                    data
                } else {
                    self.partial.extend_from_slice(data);
                    self.handed_out = true;
                    &self.partial[..]
                };
                let granule = Some(self.page.granule()).filter(|&granule| granule != NO_GRANULE);
                let ended = self.page.flags() & EOS != 0;
                return Ok(Some(Packet { data, granule, last_on_page, ended }));
            }
            self.partial.extend_from_slice(&self.page.body()[start..self.byte]);
            if self.partial.len() > PACKET_BYTES_MAX {
                self.partial.clear();
                self.damaged_pages += 1;
            }
            if !self.next_page_of_stream()? {
                return Ok(None);
            }
        }
    }

    /// Holds the next page of the stream at hand; `false` at its end.
    fn next_page_of_stream(&mut self) -> io::Result<bool> {
        loop {
            if self.chained || !self.read_page()? {
                return Ok(false);
            }
            if self.page.flags() & BOS != 0 && Kind::of(self.page.body()).is_some() {
                // At the start it is a stream beside ours, later one after it.
                self.chained = self.sequence > 0;
                continue;
            }
            if self.page.serial() == self.serial {
                break;
            }
        }
        let continued = self.page.flags() & CONTINUED != 0;
        let follows = self.page.sequence() == self.sequence.wrapping_add(1);
        self.damaged_pages += u64::from(!follows);
        self.sequence = self.page.sequence();
        (self.segment, self.byte) = (0, 0);
        if !continued || !follows {
            self.partial.clear();
        }
        if continued && self.partial.is_empty() {
            // The rest of a packet whose beginning is lost.
            let lacing = self.page.lacing();
            let rest = lacing.iter().position(|&lace| lace < 255).map_or(lacing.len(), |l| l + 1);
            self.segment = rest;
            self.byte = lacing[..rest].iter().map(|&lace| usize::from(lace)).sum();
        }
        Ok(true)
    }

    /// Takes the held page as the first of a stream; `false` when it is not one of ours.
    fn begin_stream(&mut self) -> bool {
        let Some(kind) = Kind::of(self.page.body()) else {
            return false;
        };
        self.kind = kind;
        self.serial = self.page.serial();
        self.sequence = self.page.sequence();
        self.head = self.page.body().to_vec();
        self.partial.clear();
        self.handed_out = false;
        (self.segment, self.byte) = (self.page.lacing().len(), self.page.body().len());
        true
    }

    /// Holds the next whole and undamaged page; `false` at the end of the file.
    fn read_page(&mut self) -> io::Result<bool> {
        let mut lost = false;
        self.held = false;
        loop {
            self.page_at = self.page_end;
            match self.page.read(&mut self.reader)? {
                PageRead::End => return Ok(false),
                PageRead::Page if self.page.crc_is_right() => {
                    self.page_end = self.page_at + self.page.bytes().len() as u64;
                    self.held = true;
                    return Ok(true);
                }
                PageRead::Page | PageRead::NotAPage => {
                    // Counted once a run of damage, however many false starts are in it.
                    self.damaged_pages += u64::from(!std::mem::replace(&mut lost, true));
                    self.page_end = match self.find_capture(self.page_at + 1)? {
                        Some(at) => at,
                        None => return Ok(false),
                    };
                    self.reader.seek(SeekFrom::Start(self.page_end))?;
                }
            }
        }
    }

    /// Where `OggS` stands next, from `from` on.
    fn find_capture(&mut self, from: u64) -> io::Result<Option<u64>> {
        self.reader.seek(SeekFrom::Start(from))?;
        let mut window = vec![0; 32 * 1024];
        let (mut at, mut kept) = (from, 0);
        loop {
            let read = self.reader.read(&mut window[kept..])?;
            if read == 0 {
                return Ok(None);
            }
            let filled = kept + read;
            if let Some(found) = window[..filled].windows(4).position(|four| four == b"OggS") {
                return Ok(Some(at + found as u64));
            }
            kept = filled.min(3);
            window.copy_within(filled - kept..filled, 0);
            at += (filled - kept) as u64;
        }
    }
}
