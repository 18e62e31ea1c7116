//! Merging rows that come in the order of their key into a table, in one walk along both.

use super::shape::{Cell, Cells, Entry, Shape};
use crate::{CatalogError, Stop};
use rusqlite::types::{Null, Value};
use rusqlite::{Connection, Statement};
use std::cmp::Ordering;

/// So many rows an INSERT: a statement has its price, whatever it inserts.
const ROWS: usize = 64;

/// So many rows of a table are of one recording at most: they are all in memory when it is read, and a walk reads
/// all of them.
pub(crate) const MOST_OF_ONE: usize = 65_536;

/// What became of rows, or is to become of them; numbers in lists are places among the rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Merged {
    /// How many were not there, and are now.
    pub(crate) new: usize,
    /// How many were there and say the same.
    pub(crate) unchanged: usize,
    /// Those that are there and say something else, for [`Target::replace`].
    pub(crate) changed: Vec<usize>,
    /// Those that are not there and stay out, since their recording has [`MOST_OF_ONE`] rows.
    pub(crate) crowded: Vec<usize>,
}

/// What a walk along rows and the table finds.
#[derive(Debug, Default)]
struct Found {
    new: Vec<usize>,
    changed: Vec<usize>,
    /// Of recordings that the rows are of, how many rows there are, in the order of their ids.
    there: Vec<(u64, usize)>,
}

/// A table of one collection, ready to be merged into.
pub(crate) struct Target<'c> {
    pub(crate) shape: &'static Shape,
    /// No key there is higher.
    highest: Option<Cells>,
    walk: Statement<'c>,
    insert: Statement<'c>,
    insert_rows: Statement<'c>,
    replace: Statement<'c>,
}

