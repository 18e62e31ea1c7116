CREATE TABLE pack (
  pack  INTEGER PRIMARY KEY,
  name  TEXT NOT NULL UNIQUE,      -- '' : the files of the edition itself
  stage TEXT NOT NULL
);
CREATE TABLE file (
  file    INTEGER PRIMARY KEY,
  pack    INTEGER NOT NULL REFERENCES pack,
  place   INTEGER NOT NULL,        -- in the torrent's file tree, from 0
  path    TEXT NOT NULL,           -- beneath the pack's folder
  root    BLOB NOT NULL,
  bytes   INTEGER NOT NULL,
  state   INTEGER NOT NULL,        -- 0 wanted, 1 partial, 2 whole, 3 gone
  checked INTEGER,                 -- seconds since 1970: when it was last read whole and had its root
  UNIQUE (pack, path)
);
CREATE INDEX file_root ON file (root);
CREATE INDEX file_checked ON file (state, checked);
