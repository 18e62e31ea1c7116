//! Making one holding: read the source, prove that it comes back, decode it once.

use crate::MAKER;
use crate::original::{Hashing, open_source, restore_draft};
use deadwax_audio::analyse::{self, AnalyseError, Coding, EncodeJob, Fingerprint, Job, analyse};
use deadwax_audio::artwork;
use deadwax_audio::embed::{EmbedError, EmbedFormat, Embedding, audio_digest, embed, embed_format};
use deadwax_audio::patch::Patch;
use deadwax_audio::probe::{Probe, probe};
use deadwax_catalog::{Analysis, Holding, Recording};
use deadwax_model::{FileHashes, Picture, Problem, Root, Tier};
use deadwax_store::{Draft, Store, StoreError, hash_of, hash_reader};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

/// Everything that one holding is made from; gathered beforehand, so that workers need no catalogue.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub recording: Recording,
    pub paths: Vec<PathBuf>,
    pub tier: Tier,
    pub fields: Vec<(String, String)>,
    /// Pictures of the store to embed, scaled down to `picture_bytes` where they have more.
    pub pictures: Vec<(Root, deadwax_model::PictureKind, String)>,
    pub picture_bytes: u64,
    /// Digest of all of the above.
    pub recipe: String,
}

impl Order {
    /// By what a problem names the recording: where it came from, else its id.
    pub(crate) fn path_or_id(&self) -> String {
        match self.paths.first() {
            Some(path) => path.display().to_string(),
            None => self.recording.id.to_string(),
        }
    }
}

/// What came of an order.
#[derive(Default)]
pub(crate) struct Made {
    /// A holding that is in the store now; `None` when the original turned out to be none that may be
    /// re-encoded, so that its analysis makes the next plan keep it.
    pub holding: Option<Holding>,
    pub patch: Option<FileHashes>,
    /// `None` when it was known already.
    pub analysis: Option<Analysis>,
    /// What was odd, in sentences.
    pub warnings: Vec<String>,
    /// Why pictures were left out, in sentences.
    pub without_pictures: Vec<String>,
}

/// Why a holding was not made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MakeError {
    #[error("interrupted")]
    Interrupted,
    /// Concerns the archive, not this item.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Concerns this item: what happened, what to do.
    #[error("{what}")]
    Item { what: String, next: String },
}

impl MakeError {
    fn item(what: impl Into<String>, next: impl Into<String>) -> MakeError {
        MakeError::Item { what: what.into(), next: next.into() }
    }

    /// As a problem of a recording.
    pub(crate) fn problem(&self, order: &Order) -> Problem {
        let path = order.path_or_id();
        let next = match self {
            MakeError::Item { next, .. } => next.clone(),
            _ => "run the same line again".to_owned(),
        };
        Problem { path, what: self.to_string(), next }
    }
}

/// An original, wherever its bytes come from.
enum Original<'s> {
    Source(File),
    Restored(Box<Draft<'s>>),
}

impl Read for Original<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Original::Source(file) => file.read(buffer),
            Original::Restored(draft) => draft.read(buffer),
        }
    }
}

impl Seek for Original<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match self {
            Original::Source(file) => file.seek(to),
            Original::Restored(draft) => draft.seek(to),
        }
    }
}

/// Makes the holding that `order` asks for and puts it, with its patch, into the store.
///
/// A panic costs this item only: a worker that died would leave the others waiting.
pub(crate) fn make(store: &Store, order: &Order, stop: &AtomicBool) -> Result<Made, MakeError> {
    catch_unwind(AssertUnwindSafe(|| make_now(store, order, stop))).unwrap_or_else(|_| {
        Err(MakeError::item(
            "it met a fault of Deadwax's own, and nothing was made of it",
            "keep the file safe, and report it with DEADWAX_SHOW_PANICS=1",
        ))
    })
}

