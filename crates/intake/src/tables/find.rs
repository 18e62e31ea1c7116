//! Which files are tables: known by their names alone.

use super::csv_file;
use crate::Refusal;
use deadwax_model::TableKind;
use std::path::{Path, PathBuf};

/// How a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableFormat {
    /// Apache Parquet.
    Parquet,
    /// Comma, semicolon or tab separated, with a head line.
    Csv,
    /// A JSON object a line.
    Ndjson,
}

impl TableFormat {
    const ALL: [TableFormat; 3] = [TableFormat::Parquet, TableFormat::Csv, TableFormat::Ndjson];

    /// What its files' names end with.
    pub fn extension(self) -> &'static str {
        match self {
            TableFormat::Parquet => "parquet",
            TableFormat::Csv => "csv",
            TableFormat::Ndjson => "ndjson",
        }
    }
}

/// A file that is a table by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableFile {
    /// Where it is.
    pub path: PathBuf,
    /// Which table it is.
    pub kind: TableKind,
    /// How it is written.
    pub format: TableFormat,
}

impl TableFile {
    /// Tells from a name, such as `recording.parquet`; `None` when it is no table's.
    pub fn named(path: &Path) -> Option<TableFile> {
        let (stem, ending) = path.file_name()?.to_str()?.rsplit_once('.')?;
        let kind = TableKind::ORDER.into_iter().find(|kind| kind.as_str() == stem)?;
        let format = TableFormat::ALL.into_iter().find(|format| format.extension() == ending)?;
        Some(TableFile { path: path.to_path_buf(), kind, format })
    }
}

/// The tables of a folder, or one file, in the order in which they refer to each other.
///
/// # Errors
/// When there are none, or one is there in two formats.
pub fn find_tables(source: &Path) -> Result<Vec<TableFile>, Refusal> {
    if !source.exists() {
        return Err(Refusal::of_the_moment("there is no such file or folder", "check the name"));
    }
    if !source.is_dir() {
        return match TableFile::named(source) {
            Some(table) => Ok(vec![table]),
            None => Err(Refusal::new(
                "by its name it is no table",
                format!("name it after its table and format: {}", names()),
            )),
        };
    }
    let mut tables: Vec<TableFile> = Vec::new();
    for kind in TableKind::ORDER {
        let in_format = |format| {
            let name = format!("{}.{}", kind.as_str(), TableFormat::extension(format));
            TableFile { path: source.join(name), kind, format }
        };
        let mut found =
            TableFormat::ALL.map(in_format).into_iter().filter(|table| table.path.is_file());
        tables.extend(found.next());
        if let Some(second) = found.next() {
            return Err(Refusal::new(
                format!(
                    "the table {} is there twice, also as .{}",
                    kind.as_str(),
                    second.format.extension()
                ),
                "take the one that is not wanted out of the folder, then run the same line again",
            ));
        }
    }
    match tables.is_empty() {
        false => Ok(tables),
        true => {
            Err(Refusal::new("it has no table in it", format!("tables are called {}", names())))
        }
    }
}

/// Whether a source that nobody says more about is tables: a folder with a table `recording` in it, or a
/// file with a table's name. A CSV file `listens` or `isrc` with columns `listens`, and `id` or `isrc`, and not `recording`,
/// is a table of listens for recordings that are there already (docs/formats/policy.md).
pub fn are_tables(source: &Path) -> bool {
    if source.is_dir() {
        let has = |format| source.join(format!("recording.{}", TableFormat::extension(format)));
        return TableFormat::ALL.map(has).iter().any(|path| path.is_file());
    }
    match TableFile::named(source) {
        Some(TableFile {
            format: TableFormat::Csv,
            kind: TableKind::Listens | TableKind::Isrc,
            ..
        }) if source.is_file() => {
            let names = csv_file::names(source).unwrap_or_default();
            let has = |name: &str| names.iter().any(|found| found.eq_ignore_ascii_case(name));
            !has("listens") || has("recording") || !(has("id") || has("isrc"))
        }
        Some(_) => source.is_file(),
        None => false,
    }
}

fn names() -> String {
    let kinds = TableKind::ORDER.map(TableKind::as_str).join(", ");
    format!("{kinds}, each with .parquet, .csv or .ndjson")
}
