//! Opens one SQLite file of an edition, which may come from a stranger.

use crate::EditionError;
use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};
use std::fmt::Write;
use std::fs::File;
use std::io::Read;
use std::ops::RangeInclusive;
use std::path::Path;

/// Length of the header of a SQLite file; the fields read here are in
/// <https://www.sqlite.org/fileformat.html>, section 1.3.
const HEADER_BYTES: usize = 100;

/// The longest value that is taken from a file; blocks may have half of it.
const VALUE_BYTES: i32 = 32 << 20;

/// Opens a file of one of these schemas; gives that too.
pub(super) fn open(
    path: &Path,
    application_id: u32,
    schemas: RangeInclusive<u64>,
) -> Result<(Connection, u64), EditionError> {
    let schema = check_header(path, application_id, schemas)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = || -> rusqlite::Result<Connection> {
        let database = Connection::open_with_flags(immutable_uri(path), flags)?;
        database.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        database.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        // In the place of a table a view could go on for ever, and a made-up column could be enormous.
        database.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
        database.set_limit(Limit::SQLITE_LIMIT_LENGTH, VALUE_BYTES)?;
        // Else SQLite plans a statement anew whenever it is asked with other values, at ten times the cost of
        // answering it.
        database.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        database.pragma_update(None, "cell_size_check", true)?;
        database.pragma_update(None, "cache_size", -65_536)?;
        database.set_prepared_statement_cache_capacity(64);
        Ok(database)
    };
    Ok((open().map_err(EditionError::sqlite(path))?, schema))
}

/// Refuses what SQLite itself would only notice when it gets there; gives the schema.
fn check_header(
    path: &Path,
    application_id: u32,
    schemas: RangeInclusive<u64>,
) -> Result<u64, EditionError> {
    let mut file = File::open(path).map_err(EditionError::io("open", path))?;
    let found = file.metadata().map_err(EditionError::io("measure", path))?.len();
    let mut header = [0u8; HEADER_BYTES];
    if found < HEADER_BYTES as u64 {
        return Err(EditionError::Truncated {
            path: path.into(),
            found,
            expected: HEADER_BYTES as u64,
        });
    }
    file.read_exact(&mut header).map_err(EditionError::io("read", path))?;
    let number =
        |at: usize| header[at..at + 4].iter().fold(0u32, |sum, byte| sum << 8 | u32::from(*byte));
    let not_an_edition =
        |what: &str| EditionError::NotAnEdition { path: path.to_path_buf(), what: what.to_owned() };
    if !header.starts_with(b"SQLite format 3\0") {
        return Err(not_an_edition("it is not a SQLite file"));
    }
    if number(68) != application_id {
        return Err(not_an_edition("it is a SQLite file of another program"));
    }
    let schema = u64::from(number(60));
    let known = *schemas.end();
    if schema > known {
        return Err(EditionError::NewerSchema { path: path.into(), found: schema, known });
    }
    let known = *schemas.start();
    if schema < known {
        return Err(EditionError::OlderSchema { path: path.into(), found: schema, known });
    }
    let page_bytes = match u64::from(header[16]) << 8 | u64::from(header[17]) {
        1 => 65_536,
        bytes => bytes,
    };
    let expected = page_bytes * u64::from(number(28));
    if found < expected {
        return Err(EditionError::Truncated { path: path.into(), found, expected });
    }
    Ok(schema)
}

/// `file:PATH?immutable=1` with everything that means something in a URI percent-encoded.
fn immutable_uri(path: &Path) -> String {
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(byte) {
            uri.push(char::from(*byte));
        } else {
            let _ = write!(uri, "%{byte:02X}"); // writing to a String cannot fail
        }
    }
    uri.push_str("?immutable=1");
    uri
}