fn make_now(store: &Store, order: &Order, stop: &AtomicBool) -> Result<Made, MakeError> {
    let recording = &order.recording;
    let mut original = match open_source(recording, &order.paths) {
        Some(file) => Original::Source(file),
        None => Original::Restored(Box::new(restore_draft(store, recording).map_err(|why| {
            MakeError::item(
                format!("its source is gone or has changed, and {why}"),
                "put the file back where it was, or add it again from where it is now",
            )
        })?)),
    };
    let probe = probe(&mut original)
        .map_err(|e| MakeError::item(e.to_string(), "run add again, then build"))?;
    let takes_pictures = order.tier.is_encoded() || embed_format(&probe).is_some();
    let (pictures, without_pictures) = match takes_pictures {
        true => fitted_pictures(store, order)?,
        false => Default::default(),
    };
    let made = match order.tier {
        Tier::Keep => keep(store, order, original, &probe, pictures, stop),
        Tier::Opus(kbits) => {
            encoded(store, order, original, &probe, pictures, (Coding::Opus, kbits), stop)
        }
        Tier::Vorbis(kbits) => {
            encoded(store, order, original, &probe, pictures, (Coding::Vorbis, kbits), stop)
        }
    };
    made.map(|made| Made { without_pictures, ..made })
}

fn keep(
    store: &Store,
    order: &Order,
    mut original: Original<'_>,
    probe: &Probe,
    pictures: Vec<Picture>,
    stop: &AtomicBool,
) -> Result<Made, MakeError> {
    let format = embed_format(probe);
    let embedded = match format {
        None => None,
        Some(format) => {
            let metadata = Embedding { fields: order.fields.clone(), pictures };
            embed_proved(store, order, &mut original, format, &metadata)?
        }
    };
    let (hashes, patch, made_by) = match embedded {
        Some((hashes, patch)) => {
            (hashes, Some(patch), format!("{MAKER}: metadata embedded, audio untouched"))
        }
        None => (copy(store, order, &mut original)?, None, format!("{MAKER}: kept untouched")),
    };
    let (analysis, warnings) = match &order.recording.analysis {
        Some(known) => (None, known.warnings.clone()),
        None => {
            let job = Job { interrupt: Some(stop), ..Job::default() };
            let analysis = match analyse(original, probe, job) {
                Err(AnalyseError::Interrupted) => return Err(MakeError::Interrupted),
                Ok(analysis) => into_catalogue(analysis),
                // It is kept all the same, and told.
                Err(e) => undecoded(e.to_string()),
            };
            let warnings = analysis.warnings.clone();
            (Some(analysis), warnings)
        }
    };
    let holding = Holding {
        tier: Tier::Keep,
        hashes,
        patch: patch.as_ref().map(|patch| (patch.root, patch.bytes)),
        recipe: order.recipe.clone(),
        made_by,
    };
    Ok(Made { holding: Some(holding), patch, analysis, warnings, ..Made::default() })
}

/// Embeds, applies the patch, compares roots and the audio; `None` when the file cannot take it.
fn embed_proved(
    store: &Store,
    order: &Order,
    original: &mut Original<'_>,
    format: EmbedFormat,
    metadata: &Embedding,
) -> Result<Option<(FileHashes, FileHashes)>, MakeError> {
    let mut draft = store.draft()?;
    let body = match embed(original, format, metadata, &mut draft) {
        Ok(embedded) => embedded.patch,
        Err(EmbedError::Unsupported(_)) => return Ok(None),
        Err(EmbedError::Write(e)) => return Err(draft_failed(store, e)),
        Err(e) => return Err(MakeError::item(e.to_string(), AGAIN)),
    };
    let hashes = draft.hashes()?;
    let patch = body.finish(order.recording.original_root, hashes.root);
    let parsed = Patch::parse(&patch).map_err(unproved)?;
    let mut restored = Hashing::new(io::sink());
    parsed.apply(&mut draft, &mut restored).map_err(unproved)?;
    if restored.finish() != order.recording.original_root {
        return Err(changed());
    }
    original.rewind().and_then(|()| draft.rewind()).map_err(read_failed)?;
    let before = audio_digest(&mut *original, format).map_err(unproved)?;
    if before != audio_digest(&mut draft, format).map_err(unproved)? {
        return Err(unproved("the audio of the holding is not the original's"));
    }
    let patch = store.put(&patch)?;
    draft.finish(&hashes)?;
    Ok(Some((hashes, patch)))
}

fn copy(
    store: &Store,
    order: &Order,
    original: &mut Original<'_>,
) -> Result<FileHashes, MakeError> {
    let mut draft = store.draft()?;
    original.rewind().map_err(read_failed)?;
    io::copy(original, &mut draft).map_err(|e| draft_failed(store, e))?;
    let hashes = draft.hashes()?;
    if hashes.root != order.recording.original_root {
        return Err(changed());
    }
    draft.finish(&hashes)?;
    Ok(hashes)
}

