//! The pass itself: decode, measure, hand the samples on to the encoder; on one thread or on two.

use super::blocks::{Block, Source};
use super::encode::{EncodeJob, Encoding};
use super::fingerprint::Fingerprinting;
use super::loudness::Loudness;
use super::ogg_source::OggSource;
use super::symphonia_source::SymphoniaSource;
use super::{AnalyseError, Analysis, length_warning};
use crate::probe::{Container, Probe, foreign_front};
use std::io::{Read, Seek};
use std::ops::RangeInclusive;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;

/// Blocks that may wait between the two threads: enough to even out a slow one, and few bytes.
const BLOCKS_BETWEEN: usize = 4;

/// What is to be measured.
#[derive(Clone, Copy)]
pub(super) struct Wishes<'a> {
    pub(super) interrupt: Option<&'a AtomicBool>,
    pub(super) loudness: bool,
    pub(super) true_peak: bool,
    pub(super) fingerprint: bool,
}

/// Measures only.
pub(super) fn measure_alone(
    file: impl Read + Seek + Send + Sync,
    probe: &Probe,
    wishes: Wishes<'_>,
) -> Result<Analysis, AnalyseError> {
    measure(file, probe, wishes, None)
}

/// Measures and encodes, block by block, on this thread.
pub(super) fn encode_along(
    file: impl Read + Seek + Send + Sync,
    probe: &Probe,
    wishes: Wishes<'_>,
    job: EncodeJob<'_>,
) -> Result<Analysis, AnalyseError> {
    let mut encoder = Encoder::Waiting(job);
    let analysis = measure(file, probe, wishes, Some(&mut encoder))?;
    encoder.finish(analysis)
}

/// Measures on another thread and encodes on this one. The encoder gets the same blocks in the same
/// order, so that what comes out is the same.
pub(super) fn encode_beside(
    file: impl Read + Seek + Send + Sync,
    probe: &Probe,
    wishes: Wishes<'_>,
    job: EncodeJob<'_>,
) -> Result<Analysis, AnalyseError> {
    let (to_encoder, from_measuring) = sync_channel(BLOCKS_BETWEEN);
    let (spare, spares) = channel();
    thread::scope(|scope| {
        let mut sending = Sending { to_encoder, spares };
        let measuring = thread::Builder::new()
            .spawn_scoped(scope, move || measure(file, probe, wishes, Some(&mut sending)))?;
        let mut encoder = Encoder::Waiting(job);
        let encoded = encode_sent(&mut encoder, from_measuring, &spare);
        let analysis = measuring.join().unwrap_or_else(|panic| resume_unwind(panic));
        // When encoding failed, measuring ended because of it, and says nothing of its own.
        encoded?;
        encoder.finish(analysis?)
    })
}

/// Sample rates that there are, with room on both sides. Resampling from others would take memory without end.
const MEASURED_HZ: RangeInclusive<u32> = 1_000..=768_000;

/// What takes the samples when they are measured.
trait Taker {
    /// Comes before the first block.
    fn begin(&mut self, sample_rate: u32, channels: usize) -> Result<(), AnalyseError>;

    /// May leave another block in place of the given one.
    fn take(&mut self, block: &mut Block) -> Result<(), AnalyseError>;
}

