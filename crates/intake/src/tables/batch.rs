//! Rows on their way from a reader.

use super::cell::Cell;
use super::columns::columns_of;
use super::row::RowMaker;
use super::said::{said_bytes, said_in};
use deadwax_model::TableRow;
use serde_json::Value;

/// Most rows of a batch: enough to be worth handing over, little enough for a processor's cache.
pub(super) const ROWS: usize = 8_192;

/// A batch with this much text is handed over whatever its rows: texts may be long, and so may what is said of
/// bad rows.
const TEXT_BYTES: usize = 8 << 20;

/// Rows that were read together, in the order of the file.
#[derive(Debug, Default, PartialEq)]
pub struct Batch {
    /// Rows that could be read, with their numbers from 1: a line of CSV or NDJSON, a row of Parquet.
    pub rows: Vec<(u64, TableRow)>,
    /// Rows that could not.
    pub bad: Vec<BadRow>,
    /// Rows that were looked at: those of `rows` and `bad`, and the few that say nothing.
    pub read: u64,
    text_bytes: usize,
}

/// A row that was left out.
#[derive(Debug, Clone, PartialEq)]
pub struct BadRow {
    /// Its number, from 1: a line of CSV or NDJSON, a row of Parquet.
    pub row: u64,
    /// Why, as a sentence without an end.
    pub reason: String,
    /// What it says: an object with a key for each column, or the line where it cannot be told apart.
    pub said: Value,
}

impl Batch {
    pub(super) fn is_full(&self) -> bool {
        self.read >= ROWS as u64 || self.text_bytes >= TEXT_BYTES
    }

    /// Takes a row, a cell for each column of the table.
    pub(super) fn take(&mut self, maker: &mut RowMaker, row: u64, cells: &[Cell<'_>]) {
        self.read += 1;
        self.text_bytes += cells.iter().map(Cell::text_bytes).sum::<usize>();
        match maker.make(cells) {
            Ok(Some(made)) => self.rows.push((row, made)),
            Ok(None) => {}
            Err(reason) => {
                let said = said_in(columns_of(maker.kind()), cells);
                self.keep_bad(BadRow { row, reason, said });
            }
        }
    }

    /// Takes a row that has no cells to tell.
    pub(super) fn take_bad(&mut self, row: u64, reason: String, said: Value) {
        self.read += 1;
        self.keep_bad(BadRow { row, reason, said });
    }

    fn keep_bad(&mut self, bad: BadRow) {
        self.text_bytes += bad.reason.len() + said_bytes(&bad.said);
        self.bad.push(bad);
    }
}
