//! Encoding at a tier: what can be asked for, what it came to, and the way to the tier's own code.

use super::blocks::Block;
use super::opus_tier::OpusTier;
use super::vorbis_tier::VorbisTier;
use super::{AnalyseError, Analysis};
use deadwax_model::Picture;
use std::fmt;
use std::io::{Seek, Write};
use std::ops::RangeInclusive;

/// The lossy codings of the tiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Coding {
    /// `opus-N`: Ogg Opus by libopus, specified in docs/formats/opus-tier.md.
    Opus,
    /// `vorbis-N`: Ogg Vorbis by libvorbis with aoTuV, specified in docs/formats/vorbis-tier.md.
    Vorbis,
}

impl Coding {
    /// The bit rates that a tier of this coding may have, kbit/s in stereo. Opus: from the least
    /// that libopus speaks of to what fills its longest packet (1,275 bytes each 20 ms). Vorbis:
    /// what aoTuV calls its least and its best quality at 44.1 kHz.
    pub fn kbit_rates(self) -> RangeInclusive<u32> {
        match self {
            Coding::Opus => 6..=510,
            Coding::Vorbis => 32..=500,
        }
    }

    /// Whether there is a tier of that many kbit/s; a sentence when not.
    pub fn check_kbit_rate(self, kbit_rate: u32) -> Result<(), String> {
        let rates = self.kbit_rates();
        if rates.contains(&kbit_rate) {
            return Ok(());
        }
        let (least, most) = rates.into_inner();
        Err(format!(
            "{self} takes {least} to {most} kbit/s, and {kbit_rate} is not among them; \
             choose a number between"
        ))
    }
}

impl fmt::Display for Coding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Coding::Opus => "Opus",
            Coding::Vorbis => "Vorbis",
        })
    }
}

/// Anything that can be written to and gone back in: the gain goes into the header at the end.
pub trait WriteSeek: Write + Seek {}

impl<T: Write + Seek + ?Sized> WriteSeek for T {}

/// What to encode, and where to.
pub struct EncodeJob<'a> {
    /// How.
    pub coding: Coding,
    /// Kilobits per second, the N of the tier's name: the average in stereo; the documents of the
    /// tiers say what it means for other channels. Within [`Coding::kbit_rates`].
    pub kbit_rate: u32,
    /// Comment fields, in order. Fields that the encoding decides itself (ENCODER, gains, pictures)
    /// are left out of them.
    pub fields: Vec<(String, String)>,
    /// Pictures to embed.
    pub pictures: Vec<Picture>,
    /// Serial number of the Ogg stream: the caller's, so that the same input gives the same bytes.
    pub serial: u32,
    /// Loudness of the release as a whole, LUFS, for the album gain.
    pub album_loudness_lufs: Option<f64>,
    /// Written from where it stands; to be thrown away when the pass fails.
    pub out: &'a mut dyn WriteSeek,
}

/// What was encoded.
#[derive(Debug, Clone, PartialEq)]
pub struct EncodeSummary {
    /// Samples per channel that the file decodes to.
    pub samples: u64,
    /// At this rate, Hz: always 48,000 for Opus, the source's for Vorbis.
    pub sample_rate: u32,
    /// The track gain as it is written in the file, dB; `None` for silence. Its reference is -23
    /// LUFS in Opus (R128_TRACK_GAIN) and -18 LUFS in Vorbis (REPLAYGAIN_TRACK_GAIN).
    pub track_gain_db: Option<f64>,
    /// What encoded, at what settings: the ENCODER field.
    pub encoder: String,
}

/// An encoding under way.
pub(super) enum Encoding<'a> {
    Opus(Box<OpusTier<'a>>),
    Vorbis(Box<VorbisTier<'a>>),
}

impl<'a> Encoding<'a> {
    /// Writes the headers, with room for what is known only at the end.
    pub(super) fn begin(
        job: EncodeJob<'a>,
        sample_rate: u32,
        channels: usize,
    ) -> Result<Encoding<'a>, AnalyseError> {
        job.coding.check_kbit_rate(job.kbit_rate).map_err(AnalyseError::Unencodable)?;
        if !(1..=8).contains(&channels) {
            let why = format!("it has {channels} channels, and the lossy tiers take 1 to 8");
            return Err(AnalyseError::Unencodable(why));
        }
        Ok(match job.coding {
            Coding::Opus => Encoding::Opus(Box::new(OpusTier::begin(job, sample_rate, channels)?)),
            Coding::Vorbis => {
                Encoding::Vorbis(Box::new(VorbisTier::begin(job, sample_rate, channels)?))
            }
        })
    }

    pub(super) fn add(&mut self, block: &Block) -> Result<(), AnalyseError> {
        match self {
            Encoding::Opus(tier) => tier.add(block),
            Encoding::Vorbis(tier) => tier.add(block),
        }
    }

    /// Encodes what is left and completes the headers with what `analysis` says of the source.
    pub(super) fn finish(self, analysis: &Analysis) -> Result<EncodeSummary, AnalyseError> {
        match self {
            Encoding::Opus(tier) => tier.finish(analysis),
            Encoding::Vorbis(tier) => tier.finish(analysis),
        }
    }
}
