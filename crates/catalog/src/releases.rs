//! Which recordings are on the same release, as far as their tags tell.

use crate::values::{optional_root_at, path_at, path_value};
use crate::{Catalog, CatalogError};
use deadwax_model::{RecordingId, Root, Tags};
use rusqlite::params;
use rusqlite::types::Value;
use std::collections::BTreeMap;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

// Each is answered from indexes: `add` takes its time by what is added, not by what is there.
const LONE: &str = "SELECT id, title FROM release WHERE folder = ?1 AND artist IS NULL";
const WHOLE: &str = "
    SELECT l.id, l.title FROM recording r
    JOIN track t ON t.recording = r.id
    JOIN release l ON l.id = t.release
    WHERE r.original_root = ?1 AND l.artist IS NOT NULL";
const WITHIN: &str = "SELECT path, root FROM source WHERE path >= ?1 AND path < ?2 ORDER BY path";

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
            .prepare_cached(
                "INSERT INTO release VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (id) DO UPDATE SET
                     date = nullif(max(coalesce(date, ''), coalesce(excluded.date, '')), ''),
                     discs = nullif(max(coalesce(discs, 0), coalesce(excluded.discs, 0)), 0)",
            )?
            .execute(params![release, title, tags.release_artist, folder, tags.date, tags.disc])?;
        self.db
            .prepare_cached("INSERT OR IGNORE INTO track VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![id.as_str(), release, tags.disc, tags.position])?;
        Ok(())
    }

    /// Joins a release without an artist to the one of the same title that has an artist and files in
    /// the same folder, when there is exactly one: some of a release's files often lack the tag. To be
    /// called with the folders that were added, which alone can have changed; the outcome does not depend
    /// on the order of their files.
    pub fn join_releases<'f>(
        &self,
        folders: impl IntoIterator<Item = &'f Path>,
    ) -> Result<(), CatalogError> {
        for folder in folders {
            let lone = self.lone_releases(folder)?;
            if lone.is_empty() {
                continue;
            }
            let whole = self.whole_releases(folder)?;
            for (id, title) in lone {
                let mut same = whole.iter().filter(|(_, other)| is_same_title(other, &title));
                if let (Some((whole, _)), None) = (same.next(), same.next()) {
                    self.join(&id, whole)?;
                }
            }
        }
        Ok(())
    }

    fn join(&self, lone: &str, whole: &str) -> Result<(), CatalogError> {
        self.db
            .execute("UPDATE OR IGNORE track SET release = ?2 WHERE release = ?1", [lone, whole])?;
        self.db.execute(
            "UPDATE release AS whole SET
                 date = nullif(max(coalesce(whole.date, ''), coalesce(lone.date, '')), ''),
                 discs = nullif(max(coalesce(whole.discs, 0), coalesce(lone.discs, 0)), 0)
             FROM release AS lone WHERE lone.id = ?1 AND whole.id = ?2",
            [lone, whole],
        )?;
        self.db.execute("DELETE FROM track WHERE release = ?1", [lone])?;
        self.db.execute("DELETE FROM release WHERE id = ?1", [lone])?;
        Ok(())
    }

    /// Id and title of the releases of this folder that have no artist.
    fn lone_releases(&self, folder: &Path) -> Result<Vec<(String, String)>, CatalogError> {
        let mut query = self.db.prepare_cached(LONE)?;
        let rows = query.query_map([path_value(folder)], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Id and title of the releases that have an artist and a file in this folder.
    fn whole_releases(&self, folder: &Path) -> Result<BTreeMap<String, String>, CatalogError> {
        let mut query = self.db.prepare_cached(WHOLE)?;
        let mut found = BTreeMap::new();
        for root in self.roots_in(folder)? {
            let mut rows = query.query([root.as_bytes()])?;
            while let Some(row) = rows.next()? {
                found.insert(row.get(0)?, row.get(1)?);
            }
        }
        Ok(found)
    }

    /// The files found in this folder itself. Paths sort by their bytes, so a folder is a range of them;
    /// every folder beneath it is a range within that, and is stepped over.
    fn roots_in(&self, folder: &Path) -> Result<Vec<Root>, CatalogError> {
        let mut start = folder.as_os_str().as_bytes().to_vec();
        if start != b"/" {
            start.push(b'/');
        }
        // As `path_value` stores them: SQLite sorts all text before all blobs.
        let stored: [fn(Vec<u8>) -> Option<Value>; 2] = [
            |bytes| String::from_utf8(bytes).ok().map(Value::Text),
            |bytes| Some(Value::Blob(bytes)),
        ];
        let mut query = self.db.prepare_cached(WITHIN)?;
        let mut found = Vec::new();
        for stored in stored {
            let Some(end) = stored(behind(&start)) else { continue };
            let mut from = stored(start.clone());
            while let Some(begin) = from.take() {
                let mut rows = query.query(params![begin, end])?;
                while let Some(row) = rows.next()? {
                    let path = path_at(row, 0)?.into_os_string().into_vec();
                    let slash = path[start.len()..].iter().position(|&byte| byte == b'/');
                    if let Some(length) = slash {
                        from = stored(behind(&path[..=start.len() + length]));
                        break;
                    }
                    found.extend(optional_root_at(row, 1)?);
                }
            }
        }
        Ok(found)
    }
}

/// The first text behind all that begin with this folder's, which ends in `/`.
fn behind(folder: &[u8]) -> Vec<u8> {
    let mut end = folder.to_vec();
    end.pop();
    end.push(b'/' + 1);
    end
}

fn is_same_title(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn catalog() -> (tempfile::TempDir, Catalog) {
        let folder = tempfile::tempdir().unwrap();
        let catalog = Catalog::create(&folder.path().join("catalog.sqlite")).unwrap();
        (folder, catalog)
    }

    #[test]
    fn nothing_is_scanned() {
        let (_folder, catalog) = catalog();
        for sql in [LONE, WHOLE, WITHIN] {
            let mut query = catalog.db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let values = vec![rusqlite::types::Null; query.parameter_count()];
            let rows = query.query_map(rusqlite::params_from_iter(values), |row| row.get(3));
            let steps: Vec<String> = rows.unwrap().map(Result::unwrap).collect();
            let is_a_search = |step: &String| step.starts_with("SEARCH");
            assert!(!steps.is_empty() && steps.iter().all(is_a_search), "{sql}: {steps:?}");
        }
    }

    #[test]
    fn a_folder_is_its_own_files_of_any_name() {
        let (_folder, catalog) = catalog();
        let path = |bytes: &[u8]| PathBuf::from(std::ffi::OsStr::from_bytes(bytes));
        let all: [&[u8]; 13] = [
            b"/m",
            b"/m-1",
            b"/m/a",
            b"/m/a/deep",
            b"/m/a/deep/er",
            b"/m/a0",
            b"/m/b",
            b"/m/c/1",
            b"/m0",
            b"/m/\xff",
            b"/m/\xfe/1",
            b"/m/\xfe0",
            b"/n\xff",
        ];
        for name in all {
            let root = deadwax_store::hash_of(name).root;
            catalog
                .db
                .execute(
                    "INSERT INTO source VALUES (?1, 1, 1, ?2, NULL, NULL)",
                    params![path_value(&path(name)), root.as_bytes()],
                )
                .unwrap();
        }
        let own = |folder: &[u8], wanted: &[&[u8]]| {
            let mut found = catalog.roots_in(&path(folder)).unwrap();
            let mut wanted: Vec<Root> =
                wanted.iter().map(|name| deadwax_store::hash_of(name).root).collect();
            found.sort();
            wanted.sort();
            assert_eq!(found, wanted, "{}", folder.escape_ascii());
        };
        own(b"/m", &[b"/m/a", b"/m/a0", b"/m/b", b"/m/\xff", b"/m/\xfe0"]);
        own(b"/m/a", &[b"/m/a/deep"]);
        own(b"/m/\xfe", &[b"/m/\xfe/1"]);
        own(b"/", &[b"/m", b"/m-1", b"/m0", b"/n\xff"]);
        own(b"/nowhere", &[]);
    }
}
