//! What verifying notes, and asks for.

use super::{FileRow, FileState, State};
use crate::MirrorError;
use rusqlite::params;

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
}
