//! The blocks of the list and of the releases, decoded.

use super::Edition;
use crate::EditionError;
use crate::block::{
    BLOCK_RECORDINGS, BlockReader, BlockRow, Head, HeadLength, block_heads, block_lengths,
};
use crate::release_block::{BLOCK_RELEASES, ReleaseRow, read_release};
use deadwax_model::Status;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension};
use std::cell::RefCell;
use std::collections::HashMap;
use std::io;
use std::ops::Range;
use zstd::bulk::Decompressor;

/// States that are remembered. Lists have a handful.
const STATES: usize = 1024;

/// Longest block that is taken from a file.
const BLOCK_BYTES: usize = 16 << 20;

/// Longest dictionary that is taken from a file.
const DICTIONARY_BYTES: usize = 1 << 20;

/// Where recordings stand.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) status: Status,
    pub(super) licence: Option<String>,
    /// Why it may not leave; `None` when it may.
    pub(super) held_back: Option<String>,
}

/// What decoding needs, and what is asked of so many recordings that it is remembered.
pub(super) struct Blocks {
    recordings: RefCell<BlockReader>,
    releases: RefCell<Decompressor<'static>>,
    states: RefCell<HashMap<u32, State>>,
    has_files: bool,
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
            let sql = "SELECT value FROM meta WHERE key = ?";
            let count: u32 = catalog.query_row(sql, [name], |row| row.get(0))?;
            // So that the rank behind a block is a rank too.
            match count > u32::MAX - BLOCK_RECORDINGS - BLOCK_RELEASES {
                true => Err(rusqlite::Error::IntegralValueOutOfRange(0, count.into())),
                false => Ok(count),
            }
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
            states: RefCell::new(HashMap::new()),
            has_files: catalog
                .query_row("SELECT EXISTS(SELECT 1 FROM file)", [], |row| row.get(0))?,
            recordings_count: count("recordings")?,
            releases_count: count("releases")?,
        })
    }

    pub(super) fn recordings(&self) -> u32 {
        self.recordings_count
    }

    /// Whether any recording has a file.
    pub(super) fn has_files(&self) -> bool {
        self.has_files
    }
}

impl Edition {
    /// The row of a rank; `None` beyond the list.
    pub(super) fn row(&self, rank: u32) -> Result<Option<BlockRow>, EditionError> {
        if rank == 0 || rank > self.len() {
            return Ok(None);
        }
        let place = ((rank - 1) % BLOCK_RECORDINGS) as usize;
        Ok(self.rows(rank, place..place + 1)?.pop())
    }

    /// The rows of the block in which a rank of the list is, from this rank on.
    pub(super) fn rows_from(&self, rank: u32) -> Result<Vec<BlockRow>, EditionError> {
        let place = ((rank - 1) % BLOCK_RECORDINGS) as usize;
        self.rows(rank, place..BLOCK_RECORDINGS as usize)
    }

    fn rows(&self, rank: u32, wanted: Range<usize>) -> Result<Vec<BlockRow>, EditionError> {
        let (_, count, block) = self.block_with(rank)?;
        let mut reader = self.blocks.recordings.borrow_mut();
        let wanted = wanted.start..wanted.end.min(count);
        reader.read(&block, count, wanted).map_err(self.unreadable())
    }

    /// The heads of the block in which a rank of the list is, and the block's first rank.
    pub(super) fn heads(&self, rank: u32) -> Result<(u32, Vec<Head>), EditionError> {
        let (first, count, block) = self.block_with(rank)?;
        Ok((first, block_heads(&block, count).map_err(self.unreadable())?))
    }

    /// The same with the durations.
    pub(super) fn lengths(&self, rank: u32) -> Result<(u32, Vec<HeadLength>), EditionError> {
        let (first, count, block) = self.block_with(rank)?;
        Ok((first, block_lengths(&block, count).map_err(self.unreadable())?))
    }

    /// The first rank, the number of recordings and the bytes of the block in which a rank of the list is.
    fn block_with(&self, rank: u32) -> Result<(u32, usize, Vec<u8>), EditionError> {
        let first = rank - (rank - 1) % BLOCK_RECORDINGS;
        let count = BLOCK_RECORDINGS.min(self.len().saturating_sub(first - 1)) as usize;
        let block = self.block("SELECT block FROM recordings WHERE first_rank = ?", first)?;
        Ok((first, count, block))
    }

    /// The release with a number.
    pub(super) fn release(&self, release: u32) -> Result<Option<ReleaseRow>, EditionError> {
        if release == 0 || release > self.blocks.releases_count {
            return Ok(None);
        }
        let place = (release - 1) % BLOCK_RELEASES;
        let first = release - place;
        let count = BLOCK_RELEASES.min(self.blocks.releases_count - first + 1) as usize;
        let block = self.block("SELECT block FROM releases WHERE first_release = ?", first)?;
        let mut zstd = self.blocks.releases.borrow_mut();
        let row = read_release(&block, count, place as usize, &mut zstd);
        row.map(Some).map_err(self.unreadable())
    }

    /// What a state says.
    pub(super) fn state(&self, state: u32) -> Result<State, EditionError> {
        if let Some(known) = self.blocks.states.borrow().get(&state) {
            return Ok(known.clone());
        }
        let sql = "SELECT status, licence, held_back FROM state WHERE state = ?";
        let read = || -> rusqlite::Result<State> {
            self.catalog.prepare_cached(sql)?.query_row([state], |row| {
                let status: String = row.get(0)?;
                let wrong = |error| {
                    rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error))
                };
                let status = status.parse().map_err(wrong)?;
                Ok(State { status, licence: row.get(1)?, held_back: row.get(2)? })
            })
        };
        let said = read().map_err(self.wrong())?;
        let mut states = self.blocks.states.borrow_mut();
        if states.len() < STATES {
            states.insert(state, said.clone());
        }
        Ok(said)
    }

    fn block(&self, sql: &str, first: u32) -> Result<Vec<u8>, EditionError> {
        let read = || {
            self.catalog.prepare_cached(sql)?.query_row([first], |row| {
                let block = row.get_ref(0)?.as_blob()?;
                Ok((block.len() <= BLOCK_BYTES).then(|| block.to_vec()))
            })
        };
        let block: Option<Option<Vec<u8>>> = read().optional().map_err(self.wrong())?;
        block.flatten().ok_or_else(|| self.unreadable()(crate::block::damaged()))
    }

    fn unreadable(&self) -> impl Fn(io::Error) -> EditionError + use<> {
        let path = self.folder.join("catalog.sqlite");
        move |error| EditionError::io("read", &path)(error)
    }
}
