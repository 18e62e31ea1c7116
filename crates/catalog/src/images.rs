//! Pictures that were decoded, the pictures made from them, and which one is a release's cover.

use crate::values::{hashes_at, root_at, word_at};
use crate::{Catalog, CatalogError};
use deadwax_model::{FileHashes, RecordingId, Root};
use rusqlite::{OptionalExtension, params};

/// What decoding a picture found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// What it is by its bytes: `image/jpeg`, `image/png` or `image/webp`.
    pub mime: String,
    /// Pixels in a row, upright.
    pub width: u32,
    /// Rows, upright.
    pub height: u32,
}

/// A picture in the store that was made from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derived {
    /// Its hashes.
    pub hashes: FileHashes,
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

/// A derived picture and what it is for, by which it can be asked for and told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DerivedFile {
    /// Its root.
    pub root: Root,
    /// Its length.
    pub bytes: u64,
    /// The picture that it was made from.
    pub source: Root,
    /// `thumbnail-250-v1`, `embed-300000-v1`, ...
    pub purpose: String,
}

// Each is answered from indexes: a build asks for every release.
const OF_RELEASE: &str = "
    SELECT p.root FROM track t
    JOIN recording r ON r.id = t.recording
    JOIN picture p ON p.source_root = r.original_root
    JOIN file f ON f.root = p.root
    WHERE t.release = ?1 AND p.kind = 'front'
    GROUP BY p.root ORDER BY count(*) DESC, f.bytes DESC, p.root";
const OF_RECORDING: &str = "
    SELECT p.root FROM recording r
    JOIN picture p ON p.source_root = r.original_root
    JOIN file f ON f.root = p.root
    WHERE r.id = ?1 AND p.kind = 'front' ORDER BY f.bytes DESC, p.root";

impl Catalog {
    /// The front covers that recordings of a release have, the one that most of them have first; among equals the
    /// one with more bytes, then the lower root.
    pub fn covers_of_release(&self, release: &str) -> Result<Vec<Root>, CatalogError> {
        self.covers(OF_RELEASE, release)
    }

    /// The front covers of a recording, in the same order.
    pub fn covers_of_recording(&self, id: &RecordingId) -> Result<Vec<Root>, CatalogError> {
        self.covers(OF_RECORDING, id.as_str())
    }

