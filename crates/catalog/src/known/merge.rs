//! Merging rows that come in the order of their key into a table, in one walk along both.

use super::shape::{Cell, Cells, Shape};
use rusqlite::types::{Null, Value};
use rusqlite::{Connection, Statement};
use std::cmp::Ordering;

/// So many rows an INSERT: a statement has its price, whatever it inserts.
const ROWS: usize = 64;

/// What became of rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Merged {
    pub(crate) new: u64,
    pub(crate) changed: u64,
    pub(crate) unchanged: u64,
}

/// A table of one collection, ready to be merged into.
pub(crate) struct Target<'c> {
    pub(crate) shape: &'static Shape,
    /// The highest key there is.
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

    /// Merges rows whose keys rise, in the transaction that is open.
    pub(crate) fn merge(&mut self, rows: &[Cells]) -> rusqlite::Result<Merged> {
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
            return Ok(Merged::default());
        };
        let mut merged = Merged::default();
        let is_above = |highest: &Cells| self.shape.compare(first, highest).is_gt();
        if self.highest.as_ref().is_none_or(is_above) {
            self.append(rows.iter())?;
            merged.new = rows.len() as u64;
        } else {
            let (new, changed) = self.compare(rows)?;
            self.append(new.iter().map(|row| &rows[*row]))?;
            for row in &changed {
                bind(&mut self.replace, 1, &rows[*row][..self.shape.columns.len()])?;
                self.replace.raw_execute()?;
            }
            (merged.new, merged.changed) = (new.len() as u64, changed.len() as u64);
            merged.unchanged = rows.len() as u64 - merged.new - merged.changed;
        }
        let is_highest = |highest: &Cells| self.shape.compare(last, highest).is_gt();
        if self.highest.as_ref().is_none_or(is_highest) {
            self.highest = Some(last.clone());
        }
        Ok(merged)
    }

    /// Which of the rows are not there yet, and which are there and say something else.
    fn compare(&mut self, rows: &[Cells]) -> rusqlite::Result<(Vec<usize>, Vec<usize>)> {
        let (mut new, mut changed) = (Vec::new(), Vec::new());
        bind(&mut self.walk, 1, &rows[0][..1])?;
        bind(&mut self.walk, 2, &rows[rows.len() - 1][..1])?;
        let mut there = self.walk.raw_query();
        let mut row = 0;
        while row < rows.len()
            && let Some(known) = there.next()?
        {
            while row < rows.len() {
                match self.shape.compare_there(&rows[row], known)? {
                    Ordering::Less => new.push(row),
                    Ordering::Equal if !self.shape.is_same(&rows[row], known)? => changed.push(row),
                    Ordering::Equal => {}
                    Ordering::Greater => break,
                }
                row += 1;
            }
        }
        new.extend(row..rows.len());
        Ok((new, changed))
    }

    fn append<'r>(&mut self, rows: impl Iterator<Item = &'r Cells>) -> rusqlite::Result<()> {
        let width = self.shape.columns.len();
        let mut waiting: [Option<&Cells>; ROWS] = [None; ROWS];
        let mut count = 0;
        for row in rows {
            waiting[count] = Some(row);
            count += 1;
            if count == ROWS {
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
