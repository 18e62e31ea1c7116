//! The cover of a release or of a recording, by one look-up.

use super::Edition;
use super::recording::{PackPlace, read_root, wrong_value};
use crate::EditionError;
use crate::block::BlockRow;
use deadwax_model::{Rank, Root};
use rusqlite::{OptionalExtension, Row};
use serde::Serialize;

/// A picture, with what was made from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cover {
    /// Its root.
    pub root: Root,
    /// `image/jpeg`, `image/png` or `image/webp`.
    pub mime: String,
    /// Its length.
    pub bytes: u64,
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Smaller ones, the smallest first; none of a side that the picture itself does not exceed.
    pub thumbnails: Vec<Thumbnail>,
    /// Where it lies in a pack, its thumbnails beside it; `None` when it may not leave, or artwork is not out.
    pub pack: Option<PackPlace>,
}

/// A smaller picture: a JPEG.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Thumbnail {
    /// Pixels along its longer side: 250 or 500.
    pub side: u32,
    /// Its root.
    pub root: Root,
    /// Its length.
    pub bytes: u64,
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

macro_rules! cover_sql {
    ($table:literal, $key:literal) => {
        concat!(
            "SELECT p.picture, p.root, m.text, p.bytes, p.width, p.height, k.name, c.path FROM ",
            $table,
            " c JOIN picture p ON p.picture = c.picture JOIN word m ON m.word = p.mime
            LEFT JOIN pack k ON k.pack = c.pack WHERE c.",
            $key,
            " = ?"
        )
    };
}

impl Edition {
    /// The cover of a release, by its number as catalog.sqlite and Parquet have it.
    ///
    /// # Errors
    /// A damaged catalogue.
    pub fn cover_of_release(&self, release: u32) -> Result<Option<Cover>, EditionError> {
        self.cover(cover_sql!("release_picture", "release"), release)
    }

    /// The cover of the recording at a rank: that of its first release, or its own when it is on none.
    ///
    /// # Errors
    /// A damaged catalogue.
    pub fn cover_of_recording(&self, rank: Rank) -> Result<Option<Cover>, EditionError> {
        match self.row(rank.get())? {
            Some(row) => self.cover_of_row(rank, &row),
            None => Ok(None),
        }
    }

    pub(super) fn cover_of_row(
        &self,
        rank: Rank,
        row: &BlockRow,
    ) -> Result<Option<Cover>, EditionError> {
        match row.tracks.first() {
            Some(track) => self.cover_of_release(track.release),
            None => self.cover(cover_sql!("recording_picture", "rank"), rank.get()),
        }
    }

    fn cover(&self, sql: &str, key: u32) -> Result<Option<Cover>, EditionError> {
        if !self.has_covers {
            return Ok(None);
        }
        self.read_cover(sql, key).map_err(self.wrong())
    }

    fn read_cover(&self, sql: &str, key: u32) -> rusqlite::Result<Option<Cover>> {
        let mut statement = self.catalog.prepare_cached(sql)?;
        let found = statement.query_row([key], |row| {
            let pack = match (row.get(6)?, row.get(7)?) {
                (Some(name), Some(path)) => Some(PackPlace { name, path }),
                _ => None,
            };
            let cover = Cover {
                root: root_at(row, 1)?,
                mime: row.get(2)?,
                bytes: row.get(3)?,
                width: row.get(4)?,
                height: row.get(5)?,
                thumbnails: Vec::new(),
                pack,
            };
            Ok((row.get::<_, u32>(0)?, cover))
        });
        let Some((picture, mut cover)) = found.optional()? else {
            return Ok(None);
        };
        let sql = "SELECT side, root, bytes, width, height FROM thumbnail WHERE picture = ? ORDER BY side";
        let mut statement = self.catalog.prepare_cached(sql)?;
        let thumbnails = statement.query_map([picture], |row| {
            Ok(Thumbnail {
                side: row.get(0)?,
                root: root_at(row, 1)?,
                bytes: row.get(2)?,
                width: row.get(3)?,
                height: row.get(4)?,
            })
        })?;
        cover.thumbnails = thumbnails.collect::<Result<_, _>>()?;
        Ok(Some(cover))
    }
}

fn root_at(row: &Row<'_>, column: usize) -> rusqlite::Result<Root> {
    let missing = || wrong_value(column, std::io::Error::other("a picture without a root"));
    read_root(row, column)?.ok_or_else(missing)
}