fn encoded(
    store: &Store,
    order: &Order,
    mut original: Original<'_>,
    probe: &Probe,
    pictures: Vec<Picture>,
    (coding, kbits): (Coding, u16),
    stop: &AtomicBool,
) -> Result<Made, MakeError> {
    original.rewind().map_err(read_failed)?;
    let root = order.recording.original_root;
    if hash_reader(&mut original).map_err(read_failed)?.root != root {
        return Err(changed());
    }
    let mut draft = store.draft()?;
    let job = Job {
        interrupt: Some(stop),
        encode: Some(EncodeJob {
            coding,
            kbit_rate: u32::from(kbits),
            fields: order.fields.clone(),
            pictures,
            // Any number will do that is the same for the same input.
            serial: u32::from_le_bytes([root.0[0], root.0[1], root.0[2], root.0[3]]),
            album_loudness_lufs: None,
            out: &mut draft,
        }),
        ..Job::default()
    };
    let analysis = match analyse(original, probe, job) {
        Ok(analysis) if analysis.warnings.is_empty() => analysis,
        Ok(analysis) => return Ok(kept_instead(into_catalogue(analysis))),
        Err(AnalyseError::Interrupted) => return Err(MakeError::Interrupted),
        Err(AnalyseError::Write(e)) => return Err(draft_failed(store, e)),
        Err(e) => return Ok(kept_instead(undecoded(e.to_string()))),
    };
    let made_by = match &analysis.encoded {
        Some(encoded) => format!("{MAKER}: {}", encoded.encoder),
        None => MAKER.to_owned(),
    };
    let hashes = draft.hashes()?;
    draft.finish(&hashes)?;
    let analysis = into_catalogue(analysis);
    let holding =
        Holding { tier: order.tier, hashes, patch: None, recipe: order.recipe.clone(), made_by };
    Ok(Made { holding: Some(holding), analysis: Some(analysis), ..Made::default() })
}

/// What does not decode as it should is never replaced by what did come out of it.
fn kept_instead(analysis: Analysis) -> Made {
    let warnings = analysis.warnings.clone();
    Made { analysis: Some(analysis), warnings, ..Made::default() }
}

fn into_catalogue(analysis: analyse::Analysis) -> Analysis {
    Analysis {
        samples: analysis.samples,
        loudness_lufs: analysis.loudness_lufs,
        loudness_range_lu: analysis.loudness_range_lu,
        sample_peak: Some(analysis.sample_peak),
        fingerprint: analysis.fingerprint.as_ref().map(Fingerprint::text),
        warnings: analysis.warnings,
    }
}

fn undecoded(why: String) -> Analysis {
    Analysis {
        samples: 0,
        loudness_lufs: None,
        loudness_range_lu: None,
        sample_peak: None,
        fingerprint: None,
        warnings: vec![why],
    }
}

/// The pictures to embed, and why others are left out.
fn fitted_pictures(store: &Store, order: &Order) -> Result<(Vec<Picture>, Vec<String>), MakeError> {
    let (mut pictures, mut left_out) = (Vec::new(), Vec::new());
    for (root, kind, mime) in &order.pictures {
        let mut data = Vec::new();
        let read = store.read(root).map(|mut file| file.read_to_end(&mut data));
        if !matches!(read, Ok(Ok(_))) || hash_of(&data).root != *root {
            return Err(MakeError::item(
                format!("the picture {root} that belongs to it is damaged or missing"),
                "deadwax repair takes the picture from its source again, then run the same line again",
            ));
        }
        let (bytes, picture) = (data.len(), Picture { kind: *kind, mime: mime.clone(), data });
        match artwork::fit(picture, order.picture_bytes) {
            Ok(picture) => pictures.push(picture),
            Err(why) => left_out.push(format!(
                "a picture of {bytes} bytes that belongs to it is not embedded, since it cannot be scaled down: {why}"
            )),
        }
    }
    Ok((pictures, left_out))
}

const AGAIN: &str = "check the disk that it lies on, then run the same line again";

fn read_failed(error: io::Error) -> MakeError {
    MakeError::item(format!("it cannot be read: {error}"), AGAIN)
}

fn draft_failed(store: &Store, error: io::Error) -> MakeError {
    MakeError::Store(store.write_failed(error))
}

fn changed() -> MakeError {
    MakeError::item("it is not the file it was when it was added", "run add again, then build")
}

fn unproved(why: impl std::fmt::Display) -> MakeError {
    MakeError::item(
        format!(
            "its holding was thrown away because the original could not be proved to come back: {why}"
        ),
        "keep the original safe and report this",
    )
}
