//! The rows of files.

use super::State;
use crate::MirrorError;
use deadwax_model::Root;
use rusqlite::{Row, params};

/// What is here of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileState {
    /// Nothing, as far as is known.
    Wanted = 0,
    /// Pieces of it, in `.deadwax/parts/ROOT`; or a whole file in which damage was found.
    Partial = 1,
    /// All of it, compared with its root and durable, at its path.
    Whole = 2,
    /// It is to be removed, and its row with it.
    Gone = 3,
}

/// A file of the mirror.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRow {
    /// Its number here.
    pub file: i64,
    /// The number of its pack.
    pub pack: i64,
    /// Its place in the torrent's file tree, from 0.
    pub place: u32,
    /// Where it is, relative to the mirror's folder, with `/`.
    pub path: String,
    /// The root that it has to have.
    pub root: Root,
    /// Its length.
    pub bytes: u64,
    /// What is here of it.
    pub state: FileState,
    /// When it was last read whole and had its root, in seconds since 1970; fetching it counts.
    pub checked_unix: Option<u64>,
}

/// A file of a pack that the mirror is to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedFile<'a> {
    /// Its place in the torrent's file tree, from 0.
    pub place: u32,
    /// Its path beneath the pack's folder, with `/`.
    pub path: &'a str,
    /// Its root.
    pub root: Root,
    /// Its length.
    pub bytes: u64,
}

const COLUMNS: &str = "file.file, file.pack, file.place,
    CASE pack.name WHEN '' THEN file.path ELSE 'packs/' || pack.name || '/' || file.path END,
    file.root, file.bytes, file.state, file.checked FROM file JOIN pack USING (pack)";

impl State {
    /// Notes that a file is wanted. A row for the same path and root stays as it is; one of another root at that path is
    /// the caller's to remove before. Gives the row's number.
    pub fn want(&self, pack: i64, wanted: &WantedFile) -> Result<i64, MirrorError> {
        self.did(|db| {
            db.prepare_cached(
                "INSERT INTO file (pack, place, path, root, bytes, state) VALUES (?1, ?2, ?3, ?4, ?5, 0)
                 ON CONFLICT (pack, path) DO UPDATE SET place = ?2 RETURNING file",
            )?
            .query_row(
                params![pack, wanted.place, wanted.path, wanted.root.0.as_slice(), wanted.bytes],
                |row| row.get(0),
            )
        })
    }

    /// The files of a pack, by place.
    pub fn files_of(&self, pack: i64) -> Result<Vec<FileRow>, MirrorError> {
        self.rows("WHERE file.pack = ?1 ORDER BY place, file", params![pack])
    }

    /// All files in a state, by number: at most `most` behind number `after` (0 for the first ones).
    pub fn files_in(
        &self,
        state: FileState,
        after: i64,
        most: u32,
    ) -> Result<Vec<FileRow>, MirrorError> {
        self.rows(
            "WHERE file.state = ?1 AND file.file > ?2 ORDER BY file.file LIMIT ?3",
            params![state as u8, after, most],
        )
    }

    /// The files with this root, in whatever state.
    pub fn files_with_root(&self, root: &Root) -> Result<Vec<FileRow>, MirrorError> {
        self.rows("WHERE file.root = ?1 ORDER BY file.file", params![root.0.as_slice()])
    }

    /// Whole files last checked before that time or never, the one that was not checked for longest first.
    pub fn checked_before(&self, unix: u64, most: u32) -> Result<Vec<FileRow>, MirrorError> {
        self.rows(
            "WHERE file.state = 2 AND (file.checked IS NULL OR file.checked < ?1)
             ORDER BY file.checked, file.file LIMIT ?2",
            params![unix, most],
        )
    }

    /// How many files are in a state, and their bytes.
    pub fn count(&self, state: FileState) -> Result<(u64, u64), MirrorError> {
        self.did(|db| {
            db.query_row(
                "SELECT count(*), coalesce(sum(bytes), 0) FROM file WHERE state = ?1",
                [state as u8],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
        })
    }

    /// The same of one pack.
    pub fn count_of(&self, pack: i64, state: FileState) -> Result<(u64, u64), MirrorError> {
        self.did(|db| {
            db.prepare_cached(
                "SELECT count(*), coalesce(sum(bytes), 0) FROM file WHERE pack = ?1 AND state = ?2",
            )?
            .query_row(params![pack, state as u8], |row| Ok((row.get(0)?, row.get(1)?)))
        })
    }

    /// Notes what is here of a file now.
    pub fn set_state(&self, file: i64, state: FileState) -> Result<(), MirrorError> {
        self.did(|db| {
            db.prepare_cached("UPDATE file SET state = ?2 WHERE file = ?1")?
                .execute(params![file, state as u8])
        })
        .map(drop)
    }

    /// Notes that a file was read whole and had its root: it is whole, and checked at that time.
    pub fn set_whole(&self, file: i64, checked_unix: u64) -> Result<(), MirrorError> {
        self.did(|db| {
            db.prepare_cached("UPDATE file SET state = 2, checked = ?2 WHERE file = ?1")?
                .execute(params![file, checked_unix])
        })
        .map(drop)
    }

    /// Forgets a file.
    pub fn forget(&self, file: i64) -> Result<(), MirrorError> {
        self.did(|db| db.prepare_cached("DELETE FROM file WHERE file = ?1")?.execute([file]))
            .map(drop)
    }

    pub(super) fn rows(
        &self,
        which: &str,
        values: impl rusqlite::Params,
    ) -> Result<Vec<FileRow>, MirrorError> {
        self.did(|db| {
            let mut read = db.prepare_cached(&format!("SELECT {COLUMNS} {which}"))?;
            read.query_map(values, row)?.collect()
        })
    }
}

fn row(row: &Row) -> Result<FileRow, rusqlite::Error> {
    let root: [u8; 32] = row.get(4)?;
    let state = match row.get::<_, u8>(6)? {
        0 => FileState::Wanted,
        1 => FileState::Partial,
        2 => FileState::Whole,
        3 => FileState::Gone,
        other => return Err(rusqlite::Error::IntegralValueOutOfRange(6, i64::from(other))),
    };
    Ok(FileRow {
        file: row.get(0)?,
        pack: row.get(1)?,
        place: row.get(2)?,
        path: row.get(3)?,
        root: Root(root),
        bytes: row.get(5)?,
        state,
        checked_unix: row.get(7)?,
    })
}
