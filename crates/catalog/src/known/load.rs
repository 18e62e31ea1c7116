//! Loading tables: rows in order are merged as they come, others are sorted first, and nothing is looked up by itself.
//! Specified in docs/formats/catalog.md.

use super::ids::Ids;
use super::lane::{Lane, Stage, Waiting};
use super::merge::MOST_OF_ONE;
use super::shape::{ARTIST, CREDIT, ISRC, ISRC_LISTENS, LISTENS, RECORDING, RELEASE, TRACK};
use super::shape::{Entry, Shape, cells_of, row_of};
use crate::{Catalog, CatalogError, Stop};
use deadwax_model::{Counted, TableKind, TableRow};
use rusqlite::{Connection, OptionalExtension, params};
use std::cmp::Ordering;
use std::path::{Path, PathBuf};

/// Of rows that refer to nothing so many are kept to be told; all are counted.
const REJECTS_KEPT: usize = 100_000;

/// Bytes of their texts.
const REJECTS_BYTES: usize = 64 << 20;

/// How much is done at once.
#[derive(Debug, Clone, Copy)]
pub struct LoadLimits {
    /// Rows a transaction.
    pub batch_rows: usize,
    /// Bytes of text a transaction.
    pub batch_bytes: usize,
    /// Memory for sorting, bytes.
    pub sort_bytes: usize,
}

impl Default for LoadLimits {
    fn default() -> LoadLimits {
        LoadLimits { batch_rows: 1 << 18, batch_bytes: 64 << 20, sort_bytes: 256 << 20 }
    }
}

/// What became of the rows of a table; each row is in one of the last five.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TableCounts {
    /// All of them.
    pub rows: u64,
    /// Of keys that were not there.
    pub new: u64,
    /// Of keys that were there, also from an earlier row of this table in another transaction, and said something else.
    pub changed: u64,
    /// Of keys that were there and said the same.
    pub unchanged: u64,
    /// Given up for a later row of the same key.
    pub repeated: u64,
    /// Left out, because they refer to something that is not there, or their recording has too many rows.
    pub rejected: u64,
}

/// A row that was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadReject {
    /// Its number, as it was pushed.
    pub row: u64,
    /// Why, a sentence.
    pub reason: String,
    /// The row.
    pub said: TableRow,
}

/// A load into one collection: `begin`, `push`... and `end` for each table in [`TableKind::ORDER`], then `finish`.
/// What was committed by a load that was dropped stays, and the next load goes on from there.
pub struct Load<'c> {
    db: &'c Connection,
    collection: i64,
    scratch: PathBuf,
    limits: LoadLimits,
    stop: Stop<'c>,
    /// The connection's own cache and checkpoint sizes, put back at the end.
    before: [i64; 2],
    recordings: Option<Ids>,
    artists: Option<Ids>,
    releases: Option<Ids>,
    table: Option<Table<'c>>,
    /// The table that was merged, and its file, until it is complete.
    merged: Option<(TableKind, String)>,
}

/// The table that is being loaded.
struct Table<'c> {
    kind: TableKind,
    source: String,
    lanes: Vec<Lane<'c>>,
    counts: TableCounts,
    rejects: Vec<LoadReject>,
    /// Bytes of the texts of all of them, those that are not kept included.
    rejects_bytes: usize,
}

impl Catalog {
    /// Begins to load tables into the collection `name`, which is made when it is not there. Runs of rows that must be
    /// sorted are files in `scratch`, which is made when it is needed, cleared of what an earlier load left, and the load's own.
    ///
    /// # Errors
    /// The catalogue cannot be written.
    pub fn load<'c>(&'c self, name: &str, scratch: &Path) -> Result<Load<'c>, CatalogError> {
        self.load_within(name, scratch, LoadLimits::default())
    }

    /// [`Catalog::load`] with other limits.
    ///
    /// # Errors
    /// The catalogue cannot be written.
    pub fn load_within<'c>(
        &'c self,
        name: &str,
        scratch: &Path,
        limits: LoadLimits,
    ) -> Result<Load<'c>, CatalogError> {
        let db = &self.db;
        clear(scratch)?;
        db.execute("INSERT OR IGNORE INTO collection (name) VALUES (?1)", [name])?;
        let collection =
            db.query_row("SELECT number FROM collection WHERE name = ?1", [name], |row| {
                row.get(0)
            })?;
        let setting = |name: &str| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        let before = [setting("cache_size")?, setting("wal_autocheckpoint")?];
        // A batch fits the cache, and its log is written into the file in long stretches.
        set(db, [-131_072, 16_384])?;
        Ok(Load {
            db,
            collection,
            scratch: scratch.to_path_buf(),
            limits,
            stop: Stop::default(),
            before,
            recordings: None,
            artists: None,
            releases: None,
            table: None,
            merged: None,
        })
    }
}