impl<'c> Target<'c> {
    pub(crate) fn open(
        db: &'c Connection,
        shape: &'static Shape,
        collection: i64,
    ) -> rusqlite::Result<Target<'c>> {
        let (table, columns) = (shape.table, shape.columns.join(", "));
        let key = &shape.columns[..shape.key];
        let values = |first: usize| {
            let places: Vec<String> =
                (0..shape.columns.len()).map(|place| format!("?{}", first + place)).collect();
            format!("({collection}, {})", places.join(", "))
        };
        let many: Vec<String> =
            (0..ROWS).map(|row| values(1 + row * shape.columns.len())).collect();
        let into = format!("INTO {table} (collection, {columns}) VALUES");
        let highest = format!(
            "SELECT {columns} FROM {table} WHERE collection = {collection} ORDER BY {} DESC LIMIT 1",
            key.join(" DESC, ")
        );
        let highest = {
            let mut query = db.prepare(&highest)?;
            let mut rows = query.query([])?;
            match rows.next()? {
                Some(row) => Some(key_of(shape, row)?),
                None => None,
            }
        };
        Ok(Target {
            shape,
            highest,
            walk: db.prepare(&format!(
                "SELECT {columns} FROM {table} WHERE collection = {collection}
                 AND {first} >= ?1 AND {first} <= ?2 ORDER BY {}",
                key.join(", "),
                first = key[0]
            ))?,
            // OR ROLLBACK: no rows of these keys are there, and SQLite need not be able to undo half a statement.
            insert: db.prepare(&format!("INSERT OR ROLLBACK {into} {}", values(1)))?,
            insert_rows: db.prepare(&format!("INSERT OR ROLLBACK {into} {}", many.join(", ")))?,
            replace: db.prepare(&format!("INSERT OR REPLACE {into} {}", values(1)))?,
        })
    }

    /// Merges rows whose keys rise, in the transaction that is open: new ones are put in, changed ones are only told.
    ///
    /// # Errors
    /// The table cannot be read or written, or the work is to stop.
    pub(crate) fn merge(&mut self, rows: &[Entry], stop: Stop<'_>) -> Result<Merged, CatalogError> {
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
            return Ok(Merged::default());
        };
        let is_above = |highest: &Cells| first.cells[0] > highest[0];
        let mut found = match self.highest.as_ref().is_none_or(is_above) {
            true => Found { new: (0..rows.len()).collect(), ..Found::default() },
            false => self.compare(rows, stop)?,
        };
        let crowded = if self.shape.key > 1 { found.take_crowded(rows) } else { Vec::new() };
        self.append(found.new.iter().map(|row| &rows[*row].cells), stop)?;
        let is_highest = |highest: &Cells| self.shape.compare(&last.cells, highest).is_gt();
        if self.highest.as_ref().is_none_or(is_highest) {
            self.highest = Some(last.cells.clone());
        }
        let (new, changed) = (found.new.len(), found.changed);
        let unchanged = rows.len() - new - changed.len() - crowded.len();
        Ok(Merged { new, unchanged, changed, crowded })
    }

    /// Puts the `changed` ones of these rows in the place of those that are there, in the transaction that is open.
    ///
    /// # Errors
    /// The table cannot be written, or the work is to stop.
    pub(crate) fn replace(
        &mut self,
        rows: &[Entry],
        changed: &[usize],
        stop: Stop<'_>,
    ) -> Result<(), CatalogError> {
        for (number, row) in changed.iter().enumerate() {
            stop.step(number)?;
            bind(&mut self.replace, 1, &rows[*row].cells[..self.shape.columns.len()])?;
            self.replace.raw_execute()?;
        }
        Ok(())
    }

    /// Which of the rows are not there yet, and which are there and say something else.
    fn compare(&mut self, rows: &[Entry], stop: Stop<'_>) -> Result<Found, CatalogError> {
        let mut found = Found::default();
        bind(&mut self.walk, 1, &rows[0].cells[..1])?;
        bind(&mut self.walk, 2, &rows[rows.len() - 1].cells[..1])?;
        let mut there = self.walk.raw_query();
        let (mut row, mut walked) = (0, 0);
        while let Some(known) = there.next()? {
            stop.step(walked)?;
            walked += 1;
            while let Some(Entry { cells, .. }) = rows.get(row) {
                match self.shape.compare_there(cells, known)? {
                    Ordering::Less => found.new.push(row),
                    Ordering::Equal if !self.shape.is_same(cells, known)? => {
                        found.changed.push(row);
                    }
                    Ordering::Equal => {}
                    Ordering::Greater => break,
                }
                row += 1;
            }
            let id = known.get_ref(0)?.as_i64().map_err(rusqlite::Error::from)? as u64;
            // What is there lies between two of the rows: of any other recording there are none.
            let beside = &rows[row.saturating_sub(1)..rows.len().min(row + 1)];
            if self.shape.key > 1 && beside.iter().any(|entry| entry.cells[0] == Cell::Number(id)) {
                match found.there.last_mut() {
                    Some((last, count)) if *last == id => *count += 1,
                    _ => found.there.push((id, 1)),
                }
            }
        }
        found.new.extend(row..rows.len());
        Ok(found)
    }

    fn append<'r>(
        &mut self,
        rows: impl Iterator<Item = &'r Cells>,
        stop: Stop<'_>,
    ) -> Result<(), CatalogError> {
        let width = self.shape.columns.len();
        let mut waiting: [Option<&Cells>; ROWS] = [None; ROWS];
        let mut count = 0;
        for row in rows {
            waiting[count] = Some(row);
            count += 1;
            if count == ROWS {
                stop.go_on()?;
                for (place, row) in waiting.iter().flatten().enumerate() {
                    bind(&mut self.insert_rows, 1 + place * width, &row[..width])?;
                }
                self.insert_rows.raw_execute()?;
                count = 0;
            }
        }
        for row in waiting[..count].iter().flatten() {
            bind(&mut self.insert, 1, &row[..width])?;
            self.insert.raw_execute()?;
        }
        Ok(())
    }
}

impl Found {
    /// Takes out of the new ones, and gives, what is more than a recording may have.
    fn take_crowded(&mut self, rows: &[Entry]) -> Vec<usize> {
        let mut there = self.there.iter().peekable();
        let mut crowded = Vec::new();
        let (mut recording, mut count) = (&Cell::Null, 0);
        self.new.retain(|row| {
            let this = &rows[*row].cells[0];
            if this != recording {
                while there.next_if(|(id, _)| Cell::Number(*id) < *this).is_some() {}
                recording = this;
                let known = there.next_if(|(id, _)| Cell::Number(*id) == *this);
                count = known.map_or(0, |(_, count)| *count);
            }
            let has_room = count < MOST_OF_ONE;
            match has_room {
                true => count += 1,
                false => crowded.push(*row),
            }
            has_room
        });
        crowded
    }
}

