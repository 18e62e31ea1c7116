//! Opening the catalogue, and its transactions.

use crate::CatalogError;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::path::Path;

/// "Dwax": tells a Deadwax working catalogue from any other SQLite file (`PRAGMA application_id`).
const APPLICATION_ID: i64 = 0x4477_6178;
const SCHEMA_VERSION: i64 = 1;

/// The working catalogue, opened.
pub struct Catalog {
    pub(crate) db: Connection,
}

impl Catalog {
    /// Opens the catalogue at `path` for writing, making it when it is not there.
    pub fn create(path: &Path) -> Result<Catalog, CatalogError> {
        let db = Connection::open(path).map_err(|e| explain(path, e))?;
        let catalog = Catalog { db };
        catalog.prepare(path).map_err(|e| match e {
            CatalogError::Sqlite(e) => explain(path, e),
            other => other,
        })?;
        Ok(catalog)
    }

    /// Opens an existing catalogue for writing.
    pub fn open(path: &Path) -> Result<Catalog, CatalogError> {
        if !path.is_file() {
            return Err(CatalogError::NotThere { path: path.to_path_buf() });
        }
        Catalog::create(path)
    }

    /// Opens an existing catalogue for reading; works beside a writer.
    pub fn open_to_read(path: &Path) -> Result<Catalog, CatalogError> {
        if !path.is_file() {
            return Err(CatalogError::NotThere { path: path.to_path_buf() });
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(path, flags).map_err(|e| explain(path, e))?;
        db.busy_timeout(std::time::Duration::from_secs(10))?;
        let catalog = Catalog { db };
        let version = catalog.version().map_err(|e| explain(path, e))?;
        catalog.check_version(path, version)?;
        Ok(catalog)
    }

    /// Starts a transaction: what follows is committed together, or not at all.
    pub fn begin(&self) -> Result<(), CatalogError> {
        Ok(self.db.execute_batch("BEGIN IMMEDIATE")?)
    }

    /// Makes what was written since [`Catalog::begin`] durable.
    pub fn commit(&self) -> Result<(), CatalogError> {
        Ok(self.db.execute_batch("COMMIT")?)
    }

    fn prepare(&self, path: &Path) -> Result<(), CatalogError> {
        self.db.busy_timeout(std::time::Duration::from_secs(10))?;
        self.db.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;",
        )?;
        let version = self.version()?;
        if version == 0 {
            // One transaction: a kill in the middle leaves either no schema or the whole one.
            self.db.execute_batch(&format!(
                "BEGIN IMMEDIATE; {} PRAGMA application_id = {APPLICATION_ID}; \
                 PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;",
                include_str!("schema.sql")
            ))?;
            return Ok(());
        }
        self.check_version(path, version)
    }

    fn version(&self) -> rusqlite::Result<i64> {
        self.db.query_row("PRAGMA user_version", [], |row| row.get(0))
    }

    fn check_version(&self, path: &Path, version: i64) -> Result<(), CatalogError> {
        let id: i64 = self.db.query_row("PRAGMA application_id", [], |row| row.get(0))?;
        if id != APPLICATION_ID {
            let reason = "its application id is another's".to_owned();
            return Err(CatalogError::NotACatalogue { path: path.to_path_buf(), reason });
        }
        if version > SCHEMA_VERSION {
            let (path, known) = (path.to_path_buf(), SCHEMA_VERSION);
            return Err(CatalogError::Newer { path, found: version, known });
        }
        Ok(())
    }
}

fn explain(path: &Path, error: rusqlite::Error) -> CatalogError {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            CatalogError::NotACatalogue { path: path.to_path_buf(), reason: error.to_string() }
        }
        _ => CatalogError::Sqlite(error),
    }
}
