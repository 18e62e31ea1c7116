//! One decode pass that feeds everything that wants the samples: loudness, fingerprint, encoder.
//!
//! Reading and decoding cost more than what is done with the samples, so they are done once.
//! Memory is bounded by the block size, not by the length of the music.

mod blocks;
mod channel_order;
mod encode;
mod fingerprint;
mod loudness;
pub(crate) mod ogg_packets;
mod ogg_source;
mod opus_decoder;
mod opus_encoder;
mod opus_tier;
mod pass;
mod resampler;
mod symphonia_input;
mod symphonia_source;
mod tier_comments;
mod vorbis_encoder;
mod vorbis_pages;
mod vorbis_tier;

pub use encode::{Coding, EncodeJob, EncodeSummary, WriteSeek};
pub use fingerprint::{Fingerprint, FingerprintError};

use crate::probe::{Behind, Codec, Container, Probe};
use pass::Wishes;
use std::any::Any;
use std::io::{self, Read, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicBool;

/// What a pass is to do besides counting samples.
pub struct Job<'a> {
    /// Checked between blocks of some thousand samples; set, it ends the pass with
    /// [`AnalyseError::Interrupted`].
    pub interrupt: Option<&'a AtomicBool>,
    /// Measure loudness, range and peak. Done anyway when there is something to encode.
    pub loudness: bool,
    /// Measure the true peak too, where loudness is measured. It costs as much as loudness itself.
    pub true_peak: bool,
    /// Compute the fingerprint.
    pub fingerprint: bool,
    /// Encode for a lossy tier.
    pub encode: Option<EncodeJob<'a>>,
    /// Decode and measure on a thread of their own beside the encoder, where something is encoded:
    /// for the last files of a batch, when a core would be idle. What comes out is the same.
    pub two_threads: bool,
}

impl Default for Job<'_> {
    /// Loudness and fingerprint, no true peak, nothing to encode, one thread, no interrupt.
    fn default() -> Self {
        Job {
            interrupt: None,
            loudness: true,
            true_peak: false,
            fingerprint: true,
            encode: None,
            two_threads: false,
        }
    }
}

/// What the samples say.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysis {
    /// Samples per channel, encoder delay and padding taken off.
    pub samples: u64,
    /// Sample rate of the decoded samples, Hz.
    pub sample_rate: u32,
    /// Channels.
    pub channels: u16,
    /// EBU R128 integrated loudness, LUFS. `None` for silence, for what is shorter than a gating
    /// block (400 ms), and when it was not asked for.
    pub loudness_lufs: Option<f64>,
    /// EBU Tech 3342 loudness range, LU. `None` when there is no loudness.
    pub loudness_range_lu: Option<f64>,
    /// Largest absolute sample value, full scale being 1. 0 when it was not asked for.
    pub sample_peak: f64,
    /// Largest absolute value between the samples too (ITU-R BS.1770, annex 2), full scale being 1.
    /// `None` when it was not asked for.
    pub true_peak: Option<f64>,
    /// Chromaprint; `None` for less than about three seconds and when it was not asked for.
    pub fingerprint: Option<Fingerprint>,
    /// What was encoded, when something was.
    pub encoded: Option<EncodeSummary>,
    /// Sentences about what is odd, without the path.
    pub warnings: Vec<String>,
}

/// Why there is no analysis. Sentences without the path: the caller has it.
#[derive(Debug, thiserror::Error)]
pub enum AnalyseError {
    /// The interrupt flag was set.
    #[error("the analysis was interrupted; run the same line again")]
    Interrupted,
    /// There is no decoder here for what it is, sound or not.
    #[error(
        "there is no decoder for {} here: its loudness and fingerprint stay unknown",
        if *.0 == Codec::Other { "its coding" } else { .0.as_str() }
    )]
    NoDecoder(Codec),
    /// No decoder takes it.
    #[error(
        "its audio cannot be decoded: {0}; keep the file, and play it elsewhere to hear if it is sound"
    )]
    Undecodable(String),
    /// A decoder met something it was not made for.
    #[error(
        "its audio cannot be decoded: the {codec} decoder failed inside ({message}); \
             keep the file and report it"
    )]
    DecoderPanicked {
        /// The codec's word.
        codec: &'static str,
        /// What the decoder said.
        message: String,
    },
    /// The samples cannot go into a file of the tier.
    #[error("it cannot be encoded: {0}; keep the source instead")]
    Unencodable(String),
    /// The encoded file could not be written.
    #[error("the encoded file cannot be written: {0}")]
    Write(io::Error),
    /// The bytes could not be had.
    #[error("it cannot be read: {0}")]
    Read(#[from] io::Error),
}

/// Decodes `file` once, from its start, and does what `job` says. `probe` is what
/// [`crate::probe::probe`] said of the same file.
///
/// A file that is cut short or damaged is analysed as far as it goes, and a warning says how far
/// that was. When this fails, what was written to the job's output is to be thrown away. A panic in
/// a decoder becomes an error; its message goes through the process's panic hook first.
pub fn analyse(
    file: impl Read + Seek + Send + Sync,
    probe: &Probe,
    job: Job<'_>,
) -> Result<Analysis, AnalyseError> {
    if !probe.codec.has_decoder() {
        return Err(AnalyseError::NoDecoder(probe.codec));
    }
    let codec = probe.codec.as_str();
    // Decoders meet bytes from anywhere, and some of them index where they should ask. A panic in
    // one must cost this file, not the run.
    catch_unwind(AssertUnwindSafe(|| {
        let file = Behind::new(file, probe.start)?;
        let wishes = Wishes {
            interrupt: job.interrupt,
            loudness: job.loudness || job.encode.is_some(),
            true_peak: job.true_peak,
            fingerprint: job.fingerprint,
        };
        match job.encode {
            None => pass::measure_alone(file, probe, wishes),
            Some(encode) if job.two_threads => pass::encode_beside(file, probe, wishes, encode),
            Some(encode) => pass::encode_along(file, probe, wishes, encode),
        }
    }))
    .unwrap_or_else(|panic| {
        Err(AnalyseError::DecoderPanicked { codec, message: panic_message(panic.as_ref()) })
    })
}

/// A decoded length that is not the stated one.
///
/// Ogg gets 50 ms of grace: where the first audio packet shares a page with the headers, libvorbis
/// leaves out a short block that the granule positions do not count and ffmpeg (like us) keeps it.
fn length_warning(probe: &Probe, samples: u64, sample_rate: u32) -> Option<String> {
    let seconds = |samples: u64, rate: u32| samples as f64 / f64::from(rate.max(1));
    let decoded = seconds(samples, sample_rate);
    let (stated, grace) = match (probe.samples, probe.container, probe.duration_ms) {
        (Some(stated), container, _) => {
            let grace = if container == Container::Ogg { 0.05 } else { 0.0 };
            (seconds(stated, probe.sample_rate), grace)
        }
        // Without a count a length is an estimate from the bit rate, except in MP4.
        (None, Container::Mp4, Some(ms)) => (ms as f64 / 1000.0, 0.25),
        _ => return None,
    };
    if (stated - decoded).abs() <= grace {
        return None;
    }
    Some(match probe.samples {
        Some(count) if (stated - decoded).abs() < 0.05 => {
            format!("decodes to {samples} samples, not the {count} that its header states")
        }
        _ => format!("decodes to {decoded:.1} s of the {stated:.1} s that its header states"),
    })
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned())
}
