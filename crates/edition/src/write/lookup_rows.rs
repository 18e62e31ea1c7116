//! Fills the table `lookup`, and counts on the way how many recordings share an ISRC.

use super::numbers::Numbered;
use super::pairs::{LongPair, PairSorter};
use crate::lookup::{LookupKind, Pair, isrc_key, name_key, spread_isrc, write_pairs};
use crate::words::{id_key, index_terms};
use crate::{EditionError, Listed};
use rusqlite::{Connection, params};
use std::path::{Path, PathBuf};

/// Bytes of a block that are aimed at: few enough to be read in microseconds, and thirty to a page.
const BLOCK_BYTES: usize = 960;

/// Pairs of a block at least and at most.
const BLOCK_PAIRS: std::ops::RangeInclusive<usize> = 16..=4096;

/// The pairs of everything that is looked up.
pub(crate) struct LookupRows {
    folder: PathBuf,
    isrcs: PairSorter,
    ids: PairSorter,
    artists: PairSorter,
    releases: PairSorter,
    names: PairSorter,
}

impl LookupRows {
    /// What does not fit into memory lies in `folder`, which is removed afterwards.
    pub(crate) fn create(folder: &Path) -> Result<LookupRows, EditionError> {
        std::fs::create_dir(folder).map_err(EditionError::io("create folder", folder))?;
        let sorter = |name: &str| PairSorter::new(folder.join(name));
        Ok(LookupRows {
            isrcs: sorter("isrc"),
            ids: sorter("id"),
            artists: sorter("artist"),
            releases: sorter("release"),
            names: sorter("name"),
            folder: folder.to_path_buf(),
        })
    }

    pub(crate) fn push(
        &mut self,
        listed: &Listed,
        numbered: &Numbered,
    ) -> Result<(), EditionError> {
        let rank = listed.rank.get();
        self.ids.push(id_key(&listed.id).into(), rank)?;
        for isrc in &listed.isrcs {
            self.isrcs.push(spread_isrc(isrc.to_u64()), rank)?;
        }
        for (name, artist) in listed.artists.iter().zip(&numbered.artists) {
            self.artists.push(artist.id.into(), rank)?;
            if artist.is_new {
                let key = name_key(index_terms([name.as_str()]).iter());
                self.names.push(key.into(), artist.id)?;
            }
        }
        for release in &numbered.releases {
            self.releases.push(release.id.into(), rank)?;
        }
        Ok(())
    }

    /// Writes the table. Gives how many ISRCs are on 1, 2, 3, 4 and on more recordings.
    pub(crate) fn finish(
        self,
        database: &Connection,
        wrong: impl Fn(rusqlite::Error) -> EditionError,
    ) -> Result<[u64; 5], EditionError> {
        let mut sharing = Sharing::default();
        let mut rows =
            Rows { database, kind: LookupKind::Isrc, pairs: Vec::new(), block_pairs: 256 };
        self.isrcs.finish(|(spread, rank)| {
            sharing.push((spread, rank));
            rows.push((isrc_key(spread), rank)).map_err(&wrong)
        })?;
        let others = [
            (LookupKind::Id, self.ids),
            (LookupKind::Artist, self.artists),
            (LookupKind::Release, self.releases),
            (LookupKind::Name, self.names),
        ];
        for (kind, pairs) in others {
            rows.end(kind).map_err(&wrong)?;
            pairs.finish(|(key, number)| rows.push((key as u32, number)).map_err(&wrong))?;
        }
        rows.end(LookupKind::Name).map_err(&wrong)?;
        std::fs::remove_dir(&self.folder).map_err(EditionError::io("remove", &self.folder))?;
        Ok(sharing.finish())
    }
}

/// The table, a block after the other.
struct Rows<'d> {
    database: &'d Connection,
    kind: LookupKind,
    pairs: Vec<Pair>,
    /// How many pairs the next block may have: as many as fit the last time.
    block_pairs: usize,
}

impl Rows<'_> {
    /// Keys come in order; the values of one key need not.
    fn push(&mut self, pair: Pair) -> rusqlite::Result<()> {
        let is_next_key = self.pairs.last().is_some_and(|last| last.0 != pair.0);
        if is_next_key && self.pairs.len() >= self.block_pairs {
            self.write_down_to(self.block_pairs)?;
        }
        self.pairs.push(pair);
        Ok(())
    }

    /// Ends a kind, and begins the next.
    fn end(&mut self, next: LookupKind) -> rusqlite::Result<()> {
        self.write_down_to(1)?;
        self.kind = next;
        self.block_pairs = 256;
        Ok(())
    }

    /// Writes blocks until fewer than `least` pairs, or than a block has, are left.
    fn write_down_to(&mut self, least: usize) -> rusqlite::Result<()> {
        self.pairs.sort_unstable();
        self.pairs.dedup();
        let mut start = 0;
        while self.pairs.len() - start >= least {
            let end = self.pairs.len().min(start + self.block_pairs);
            let pairs = &self.pairs[start..end];
            let block = write_pairs(pairs);
            let (key, value) = pairs[0];
            let sql = "INSERT INTO lookup VALUES(?,?,?,?)";
            let row = params![self.kind as u8, key, value, block];
            self.database.prepare_cached(sql)?.execute(row)?;
            let fits = pairs.len() * BLOCK_BYTES / block.len();
            self.block_pairs = fits.clamp(*BLOCK_PAIRS.start(), *BLOCK_PAIRS.end());
            start = end;
        }
        self.pairs.drain(..start);
        Ok(())
    }
}

/// Counts ISRCs by how many recordings carry them, from sorted pairs.
#[derive(Default)]
struct Sharing {
    counts: [u64; 5],
    last: Option<LongPair>,
    recordings: usize,
}

impl Sharing {
    fn push(&mut self, pair: LongPair) {
        match self.last {
            Some(last) if last == pair => {}
            Some((spread, _)) if spread == pair.0 => self.recordings += 1,
            _ => {
                self.count();
                self.recordings = 1;
            }
        }
        self.last = Some(pair);
    }

    fn count(&mut self) {
        if let Some(slot) = self.recordings.checked_sub(1) {
            self.counts[slot.min(4)] += 1;
        }
    }

    fn finish(mut self) -> [u64; 5] {
        self.count();
        self.counts
    }
}
