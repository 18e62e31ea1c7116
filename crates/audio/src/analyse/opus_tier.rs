//! The Opus tier: samples in, an Ogg Opus file out. Specified in docs/formats/opus-tier.md.

use super::blocks::Block;
use super::channel_order::planes_in_vorbis_order;
use super::encode::{EncodeJob, EncodeSummary, WriteSeek};
use super::opus_encoder::OpusEncoder;
use super::resampler::{Quality, Resampler};
use super::tier_comments::{RoomyHeader, tier_comments};
use super::{AnalyseError, Analysis};
use crate::ogg::{Comments, PageWriter};

/// Reference of the R128 gains (RFC 7845 section 5.2.1), LUFS.
const REFERENCE_LUFS: f64 = -23.0;
/// As long as the gains can be, to keep room for them.
const LONGEST: [(&str, &str); 2] = [("R128_TRACK_GAIN", "-32768"), ("R128_ALBUM_GAIN", "-32768")];

/// An encoding under way.
pub(super) struct OpusTier<'a> {
    writer: PageWriter<&'a mut dyn WriteSeek>,
    encoder: OpusEncoder,
    comments: RoomyHeader,
    description: String,
    album_gain: Option<i16>,
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
        job: EncodeJob<'a>,
        source_rate: u32,
        channels: usize,
    ) -> Result<OpusTier<'a>, AnalyseError> {
        let native = matches!(source_rate, 8_000 | 12_000 | 16_000 | 24_000 | 48_000);
        let rate = if native { source_rate } else { 48_000 };
        let encoder = OpusEncoder::open(rate, channels, job.kbit_rate * 1000)
            .map_err(AnalyseError::Unencodable)?;
        let resamplers = match native {
            true => Vec::new(),
            false => vec![Resampler::new(source_rate, rate, Quality::Music); channels],
        };
        let description = format!(
            "Deadwax, {}, {} kbit/s VBR, complexity 10",
            opusic_c::version(),
            job.kbit_rate
        );
        let comments = tier_comments(&job, opusic_c::version().as_bytes(), &description);
        let mut writer = PageWriter::new(job.out, job.serial);
        writer.header_packet(&encoder.head(source_rate)).map_err(AnalyseError::Write)?;
        let comments =
            RoomyHeader::write(&mut writer, comments, Comments::to_opus_packet, &LONGEST)
                .map_err(AnalyseError::Write)?;
        Ok(OpusTier {
            writer,
            encoder,
            comments,
            description,
            album_gain: job.album_loudness_lufs.and_then(gain),
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

    /// Encodes the rest and completes the headers.
    pub(super) fn finish(mut self, analysis: &Analysis) -> Result<EncodeSummary, AnalyseError> {
        let rate = u128::from(self.source_rate);
        let total = ((u128::from(analysis.samples) * 48_000 + rate / 2) / rate) as u64;
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
        let track_gain = analysis.loudness_lufs.and_then(gain);
        let fields = [("R128_TRACK_GAIN", track_gain), ("R128_ALBUM_GAIN", self.album_gain)];
        let known = fields.into_iter().filter_map(|(key, gain)| Some((key, gain?.to_string())));
        self.comments.complete(&mut self.writer, known).map_err(AnalyseError::Write)?;
        let out = self.writer.finish(end).map_err(AnalyseError::Write)?;
        out.flush().map_err(AnalyseError::Write)?;
        Ok(EncodeSummary {
            samples: total,
            sample_rate: 48_000,
            track_gain_db: track_gain.map(|gain| f64::from(gain) / 256.0),
            encoder: self.description,
        })
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
