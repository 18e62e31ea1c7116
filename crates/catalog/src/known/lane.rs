//! Rows on their way into one table of the catalogue: a batch that is merged at once, and what must be sorted first.

use super::merge::Target;
use super::shape::{Cell, Entry, Shape};
use crate::sort::{Sorter, put_number, take_number};
use crate::{CatalogError, Stop};
use rusqlite::Connection;
use std::path::PathBuf;

/// Zstd's level for runs: they are read once, soon.
const SORT_LEVEL: i32 = 1;

/// Where the rows of a batch come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// The file, in order so far. A row that changes a fact waits in the sorter: a later one of its key may be to come.
    InOrder,
    /// The file, out of order: all of them wait in the sorter.
    OutOfOrder,
    /// The sorter, the last of each key.
    Sorted,
}

/// Where rows wait that must be sorted.
pub(super) struct Waiting<'c> {
    pub(super) folder: PathBuf,
    pub(super) memory_bytes: usize,
    pub(super) stop: Stop<'c>,
    /// Made when the first comes.
    pub(super) sorter: Option<Sorter<'c>>,
}

/// The way into one table.
pub(super) struct Lane<'c> {
    pub(super) target: Target<'c>,
    pub(super) stage: Stage,
    pub(super) batch: Vec<Entry>,
    pub(super) text_bytes: usize,
    /// Whether rows that share the first number of their keys have come out of order.
    pub(super) is_mixed: bool,
    pub(super) waiting: Waiting<'c>,
}

impl<'c> Lane<'c> {
    pub(super) fn open(
        db: &'c Connection,
        shape: &'static Shape,
        collection: i64,
        waiting: Waiting<'c>,
    ) -> rusqlite::Result<Lane<'c>> {
        let (target, stage) = (Target::open(db, shape, collection)?, Stage::InOrder);
        Ok(Lane { target, stage, batch: Vec::new(), text_bytes: 0, is_mixed: false, waiting })
    }

    /// Puts a row into the batch.
    pub(super) fn put(&mut self, entry: Entry) {
        self.text_bytes += entry.cells.iter().map(text_bytes).sum::<usize>();
        self.batch.push(entry);
    }

    /// Sorts the batch, and gives how many rows a later one of the same key took the place of.
    pub(super) fn sort(&mut self) -> u64 {
        let (shape, before) = (self.target.shape, self.batch.len());
        self.batch.sort_by(|a, b| shape.compare(&a.cells, &b.cells));
        self.batch.dedup_by(|later, kept| {
            let is_same = shape.compare(&later.cells, &kept.cells).is_eq();
            if is_same {
                std::mem::swap(later, kept);
            }
            is_same
        });
        (before - self.batch.len()) as u64
    }
}

impl Waiting<'_> {
    /// Adds a row. Of those with the same key the last that was added is the last that comes out.
    pub(super) fn push(&mut self, shape: &Shape, entry: &Entry) -> Result<(), CatalogError> {
        let (mut key, mut value) = (Vec::with_capacity(32), Vec::with_capacity(64));
        shape.put_key(&entry.cells, &mut key);
        // Only rows of these can be too many, and are then told by their number.
        if shape.key > 1 {
            put_number(&mut value, entry.row);
        }
        shape.put_rest(&entry.cells, &mut value);
        let new = || Sorter::new(&self.folder, self.memory_bytes, SORT_LEVEL).stopped_by(self.stop);
        self.sorter.get_or_insert_with(new).push(&key, &value)
    }

    /// The row whose bytes these are.
    pub(super) fn entry(
        &self,
        shape: &Shape,
        key: &[u8],
        mut value: &[u8],
    ) -> Result<Entry, CatalogError> {
        let row = if shape.key > 1 { take_number(&mut value) } else { Some(0) };
        let entry = row.zip(shape.take(key, value)).map(|(row, cells)| Entry { row, cells });
        entry.ok_or_else(|| CatalogError::Scratch {
            act: "understand",
            path: self.folder.clone(),
            source: std::io::ErrorKind::InvalidData.into(),
        })
    }
}

fn text_bytes(cell: &Cell) -> usize {
    match cell {
        Cell::Text(text) => text.len(),
        _ => 0,
    }
}
