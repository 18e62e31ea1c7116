//! Making one holding: read the source, prove that it comes back, decode it once.

mod encoded;
mod keep;

use crate::original::{open_source, restore_draft};
use deadwax_audio::analyse::{self, Coding, Fingerprint};
use deadwax_audio::artwork;
use deadwax_audio::embed::EmbedFormat;
use deadwax_audio::probe::{Probe, probe};
use deadwax_catalog::{Analysis, Holding, Recording};
use deadwax_model::{FileHashes, Picture, PictureKind, Problem, Root, Tier};
use deadwax_store::{Draft, Store, StoreError, hash_of};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Everything that one holding is made from; gathered beforehand, so that workers need no catalogue.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub recording: Recording,
    pub paths: Vec<PathBuf>,
    pub tier: Tier,
    pub fields: Vec<(String, String)>,
    /// Pictures of the store to embed, scaled down to `picture_bytes` where they have more.
    pub pictures: Vec<OrderedPicture>,
    pub picture_bytes: u64,
    /// Digest of all of the above.
    pub recipe: String,
    /// Whether the policy wants the true peak measured.
    pub true_peak: bool,
}

/// A picture of the store that goes into a holding.
#[derive(Debug, Clone)]
pub(crate) struct OrderedPicture {
    pub root: Root,
    pub kind: PictureKind,
    pub mime: String,
    /// Whether the original carries it too.
    pub is_carried: bool,
}

/// The pictures that go into a holding, in a size that can be embedded.
#[derive(Default)]
struct Fitted {
    pictures: Vec<Picture>,
    /// What those that the original does not carry take in base64.
    added_bytes: u64,
    /// Why others are left out, in sentences.
    left_out: Vec<String>,
}

impl Order {
    /// Whether an analysis has all that the policy wants of it. What has no samples has nothing to be measured.
    pub(crate) fn is_measured(&self, known: &Analysis) -> bool {
        !self.true_peak || known.true_peak.is_some() || known.loudness_lufs.is_none()
    }

    /// By what a problem names the recording: where it came from, else its id.
    pub(crate) fn path_or_id(&self) -> String {
        match self.paths.first() {
            Some(path) => path.display().to_string(),
            None => self.recording.id.to_string(),
        }
    }
}

/// An order under way.
#[derive(Clone, Copy)]
struct Work<'a> {
    store: &'a Store,
    order: &'a Order,
    probe: &'a Probe,
    stop: &'a AtomicBool,
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
    /// The length of an encoding that came out no smaller than its original, and was thrown away.
    pub no_smaller: Option<u64>,
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

/// Headers with pictures of more than this are written and proved by a worker while the others wait: they are in memory ten
/// times meanwhile.
const LARGE_BYTES: u64 = 4 << 20;

/// What a worker holds while it makes something: beside others, or alone.
enum Turn<'a> {
    Beside { _lock: RwLockReadGuard<'a, ()> },
    Alone { _lock: RwLockWriteGuard<'a, ()> },
}

impl Turn<'_> {
    fn take(alone: &RwLock<()>, is_large: bool) -> Turn<'_> {
        if is_large {
            Turn::Alone { _lock: alone.write().unwrap_or_else(|e| e.into_inner()) }
        } else {
            Turn::Beside { _lock: alone.read().unwrap_or_else(|e| e.into_inner()) }
        }
    }
}

/// Makes the holding that `order` asks for and puts it, with its patch, into the store.
///
/// A panic costs this item only: a worker that died would leave the others waiting.
pub(crate) fn make(
    store: &Store,
    order: &Order,
    alone: &RwLock<()>,
    stop: &AtomicBool,
) -> Result<Made, MakeError> {
    catch_unwind(AssertUnwindSafe(|| make_now(store, order, alone, stop))).unwrap_or_else(|_| {
        Err(MakeError::item(
            "it met a fault of Deadwax's own, and nothing was made of it",
            "keep the file safe, and report it with DEADWAX_SHOW_PANICS=1",
        ))
    })
}

fn make_now(
    store: &Store,
    order: &Order,
    alone: &RwLock<()>,
    stop: &AtomicBool,
) -> Result<Made, MakeError> {
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
    // Reading such headers is half of it already, so what the catalogue knows of is alone from the start.
    let is_known_large = known_picture_bytes(store, order) > LARGE_BYTES;
    let mut turn = Turn::take(alone, is_known_large);
    let mut probe = probe(&mut original)
        .map_err(|e| MakeError::item(e.to_string(), "run add again, then build"))?;
    // The store has the pictures, and some are large.
    let pictures = std::mem::take(&mut probe.pictures);
    let picture_bytes: u64 = pictures.iter().map(|picture| picture.data.len() as u64).sum();
    drop(pictures);
    if !is_known_large && picture_bytes > LARGE_BYTES {
        drop(turn);
        turn = Turn::take(alone, true);
    }
    let takes_pictures = order.tier.is_encoded() || EmbedFormat::of(&probe).is_some();
    let fitted = if takes_pictures { fitted_pictures(store, order)? } else { Fitted::default() };
    let left_out = fitted.left_out.clone();
    let work = Work { store, order, probe: &probe, stop };
    let made = match order.tier {
        Tier::Keep => keep::keep(work, original, fitted, turn),
        Tier::Opus(kbits) => encoded::encoded(work, original, fitted, Coding::Opus, kbits),
        Tier::Vorbis(kbits) => encoded::encoded(work, original, fitted, Coding::Vorbis, kbits),
    };
    made.map(|made| Made { without_pictures: left_out, ..made })
}

/// What the pictures take that the original carries, as far as the store has them.
fn known_picture_bytes(store: &Store, order: &Order) -> u64 {
    let carried = order.pictures.iter().filter(|picture| picture.is_carried);
    carried.filter_map(|picture| store.path(&picture.root).metadata().ok()).map(|it| it.len()).sum()
}

fn into_catalogue(analysis: analyse::Analysis) -> Analysis {
    Analysis {
        samples: analysis.samples,
        loudness_lufs: analysis.loudness_lufs,
        loudness_range_lu: analysis.loudness_range_lu,
        sample_peak: Some(analysis.sample_peak),
        true_peak: analysis.true_peak,
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
        true_peak: None,
        fingerprint: None,
        warnings: vec![why],
    }
}

/// The pictures to embed, and why others are left out.
fn fitted_pictures(store: &Store, order: &Order) -> Result<Fitted, MakeError> {
    let mut fitted = Fitted::default();
    for OrderedPicture { root, kind, mime, is_carried } in &order.pictures {
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
            Ok(picture) => {
                let base64_bytes = (picture.data.len() as u64).div_ceil(3) * 4;
                fitted.added_bytes += if *is_carried { 0 } else { base64_bytes };
                fitted.pictures.push(picture);
            }
            Err(why) => fitted.left_out.push(format!(
                "a picture of {bytes} bytes that belongs to it is not embedded, since it cannot be scaled down: {why}"
            )),
        }
    }
    Ok(fitted)
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
