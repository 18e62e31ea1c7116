//! Writes search.sqlite: terms in, rowid = rank, nothing else kept.

use crate::schema::{BUILD_PRAGMAS, SEARCH_APPLICATION_ID, SEARCH_SCHEMA, SEARCH_TABLES};
use crate::words::{index_terms, year_term};
use crate::{EditionError, Listed};
use rusqlite::{Connection, params};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The text search being written.
pub(crate) struct SearchFile {
    path: PathBuf,
    database: Connection,
}

impl SearchFile {
    pub(crate) fn create(path: &Path) -> Result<SearchFile, EditionError> {
        let path = path.to_path_buf();
        let open = || -> rusqlite::Result<Connection> {
            let database = Connection::open(&path)?;
            database.execute_batch(BUILD_PRAGMAS)?;
            database.pragma_update(None, "application_id", SEARCH_APPLICATION_ID)?;
            database.pragma_update(None, "user_version", SEARCH_SCHEMA)?;
            database.execute_batch("BEGIN")?;
            database.execute_batch(SEARCH_TABLES)?;
            Ok(database)
        };
        let database = open().map_err(EditionError::sqlite(&path))?;
        Ok(SearchFile { path, database })
    }

    pub(crate) fn push(&mut self, listed: &Listed) -> Result<(), EditionError> {
        let texts = [listed.title.as_str(), listed.artist_credit.as_str()];
        let releases = listed.tracks.iter().map(|track| track.release_title.as_str());
        let mut terms = index_terms(
            texts.into_iter().chain(listed.artists.iter().map(String::as_str)).chain(releases),
        );
        terms.extend(listed.year().map(year_term));
        self.database
            .prepare_cached("INSERT INTO search(rowid, terms) VALUES(?, ?)")
            .and_then(|mut insert| insert.execute(params![listed.rank.get(), joined(&terms)]))
            .map(drop)
            .map_err(EditionError::sqlite(&self.path))
    }

    pub(crate) fn finish(self) -> Result<(), EditionError> {
        self.database
            .execute_batch("INSERT INTO search(search) VALUES('optimize'); COMMIT")
            .map_err(EditionError::sqlite(&self.path))?;
        self.database.close().map_err(|(_, error)| EditionError::sqlite(&self.path)(error))
    }
}

fn joined(terms: &BTreeSet<String>) -> String {
    let mut text = String::new();
    for term in terms {
        text.push_str(term);
        text.push(' ');
    }
    text
}
