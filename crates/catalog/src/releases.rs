//! Which recordings are on the same release, as far as their tags tell.

use crate::values::{path_at, path_value};
use crate::{Catalog, CatalogError};
use deadwax_model::{RecordingId, Tags};
use rusqlite::params;
use std::path::{Path, PathBuf};

impl Catalog {
    pub(crate) fn insert_track(
        &self,
        id: &RecordingId,
        tags: &Tags,
        path: &Path,
    ) -> Result<(), CatalogError> {
        let Some(title) = &tags.release else { return Ok(()) };
        let folder = path.parent().unwrap_or(path);
        let release = release_id(title, tags, folder);
        let folder = tags.release_artist.is_none().then(|| path_value(folder));
        self.db
            .prepare_cached("INSERT OR IGNORE INTO release VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![release, title, tags.release_artist, folder])?;
        self.db
            .prepare_cached("INSERT OR IGNORE INTO track VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![id.as_str(), release, tags.disc, tags.position])?;
        Ok(())
    }

    /// Joins a release without an artist to the one of the same title that has an artist and files in
    /// the same folder, when there is exactly one: some of a release's files often lack the tag. To be
    /// called when a folder was added; the outcome does not depend on the order of its files.
    pub fn join_releases(&self) -> Result<(), CatalogError> {
        let mut query = self.db.prepare_cached(
            "SELECT id, title, folder FROM release WHERE artist IS NULL AND folder IS NOT NULL",
        )?;
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, path_at(row, 2)?)))?;
        let lone: Vec<(String, String, PathBuf)> = rows.collect::<Result<_, _>>()?;
        for (id, title, folder) in lone {
            if let [whole] = self.releases_in(&title, &folder)?.as_slice() {
                self.db.execute(
                    "UPDATE OR IGNORE track SET release = ?2 WHERE release = ?1",
                    [&id, whole],
                )?;
                self.db.execute("DELETE FROM track WHERE release = ?1", [&id])?;
                self.db.execute("DELETE FROM release WHERE id = ?1", [&id])?;
            }
        }
        Ok(())
    }

    /// The releases of this title that have an artist and a file in this folder.
    fn releases_in(&self, title: &str, folder: &Path) -> Result<Vec<String>, CatalogError> {
        let mut query = self.db.prepare_cached(
            "SELECT l.id, l.title, s.path FROM release l
             JOIN track t ON t.release = l.id
             JOIN recording r ON r.id = t.recording
             JOIN source s ON s.root = r.original_root
             WHERE l.artist IS NOT NULL AND length(l.title) = length(?1) ORDER BY l.id",
        )?;
        let mut found: Vec<String> = Vec::new();
        let mut rows = query.query([title])?;
        while let Some(row) = rows.next()? {
            let (id, other): (String, String) = (row.get(0)?, row.get(1)?);
            let is_same = other.to_lowercase() == title.to_lowercase();
            if is_same && path_at(row, 2)?.parent() == Some(folder) && found.last() != Some(&id) {
                found.push(id);
            }
        }
        Ok(found)
    }
}

/// Recordings are on the same release when title and release artist agree (case aside), or, where
/// no release artist is given, title and folder; a MusicBrainz release id settles it before either.
/// The id is 20 hex digits of a hash of that.
fn release_id(title: &str, tags: &Tags, folder: &Path) -> String {
    let title = title.to_lowercase();
    let key = match (&tags.musicbrainz_release, &tags.release_artist) {
        (Some(id), _) => format!("musicbrainz\0{}", id.to_lowercase()),
        (None, Some(artist)) => format!("artist\0{title}\0{}", artist.to_lowercase()),
        (None, None) => format!("folder\0{title}\0{}", folder.to_string_lossy()),
    };
    let hash = deadwax_store::hash_of(key.as_bytes()).root;
    RecordingId::of_first_source(&hash).to_string()
}
