//! A table being read, whatever its format.

use super::batch::Batch;
use super::csv_file::CsvTable;
use super::ndjson_file::NdjsonTable;
use super::odd::OddRows;
use super::parquet_file::ParquetTable;
use super::row::RowMaker;
use super::{TableFile, TableFormat};
use crate::stamp::unmoved;
use crate::{Refusal, stamp};
use deadwax_model::{Stamp, TableKind};
use std::fs::File;

/// A table, opened; its columns are known to be those that it needs.
pub struct TableReader {
    table: TableFile,
    stamp: Stamp,
    maker: RowMaker,
    body: Body,
}

enum Body {
    Parquet(Box<ParquetTable>),
    Csv(Box<CsvTable>),
    Ndjson(Box<NdjsonTable>),
}

impl TableReader {
    /// Opens a table.
    ///
    /// # Errors
    /// When it cannot be read, is not of its format, or lacks a column that is needed.
    pub fn open(table: &TableFile) -> Result<TableReader, Refusal> {
        // A pipe would be waited for.
        let metadata = std::fs::metadata(&table.path).map_err(|e| Refusal::io(&e))?;
        if !metadata.is_file() {
            return Err(Refusal::new("it is not a file", "name a file, or a folder of tables"));
        }
        let file = File::open(&table.path).map_err(|e| Refusal::io(&e))?;
        let stamp = stamp(&file.metadata().map_err(|e| Refusal::io(&e))?);
        let body = match table.format {
            TableFormat::Parquet => Body::Parquet(Box::new(ParquetTable::open(file, table.kind)?)),
            TableFormat::Csv => Body::Csv(Box::new(CsvTable::open(file, table.kind)?)),
            TableFormat::Ndjson => Body::Ndjson(Box::new(NdjsonTable::open(file, table.kind)?)),
        };
        Ok(TableReader { table: table.clone(), stamp, maker: RowMaker::new(table.kind), body })
    }

    /// The file.
    pub fn table(&self) -> &TableFile {
        &self.table
    }

    /// Which table it is.
    pub fn kind(&self) -> TableKind {
        self.table.kind
    }

    /// Its length and time of modification when it was opened.
    pub fn stamp(&self) -> Stamp {
        self.stamp
    }

    /// How many rows it has, where that is known before they are read.
    pub fn rows(&self) -> Option<u64> {
        match &self.body {
            Body::Parquet(table) => Some(table.rows()),
            Body::Csv(_) | Body::Ndjson(_) => None,
        }
    }

    /// About how many of its bytes were read so far.
    pub fn bytes_read(&self) -> u64 {
        match &self.body {
            Body::Parquet(table) => {
                let share = table.rows_read() as f64 / table.rows().max(1) as f64;
                (share * self.stamp.bytes as f64) as u64
            }
            Body::Csv(table) => table.bytes_read(),
            Body::Ndjson(table) => table.bytes_read(),
        }
    }

    /// The columns that it has and its table has not, as far as they were met; a hundred at most.
    pub fn ignored_columns(&self) -> &[String] {
        match &self.body {
            Body::Parquet(table) => table.ignored(),
            Body::Csv(table) => table.ignored(),
            Body::Ndjson(table) => table.ignored(),
        }
    }

    /// What was odd about the rows that were given so far.
    pub fn odd_rows(&self) -> OddRows {
        self.maker.odd()
    }

    /// The next rows; `None` when there are no more.
    ///
    /// # Errors
    /// When the file cannot be read on: its disk fails, what is in it is damaged, or it changed while it was
    /// read. What was given before is to be taken back.
    pub fn next_batch(&mut self) -> Result<Option<Batch>, Refusal> {
        let mut batch = Batch::default();
        match &mut self.body {
            Body::Parquet(table) => table.fill(&mut batch, &mut self.maker)?,
            Body::Csv(table) => table.fill(&mut batch, &mut self.maker)?,
            Body::Ndjson(table) => table.fill(&mut batch, &mut self.maker)?,
        };
        if batch.read > 0 {
            return Ok(Some(batch));
        }
        let now = std::fs::metadata(&self.table.path).map_err(|e| Refusal::io(&e))?;
        unmoved(self.stamp, stamp(&now))?;
        Ok(None)
    }
}
