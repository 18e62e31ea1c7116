//! A table as Parquet, read a slice of a row group at a time: columns side by side, never a whole group.
//!
//! The decoder is somebody else's, and files are anybody's: what can be checked is checked when the file
//! is opened (`parquet_directory`), pages are bounded (`parquet_pages`), and a panic of the decoder is a
//! refusal of the file.

use super::batch::{Batch, ROWS};
use super::cell::Cell;
use super::columns::{Holds, MOST, Places, columns_of};
use super::parquet_directory::{self, NotDecoded};
use super::parquet_pages::{BoundedFile, BoundedPages, Levels, encodings};
use super::row::RowMaker;
use crate::Refusal;
use deadwax_model::TableKind;
use parquet::basic::{Compression, ConvertedType, LogicalType, Repetition, Type as Physical};
use parquet::column::reader::{ColumnReader, get_column_reader};
use parquet::data_type::ByteArray;
use parquet::errors::{ParquetError, Result as Decoded};
use parquet::file::metadata::{
    ColumnChunkMetaData, ParquetMetaData, ParquetMetaDataOptions, ParquetMetaDataReader,
    ParquetStatisticsPolicy,
};
use parquet::schema::types::{ColumnDescriptor, Type};
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

const MAGIC: &[u8] = b"PAR1";
/// What a Parquet file ends with: the length of its directory and the magic number.
const TAIL_BYTES: u64 = 8;
/// Most bytes of the directory at a file's end: some hundred a column chunk, of which there are thousands.
const DIRECTORY_BYTES: u64 = 64 << 20;

/// A table as Parquet.
pub(super) struct ParquetTable {
    file: Arc<BoundedFile>,
    metadata: ParquetMetaData,
    places: Places,
    columns: usize,
    /// The file's columns that are read.
    wanted: Vec<Wanted>,
    rows: u64,
    /// Rows that were given to batches.
    rows_read: u64,
    next_group: usize,
    /// Rows of the open row group that are not in the slice yet.
    left_in_group: u64,
    open: Vec<OpenColumn>,
    /// Rows of the slice, and how many of them were given.
    slice_rows: usize,
    slice_given: usize,
}

/// A column of the file that is one of the table's.
struct Wanted {
    /// Its place among the file's leaf columns.
    leaf: usize,
    /// Its place among the table's columns.
    column: usize,
    /// Whether its integers have no sign.
    is_unsigned: bool,
}

impl ParquetTable {
    pub(super) fn open(file: File, kind: TableKind) -> Result<ParquetTable, Refusal> {
        let bytes = file.metadata().map_err(|e| Refusal::io(&e))?.len();
        let metadata = decode(&directory(&file, bytes)?)?;
        let schema = metadata.file_metadata().schema();
        let fields = schema.get_fields();
        let names: Vec<&str> = fields.iter().map(|field| field.name()).collect();
        let mut places = Places::find(kind, &names)?;
        let columns = columns_of(kind);
        let mut wanted = Vec::new();
        let mut leaf = 0;
        for (field, place) in fields.iter().zip(&mut places.column_of) {
            if let Some(column) = *place {
                let (name, holds) = (columns[column].name, columns[column].holds);
                if !field.is_primitive() {
                    return Err(wrong_type(name, "a group of columns", holds));
                }
                let descriptor = metadata.file_metadata().schema_descr().column(leaf);
                match check_type(&descriptor, holds) {
                    Ok(Some(is_unsigned)) => wanted.push(Wanted { leaf, column, is_unsigned }),
                    // A column that never had a value has no type: pandas writes such.
                    Ok(None) => *place = None,
                    Err(found) => return Err(wrong_type(name, &found, holds)),
                }
            }
            leaf += leaves(field);
        }
        // Those without a type are gone now, and may have been needed.
        let typed = names.iter().zip(&places.column_of).filter(|(_, place)| place.is_some());
        Places::find(kind, &typed.map(|(name, _)| *name).collect::<Vec<_>>())?;
        let rows = check_groups(&metadata, &wanted, bytes)?;
        Ok(ParquetTable {
            file: Arc::new(BoundedFile(file)),
            metadata,
            places,
            columns: columns.len(),
            wanted,
            rows,
            rows_read: 0,
            next_group: 0,
            left_in_group: 0,
            open: Vec::new(),
            slice_rows: 0,
            slice_given: 0,
        })
    }

    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    pub(super) fn rows_read(&self) -> u64 {
        self.rows_read
    }

    pub(super) fn ignored(&self) -> &[String] {
        self.places.ignored.names()
    }

