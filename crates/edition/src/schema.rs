//! The schemas of an edition's files, in one place for writer and reader: docs/formats/edition.md.

/// Schema of edition.json.
pub const EDITION_SCHEMA: u64 = 1;
/// Schema of catalog.sqlite.
pub const CATALOG_SCHEMA: u64 = 1;
/// Schema of search.sqlite.
pub const SEARCH_SCHEMA: u64 = 1;
/// Schema of the Parquet files.
pub const PARQUET_SCHEMA: u64 = 1;

/// `DWC1`: tells catalog.sqlite from other SQLite files.
pub(crate) const CATALOG_APPLICATION_ID: u32 = 0x4457_4331;
/// `DWS1`: tells search.sqlite from other SQLite files.
pub(crate) const SEARCH_APPLICATION_ID: u32 = 0x4457_5331;

/// Ranks between two rows of `coverage`.
pub(crate) const COVERAGE_STRIDE: u32 = 4096;

/// Before anything is written. No journal: the folder is a draft until it gets its name, and a
/// draft that a crash leaves behind is thrown away whole.
pub(crate) const BUILD_PRAGMAS: &str = "
    PRAGMA page_size = 8192;
    PRAGMA auto_vacuum = NONE;
    PRAGMA encoding = 'UTF-8';
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA cache_size = -65536;
";

pub(crate) const CATALOG_TABLES: &str = "
    CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;
    CREATE TABLE recording(
        rank INTEGER PRIMARY KEY, id BLOB NOT NULL, title TEXT NOT NULL, credit INTEGER NOT NULL,
        duration_ms INTEGER, listens INTEGER, popularity INTEGER, year INTEGER,
        status INTEGER NOT NULL, licence INTEGER, held_back INTEGER);
    CREATE TABLE file(
        rank INTEGER PRIMARY KEY, tier INTEGER, bytes INTEGER, root BLOB, original_root BLOB,
        container INTEGER, codec INTEGER, sample_rate INTEGER, channels INTEGER, loudness_clu INTEGER);
    CREATE TABLE credit(credit INTEGER PRIMARY KEY, text TEXT NOT NULL);
    CREATE TABLE credit_artist(
        credit INTEGER NOT NULL, position INTEGER NOT NULL, artist INTEGER NOT NULL,
        PRIMARY KEY(credit, position)) WITHOUT ROWID;
    CREATE TABLE artist(artist INTEGER PRIMARY KEY, name TEXT NOT NULL);
    CREATE TABLE release(release INTEGER PRIMARY KEY, title TEXT NOT NULL, artist TEXT, date TEXT);
    CREATE TABLE track(
        rank INTEGER NOT NULL, release INTEGER NOT NULL, disc INTEGER NOT NULL, position INTEGER NOT NULL,
        PRIMARY KEY(rank, release, disc, position)) WITHOUT ROWID;
    CREATE TABLE isrc(rank INTEGER NOT NULL, isrc INTEGER NOT NULL, PRIMARY KEY(rank, isrc)) WITHOUT ROWID;
    CREATE TABLE pack(
        pack INTEGER PRIMARY KEY, name TEXT NOT NULL, first_rank INTEGER NOT NULL,
        last_rank INTEGER NOT NULL, files INTEGER NOT NULL, bytes INTEGER NOT NULL,
        infohash_v1 BLOB NOT NULL, infohash_v2 BLOB NOT NULL, magnet TEXT NOT NULL);
    CREATE TABLE packed(rank INTEGER PRIMARY KEY, pack INTEGER NOT NULL, path TEXT NOT NULL);
    CREATE TABLE word(word INTEGER PRIMARY KEY, kind TEXT NOT NULL, text TEXT NOT NULL);
    CREATE TABLE coverage(
        rank INTEGER PRIMARY KEY, listens INTEGER NOT NULL, held INTEGER NOT NULL,
        held_listens INTEGER NOT NULL, held_bytes INTEGER NOT NULL);
    CREATE TABLE rollup(
        axis TEXT NOT NULL, place INTEGER NOT NULL, label TEXT NOT NULL, recordings INTEGER NOT NULL,
        cleared INTEGER NOT NULL, held INTEGER NOT NULL, bytes INTEGER NOT NULL,
        listens INTEGER NOT NULL, duration_ms INTEGER NOT NULL,
        PRIMARY KEY(axis, place, label)) WITHOUT ROWID;
    CREATE VIEW list AS SELECT
        r.rank, lower(hex(r.id)) AS id, r.title, c.text AS artist, r.credit, r.duration_ms, r.listens,
        r.popularity, r.year, st.text AS status, ti.text AS tier, f.bytes, co.text AS container,
        cd.text AS codec, li.text AS licence, r.held_back IS NULL AS cleared, hb.text AS held_back
    FROM recording r
        LEFT JOIN credit c ON c.credit = r.credit
        LEFT JOIN file f ON f.rank = r.rank
        LEFT JOIN word st ON st.word = r.status
        LEFT JOIN word ti ON ti.word = f.tier
        LEFT JOIN word co ON co.word = f.container
        LEFT JOIN word cd ON cd.word = f.codec
        LEFT JOIN word li ON li.word = r.licence
        LEFT JOIN word hb ON hb.word = r.held_back;
";

/// After the load: building an index over what is there is one sort, keeping it up to date while
/// loading is a random write a row.
pub(crate) const CATALOG_INDEXES: &str = "
    CREATE INDEX recording_by_id ON recording(id);
    CREATE INDEX recording_by_credit ON recording(credit);
    CREATE INDEX credit_by_artist ON credit_artist(artist);
    CREATE INDEX artist_by_name ON artist(name);
    CREATE INDEX release_by_title ON release(title);
    CREATE INDEX track_by_release ON track(release);
    CREATE INDEX isrc_by_isrc ON isrc(isrc);
";

pub(crate) const SEARCH_TABLES: &str = "
    CREATE VIRTUAL TABLE search USING fts5(
        terms, content='', columnsize=0, detail=none, tokenize='ascii', prefix='1 2 3');
";
