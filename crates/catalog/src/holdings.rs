//! What is kept, and what decoding the originals found.

use crate::values::{hashes_at, lines, lines_at, optional_root_at, root_at, word_at};
use crate::{Catalog, CatalogError};
use deadwax_model::{FileHashes, Problem, RecordingId, Root, Tier};
use rusqlite::{Row, params};

/// A kept file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// At which tier.
    pub tier: Tier,
    /// Its hashes, as torrents want them.
    pub hashes: FileHashes,
    /// Root and length of the patch that gives the original back; `None` when the holding *is* the
    /// original, and when it was re-encoded.
    pub patch: Option<(Root, u64)>,
    /// Digest of all that went into it: another recipe means that it must be made again.
    pub recipe: String,
    /// By what it was made, in words.
    pub made_by: String,
}

/// What one decode pass over an original found.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysis {
    /// Samples a channel that came out.
    pub samples: u64,
    /// Integrated loudness, EBU R128; `None` for silence.
    pub loudness_lufs: Option<f64>,
    /// Loudness range, EBU Tech 3342.
    pub loudness_range_lu: Option<f64>,
    /// Highest absolute sample, 1.0 being full scale.
    pub sample_peak: Option<f64>,
    /// Chromaprint fingerprint of the first 120 s, as fpcalc prints it.
    pub fingerprint: Option<String>,
    /// What was odd, in sentences.
    pub warnings: Vec<String>,
}

/// Why a holding could not be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Of which recording.
    pub recording: RecordingId,
    /// The recipe that failed.
    pub recipe: String,
    /// What happened, and what to do.
    pub problem: Problem,
}

impl Catalog {
    /// Records a holding that is in the store, with its patch.
    pub fn record_holding(
        &self,
        id: &RecordingId,
        holding: &Holding,
        patch: Option<&FileHashes>,
    ) -> Result<(), CatalogError> {
        self.insert_file(&holding.hashes)?;
        if let Some(patch) = patch {
            self.insert_file(patch)?;
        }
        self.db
            .prepare_cached("DELETE FROM failure WHERE recording = ?1")?
            .execute([id.as_str()])?;
        self.db
            .prepare_cached("INSERT OR REPLACE INTO holding VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
            .execute(params![
            id.as_str(),
            holding.tier.as_str(),
            holding.hashes.root.as_bytes(),
            patch.map(|patch| patch.root.0),
            holding.recipe,
            holding.made_by
        ])?;
        Ok(())
    }

    /// Records what decoding the original of this root found.
    pub fn record_analysis(&self, root: &Root, analysis: &Analysis) -> Result<(), CatalogError> {
        self.db
            .prepare_cached("INSERT OR REPLACE INTO analysis VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?
            .execute(params![
                root.as_bytes(),
                analysis.samples,
                analysis.loudness_lufs,
                analysis.loudness_range_lu,
                analysis.sample_peak,
                analysis.fingerprint,
                lines(&analysis.warnings)
            ])?;
        Ok(())
    }

    /// Records why a holding could not be made.
    pub fn record_failure(&self, failure: &Failure) -> Result<(), CatalogError> {
        self.db.prepare_cached("INSERT OR REPLACE INTO failure VALUES (?1, ?2, ?3, ?4)")?.execute(
            params![
                failure.recording.as_str(),
                failure.recipe,
                failure.problem.what,
                failure.problem.next
            ],
        )?;
        Ok(())
    }

    /// The recordings whose holdings could not be made.
    pub fn failed(&self) -> Result<Vec<RecordingId>, CatalogError> {
        let mut query =
            self.db.prepare_cached("SELECT recording FROM failure ORDER BY recording")?;
        let rows = query.query_map([], |row| word_at(row, 0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// Reads `tier, root, patch_root, recipe, made_by`, the holding's six hash columns and the patch's length.
pub(crate) fn holding_at(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<Holding>> {
    if optional_root_at(row, first + 1)?.is_none() {
        return Ok(None);
    }
    let patch = match optional_root_at(row, first + 2)? {
        Some(root) => Some((root, row.get(first + 11)?)),
        None => None,
    };
    let hashes = hashes_at(row, first + 5)?;
    debug_assert_eq!(hashes.root, root_at(row, first + 1)?);
    Ok(Some(Holding {
        tier: word_at(row, first)?,
        hashes,
        patch,
        recipe: row.get(first + 3)?,
        made_by: row.get(first + 4)?,
    }))
}

pub(crate) fn analysis_at(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<Analysis>> {
    let Some(samples) = row.get::<_, Option<u64>>(first)? else {
        return Ok(None);
    };
    Ok(Some(Analysis {
        samples,
        loudness_lufs: row.get(first + 1)?,
        loudness_range_lu: row.get(first + 2)?,
        sample_peak: row.get(first + 3)?,
        fingerprint: row.get(first + 4)?,
        warnings: lines_at(row, first + 5)?,
    }))
}