fn measure(
    file: impl Read + Seek + Send + Sync,
    probe: &Probe,
    wishes: Wishes<'_>,
    mut taker: Option<&mut dyn Taker>,
) -> Result<Analysis, AnalyseError> {
    let mut source: Box<dyn Source + '_> = match probe.container {
        Container::Ogg => Box::new(OggSource::open(file)?),
        _ => Box::new(SymphoniaSource::open(file, probe)?),
    };
    let mut block = Block::default();
    // The first block tells the real sample rate and channels, which consumers are made for.
    let mut more = source.next(&mut block)?;
    let (sample_rate, channels) = (source.sample_rate(), source.channels());
    if more && !MEASURED_HZ.contains(&sample_rate) {
        return Err(AnalyseError::Undecodable(format!(
            "it says that it has {sample_rate} Hz, and {} to {} are measured",
            MEASURED_HZ.start(),
            MEASURED_HZ.end()
        )));
    }
    let distrust = source.distrust();
    if let Some(taker) = &mut taker {
        if let Some(why) = distrust.clone().or_else(|| source.unplaced()) {
            return Err(AnalyseError::Unencodable(why));
        }
        if !more {
            return Err(AnalyseError::Unencodable("it has no samples".to_owned()));
        }
        taker.begin(sample_rate, channels)?;
    }
    let measure = more && distrust.is_none();
    let mut loudness = match measure && wishes.loudness {
        true => Some(Loudness::new(sample_rate, channels, probe.duration_ms, wishes.true_peak)?),
        false => None,
    };
    let mut fingerprint = (wishes.fingerprint && measure).then(|| Fingerprinting::new(sample_rate));
    let mut samples = 0;
    while more {
        if wishes.interrupt.is_some_and(|flag| flag.load(Ordering::Relaxed)) {
            return Err(AnalyseError::Interrupted);
        }
        samples += block.samples() as u64;
        if let Some(loudness) = &mut loudness {
            loudness.add(&block)?;
        }
        if let Some(fingerprint) = &mut fingerprint {
            fingerprint.add(&block);
        }
        if let Some(taker) = &mut taker {
            taker.take(&mut block)?;
        }
        more = source.next(&mut block)?;
    }
    let mut warnings = source.take_warnings();
    if samples == 0
        && let Some(why) = warnings.first()
    {
        return Err(AnalyseError::Undecodable(why.clone()));
    }
    warnings.extend(
        distrust.map(|why| {
            format!("{why}: loudness and fingerprint are left out, its length is right")
        }),
    );
    warnings.extend(length_warning(probe, samples, sample_rate));
    // A re-encoding would leave them out.
    warnings.extend(foreign_front(probe.start));
    let loudness = loudness.map(Loudness::finish).transpose()?.unwrap_or_default();
    Ok(Analysis {
        samples,
        sample_rate,
        channels: channels as u16,
        loudness_lufs: loudness.integrated,
        loudness_range_lu: loudness.range,
        sample_peak: loudness.peak,
        true_peak: loudness.true_peak,
        fingerprint: fingerprint.and_then(Fingerprinting::finish),
        encoded: None,
        warnings,
    })
}

/// The encoder, which is made when the first block tells what for.
enum Encoder<'a> {
    Waiting(EncodeJob<'a>),
    Encoding(Encoding<'a>),
    Begun,
}

impl Encoder<'_> {
    fn finish(self, analysis: Analysis) -> Result<Analysis, AnalyseError> {
        let encoded = match self {
            Encoder::Encoding(encoding) => Some(encoding.finish(&analysis)?),
            Encoder::Waiting(_) | Encoder::Begun => None,
        };
        Ok(Analysis { encoded, ..analysis })
    }
}

impl Taker for Encoder<'_> {
    fn begin(&mut self, sample_rate: u32, channels: usize) -> Result<(), AnalyseError> {
        if let Encoder::Waiting(job) = std::mem::replace(self, Encoder::Begun) {
            *self = Encoder::Encoding(Encoding::begin(job, sample_rate, channels)?);
        }
        Ok(())
    }

    fn take(&mut self, block: &mut Block) -> Result<(), AnalyseError> {
        match self {
            Encoder::Encoding(encoding) => encoding.add(block),
            Encoder::Waiting(_) | Encoder::Begun => Ok(()),
        }
    }
}

/// What goes from thread to thread.
enum Sent {
    Begin { sample_rate: u32, channels: usize },
    Block(Block),
}

/// Sends blocks to the encoder's thread; blocks that it is done with come back to be filled again.
struct Sending {
    to_encoder: SyncSender<Sent>,
    spares: Receiver<Block>,
}

impl Sending {
    fn send(&self, sent: Sent) -> Result<(), AnalyseError> {
        // Nobody listens when encoding failed, and then nobody reads this error either.
        self.to_encoder.send(sent).map_err(|_| AnalyseError::Interrupted)
    }
}

impl Taker for Sending {
    fn begin(&mut self, sample_rate: u32, channels: usize) -> Result<(), AnalyseError> {
        self.send(Sent::Begin { sample_rate, channels })
    }

    fn take(&mut self, block: &mut Block) -> Result<(), AnalyseError> {
        let spare = self.spares.try_recv().unwrap_or_default();
        self.send(Sent::Block(std::mem::replace(block, spare)))
    }
}

/// Encodes what comes until no more comes. Takes the receiver, so that the sender is told of a failure.
fn encode_sent(
    encoder: &mut Encoder<'_>,
    from_measuring: Receiver<Sent>,
    spare: &Sender<Block>,
) -> Result<(), AnalyseError> {
    for sent in from_measuring {
        match sent {
            Sent::Begin { sample_rate, channels } => encoder.begin(sample_rate, channels)?,
            Sent::Block(mut block) => {
                encoder.take(&mut block)?;
                // Measuring may have ended by now.
                let _ = spare.send(block);
            }
        }
    }
    Ok(())
}
