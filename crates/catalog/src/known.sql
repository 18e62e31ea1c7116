-- What schema 2 of the working catalogue added: facts from tables, under the ids they came with.
-- Specified in docs/formats/catalog.md.

-- How many recordings each has is kept here: to count them takes reading them.
CREATE TABLE collection (
    number     INTEGER PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    recordings INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE known_recording (
    collection  INTEGER NOT NULL,
    id          INTEGER NOT NULL,
    title       TEXT,
    duration_ms INTEGER,
    date        TEXT,
    PRIMARY KEY (collection, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE known_artist (
    collection INTEGER NOT NULL,
    id         INTEGER NOT NULL,
    name       TEXT NOT NULL,
    PRIMARY KEY (collection, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE known_release (
    collection INTEGER NOT NULL,
    id         INTEGER NOT NULL,
    title      TEXT,
    artist     INTEGER,
    date       TEXT,
    PRIMARY KEY (collection, id)
) STRICT, WITHOUT ROWID;

-- A disc or position of 0 is not known.
CREATE TABLE known_track (
    collection INTEGER NOT NULL,
    recording  INTEGER NOT NULL,
    release    INTEGER NOT NULL,
    disc       INTEGER NOT NULL,
    position   INTEGER NOT NULL,
    PRIMARY KEY (collection, recording, release, disc, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE known_credit (
    collection INTEGER NOT NULL,
    recording  INTEGER NOT NULL,
    position   INTEGER NOT NULL,
    artist     INTEGER NOT NULL,
    name       TEXT,
    joined     TEXT,
    PRIMARY KEY (collection, recording, position)
) STRICT, WITHOUT ROWID;

-- INTEGER: the number of a code that was said in its twelve characters. TEXT: what was said instead.
CREATE TABLE known_isrc (
    collection INTEGER NOT NULL,
    recording  INTEGER NOT NULL,
    said       ANY NOT NULL,
    PRIMARY KEY (collection, recording, said)
) STRICT, WITHOUT ROWID;

CREATE TABLE known_listens (
    collection INTEGER NOT NULL,
    recording  INTEGER NOT NULL,
    listens    INTEGER NOT NULL,
    PRIMARY KEY (collection, recording)
) STRICT, WITHOUT ROWID;

CREATE TABLE known_isrc_listens (
    collection INTEGER NOT NULL,
    isrc       INTEGER NOT NULL,
    listens    INTEGER NOT NULL,
    PRIMARY KEY (collection, isrc)
) STRICT, WITHOUT ROWID;

-- Files whose rows are all here, of an `add` that is not finished.
CREATE TABLE load (
    collection INTEGER NOT NULL,
    kind       TEXT NOT NULL,
    source     TEXT NOT NULL,
    PRIMARY KEY (collection, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE known_change (changes INTEGER NOT NULL) STRICT;
INSERT INTO known_change VALUES (0);
