//! From a key of `lookup` to its values.

use super::Edition;
use crate::EditionError;
use crate::lookup::{LookupKind, read_pairs};
use rusqlite::{OptionalExtension, Row};

impl Edition {
    /// The first `limit` values of a key above `after`, rising.
    pub(super) fn values(
        &self,
        kind: LookupKind,
        key: u32,
        after: u32,
        limit: usize,
    ) -> Result<Vec<u32>, EditionError> {
        let take = |block: &[u8], values: &mut Vec<u32>| -> Result<(), EditionError> {
            let pairs = read_pairs(block).ok_or_else(|| self.damaged_lookup())?;
            let meant = pairs.iter().filter(|(of, value)| *of == key && *value > after);
            values.extend(meant.map(|(_, value)| *value));
            Ok(())
        };
        let mut values = Vec::new();
        let wrong = self.wrong();
        if let Some(block) = self.block_before(kind, key, after).map_err(&wrong)? {
            take(&block, &mut values)?;
        }
        let sql =
            "SELECT block FROM lookup WHERE kind = ? AND key = ? AND value > ? ORDER BY value";
        let mut statement = self.catalog.prepare_cached(sql).map_err(&wrong)?;
        let mut rows = statement.query((kind as u8, key, after)).map_err(&wrong)?;
        while values.len() < limit
            && let Some(row) = rows.next().map_err(&wrong)?
        {
            let block: Vec<u8> = row.get(0).map_err(&wrong)?;
            let before = values.len();
            take(&block, &mut values)?;
            // It begins with a pair that is meant; in a tree that goes round in circles nothing would ever be enough.
            if values.len() == before {
                return Err(self.damaged_lookup());
            }
        }
        values.truncate(limit);
        Ok(values)
    }

    /// The last block that starts at or before a key and value.
    fn block_before(
        &self,
        kind: LookupKind,
        key: u32,
        value: u32,
    ) -> rusqlite::Result<Option<Vec<u8>>> {
        let block = |row: &Row<'_>| row.get(0);
        let sql = "SELECT block FROM lookup WHERE kind = ? AND key = ? AND value <= ?
            ORDER BY value DESC LIMIT 1";
        let mut statement = self.catalog.prepare_cached(sql)?;
        let found = statement.query_row((kind as u8, key, value), block).optional()?;
        if found.is_some() {
            return Ok(found);
        }
        let sql = "SELECT block FROM lookup WHERE kind = ? AND key < ?
            ORDER BY key DESC, value DESC LIMIT 1";
        self.catalog.prepare_cached(sql)?.query_row((kind as u8, key), block).optional()
    }

    fn damaged_lookup(&self) -> EditionError {
        EditionError::io("read", &self.folder.join("catalog.sqlite"))(crate::block::damaged())
    }
}
