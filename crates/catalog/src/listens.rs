//! How often recordings were heard, as somebody counted it.

use crate::known::note_change;
use crate::values::word_at;
use crate::{Catalog, CatalogError};
use deadwax_model::{Isrc, ListensKey, ListensRow, RecordingId};
use rusqlite::{OptionalExtension, params};
use std::collections::HashMap;

impl Catalog {
    /// Takes counts in; a later count of the same key replaces an earlier one. Gives how many of
    /// them were new or different.
    pub fn record_listens(&self, rows: &[ListensRow], source: &str) -> Result<u64, CatalogError> {
        let mut known =
            self.db.prepare_cached("SELECT listens FROM listens WHERE kind = ?1 AND key = ?2")?;
        let mut insert =
            self.db.prepare_cached("INSERT OR REPLACE INTO listens VALUES (?1, ?2, ?3, ?4)")?;
        let mut changed = 0;
        for row in rows {
            let (kind, key) = match &row.key {
                ListensKey::Isrc(isrc) => ("isrc", isrc.compact()),
                ListensKey::Recording(id) => ("id", id.to_string()),
            };
            // SQLite's integers end at 2^63 - 1, and no count comes near it.
            let listens = row.listens.min(i64::MAX as u64);
            let before: Option<u64> =
                known.query_row(params![kind, key], |row| row.get(0)).optional()?;
            if before != Some(listens) {
                insert.execute(params![kind, key, listens, source])?;
                changed += 1;
            }
        }
        if changed > 0 {
            note_change(&self.db)?;
        }
        Ok(changed)
    }

    /// The listens of every recording that somebody counted: the count of its id where there is one,
    /// else the sum over its ISRCs. An ISRC on several recordings gives each of them its count.
    pub fn listens(&self) -> Result<HashMap<RecordingId, u64>, CatalogError> {
        let mut counts = HashMap::new();
        let mut by_isrc = self.db.prepare_cached("SELECT recording FROM isrc WHERE isrc = ?1")?;
        let mut all = self.db.prepare_cached("SELECT kind, key, listens FROM listens")?;
        let mut rows = all.query([])?;
        let mut by_id: Vec<(RecordingId, u64)> = Vec::new();
        while let Some(row) = rows.next()? {
            let kind: String = row.get(0)?;
            if kind == "id" {
                by_id.push((word_at(row, 1)?, row.get(2)?));
                continue;
            }
            let isrc: Isrc = word_at(row, 1)?;
            let listens: u64 = row.get(2)?;
            let owners = by_isrc
                .query_map([isrc.to_u64()], |row| word_at(row, 0))?
                .collect::<Result<Vec<RecordingId>, _>>()?;
            for owner in owners {
                let sum: &mut u64 = counts.entry(owner).or_default();
                *sum = sum.saturating_add(listens).min(i64::MAX as u64);
            }
        }
        counts.extend(by_id);
        Ok(counts)
    }
}
