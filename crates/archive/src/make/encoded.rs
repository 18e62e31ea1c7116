//! The tiers that encode: one decode pass for the encoder, loudness and fingerprint.

use super::{Fitted, Made, MakeError, Original, Work};
use super::{changed, draft_failed, into_catalogue, read_failed, undecoded};
use crate::MAKER;
use deadwax_audio::analyse::{AnalyseError, Coding, EncodeJob, Job, analyse};
use deadwax_catalog::{Analysis, Holding};
use deadwax_store::hash_reader;
use std::io::Seek;

/// Encodes the original, unless that comes out no smaller or it does not decode as it should.
pub(super) fn encoded(
    Work { store, order, probe, stop }: Work<'_>,
    mut original: Original<'_>,
    fitted: Fitted,
    coding: Coding,
    kbits: u16,
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
            pictures: fitted.pictures,
            // Any number will do that is the same for the same input.
            serial: u32::from_le_bytes([root.0[0], root.0[1], root.0[2], root.0[3]]),
            album_loudness_lufs: None,
            out: &mut draft,
        }),
        true_peak: order.true_peak,
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
    let analysis = into_catalogue(analysis);
    // Pictures that the original has not would come to it as well.
    if hashes.bytes.saturating_sub(fitted.added_bytes) >= order.recording.original_bytes {
        let no_smaller = Some(hashes.bytes);
        return Ok(Made { analysis: Some(analysis), no_smaller, ..Made::default() });
    }
    draft.finish(&hashes)?;
    let holding =
        Holding { tier: order.tier, hashes, patch: None, recipe: order.recipe.clone(), made_by };
    Ok(Made { holding: Some(holding), analysis: Some(analysis), ..Made::default() })
}

/// What does not decode as it should is never replaced by what did come out of it.
fn kept_instead(analysis: Analysis) -> Made {
    let warnings = analysis.warnings.clone();
    Made { analysis: Some(analysis), warnings, ..Made::default() }
}
