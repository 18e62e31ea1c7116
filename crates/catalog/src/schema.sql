-- The working catalogue, version 1. Specified in docs/formats/catalog.md.

-- Hashes of every file that the archive knows: sources, holdings, patches, pictures.
CREATE TABLE file (
    root           BLOB PRIMARY KEY,
    bytes          INTEGER NOT NULL,
    piece_layer    BLOB NOT NULL,
    v1_whole       BLOB NOT NULL,
    v1_tail        BLOB,
    v1_tail_padded BLOB
) STRICT;

-- Where files were found. A path is TEXT when it is UTF-8, else its bytes.
CREATE TABLE source (
    path        ANY PRIMARY KEY,
    bytes       INTEGER NOT NULL,
    modified_ns INTEGER NOT NULL,
    root        BLOB,
    what        TEXT,
    next        TEXT
) STRICT;
CREATE INDEX source_by_root ON source (root);

-- What a source file holds, as its own headers state it.
CREATE TABLE audio (
    root            BLOB PRIMARY KEY,
    container       TEXT NOT NULL,
    codec           TEXT NOT NULL,
    extension       TEXT NOT NULL,
    samples         INTEGER,
    duration_ms     INTEGER,
    sample_rate     INTEGER NOT NULL,
    channels        INTEGER NOT NULL,
    bits_per_sample INTEGER,
    bit_rate        INTEGER,
    warnings        TEXT NOT NULL
) STRICT;

-- What a source file says about itself: everything, in its order.
CREATE TABLE tag (
    root  BLOB NOT NULL,
    seq   INTEGER NOT NULL,
    key   TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (root, seq)
) STRICT, WITHOUT ROWID;

-- Pictures in the store, and which files they belong to.
CREATE TABLE picture (
    source_root BLOB NOT NULL,
    seq         INTEGER NOT NULL,
    root        BLOB NOT NULL,
    kind        TEXT NOT NULL,
    mime        TEXT NOT NULL,
    embedded    INTEGER NOT NULL,
    PRIMARY KEY (source_root, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX picture_by_root ON picture (root);

CREATE TABLE recording (
    id            TEXT PRIMARY KEY,
    original_root BLOB NOT NULL UNIQUE,
    title         TEXT NOT NULL,
    title_said    INTEGER NOT NULL,
    date          TEXT,
    rank          INTEGER,
    listens       INTEGER,
    popularity    INTEGER,
    tier          TEXT,
    status        TEXT
) STRICT;
CREATE INDEX recording_by_rank ON recording (rank);

CREATE TABLE credit (
    recording TEXT NOT NULL,
    seq       INTEGER NOT NULL,
    artist    TEXT NOT NULL,
    PRIMARY KEY (recording, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE isrc (
    isrc      INTEGER NOT NULL,
    recording TEXT NOT NULL,
    PRIMARY KEY (isrc, recording)
) STRICT, WITHOUT ROWID;
CREATE INDEX isrc_by_recording ON isrc (recording);

CREATE TABLE release (
    id     TEXT PRIMARY KEY,
    title  TEXT NOT NULL,
    artist TEXT,
    -- Where it was found, for a release of which no artist is known: titles alone tell too little apart.
    folder ANY,
    -- The latest date and the highest disc of its recordings, kept here because every one of them asks.
    date   TEXT,
    discs  INTEGER
) STRICT;
CREATE INDEX release_by_folder ON release (folder) WHERE folder IS NOT NULL;

CREATE TABLE track (
    recording TEXT NOT NULL,
    release   TEXT NOT NULL,
    disc      INTEGER,
    position  INTEGER,
    PRIMARY KEY (recording, release)
) STRICT, WITHOUT ROWID;
CREATE INDEX track_by_release ON track (release);

-- Listens as they were said: by ISRC or by recording id.
CREATE TABLE listens (
    kind    TEXT NOT NULL,
    key     TEXT NOT NULL,
    listens INTEGER NOT NULL,
    source  TEXT NOT NULL,
    PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;

-- What the operator says about rights.
CREATE TABLE rule (
    number  INTEGER PRIMARY KEY AUTOINCREMENT,
    kind    TEXT NOT NULL,
    target  TEXT NOT NULL,
    licence TEXT NOT NULL,
    ground  TEXT NOT NULL,
    until   TEXT,
    places  TEXT NOT NULL
) STRICT;

-- What the decode pass over a source found.
CREATE TABLE analysis (
    root              BLOB PRIMARY KEY,
    samples           INTEGER NOT NULL,
    loudness_lufs     REAL,
    loudness_range_lu REAL,
    sample_peak       REAL,
    fingerprint       TEXT,
    warnings          TEXT NOT NULL
) STRICT;

-- What is in the store of a recording: at most one holding a tier. The one of the recording's own tier is
-- the one that counts; another is what an earlier plan asked for, and is not forgotten.
CREATE TABLE holding (
    recording  TEXT NOT NULL,
    tier       TEXT NOT NULL,
    root       BLOB NOT NULL,
    patch_root BLOB,
    recipe     TEXT NOT NULL,
    made_by    TEXT NOT NULL,
    PRIMARY KEY (recording, tier)
) STRICT, WITHOUT ROWID;

-- Why `build` could not make a holding, until it can.
CREATE TABLE failure (
    recording TEXT PRIMARY KEY,
    what      TEXT NOT NULL,
    next      TEXT NOT NULL
) STRICT, WITHOUT ROWID;
