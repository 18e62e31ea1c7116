//! Tables as CSV, NDJSON and Parquet: what is read, what is refused, and what hostile files come to.

mod csv;
mod ndjson;
mod parquet;
mod parquet_damage;
mod same;
mod written;

use deadwax_intake::Refusal;
use deadwax_intake::tables::{BadRow, OddRows, TableFile, TableReader};
use deadwax_model::TableRow;
use std::fs;
use std::path::PathBuf;

/// A folder for one test's files.
struct Folder(tempfile::TempDir);

/// A table, read to its end.
#[derive(Debug, Default, PartialEq)]
struct Read {
    rows: Vec<(u64, TableRow)>,
    bad: Vec<BadRow>,
    odd: OddRows,
    ignored: Vec<String>,
}

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).unwrap();
    }

    fn open(&self, name: &str) -> Result<TableReader, Refusal> {
        TableReader::open(&TableFile::named(&self.path(name)).unwrap())
    }

    fn read(&self, name: &str) -> Result<Read, Refusal> {
        let mut reader = self.open(name)?;
        let mut read = Read::default();
        while let Some(batch) = reader.next_batch()? {
            assert_eq!(batch.read >= 1, batch.rows.len() + batch.bad.len() > 0);
            assert!(batch.read <= 8_192, "{}", batch.read);
            read.rows.extend(batch.rows);
            read.bad.extend(batch.bad);
        }
        read.odd = reader.odd_rows();
        read.ignored = reader.ignored_columns().to_vec();
        Ok(read)
    }

    /// What a file is refused with.
    fn refusal(&self, name: &str) -> String {
        let refusal = self.read(name).unwrap_err();
        assert!(!refusal.next.is_empty());
        refusal.what
    }
}

impl Read {
    /// Row and reason of each bad row.
    fn reasons(&self) -> Vec<(u64, &str)> {
        self.bad.iter().map(|bad| (bad.row, bad.reason.as_str())).collect()
    }

    fn numbers(&self) -> Vec<u64> {
        self.rows.iter().map(|(number, _)| *number).collect()
    }
}
