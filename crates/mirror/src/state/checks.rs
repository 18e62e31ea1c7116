//! What verifying notes, and asks for.

use super::{FileRow, FileState, State};
use crate::MirrorError;
use rusqlite::{OptionalExtension, params};

/// When the check of everything began that is under way.
const BEGAN: &str = "check-began";

impl State {
    /// Every file that should be whole at its path, also one in which damage was found; the one that was not checked for
    /// longest first.
    pub(crate) fn to_be_whole(&self) -> Result<Vec<FileRow>, MirrorError> {
        self.rows(
            "WHERE file.state = 2 OR (file.state = 1 AND file.checked IS NOT NULL)
             ORDER BY file.checked, file.file",
            params![],
        )
    }

    /// The files in which damage was found, or that were whole once and are not there.
    pub(crate) fn damaged(&self) -> Result<Vec<FileRow>, MirrorError> {
        self.rows("WHERE file.state = 1 AND file.checked IS NOT NULL ORDER BY file.file", params![])
    }

    /// Notes that a file is not whole any more. When it last was stays.
    pub(crate) fn set_damaged(&self, file: i64) -> Result<(), MirrorError> {
        self.set_state(file, FileState::Partial)
    }

    /// When the check of everything began that was not ended, in seconds since 1970.
    pub(crate) fn check_began(&self) -> Result<Option<u64>, MirrorError> {
        self.did(|db| {
            db.query_row("SELECT value FROM fact WHERE name = ?1", [BEGAN], |row| row.get(0))
                .optional()
        })
    }

    /// Notes that one begins.
    pub(crate) fn begin_check(&self, unix: u64) -> Result<(), MirrorError> {
        self.did(|db| {
            db.execute("INSERT OR REPLACE INTO fact VALUES (?1, ?2)", params![BEGAN, unix])
        })
        .map(drop)
    }

    /// Notes that it is done.
    pub(crate) fn end_check(&self) -> Result<(), MirrorError> {
        self.did(|db| db.execute("DELETE FROM fact WHERE name = ?1", [BEGAN])).map(drop)
    }
}
