//! A table as NDJSON: a JSON object a line, read line by line in bounded memory and without a tree for
//! each.

use super::batch::Batch;
use super::cell::Cell;
use super::columns::{Column, Ignored, MOST, column_called, columns_of};
use super::row::RowMaker;
use super::said::short_text;
use crate::Refusal;
use deadwax_model::TableKind;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek};

/// Most bytes of a line.
const LINE_BYTES: u64 = 1 << 20;
/// The widest range in which every integer is a double.
const EXACT_DOUBLE: f64 = 9_007_199_254_740_992.0;
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// A table as NDJSON.
pub(super) struct NdjsonTable {
    lines: Lines,
    columns: &'static [Column],
    ignored: Ignored,
}

impl NdjsonTable {
    /// Refuses a file whose first line that is not empty is no object: it is something else.
    pub(super) fn open(file: File, kind: TableKind) -> Result<NdjsonTable, Refusal> {
        let mut lines = Lines {
            input: BufReader::with_capacity(1 << 16, file),
            line: Vec::new(),
            number: 0,
            bytes: 0,
        };
        let first = lines.next()?;
        match first {
            None => {
                return Err(Refusal::new(
                    "it is empty; an NDJSON file has a JSON object a line",
                    "write the table again, then run the same line again",
                ));
            }
            Some(Found::Line) if lines.line.first() == Some(&b'{') => {}
            Some(_) => {
                return Err(Refusal::new(
                    format!("its line {} is no JSON object", lines.number),
                    "write a JSON object a line, without commas or brackets around them",
                ));
            }
        }
        lines.rewind()?;
        Ok(NdjsonTable { lines, columns: columns_of(kind), ignored: Ignored::default() })
    }

    pub(super) fn ignored(&self) -> &[String] {
        self.ignored.names()
    }

    /// How much of the file was read.
    pub(super) fn bytes_read(&self) -> u64 {
        self.lines.bytes
    }

    /// Fills a batch; `false` at the end.
    pub(super) fn fill(
        &mut self,
        batch: &mut Batch,
        maker: &mut RowMaker,
    ) -> Result<bool, Refusal> {
        while !batch.is_full() {
            let Some(found) = self.lines.next()? else { return Ok(false) };
            let number = self.lines.number;
            let line = self.lines.line.as_slice();
            if let Found::TooLong = found {
                let reason = format!("its line has more than {LINE_BYTES} bytes");
                batch.take_bad(number, reason, short_text(line).into());
                continue;
            }
            match self.values(line) {
                Err(reason) => batch.take_bad(number, reason, short_text(line).into()),
                Ok((values, ignored)) => {
                    let mut cells = [Cell::Null; MOST];
                    for (cell, value) in cells.iter_mut().zip(&values) {
                        *cell = value.cell();
                    }
                    batch.take(maker, number, &cells[..self.columns.len()]);
                    ignored.iter().for_each(|name| self.ignored.note(name));
                }
            }
        }
        Ok(true)
    }

    /// The values of the table's columns in a line, and the other keys that are new; else why not.
    fn values<'l>(&self, line: &'l [u8]) -> Result<([Json<'l>; MOST], Vec<String>), String> {
        // Texts are checked one by one elsewhere; here the line has to be one whole.
        if std::str::from_utf8(line).is_err() {
            return Err("its line is not text in UTF-8".to_owned());
        }
        let mut parser = serde_json::Deserializer::from_slice(line);
        let row = Row { columns: self.columns, ignored: &self.ignored };
        let found = row.deserialize(&mut parser).and_then(|found| parser.end().map(|()| found));
        found.map_err(|e| format!("its line is no JSON object: {e}"))
    }
}

enum Found {
    /// A line that is not empty, without spaces around it.
    Line,
    /// The first of a line that is too long.
    TooLong,
}

/// The lines of a file.
struct Lines {
    input: BufReader<File>,
    line: Vec<u8>,
    number: u64,
    bytes: u64,
}