    /// Fills a batch; `false` at the end.
    pub(super) fn fill(
        &mut self,
        batch: &mut Batch,
        maker: &mut RowMaker,
    ) -> Result<bool, Refusal> {
        while !batch.is_full() {
            if self.slice_given == self.slice_rows {
                let is_more = contained(|| self.next_slice()).map_err(|what| {
                    damaged(format!(
                        "what follows its row {} cannot be decoded: {what}",
                        self.rows_read
                    ))
                })?;
                if !is_more {
                    return Ok(false);
                }
            }
            let mut cells = [Cell::Null; MOST];
            for (column, wanted) in self.open.iter_mut().zip(&self.wanted) {
                cells[wanted.column] = column.next_cell(self.slice_given, wanted.is_unsigned);
            }
            self.slice_given += 1;
            self.rows_read += 1;
            batch.take(maker, self.rows_read, &cells[..self.columns]);
        }
        Ok(true)
    }

    /// Decodes the next slice of all columns; `false` at the end of the file.
    fn next_slice(&mut self) -> Decoded<bool> {
        while self.left_in_group == 0 {
            if self.next_group == self.metadata.num_row_groups() {
                return Ok(false);
            }
            self.open_group()?;
        }
        let rows = self.left_in_group.min(ROWS as u64) as usize;
        for column in &mut self.open {
            column.read(rows)?;
        }
        self.left_in_group -= rows as u64;
        (self.slice_rows, self.slice_given) = (rows, 0);
        Ok(true)
    }

    fn open_group(&mut self) -> Decoded<()> {
        let group = self.metadata.row_group(self.next_group);
        let rows = group.num_rows() as u64;
        self.open.clear();
        for wanted in &self.wanted {
            let chunk = group.column(wanted.leaf);
            let descriptor = chunk.column_descr_ptr();
            let levels = match descriptor.max_def_level() {
                0 => Levels::None,
                _ => Levels::Definition,
            };
            let pages = BoundedPages::new(&self.file, chunk, rows, levels)?;
            self.open.push(OpenColumn {
                reader: get_column_reader(descriptor, Box::new(pages)),
                levels: (levels == Levels::Definition).then(Vec::new),
                values: Values::None,
                next_value: 0,
            });
        }
        self.left_in_group = rows;
        self.next_group += 1;
        Ok(())
    }
}

/// A column of the open row group, and its part of the slice.
struct OpenColumn {
    reader: ColumnReader,
    /// 1 where a row has a value, 0 where it is null; `None` for a column without nulls.
    levels: Option<Vec<i16>>,
    /// The values without the nulls.
    values: Values,
    next_value: usize,
}

enum Values {
    None,
    Int32(Vec<i32>),
    Int64(Vec<i64>),
    Text(Vec<ByteArray>),
}

impl OpenColumn {
    fn read(&mut self, rows: usize) -> Decoded<()> {
        self.next_value = 0;
        if let Some(levels) = &mut self.levels {
            levels.clear();
        }
        /// Reads rows of one type into the vector that held the last ones.
        macro_rules! read {
            ($reader:expr, $kind:path) => {{
                let mut values = match std::mem::replace(&mut self.values, Values::None) {
                    $kind(values) => values,
                    _ => Vec::new(),
                };
                values.clear();
                let mut read = 0;
                while read < rows {
                    let levels = self.levels.as_mut();
                    match $reader.read_records(rows - read, levels, None, &mut values)?.0 {
                        0 => return Err(ParquetError::General("a column ends early".to_owned())),
                        more => read += more,
                    }
                }
                self.values = $kind(values);
            }};
        }
        match &mut self.reader {
            ColumnReader::Int32ColumnReader(reader) => read!(reader, Values::Int32),
            ColumnReader::Int64ColumnReader(reader) => read!(reader, Values::Int64),
            ColumnReader::ByteArrayColumnReader(reader) => read!(reader, Values::Text),
            _ => return Err(ParquetError::General("a column has changed its type".to_owned())),
        }
        let nulls = self.levels.iter().flatten().filter(|level| **level == 0).count();
        match self.values.len() + nulls == rows {
            true => Ok(()),
            false => Err(ParquetError::General("a column has other values than rows".to_owned())),
        }
    }

    /// The cell of a row of the slice; rows are asked for in order.
    fn next_cell(&mut self, row: usize, is_unsigned: bool) -> Cell<'_> {
        if self.levels.as_ref().is_some_and(|levels| levels[row] == 0) {
            return Cell::Null;
        }
        let place = self.next_value;
        self.next_value += 1;
        match &self.values {
            Values::None => Cell::Null,
            Values::Int32(values) if is_unsigned => Cell::Int((values[place] as u32).into()),
            Values::Int32(values) => Cell::Int(values[place].into()),
            Values::Int64(values) if is_unsigned => Cell::Int((values[place] as u64).into()),
            Values::Int64(values) => Cell::Int(values[place].into()),
            Values::Text(values) => Cell::Text(values[place].data()),
        }
    }
}

