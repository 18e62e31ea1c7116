//! Row groups of a Parquet file, encoded in memory, so that threads can encode parts of one table at once.
//!
//! Flat columns of integers and text are all there is, so `parquet`'s low-level writer does and arrow stays out.

use bytes::Bytes;
use parquet::basic::{Compression, Encoding, Type as Physical, ZstdLevel};
use parquet::column::writer::{ColumnCloseResult, get_column_writer, get_typed_column_writer_mut};
use parquet::data_type::{ByteArray, ByteArrayType, Int32Type, Int64Type};
use parquet::errors::Result;
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::file::writer::{SerializedFileWriter, SerializedPageWriter, TrackedWrite};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::{ColumnPath, SchemaDescriptor};
use std::io::Write;
use std::sync::Arc;

/// What a table is: its columns and how they are written.
#[derive(Debug)]
pub(super) struct Layout {
    schema: Arc<SchemaDescriptor>,
    properties: Arc<WriterProperties>,
}

/// Rows of a table, column by column.
#[derive(Debug)]
pub(super) struct Rows {
    columns: Vec<Column>,
}

#[derive(Debug)]
struct Column {
    values: Values,
    /// 1 where a value is, 0 where it is null; `None` for a column that has no nulls.
    levels: Option<Vec<i16>>,
}

#[derive(Debug)]
enum Values {
    Int32(Vec<i32>),
    Int64(Vec<i64>),
    /// All texts in one run, and where each ends.
    Text(Vec<u8>, Vec<usize>),
}

/// A row group as it will stand in the file.
#[derive(Debug)]
pub(super) struct Encoded {
    columns: Vec<(Bytes, ColumnCloseResult)>,
}

/// A value of a row.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cell<'a> {
    Null,
    Int(u64),
    Text(&'a str),
}

impl Layout {
    /// `message` is a Parquet message type. Columns in `words` repeat their values and get a dictionary.
    pub(super) fn new(message: &str, words: &[&str]) -> Result<Layout> {
        let schema = Arc::new(SchemaDescriptor::new(Arc::new(parse_message_type(message)?)));
        let mut properties = WriterProperties::builder()
            .set_writer_version(WriterVersion::PARQUET_2_0)
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
            .set_created_by("deadwax make-collection".to_owned())
            .set_dictionary_enabled(false);
        for column in schema.columns() {
            let path = ColumnPath::from(column.name());
            properties = match column.physical_type() {
                _ if words.contains(&column.name()) => {
                    properties.set_column_dictionary_enabled(path, true)
                }
                Physical::BYTE_ARRAY => {
                    properties.set_column_encoding(path, Encoding::DELTA_LENGTH_BYTE_ARRAY)
                }
                _ => properties.set_column_encoding(path, Encoding::DELTA_BINARY_PACKED),
            };
        }
        Ok(Layout { schema, properties: Arc::new(properties.build()) })
    }

    pub(super) fn file<W: Write + Send>(&self, to: W) -> Result<SerializedFileWriter<W>> {
        SerializedFileWriter::new(to, self.schema.root_schema_ptr(), Arc::clone(&self.properties))
    }

    pub(super) fn rows(&self) -> Rows {
        let column = |place| {
            let column = self.schema.column(place);
            let values = match column.physical_type() {
                Physical::INT32 => Values::Int32(Vec::new()),
                Physical::INT64 => Values::Int64(Vec::new()),
                _ => Values::Text(Vec::new(), vec![0]),
            };
            Column { values, levels: (column.max_def_level() > 0).then(Vec::new) }
        };
        Rows { columns: (0..self.schema.num_columns()).map(column).collect() }
    }

    pub(super) fn encode(&self, rows: Rows) -> Result<Encoded> {
        let columns = rows.columns.into_iter().enumerate();
        let columns = columns.map(|(place, column)| self.encode_column(place, column));
        Ok(Encoded { columns: columns.collect::<Result<_>>()? })
    }

    fn encode_column(&self, place: usize, column: Column) -> Result<(Bytes, ColumnCloseResult)> {
        let mut sink = TrackedWrite::new(Vec::new());
        let pages = Box::new(SerializedPageWriter::new(&mut sink));
        let mut writer =
            get_column_writer(self.schema.column(place), Arc::clone(&self.properties), pages);
        let levels = column.levels.as_deref();
        match column.values {
            Values::Int32(values) => get_typed_column_writer_mut::<Int32Type>(&mut writer)
                .write_batch(&values, levels, None)?,
            Values::Int64(values) => get_typed_column_writer_mut::<Int64Type>(&mut writer)
                .write_batch(&values, levels, None)?,
            Values::Text(text, ends) => {
                let text = Bytes::from(text);
                let piece = |range: &[usize]| ByteArray::from(text.slice(range[0]..range[1]));
                let values: Vec<ByteArray> = ends.windows(2).map(piece).collect();
                get_typed_column_writer_mut::<ByteArrayType>(&mut writer)
                    .write_batch(&values, levels, None)?
            }
        };
        let closed = writer.close()?;
        Ok((Bytes::from(sink.into_inner()?), closed))
    }
}

impl Rows {
    /// Adds a row: one cell a column, in their order.
    pub(super) fn push(&mut self, row: &[Cell<'_>]) {
        debug_assert_eq!(row.len(), self.columns.len());
        for (column, cell) in self.columns.iter_mut().zip(row) {
            if let Some(levels) = &mut column.levels {
                levels.push(i16::from(!matches!(cell, Cell::Null)));
            }
            match (&mut column.values, cell) {
                (Values::Int32(values), Cell::Int(value)) => values.push(*value as i32),
                (Values::Int64(values), Cell::Int(value)) => values.push(*value as i64),
                (Values::Text(text, ends), Cell::Text(value)) => {
                    text.extend_from_slice(value.as_bytes());
                    ends.push(text.len());
                }
                (_, cell) => debug_assert!(matches!(cell, Cell::Null)),
            }
        }
    }
}

impl Encoded {
    /// Adds the row group to its file.
    pub(super) fn append<W: Write + Send>(self, file: &mut SerializedFileWriter<W>) -> Result<()> {
        let mut group = file.next_row_group()?;
        for (bytes, closed) in self.columns {
            group.append_column(&bytes, closed)?;
        }
        group.close().map(drop)
    }
}