    fn covers(&self, sql: &str, of: &str) -> Result<Vec<Root>, CatalogError> {
        let mut query = self.db.prepare_cached(sql)?;
        let rows = query.query_map([of], |row| root_at(row, 0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The ids of all releases.
    pub fn release_ids(&self) -> Result<Vec<String>, CatalogError> {
        let mut query = self.db.prepare_cached("SELECT id FROM release ORDER BY id")?;
        let rows = query.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The ids of recordings that are on no release.
    pub fn recordings_on_no_release(&self) -> Result<Vec<RecordingId>, CatalogError> {
        let mut query = self.db.prepare_cached(
            "SELECT id FROM recording r
             WHERE NOT EXISTS (SELECT 1 FROM track t WHERE t.recording = r.id) ORDER BY id",
        )?;
        let rows = query.query_map([], |row| word_at(row, 0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The roots of pictures of more than `bytes` that may have to be embedded: those that lie in folders,
    /// and those inside originals that are re-encoded, as the last plan has it. Each once, sorted.
    pub fn pictures_above(&self, bytes: u64) -> Result<Vec<Root>, CatalogError> {
        let mut query = self.db.prepare_cached(
            "SELECT DISTINCT p.root FROM picture p JOIN file f ON f.root = p.root
             WHERE f.bytes > ?1 AND (p.embedded = 0 OR EXISTS (
                 SELECT 1 FROM recording r WHERE r.original_root = p.source_root AND r.tier <> 'keep'))
             ORDER BY p.root",
        )?;
        // SQLite's integers end at 2^63 - 1, and so do files.
        let most = i64::try_from(bytes).unwrap_or(i64::MAX);
        let rows = query.query_map([most], |row| root_at(row, 0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What decoding a picture found, or why it could not be decoded; `None` when no code of this version has looked
    /// at it.
    pub fn image(
        &self,
        root: &Root,
        version: u32,
    ) -> Result<Option<Result<Image, String>>, CatalogError> {
        let mut query = self.db.prepare_cached(
            "SELECT mime, width, height, why FROM image WHERE root = ?1 AND version = ?2",
        )?;
        let found = query.query_row(params![root.as_bytes(), version], |row| {
            Ok(match row.get(3)? {
                Some(why) => Err(why),
                None => Ok(Image { mime: row.get(0)?, width: row.get(1)?, height: row.get(2)? }),
            })
        });
        Ok(found.optional()?)
    }

    /// Records what decoding a picture found.
    pub fn record_image(
        &self,
        root: &Root,
        version: u32,
        found: &Result<Image, String>,
    ) -> Result<(), CatalogError> {
        let image = found.as_ref().ok();
        self.db
            .prepare_cached("INSERT OR REPLACE INTO image VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
            .execute(params![
                root.as_bytes(),
                version,
                image.map(|it| &it.mime),
                image.map(|it| it.width),
                image.map(|it| it.height),
                found.as_ref().err()
            ])?;
        Ok(())
    }

    /// The picture that was made from another for a purpose.
    pub fn derived(&self, source: &Root, purpose: &str) -> Result<Option<Derived>, CatalogError> {
        let mut query = self.db.prepare_cached(
            "SELECT f.bytes, f.root, f.piece_layer, f.v1_whole, f.v1_tail, f.v1_tail_padded,
                    d.width, d.height
             FROM derived d JOIN file f ON f.root = d.root WHERE d.source = ?1 AND d.purpose = ?2",
        )?;
        let found = query.query_row(params![source.as_bytes(), purpose], |row| {
            Ok(Derived { hashes: hashes_at(row, 0)?, width: row.get(6)?, height: row.get(7)? })
        });
        Ok(found.optional()?)
    }

    /// Records a picture that was made from another and is in the store.
    pub fn record_derived(
        &self,
        source: &Root,
        purpose: &str,
        derived: &Derived,
    ) -> Result<(), CatalogError> {
        self.insert_file(&derived.hashes)?;
        self.db
            .prepare_cached("INSERT OR REPLACE INTO derived VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![
                source.as_bytes(),
                purpose,
                derived.hashes.root.as_bytes(),
                derived.width,
                derived.height
            ])?;
        Ok(())
    }

    /// Forgets what was made from a picture for a purpose.
    pub fn forget_derived(&self, source: &Root, purpose: &str) -> Result<(), CatalogError> {
        self.db
            .prepare_cached("DELETE FROM derived WHERE source = ?1 AND purpose = ?2")?
            .execute(params![source.as_bytes(), purpose])?;
        Ok(())
    }

    /// All pictures that were made from pictures which some file has now.
    pub fn derived_files(&self) -> Result<Vec<DerivedFile>, CatalogError> {
        if !self.has_schema(3) {
            return Ok(Vec::new());
        }
        let mut query = self.db.prepare_cached(
            "SELECT d.root, f.bytes, d.source, d.purpose FROM derived d JOIN file f ON f.root = d.root
             WHERE EXISTS (SELECT 1 FROM picture p WHERE p.root = d.source) ORDER BY 3, 4",
        )?;
        let rows = query.query_map([], |row| {
            Ok(DerivedFile {
                root: root_at(row, 0)?,
                bytes: row.get(1)?,
                source: root_at(row, 2)?,
                purpose: row.get(3)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_scanned_for_a_cover() {
        let folder = tempfile::tempdir().unwrap();
        let catalog = Catalog::create(&folder.path().join("catalog.sqlite")).unwrap();
        for sql in [OF_RELEASE, OF_RECORDING] {
            let mut query = catalog.db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let rows = query.query_map(["x"], |row| row.get(3));
            let steps: Vec<String> = rows.unwrap().map(Result::unwrap).collect();
            let scans = steps.iter().filter(|step| step.starts_with("SCAN")).count();
            assert!(!steps.is_empty() && scans == 0, "{sql}: {steps:?}");
        }
    }
}
