//! The tier `keep`: the original audio, and the proof that the original file comes back.

use super::{AGAIN, Fitted, Made, MakeError, Order, Original, Turn, Work};
use super::{changed, draft_failed, into_catalogue, read_failed, undecoded};
use crate::MAKER;
use crate::original::Hashing;
use deadwax_audio::analyse::{AnalyseError, Job, analyse};
use deadwax_audio::embed::{EmbedError, EmbedFormat, Embedding, audio_digest, embed};
use deadwax_audio::patch::Patch;
use deadwax_catalog::Holding;
use deadwax_model::{FileHashes, Tier};
use deadwax_store::Store;
use std::io::{self, Seek};

/// Keeps the original: with metadata embedded where the format takes it, else as it came.
pub(super) fn keep(
    Work { store, order, probe, stop }: Work<'_>,
    mut original: Original<'_>,
    fitted: Fitted,
    turn: Turn<'_>,
) -> Result<Made, MakeError> {
    let format = EmbedFormat::of(probe);
    let embedded = match format {
        None => None,
        Some(format) => {
            let metadata = Embedding { fields: order.fields.clone(), pictures: fitted.pictures };
            embed_proved(store, order, &mut original, format, &metadata)?
        }
    };
    let (hashes, patch, made_by) = match embedded {
        Some((hashes, patch)) => {
            (hashes, Some(patch), format!("{MAKER}: metadata embedded, audio untouched"))
        }
        None => (copy(store, order, &mut original)?, None, format!("{MAKER}: kept untouched")),
    };
    // Decoding takes little memory, whatever the headers were.
    drop(turn);
    let (analysis, warnings) = match &order.recording.analysis {
        Some(known) if order.is_measured(known) => (None, known.warnings.clone()),
        _ => {
            let job = Job { interrupt: Some(stop), true_peak: order.true_peak, ..Job::default() };
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

fn unproved(why: impl std::fmt::Display) -> MakeError {
    MakeError::item(
        format!(
            "its holding was thrown away because the original could not be proved to come back: {why}"
        ),
        "keep the original safe and report this",
    )
}
