-- What schema 3 of the working catalogue added for tiers.
-- Specified in docs/formats/catalog.md.

-- Largest value between the samples of a source file, linear, full scale being 1; only where the policy asked for it.
ALTER TABLE analysis ADD COLUMN true_peak REAL;

-- Encodings that came out with no fewer bytes than the original, and were thrown away.
CREATE TABLE no_smaller (
    recording TEXT NOT NULL,
    tier      TEXT NOT NULL,
    bytes     INTEGER NOT NULL,
    PRIMARY KEY (recording, tier)
) STRICT, WITHOUT ROWID;
