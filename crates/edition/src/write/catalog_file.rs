//! Writes catalog.sqlite, in rank order, then what is looked up.

use super::artwork::CoverKey;
use super::coverage::CoveragePoint;
use super::lookup_rows::LookupRows;
use super::numbers::Numbered;
use super::packs::PackedRow;
use super::rollup::Rollups;
use crate::block::{
    BLOCK_RECORDINGS, BlockId, BlockIsrc, BlockRow, BlockTrack, BlockWriter, Head,
    ISRC_DESIGNATIONS,
};
use crate::release_block::{BLOCK_RELEASES, ReleaseArtist, ReleaseBlockWriter, ReleaseRow};
use crate::schema::{
    BUILD_PRAGMAS, CATALOG_APPLICATION_ID, CATALOG_PAGE, CATALOG_SCHEMA, CATALOG_TABLES,
};
use crate::{EditionError, EditionInfo, Listed, ListedCover, TorrentEntry};
use rusqlite::{Connection, params};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Recordings whose texts the dictionary is made from: the first of the list, which are also those read most.
const SAMPLE_RECORDINGS: usize = 1 << 16;

/// With fewer there is no dictionary: it would be larger than what it saves.
const LEAST_RECORDINGS: usize = 1 << 13;

/// Bytes of the dictionary.
const DICTIONARY_BYTES: usize = 110 << 10;

/// Of zstd, for texts. Of what so little text takes, level 5 makes one percent more, in more time.
const TEXT_LEVEL: i32 = 3;

/// Registrants that get a number; the ISRCs of more are kept whole.
const REGISTRANTS: usize = 1 << 22;