impl Values {
    fn len(&self) -> usize {
        match self {
            Values::None => 0,
            Values::Int32(values) => values.len(),
            Values::Int64(values) => values.len(),
            Values::Text(values) => values.len(),
        }
    }
}

/// The directory of a file of so many bytes that begins and ends as Parquet does.
fn directory(file: &File, bytes: u64) -> Result<Vec<u8>, Refusal> {
    if bytes == 0 {
        return Err(damaged("it is empty".to_owned()));
    }
    let (mut head, mut tail) = ([0; 4], [0; TAIL_BYTES as usize]);
    if bytes < 4 + TAIL_BYTES {
        return Err(damaged(format!("it has {bytes} bytes, too few for a Parquet file")));
    }
    file.read_exact_at(&mut head, 0).map_err(|e| Refusal::io(&e))?;
    file.read_exact_at(&mut tail, bytes - TAIL_BYTES).map_err(|e| Refusal::io(&e))?;
    let [a, b, c, d, magic @ ..] = tail;
    if head == *b"PARE" || magic == *b"PARE" {
        return Err(encrypted("it is an encrypted Parquet file"));
    }
    if head != MAGIC {
        return Err(damaged("it is no Parquet file: it does not begin with PAR1".to_owned()));
    }
    if magic != MAGIC {
        return Err(damaged(
            "it does not end as a Parquet file does: its end is cut off, or was never written"
                .to_owned(),
        ));
    }
    let length = u64::from(u32::from_le_bytes([a, b, c, d]));
    if length > bytes - 4 - TAIL_BYTES {
        let what = format!("its directory is said to have {length} bytes, which the file has not");
        return Err(damaged(what));
    }
    if length > DIRECTORY_BYTES {
        let what =
            format!("its directory has {length} bytes, and at most {DIRECTORY_BYTES} are read");
        return Err(too_much(what));
    }
    let mut directory = vec![0; length as usize];
    let begin = bytes - TAIL_BYTES - length;
    file.read_exact_at(&mut directory, begin).map_err(|e| Refusal::io(&e))?;
    Ok(directory)
}

/// Decodes a directory, once it is known that this does no harm. Statistics are of no use here.
fn decode(directory: &[u8]) -> Result<ParquetMetaData, Refusal> {
    let options = ParquetMetaDataOptions::new()
        .with_column_stats_policy(ParquetStatisticsPolicy::SkipAll)
        .with_encoding_stats_policy(ParquetStatisticsPolicy::SkipAll)
        .with_size_stats_policy(ParquetStatisticsPolicy::SkipAll);
    let wrong = |what: String| damaged(format!("its directory is damaged: {what}"));
    parquet_directory::check(directory).map_err(|why| match why {
        NotDecoded::Damaged(what) => wrong(what),
        NotDecoded::TooMuch(what) => too_much(what),
        NotDecoded::Encrypted => encrypted("columns of it are encrypted"),
    })?;
    contained(|| ParquetMetaDataReader::decode_metadata_with_options(directory, Some(&options)))
        .map_err(wrong)
}

/// Whether the column's type holds what it is to hold: `Some(whether its integers have no sign)`, or `None`
/// when it has no type; else what it is.
fn check_type(column: &ColumnDescriptor, holds: Holds) -> Result<Option<bool>, String> {
    use ConvertedType as Old;
    let logical = column.logical_type_ref();
    let physical = column.physical_type();
    if matches!(logical, Some(LogicalType::Unknown)) {
        return Ok(None);
    }
    let found = match logical {
        Some(logical) => format!("{physical} ({})", words(&format!("{logical:?}"))),
        None if column.converted_type() != Old::NONE => {
            format!("{physical} ({})", column.converted_type())
        }
        None => physical.to_string(),
    };
    if column.self_type().get_basic_info().repetition() == Repetition::REPEATED {
        return Err(format!("a list of {found}"));
    }
    let fits = match (holds, physical, logical, column.converted_type()) {
        (
            Holds::Integer,
            Physical::INT32 | Physical::INT64,
            Some(LogicalType::Integer(kind)),
            _,
        ) => Some(!kind.is_signed),
        (Holds::Integer, Physical::INT32 | Physical::INT64, None, old) => match old {
            Old::NONE | Old::INT_8 | Old::INT_16 | Old::INT_32 | Old::INT_64 => Some(false),
            Old::UINT_8 | Old::UINT_16 | Old::UINT_32 | Old::UINT_64 => Some(true),
            _ => None,
        },
        (Holds::Text, Physical::BYTE_ARRAY, Some(logical), _) => {
            matches!(logical, LogicalType::String | LogicalType::Enum | LogicalType::Json)
                .then_some(false)
        }
        (Holds::Text, Physical::BYTE_ARRAY, None, old) => {
            matches!(old, Old::NONE | Old::UTF8 | Old::ENUM | Old::JSON).then_some(false)
        }
        _ => None,
    };
    fits.map(Some).ok_or(found)
}

