//! Reads an edition. Everything is opened read-only and as immutable: an edition never changes, so
//! readers take no locks and cannot be in the way of whoever builds the next one.

mod blocks;
mod cover;
mod database;
mod index;
mod lookup;
mod packed;
mod query;
mod recording;
mod search;
mod shuffle;
mod stats;
mod summary_file;
mod ways;

pub use cover::{Cover, Thumbnail};
pub use packed::{PackedCover, PackedFile, PackedKind};
pub use recording::{Listing, PackPlace, Recording, TrackPlace};
pub use search::SearchPage;
pub use shuffle::ShuffleFilter;
pub use stats::{Coverage, IsrcSharing, Stats, StatsRow};

use crate::schema::{CATALOG_APPLICATION_ID, CATALOG_SCHEMA, OLDEST_CATALOG_SCHEMA};
use crate::{EditionError, EditionSummary};
use blocks::Blocks;
use index::TextIndex;
use rusqlite::Connection;
use std::path::{Path, PathBuf};

/// An edition, opened.
#[derive(Debug)]
pub struct Edition {
    folder: PathBuf,
    summary: EditionSummary,
    catalog: Connection,
    search: TextIndex,
    blocks: Blocks,
    /// Whether anything has one: else nobody needs to look.
    has_covers: bool,
}

impl Edition {
    /// Opens the edition in `folder`.
    ///
    /// # Errors
    /// A folder that is no edition, a file of a newer schema, a file that is cut short or damaged.
    pub fn open(folder: &Path) -> Result<Edition, EditionError> {
        let summary = EditionSummary::read(&folder.join("edition.json"))?;
        let path = folder.join("catalog.sqlite");
        let schemas = OLDEST_CATALOG_SCHEMA..=CATALOG_SCHEMA;
        let (catalog, schema) = database::open(&path, CATALOG_APPLICATION_ID, schemas)?;
        let blocks = Blocks::open(&catalog).map_err(EditionError::sqlite(&path))?;
        let has_covers = schema > OLDEST_CATALOG_SCHEMA
            && has_covers(&catalog).map_err(EditionError::sqlite(&path))?;
        let search = TextIndex::open(&folder.join("search.sqlite"))?;
        let folder = folder.to_path_buf();
        Ok(Edition { folder, summary, catalog, search, blocks, has_covers })
    }

    /// What edition.json says.
    pub fn summary(&self) -> &EditionSummary {
        &self.summary
    }

    /// The edition's folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// How many recordings the list has; also the last rank.
    pub fn len(&self) -> u32 {
        self.blocks.recordings()
    }

    /// Whether the list is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A catalogue error with its file.
    fn wrong(&self) -> impl Fn(rusqlite::Error) -> EditionError + use<> {
        EditionError::sqlite(&self.folder.join("catalog.sqlite"))
    }
}

fn has_covers(catalog: &Connection) -> rusqlite::Result<bool> {
    let sql = "SELECT EXISTS(SELECT 1 FROM picture)";
    catalog.query_row(sql, [], |row| row.get(0))
}