impl<'c> Load<'c> {
    /// Makes everything that takes long end with [`CatalogError::Interrupted`] soon after the flag is set. The load must then
    /// be dropped; the next one goes on from what it committed.
    pub fn stopped_by(mut self, stop: impl Into<Stop<'c>>) -> Load<'c> {
        self.stop = stop.into();
        self
    }

    /// Begins a table; `source` says which file it is (path, length, modification time). `false`: this very
    /// file was loaded completely by an earlier load that did not reach its end, and there is nothing to do.
    ///
    /// # Errors
    /// The catalogue cannot be read or written.
    pub fn begin(&mut self, kind: TableKind, source: &str) -> Result<bool, CatalogError> {
        self.table = None;
        let done: Option<String> = self
            .db
            .prepare_cached("SELECT source FROM load WHERE collection = ?1 AND kind = ?2")?
            .query_row(params![self.collection, kind.as_str()], |row| row.get(0))
            .optional()?;
        if done.as_deref() == Some(source) {
            return Ok(false);
        }
        // Rows of later tables were judged by what was there without this file.
        let transaction = self.db.unchecked_transaction()?;
        for later in TableKind::ORDER.into_iter().filter(|later| *later >= kind) {
            self.db
                .prepare_cached("DELETE FROM load WHERE collection = ?1 AND kind = ?2")?
                .execute(params![self.collection, later.as_str()])?;
        }
        transaction.commit()?;
        self.know(kind)?;
        let lanes = shapes(kind)
            .iter()
            .map(|shape| Lane::open(self.db, shape, self.collection, self.waiting(shape)))
            .collect::<Result<_, _>>()?;
        let (counts, rejects, rejects_bytes) = (TableCounts::default(), Vec::new(), 0);
        self.table =
            Some(Table { kind, source: source.to_owned(), lanes, counts, rejects, rejects_bytes });
        Ok(true)
    }

    /// Adds rows of the table, each with its number in the file.
    ///
    /// # Errors
    /// The catalogue or the scratch folder cannot be written, or the load is to stop.
    pub fn push(&mut self, rows: Vec<(u64, TableRow)>) -> Result<(), CatalogError> {
        let Some(mut table) = self.table.take() else { return Ok(()) };
        for (number, row) in rows {
            table.counts.rows += 1;
            if let Some(reason) = self.missing(table.kind, &row) {
                table.reject(LoadReject { row: number, reason, said: row });
                continue;
            }
            let (shape, cells) = cells_of(row);
            if let Some(lane) = table.lanes.iter().position(|lane| lane.target.shape == shape) {
                self.take(&mut table, lane, Entry { row: number, cells })?;
            }
        }
        self.table = Some(table);
        Ok(())
    }

    /// [`Load::merge`] and [`Load::complete`].
    ///
    /// # Errors
    /// The catalogue or the scratch folder cannot be read or written, or the load is to stop.
    pub fn end(
        &mut self,
        on_reject: &mut dyn FnMut(LoadReject),
    ) -> Result<TableCounts, CatalogError> {
        let counts = self.merge(on_reject)?;
        self.complete()?;
        Ok(counts)
    }

    /// Takes in all rows of the table: what was out of order is sorted and merged. `on_reject` is given the rows that were
    /// left out, the first 100,000 of them or 64 MiB. Until [`Load::complete`] the next load reads the table again.
    ///
    /// # Errors
    /// The catalogue or the scratch folder cannot be read or written, or the load is to stop.
    pub fn merge(
        &mut self,
        on_reject: &mut dyn FnMut(LoadReject),
    ) -> Result<TableCounts, CatalogError> {
        let Some(mut table) = self.table.take() else { return Ok(TableCounts::default()) };
        for lane in 0..table.lanes.len() {
            self.flush(&mut table, lane)?;
            self.merge_sorted(&mut table, lane)?;
        }
        clear(&self.scratch)?;
        table.rejects.into_iter().for_each(on_reject);
        self.merged = Some((table.kind, table.source));
        Ok(table.counts)
    }

    /// Notes that nothing of the merged table is left to do, its rejects written down included.
    ///
    /// # Errors
    /// The catalogue cannot be written.
    pub fn complete(&mut self) -> Result<(), CatalogError> {
        if let Some((kind, source)) = self.merged.take() {
            self.db
                .prepare_cached("INSERT OR REPLACE INTO load VALUES (?1, ?2, ?3)")?
                .execute(params![self.collection, kind.as_str(), source])?;
        }
        Ok(())
    }

    /// Ends the load: the same files are read again when they are added again.
    ///
    /// # Errors
    /// The catalogue cannot be written.
    pub fn finish(self) -> Result<(), CatalogError> {
        self.db.execute("DELETE FROM load WHERE collection = ?1", [self.collection])?;
        // A long log would slow down every reader.
        self.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(())
    }

    /// Reads the ids that rows of this table refer to.
    fn know(&mut self, kind: TableKind) -> Result<(), CatalogError> {
        let (recordings, artists, releases) = match kind {
            TableKind::Recording | TableKind::Artist => (false, false, false),
            TableKind::Release => (false, true, false),
            TableKind::Track => (true, false, true),
            TableKind::Credit => (true, true, false),
            TableKind::Isrc | TableKind::Listens => (true, false, false),
        };
        let (db, collection, stop) = (self.db, self.collection, self.stop);
        let know = |known: &mut Option<Ids>, table, is_needed| -> Result<(), CatalogError> {
            if is_needed && known.is_none() {
                *known = Some(ids_of(db, collection, table, stop)?);
            }
            Ok(())
        };
        match kind {
            TableKind::Recording => self.recordings = None,
            TableKind::Artist => self.artists = None,
            TableKind::Release => self.releases = None,
            _ => {}
        }
        know(&mut self.recordings, RECORDING.table, recordings)?;
        know(&mut self.artists, ARTIST.table, artists)?;
        know(&mut self.releases, RELEASE.table, releases)?;
        Ok(())
    }

    /// Why a row cannot be taken, if so.
    fn missing(&mut self, kind: TableKind, row: &TableRow) -> Option<String> {
        let absent = |ids: &mut Option<Ids>, what: &str, id: u64| {
            let is_there = ids.as_mut().is_some_and(|ids| ids.contains(id));
            (!is_there).then(|| format!("no {what} has the id {id}"))
        };
        let mut recording = |id| absent(&mut self.recordings, "recording", id);
        match row {
            TableRow::Recording(_) if kind == TableKind::Recording => None,
            TableRow::Artist(_) if kind == TableKind::Artist => None,
            TableRow::Release(row) if kind == TableKind::Release => {
                row.artist.and_then(|artist| absent(&mut self.artists, "artist", artist))
            }
            TableRow::Track(row) if kind == TableKind::Track => recording(row.recording)
                .or_else(|| absent(&mut self.releases, "release", row.release)),
            TableRow::Credit(row) if kind == TableKind::Credit => {
                recording(row.recording).or_else(|| absent(&mut self.artists, "artist", row.artist))
            }
            TableRow::Isrc(row) if kind == TableKind::Isrc => recording(row.recording),
            TableRow::Listens(row) if kind == TableKind::Listens => match row.of {
                Counted::Recording(id) => recording(id),
                Counted::Isrc(_) => None,
            },
            _ => Some(format!("it is no row of the table {}", kind.as_str())),
        }
    }

    /// Where rows of a lane wait.
    fn waiting(&self, shape: &Shape) -> Waiting<'c> {
        Waiting {
            folder: self.scratch.join(shape.table),
            memory_bytes: self.limits.sort_bytes,
            stop: self.stop,
            sorter: None,
        }
    }

