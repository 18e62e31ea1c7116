//! The text index, read without FTS5.
//!
//! WHY: FTS5 takes 10 to 20 ns a rowid, and two words that are each on millions of recordings and rarely together have millions
//! of rowids to go through; and before the first hit of a prefix it gathers the rowids of all words that start so. Here eight
//! rowids are passed at a time, leaves are passed unread, and words of a prefix are merged as they come. The format stays FTS5's, for
//! whoever opens search.sqlite with SQL, and the tests ask FTS5 the same questions. docs/decisions/text-index.md.

mod hits;
mod leaf;
mod postings;

pub(super) use hits::{Clause, Hits};

use super::database;
use crate::EditionError;
use crate::schema::{
    MAIN_INDEX, SEARCH_APPLICATION_ID, SEARCH_SCHEMA, SEGMENT_BITS, STRUCTURE_ROW,
};
use leaf::{Leaf, varint};
use postings::Postings;
use rusqlite::{Connection, OptionalExtension};
use std::path::{Path, PathBuf};

/// The longest leaf: its body has 65,535 bytes at most, and its footer fewer.
const LEAF_BYTES_MAX: usize = 128 << 10;

/// The longest frequent term: 64 characters.
const TERM_BYTES: usize = 256;

/// search.sqlite, opened.
#[derive(Debug)]
pub(super) struct TextIndex {
    path: PathBuf,
    database: Connection,
    /// `None` when nothing is in it.
    segment: Option<Segment>,
}

/// The one segment.
#[derive(Debug, Clone, Copy)]
struct Segment {
    number: u32,
    last_leaf: u32,
}

impl TextIndex {
    pub(super) fn open(path: &Path) -> Result<TextIndex, EditionError> {
        let schemas = SEARCH_SCHEMA..=SEARCH_SCHEMA;
        let (database, _) = database::open(path, SEARCH_APPLICATION_ID, schemas)?;
        let mut index = TextIndex { path: path.to_path_buf(), database, segment: None };
        let sql = "SELECT block FROM search_data WHERE id = ?";
        let structure: Vec<u8> = index
            .database
            .query_row(sql, [STRUCTURE_ROW], |row| row.get(0))
            .map_err(index.wrong())?;
        index.segment = read_structure(&structure).ok_or_else(|| index.damaged())?;
        Ok(index)
    }

