//! The Opus tier: samples in, an Ogg Opus file out. Specified in docs/formats/opus-tier.md.

use super::AnalyseError;
use super::blocks::Block;
use super::opus_encoder::{OpusEncoder, planes_in_vorbis_order};
use super::resampler::{Quality, Resampler};
use crate::ogg::{Comments, HeaderSlot, PageWriter, base64_picture};
use deadwax_model::Picture;
use std::io::{Seek, Write};

/// Reference of the R128 gains (RFC 7845 section 5.2.1), LUFS.
const REFERENCE_LUFS: f64 = -23.0;
/// As long as a gain can be, to keep room for it.
const LONGEST_GAIN: &str = "-32768";

/// Anything that can be written to and gone back in: the gain goes into the header at the end.
pub trait WriteSeek: Write + Seek {}

impl<T: Write + Seek + ?Sized> WriteSeek for T {}

/// What to encode, and where to.
pub struct OpusJob<'a> {
    /// Bits per second on average, for mono and stereo; half of it for each channel of more.
    pub bit_rate: u32,
    /// Comment fields, in order. Fields that this encoding decides itself (ENCODER, gains, pictures)
    /// are left out of them.
    pub fields: Vec<(String, String)>,
    /// Pictures to embed.
    pub pictures: Vec<Picture>,
    /// Serial number of the Ogg stream: the caller's, so that the same input gives the same bytes.
    pub serial: u32,
    /// Loudness of the release as a whole, LUFS, for R128_ALBUM_GAIN.
    pub album_loudness_lufs: Option<f64>,
    /// Written from where it stands; to be thrown away when the pass fails.
    pub out: &'a mut dyn WriteSeek,
}

/// What was encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpusSummary {
    /// Samples per channel that the file decodes to at 48 kHz.
    pub samples: u64,
    /// R128_TRACK_GAIN as written, 1/256 dB; `None` for silence.
    pub track_gain: Option<i16>,
    /// What encoded, at what settings: the ENCODER field.
    pub encoder: String,
}

/// An encoding under way.
pub(super) struct OpusTier<'a> {
    writer: PageWriter<&'a mut dyn WriteSeek>,
    encoder: OpusEncoder,
    comments: Comments,
    description: String,
    album_gain: Option<i16>,
    slot: HeaderSlot,
    /// One a channel when the source's rate is none of Opus'.
    resamplers: Vec<Resampler>,
    source_rate: u32,
    /// Which plane comes at each place.
    order: Vec<usize>,
    resampled: Vec<Vec<f32>>,
    /// Interleaved, waiting to be a frame.
    waiting: Vec<f32>,
    /// Granule position of the end of what is encoded.
    granule: u64,
}

