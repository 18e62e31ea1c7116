//! Samples to Vorbis packets, with the bundled libvorbis (aoTuV and Lancer), in its quality mode.
//!
//! The library hands out Ogg pages. They are taken apart again, so that serial number, comments and
//! pages are ours, and each packet gets its granule position, which a page tells of its last alone.

use crate::ogg::{Comments, EOS, NO_GRANULE, Page, PageRead};
use std::cell::RefCell;
use std::io::{self, Write};
use std::num::{NonZeroU8, NonZeroU32};
use std::rc::Rc;
use vorbis_rs::{VorbisBitrateManagementStrategy, VorbisEncoderBuilder};

/// The library's tables end at the upper one. Below the lower one its tuning loses lone tones, by
/// up to 49 dB (measured; libvorbis without aoTuV and Lancer does not).
const SAMPLE_RATES: std::ops::RangeInclusive<u32> = 15_000..=200_000;

/// Samples beyond 30 dB above full scale are cut there: nothing hears them, and the library has not
/// been made for any number that there is.
const SAMPLE_MAX: f32 = 32.0;

/// Samples a call: how the calls are cut changes the packets of the start, so it is always the same.
const CALL_SAMPLES: usize = 1024;

/// An encoder of one stream.
pub(super) struct VorbisEncoder {
    inner: vorbis_rs::VorbisEncoder<Spool>,
    packets: Packets,
    /// Channels in the Vorbis order, waiting to be enough for a call.
    waiting: Vec<Vec<f32>>,
}

/// The three header packets, the comment header as the library would write it.
pub(super) struct Headers {
    pub(super) identification: Vec<u8>,
    pub(super) vendor: Vec<u8>,
    pub(super) setup: Vec<u8>,
}

/// Where packets go, with the granule position at their end.
pub(super) trait TakePacket {
    fn take(&mut self, packet: &[u8], granule: u64) -> io::Result<()>;
}

/// Why there is no packet.
pub(super) enum EncodeError {
    /// The library's doing, as a clause.
    Library(String),
    /// The taker's doing.
    Taker(io::Error),
}

impl VorbisEncoder {
    /// `quality` is -0.2 to 1. One to eight channels. Fails with a clause.
    pub(super) fn open(
        sample_rate: u32,
        channels: usize,
        quality: f32,
    ) -> Result<(VorbisEncoder, Headers), String> {
        if sample_rate > *SAMPLE_RATES.end() {
            let most = SAMPLE_RATES.end();
            return Err(format!(
                "it has {sample_rate} Hz, and Vorbis is encoded at up to {most} Hz"
            ));
        }
        let rate = NonZeroU32::new(sample_rate).filter(|rate| SAMPLE_RATES.contains(&rate.get()));
        let rate = rate.ok_or_else(|| {
            let least = SAMPLE_RATES.start();
            format!("it has {sample_rate} Hz, and below {least} Hz the Vorbis encoder loses tones")
        })?;
        let count = u8::try_from(channels).ok().and_then(NonZeroU8::new);
        let count = count.ok_or_else(|| format!("it has {channels} channels"))?;
        let spool = Spool::default();
        let inner = VorbisEncoderBuilder::new_with_serial(rate, count, spool.clone(), 0)
            .bitrate_management_strategy(VorbisBitrateManagementStrategy::QualityVbr {
                target_quality: quality,
            })
            .build()
            .map_err(|error| format!("libvorbis refuses the settings ({error})"))?;
        let (packets, headers) = Packets::open(spool)?;
        Ok((VorbisEncoder { inner, packets, waiting: vec![Vec::new(); channels] }, headers))
    }

    /// Takes samples: the channels in the Vorbis order, all of one length.
    pub(super) fn add<'p>(
        &mut self,
        channels: impl Iterator<Item = &'p [f32]>,
        out: &mut impl TakePacket,
    ) -> Result<(), EncodeError> {
        for (waiting, samples) in self.waiting.iter_mut().zip(channels) {
            // A comparison with what is not a number is false.
            let sound = |&sample: &f32| match sample.abs() <= SAMPLE_MAX {
                true => sample,
                false if sample.is_nan() => 0.0,
                false => SAMPLE_MAX.copysign(sample),
            };
            waiting.extend(samples.iter().map(sound));
        }
        let waiting = self.waiting[0].len();
        let whole = waiting - waiting % CALL_SAMPLES;
        for start in (0..whole).step_by(CALL_SAMPLES) {
            self.call(start..start + CALL_SAMPLES, out)?;
        }
        self.waiting.iter_mut().for_each(|waiting| drop(waiting.drain(..whole)));
        Ok(())
    }

    /// Encodes the rest. Fails when the packets do not come to `samples`.
    pub(super) fn finish(
        mut self,
        samples: u64,
        out: &mut impl TakePacket,
    ) -> Result<(), EncodeError> {
        if !self.waiting[0].is_empty() {
            self.call(0..self.waiting[0].len(), out)?;
        }
        self.inner.finish().map_err(failed)?;
        self.packets.hand_out(out)?;
        match self.packets.end {
            Some(end) if end == samples => Ok(()),
            _ => Err(lost_count()),
        }
    }

    fn call(
        &mut self,
        range: std::ops::Range<usize>,
        out: &mut impl TakePacket,
    ) -> Result<(), EncodeError> {
        let mut block = [&[][..]; 8];
        let block = &mut block[..self.waiting.len()];
        for (slot, waiting) in block.iter_mut().zip(&self.waiting) {
            *slot = &waiting[range.clone()];
        }
        self.inner.encode_audio_block(&*block).map_err(failed)?;
        self.packets.hand_out(out)
    }
}