    /// The recordings that have one of `terms`.
    pub(super) fn any_of(&self, terms: &[String]) -> Result<Clause<'_>, EditionError> {
        let found = terms.iter().map(|term| self.find(term)).filter_map(Result::transpose);
        found.collect::<Result<_, _>>().map(Clause::new)
    }

    /// The recordings that have a term which starts so; `None` when there are more than `most` such terms.
    pub(super) fn prefix(
        &self,
        prefix: &str,
        most: usize,
    ) -> Result<Option<Clause<'_>>, EditionError> {
        let wanted = main_index(prefix);
        let mut found = Vec::new();
        self.terms_from(&wanted, |term, postings| {
            let starts_so = term.starts_with(&wanted);
            if starts_so {
                found.push(postings());
            }
            starts_so && found.len() <= most
        })?;
        Ok((found.len() <= most).then(|| Clause::new(found)))
    }

    /// The frequent terms that start with a prefix, at most `most` of them.
    pub(super) fn frequent(&self, prefix: &str, most: usize) -> Result<Vec<String>, EditionError> {
        let sql =
            "SELECT term FROM frequent WHERE term >= ?1 AND term < ?1 || ?2 ORDER BY term LIMIT ?3";
        let read = || -> rusqlite::Result<Vec<String>> {
            let mut statement = self.database.prepare_cached(sql)?;
            let terms = statement.query_map((prefix, "\u{10FFFF}", most), |row| {
                let term = row.get_ref(0)?.as_str()?;
                Ok(if term.len() <= TERM_BYTES { term.to_owned() } else { String::new() })
            })?;
            terms.collect()
        };
        let terms = read().map_err(self.wrong())?;
        if terms.iter().any(String::is_empty) { Err(self.damaged()) } else { Ok(terms) }
    }

    /// The terms of two characters that start with one.
    pub(super) fn of_two_characters(&self, first: &str) -> Result<Vec<String>, EditionError> {
        let (mut found, mut from) = (Vec::new(), main_index(&format!("{first}\0")));
        loop {
            let mut next = None;
            self.terms_from(&from, |term, _| {
                let term = term.strip_prefix(&[MAIN_INDEX]);
                next = term.and_then(|term| std::str::from_utf8(term).ok()).map(str::to_owned);
                false
            })?;
            let Some(term) = next.filter(|term| term.starts_with(first)) else {
                return Ok(found);
            };
            let Some(second) = term[first.len()..].chars().next() else {
                return Err(self.damaged());
            };
            let two = format!("{first}{second}");
            // No text has this byte: behind all that start so.
            from = [main_index(&two).as_slice(), &[0xFF]].concat();
            if term == two {
                found.push(two);
            }
        }
    }

    fn find(&self, term: &str) -> Result<Option<Postings<'_>>, EditionError> {
        let wanted = main_index(term);
        let mut found = None;
        self.terms_from(&wanted, |term, postings| {
            if term == wanted {
                found = Some(postings());
            }
            false
        })?;
        Ok(found)
    }

    /// Calls `each` with the terms that do not sort before one, in order, as long as it says so.
    fn terms_from<'i>(
        &'i self,
        wanted: &[u8],
        mut each: impl FnMut(&[u8], &mut dyn FnMut() -> Postings<'i>) -> bool,
    ) -> Result<(), EditionError> {
        let mut next = self.leaf_before(wanted)?;
        while let Some(number) = next {
            let bytes = self.leaf(number)?;
            let leaf = Leaf::new(&bytes).ok_or_else(|| self.damaged())?;
            let mut terms = leaf.terms();
            while let Some(range) = terms.next().ok_or_else(|| self.damaged())? {
                if terms.term.as_slice() < wanted {
                    continue;
                }
                let goes_on = terms.is_last() && number < self.last_leaf();
                let mut postings =
                    || Postings::new(self, &terms.term, number, &bytes[range.clone()], goes_on);
                if !each(&terms.term, &mut postings) {
                    return Ok(());
                }
            }
            let behind = self.entry_behind(&terms.term)?;
            if behind.is_some_and(|behind| behind <= number) {
                return Err(self.damaged());
            }
            next = behind;
        }
        Ok(())
    }

    /// The leaf that a term begins on, if it is there.
    fn leaf_before(&self, term: &[u8]) -> Result<Option<u32>, EditionError> {
        let sql =
            "SELECT pgno FROM search_idx WHERE segid = ? AND term <= ? ORDER BY term DESC LIMIT 1";
        self.entry(sql, term)
    }

    /// The next leaf behind a term on which terms begin.
    fn entry_behind(&self, term: &[u8]) -> Result<Option<u32>, EditionError> {
        let sql = "SELECT pgno FROM search_idx WHERE segid = ? AND term > ? ORDER BY term LIMIT 1";
        self.entry(sql, term)
    }

    /// The last leaf that can have rowids of a term: that on which the next begins whose leaf is known.
    fn last_leaf_of(&self, term: &[u8]) -> Result<u32, EditionError> {
        Ok(self.entry_behind(term)?.unwrap_or(u32::MAX).min(self.last_leaf()))
    }

    fn entry(&self, sql: &str, term: &[u8]) -> Result<Option<u32>, EditionError> {
        let Some(segment) = self.segment else {
            return Ok(None);
        };
        let read = || -> rusqlite::Result<Option<i64>> {
            let mut statement = self.database.prepare_cached(sql)?;
            statement.query_row((segment.number, term), |row| row.get(0)).optional()
        };
        // The lowest bit says whether a doclist index is there.
        let leaf = read().map_err(self.wrong())?.map(|entry| u32::try_from(entry >> 1));
        leaf.transpose().map_err(|_| self.damaged())
    }

    fn leaf(&self, leaf: u32) -> Result<Vec<u8>, EditionError> {
        self.leaves(leaf, leaf)?.pop().ok_or_else(|| self.damaged())
    }

    /// The leaves from `first` to `last`, of those that are there.
    fn leaves(&self, first: u32, last: u32) -> Result<Vec<Vec<u8>>, EditionError> {
        let Some(segment) = self.segment else {
            return Ok(Vec::new());
        };
        let row = |leaf: u32| i64::from(segment.number) << SEGMENT_BITS | i64::from(leaf);
        let last = last.min(segment.last_leaf);
        let most = (u64::from(last) + 1).saturating_sub(first.into()) as usize;
        let sql = "SELECT block FROM search_data WHERE id BETWEEN ? AND ? ORDER BY id";
        let read = || -> rusqlite::Result<Option<Vec<Vec<u8>>>> {
            let mut statement = self.database.prepare_cached(sql)?;
            let rows = statement.query_map((row(first), row(last)), |row| {
                let leaf = row.get_ref(0)?.as_blob()?;
                Ok((leaf.len() <= LEAF_BYTES_MAX).then(|| leaf.to_vec()))
            })?;
            // A damaged tree may have more rows than numbers.
            rows.take(most).collect()
        };
        read().map_err(self.wrong())?.ok_or_else(|| self.damaged())
    }

    fn last_leaf(&self) -> u32 {
        self.segment.map_or(0, |segment| segment.last_leaf)
    }

    fn wrong(&self) -> impl Fn(rusqlite::Error) -> EditionError + use<> {
        EditionError::sqlite(&self.path)
    }

    fn damaged(&self) -> EditionError {
        EditionError::DamagedIndex { path: self.path.clone() }
    }
}

fn main_index(term: &str) -> Vec<u8> {
    [&[MAIN_INDEX], term.as_bytes()].concat()
}

/// The one segment of the index: behind four bytes of a cookie levels, segments and a count of leaves written; of each level
/// how many are being merged, how many it has, and of each its number, first and last leaf. `None` when there are more, or it is damaged.
fn read_structure(structure: &[u8]) -> Option<Option<Segment>> {
    let mut rest = structure.get(4..)?;
    let mut number = || varint(&mut rest);
    let (levels, segments, _) = (number()?, number()?, number()?);
    let mut found = None;
    for _ in 0..levels.min(64) {
        let (_, count) = (number()?, number()?);
        for _ in 0..count.min(2) {
            let (segment, first, last) = (number()?, number()?, number()?);
            let is_sound =
                found.is_none() && first == 1 && segment < 1 << 16 && last <= i32::MAX as u64;
            if !is_sound {
                return None;
            }
            found = Some(Segment { number: segment as u32, last_leaf: last as u32 });
        }
    }
    (segments == u64::from(found.is_some())).then_some(found)
}

#[cfg(test)]
mod tests;