fn bind(statement: &mut Statement<'_>, first: usize, cells: &[Cell]) -> rusqlite::Result<()> {
    for (place, cell) in (first..).zip(cells) {
        match cell {
            Cell::Null => statement.raw_bind_parameter(place, Null)?,
            Cell::Number(number) => statement.raw_bind_parameter(place, *number as i64)?,
            Cell::Text(text) => statement.raw_bind_parameter(place, text.as_str())?,
        }
    }
    Ok(())
}

fn key_of(shape: &Shape, row: &rusqlite::Row<'_>) -> rusqlite::Result<Cells> {
    let mut cells = Cells::default();
    for (index, cell) in cells[..shape.key].iter_mut().enumerate() {
        *cell = match row.get(index)? {
            Value::Integer(number) => Cell::Number(number as u64),
            Value::Text(text) => Cell::Text(text),
            _ => Cell::Null,
        };
    }
    Ok(cells)
}

#[cfg(test)]
mod tests {
    use super::super::shape::{TRACK, cells_of};
    use super::*;
    use deadwax_model::{TableRow, TrackRow};
    use rusqlite::StatementStatus;
    use std::sync::atomic::AtomicBool;

    fn tracks(recording: u64, releases: std::ops::Range<u64>) -> Vec<Entry> {
        let row = |release| TrackRow { release, recording, disc: None, position: None };
        releases
            .map(|release| Entry { row: release, cells: cells_of(TableRow::Track(row(release))).1 })
            .collect()
    }

    fn database() -> Connection {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch(include_str!("../known.sql")).unwrap();
        db
    }

    #[test]
    fn a_recording_has_a_limit_however_its_rows_come_and_walks_are_as_long_as_what_is_walked_along()
    {
        let db = database();
        let mut target = Target::open(&db, &TRACK, 1).unwrap();
        let most = MOST_OF_ONE as u64;
        let mut rows = tracks(7, 0..most - 1);
        rows.extend(tracks(8, 0..2));
        assert_eq!(target.merge(&rows, Stop::default()).unwrap().new, rows.len());
        let mut more = tracks(7, most..most + 3);
        more.extend(tracks(8, 1..4));
        let merged = target.merge(&more, Stop::default()).unwrap();
        assert_eq!((merged.new, merged.unchanged, &merged.crowded), (3, 1, &vec![1, 2]));
        // Above all that is there, and the limit in one batch.
        let merged = target.merge(&tracks(9, 0..most + 2), Stop::default()).unwrap();
        assert_eq!((merged.new, merged.crowded.len()), (MOST_OF_ONE, 2));
        let merged = target.merge(&tracks(9, most..4 * most), Stop::default()).unwrap();
        assert_eq!((merged.new, merged.crowded.len()), (0, 3 * MOST_OF_ONE));

        // A batch of one of three recordings does not walk along the others.
        target.walk.reset_status(StatementStatus::VmStep);
        let merged = target.merge(&tracks(8, 0..4), Stop::default()).unwrap();
        assert_eq!(merged, Merged { unchanged: 4, ..Merged::default() });
        assert!(target.walk.get_status(StatementStatus::VmStep) < 100);
    }

    #[test]
    fn a_merge_hears_that_it_is_to_stop() {
        let db = database();
        let mut target = Target::open(&db, &TRACK, 1).unwrap();
        let stop = AtomicBool::new(true);
        let rows = tracks(7, 0..ROWS as u64);
        let mut merge = |stop| target.merge(&rows, stop).map(|merged| merged.new);
        assert!(matches!(merge((&stop).into()), Err(CatalogError::Interrupted)), "in an insert");
        assert_eq!(merge(Stop::default()).unwrap(), ROWS);
        assert!(matches!(merge((&stop).into()), Err(CatalogError::Interrupted)), "in a walk");
        let replaced = target.replace(&rows, &[0], (&stop).into());
        assert!(matches!(replaced, Err(CatalogError::Interrupted)));
    }
}
