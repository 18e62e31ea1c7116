//! How our types lie in SQLite's columns.

use deadwax_model::{FileHashes, Root};
use rusqlite::Row;
use rusqlite::types::{Type, Value, ValueRef};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// A path is TEXT when it is UTF-8, so that people can query it, and else its bytes.
pub(crate) fn path_value(path: &Path) -> Value {
    match path.to_str() {
        Some(text) => Value::Text(text.to_owned()),
        None => Value::Blob(path.as_os_str().as_bytes().to_vec()),
    }
}

pub(crate) fn path_at(row: &Row<'_>, column: usize) -> rusqlite::Result<PathBuf> {
    match row.get_ref(column)? {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            Ok(PathBuf::from(OsStr::from_bytes(bytes)))
        }
        other => Err(unfit(column, other.data_type(), format!("{other:?} is not a path"))),
    }
}

pub(crate) fn root_at(row: &Row<'_>, column: usize) -> rusqlite::Result<Root> {
    let bytes = row.get_ref(column)?.as_blob().map_err(|e| unfit(column, Type::Blob, e))?;
    Root::from_slice(bytes).map_err(|e| unfit(column, Type::Blob, e))
}

pub(crate) fn optional_root_at(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Root>> {
    match row.get_ref(column)? {
        ValueRef::Null => Ok(None),
        _ => root_at(row, column).map(Some),
    }
}

/// A column whose text is one of our words.
pub(crate) fn word_at<T: std::str::FromStr>(row: &Row<'_>, column: usize) -> rusqlite::Result<T>
where
    T::Err: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let text = row.get_ref(column)?.as_str().map_err(|e| unfit(column, Type::Text, e))?;
    text.parse().map_err(|e: T::Err| unfit(column, Type::Text, e))
}

pub(crate) fn optional_word_at<T: std::str::FromStr>(
    row: &Row<'_>,
    column: usize,
) -> rusqlite::Result<Option<T>>
where
    T::Err: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    match row.get_ref(column)? {
        ValueRef::Null => Ok(None),
        _ => word_at(row, column).map(Some),
    }
}

/// Reads `bytes, root, piece_layer, v1_whole, v1_tail, v1_tail_padded` from `first` on.
pub(crate) fn hashes_at(row: &Row<'_>, first: usize) -> rusqlite::Result<FileHashes> {
    Ok(FileHashes {
        bytes: row.get(first)?,
        root: root_at(row, first + 1)?,
        piece_layer: row.get(first + 2)?,
        v1_whole: row.get(first + 3)?,
        v1_tail: row.get(first + 4)?,
        v1_tail_padded: row.get(first + 5)?,
    })
}

pub(crate) fn lines(texts: &[String]) -> String {
    serde_json::to_string(texts).expect("a list of texts is JSON")
}

pub(crate) fn lines_at(row: &Row<'_>, column: usize) -> rusqlite::Result<Vec<String>> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|e| unfit(column, Type::Text, e))
}

pub(crate) fn unfit(
    column: usize,
    kind: Type,
    reason: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, kind, reason.into())
}
