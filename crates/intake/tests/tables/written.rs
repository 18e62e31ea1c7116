//! Parquet files of any columns, written for tests.

use parquet::basic::Encoding;
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type};
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use std::sync::Arc;

/// The values of a column; those that are `None` are null.
pub enum Values {
    Int32(Vec<Option<i32>>),
    Int64(Vec<Option<i64>>),
    Double(Vec<f64>),
    Text(Vec<Option<Vec<u8>>>),
}

pub fn ints(values: &[i64]) -> Values {
    Values::Int64(values.iter().copied().map(Some).collect())
}

pub fn texts(values: &[&str]) -> Values {
    Values::Text(values.iter().map(|text| Some(text.as_bytes().to_vec())).collect())
}

/// A file of one row group for each list of columns.
pub fn parquet(columns: &str, groups: &[&[Values]]) -> Vec<u8> {
    parquet_with(columns, groups, |properties| properties)
}

/// The same, written in a certain manner.
pub fn parquet_with(
    columns: &str,
    groups: &[&[Values]],
    manner: impl Fn(WriterPropertiesBuilder) -> WriterPropertiesBuilder,
) -> Vec<u8> {
    let schema = parse_message_type(&format!("message row {{ {columns} }}")).unwrap();
    let properties = manner(WriterProperties::builder()).build();
    let mut out = Vec::new();
    let mut file =
        SerializedFileWriter::new(&mut out, Arc::new(schema), Arc::new(properties)).unwrap();
    for group in groups {
        let mut writer = file.next_row_group().unwrap();
        for column in *group {
            let mut chunk = writer.next_column().unwrap().unwrap();
            fn split<T: Clone>(values: &[Option<T>]) -> (Vec<T>, Vec<i16>) {
                let levels = values.iter().map(|value| i16::from(value.is_some()));
                (values.iter().flatten().cloned().collect(), levels.collect())
            }
            match column {
                Values::Int32(values) => {
                    let (values, levels) = split(values);
                    chunk.typed::<Int32Type>().write_batch(&values, Some(&levels), None).unwrap();
                }
                Values::Int64(values) => {
                    let (values, levels) = split(values);
                    chunk.typed::<Int64Type>().write_batch(&values, Some(&levels), None).unwrap();
                }
                Values::Double(values) => {
                    chunk.typed::<DoubleType>().write_batch(values, None, None).unwrap();
                }
                Values::Text(values) => {
                    let (values, levels) = split(values);
                    let values: Vec<ByteArray> = values.into_iter().map(ByteArray::from).collect();
                    chunk
                        .typed::<ByteArrayType>()
                        .write_batch(&values, Some(&levels), None)
                        .unwrap();
                }
            }
            chunk.close().unwrap();
        }
        writer.close().unwrap();
    }
    file.close().unwrap();
    out
}

/// Without dictionaries, in this encoding.
pub fn encoded(properties: WriterPropertiesBuilder, encoding: Encoding) -> WriterPropertiesBuilder {
    properties.set_dictionary_enabled(false).set_encoding(encoding)
}