impl<'a> OpusTier<'a> {
    /// Writes the headers, with room for the gains.
    pub(super) fn begin(
        job: OpusJob<'a>,
        source_rate: u32,
        channels: usize,
    ) -> Result<OpusTier<'a>, AnalyseError> {
        let native = matches!(source_rate, 8_000 | 12_000 | 16_000 | 24_000 | 48_000);
        let rate = if native { source_rate } else { 48_000 };
        let encoder =
            OpusEncoder::open(rate, channels, job.bit_rate).map_err(AnalyseError::Unencodable)?;
        let resamplers = match native {
            true => Vec::new(),
            false => {
                (0..channels).map(|_| Resampler::new(source_rate, rate, Quality::Music)).collect()
            }
        };
        let description = format!(
            "Deadwax, {}, {} kbit/s VBR, complexity 10",
            opusic_c::version(),
            f64::from(job.bit_rate) / 1000.0
        );
        let comments = comments(&job, &description);
        let album_gain = job.album_loudness_lufs.and_then(gain);
        let mut writer = PageWriter::new(job.out, job.serial);
        writer.header_packet(&encoder.head(source_rate)).map_err(AnalyseError::Write)?;
        let mut longest = comments.clone();
        longest.push("R128_TRACK_GAIN", LONGEST_GAIN);
        longest.push("R128_ALBUM_GAIN", LONGEST_GAIN);
        let slot = writer.header_packet(&longest.to_opus_packet()).map_err(AnalyseError::Write)?;
        Ok(OpusTier {
            writer,
            encoder,
            comments,
            description,
            album_gain,
            slot,
            source_rate,
            order: planes_in_vorbis_order(channels),
            resampled: vec![Vec::new(); resamplers.len()],
            resamplers,
            waiting: Vec::new(),
            granule: 0,
        })
    }

    pub(super) fn add(&mut self, block: &Block) -> Result<(), AnalyseError> {
        if self.resamplers.is_empty() {
            interleave(block.planes(), &self.order, &mut self.waiting);
        } else {
            let channels = self.resamplers.iter_mut().zip(&mut self.resampled);
            for ((resampler, out), plane) in channels.zip(block.planes()) {
                out.clear();
                resampler.add(plane, out);
            }
            interleave(&self.resampled, &self.order, &mut self.waiting);
        }
        self.encode_waiting()
    }

    /// Encodes the rest of `samples` source samples and completes the headers.
    pub(super) fn finish(
        mut self,
        samples: u64,
        loudness_lufs: Option<f64>,
    ) -> Result<OpusSummary, AnalyseError> {
        let rate = u128::from(self.source_rate);
        let total = ((u128::from(samples) * 48_000 + rate / 2) / rate) as u64;
        if !self.resamplers.is_empty() {
            for (resampler, out) in self.resamplers.drain(..).zip(&mut self.resampled) {
                out.clear();
                resampler.finish(Some(total), out);
            }
            interleave(&self.resampled, &self.order, &mut self.waiting);
        }
        self.encode_waiting()?;
        let end = u64::from(self.encoder.pre_skip()) + total;
        let frame = self.encoder.frame_samples() * self.order.len();
        while self.granule < end {
            self.waiting.resize(frame, 0.0);
            self.encode_waiting()?;
        }
        let track_gain = loudness_lufs.and_then(gain);
        for (key, gain) in [("R128_TRACK_GAIN", track_gain), ("R128_ALBUM_GAIN", self.album_gain)] {
            if let Some(gain) = gain {
                self.comments.push(key, &gain.to_string());
            }
        }
        let header = self.comments.to_opus_packet();
        self.writer.rewrite_header(&self.slot, &header).map_err(AnalyseError::Write)?;
        let out = self.writer.finish(end).map_err(AnalyseError::Write)?;
        out.flush().map_err(AnalyseError::Write)?;
        Ok(OpusSummary { samples: total, track_gain, encoder: self.description })
    }

    fn encode_waiting(&mut self) -> Result<(), AnalyseError> {
        let frame = self.encoder.frame_samples() * self.order.len();
        let mut used = 0;
        while let Some(samples) = self.waiting.get(used..used + frame) {
            let packet = self.encoder.encode(samples).map_err(AnalyseError::Unencodable)?;
            // 20 ms at the clock of granule positions, which is always 48 kHz.
            self.granule += 960;
            self.writer.packet(packet, self.granule).map_err(AnalyseError::Write)?;
            used += frame;
        }
        self.waiting.drain(..used);
        Ok(())
    }
}

/// Everything but the gains.
fn comments(job: &OpusJob<'_>, description: &str) -> Comments {
    let mut comments =
        Comments { vendor: opusic_c::version().as_bytes().to_vec(), fields: Vec::new() };
    for (key, value) in &job.fields {
        let upper = key.to_ascii_uppercase();
        let ours = ["ENCODER", "METADATA_BLOCK_PICTURE"].contains(&upper.as_str())
            || upper.starts_with("R128_")
            || upper.starts_with("REPLAYGAIN_");
        if !ours {
            comments.push(key, value);
        }
    }
    comments.push("ENCODER", description);
    for picture in &job.pictures {
        comments.push("METADATA_BLOCK_PICTURE", &base64_picture(picture));
    }
    comments
}

/// Q7.8 decibels that bring a loudness to the reference.
fn gain(lufs: f64) -> Option<i16> {
    lufs.is_finite().then(|| ((REFERENCE_LUFS - lufs) * 256.0).round() as i16)
}

fn interleave(planes: &[Vec<f32>], order: &[usize], out: &mut Vec<f32>) {
    let samples = planes.first().map_or(0, Vec::len);
    let start = out.len();
    out.resize(start + samples * order.len(), 0.0);
    for (place, &plane) in order.iter().enumerate() {
        let slots = out[start..].iter_mut().skip(place).step_by(order.len());
        slots.zip(&planes[plane]).for_each(|(slot, sample)| *slot = *sample);
    }
}