    /// Takes a row into a lane.
    fn take(&self, table: &mut Table<'c>, number: usize, entry: Entry) -> Result<(), CatalogError> {
        let lane = &mut table.lanes[number];
        let shape = lane.target.shape;
        if lane.stage == Stage::OutOfOrder {
            return lane.waiting.push(shape, &entry);
        }
        let (order, is_same) = match lane.batch.last() {
            Some(last) => {
                let is_same = entry.cells[0] == last.cells[0];
                (shape.compare(&entry.cells, &last.cells), is_same)
            }
            None => (Ordering::Greater, false),
        };
        let is_full = lane.batch.len() >= 2 * self.limits.batch_rows
            || lane.text_bytes >= 2 * self.limits.batch_bytes;
        if is_same && !is_full {
            lane.is_mixed |= order.is_le();
            lane.put(entry);
            return Ok(());
        }
        // What belongs to one recording may come in any order; too much of it is not parted, since a key may come again.
        if order.is_gt() && !is_same {
            return self.put(table, number, entry);
        }
        self.flush(table, number)?;
        let lane = &mut table.lanes[number];
        lane.stage = Stage::OutOfOrder;
        lane.waiting.push(shape, &entry)
    }

    /// Puts a row that is above the last one into the batch, which is merged first when it is full.
    fn put(&self, table: &mut Table<'c>, number: usize, entry: Entry) -> Result<(), CatalogError> {
        let lane = &table.lanes[number];
        if lane.batch.len() >= self.limits.batch_rows || lane.text_bytes >= self.limits.batch_bytes
        {
            self.flush(table, number)?;
        }
        table.lanes[number].put(entry);
        Ok(())
    }