/// The pages that the library wrote and nobody took yet.
#[derive(Clone, Default)]
struct Spool(Rc<RefCell<Vec<u8>>>);

impl Write for Spool {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The library's pages as packets.
struct Packets {
    spool: Spool,
    page: Page,
    /// The beginning of a packet that goes on in the next page.
    partial: Vec<u8>,
    /// Samples in a short and in a long block.
    block_samples: [u64; 2],
    /// Of the packet before, when there is one.
    previous_samples: Option<u64>,
    /// Granule position of the end of the last packet.
    position: u64,
    /// Granule position of the stream's end.
    end: Option<u64>,
}

impl Packets {
    /// Takes the headers, which are what the library writes before it is given samples.
    fn open(spool: Spool) -> Result<(Packets, Headers), String> {
        let mut packets = Packets {
            spool,
            page: Page::reserve(),
            partial: Vec::new(),
            block_samples: [0; 2],
            previous_samples: None,
            position: 0,
            end: None,
        };
        let mut headers = Vec::new();
        packets.each(|_, packet, _| {
            headers.push(packet.to_vec());
            Ok(())
        })?;
        let odd = || "libvorbis wrote headers that are none".to_owned();
        let [identification, comment, setup] = headers.try_into().map_err(|_| odd())?;
        let (comments, _) = Comments::from_vorbis_packet(&comment).map_err(|_| odd())?;
        // Vorbis I section 4.2.2: two exponents of two in one byte.
        let sizes: u8 = *identification.get(28).ok_or_else(odd)?;
        packets.block_samples = [1 << (sizes & 15), 1 << (sizes >> 4)];
        Ok((packets, Headers { identification, vendor: comments.vendor, setup }))
    }

    /// Hands out the packets that are there by now.
    fn hand_out(&mut self, out: &mut impl TakePacket) -> Result<(), EncodeError> {
        let mut taken = Ok(());
        self.each(|packets, packet, page| {
            let granule = packets.advance(packet, page)?;
            if taken.is_ok() {
                taken = out.take(packet, granule);
            }
            Ok(())
        })
        .map_err(EncodeError::Library)?;
        taken.map_err(EncodeError::Taker)
    }

    /// The granule position at the end of a packet: a packet adds a quarter of its own and of the
    /// block before (Vorbis I section 4.3.8). Where the library's page says it too, both must agree.
    fn advance(&mut self, packet: &[u8], page: Option<&Page>) -> Result<u64, String> {
        // The lowest bit says that it is audio, the next one which of the modes it has: the
        // library's first is the short block, its second, where there are two sizes, the long one.
        let long = self.block_samples[0] != self.block_samples[1]
            && packet.first().is_some_and(|byte| byte & 2 != 0);
        let samples = self.block_samples[usize::from(long)];
        self.position += self.previous_samples.map_or(0, |previous| (previous + samples) / 4);
        self.previous_samples = Some(samples);
        let Some(page) = page.filter(|page| page.granule() != NO_GRANULE) else {
            return Ok(self.position);
        };
        let (stated, ended) = (page.granule(), page.flags() & EOS != 0);
        if ended && stated <= self.position {
            self.end = Some(stated);
        } else if stated != self.position {
            return Err(LOST_COUNT.to_owned());
        }
        Ok(stated)
    }

    /// Calls `take` with each packet of the pages that are there, and its page when the packet is
    /// the last that ends on it.
    fn each(
        &mut self,
        mut take: impl FnMut(&mut Packets, &[u8], Option<&Page>) -> Result<(), String>,
    ) -> Result<(), String> {
        let pages = self.spool.0.take();
        let mut rest = &pages[..];
        let mut page = std::mem::replace(&mut self.page, Page::reserve());
        let mut packet = std::mem::take(&mut self.partial);
        while matches!(page.read(&mut rest), Ok(PageRead::Page)) {
            let last = page.lacing().iter().rposition(|&lace| lace < 255);
            let mut body = page.body();
            for (segment, &lace) in page.lacing().iter().enumerate() {
                let (bytes, after) = body.split_at(lace.into());
                packet.extend_from_slice(bytes);
                body = after;
                if lace < 255 {
                    take(self, &packet, (Some(segment) == last).then_some(&page))?;
                    packet.clear();
                }
            }
        }
        (self.page, self.partial) = (page, packet);
        // The library writes again only when it is called again: the memory can go back.
        let mut pages = pages;
        pages.clear();
        self.spool.0.replace(pages);
        Ok(())
    }
}

const LOST_COUNT: &str = "libvorbis lost count of its samples";

fn lost_count() -> EncodeError {
    EncodeError::Library(LOST_COUNT.to_owned())
}

fn failed(error: vorbis_rs::VorbisError) -> EncodeError {
    EncodeError::Library(format!("libvorbis failed ({error})"))
}
