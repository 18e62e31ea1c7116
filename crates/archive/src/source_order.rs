//! Of several files of one recording, which is the best to keep (docs/formats/same-recording.md, "Which one wins").

use deadwax_catalog::Recording;
use deadwax_model::RecordingId;

/// Lossy codecs, oldest first: at one bit rate the younger sounds better.
const GENERATIONS: [&str; 6] = ["adpcm", "mp2", "mp3", "vorbis", "aac", "opus"];

/// What speaks for a file, the weightiest first; more is better.
const MERITS: [&str; 7] = [
    "it decodes as it should",
    "it is lossless",
    "its sample rate is higher",
    "it has more bits a sample",
    "its bit rate is higher",
    "its codec is younger",
    "it is longer",
];

/// A file as one of several of a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SourceStanding {
    merits: [u64; MERITS.len()],
    id: RecordingId,
}

impl SourceStanding {
    /// `has_failed`: whether no holding could be made of it.
    pub(crate) fn of(recording: &Recording, has_failed: bool) -> SourceStanding {
        let format = &recording.format;
        let duration_ms = duration_ms(recording).unwrap_or(0);
        let is_odd = recording.analysis.as_ref().is_some_and(|found| !found.warnings.is_empty());
        let is_lossless = format.is_lossless();
        // Of lossless files the bit rate says how well they are packed, and of lossy ones rate and depth say nothing.
        let [rate, depth, bit_rate, generation] = match is_lossless {
            true => [format.sample_rate.into(), format.bits_per_sample.unwrap_or(0).into(), 0, 0],
            false => {
                let average = || recording.original_bytes.saturating_mul(8000) / duration_ms.max(1);
                let known = GENERATIONS.iter().position(|codec| *codec == format.codec);
                let generation = known.map_or(0, |place| place as u64 + 1);
                [0, 0, format.bit_rate.map_or_else(average, u64::from), generation]
            }
        };
        SourceStanding {
            merits: [
                u64::from(!is_odd && !has_failed),
                u64::from(is_lossless),
                rate,
                depth,
                bit_rate,
                generation,
                duration_ms,
            ],
            id: recording.id.clone(),
        }
    }

    /// Why this one is better than the other; `None` when it is not. Of equals the lower id is taken.
    pub(crate) fn beats(&self, other: &SourceStanding) -> Option<&'static str> {
        let first = self.merits.iter().zip(&other.merits).zip(MERITS).find(|((a, b), _)| a != b);
        match first {
            Some(((own, others), merit)) => (own > others).then_some(merit),
            None => (self.id < other.id).then_some("nothing tells them apart, and its id is lower"),
        }
    }
}

/// How long a recording is: as its file says, else as it was decoded.
pub(crate) fn duration_ms(recording: &Recording) -> Option<u64> {
    let decoded = || {
        let samples = recording.analysis.as_ref()?.samples;
        Some(samples.saturating_mul(1000) / u64::from(recording.format.sample_rate.max(1)))
    };
    recording.format.duration_ms.or_else(decoded)
}