/// `Date` from `Date`, `Timestamp` from `Timestamp(TimestampType { ... })`.
fn words(debug: &str) -> String {
    debug.chars().take_while(|c| c.is_alphanumeric()).collect()
}

/// Whether all column chunks that are wanted are in the file and can be decoded. Gives the rows.
fn check_groups(metadata: &ParquetMetaData, wanted: &[Wanted], bytes: u64) -> Result<u64, Refusal> {
    let mut rows: u64 = 0;
    for (number, group) in (1..).zip(metadata.row_groups()) {
        let wrong = |what: String| damaged(format!("its row group {number} {what}"));
        let in_group = u64::try_from(group.num_rows())
            .map_err(|_| wrong("has less than no rows".to_owned()))?;
        rows = rows
            .checked_add(in_group)
            .filter(|rows| i64::try_from(*rows).is_ok())
            .ok_or_else(|| wrong("makes more rows than can be counted".to_owned()))?;
        for wanted in wanted {
            let chunk = group
                .columns()
                .get(wanted.leaf)
                .ok_or_else(|| wrong("lacks columns".to_owned()))?;
            check_chunk(chunk, in_group, bytes).map_err(|why| match why {
                Unfit::Damaged(what) => wrong(what),
                Unfit::NotRead(refusal) => refusal,
            })?;
        }
    }
    Ok(rows)
}

enum Unfit {
    Damaged(String),
    NotRead(Refusal),
}

fn check_chunk(chunk: &ColumnChunkMetaData, rows: u64, bytes: u64) -> Result<(), Unfit> {
    let name = chunk.column_descr().name();
    let not_read = |what: String, next: &str| Err(Unfit::NotRead(Refusal::new(what, next)));
    match chunk.compression() {
        Compression::UNCOMPRESSED | Compression::SNAPPY | Compression::ZSTD(_) => {}
        other => {
            let other = words(&format!("{other:?}"));
            return not_read(
                format!(
                    "its column {name} is compressed with {other}; zstd and snappy are read, and no compression"
                ),
                "write it with compression zstd, then run the same line again",
            );
        }
    }
    if let Some(other) = chunk.encodings().find(|encoding| !encodings().contains(encoding)) {
        return not_read(
            format!("its column {name} has the encoding {other}, which is not read here"),
            "write it with another encoding or a dictionary, then run the same line again",
        );
    }
    if chunk.file_path().is_some() {
        return not_read(
            format!("its column {name} is in another file"),
            "write the table as one file, then run the same line again",
        );
    }
    let start = chunk.dictionary_page_offset().unwrap_or(chunk.data_page_offset());
    let end = u64::try_from(start).ok().zip(u64::try_from(chunk.compressed_size()).ok());
    let end = end.and_then(|(start, length)| start.checked_add(length));
    if end.is_none_or(|end| end > bytes) {
        return Err(Unfit::Damaged(format!("has a part of column {name} that is not in the file")));
    }
    if u64::try_from(chunk.num_values()) != Ok(rows) {
        return Err(Unfit::Damaged(format!("has other values in column {name} than rows")));
    }
    Ok(())
}

/// How many of the leaf columns are a field's.
fn leaves(field: &Type) -> usize {
    match field.is_primitive() {
        true => 1,
        false => field.get_fields().iter().map(|field| leaves(field)).sum(),
    }
}

/// Runs the decoder; a panic of it is an error like the others.
fn contained<T>(decode: impl FnOnce() -> Decoded<T>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(decode)) {
        Ok(Ok(decoded)) => Ok(decoded),
        Ok(Err(ParquetError::General(what) | ParquetError::EOF(what))) => Err(what),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("it makes no sense to the decoder".to_owned()),
    }
}

fn damaged(what: String) -> Refusal {
    Refusal::new(what, "replace it by a sound copy, then run the same line again")
}

/// Of a file that may be sound.
fn too_much(what: String) -> Refusal {
    let next = "write it with fewer columns and fewer, larger row groups, or as several files, then run \
                the same line again";
    Refusal::new(what, next)
}

fn encrypted(what: &str) -> Refusal {
    Refusal::new(what, "write it without encryption, then run the same line again")
}

fn wrong_type(name: &str, found: &str, holds: Holds) -> Refusal {
    let wanted = match holds {
        Holds::Integer => "an integer",
        Holds::Text => "text (UTF-8)",
    };
    Refusal::new(
        format!("its column {name} is {found}; it has to be {wanted}"),
        "write the column with that type, then run the same line again",
    )
}
