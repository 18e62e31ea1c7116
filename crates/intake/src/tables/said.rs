//! What a row says, for people who look for what is wrong with it.

use super::cell::Cell;
use super::columns::{Column, columns_of};
use deadwax_model::{Counted, TableKind, TableRow};
use serde_json::{Map, Value};

/// Characters of a text that are shown.
const CHARACTERS: usize = 1_000;

/// What a row says, as an object with the table's columns.
pub fn said_of(row: &TableRow) -> Value {
    let text = |text: &Option<String>| text.as_deref().map(short);
    let number = |number: Option<u32>| number.map(Value::from);
    let (kind, values): (_, Vec<Option<Value>>) = match row {
        TableRow::Recording(row) => (
            TableKind::Recording,
            vec![Some(row.id.into()), text(&row.title), number(row.duration_ms), text(&row.date)],
        ),
        TableRow::Artist(row) => {
            (TableKind::Artist, vec![Some(row.id.into()), Some(short(&row.name))])
        }
        TableRow::Release(row) => (
            TableKind::Release,
            vec![
                Some(row.id.into()),
                text(&row.title),
                row.artist.map(Value::from),
                text(&row.date),
            ],
        ),
        TableRow::Track(row) => (
            TableKind::Track,
            vec![
                Some(row.release.into()),
                Some(row.recording.into()),
                number(row.disc),
                number(row.position),
            ],
        ),
        TableRow::Credit(row) => (
            TableKind::Credit,
            vec![
                Some(row.recording.into()),
                Some(row.position.into()),
                Some(row.artist.into()),
                text(&row.name),
                text(&row.joined),
            ],
        ),
        TableRow::Isrc(row) => {
            (TableKind::Isrc, vec![Some(row.recording.into()), Some(short(&row.said))])
        }
        TableRow::Listens(row) => {
            let (recording, isrc) = match row.of {
                Counted::Recording(id) => (Some(id.into()), None),
                Counted::Isrc(isrc) => (None, Some(isrc.compact().into())),
            };
            (TableKind::Listens, vec![recording, isrc, Some(row.listens.into())])
        }
    };
    object(columns_of(kind), values)
}

/// The same of a row that could not be made.
pub(super) fn said_in(columns: &[Column], cells: &[Cell<'_>]) -> Value {
    object(columns, cells.iter().map(|cell| value(*cell)))
}

/// The first of a text, with an ellipsis when it was longer.
pub(super) fn short_text(text: &[u8]) -> String {
    let most = text.len().min(4 * CHARACTERS + 4);
    let head = String::from_utf8_lossy(&text[..most]);
    match head.char_indices().nth(CHARACTERS) {
        Some((end, _)) => format!("{}…", &head[..end]),
        None => head.into_owned(),
    }
}

/// About how many bytes of memory what a row says takes.
pub(super) fn said_bytes(said: &Value) -> usize {
    let inner = match said {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => text.len(),
        Value::Array(values) => values.iter().map(said_bytes).sum(),
        Value::Object(values) => {
            values.iter().map(|(name, value)| name.len() + said_bytes(value)).sum()
        }
    };
    size_of::<Value>() + inner
}

fn short(text: &str) -> Value {
    Value::String(short_text(text.as_bytes()))
}

fn value(cell: Cell<'_>) -> Option<Value> {
    match cell {
        Cell::Null => None,
        Cell::Int(number) => Some(match (i64::try_from(number), u64::try_from(number)) {
            (Ok(number), _) => number.into(),
            (_, Ok(number)) => number.into(),
            _ => number.to_string().into(),
        }),
        Cell::Text(text) => Some(Value::String(short_text(text))),
        Cell::Other(text) => Some(short(text)),
    }
}

fn object(columns: &[Column], values: impl IntoIterator<Item = Option<Value>>) -> Value {
    let pairs = columns.iter().zip(values);
    let known = pairs.filter_map(|(column, value)| Some((column.name.to_owned(), value?)));
    Value::Object(known.collect::<Map<_, _>>())
}
