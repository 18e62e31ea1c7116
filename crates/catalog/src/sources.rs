//! Files as they were found, and the recordings they make.

use crate::values::{hashes_at, optional_root_at};
use crate::values::{lines, path_at, path_value};
use crate::{Catalog, CatalogError};
use deadwax_model::{AudioFormat, FileFacts, FileHashes, RecordingId, Root, Stamp, Tags};
use rusqlite::{OptionalExtension, params};
use std::path::{Path, PathBuf};

/// What became of a path when it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A file that was taken in (audio, or a folder's picture), with this root.
    File(Root),
    /// Nothing that can be taken in.
    Nothing {
        /// What happened, a sentence.
        what: String,
        /// What to do about it, a sentence.
        next: String,
    },
}

/// One path that was given to `add`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceRow {
    /// Where it lies, absolute.
    pub path: PathBuf,
    /// Its stamp when it was read.
    pub stamp: Stamp,
    /// What it is.
    pub found: Found,
}

impl Catalog {
    /// What is known of a path.
    pub fn source(&self, path: &Path) -> Result<Option<SourceRow>, CatalogError> {
        let mut query = self.db.prepare_cached(
            "SELECT path, bytes, modified_ns, root, what, next FROM source WHERE path = ?1",
        )?;
        Ok(query.query_row([path_value(path)], source_row).optional()?)
    }

    /// The paths at which a file of this root was found, sorted.
    pub fn paths_of(&self, root: &Root) -> Result<Vec<PathBuf>, CatalogError> {
        let mut query =
            self.db.prepare_cached("SELECT path FROM source WHERE root = ?1 ORDER BY path")?;
        let rows = query.query_map([root.as_bytes()], |row| path_at(row, 0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Whether a file of this root was taken in before, from any path.
    pub fn knows(&self, root: &Root) -> Result<bool, CatalogError> {
        let mut query =
            self.db.prepare_cached("SELECT 1 FROM recording WHERE original_root = ?1")?;
        Ok(query.exists([root.as_bytes()])?)
    }

    /// Notes that `path` is no audio, and why.
    pub fn record_nothing(
        &self,
        path: &Path,
        stamp: Stamp,
        what: &str,
        next: &str,
    ) -> Result<(), CatalogError> {
        self.upsert_source(path, stamp, None, Some((what, next)))
    }

    /// Notes that `path` holds the file `facts` tells of, and makes or completes its recording.
    /// `fallback_title` is used when the file gives no title (its name, as a rule).
    pub fn record_audio(
        &self,
        path: &Path,
        stamp: Stamp,
        facts: &FileFacts,
        fallback_title: &str,
    ) -> Result<RecordingId, CatalogError> {
        let root = facts.root();
        let is_new = !self.knows(&root)?;
        self.upsert_source(path, stamp, Some(&root), None)?;
        let id = RecordingId::of_first_source(&root);
        if is_new {
            self.insert_file(&facts.hashes)?;
            self.insert_audio(&root, &facts.format, &facts.warnings)?;
            self.insert_said(&root, &facts.tags)?;
            self.insert_recording(&id, &root, &facts.tags, fallback_title, path)?;
        }
        self.add_pictures(&root, &facts.pictures)?;
        Ok(id)
    }

    /// Notes that `path` holds a folder's picture, and its hashes.
    pub fn record_picture(
        &self,
        path: &Path,
        stamp: Stamp,
        hashes: &FileHashes,
    ) -> Result<(), CatalogError> {
        self.insert_file(hashes)?;
        self.upsert_source(path, stamp, Some(&hashes.root), None)
    }

    /// Stores the hashes of a file.
    pub fn insert_file(&self, hashes: &FileHashes) -> Result<(), CatalogError> {
        self.db
            .prepare_cached("INSERT OR IGNORE INTO file VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
            .execute(params![
                hashes.root.as_bytes(),
                hashes.bytes,
                hashes.piece_layer,
                hashes.v1_whole,
                hashes.v1_tail,
                hashes.v1_tail_padded
            ])?;
        Ok(())
    }

    /// The hashes of a file that is known.
    pub fn file(&self, root: &Root) -> Result<Option<FileHashes>, CatalogError> {
        let mut query = self.db.prepare_cached(
            "SELECT bytes, root, piece_layer, v1_whole, v1_tail, v1_tail_padded FROM file
             WHERE root = ?1",
        )?;
        Ok(query.query_row([root.as_bytes()], |row| hashes_at(row, 0)).optional()?)
    }

    fn upsert_source(
        &self,
        path: &Path,
        stamp: Stamp,
        root: Option<&Root>,
        problem: Option<(&str, &str)>,
    ) -> Result<(), CatalogError> {
        let (what, next) = problem.unzip();
        self.db
            .prepare_cached("INSERT OR REPLACE INTO source VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
            .execute(params![
                path_value(path),
                stamp.bytes,
                stamp.modified_ns,
                root.map(Root::as_bytes),
                what,
                next
            ])?;
        Ok(())
    }

    fn insert_audio(
        &self,
        root: &Root,
        format: &AudioFormat,
        warnings: &[String],
    ) -> Result<(), CatalogError> {
        self.db
            .prepare_cached(
                "INSERT OR IGNORE INTO audio VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            )?
            .execute(params![
                root.as_bytes(),
                format.container,
                format.codec,
                format.extension,
                format.samples,
                format.duration_ms,
                format.sample_rate,
                format.channels,
                format.bits_per_sample,
                format.bit_rate,
                lines(warnings)
            ])?;
        Ok(())
    }

    fn insert_said(&self, root: &Root, tags: &Tags) -> Result<(), CatalogError> {
        let mut tag =
            self.db.prepare_cached("INSERT OR IGNORE INTO tag VALUES (?1, ?2, ?3, ?4)")?;
        for (seq, (key, value)) in tags.said.iter().enumerate() {
            tag.execute(params![root.as_bytes(), seq, key, value])?;
        }
        Ok(())
    }

    fn insert_recording(
        &self,
        id: &RecordingId,
        root: &Root,
        tags: &Tags,
        fallback_title: &str,
        path: &Path,
    ) -> Result<(), CatalogError> {
        self.db
            .prepare_cached(
                "INSERT INTO recording (id, original_root, title, title_said, date)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                id.as_str(),
                root.as_bytes(),
                tags.title.as_deref().unwrap_or(fallback_title),
                tags.title.is_some(),
                tags.date
            ])?;
        let mut credit = self.db.prepare_cached("INSERT INTO credit VALUES (?1, ?2, ?3)")?;
        for (seq, artist) in tags.artists.iter().enumerate() {
            credit.execute(params![id.as_str(), seq, artist])?;
        }
        let mut isrc = self.db.prepare_cached("INSERT OR IGNORE INTO isrc VALUES (?1, ?2)")?;
        for code in &tags.isrcs {
            isrc.execute(params![code.to_u64(), id.as_str()])?;
        }
        self.insert_track(id, tags, path)
    }
}

fn source_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<SourceRow> {
    let found = match optional_root_at(row, 3)? {
        Some(root) => Found::File(root),
        None => Found::Nothing { what: row.get(4)?, next: row.get(5)? },
    };
    let stamp = Stamp { bytes: row.get(1)?, modified_ns: row.get(2)? };
    Ok(SourceRow { path: path_at(row, 0)?, stamp, found })
}
