//! Writes catalog.sqlite, in rank order, then its indexes.

use super::numbers::Numbered;
use super::rollup::{CoveragePoint, Rollups};
use crate::schema::{
    BUILD_PRAGMAS, CATALOG_APPLICATION_ID, CATALOG_INDEXES, CATALOG_SCHEMA, CATALOG_TABLES,
    kept_isrc,
};
use crate::{EditionError, EditionInfo, Listed, PackSummary};
use rusqlite::{Connection, params};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The catalogue being written.
pub(crate) struct CatalogFile {
    path: PathBuf,
    database: Connection,
    words: HashMap<(&'static str, String), i64>,
    states: HashMap<State, i64>,
    last_state: Option<(State, i64)>,
}

/// Status, licence, why it is held back.
type State = (&'static str, Option<String>, Option<String>);

impl CatalogFile {
    pub(crate) fn create(path: &Path, info: &EditionInfo) -> Result<CatalogFile, EditionError> {
        let path = path.to_path_buf();
        let open = || -> rusqlite::Result<Connection> {
            let database = Connection::open(&path)?;
            database.set_prepared_statement_cache_capacity(64);
            database.execute_batch(BUILD_PRAGMAS)?;
            database.pragma_update(None, "application_id", CATALOG_APPLICATION_ID)?;
            database.pragma_update(None, "user_version", CATALOG_SCHEMA)?;
            database.execute_batch("BEGIN")?;
            database.execute_batch(CATALOG_TABLES)?;
            let mut meta = database.prepare("INSERT INTO meta VALUES(?, ?)")?;
            meta.execute(params!["schema", CATALOG_SCHEMA as i64])?;
            meta.execute(params!["title", info.title])?;
            meta.execute(params!["date", info.date])?;
            meta.execute(params!["created_by", info.created_by])?;
            meta.execute(params!["popularity_threshold", integer(info.popularity.threshold)])?;
            meta.execute(params!["popularity_ceiling", integer(info.popularity.ceiling)])?;
            drop(meta);
            Ok(database)
        };
        let database = open().map_err(EditionError::sqlite(&path))?;
        Ok(CatalogFile {
            path,
            database,
            words: HashMap::new(),
            states: HashMap::new(),
            last_state: None,
        })
    }

    pub(crate) fn push(
        &mut self,
        listed: &Listed,
        numbered: &Numbered,
    ) -> Result<(), EditionError> {
        self.push_rows(listed, numbered).map_err(EditionError::sqlite(&self.path))
    }

    fn push_rows(&mut self, listed: &Listed, numbered: &Numbered) -> rusqlite::Result<()> {
        let rank = listed.rank.get();
        let state = self.state(listed)?;
        let mut isrcs: Vec<u64> = listed.isrcs.iter().map(|isrc| isrc.to_u64()).collect();
        isrcs.sort_unstable();
        isrcs.dedup();
        let mut tracks = Vec::new();
        for (track, release) in listed.tracks.iter().zip(&numbered.releases) {
            if release.is_new {
                self.insert(
                    "INSERT OR IGNORE INTO release VALUES(?,?,?,?)",
                    params![release.id, track.release_title, track.release_artist, track.date],
                )?;
            }
            tracks.push((release.id, track.disc.unwrap_or(0), track.position.unwrap_or(0)));
        }
        tracks.sort_unstable();
        tracks.dedup();
        let first = tracks.first();
        self.insert(
            "INSERT INTO recording VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)",
            params![
                rank,
                listed.id.to_bytes(),
                listed.title,
                numbered.credit.id,
                listed.duration_ms.map(integer),
                listed.listens.map(integer),
                listed.popularity.map(|popularity| popularity.get()),
                listed.year(),
                state,
                isrcs.first().map(|isrc| kept_isrc(*isrc)),
                first.map(|track| track.0),
                first.map(|track| track.1),
                first.map(|track| track.2)
            ],
        )?;
        for (release, disc, position) in tracks.iter().skip(1) {
            self.insert(
                "INSERT INTO more_track VALUES(?,?,?,?)",
                params![rank, release, disc, position],
            )?;
        }
        for isrc in isrcs.iter().skip(1) {
            self.insert("INSERT INTO more_isrc VALUES(?,?)", params![rank, integer(*isrc)])?;
        }
        self.push_file(listed)?;
        self.push_credit(listed, numbered)
    }

    /// The number of what is said of its standing; few different ones are said of many.
    fn state(&mut self, listed: &Listed) -> rusqlite::Result<i64> {
        let held_back = listed.clearance.as_ref().err().map(String::as_str);
        let said = (listed.status.as_str(), listed.licence.as_deref(), held_back);
        if let Some((last, number)) = &self.last_state
            && (last.0, last.1.as_deref(), last.2.as_deref()) == said
        {
            return Ok(*number);
        }
        let said = (said.0, said.1.map(str::to_owned), said.2.map(str::to_owned));
        let next = self.states.len() as i64 + 1;
        let state = *self.states.entry(said.clone()).or_insert(next);
        if state == next {
            self.insert(
                "INSERT INTO state VALUES(?,?,?,?)",
                params![state, said.0, said.1, said.2],
            )?;
        }
        self.last_state = Some((said, state));
        Ok(state)
    }

    fn push_file(&mut self, listed: &Listed) -> rusqlite::Result<()> {
        let tier = self.optional_word("tier", listed.tier.map(|tier| tier.as_str()))?;
        let container = self.optional_word("container", listed.container.as_deref())?;
        let codec = self.optional_word("codec", listed.codec.as_deref())?;
        if tier.is_none() && container.is_none() && codec.is_none() && listed.root.is_none() {
            return Ok(());
        }
        let loudness_clu = listed
            .loudness_lufs
            .filter(|lufs| lufs.is_finite())
            .map(|lufs| (lufs * 100.0).round() as i64);
        self.insert(
            "INSERT INTO file VALUES(?,?,?,?,?,?,?,?,?,?)",
            params![
                listed.rank.get(),
                tier,
                listed.bytes.map(integer),
                listed.root.as_ref().map(|root| root.as_bytes()),
                listed.original_root.as_ref().map(|root| root.as_bytes()),
                container,
                codec,
                listed.sample_rate,
                listed.channels,
                loudness_clu
            ],
        )
    }

    fn push_credit(&mut self, listed: &Listed, numbered: &Numbered) -> rusqlite::Result<()> {
        for (name, artist) in listed.artists.iter().zip(&numbered.artists) {
            if artist.is_new {
                self.insert("INSERT INTO artist VALUES(?,?)", params![artist.id, name])?;
            }
        }
        if numbered.credit.is_new {
            let credit = numbered.credit.id;
            // One artist as printed is the usual credit, and then the artist's name is its text.
            let text = (listed.artists.as_slice() != [numbered.credit_text.as_str()])
                .then_some(&numbered.credit_text);
            let first = numbered.artists.first().map(|artist| artist.id);
            self.insert("INSERT INTO credit VALUES(?,?,?)", params![credit, first, text])?;
            for (position, artist) in numbered.artists.iter().enumerate().skip(1) {
                self.insert(
                    "INSERT INTO more_credit_artist VALUES(?,?,?)",
                    params![credit, position as i64 + 1, artist.id],
                )?;
            }
        }
        Ok(())
    }

    /// A finished pack and the paths in it.
    pub(crate) fn push_pack(
        &mut self,
        number: usize,
        pack: &PackSummary,
        hashes: (&[u8], &[u8]),
        files: impl Iterator<Item = (u32, String)>,
    ) -> Result<(), EditionError> {
        let push = || -> rusqlite::Result<()> {
            self.insert(
                "INSERT INTO pack VALUES(?,?,?,?,?,?,?,?,?)",
                params![
                    number as i64,
                    pack.name,
                    pack.first_rank,
                    pack.last_rank,
                    integer(pack.files),
                    integer(pack.bytes),
                    hashes.0,
                    hashes.1,
                    pack.magnet
                ],
            )?;
            for (rank, path) in files {
                self.insert(
                    "INSERT INTO packed VALUES(?,?,?)",
                    params![rank, number as i64, path],
                )?;
            }
            Ok(())
        };
        push().map_err(EditionError::sqlite(&self.path))
    }

    pub(crate) fn push_coverage(&mut self, point: &CoveragePoint) -> Result<(), EditionError> {
        self.insert(
            "INSERT INTO coverage VALUES(?,?,?,?,?)",
            params![
                point.rank,
                integer(point.listens),
                integer(point.held),
                integer(point.held_listens),
                integer(point.held_bytes)
            ],
        )
        .map_err(EditionError::sqlite(&self.path))
    }

    /// Roll-ups and indexes; the file is whole afterwards.
    pub(crate) fn finish(self, rollups: &Rollups) -> Result<(), EditionError> {
        let path = self.path.clone();
        let finish = || -> rusqlite::Result<()> {
            for (axis, place, label, counts) in rollups.rows() {
                self.insert(
                    "INSERT INTO rollup VALUES(?,?,?,?,?,?,?,?,?)",
                    params![
                        axis,
                        place,
                        label,
                        integer(counts.recordings),
                        integer(counts.cleared),
                        integer(counts.held),
                        integer(counts.bytes),
                        integer(counts.listens),
                        integer(counts.duration_ms)
                    ],
                )?;
            }
            self.database.execute_batch(CATALOG_INDEXES)?;
            self.database.execute_batch("COMMIT")
        };
        finish().map_err(EditionError::sqlite(&path))?;
        self.database.close().map_err(|(_, error)| EditionError::sqlite(&path)(error))
    }

    fn insert(&self, sql: &'static str, values: impl rusqlite::Params) -> rusqlite::Result<()> {
        self.database.prepare_cached(sql)?.execute(values).map(drop)
    }

    fn optional_word(
        &mut self,
        kind: &'static str,
        text: Option<&str>,
    ) -> rusqlite::Result<Option<i64>> {
        text.map(|text| self.word(kind, text)).transpose()
    }

    fn word(&mut self, kind: &'static str, text: &str) -> rusqlite::Result<i64> {
        let next = self.words.len() as i64 + 1;
        let word = *self.words.entry((kind, text.to_owned())).or_insert(next);
        if word == next {
            self.insert("INSERT INTO word VALUES(?,?,?)", params![word, kind, text])?;
        }
        Ok(word)
    }
}

/// SQLite's integers end at 2^63 - 1; no count or size of ours comes near.
pub(crate) fn integer(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