impl Lines {
    /// Reads the next line that is not empty.
    fn next(&mut self) -> Result<Option<Found>, Refusal> {
        loop {
            self.line.clear();
            let mut read = (&mut self.input)
                .take(LINE_BYTES + 1)
                .read_until(b'\n', &mut self.line)
                .map_err(|e| Refusal::io(&e))? as u64;
            if read == 0 {
                return Ok(None);
            }
            self.number += 1;
            let is_too_long = read > LINE_BYTES && self.line.last() != Some(&b'\n');
            if is_too_long {
                read += self.input.skip_until(b'\n').map_err(|e| Refusal::io(&e))? as u64;
            }
            self.bytes += read;
            if is_too_long {
                return Ok(Some(Found::TooLong));
            }
            if self.number == 1 && self.line.starts_with(BYTE_ORDER_MARK) {
                self.line.drain(..BYTE_ORDER_MARK.len());
            }
            let end = self.line.trim_ascii_end().len();
            self.line.truncate(end);
            let spaces = end - self.line.trim_ascii_start().len();
            self.line.drain(..spaces);
            if !self.line.is_empty() {
                return Ok(Some(Found::Line));
            }
        }
    }

    fn rewind(&mut self) -> Result<(), Refusal> {
        (self.number, self.bytes) = (0, 0);
        self.input.rewind().map_err(|e| Refusal::io(&e))
    }
}

/// A value of a line.
#[derive(Debug, Clone, Default)]
enum Json<'l> {
    #[default]
    Null,
    Integer(i128),
    Text(Cow<'l, str>),
    Other(String),
}

impl Json<'_> {
    fn cell(&self) -> Cell<'_> {
        match self {
            Json::Null => Cell::Null,
            Json::Integer(number) => Cell::Int(*number),
            Json::Text(text) => Cell::Text(text.as_bytes()),
            Json::Other(said) => Cell::Other(said),
        }
    }
}

/// Reads a line's object.
struct Row<'a> {
    columns: &'static [Column],
    ignored: &'a Ignored,
}

impl<'l> DeserializeSeed<'l> for Row<'_> {
    type Value = ([Json<'l>; MOST], Vec<String>);

    fn deserialize<D: Deserializer<'l>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_map(self)
    }
}

impl<'l> Visitor<'l> for Row<'_> {
    type Value = ([Json<'l>; MOST], Vec<String>);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row")
    }

    fn visit_map<A: MapAccess<'l>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut values: [Json<'l>; MOST] = Default::default();
        let mut ignored = Vec::new();
        while let Some(Name(name)) = map.next_key_seed(NameSeed)? {
            match column_called(self.columns, &name) {
                Some(column) => values[column] = map.next_value_seed(JsonSeed)?,
                None => {
                    if !self.ignored.names().iter().any(|known| *known == name) {
                        ignored.push(name.into_owned());
                    }
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok((values, ignored))
    }
}

struct Name<'l>(Cow<'l, str>);
struct NameSeed;

impl<'l> DeserializeSeed<'l> for NameSeed {
    type Value = Name<'l>;

    fn deserialize<D: Deserializer<'l>>(self, from: D) -> Result<Name<'l>, D::Error> {
        from.deserialize_str(self)
    }
}

impl<'l> Visitor<'l> for NameSeed {
    type Value = Name<'l>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, name: &'l str) -> Result<Name<'l>, E> {
        Ok(Name(name.into()))
    }

    fn visit_str<E>(self, name: &str) -> Result<Name<'l>, E> {
        Ok(Name(name.to_owned().into()))
    }
}

struct JsonSeed;

impl<'l> DeserializeSeed<'l> for JsonSeed {
    type Value = Json<'l>;

    fn deserialize<D: Deserializer<'l>>(self, from: D) -> Result<Json<'l>, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'l> Visitor<'l> for JsonSeed {
    type Value = Json<'l>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Json<'l>, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json<'l>, E> {
        Ok(Json::Other(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json<'l>, E> {
        Ok(Json::Integer(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json<'l>, E> {
        Ok(Json::Integer(value.into()))
    }

    /// JSON has one kind of number: programs that have only doubles write 215000.0.
    fn visit_f64<E>(self, value: f64) -> Result<Json<'l>, E> {
        Ok(match value.fract() == 0.0 && value.abs() <= EXACT_DOUBLE {
            true => Json::Integer(value as i128),
            false => Json::Other(value.to_string()),
        })
    }

    fn visit_borrowed_str<E>(self, text: &'l str) -> Result<Json<'l>, E> {
        Ok(Json::Text(text.into()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json<'l>, E> {
        Ok(Json::Text(text.to_owned().into()))
    }

    fn visit_seq<A: SeqAccess<'l>>(self, mut seq: A) -> Result<Json<'l>, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Json::Other("[...]".to_owned()))
    }

    fn visit_map<A: MapAccess<'l>>(self, mut map: A) -> Result<Json<'l>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Json::Other("{...}".to_owned()))
    }
}
