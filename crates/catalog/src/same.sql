-- What schema 3 of the working catalogue added: recordings that are the same as another.
-- Specified in docs/formats/catalog.md.

-- By the last plan: recordings that take no place in the list, and the one that stands there for them.
CREATE TABLE same_as (
    recording TEXT PRIMARY KEY,
    winner    TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX same_as_by_winner ON same_as (winner);

-- What the operator says of two recordings; `a` before `b`. Of a pair the highest number counts.
CREATE TABLE same_rule (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    says   TEXT NOT NULL,
    a      TEXT NOT NULL,
    b      TEXT NOT NULL,
    ground TEXT NOT NULL
) STRICT;
