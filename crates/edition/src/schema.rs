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
    PRAGMA encoding = 'UTF-8';
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA cache_size = -65536;
    PRAGMA temp_store = FILE;
";

/// What most recordings have one of (ISRC, place on a release, artist) is a column; the few that have more have
/// rows in the `more_` tables, and a view gives both as one. A row of a table of its own costs 16 bytes before it
/// says anything.
pub(crate) const CATALOG_TABLES: &str = "
    CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;
    CREATE TABLE recording(
        rank INTEGER PRIMARY KEY, id BLOB NOT NULL, title TEXT NOT NULL, credit INTEGER NOT NULL,
        duration_ms INTEGER, listens INTEGER, popularity INTEGER, year INTEGER, state INTEGER NOT NULL,
        isrc INTEGER, release INTEGER, disc INTEGER, position INTEGER);
    CREATE TABLE state(state INTEGER PRIMARY KEY, status TEXT NOT NULL, licence TEXT, held_back TEXT);
    CREATE TABLE more_isrc(rank INTEGER NOT NULL, isrc INTEGER NOT NULL, PRIMARY KEY(rank, isrc)) WITHOUT ROWID;
    CREATE TABLE more_track(
        rank INTEGER NOT NULL, release INTEGER NOT NULL, disc INTEGER NOT NULL, position INTEGER NOT NULL,
        PRIMARY KEY(rank, release, disc, position)) WITHOUT ROWID;
    CREATE TABLE file(
        rank INTEGER PRIMARY KEY, tier INTEGER, bytes INTEGER, root BLOB, original_root BLOB,
        container INTEGER, codec INTEGER, sample_rate INTEGER, channels INTEGER, loudness_clu INTEGER);
    CREATE TABLE credit(credit INTEGER PRIMARY KEY, artist INTEGER, text TEXT);
    CREATE TABLE more_credit_artist(
        credit INTEGER NOT NULL, position INTEGER NOT NULL, artist INTEGER NOT NULL,
        PRIMARY KEY(credit, position)) WITHOUT ROWID;
    CREATE TABLE artist(artist INTEGER PRIMARY KEY, name TEXT NOT NULL);
    CREATE TABLE release(release INTEGER PRIMARY KEY, title TEXT NOT NULL, artist TEXT, date TEXT);
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
    CREATE VIEW isrc AS
        SELECT rank, isrc + (isrc < 0) * 281474976710656 AS isrc FROM recording WHERE isrc IS NOT NULL
        UNION ALL SELECT rank, isrc FROM more_isrc;
    CREATE VIEW track AS
        SELECT rank, release, disc, position FROM recording WHERE release IS NOT NULL
        UNION ALL SELECT rank, release, disc, position FROM more_track;
    CREATE VIEW credit_artist AS
        SELECT credit, 1 AS position, artist FROM credit WHERE artist IS NOT NULL
        UNION ALL SELECT credit, position, artist FROM more_credit_artist;
    CREATE VIEW list AS SELECT
        r.rank, lower(hex(r.id)) AS id, r.title, coalesce(c.text, a.name) AS artist, r.credit, r.duration_ms,
        r.listens, r.popularity, r.year, s.status, ti.text AS tier, f.bytes, co.text AS container,
        cd.text AS codec, s.licence, s.status IS NOT NULL AND s.held_back IS NULL AS cleared, s.held_back
    FROM recording r
        LEFT JOIN state s ON s.state = r.state
        LEFT JOIN credit c ON c.credit = r.credit
        LEFT JOIN artist a ON a.artist = c.artist
        LEFT JOIN file f ON f.rank = r.rank
        LEFT JOIN word ti ON ti.word = f.tier
        LEFT JOIN word co ON co.word = f.container
        LEFT JOIN word cd ON cd.word = f.codec;
";

/// After the load: building an index over what is there is one sort, keeping it up to date while
/// loading is a random write a row.
pub(crate) const CATALOG_INDEXES: &str = "CREATE INDEX artist_by_name ON artist(name);";

/// `lookup` answers from ISRC, id, artist and release to ranks. FTS5 keeps a term and its ranks in about half of
/// what an index of SQLite takes for the same, which has a cell a rank.
pub(crate) const SEARCH_TABLES: &str = "
    CREATE VIRTUAL TABLE search USING fts5(
        terms, content='', columnsize=0, detail=none, tokenize='ascii', prefix='3');
    CREATE VIRTUAL TABLE lookup USING fts5(
        terms, content='', columnsize=0, detail=none, tokenize='ascii');
";

/// Terms are gathered in memory and written as sorted segments; these are merged once, at the end.
/// Gathered bytes before a segment is written: `lookup`'s terms are nearly all different, and each costs some
/// 150 bytes of memory for 20 that are gathered.
pub(crate) const SEARCH_LOAD: &str = "
    INSERT INTO search(search, rank) VALUES('pgsz', 8000);
    INSERT INTO search(search, rank) VALUES('hashsize', 67108864);
    INSERT INTO search(search, rank) VALUES('automerge', 0);
    INSERT INTO search(search, rank) VALUES('crisismerge', 1999);
    INSERT INTO lookup(lookup, rank) VALUES('pgsz', 8000);
    INSERT INTO lookup(lookup, rank) VALUES('hashsize', 16777216);
    INSERT INTO lookup(lookup, rank) VALUES('automerge', 0);
    INSERT INTO lookup(lookup, rank) VALUES('crisismerge', 1999);
";

/// ISRCs as the catalogue keeps them: an integer of SQLite takes six bytes below 2^47 and eight from there, so what
/// lies from 2^47 to 2^48 (most of the United States' numbers) is kept as what is missing to 2^48.
pub(crate) fn kept_isrc(isrc: u64) -> i64 {
    match isrc {
        0x8000_0000_0000..0x1_0000_0000_0000 => isrc as i64 - (1 << 48),
        _ => isrc as i64,
    }
}

/// The ISRC that [`kept_isrc`] gave.
pub(crate) fn isrc_of_kept(kept: i64) -> Option<u64> {
    u64::try_from(if kept < 0 { kept.checked_add(1 << 48)? } else { kept }).ok()
}
