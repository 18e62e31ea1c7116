-- What schema 4 of the working catalogue added: the record of takedowns. Specified in docs/formats/catalog.md.
-- It is append-only: what was done, and on whose word, must be told years later. So rows are neither changed nor
-- removed, nor replaced by others of the same number, and lifting adds a row.

CREATE TABLE takedown (
    number INTEGER PRIMARY KEY,
    time   TEXT NOT NULL,
    notice TEXT NOT NULL,
    reason TEXT NOT NULL,
    scope  TEXT NOT NULL,
    -- What was named: 'recording', 'isrc', 'release', 'artist' or 'files', and its value.
    kind   TEXT NOT NULL,
    target TEXT NOT NULL,
    -- For the archive alone; it is never published.
    note   TEXT
) STRICT;
CREATE TABLE takedown_recording (
    number    INTEGER NOT NULL,
    recording TEXT NOT NULL,
    PRIMARY KEY (number, recording)
) STRICT, WITHOUT ROWID;
-- Files of it: what was published, what is held, and what was named. More may be found later.
CREATE TABLE takedown_root (
    number INTEGER NOT NULL,
    root   BLOB NOT NULL,
    PRIMARY KEY (number, root)
) STRICT, WITHOUT ROWID;
CREATE INDEX takedown_by_root ON takedown_root (root);
-- That it was carried out to the end, or that its end was told: each time that it was.
CREATE TABLE takedown_done (
    number  INTEGER NOT NULL,
    -- 'take-down' or 'lift'
    act     TEXT NOT NULL,
    time    TEXT NOT NULL,
    -- Files that were taken out of pack folders, and copies of the archive's own that were removed.
    files   INTEGER NOT NULL,
    removed INTEGER NOT NULL
) STRICT;
CREATE TABLE takedown_lift (
    number INTEGER PRIMARY KEY,
    time   TEXT NOT NULL,
    notice TEXT NOT NULL
) STRICT;

CREATE TRIGGER takedown_stays BEFORE UPDATE ON takedown
    BEGIN SELECT RAISE(ABORT, 'the record of takedowns is append-only'); END;
CREATE TRIGGER takedown_is_kept BEFORE DELETE ON takedown
    BEGIN SELECT RAISE(ABORT, 'the record of takedowns is append-only'); END;
CREATE TRIGGER takedown_is_not_replaced BEFORE INSERT ON takedown
    WHEN EXISTS (SELECT 1 FROM takedown WHERE number = NEW.number)
    BEGIN SELECT RAISE(ABORT, 'the record of takedowns is append-only'); END;
CREATE TRIGGER takedown_recording_stays BEFORE UPDATE ON takedown_recording
    BEGIN SELECT RAISE(ABORT, 'the record of takedowns is append-only'); END;
CREATE TRIGGER takedown_recording_is_kept BEFORE DELETE ON takedown_recording
    BEGIN SELECT RAISE(ABORT, 'the record of takedowns is append-only'); END;
CREATE TRIGGER takedown_root_stays BEFORE UPDATE ON takedown_root
    BEGIN SELECT RAISE(ABORT, 'the record of takedowns is append-only'); END;
CREATE TRIGGER takedown_root_is_kept BEFORE DELETE ON takedown_root
    BEGIN SELECT RAISE(ABORT, 'the record of takedowns is append-only'); END;
CREATE TRIGGER takedown_done_stays BEFORE UPDATE ON takedown_done
    BEGIN SELECT RAISE(ABORT, 'the record of takedowns is append-only'); END;
CREATE TRIGGER takedown_done_is_kept BEFORE DELETE ON takedown_done
    BEGIN SELECT RAISE(ABORT, 'the record of takedowns is append-only'); END;
CREATE TRIGGER takedown_lift_stays BEFORE UPDATE ON takedown_lift
    BEGIN SELECT RAISE(ABORT, 'the record of takedowns is append-only'); END;
CREATE TRIGGER takedown_lift_is_kept BEFORE DELETE ON takedown_lift
    BEGIN SELECT RAISE(ABORT, 'the record of takedowns is append-only'); END;
CREATE TRIGGER takedown_lift_is_not_replaced BEFORE INSERT ON takedown_lift
    WHEN EXISTS (SELECT 1 FROM takedown_lift WHERE number = NEW.number)
    BEGIN SELECT RAISE(ABORT, 'the record of takedowns is append-only'); END;
