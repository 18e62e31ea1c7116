//! What a takedown touches: recordings by what was named, files by their roots, and forgetting what is no longer kept.

use crate::values::{root_at, word_at};
use crate::{Catalog, CatalogError};
use deadwax_model::{Isrc, RecordingId, Root};
use deadwax_rights::TakedownTarget;
use std::collections::BTreeSet;

impl Catalog {
    /// The recordings that a takedown names, with all that are the same by the last plan.
    pub fn named_by(&self, target: &TakedownTarget) -> Result<BTreeSet<RecordingId>, CatalogError> {
        let named = match target {
            TakedownTarget::Recording(id) => {
                self.ids("SELECT id FROM recording WHERE id = ?1", id.as_str().to_owned())?
            }
            TakedownTarget::Isrc(isrc) => self.of_isrc(*isrc)?,
            TakedownTarget::Release(id) => {
                self.ids("SELECT recording FROM track WHERE release = ?1", id.clone())?
            }
            TakedownTarget::Artist(_) => self.by_artist(target)?,
            TakedownTarget::Files(roots) => {
                let mut named = BTreeSet::new();
                for root in roots {
                    named.extend(self.with_file(root)?);
                }
                named
            }
        };
        let mut all = BTreeSet::new();
        for id in named {
            let first = self.winner_of(&id)?.unwrap_or_else(|| id.clone());
            all.extend(self.same_of(&first)?);
            all.extend([id, first]);
        }
        Ok(all)
    }

    /// The pictures of these recordings that no file has but those of `dark` ones, and what was made from them.
    pub fn pictures_of_alone(
        &self,
        recordings: &BTreeSet<RecordingId>,
        dark: &BTreeSet<RecordingId>,
    ) -> Result<BTreeSet<Root>, CatalogError> {
        let mut theirs = BTreeSet::new();
        for id in recordings {
            let sql =
                "SELECT p.root FROM recording r JOIN picture p ON p.source_root = r.original_root
                       WHERE r.id = ?1";
            let mut query = self.db.prepare_cached(sql)?;
            let rows = query.query_map([id.as_str()], |row| root_at(row, 0))?;
            theirs.extend(rows.collect::<Result<Vec<Root>, _>>()?);
        }
        let mut alone = BTreeSet::new();
        for picture in theirs {
            let sql =
                "SELECT r.id FROM picture p JOIN recording r ON r.original_root = p.source_root
                       WHERE p.root = ?1";
            if self.ids(sql, picture.as_bytes().to_vec())?.is_subset(dark) {
                alone.extend(self.derived_from(&picture)?);
                alone.insert(picture);
            }
        }
        Ok(alone)
    }

    /// The roots of what was made from a picture.
    pub fn derived_from(&self, picture: &Root) -> Result<BTreeSet<Root>, CatalogError> {
        if !self.has_schema(3) {
            return Ok(BTreeSet::new());
        }
        let mut query = self.db.prepare_cached("SELECT root FROM derived WHERE source = ?1")?;
        let rows = query.query_map([picture.as_bytes()], |row| root_at(row, 0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Forgets what is held of a recording; its analysis and all that is known of it stay.
    pub fn forget_holdings(&self, id: &RecordingId) -> Result<(), CatalogError> {
        self.db
            .prepare_cached("DELETE FROM holding WHERE recording = ?1")?
            .execute([id.as_str()])?;
        Ok(())
    }

    /// Forgets a picture, wherever it belongs, with what was made from it.
    pub fn forget_picture(&self, root: &Root) -> Result<(), CatalogError> {
        for sql in [
            "DELETE FROM picture WHERE root = ?1",
            "DELETE FROM derived WHERE source = ?1 OR root = ?1",
        ] {
            self.db.prepare_cached(sql)?.execute([root.as_bytes()])?;
        }
        Ok(())
    }

    /// The recordings that have a use for this file: as original, holding, patch, picture, or made from their picture.
    pub fn holders(&self, root: &Root) -> Result<BTreeSet<RecordingId>, CatalogError> {
        let mut holders = self.with_file(root)?;
        let derived = match self.has_schema(3) {
            true => "OR p.root IN (SELECT source FROM derived WHERE root = ?1)",
            false => "",
        };
        let pictured = format!(
            "SELECT r.id FROM picture p JOIN recording r ON r.original_root = p.source_root
             WHERE p.root = ?1 {derived}"
        );
        holders.extend(self.ids(&pictured, root.as_bytes().to_vec())?);
        Ok(holders)
    }

    /// All releases: id, title and artist.
    pub fn release_names(&self) -> Result<Vec<(String, String, Option<String>)>, CatalogError> {
        let mut query =
            self.db.prepare_cached("SELECT id, title, artist FROM release ORDER BY id")?;
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The recordings that have this file: as original, holding or patch.
    fn with_file(&self, root: &Root) -> Result<BTreeSet<RecordingId>, CatalogError> {
        self.ids(
            "SELECT id FROM recording WHERE original_root = ?1
             UNION SELECT recording FROM holding WHERE root = ?1 OR patch_root = ?1",
            root.as_bytes().to_vec(),
        )
    }

    fn of_isrc(&self, isrc: Isrc) -> Result<BTreeSet<RecordingId>, CatalogError> {
        self.ids("SELECT recording FROM isrc WHERE isrc = ?1", isrc.to_u64() as i64)
    }

    fn by_artist(&self, target: &TakedownTarget) -> Result<BTreeSet<RecordingId>, CatalogError> {
        let mut names = self.db.prepare_cached("SELECT DISTINCT artist FROM credit")?;
        let names = names.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
        let mut found = BTreeSet::new();
        for name in names.into_iter().filter(|name| target.is_artist(name)) {
            found.extend(self.ids("SELECT recording FROM credit WHERE artist = ?1", name)?);
        }
        Ok(found)
    }

    fn ids(
        &self,
        sql: &str,
        value: impl rusqlite::ToSql,
    ) -> Result<BTreeSet<RecordingId>, CatalogError> {
        let mut query = self.db.prepare_cached(sql)?;
        let rows = query.query_map([value], |row| word_at(row, 0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
