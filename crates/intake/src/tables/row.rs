//! Makes a row of a table from its cells, or says why it cannot be one.

use super::cell::Cell;
use super::columns::{Column, columns_of};
use super::odd::{OddRows, Seen};
use super::said::short_text;
use super::text::{clean, clean_joined, note_isrc};
use deadwax_model::{
    ArtistRow, CountRow, Counted, CreditRow, IsrcRow, RecordingRow, ReleaseRow, TableKind,
    TableRow, TrackRow, is_date,
};

/// Most bytes of a text.
const TEXT_BYTES: usize = 65_536;
const ID_MAX: u64 = i64::MAX as u64;
const NUMBER_MAX: u64 = i32::MAX as u64;

/// Makes the rows of one table and counts what is odd about them.
#[derive(Debug)]
pub(super) struct RowMaker {
    kind: TableKind,
    columns: &'static [Column],
    odd: OddRows,
}

impl RowMaker {
    pub(super) fn new(kind: TableKind) -> RowMaker {
        RowMaker { kind, columns: columns_of(kind), odd: OddRows::default() }
    }

    pub(super) fn kind(&self) -> TableKind {
        self.kind
    }

    pub(super) fn odd(&self) -> OddRows {
        self.odd
    }

    /// A row of these cells, one for each column of the table; `None` when it says nothing; else the reason.
    pub(super) fn make(&mut self, cells: &[Cell<'_>]) -> Result<Option<TableRow>, String> {
        let mut reading = Reading { columns: self.columns, cells, seen: Seen::default() };
        let row = reading.row(self.kind)?;
        self.odd.add(reading.seen);
        Ok(row)
    }
}

/// One row being made.
struct Reading<'a> {
    columns: &'static [Column],
    cells: &'a [Cell<'a>],
    seen: Seen,
}

impl<'a> Reading<'a> {
    fn row(&mut self, kind: TableKind) -> Result<Option<TableRow>, String> {
        Ok(Some(match kind {
            TableKind::Recording => TableRow::Recording(RecordingRow {
                id: self.id(0)?,
                title: self.title(1)?,
                duration_ms: self.number(2)?,
                date: self.date(3)?,
            }),
            TableKind::Artist => {
                let (id, name) = (self.id(0)?, self.title(1)?);
                TableRow::Artist(ArtistRow { id, name: name.ok_or_else(|| self.missing(1))? })
            }
            TableKind::Release => TableRow::Release(ReleaseRow {
                id: self.id(0)?,
                title: self.title(1)?,
                artist: self.maybe_id(2)?,
                date: self.date(3)?,
            }),
            TableKind::Track => TableRow::Track(TrackRow {
                release: self.id(0)?,
                recording: self.id(1)?,
                disc: self.number(2)?,
                position: self.number(3)?,
            }),
            TableKind::Credit => TableRow::Credit(CreditRow {
                recording: self.id(0)?,
                position: self.position(1)?,
                artist: self.id(2)?,
                name: self.title(3)?,
                joined: self.joined(4)?,
            }),
            TableKind::Isrc => {
                let (recording, said) = (self.id(0)?, self.isrc(1)?);
                let said = said.ok_or_else(|| self.missing(1))?;
                note_isrc(&said, &mut self.seen);
                TableRow::Isrc(IsrcRow { recording, said })
            }
            TableKind::Listens => {
                let of = match (self.maybe_id(0)?, self.isrc(1)?) {
                    (Some(id), _) => Counted::Recording(id),
                    (None, Some(said)) => {
                        note_isrc(&said, &mut self.seen);
                        Counted::Isrc(said.parse().map_err(|e| format!("{e}"))?)
                    }
                    (None, None) => return Err("it has neither recording nor isrc".to_owned()),
                };
                match self.integer(2, 0, ID_MAX)? {
                    Some(listens) => TableRow::Listens(CountRow { of, listens }),
                    None => {
                        self.seen.no_count = true;
                        return Ok(None);
                    }
                }
            }
        }))
    }

    fn id(&self, place: usize) -> Result<u64, String> {
        self.maybe_id(place)?.ok_or_else(|| self.missing(place))
    }

    fn maybe_id(&self, place: usize) -> Result<Option<u64>, String> {
        self.integer(place, 0, ID_MAX)
    }

