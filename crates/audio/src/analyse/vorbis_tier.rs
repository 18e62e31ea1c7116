//! The Vorbis tier: samples in, an Ogg Vorbis file out. Specified in docs/formats/vorbis-tier.md.

use super::blocks::Block;
use super::channel_order::planes_in_vorbis_order;
use super::encode::{EncodeJob, EncodeSummary};
use super::tier_comments::{RoomyHeader, tier_comments};
use super::vorbis_encoder::{EncodeError, VorbisEncoder};
use super::vorbis_pages::VorbisPages;
use super::{AnalyseError, Analysis};
use crate::ogg::{Comments, PageWriter};

/// Reference of ReplayGain 2.0, LUFS.
const REFERENCE_LUFS: f64 = -18.0;
/// A float source may go beyond full scale, but a peak beyond this says nothing.
const PEAK_MAX: f64 = 9999.0;
/// As long as the fields can be that come later, to keep room for them.
const LONGEST: [(&str, &str); 3] = [
    ("REPLAYGAIN_TRACK_GAIN", "-9999.99 dB"),
    ("REPLAYGAIN_TRACK_PEAK", "9999.000000"),
    ("REPLAYGAIN_ALBUM_GAIN", "-9999.99 dB"),
];

/// What aoTuV calls its qualities -2 to 10 in stereo at 44.1 and 48 kHz, kbit/s: twice
/// `rate_mapping_44_stereo` in lib/modes/setup_44.h of aoTuV 6.03.
const QUALITY_KBIT_RATES: [f32; 13] =
    [32.0, 48.0, 64.0, 80.0, 96.0, 112.0, 128.0, 160.0, 192.0, 224.0, 256.0, 320.0, 500.0];

/// An encoding under way.
pub(super) struct VorbisTier<'a> {
    pages: VorbisPages<'a>,
    encoder: VorbisEncoder,
    comments: RoomyHeader,
    description: String,
    album_loudness_lufs: Option<f64>,
    sample_rate: u32,
    /// Which plane comes at each place.
    order: Vec<usize>,
}

impl<'a> VorbisTier<'a> {
    /// Writes the headers, with room for the gains. One to eight channels.
    pub(super) fn begin(
        job: EncodeJob<'a>,
        sample_rate: u32,
        channels: usize,
    ) -> Result<VorbisTier<'a>, AnalyseError> {
        let quality = quality(job.kbit_rate as f32);
        let (encoder, headers) = VorbisEncoder::open(sample_rate, channels, quality / 10.0)
            .map_err(AnalyseError::Unencodable)?;
        let description = format!(
            "Deadwax, {}, {} kbit/s VBR (quality {quality:.1})",
            String::from_utf8_lossy(&headers.vendor),
            job.kbit_rate,
        );
        let comments = tier_comments(&job, &headers.vendor, &description);
        let mut writer =
            PageWriter::new(job.out, job.serial).granules_per_page(u64::from(sample_rate));
        writer.header_packet(&headers.identification).map_err(AnalyseError::Write)?;
        let comments =
            RoomyHeader::write(&mut writer, comments, Comments::to_vorbis_packet, &LONGEST)
                .map_err(AnalyseError::Write)?;
        writer.header_packet(&headers.setup).map_err(AnalyseError::Write)?;
        Ok(VorbisTier {
            pages: VorbisPages::new(writer),
            encoder,
            comments,
            description,
            album_loudness_lufs: job.album_loudness_lufs,
            sample_rate,
            order: planes_in_vorbis_order(channels),
        })
    }

    pub(super) fn add(&mut self, block: &Block) -> Result<(), AnalyseError> {
        let planes = block.planes();
        let channels = self.order.iter().map(|&plane| &planes[plane][..]);
        self.encoder.add(channels, &mut self.pages).map_err(failed)
    }

    /// Encodes the rest and completes the headers.
    pub(super) fn finish(mut self, analysis: &Analysis) -> Result<EncodeSummary, AnalyseError> {
        self.encoder.finish(analysis.samples, &mut self.pages).map_err(failed)?;
        let track_gain_db = analysis.loudness_lufs.and_then(gain);
        let peak = analysis.true_peak.unwrap_or(analysis.sample_peak).min(PEAK_MAX);
        let gain_text = |gain: f64| format!("{gain:.2} dB");
        let fields = [
            ("REPLAYGAIN_TRACK_GAIN", track_gain_db.map(gain_text)),
            ("REPLAYGAIN_TRACK_PEAK", track_gain_db.map(|_| format!("{peak:.6}"))),
            ("REPLAYGAIN_ALBUM_GAIN", self.album_loudness_lufs.and_then(gain).map(gain_text)),
        ];
        let known = fields.into_iter().filter_map(|(key, value)| Some((key, value?)));
        self.comments.complete(&mut self.pages.writer, known).map_err(AnalyseError::Write)?;
        let out = self.pages.finish(analysis.samples).map_err(AnalyseError::Write)?;
        out.flush().map_err(AnalyseError::Write)?;
        Ok(EncodeSummary {
            samples: analysis.samples,
            sample_rate: self.sample_rate,
            track_gain_db,
            encoder: self.description,
        })
    }
}

fn failed(error: EncodeError) -> AnalyseError {
    match error {
        EncodeError::Library(why) => AnalyseError::Unencodable(why),
        EncodeError::Taker(error) => AnalyseError::Write(error),
    }
}

/// The quality, -2 to 10, that stands for a bit rate in stereo; between two, in proportion.
fn quality(kbit_rate: f32) -> f32 {
    let last = QUALITY_KBIT_RATES.len() - 2;
    let above = QUALITY_KBIT_RATES.partition_point(|&rate| rate <= kbit_rate);
    let below = above.saturating_sub(1).min(last);
    let (low, high) = (QUALITY_KBIT_RATES[below], QUALITY_KBIT_RATES[below + 1]);
    below as f32 - 2.0 + ((kbit_rate - low) / (high - low)).clamp(0.0, 1.0)
}

/// Decibels that bring a loudness to the reference, to two places as they are written.
fn gain(lufs: f64) -> Option<f64> {
    lufs.is_finite().then(|| ((REFERENCE_LUFS - lufs) * 100.0).round() / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bit_rates_stand_for_qualities() {
        for (kbit_rate, wanted) in
            [(32.0, -2.0), (64.0, 0.0), (112.0, 3.0), (144.0, 4.5), (160.0, 5.0), (500.0, 10.0)]
        {
            assert_eq!(quality(kbit_rate), wanted, "{kbit_rate}");
        }
    }
}
