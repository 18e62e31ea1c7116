//! Of several files of one recording, which is the best to keep (docs/formats/same-recording.md, "Which one wins").

use deadwax_catalog::Recording;
use deadwax_model::RecordingId;

/// Lossy codecs, oldest first: at one bit rate the younger sounds better.
const GENERATIONS: [&str; 6] = ["adpcm", "mp2", "mp3", "vorbis", "aac", "opus"];

/// What speaks for a file, the weightiest first; more is better.
const MERITS: [&str; 7] = [
    "nothing is amiss with its file",
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

#[cfg(test)]
mod tests {
    use super::*;
    use deadwax_catalog::Analysis;
    use deadwax_model::{AudioFormat, Root};

    /// A file of this codec: rate and bits where it is lossless, else kbit/s; and its seconds.
    fn file(number: u8, codec: &str, quality: (u32, u8), seconds: u64) -> Recording {
        let named = AudioFormat { codec: codec.to_owned(), ..AudioFormat::default() };
        let is_lossless = named.is_lossless();
        Recording {
            id: RecordingId::from_bytes([number; 10]),
            original_root: Root([number; 32]),
            original_bytes: 1_000_000,
            title: String::new(),
            title_said: false,
            date: None,
            artists: Vec::new(),
            isrcs: Vec::new(),
            tracks: Vec::new(),
            format: AudioFormat {
                duration_ms: Some(seconds * 1000),
                sample_rate: if is_lossless { quality.0 } else { 48_000 },
                bits_per_sample: is_lossless.then_some(quality.1),
                bit_rate: (!is_lossless && quality.0 > 0).then_some(quality.0 * 1000),
                ..named
            },
            warnings: Vec::new(),
            placement: None,
            holdings: Vec::new(),
            no_smaller: Vec::new(),
            analysis: None,
            same_as: None,
            same: Vec::new(),
        }
    }

    #[test]
    fn the_first_difference_decides() {
        // Best first; each beats all behind it, for the reason that tells it from the next.
        let files = [
            file(9, "flac", (96_000, 16), 60),
            file(8, "pcm", (44_100, 24), 60),
            file(7, "flac", (44_100, 16), 61),
            file(1, "alac", (44_100, 16), 60),
            file(2, "wavpack", (44_100, 16), 60),
            file(6, "mp3", (320, 0), 60),
            file(5, "opus", (128, 0), 60),
            file(4, "vorbis", (128, 0), 60),
            // Its average: 1 MB in a minute.
            file(3, "aac", (0, 0), 63),
        ];
        let reasons = [
            "its sample rate is higher",
            "it has more bits a sample",
            "it is longer",
            "nothing tells them apart, and its id is lower",
            "it is lossless",
            "its bit rate is higher",
            "its codec is younger",
            "its bit rate is higher",
        ];
        let standings: Vec<SourceStanding> =
            files.iter().map(|file| SourceStanding::of(file, false)).collect();
        for (place, better) in standings.iter().enumerate() {
            for other in &standings[place + 1..] {
                assert!(better.beats(other).is_some(), "{better:?} {other:?}");
                assert_eq!(other.beats(better), None, "{other:?} {better:?}");
            }
            if let Some(next) = standings.get(place + 1) {
                assert_eq!(better.beats(next), Some(reasons[place]));
            }
        }
    }

    #[test]
    fn what_is_damaged_or_cannot_be_kept_comes_last() {
        let (best, mp3) = (file(1, "flac", (96_000, 24), 60), file(2, "mp3", (64, 0), 60));
        let sound = SourceStanding::of(&mp3, false);
        let analysis = Analysis {
            samples: 1,
            loudness_lufs: None,
            loudness_range_lu: None,
            sample_peak: None,
            true_peak: None,
            fingerprint: None,
            warnings: vec!["decodes to 1.0 s of the 60.0 s that its header states".to_owned()],
        };
        let odd = Recording { analysis: Some(analysis), ..best.clone() };
        for lost in [SourceStanding::of(&odd, false), SourceStanding::of(&best, true)] {
            assert_eq!(sound.beats(&lost), Some("nothing is amiss with its file"));
        }
    }
}