    /// 1 to 2^31-1, or 0 for not known.
    fn number(&mut self, place: usize) -> Result<Option<u32>, String> {
        let number = self.integer(place, 0, NUMBER_MAX)?;
        self.seen.zero |= number == Some(0);
        Ok(number.filter(|number| *number > 0).map(|number| number as u32))
    }

    fn position(&self, place: usize) -> Result<u32, String> {
        let position = self.integer(place, 1, NUMBER_MAX)?;
        Ok(position.ok_or_else(|| self.missing(place))? as u32)
    }

    fn integer(&self, place: usize, least: u64, most: u64) -> Result<Option<u64>, String> {
        let name = self.columns[place].name;
        let out_of_range = |said: &dyn std::fmt::Display| {
            format!("{name} {said} is not between {least} and {most}")
        };
        let not_one = |said: &str| format!("{name} '{said}' is not an integer");
        match self.cells[place] {
            Cell::Null => Ok(None),
            Cell::Int(number) => match u64::try_from(number) {
                Ok(number) if (least..=most).contains(&number) => Ok(Some(number)),
                _ => Err(out_of_range(&number)),
            },
            Cell::Text(text) => {
                let text = text.trim_ascii();
                if text.is_empty() {
                    return Ok(None);
                }
                let digits = text.strip_prefix(b"-").unwrap_or(text);
                if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
                    return Err(not_one(&short_text(text)));
                }
                match (digits.len() == text.len()).then(|| value(digits)).flatten() {
                    Some(number) if (least..=most).contains(&number) => Ok(Some(number)),
                    _ => Err(out_of_range(&short_text(text))),
                }
            }
            Cell::Other(said) => Err(not_one(&short_text(said.as_bytes()))),
        }
    }

    fn title(&mut self, place: usize) -> Result<Option<String>, String> {
        let said = self.text(place)?;
        Ok(said.and_then(|said| said.with(|text| clean(text, &mut self.seen))))
    }

    fn joined(&mut self, place: usize) -> Result<Option<String>, String> {
        let said = self.text(place)?;
        Ok(said.and_then(|said| said.with(|text| clean_joined(text, &mut self.seen))))
    }

    fn date(&mut self, place: usize) -> Result<Option<String>, String> {
        let date = self.title(place)?;
        self.seen.not_a_date |= date.as_deref().is_some_and(|date| !is_date(date));
        Ok(date)
    }

    /// As it was said, unless that is nothing.
    fn isrc(&mut self, place: usize) -> Result<Option<String>, String> {
        let said = self.text(place)?;
        Ok(said.and_then(|said| {
            said.with(|text| {
                let is_empty = text.trim().is_empty();
                self.seen.empty_text |= is_empty;
                (!is_empty).then(|| text.to_owned())
            })
        }))
    }

    fn text(&mut self, place: usize) -> Result<Option<Text<'a>>, String> {
        let name = self.columns[place].name;
        match self.cells[place] {
            Cell::Null => Ok(None),
            Cell::Int(number) => {
                self.seen.number_for_text = true;
                Ok(Some(Text::Number(number)))
            }
            Cell::Text(text) if text.len() > TEXT_BYTES => {
                Err(format!("{name} has {} bytes, {TEXT_BYTES} are taken at most", text.len()))
            }
            Cell::Text(text) => match std::str::from_utf8(text) {
                Ok(text) => Ok(Some(Text::Said(text))),
                Err(_) => Err(format!("{name} is not text in UTF-8")),
            },
            Cell::Other(said) => {
                Err(format!("{name} '{}' is not a text", short_text(said.as_bytes())))
            }
        }
    }

    fn missing(&self, place: usize) -> String {
        format!("{} has no value", self.columns[place].name)
    }
}

/// A text, or a number in its place.
enum Text<'a> {
    Said(&'a str),
    Number(i128),
}

impl Text<'_> {
    fn with<T>(&self, take: impl FnOnce(&str) -> T) -> T {
        match self {
            Text::Said(text) => take(text),
            Text::Number(number) => take(&number.to_string()),
        }
    }
}

