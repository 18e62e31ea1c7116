//! Opening the catalogue, and its transactions.

use crate::CatalogError;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// "Dwax": tells a Deadwax working catalogue from any other SQLite file (`PRAGMA application_id`).
const APPLICATION_ID: i64 = 0x4477_6178;
const SCHEMA_VERSION: i64 = 4;
/// What made a catalogue of version 1, and what each later version added.
const STEPS: [&str; SCHEMA_VERSION as usize] =
    [include_str!("schema.sql"), include_str!("known.sql"), SCHEMA_3, SCHEMA_4];
const SCHEMA_3: &str =
    concat!(include_str!("same.sql"), include_str!("encodings.sql"), include_str!("images.sql"));
const SCHEMA_4: &str = include_str!("takedowns.sql");

/// The working catalogue, opened.
pub struct Catalog {
    pub(crate) db: Connection,
    /// The schema that it has: an older one, which is only read, does not get the tables of later ones.
    schema: i64,
}

impl Catalog {
    /// Opens the catalogue at `path` for writing, making it when it is not there.
    pub fn create(path: &Path) -> Result<Catalog, CatalogError> {
        let db = Connection::open(path).map_err(|e| explain(path, e))?;
        let catalog = Catalog { db, schema: SCHEMA_VERSION };
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

    /// Opens an existing catalogue for reading; works beside a writer, and where nothing may be written.
    pub fn open_to_read(path: &Path) -> Result<Catalog, CatalogError> {
        let (catalog, version) = Catalog::look(path)?;
        catalog.check_version(path, version)?;
        Ok(catalog)
    }

    /// Whether what is at `path` may be opened for writing: a catalogue of ours, or one that a kill left
    /// without its tables. Changes nothing, so that what is somebody else's stays as it is.
    pub fn check(path: &Path) -> Result<(), CatalogError> {
        let (catalog, version) = Catalog::look(path)?;
        catalog.check_ours(path, version).map_err(|e| match e {
            CatalogError::Sqlite(e) => explain(path, e),
            other => other,
        })
    }

    fn look(path: &Path) -> Result<(Catalog, i64), CatalogError> {
        if !path.is_file() {
            return Err(CatalogError::NotThere { path: path.to_path_buf() });
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened = |db: rusqlite::Result<Connection>| -> rusqlite::Result<(Catalog, i64)> {
            let mut catalog = Catalog { db: db?, schema: 0 };
            catalog.db.busy_timeout(std::time::Duration::from_secs(10))?;
            plan_statements_once(&catalog.db)?;
            catalog.schema = catalog.version()?;
            let version = catalog.schema;
            Ok((catalog, version))
        };
        match opened(Connection::open_with_flags(path, flags)) {
            // A reader of a write-ahead log puts files beside it, which a read-only folder refuses.
            // Without a log nobody is writing, and the file can be read by itself.
            Err(e) if may_not_write(&e) && !log_of(path).exists() => {
                let uri = flags | OpenFlags::SQLITE_OPEN_URI;
                opened(Connection::open_with_flags(immutable(path), uri))
            }
            result => result,
        }
        .map_err(|e| explain(path, e))
    }

    /// Whether it has what came with this schema.
    pub(crate) fn has_schema(&self, schema: i64) -> bool {
        self.schema >= schema
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
        plan_statements_once(&self.db)?;
        let version = self.version()?;
        self.check_ours(path, version)?;
        self.db.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;",
        )?;
        let missing = STEPS.get(version as usize..).unwrap_or_default();
        if !missing.is_empty() {
            // One transaction: a kill in the middle leaves the schema that was there or the whole new one.
            self.db.execute_batch(&format!(
                "BEGIN IMMEDIATE; {} PRAGMA application_id = {APPLICATION_ID}; \
                 PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;",
                missing.concat()
            ))?;
        }
        Ok(())
    }

    /// Either of a version that we know, or empty.
    fn check_ours(&self, path: &Path, version: i64) -> Result<(), CatalogError> {
        let tables: i64 =
            self.db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        match version == 0 && tables == 0 {
            true => Ok(()),
            false => self.check_version(path, version),
        }
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

/// Else SQLite, built with STAT4, plans a cached statement anew whenever it is asked with other values,
/// at ten times the cost of answering it.
fn plan_statements_once(db: &Connection) -> rusqlite::Result<()> {
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(drop)
}

fn may_not_write(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen))
}

fn log_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_os_string();
    name.push("-wal");
    PathBuf::from(name)
}

/// The path as SQLite's URI for a file that nobody changes (sqlite.org/uri.html).
fn immutable(path: &Path) -> String {
    let mut uri = "file:".to_owned();
    for &byte in path.as_os_str().as_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => {
                uri.push(char::from(byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri + "?immutable=1"
}

fn explain(path: &Path, error: rusqlite::Error) -> CatalogError {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            CatalogError::NotACatalogue { path: path.to_path_buf(), reason: error.to_string() }
        }
        _ => CatalogError::Sqlite(error),
    }
}
