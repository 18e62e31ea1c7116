//! One Parquet file, filled row by row and written a row group at a time.
//!
//! Only flat columns of three types, so `parquet`'s low-level writer does and arrow stays out. Rows are gathered by
//! whoever pushes them ([`RowGroup`]) and compressed by whoever has the file ([`ParquetFile`]), which may be
//! another thread.

use crate::EditionError;
use bytes::Bytes;
use parquet::basic::{Compression, Encoding, Type, ZstdLevel};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::ColumnPath;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Rows of a row group: fine enough for range scans, coarse enough to compress.
const ROW_GROUP_ROWS: usize = 262_144;

/// Bytes of all texts after which a row group ends early.
const ROW_GROUP_LETTERS: usize = 1 << 27;

/// Level 9 takes four percent fewer bytes and three percent more of a build's time.
const ZSTD_LEVEL: i32 = 6;

/// Most bytes of a page: more than the column chunk of any usual list has.
const PAGE_BYTES: usize = 16 << 20;

/// One value of a row.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cell<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Text(&'a str),
}

impl<'a> Cell<'a> {
    pub(crate) fn int(value: Option<impl Into<i64>>) -> Cell<'a> {
        value.map_or(Cell::Null, |value| Cell::Int(value.into()))
    }

    pub(crate) fn text(value: Option<&'a str>) -> Cell<'a> {
        value.map_or(Cell::Null, Cell::Text)
    }
}

/// A column of the row group being filled.
struct Column {
    values: Values,
    /// 1 where a value is, 0 where it is null; `None` for a column that has no nulls.
    levels: Option<Vec<i16>>,
}

enum Values {
    Bool(Vec<bool>),
    Int32(Vec<i32>),
    Int64(Vec<i64>),
    /// All letters, and where each text ends.
    Text(Vec<u8>, Vec<u32>),
}

/// The row group being filled.
pub(crate) struct RowGroup {
    columns: Vec<Column>,
    rows: usize,
}

impl RowGroup {
    /// An empty one of the same columns.
    fn next(&self) -> RowGroup {
        RowGroup { columns: self.columns.iter().map(Column::next).collect(), rows: 0 }
    }

    /// Adds a row: one cell a column, in the order of the message type. Gives the row group when it is full.
    pub(crate) fn push(&mut self, row: &[Cell<'_>]) -> Option<RowGroup> {
        for (column, cell) in self.columns.iter_mut().zip(row) {
            column.push(*cell);
        }
        self.rows += 1;
        let letters = || self.columns.iter().map(Column::letters).sum::<usize>();
        let is_full = self.rows == ROW_GROUP_ROWS || letters() > ROW_GROUP_LETTERS;
        is_full.then(|| {
            let next = self.next();
            std::mem::replace(self, next)
        })
    }
}

/// A Parquet file being written.
pub(crate) struct ParquetFile {
    path: PathBuf,
    writer: SerializedFileWriter<File>,
}

impl ParquetFile {
    /// The file, and its first row group. `message` is a Parquet message type of flat columns. The first column is the
    /// sorted one, and `packed` names the columns that rise or repeat too little for a dictionary.
    pub(crate) fn create(
        path: &Path,
        message: &str,
        packed: &[&str],
        created_by: &str,
    ) -> Result<(ParquetFile, RowGroup), EditionError> {
        let wrong = EditionError::parquet(path);
        let schema = Arc::new(parse_message_type(message).map_err(&wrong)?);
        let columns = schema.get_fields().iter().map(|field| Column::of(field)).collect();
        let level = ZstdLevel::try_new(ZSTD_LEVEL).map_err(&wrong)?;
        let mut properties = WriterProperties::builder()
            .set_writer_version(WriterVersion::PARQUET_2_0)
            .set_compression(Compression::ZSTD(level))
            .set_created_by(created_by.to_owned())
            // One page a column chunk: zstd finds what recurs in the whole of it.
            .set_data_page_row_count_limit(ROW_GROUP_ROWS)
            .set_data_page_size_limit(PAGE_BYTES)
            .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
            .set_key_value_metadata(Some(vec![KeyValue::new(
                "deadwax.schema".to_owned(),
                crate::schema::PARQUET_SCHEMA.to_string(),
            )]))
            .set_sorting_columns(Some(vec![SortingColumn {
                column_idx: 0,
                descending: false,
                nulls_first: false,
            }]));
        for name in packed {
            let is_text = schema.get_fields().iter().any(|field| {
                field.name() == *name && field.get_physical_type() == Type::BYTE_ARRAY
            });
            // For texts the lengths, then all the letters: prefixes shared with the row before are what zstd
            // would rather see whole.
            let encoding = match is_text {
                true => Encoding::DELTA_LENGTH_BYTE_ARRAY,
                false => Encoding::DELTA_BINARY_PACKED,
            };
            let column = ColumnPath::from(*name);
            properties = properties
                .set_column_dictionary_enabled(column.clone(), false)
                .set_column_encoding(column, encoding);
        }
        let file = File::create_new(path).map_err(EditionError::io("create", path))?;
        let writer = SerializedFileWriter::new(file, schema, Arc::new(properties.build()))
            .map_err(&wrong)?;
        Ok((ParquetFile { path: path.to_path_buf(), writer }, RowGroup { columns, rows: 0 }))
    }