/// The value of digits; `None` when they are too many.
fn value(digits: &[u8]) -> Option<u64> {
    digits
        .iter()
        .try_fold(0u64, |value, digit| value.checked_mul(10)?.checked_add(u64::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn make(kind: TableKind, cells: &[Cell<'_>]) -> Result<Option<TableRow>, String> {
        RowMaker::new(kind).make(cells)
    }

    fn text(text: &str) -> Cell<'_> {
        Cell::Text(text.as_bytes())
    }

    #[test]
    fn every_kind_of_bad_row_has_its_reason() {
        let say = |kind, cells: &[Cell<'_>]| make(kind, cells).unwrap_err();
        use Cell::{Int, Null};
        use TableKind::*;
        assert_eq!(say(Artist, &[Null, text("x")]), "id has no value");
        assert_eq!(say(Artist, &[Int(1), text(" ")]), "name has no value");
        assert_eq!(
            say(Artist, &[Int(-1), text("x")]),
            "id -1 is not between 0 and 9223372036854775807"
        );
        let big = "9223372036854775808";
        for cell in [Int(1 << 63), text(big)] {
            let want = format!("id {big} is not between 0 and 9223372036854775807");
            assert_eq!(say(Artist, &[cell, text("x")]), want);
        }
        assert_eq!(
            say(Artist, &[text("99999999999999999999999"), text("x")]),
            "id 99999999999999999999999 is not between 0 and 9223372036854775807"
        );
        for said in ["12x", "1.0", "+1", "--1", "-", "0x1", "１"] {
            let want = format!("recording '{said}' is not an integer");
            assert_eq!(say(Track, &[Int(1), text(said), Null, Null]), want);
        }
        assert_eq!(
            say(Track, &[Int(1), Int(1), Null, Int(1 << 31)]),
            "position 2147483648 is not between 0 and 2147483647"
        );
        assert_eq!(
            say(Credit, &[Int(1), Int(0), Int(1), Null, Null]),
            "position 0 is not between 1 and 2147483647"
        );
        assert_eq!(say(Listens, &[Null, Null, Int(1)]), "it has neither recording nor isrc");
        assert!(say(Listens, &[Null, text("USRC176078390"), Int(1)]).contains("13 characters"));
        assert_eq!(say(Artist, &[Int(1), Cell::Text(b"\xff")]), "name is not text in UTF-8");
        let long = "x".repeat(65_537);
        assert_eq!(
            say(Artist, &[Int(1), text(&long)]),
            "name has 65537 bytes, 65536 are taken at most"
        );
        assert_eq!(say(Artist, &[Int(1), Cell::Other("true")]), "name 'true' is not a text");
    }

    #[test]
    fn what_is_odd_is_kept_and_counted() {
        let mut maker = RowMaker::new(TableKind::Recording);
        let cells = [text("7"), text("e\u{301}\n"), Cell::Int(0), text("0000-00-00")];
        let Ok(Some(TableRow::Recording(row))) = maker.make(&cells) else { panic!() };
        assert_eq!((row.id, row.title.as_deref(), row.duration_ms), (7, Some("é"), None));
        assert_eq!(row.date.as_deref(), Some("0000-00-00"));
        let odd = maker.odd();
        assert_eq!((odd.not_nfc, odd.control_characters, odd.zero, odd.not_a_date), (1, 1, 1, 1));
        // What is odd about a row that is left out is not counted.
        assert!(maker.make(&[text("x"), text(" a"), Cell::Null, Cell::Null]).is_err());
        assert_eq!(maker.odd(), odd);
    }

    #[test]
    fn an_isrc_is_kept_as_it_was_said() {
        let mut maker = RowMaker::new(TableKind::Isrc);
        for said in ["USRC17607839", "us-rc1-76-07839 ", "USRC176078390"] {
            let Ok(Some(TableRow::Isrc(row))) = maker.make(&[Cell::Int(1), text(said)]) else {
                panic!()
            };
            assert_eq!(row.said, said);
        }
        assert_eq!((maker.odd().isrc_spelling, maker.odd().not_an_isrc), (1, 1));
    }

    #[test]
    fn a_count_of_both_is_of_the_recording_and_none_is_no_row() {
        use Cell::{Int, Null};
        let isrc = text("USRC17607839");
        let Ok(Some(TableRow::Listens(row))) = make(TableKind::Listens, &[Int(4), isrc, Int(0)])
        else {
            panic!()
        };
        assert_eq!((row.of, row.listens), (Counted::Recording(4), 0));
        assert_eq!(make(TableKind::Listens, &[Int(4), Null, Null]), Ok(None));
    }
}
