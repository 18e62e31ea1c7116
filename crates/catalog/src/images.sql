-- What schema 3 added: what decoding the pictures found, and the pictures that were made from them.
-- Specified in docs/formats/catalog.md.

-- Of a picture that cannot be decoded `why` says so, and the others are NULL.
CREATE TABLE image (
    root    BLOB PRIMARY KEY,
    version INTEGER NOT NULL,
    mime    TEXT,
    width   INTEGER,
    height  INTEGER,
    why     TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE derived (
    source  BLOB NOT NULL,
    purpose TEXT NOT NULL,
    root    BLOB NOT NULL,
    width   INTEGER NOT NULL,
    height  INTEGER NOT NULL,
    PRIMARY KEY (source, purpose)
) STRICT, WITHOUT ROWID;
