//! Every file that the catalogue knows to be of a recording: what files from outside are compared with.

use crate::values::{root_at, word_at};
use crate::{Catalog, CatalogError};
use deadwax_model::{RecordingId, Root, Tier};
use rusqlite::Row;

/// A file, and of which recording it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownFile {
    /// Its root.
    pub root: Root,
    /// Its length.
    pub bytes: u64,
    /// The recording; a picture may be of several, and comes once for each.
    pub recording: RecordingId,
    /// What it is of it.
    pub kind: KnownKind,
}

/// What a file is of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnownKind {
    /// The file that it was first seen as.
    Original,
    /// What is kept of it.
    Holding(Tier),
    /// The patch that gives the original back.
    Patch,
    /// A picture of it, or made from one.
    Picture,
}

const FILES: &str = "
    SELECT f.root, f.bytes, r.id, 'original' FROM recording r JOIN file f ON f.root = r.original_root
    UNION ALL SELECT f.root, f.bytes, h.recording, h.tier FROM holding h JOIN file f ON f.root = h.root
    UNION ALL SELECT f.root, f.bytes, h.recording, 'patch' FROM holding h JOIN file f ON f.root = h.patch_root
    UNION ALL SELECT f.root, f.bytes, r.id, 'picture' FROM picture p JOIN file f ON f.root = p.root
        JOIN recording r ON r.original_root = p.source_root";
const DERIVED: &str = "
    UNION ALL SELECT f.root, f.bytes, r.id, 'picture' FROM derived d JOIN file f ON f.root = d.root
        JOIN picture p ON p.root = d.source JOIN recording r ON r.original_root = p.source_root";

impl Catalog {
    /// Gives every file of every recording, in one walk.
    pub fn known_files<E: From<CatalogError>>(
        &self,
        each: &mut dyn FnMut(KnownFile) -> Result<(), E>,
    ) -> Result<(), E> {
        let sqlite = |e: rusqlite::Error| E::from(CatalogError::from(e));
        let derived = if self.has_schema(3) { DERIVED } else { "" };
        let mut query = self.db.prepare(&format!("{FILES}{derived}")).map_err(sqlite)?;
        let mut rows = query.query([]).map_err(sqlite)?;
        while let Some(row) = rows.next().map_err(sqlite)? {
            each(file_row(row).map_err(sqlite)?)?;
        }
        Ok(())
    }
}

fn file_row(row: &Row<'_>) -> rusqlite::Result<KnownFile> {
    Ok(KnownFile {
        root: root_at(row, 0)?,
        bytes: row.get(1)?,
        recording: word_at(row, 2)?,
        kind: match row.get_ref(3)?.as_str()? {
            "original" => KnownKind::Original,
            "patch" => KnownKind::Patch,
            "picture" => KnownKind::Picture,
            _ => KnownKind::Holding(word_at(row, 3)?),
        },
    })
}