/// The catalogue being written.
pub(crate) struct CatalogFile {
    path: PathBuf,
    database: Connection,
    /// None until the dictionary is there.
    writers: Option<(BlockWriter, ReleaseBlockWriter)>,
    recordings: Vec<BlockRow>,
    first_rank: u32,
    releases: Vec<ReleaseRow>,
    first_release: u32,
    lookup: LookupRows,
    collections: HashMap<String, u32>,
    registrants: HashMap<u64, u32>,
    words: HashMap<(&'static str, String), i64>,
    packs: u32,
    states: HashMap<State, u32>,
    last_state: Option<(State, u32)>,
}

/// Status, licence, why it is held back.
type State = (&'static str, Option<String>, Option<String>);

impl CatalogFile {
    /// `sorting` is a folder for what does not fit into memory; it is gone afterwards.
    pub(crate) fn create(
        path: &Path,
        sorting: &Path,
        info: &EditionInfo,
    ) -> Result<CatalogFile, EditionError> {
        let path = path.to_path_buf();
        let open = || -> rusqlite::Result<Connection> {
            let database = Connection::open(&path)?;
            database.set_prepared_statement_cache_capacity(64);
            database.execute_batch(CATALOG_PAGE)?;
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
            writers: None,
            recordings: Vec::new(),
            first_rank: 1,
            releases: Vec::new(),
            first_release: 1,
            lookup: LookupRows::create(sorting)?,
            collections: HashMap::new(),
            registrants: HashMap::new(),
            words: HashMap::new(),
            packs: 0,
            states: HashMap::new(),
            last_state: None,
        })
    }

    pub(crate) fn push(
        &mut self,
        listed: &Listed,
        numbered: &Numbered,
    ) -> Result<(), EditionError> {
        self.lookup.push(listed, numbered)?;
        self.push_rows(listed, numbered).map_err(EditionError::sqlite(&self.path))?;
        if self.writers.is_none() && self.recordings.len() == SAMPLE_RECORDINGS {
            self.start_blocks()?;
        }
        if self.writers.is_some() {
            self.write_blocks(false)?;
        }
        Ok(())
    }

    fn push_rows(&mut self, listed: &Listed, numbered: &Numbered) -> rusqlite::Result<()> {
        for (name, artist) in listed.artists.iter().zip(&numbered.artists) {
            if artist.is_new {
                self.insert("INSERT INTO artist VALUES(?,?)", params![artist.id, name])?;
            }
        }
        let mut tracks = Vec::with_capacity(listed.tracks.len());
        let numbers = numbered.releases.iter().zip(&numbered.release_artists);
        for (track, (release, artist)) in listed.tracks.iter().zip(numbers) {
            if release.is_new {
                self.releases.push(ReleaseRow {
                    title: track.release_title.clone(),
                    artist: match (artist, &track.release_artist) {
                        (Some(number), _) => ReleaseArtist::Number(*number),
                        (None, Some(name)) => ReleaseArtist::Text(name.clone()),
                        (None, None) => ReleaseArtist::None,
                    },
                    date: track.date.clone(),
                });
            }
            tracks.push(BlockTrack {
                release: release.id,
                disc: track.disc.unwrap_or(0),
                position: track.position.unwrap_or(0),
            });
        }
        if tracks.len() > 1 {
            tracks.sort_unstable();
            tracks.dedup();
        }
        let mut isrcs: Vec<u64> = listed.isrcs.iter().map(|isrc| isrc.to_u64()).collect();
        isrcs.sort_unstable();
        isrcs.dedup();
        let isrcs = isrcs.into_iter().map(|isrc| self.isrc(isrc)).collect::<Result<_, _>>()?;
        let row = BlockRow {
            head: Head {
                state: self.state(listed)?,
                listens: listed.listens,
                popularity: listed.popularity.map(|popularity| popularity.get()),
                year: listed.year(),
            },
            id: match &listed.row {
                None => BlockId::Own(listed.id.clone()),
                Some(row) => BlockId::Row(self.collection(&row.collection)?, row.id),
            },
            title: listed.title.clone(),
            credit: numbered.credit_form.clone(),
            duration_ms: listed.duration_ms,
            artists: numbered.artists.iter().map(|artist| artist.id).collect(),
            tracks,
            isrcs,
        };
        self.recordings.push(row);
        self.push_file(listed)
    }

    /// Makes the dictionary from what is there, and the writers.
    fn start_blocks(&mut self) -> Result<(), EditionError> {
        let wrong = |error| EditionError::io("compress for", &self.path)(error);
        let mut dictionary = Vec::new();
        if self.recordings.len() >= LEAST_RECORDINGS {
            let samples: Vec<Vec<u8>> = self
                .recordings
                .chunks(BLOCK_RECORDINGS as usize)
                .map(|rows| {
                    rows.iter().flat_map(|row| [row.title.as_bytes(), b"\xFF"].concat()).collect()
                })
                .collect();
            // Texts that nothing can be learnt from are compressed without.
            dictionary = zstd::dict::from_samples(&samples, DICTIONARY_BYTES).unwrap_or_default();
        }
        self.insert("INSERT INTO dictionary VALUES(?)", params![dictionary])
            .map_err(EditionError::sqlite(&self.path))?;
        let recordings = BlockWriter::new(&dictionary, TEXT_LEVEL).map_err(&wrong)?;
        let releases = ReleaseBlockWriter::new(&dictionary, TEXT_LEVEL).map_err(&wrong)?;
        self.writers = Some((recordings, releases));
        Ok(())
    }

    /// Writes the blocks that are full; the last ones too when `all`.
    fn write_blocks(&mut self, all: bool) -> Result<(), EditionError> {
        let Some((recordings, releases)) = &mut self.writers else {
            return Ok(());
        };
        let wrong = |error| EditionError::io("compress for", &self.path)(error);
        let insert = |sql: &str, first: u32, block: Vec<u8>| -> Result<(), EditionError> {
            let insert = || self.database.prepare_cached(sql)?.execute(params![first, block]);
            insert().map(drop).map_err(EditionError::sqlite(&self.path))
        };
        let full = |waiting: usize, block: u32| match all {
            true => waiting,
            false => waiting - waiting % block as usize,
        };
        let ready = full(self.recordings.len(), BLOCK_RECORDINGS);
        for rows in self.recordings[..ready].chunks(BLOCK_RECORDINGS as usize) {
            let block = recordings.write(rows).map_err(&wrong)?;
            insert("INSERT INTO recordings VALUES(?,?)", self.first_rank, block)?;
            self.first_rank += rows.len() as u32;
        }
        self.recordings.drain(..ready);
        let ready = full(self.releases.len(), BLOCK_RELEASES);
        for rows in self.releases[..ready].chunks(BLOCK_RELEASES as usize) {
            let block = releases.write(rows).map_err(&wrong)?;
            insert("INSERT INTO releases VALUES(?,?)", self.first_release, block)?;
            self.first_release += rows.len() as u32;
        }
        self.releases.drain(..ready);
        Ok(())
    }

    fn collection(&mut self, name: &str) -> rusqlite::Result<u32> {
        if let Some(number) = self.collections.get(name) {
            return Ok(*number);
        }
        let number = self.collections.len() as u32 + 1;
        self.insert("INSERT INTO collection VALUES(?,?)", params![number, name])?;
        self.collections.insert(name.to_owned(), number);
        Ok(number)
    }

    fn isrc(&mut self, isrc: u64) -> rusqlite::Result<BlockIsrc> {
        let (prefix, rest) = (isrc / ISRC_DESIGNATIONS, isrc % ISRC_DESIGNATIONS);
        if let Some(registrant) = self.registrants.get(&prefix) {
            return Ok(BlockIsrc { registrant: *registrant, rest });
        }
        if self.registrants.len() == REGISTRANTS {
            return Ok(BlockIsrc { registrant: 0, rest: isrc });
        }
        let registrant = self.registrants.len() as u32 + 1;
        self.insert("INSERT INTO registrant VALUES(?,?)", params![registrant, integer(prefix)])?;
        self.registrants.insert(prefix, registrant);
        Ok(BlockIsrc { registrant, rest })
    }

    /// The number of what is said of its standing; few different ones are said of many.
    fn state(&mut self, listed: &Listed) -> rusqlite::Result<u32> {
        let held_back = listed.clearance.as_ref().err().map(String::as_str);
        let said = (listed.status.as_str(), listed.licence.as_deref(), held_back);
        if let Some((last, number)) = &self.last_state
            && (last.0, last.1.as_deref(), last.2.as_deref()) == said
        {
            return Ok(*number);
        }
        let said = (said.0, said.1.map(str::to_owned), said.2.map(str::to_owned));
        let next = self.states.len() as u32 + 1;
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
        let tier = listed.tier.map(|tier| tier.to_string());
        let tier = self.optional_word("tier", tier.as_deref())?;
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

    /// A finished pack; gives its number.
    pub(crate) fn push_pack(
        &mut self,
        pack: &TorrentEntry,
        hashes: (&[u8], &[u8]),
    ) -> Result<u32, EditionError> {
        self.packs += 1;
        let mut push = || -> rusqlite::Result<()> {
            let stage = self.word("stage", pack.stage.as_str())?;
            self.insert(
                "INSERT INTO pack VALUES(?,?,?,?,?,?,?,?,?,?)",
                params![
                    self.packs,
                    pack.name,
                    pack.first_rank,
                    pack.last_rank,
                    integer(pack.files),
                    integer(pack.bytes),
                    hashes.0,
                    hashes.1,
                    pack.magnet,
                    stage
                ],
            )
        };
        push().map_err(EditionError::sqlite(&self.path))?;
        Ok(self.packs)
    }

    /// Where something is in a pack.
    pub(crate) fn record(
        &self,
        packed: &PackedRow,
        pack: u32,
        path: &str,
    ) -> Result<(), EditionError> {
        match packed {
            PackedRow::Audio { rank } => {
                self.insert("INSERT INTO packed VALUES(?,?,?)", params![rank, pack, path])
            }
            PackedRow::Patch { rank, root, bytes } => self.insert(
                "INSERT INTO packed_patch VALUES(?,?,?,?,?)",
                params![rank, pack, path, integer(*bytes), root.as_bytes()],
            ),
            PackedRow::Cover { key, picture, name } => {
                self.insert_cover(*key, *picture, Some((pack, format!("{path}/{name}"))))
            }
        }
        .map_err(EditionError::sqlite(&self.path))
    }

    /// A picture that is new to the list, with its thumbnails.
    pub(crate) fn push_picture(
        &mut self,
        number: u32,
        cover: &ListedCover,
    ) -> Result<(), EditionError> {
        let mut push = || -> rusqlite::Result<()> {
            let kind = self.word("picture", cover.kind.as_str())?;
            let mime = self.word("mime", &cover.mime)?;
            let (root, bytes) = (cover.hashes.root.as_bytes(), integer(cover.hashes.bytes));
            self.insert(
                "INSERT INTO picture VALUES(?,?,?,?,?,?,?)",
                params![number, kind, mime, root, bytes, cover.width, cover.height],
            )?;
            for thumbnail in &cover.thumbnails {
                let hashes = &thumbnail.hashes;
                self.insert(
                    "INSERT INTO thumbnail VALUES(?,?,?,?,?,?)",
                    params![
                        number,
                        thumbnail.side,
                        hashes.root.as_bytes(),
                        integer(hashes.bytes),
                        thumbnail.width,
                        thumbnail.height
                    ],
                )?;
            }
            Ok(())
        };
        push().map_err(EditionError::sqlite(&self.path))
    }

    /// A cover that is in no pack.
    pub(crate) fn push_cover(&self, key: CoverKey, picture: u32) -> Result<(), EditionError> {
        self.insert_cover(key, picture, None).map_err(EditionError::sqlite(&self.path))
    }

    fn insert_cover(
        &self,
        key: CoverKey,
        picture: u32,
        place: Option<(u32, String)>,
    ) -> rusqlite::Result<()> {
        let (sql, number) = match key {
            CoverKey::Release(release) => ("INSERT INTO release_picture VALUES(?,?,?,?)", release),
            CoverKey::Recording(rank) => ("INSERT INTO recording_picture VALUES(?,?,?,?)", rank),
        };
        let (pack, path) = place.unzip();
        self.insert(sql, params![number, picture, pack, path])
    }

    pub(crate) fn push_coverage(&mut self, point: &CoveragePoint) -> Result<(), EditionError> {
        self.insert(
            "INSERT INTO coverage VALUES(?,?,?,?,?,?,?,?)",
            params![
                point.rank,
                integer(point.listens),
                integer(point.held),
                integer(point.held_listens),
                integer(point.held_bytes),
                integer(point.duration_ms),
                integer(point.unheld_ms),
                integer(point.unmeasured)
            ],
        )
        .map_err(EditionError::sqlite(&self.path))
    }

    /// The last blocks, what is looked up, and the roll-ups; the file is whole afterwards.
    pub(crate) fn finish(mut self, rollups: &mut Rollups) -> Result<(), EditionError> {
        if self.writers.is_none() {
            self.start_blocks()?;
        }
        self.write_blocks(true)?;
        let counts = [("recordings", self.first_rank - 1), ("releases", self.first_release - 1)];
        let CatalogFile { path, database, lookup, .. } = self;
        let wrong = EditionError::sqlite(&path);
        rollups.set_isrc_sharing(lookup.finish(&database, &wrong)?);
        let finish = || -> rusqlite::Result<()> {
            for (name, count) in counts {
                database.execute("INSERT INTO meta VALUES(?,?)", params![name, count])?;
            }
            let mut insert = database.prepare("INSERT INTO rollup VALUES(?,?,?,?,?,?,?,?,?)")?;
            for (axis, place, label, counts) in rollups.rows() {
                insert.execute(params![
                    axis,
                    place,
                    label,
                    integer(counts.recordings),
                    integer(counts.cleared),
                    integer(counts.held),
                    integer(counts.bytes),
                    integer(counts.listens),
                    integer(counts.duration_ms)
                ])?;
            }
            database.execute_batch("COMMIT")
        };
        finish().map_err(&wrong)?;
        database.close().map_err(|(_, error)| wrong(error))
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
