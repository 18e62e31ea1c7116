//! How often recordings were heard, as somebody counted it.

use crate::known::{IsrcCounts, note_change};
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
    /// else the sum over its ISRCs. An ISRC on several recordings gives each of them its count. Of recordings known from
    /// tables alone see [`Catalog::known_listens`]; the counts by ISRC that came with them count here too.
    pub fn listens(&self) -> Result<HashMap<RecordingId, u64>, CatalogError> {
        let by_isrc = IsrcCounts::read(self)?;
        let mut counts = HashMap::new();
        if !by_isrc.is_empty() {
            let mut all = self.db.prepare_cached("SELECT recording, isrc FROM isrc")?;
            let mut rows = all.query([])?;
            while let Some(row) = rows.next()? {
                if let Some(listens) = Isrc::from_u64(row.get(1)?).and_then(|it| by_isrc.of(it)) {
                    let sum: &mut u64 = counts.entry(word_at(row, 0)?).or_default();
                    *sum = sum.saturating_add(listens).min(i64::MAX as u64);
                }
            }
        }
        let mut by_id =
            self.db.prepare_cached("SELECT key, listens FROM listens WHERE kind = 'id'")?;
        let rows = by_id.query_map([], |row| Ok((word_at(row, 0)?, row.get(1)?)))?;
        for count in rows {
            let (id, listens) = count?;
            counts.insert(id, listens);
        }
        Ok(counts)
    }
}
