//! Tables of facts without audio, as docs/formats/tables.md specifies them: Parquet, CSV or NDJSON.
//!
//! A collection may have hundreds of millions of rows, so a table is never read whole: a [`TableReader`]
//! gives [`Batch`]es of bounded size, in the order of the file. What is odd about a row is counted and the
//! row kept; what cannot be kept becomes a [`BadRow`]. Only a file that cannot be read, or lacks a column
//! that is needed, is refused, when it is opened: nothing has been taken from it then.

mod batch;
mod cell;
mod columns;
mod csv_file;
mod find;
mod ndjson_file;
mod odd;
mod parquet_directory;
mod parquet_file;
mod parquet_pages;
mod parquet_structs;
mod parquet_thrift;
mod reader;
mod row;
mod said;
mod text;

pub use batch::{BadRow, Batch};
pub use find::{TableFile, TableFormat, are_tables, find_tables};
pub use odd::OddRows;
pub use reader::TableReader;
pub use said::said_of;
