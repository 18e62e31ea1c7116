//! How facts from tables lie in SQLite and in sorted runs: a few cells, the first of them the key.

use crate::sort::{put_number, take_number};
use deadwax_model::{Counted, CreditRow, Isrc, IsrcRow, TableRow, TrackRow};
use rusqlite::Row;
use rusqlite::types::ValueRef;
use std::cmp::Ordering;

/// A value. The order is SQLite's: numbers before texts, texts by their bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cell {
    #[default]
    Null,
    Number(u64),
    Text(String),
}

/// A row without its collection; what the table does not have is null.
pub(crate) type Cells = [Cell; 5];

/// A row and its number in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) row: u64,
    pub(crate) cells: Cells,
}

/// A table of the catalogue.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) table: &'static str,
    /// After `collection`, which comes first everywhere.
    pub(crate) columns: &'static [&'static str],
    /// So many of them are the key; the first is a number.
    pub(crate) key: usize,
}

pub(crate) const RECORDING: Shape =
    Shape { table: "known_recording", columns: &["id", "title", "duration_ms", "date"], key: 1 };
pub(crate) const ARTIST: Shape = Shape { table: "known_artist", columns: &["id", "name"], key: 1 };
pub(crate) const RELEASE: Shape =
    Shape { table: "known_release", columns: &["id", "title", "artist", "date"], key: 1 };
pub(crate) const TRACK: Shape =
    Shape { table: "known_track", columns: &["recording", "release", "disc", "position"], key: 4 };
pub(crate) const CREDIT: Shape = Shape {
    table: "known_credit",
    columns: &["recording", "position", "artist", "name", "joined"],
    key: 2,
};
pub(crate) const ISRC: Shape =
    Shape { table: "known_isrc", columns: &["recording", "said"], key: 2 };
pub(crate) const LISTENS: Shape =
    Shape { table: "known_listens", columns: &["recording", "listens"], key: 1 };
pub(crate) const ISRC_LISTENS: Shape =
    Shape { table: "known_isrc_listens", columns: &["isrc", "listens"], key: 1 };

impl From<Option<String>> for Cell {
    fn from(text: Option<String>) -> Cell {
        text.map_or(Cell::Null, Cell::Text)
    }
}

/// The cells of a row, and where they belong.
pub(crate) fn cells_of(row: TableRow) -> (&'static Shape, Cells) {
    use Cell::{Null, Number, Text};
    let small = |number: Option<u32>| Number(number.unwrap_or(0).into());
    match row {
        TableRow::Recording(row) => {
            let duration = row.duration_ms.map_or(Null, |ms| Number(ms.into()));
            (&RECORDING, [Number(row.id), row.title.into(), duration, row.date.into(), Null])
        }
        TableRow::Artist(row) => (&ARTIST, [Number(row.id), Text(row.name), Null, Null, Null]),
        TableRow::Release(row) => {
            let artist = row.artist.map_or(Null, Number);
            (&RELEASE, [Number(row.id), row.title.into(), artist, row.date.into(), Null])
        }
        TableRow::Track(row) => {
            let place = [small(row.disc), small(row.position)];
            let [disc, position] = place;
            (&TRACK, [Number(row.recording), Number(row.release), disc, position, Null])
        }
        TableRow::Credit(row) => {
            let (position, artist) = (Number(row.position.into()), Number(row.artist));
            (&CREDIT, [Number(row.recording), position, artist, row.name.into(), row.joined.into()])
        }
        TableRow::Isrc(row) => (&ISRC, [Number(row.recording), said(row.said), Null, Null, Null]),
        TableRow::Listens(row) => match row.of {
            Counted::Recording(id) => {
                (&LISTENS, [Number(id), Number(row.listens), Null, Null, Null])
            }
            Counted::Isrc(isrc) => {
                (&ISRC_LISTENS, [Number(isrc.to_u64()), Number(row.listens), Null, Null, Null])
            }
        },
    }
}