    /// Writes a row group, unless it is empty.
    pub(crate) fn write(&mut self, rows: RowGroup) -> Result<(), EditionError> {
        match rows.rows {
            0 => Ok(()),
            _ => self.write_row_group(rows).map_err(EditionError::parquet(&self.path)),
        }
    }

    pub(crate) fn finish(self) -> Result<(), EditionError> {
        self.writer.close().map(drop).map_err(EditionError::parquet(&self.path))
    }

    fn write_row_group(&mut self, rows: RowGroup) -> Result<(), ParquetError> {
        let mut group = self.writer.next_row_group()?;
        let mut columns = rows.columns.into_iter();
        while let Some(mut writer) = group.next_column()? {
            let Some(column) = columns.next() else { break };
            let levels = column.levels.as_deref();
            match column.values {
                Values::Bool(values) => {
                    writer.typed::<BoolType>().write_batch(&values, levels, None)?
                }
                Values::Int32(values) => {
                    writer.typed::<Int32Type>().write_batch(&values, levels, None)?
                }
                Values::Int64(values) => {
                    writer.typed::<Int64Type>().write_batch(&values, levels, None)?
                }
                Values::Text(letters, ends) => {
                    let letters = Bytes::from(letters);
                    let starts = [0].into_iter().chain(ends.iter().copied());
                    let slice =
                        |(start, end): (u32, &u32)| letters.slice(start as usize..*end as usize);
                    let texts: Vec<ByteArray> =
                        starts.zip(&ends).map(|range| slice(range).into()).collect();
                    writer.typed::<ByteArrayType>().write_batch(&texts, levels, None)?
                }
            };
            writer.close()?;
        }
        group.close().map(drop)
    }
}

impl Column {
    fn of(field: &parquet::schema::types::Type) -> Column {
        let values = match field.get_physical_type() {
            Type::BOOLEAN => Values::Bool(Vec::new()),
            Type::INT32 => Values::Int32(Vec::new()),
            Type::INT64 => Values::Int64(Vec::new()),
            _ => Values::Text(Vec::new(), Vec::new()),
        };
        Column { values, levels: field.is_optional().then(Vec::new) }
    }

    /// An empty one, of the size that this one has.
    fn next(&self) -> Column {
        let values = match &self.values {
            Values::Bool(values) => Values::Bool(Vec::with_capacity(values.len())),
            Values::Int32(values) => Values::Int32(Vec::with_capacity(values.len())),
            Values::Int64(values) => Values::Int64(Vec::with_capacity(values.len())),
            Values::Text(letters, ends) => {
                Values::Text(Vec::with_capacity(letters.len()), Vec::with_capacity(ends.len()))
            }
        };
        let levels = self.levels.as_ref().map(|levels| Vec::with_capacity(levels.len()));
        Column { values, levels }
    }

    fn push(&mut self, cell: Cell<'_>) {
        // Discs and positions of a file's tags may be any number; of those beyond the type nothing is said.
        let cell = match (&self.values, cell) {
            (Values::Int32(_), Cell::Int(value)) if i32::try_from(value).is_err() => Cell::Null,
            (_, cell) => cell,
        };
        if let Some(levels) = &mut self.levels {
            levels.push(i16::from(!matches!(cell, Cell::Null)));
            if matches!(cell, Cell::Null) {
                return;
            }
        }
        match (&mut self.values, cell) {
            (Values::Bool(values), cell) => values.push(matches!(cell, Cell::Bool(true))),
            (Values::Int32(values), Cell::Int(value)) => {
                values.push(i32::try_from(value).unwrap_or(i32::MAX));
            }
            (Values::Int32(values), _) => values.push(0),
            (Values::Int64(values), Cell::Int(value)) => values.push(value),
            (Values::Int64(values), _) => values.push(0),
            (Values::Text(letters, ends), cell) => {
                if let Cell::Text(text) = cell {
                    letters.extend(text.bytes());
                }
                ends.push(u32::try_from(letters.len()).unwrap_or(u32::MAX));
            }
        }
    }

    /// Bytes of its texts.
    fn letters(&self) -> usize {
        match &self.values {
            Values::Text(letters, _) => letters.len(),
            _ => 0,
        }
    }
}