    fn merge_sorted(&self, table: &mut Table<'c>, number: usize) -> Result<(), CatalogError> {
        let lane = &mut table.lanes[number];
        lane.stage = Stage::Sorted;
        let Some(sorter) = lane.waiting.sorter.take() else { return Ok(()) };
        let shape = lane.target.shape;
        let mut sorted = sorter.finish()?;
        let (mut last, mut taken): (Option<Entry>, usize) = (None, 0);
        while let Some((key, value)) = sorted.next()? {
            self.stop.step(taken)?;
            taken += 1;
            let entry = table.lanes[number].waiting.entry(shape, key, value)?;
            match last.replace(entry) {
                Some(before)
                    if last
                        .as_ref()
                        .is_some_and(|now| shape.compare(&now.cells, &before.cells).is_eq()) =>
                {
                    table.counts.repeated += 1;
                }
                Some(before) => self.put(table, number, before)?,
                None => {}
            }
        }
        if let Some(last) = last {
            self.put(table, number, last)?;
        }
        self.flush(table, number)
    }

    /// Merges the batch, in a transaction.
    fn flush(&self, table: &mut Table<'c>, number: usize) -> Result<(), CatalogError> {
        let lane = &mut table.lanes[number];
        if lane.batch.is_empty() {
            return Ok(());
        }
        if std::mem::take(&mut lane.is_mixed) {
            table.counts.repeated += lane.sort();
        }
        let shape = lane.target.shape;
        let transaction = self.db.unchecked_transaction()?;
        let merged = lane.target.merge(&lane.batch, self.stop)?;
        let mut changed = merged.changed.len();
        if lane.stage == Stage::Sorted {
            lane.target.replace(&lane.batch, &merged.changed, self.stop)?;
        } else {
            for row in &merged.changed {
                lane.waiting.push(shape, &lane.batch[*row])?;
            }
            // They are counted when they come back.
            changed = 0;
        }
        if merged.new + changed > 0 {
            note_change(self.db)?;
        }
        if merged.new > 0 && shape == &RECORDING {
            self.db
                .prepare_cached(
                    "UPDATE collection SET recordings = recordings + ?2 WHERE number = ?1",
                )?
                .execute(params![self.collection, merged.new])?;
        }
        transaction.commit()?;
        table.counts.new += merged.new as u64;
        table.counts.changed += changed as u64;
        table.counts.unchanged += merged.unchanged as u64;
        lane.text_bytes = 0;
        let mut batch = std::mem::take(&mut lane.batch);
        for row in merged.crowded {
            let cells = std::mem::take(&mut batch[row].cells);
            table.reject_crowded(shape, Entry { row: batch[row].row, cells });
        }
        batch.clear();
        // What it takes is used again.
        table.lanes[number].batch = batch;
        Ok(())
    }
}

