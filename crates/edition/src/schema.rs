//! The schemas of an edition's files, in one place for writer and reader: docs/formats/edition.md.

/// Schema of edition.json.
pub const EDITION_SCHEMA: u64 = 1;
/// Schema of catalog.sqlite.
pub const CATALOG_SCHEMA: u64 = 3;
/// The oldest schema of catalog.sqlite that is read: it has no pictures.
pub(crate) const OLDEST_CATALOG_SCHEMA: u64 = 2;
/// Schema of search.sqlite.
pub const SEARCH_SCHEMA: u64 = 2;
/// Schema of the Parquet files.
pub const PARQUET_SCHEMA: u64 = 3;

/// `DWC1`: tells catalog.sqlite from other SQLite files.
pub(crate) const CATALOG_APPLICATION_ID: u32 = 0x4457_4331;
/// `DWS1`: tells search.sqlite from other SQLite files.
pub(crate) const SEARCH_APPLICATION_ID: u32 = 0x4457_5331;

/// Ranks between two rows of `coverage`.
pub(crate) const COVERAGE_STRIDE: u32 = 4096;

/// Before anything is written. No journal: the folder is a draft until it gets its name, and a
/// draft that a crash leaves behind is thrown away whole.
pub(crate) const BUILD_PRAGMAS: &str = "
    PRAGMA encoding = 'UTF-8';
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA cache_size = -65536;
    PRAGMA temp_store = FILE;
";

/// Blocks of the list have about 2,000 bytes: in smaller pages every fourth byte would be left over.
pub(crate) const CATALOG_PAGE: &str = "PRAGMA page_size = 32768;";
/// What FTS5's own pages fit into.
pub(crate) const SEARCH_PAGE: &str = "PRAGMA page_size = 8192;";

/// Bytes of a leaf after which it is written: FTS5's `pgsz`. A rowid is looked for leaf by leaf and then within one, so
/// small leaves make words that must occur together quick to find: with leaves of 8,000 bytes half as quick, for 5 % less.
pub(crate) const LEAF_BYTES: usize = 1000;

/// The list itself is in blocks (`crate::block`, `crate::release_block`, `crate::lookup`); what few recordings have, or
/// what is small, is in plain rows.
pub(crate) const CATALOG_TABLES: &str = "
    CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;
    CREATE TABLE recordings(first_rank INTEGER PRIMARY KEY, block BLOB NOT NULL);
    CREATE TABLE releases(first_release INTEGER PRIMARY KEY, block BLOB NOT NULL);
    CREATE TABLE lookup(
        kind INTEGER NOT NULL, key INTEGER NOT NULL, value INTEGER NOT NULL, block BLOB NOT NULL,
        PRIMARY KEY(kind, key, value)) WITHOUT ROWID;
    CREATE TABLE dictionary(dictionary BLOB NOT NULL);
    CREATE TABLE artist(artist INTEGER PRIMARY KEY, name TEXT NOT NULL);
    CREATE TABLE registrant(registrant INTEGER PRIMARY KEY, prefix INTEGER NOT NULL);
    CREATE TABLE collection(collection INTEGER PRIMARY KEY, name TEXT NOT NULL);
    CREATE TABLE state(state INTEGER PRIMARY KEY, status TEXT NOT NULL, licence TEXT, held_back TEXT);
    CREATE TABLE file(
        rank INTEGER PRIMARY KEY, tier INTEGER, bytes INTEGER, root BLOB, original_root BLOB,
        container INTEGER, codec INTEGER, sample_rate INTEGER, channels INTEGER, loudness_clu INTEGER);
    CREATE TABLE pack(
        pack INTEGER PRIMARY KEY, name TEXT NOT NULL, first_rank INTEGER NOT NULL,
        last_rank INTEGER NOT NULL, files INTEGER NOT NULL, bytes INTEGER NOT NULL,
        infohash_v1 BLOB NOT NULL, infohash_v2 BLOB NOT NULL, magnet TEXT NOT NULL,
        stage INTEGER NOT NULL);
    CREATE TABLE packed(rank INTEGER PRIMARY KEY, pack INTEGER NOT NULL, path TEXT NOT NULL);
    CREATE TABLE packed_patch(
        rank INTEGER PRIMARY KEY, pack INTEGER NOT NULL, path TEXT NOT NULL, bytes INTEGER NOT NULL,
        root BLOB NOT NULL);
    CREATE TABLE picture(
        picture INTEGER PRIMARY KEY, kind INTEGER NOT NULL, mime INTEGER NOT NULL,
        root BLOB NOT NULL, bytes INTEGER NOT NULL, width INTEGER NOT NULL,
        height INTEGER NOT NULL);
    CREATE TABLE thumbnail(
        picture INTEGER NOT NULL, side INTEGER NOT NULL, root BLOB NOT NULL, bytes INTEGER NOT NULL,
        width INTEGER NOT NULL, height INTEGER NOT NULL,
        PRIMARY KEY(picture, side)) WITHOUT ROWID;
    CREATE TABLE release_picture(
        release INTEGER PRIMARY KEY, picture INTEGER NOT NULL, pack INTEGER, path TEXT);
    CREATE TABLE recording_picture(
        rank INTEGER PRIMARY KEY, picture INTEGER NOT NULL, pack INTEGER, path TEXT);
    CREATE TABLE word(word INTEGER PRIMARY KEY, kind TEXT NOT NULL, text TEXT NOT NULL);
    CREATE TABLE coverage(
        rank INTEGER PRIMARY KEY, listens INTEGER NOT NULL, held INTEGER NOT NULL,
        held_listens INTEGER NOT NULL, held_bytes INTEGER NOT NULL, duration_ms INTEGER NOT NULL,
        unheld_ms INTEGER NOT NULL, unmeasured INTEGER NOT NULL);
    CREATE TABLE rollup(
        axis TEXT NOT NULL, place INTEGER NOT NULL, label TEXT NOT NULL, recordings INTEGER NOT NULL,
        cleared INTEGER NOT NULL, held INTEGER NOT NULL, bytes INTEGER NOT NULL,
        listens INTEGER NOT NULL, duration_ms INTEGER NOT NULL,
        PRIMARY KEY(axis, place, label)) WITHOUT ROWID;
";

/// What FTS5 puts before a term of its main index; others are of its prefix indexes.
pub(crate) const MAIN_INDEX: u8 = b'0';
/// Where FTS5 has its record of segments in the table of its index, and by how many bits the number of a segment stands
/// above the numbers of its leaves.
pub(crate) const STRUCTURE_ROW: i64 = 10;
pub(crate) const SEGMENT_BITS: u32 = 37;

pub(crate) const SEARCH_TABLES: &str = "
    CREATE VIRTUAL TABLE search USING fts5(
        terms, content='', columnsize=0, detail=none, tokenize='ascii');
    CREATE TABLE frequent(term TEXT PRIMARY KEY) WITHOUT ROWID;
";
