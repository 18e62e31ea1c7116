//! When each file of an archive was last found sound: `fixity.sqlite`, beside the catalogue.
//!
//! Why not in the catalogue: checking reads for days, beside a process that changes the archive and holds the catalogue's only pen,
//! and what it notes can be had again by reading. So it is flushed rarely, and may be thrown away.

use crate::CatalogError;
use rusqlite::{Connection, OptionalExtension, params};
use std::path::Path;
use std::time::Duration;

/// "DWfx": tells it from any other SQLite file.
const APPLICATION_ID: i64 = 0x4457_6678;
const SCHEMA: &str = "
    CREATE TABLE sound (
      file BLOB PRIMARY KEY,       -- the root of a file in the store, else a path in the archive
      day  TEXT NOT NULL,          -- YYYY-MM-DD: when it was last read whole and had its root
      run  INTEGER NOT NULL        -- by which run
    ) WITHOUT ROWID;
    CREATE TABLE run (
      run   INTEGER PRIMARY KEY,
      began TEXT NOT NULL,
      ended TEXT                   -- NULL: it is under way, or was killed
    );";

/// The log, opened to be written.
#[derive(Debug)]
pub struct FixityLog {
    db: Connection,
}

/// When a file was last found sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastSound {
    /// The day.
    pub day: String,
    /// The number of the run.
    pub run: i64,
}

/// A check of everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixityRun {
    /// Its number.
    pub run: i64,
    /// The day on which it began.
    pub began: String,
}

impl FixityLog {
    /// Opens the log at `path`, making it when it is not there.
    ///
    /// # Errors
    /// A folder that cannot be written to, and a file of another program or version.
    pub fn open(path: &Path) -> Result<FixityLog, CatalogError> {
        let db = Connection::open(path)?;
        db.busy_timeout(Duration::from_secs(10))?;
        db.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")?;
        let number = |name: &str| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        match (number("application_id")?, number("user_version")?) {
            (APPLICATION_ID, 1) => {}
            (0, 0) => db.execute_batch(&format!(
                "BEGIN IMMEDIATE; {SCHEMA} PRAGMA application_id = {APPLICATION_ID}; \
                 PRAGMA user_version = 1; COMMIT;"
            ))?,
            (APPLICATION_ID, found) => {
                return Err(CatalogError::Newer { path: path.to_path_buf(), found, known: 1 });
            }
            _ => {
                let reason = "its application id is another's".to_owned();
                return Err(CatalogError::NotACatalogue { path: path.to_path_buf(), reason });
            }
        }
        Ok(FixityLog { db })
    }

    /// The run that is not done, if there is one.
    pub fn unfinished(&self) -> Result<Option<FixityRun>, CatalogError> {
        let found = self.db.query_row(
            "SELECT run, began FROM run WHERE ended IS NULL ORDER BY run DESC LIMIT 1",
            [],
            |row| Ok(FixityRun { run: row.get(0)?, began: row.get(1)? }),
        );
        Ok(found.optional()?)
    }

    /// Begins a run, giving up one that is not done.
    pub fn begin(&self, day: &str) -> Result<FixityRun, CatalogError> {
        self.db.execute("DELETE FROM run WHERE ended IS NULL", [])?;
        let run = self.db.query_row(
            "INSERT INTO run (run, began) SELECT coalesce(max(run), 0) + 1, ?1 FROM
               (SELECT run FROM run UNION ALL SELECT run FROM sound) RETURNING run",
            [day],
            |row| row.get(0),
        )?;
        Ok(FixityRun { run, began: day.to_owned() })
    }

    /// Notes that a run is done.
    pub fn end(&self, run: i64, day: &str) -> Result<(), CatalogError> {
        self.db.execute("UPDATE run SET ended = ?2 WHERE run = ?1", params![run, day])?;
        Ok(())
    }

    /// Notes that a file was found sound.
    pub fn note(&self, file: &[u8], day: &str, run: i64) -> Result<(), CatalogError> {
        self.db
            .prepare_cached("INSERT OR REPLACE INTO sound VALUES (?1, ?2, ?3)")?
            .execute(params![file, day, run])?;
        Ok(())
    }

    /// When a file was last found sound; `None`: never.
    pub fn last(&self, file: &[u8]) -> Result<Option<LastSound>, CatalogError> {
        let mut query = self.db.prepare_cached("SELECT day, run FROM sound WHERE file = ?1")?;
        let row = |row: &rusqlite::Row<'_>| Ok(LastSound { day: row.get(0)?, run: row.get(1)? });
        Ok(query.query_row([file], row).optional()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_was_killed_is_found_again_and_dates_stay() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("fixity.sqlite");
        let run = {
            let log = FixityLog::open(&path).unwrap();
            assert_eq!(log.unfinished().unwrap(), None);
            let run = log.begin("2026-01-01").unwrap();
            log.note(b"a", "2026-01-01", run.run).unwrap();
            run
        };
        let log = FixityLog::open(&path).unwrap();
        assert_eq!(log.unfinished().unwrap().as_ref(), Some(&run));
        log.end(run.run, "2026-01-02").unwrap();
        assert_eq!(log.unfinished().unwrap(), None);
        let later = log.begin("2026-02-01").unwrap();
        assert!(later.run > run.run);
        let last = LastSound { day: "2026-01-01".to_owned(), run: run.run };
        assert_eq!(log.last(b"a").unwrap(), Some(last));
        assert_eq!(log.last(b"b").unwrap(), None);
    }

    #[test]
    fn what_is_somebody_elses_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("fixity.sqlite");
        Connection::open(&path).unwrap().execute_batch("PRAGMA user_version = 7").unwrap();
        assert!(matches!(FixityLog::open(&path), Err(CatalogError::NotACatalogue { .. })));
    }
}