/// The row that [`cells_of`] was given, of the tables that have several rows a recording; `None` of others.
pub(crate) fn row_of(shape: &Shape, cells: Cells) -> Option<TableRow> {
    let number = |cell| if let Cell::Number(number) = cell { Some(number) } else { None };
    let small = |cell| number(cell).map(|number| number as u32);
    let text = |cell| if let Cell::Text(text) = cell { Some(text) } else { None };
    let [recording, second, third, fourth, fifth] = cells;
    let recording = number(recording)?;
    Some(match *shape {
        TRACK => {
            let known = |cell| small(cell).filter(|number| *number > 0);
            let (release, disc, position) = (number(second)?, known(third), known(fourth));
            TableRow::Track(TrackRow { release, recording, disc, position })
        }
        CREDIT => {
            let (position, artist) = (small(second)?, number(third)?);
            let (name, joined) = (text(fourth), text(fifth));
            TableRow::Credit(CreditRow { recording, position, artist, name, joined })
        }
        ISRC => {
            let said = match second {
                Cell::Number(code) => Isrc::from_u64(code)?.compact(),
                said => text(said)?,
            };
            TableRow::Isrc(IsrcRow { recording, said })
        }
        _ => return None,
    })
}

/// A code as it is kept: its number when that gives back what was said.
fn said(text: String) -> Cell {
    let is_compact =
        text.len() == 12 && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    match text.parse::<Isrc>() {
        Ok(isrc) if is_compact => Cell::Number(isrc.to_u64()),
        _ => Cell::Text(text),
    }
}

/// The text of a code that was kept by [`said`], and the code when it is one.
pub(crate) fn code_at(value: ValueRef<'_>) -> rusqlite::Result<Option<Isrc>> {
    Ok(match value {
        ValueRef::Integer(number) => Isrc::from_u64(number as u64),
        other => other.as_str()?.parse().ok(),
    })
}

impl Shape {
    /// Compares the keys of two rows.
    pub(crate) fn compare(&self, a: &Cells, b: &Cells) -> Ordering {
        a[..self.key].cmp(&b[..self.key])
    }

    /// Compares the key of a row with that of one in the table, whose columns stand as in `columns`.
    pub(crate) fn compare_there(&self, cells: &Cells, row: &Row<'_>) -> rusqlite::Result<Ordering> {
        for (index, cell) in cells[..self.key].iter().enumerate() {
            let order = compare_value(cell, row.get_ref(index)?);
            if order.is_ne() {
                return Ok(order);
            }
        }
        Ok(Ordering::Equal)
    }