impl Table<'_> {
    fn reject(&mut self, reject: LoadReject) {
        self.counts.rejected += 1;
        self.rejects_bytes += row_bytes(&reject.said);
        if self.rejects.len() < REJECTS_KEPT && self.rejects_bytes <= REJECTS_BYTES {
            self.rejects.push(reject);
        }
    }

    /// Rejects a row whose recording has too many.
    fn reject_crowded(&mut self, shape: &Shape, entry: Entry) {
        if let Some(said) = row_of(shape, entry.cells) {
            let reason = format!(
                "its recording has {MOST_OF_ONE} rows in this table already, and no more are taken"
            );
            self.reject(LoadReject { row: entry.row, reason, said });
        }
    }
}

impl Drop for Load<'_> {
    fn drop(&mut self) {
        // What cannot be put back only makes this connection slower; what cannot be removed, the next load removes.
        let _ = set(self.db, self.before);
        let _ = clear(&self.scratch);
    }
}

/// Notes that facts from tables, or counts that they are ordered by, have changed. By a step that nobody can foresee, since
/// as many batches of other facts, in a catalogue that was put back from a copy, would else give the same number.
pub(crate) fn note_change(db: &Connection) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE known_change SET changes = changes + 1 + (random() & 0xFFFFFFFF)")?
        .execute([])
        .map(drop)
}

fn shapes(kind: TableKind) -> &'static [&'static Shape] {
    match kind {
        TableKind::Recording => &[&RECORDING],
        TableKind::Artist => &[&ARTIST],
        TableKind::Release => &[&RELEASE],
        TableKind::Track => &[&TRACK],
        TableKind::Credit => &[&CREDIT],
        TableKind::Isrc => &[&ISRC],
        TableKind::Listens => &[&LISTENS, &ISRC_LISTENS],
    }
}

/// Bytes of a row's texts.
fn row_bytes(row: &TableRow) -> usize {
    let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    match row {
        TableRow::Recording(row) => text(&row.title) + text(&row.date),
        TableRow::Artist(row) => row.name.len(),
        TableRow::Release(row) => text(&row.title) + text(&row.date),
        TableRow::Credit(row) => text(&row.name) + text(&row.joined),
        TableRow::Isrc(row) => row.said.len(),
        TableRow::Track(_) | TableRow::Listens(_) => 0,
    }
}

fn ids_of(
    db: &Connection,
    collection: i64,
    table: &str,
    stop: Stop<'_>,
) -> Result<Ids, CatalogError> {
    let mut query =
        db.prepare(&format!("SELECT id FROM {table} WHERE collection = ?1 ORDER BY id"))?;
    let mut rows = query.query([collection])?;
    let (mut ids, mut count) = (Ids::default(), 0);
    while let Some(row) = rows.next()? {
        stop.step(count)?;
        count += 1;
        ids.push(row.get_ref(0)?.as_i64().map_err(rusqlite::Error::from)? as u64);
    }
    Ok(ids)
}

/// Sets `cache_size` and `wal_autocheckpoint`.
fn set(db: &Connection, [cache, checkpoint]: [i64; 2]) -> rusqlite::Result<()> {
    db.pragma_update(None, "cache_size", cache)?;
    // It answers with the new value, which an update does not expect.
    db.query_row(&format!("PRAGMA wal_autocheckpoint = {checkpoint}"), [], |_| Ok(()))
}

fn clear(scratch: &Path) -> Result<(), CatalogError> {
    match std::fs::remove_dir_all(scratch) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            Err(CatalogError::Scratch { act: "clear", path: scratch.to_path_buf(), source })
        }
        _ => Ok(()),
    }
}
