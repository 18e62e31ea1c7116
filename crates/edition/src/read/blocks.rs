//! The blocks of the list and of the releases, decoded.

use super::Edition;
use crate::EditionError;
use crate::block::{BLOCK_RECORDINGS, BlockReader, BlockRow, Head, block_heads, block_lengths};
use crate::release_block::{BLOCK_RELEASES, ReleaseRow, read_releases};
use rusqlite::{Connection, OptionalExtension};
use std::cell::RefCell;
use std::io;
use std::sync::Arc;
use zstd::bulk::Decompressor;

/// Longest dictionary that is taken from a file.
const DICTIONARY_BYTES: usize = 1 << 20;

/// What decoding needs, and the blocks that were decoded last.
pub(super) struct Blocks {
    recordings: RefCell<BlockReader>,
    releases: RefCell<Decompressor<'static>>,
    last_recordings: RefCell<Option<(u32, Arc<Vec<BlockRow>>)>>,
    last_releases: RefCell<Option<(u32, Arc<Vec<ReleaseRow>>)>>,
    recordings_count: u32,
    releases_count: u32,
}

impl std::fmt::Debug for Blocks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Blocks").field("recordings", &self.recordings_count).finish_non_exhaustive()
    }
}

impl Blocks {
    pub(super) fn open(catalog: &Connection) -> rusqlite::Result<Blocks> {
        let count = |name: &str| -> rusqlite::Result<u32> {
            catalog.query_row("SELECT value FROM meta WHERE key = ?", [name], |row| row.get(0))
        };
        let sql = "SELECT dictionary FROM dictionary LIMIT 1";
        let dictionary: Vec<u8> =
            catalog.query_row(sql, [], |row| row.get(0)).optional()?.unwrap_or_default();
        let wrong = |error| rusqlite::Error::ToSqlConversionFailure(Box::new(error));
        if dictionary.len() > DICTIONARY_BYTES {
            let error = io::Error::new(io::ErrorKind::InvalidData, "its dictionary is too long");
            return Err(wrong(error));
        }
        Ok(Blocks {
            recordings: RefCell::new(BlockReader::new(&dictionary).map_err(wrong)?),
            releases: RefCell::new(Decompressor::with_dictionary(&dictionary).map_err(wrong)?),
            last_recordings: RefCell::new(None),
            last_releases: RefCell::new(None),
            recordings_count: count("recordings")?,
            releases_count: count("releases")?,
        })
    }

    pub(super) fn recordings(&self) -> u32 {
        self.recordings_count
    }
}

impl Edition {
    /// The row of a rank; `None` beyond the list.
    pub(super) fn row(&self, rank: u32) -> Result<Option<BlockRow>, EditionError> {
        if rank == 0 || rank > self.len() {
            return Ok(None);
        }
        let place = (rank - 1) % BLOCK_RECORDINGS;
        let first = rank - place;
        let last = self.blocks.last_recordings.borrow().clone();
        let rows = match last.filter(|(at, _)| *at == first) {
            Some((_, rows)) => rows,
            None => {
                let count = BLOCK_RECORDINGS.min(self.len() - first + 1) as usize;
                let block =
                    self.block("SELECT block FROM recordings WHERE first_rank = ?", first)?;
                let mut reader = self.blocks.recordings.borrow_mut();
                let rows = reader.read(&block, count).map_err(self.unreadable())?;
                let rows = Arc::new(rows);
                *self.blocks.last_recordings.borrow_mut() = Some((first, Arc::clone(&rows)));
                rows
            }
        };
        Ok(rows.get(place as usize).cloned())
    }

    /// The heads of the block in which a rank of the list is, and the block's first rank.
    pub(super) fn heads(&self, rank: u32) -> Result<(u32, Vec<Head>), EditionError> {
        let first = rank - (rank - 1) % BLOCK_RECORDINGS;
        let count = BLOCK_RECORDINGS.min(self.len().saturating_sub(first - 1)) as usize;
        let block = self.block("SELECT block FROM recordings WHERE first_rank = ?", first)?;
        Ok((first, block_heads(&block, count).map_err(self.unreadable())?))
    }

    /// The same with the durations.
    pub(super) fn lengths(
        &self,
        rank: u32,
    ) -> Result<(u32, Vec<(Head, Option<u64>)>), EditionError> {
        let first = rank - (rank - 1) % BLOCK_RECORDINGS;
        let count = BLOCK_RECORDINGS.min(self.len().saturating_sub(first - 1)) as usize;
        let block = self.block("SELECT block FROM recordings WHERE first_rank = ?", first)?;
        Ok((first, block_lengths(&block, count).map_err(self.unreadable())?))
    }

    /// The release with a number.
    pub(super) fn release(&self, release: u32) -> Result<Option<ReleaseRow>, EditionError> {
        if release == 0 || release > self.blocks.releases_count {
            return Ok(None);
        }
        let place = (release - 1) % BLOCK_RELEASES;
        let first = release - place;
        let last = self.blocks.last_releases.borrow().clone();
        let rows = match last.filter(|(at, _)| *at == first) {
            Some((_, rows)) => rows,
            None => {
                let count = BLOCK_RELEASES.min(self.blocks.releases_count - first + 1) as usize;
                let block =
                    self.block("SELECT block FROM releases WHERE first_release = ?", first)?;
                let mut zstd = self.blocks.releases.borrow_mut();
                let rows = read_releases(&block, count, &mut zstd).map_err(self.unreadable())?;
                let rows = Arc::new(rows);
                *self.blocks.last_releases.borrow_mut() = Some((first, Arc::clone(&rows)));
                rows
            }
        };
        Ok(rows.get(place as usize).cloned())
    }

    fn block(&self, sql: &str, first: u32) -> Result<Vec<u8>, EditionError> {
        let read = || self.catalog.prepare_cached(sql)?.query_row([first], |row| row.get(0));
        let block = read().optional().map_err(self.wrong())?;
        block.ok_or_else(|| self.unreadable()(crate::block::damaged()))
    }

    fn unreadable(&self) -> impl Fn(io::Error) -> EditionError + use<> {
        let path = self.folder.join("catalog.sqlite");
        move |error| EditionError::io("read", &path)(error)
    }
}