    /// Whether the table's row of the same key says the same.
    pub(crate) fn is_same(&self, cells: &Cells, row: &Row<'_>) -> rusqlite::Result<bool> {
        for (index, cell) in cells.iter().enumerate().take(self.columns.len()).skip(self.key) {
            if compare_value(cell, row.get_ref(index)?).is_ne() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Bytes that stand in the order of keys.
    pub(crate) fn put_key(&self, cells: &Cells, to: &mut Vec<u8>) {
        for cell in &cells[..self.key] {
            match cell {
                Cell::Null => {}
                Cell::Number(number) => put_number(to, *number),
                // A text is the last of a key, so its end needs no mark.
                Cell::Text(text) => {
                    to.push(TEXT);
                    to.extend_from_slice(text.as_bytes());
                }
            }
        }
    }

    /// The cells that are not key.
    pub(crate) fn put_rest(&self, cells: &Cells, to: &mut Vec<u8>) {
        for cell in &cells[self.key..self.columns.len()] {
            match cell {
                Cell::Null => to.push(NULL),
                Cell::Number(number) => put_number(to, *number),
                Cell::Text(text) => {
                    to.push(TEXT);
                    put_number(to, text.len() as u64);
                    to.extend_from_slice(text.as_bytes());
                }
            }
        }
    }

    /// What was put; `None` when that is not what these bytes are.
    pub(crate) fn take<'a>(&self, mut key: &'a [u8], mut rest: &'a [u8]) -> Option<Cells> {
        let mut cells = Cells::default();
        for (index, cell) in cells[..self.columns.len()].iter_mut().enumerate() {
            let is_key = index < self.key;
            let from = if is_key { &mut key } else { &mut rest };
            *cell = match *from.first()? {
                NULL => {
                    *from = &from[1..];
                    Cell::Null
                }
                TEXT => {
                    *from = &from[1..];
                    let length =
                        if is_key { from.len() } else { take_number(from)?.try_into().ok()? };
                    let (text, after) = from.split_at_checked(length)?;
                    *from = after;
                    Cell::Text(String::from_utf8(text.to_vec()).ok()?)
                }
                _ => Cell::Number(take_number(from)?),
            };
        }
        Some(cells)
    }
}

// Above the lengths of numbers, so that texts stand after them.
const TEXT: u8 = 0x10;
const NULL: u8 = 0x11;

fn compare_value(cell: &Cell, value: ValueRef<'_>) -> Ordering {
    match (cell, value) {
        (Cell::Null, ValueRef::Null) => Ordering::Equal,
        (Cell::Null, _) => Ordering::Less,
        (_, ValueRef::Null) => Ordering::Greater,
        (Cell::Number(a), ValueRef::Integer(b)) => a.cmp(&(b as u64)),
        (Cell::Number(_), _) => Ordering::Less,
        (Cell::Text(a), ValueRef::Text(b)) => a.as_bytes().cmp(b),
        (Cell::Text(_), _) => Ordering::Greater,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cell() -> impl Strategy<Value = Cell> {
        prop_oneof![
            (0u64..=i64::MAX as u64).prop_map(Cell::Number),
            (0u64..300).prop_map(Cell::Number),
            ".{0,9}".prop_map(Cell::Text),
        ]
    }

    fn number() -> impl Strategy<Value = Cell> {
        prop_oneof![0u64..4, 250u64..260, 0u64..=i64::MAX as u64].prop_map(Cell::Number)
    }

    proptest! {
        #[test]
        fn bytes_stand_as_rows_do_and_give_them_back(
            a in (number(), cell()), b in (number(), cell()), name in cell(), null in any::<bool>(),
        ) {
            for shape in [&ISRC, &CREDIT] {
                let row = |(id, key): (Cell, Cell)| {
                    let [third, fourth] = match shape.columns.len() {
                        2 => [Cell::Null, Cell::Null],
                        _ => [name.clone(), if null { Cell::Null } else { name.clone() }],
                    };
                    [id, key, third, fourth, Cell::Null]
                };
                let (a, b) = (row(a.clone()), row(b.clone()));
                let bytes = |row: &Cells| {
                    let (mut key, mut rest) = (Vec::new(), Vec::new());
                    shape.put_key(row, &mut key);
                    shape.put_rest(row, &mut rest);
                    (key, rest)
                };
                let ((a_key, a_rest), (b_key, _)) = (bytes(&a), bytes(&b));
                prop_assert_eq!(a_key.cmp(&b_key), shape.compare(&a, &b));
                prop_assert_eq!(shape.take(&a_key, &a_rest), Some(a));
            }
        }

        #[test]
        fn cells_give_back_their_row(
            ids in any::<(u32, u32, u32)>(), small in any::<(Option<u16>, Option<u16>)>(),
            name in prop::option::of(".{1,9}"), said in "USRC1760783[0-9]|[a-z]{1,9}",
        ) {
            let (recording, other) = (ids.0.into(), ids.1.into());
            let known = |number: Option<u16>| number.map(u32::from).filter(|number| *number > 0);
            let (disc, position) = (known(small.0), known(small.1));
            let credit = CreditRow {
                recording, position: ids.2, artist: other, name: name.clone(), joined: name,
            };
            for row in [
                TableRow::Track(TrackRow { release: other, recording, disc, position }),
                TableRow::Credit(credit),
                TableRow::Isrc(IsrcRow { recording, said }),
            ] {
                let (shape, cells) = cells_of(row.clone());
                prop_assert_eq!(row_of(shape, cells), Some(row));
            }
        }

        #[test]
        fn a_code_is_kept_as_it_was_said(text in "[A-Za-z]{2}-?[A-Z0-9]{3}-?[0-9]{7,8}") {
            let kept = match said(text.clone()) {
                Cell::Number(number) => {
                    prop_assert_eq!(Isrc::from_u64(number).unwrap().compact(), text.clone());
                    code_at(ValueRef::Integer(number as i64)).unwrap()
                }
                Cell::Text(kept) => {
                    prop_assert_eq!(&kept, &text);
                    code_at(ValueRef::Text(kept.as_bytes())).unwrap()
                }
                Cell::Null => None,
            };
            prop_assert_eq!(kept, text.parse().ok());
        }
    }
}
