//! What is kept, and what decoding the originals found.

use crate::values::{hashes_at, lines, lines_at, optional_root_at, word_at};
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
    /// Largest value between the samples, 1.0 being full scale; `None` when it was not asked for.
    pub true_peak: Option<f64>,
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
            holding.tier.to_string(),
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
            .prepare_cached(
                "INSERT OR REPLACE INTO analysis VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                root.as_bytes(),
                analysis.samples,
                analysis.loudness_lufs,
                analysis.loudness_range_lu,
                analysis.sample_peak,
                analysis.fingerprint,
                lines(&analysis.warnings),
                analysis.true_peak
            ])?;
        Ok(())
    }

    /// Records why a holding could not be made.
    pub fn record_failure(&self, failure: &Failure) -> Result<(), CatalogError> {
        self.db.prepare_cached("INSERT OR REPLACE INTO failure VALUES (?1, ?2, ?3)")?.execute(
            params![failure.recording.as_str(), failure.problem.what, failure.problem.next],
        )?;
        Ok(())
    }

    /// Records that an encoding for this tier came out with so many bytes, no fewer than its original has.
    pub fn record_no_smaller(
        &self,
        id: &RecordingId,
        tier: Tier,
        bytes: u64,
    ) -> Result<(), CatalogError> {
        self.db
            .prepare_cached("INSERT OR REPLACE INTO no_smaller VALUES (?1, ?2, ?3)")?
            .execute(params![id.as_str(), tier.to_string(), bytes])?;
        Ok(())
    }

    pub(crate) fn no_smaller_of(&self, id: &RecordingId) -> Result<Vec<Tier>, CatalogError> {
        if !self.has_schema(3) {
            return Ok(Vec::new());
        }
        let mut query =
            self.db.prepare_cached("SELECT tier FROM no_smaller WHERE recording = ?1")?;
        let rows = query.query_map([id.as_str()], |row| word_at(row, 0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    pub(crate) fn holdings_of(&self, id: &RecordingId) -> Result<Vec<Holding>, CatalogError> {
        let mut query = self.db.prepare_cached(
            "SELECT h.tier, h.patch_root, h.recipe, h.made_by,
                    f.bytes, f.root, f.piece_layer, f.v1_whole, f.v1_tail, f.v1_tail_padded, p.bytes
             FROM holding h
             JOIN file f ON f.root = h.root
             LEFT JOIN file p ON p.root = h.patch_root
             WHERE h.recording = ?1 ORDER BY h.tier",
        )?;
        let rows = query.query_map([id.as_str()], holding_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The recordings whose holdings could not be made.
    pub fn failed(&self) -> Result<Vec<RecordingId>, CatalogError> {
        let mut query =
            self.db.prepare_cached("SELECT recording FROM failure ORDER BY recording")?;
        let rows = query.query_map([], |row| word_at(row, 0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn holding_row(row: &Row<'_>) -> rusqlite::Result<Holding> {
    let patch = match optional_root_at(row, 1)? {
        Some(root) => Some((root, row.get(10)?)),
        None => None,
    };
    Ok(Holding {
        tier: word_at(row, 0)?,
        hashes: hashes_at(row, 4)?,
        patch,
        recipe: row.get(2)?,
        made_by: row.get(3)?,
    })
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
        true_peak: row.get(first + 6)?,
    }))
}
