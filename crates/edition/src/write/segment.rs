//! Writes the index of an FTS5 table: one sorted segment, made at once.
//!
//! WHY not by INSERT: FTS5 looks each term of each row up in its own hash, writes that out whenever it is full, and
//! merges what it has written in the end. Whoever has all postings sorted needs a fifth of that time. The result is
//! a segment as FTS5's own merge writes one: the tests compare leaves, doclist indexes, term index and averages with
//! FTS5's byte for byte, and have FTS5's `integrity-check` look at it.
//!
//! The format is SQLite's, ext/fts5/fts5_index.c: "the following types of records" (leaves, doclist indexes, the
//! structure and the averages), for a table of one column with `detail=none`, where a doclist is only its rowids.

use crate::schema::{LEAF_BYTES, MAIN_INDEX, SEGMENT_BITS, STRUCTURE_ROW};
use rusqlite::{Connection, params};

/// A doclist that fills this many further leaves gets an index of them.
const INDEXED_LEAVES: u32 = 4;

/// The only segment, and where the records of it and of all segments are in the table.
const SEGMENT: i64 = 1;
const SEGMENT_ROWS: i64 = SEGMENT << SEGMENT_BITS;
const INDEX_ROWS: i64 = SEGMENT_ROWS + (1 << 36);
const INDEX_HEIGHT: u32 = 31;
const AVERAGES_ROW: i64 = 1;

/// The segment being written. Terms come sorted by their bytes, and the rowids of each behind it, rising.
pub(crate) struct Segment<'d> {
    database: &'d Connection,
    leaf: Leaf,
    /// The last term.
    term: Vec<u8>,
    last_rowid: u64,
    /// Whether the last term has no rowid yet.
    is_fresh: bool,
    /// The leaf that the next row of the term index leads to, and the text that sets its terms apart from those before.
    entry: (i64, Vec<u8>),
    /// Leaves that the last term has filled without a term of their own.
    further_leaves: u32,
    doclist: DoclistIndex,
    tokens: u64,
}

/// The leaf under way.
struct Leaf {
    number: i64,
    /// Its header, and its terms and rowids.
    bytes: Vec<u8>,
    /// Its footer: how far it is from each term to the next.
    steps: Vec<u8>,
    last_term_at: usize,
    has_rowid: bool,
}

impl Leaf {
    fn new(number: i64) -> Leaf {
        Leaf { number, bytes: vec![0; 4], steps: Vec::new(), last_term_at: 0, has_rowid: false }
    }

    fn has_term(&self) -> bool {
        !self.steps.is_empty()
    }

    fn len(&self) -> usize {
        self.bytes.len() + self.steps.len()
    }
}

impl<'d> Segment<'d> {
    /// For an FTS5 table `search` of `database` in which nothing is yet.
    pub(crate) fn new(database: &'d Connection) -> Segment<'d> {
        Segment {
            database,
            leaf: Leaf::new(1),
            term: Vec::new(),
            last_rowid: 0,
            is_fresh: true,
            entry: (1, Vec::new()),
            further_leaves: 0,
            doclist: DoclistIndex::default(),
            tokens: 0,
        }
    }

    /// Begins the next term.
    pub(crate) fn term(&mut self, text: &[u8]) -> rusqlite::Result<()> {
        let term = [&[MAIN_INDEX], text].concat();
        if self.leaf.len() + term.len() + 2 >= LEAF_BYTES && self.leaf.bytes.len() > 4 {
            self.write_leaf()?;
        }
        let at = self.leaf.bytes.len();
        let common = self.term.iter().zip(&term).take_while(|(old, new)| old == new).count();
        let shared = match self.leaf.has_term() {
            true => {
                put_varint(&mut self.leaf.bytes, common as u64);
                common
            }
            false => {
                if self.leaf.number > 1 {
                    self.write_entry()?;
                    self.entry = (self.leaf.number, term[..=common].to_vec());
                }
                0
            }
        };
        put_varint(&mut self.leaf.steps, (at - self.leaf.last_term_at) as u64);
        self.leaf.last_term_at = at;
        put_varint(&mut self.leaf.bytes, (term.len() - shared) as u64);
        self.leaf.bytes.extend(&term[shared..]);
        self.leaf.has_rowid = true;
        self.is_fresh = true;
        self.doclist.first_leaf = self.leaf.number;
        self.term = term;
        Ok(())
    }

    /// Adds a rowid to the last term.
    #[inline]
    pub(crate) fn rowid(&mut self, rowid: u64) -> rusqlite::Result<()> {
        if self.leaf.len() >= LEAF_BYTES {
            self.write_leaf()?;
        }
        let is_first_of_leaf = !self.leaf.has_rowid;
        if is_first_of_leaf {
            let at = self.leaf.bytes.len() as u16;
            self.leaf.bytes[..2].copy_from_slice(&at.to_be_bytes());
            self.leaf.has_rowid = true;
            self.doclist.push(self.leaf.number, rowid);
        }
        let whole = self.is_fresh || is_first_of_leaf;
        put_varint(&mut self.leaf.bytes, if whole { rowid } else { rowid - self.last_rowid });
        self.last_rowid = rowid;
        self.is_fresh = false;
        self.tokens += 1;
        Ok(())
    }

    /// Writes what is left, and what the table knows of its segments. `rows` is how many rowids there are in all.
    /// FTS5 sees it in connections that are opened afterwards: in this one it may remember that the table was empty.
    pub(crate) fn finish(mut self, rows: u64) -> rusqlite::Result<()> {
        if self.leaf.bytes.len() > 4 {
            self.write_leaf()?;
        }
        let leaves = self.leaf.number - 1;
        if leaves > 0 {
            self.write_entry()?;
        }
        // Behind all leaves, so that these were rows at the end of the table when they were written.
        let mut records = std::mem::take(&mut self.doclist.records);
        records.sort_unstable();
        for (row, record) in records {
            self.write(row, &record)?;
        }
        let mut averages = Vec::new();
        put_varint(&mut averages, rows);
        put_varint(&mut averages, self.tokens);
        if rows > 0 {
            self.write(AVERAGES_ROW, &averages)?;
        }
        if leaves == 0 {
            return Ok(());
        }
        // The cookie of the table's settings stays; levels, segments, leaves written; of level 0: segments being
        // merged, segments, and of each its number, its first and its last leaf.
        let sql = "SELECT block FROM search_data WHERE id = ?";
        let mut structure: Vec<u8> =
            self.database.query_row(sql, [STRUCTURE_ROW], |row| row.get(0))?;
        structure.truncate(4);
        for number in [1, 1, leaves, 0, 1, SEGMENT, 1, leaves] {
            put_varint(&mut structure, number as u64);
        }
        self.write(STRUCTURE_ROW, &structure)
    }

    fn write_leaf(&mut self) -> rusqlite::Result<()> {
        let next = Leaf::new(self.leaf.number + 1);
        let mut leaf = std::mem::replace(&mut self.leaf, next);
        let letters = leaf.bytes.len() as u16;
        leaf.bytes[2..4].copy_from_slice(&letters.to_be_bytes());
        self.further_leaves += u32::from(!leaf.has_term());
        leaf.bytes.extend(&leaf.steps);
        self.write(SEGMENT_ROWS + leaf.number, &leaf.bytes)
    }

    /// Writes the row of the term index for the leaf in `entry`, whose last term has all its rowids.
    fn write_entry(&mut self) -> rusqlite::Result<()> {
        let is_indexed = self.doclist.end(self.further_leaves >= INDEXED_LEAVES);
        self.further_leaves = 0;
        let (leaf, term) = &self.entry;
        self.database
            .prepare_cached("INSERT INTO search_idx(segid, term, pgno) VALUES(?,?,?)")?
            .execute(params![SEGMENT, term, leaf << 1 | i64::from(is_indexed)])
            .map(drop)
    }

    fn write(&self, row: i64, record: &[u8]) -> rusqlite::Result<()> {
        let sql = "REPLACE INTO search_data(id, block) VALUES(?,?)";
        self.database.prepare_cached(sql)?.execute(params![row, record]).map(drop)
    }
}

/// The index of one doclist: on which leaf which rowid comes first, so that FTS5 can skip leaves. A tree, its
/// lowest level first.
#[derive(Default)]
struct DoclistIndex {
    /// The leaf that the doclist begins on, after which the index is named.
    first_leaf: i64,
    levels: Vec<Level>,
    /// Finished records and their rows.
    records: Vec<(i64, Vec<u8>)>,
}

/// The record under way of one level.
struct Level {
    number: i64,
    record: Vec<u8>,
    /// The rowid that the first child begins with, and the last.
    first: u64,
    last: u64,
}

impl DoclistIndex {
    /// A further leaf of the doclist begins with `rowid`.
    fn push(&mut self, leaf: i64, rowid: u64) {
        let mut child = leaf;
        for height in 0.. {
            if height == self.levels.len() {
                let number = self.first_leaf;
                self.levels.push(Level::new(number, false, child, rowid));
                return;
            }
            let level = &mut self.levels[height];
            if level.record.len() < LEAF_BYTES {
                put_varint(&mut level.record, rowid - level.last);
                level.last = rowid;
                return;
            }
            // It is full: it goes out, the next is begun, and the level above hears of both.
            let next = Level::new(level.number + 1, true, child, rowid);
            child = next.number;
            let mut full = std::mem::replace(level, next);
            full.record[0] = 1;
            let row = INDEX_ROWS + ((height as i64) << INDEX_HEIGHT) + full.number;
            self.records.push((row, full.record));
            if height + 1 == self.levels.len() {
                self.levels.push(Level::new(full.number, false, full.number, full.first));
            }
        }
    }

    /// Ends the doclist; its index is kept when it is `worth` it. Says whether there is one.
    fn end(&mut self, worth: bool) -> bool {
        let levels = std::mem::take(&mut self.levels);
        // A record that was full is there already: it took far more leaves than make an index worth it.
        let is_kept = worth && !levels.is_empty();
        for (height, level) in levels.into_iter().enumerate().filter(|_| is_kept) {
            let row = INDEX_ROWS + ((height as i64) << INDEX_HEIGHT) + level.number;
            self.records.push((row, level.record));
        }
        is_kept
    }
}

impl Level {
    /// A record whose first child is `child`.
    fn new(number: i64, has_more: bool, child: i64, rowid: u64) -> Level {
        let mut record = vec![u8::from(has_more)];
        put_varint(&mut record, child as u64);
        put_varint(&mut record, rowid);
        Level { number, record, first: rowid, last: rowid }
    }
}

/// SQLite's varint, for numbers below 2^56: groups of seven bits, the highest first.
#[inline]
fn put_varint(out: &mut Vec<u8>, number: u64) {
    debug_assert!(number < 1 << 56);
    if number < 0x80 {
        return out.push(number as u8);
    }
    let groups = (70 - number.leading_zeros()) / 7;
    for group in (1..groups).rev() {
        out.push((number >> (7 * group)) as u8 | 0x80);
    }
    out.push(number as u8 & 0x7F);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::SEARCH_TABLES;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    fn empty(path: &Path) -> Connection {
        let database = Connection::open(path).unwrap();
        database.execute_batch(SEARCH_TABLES).unwrap();
        database
            .execute("INSERT INTO search(search, rank) VALUES('pgsz', ?)", [LEAF_BYTES])
            .unwrap();
        database
    }

    fn written(terms: &BTreeMap<String, BTreeSet<u64>>) -> Connection {
        let file = tempfile::NamedTempFile::new().unwrap();
        let database = empty(file.path());
        let rows: BTreeSet<u64> = terms.values().flatten().copied().collect();
        database.execute_batch("BEGIN").unwrap();
        let mut segment = Segment::new(&database);
        for (term, rowids) in terms {
            segment.term(term.as_bytes()).unwrap();
            rowids.iter().for_each(|rowid| segment.rowid(*rowid).unwrap());
        }
        segment.finish(rows.len() as u64).unwrap();
        database.execute_batch("COMMIT").unwrap();
        drop(database);
        Connection::open(file.path()).unwrap()
    }

    /// The same by FTS5's own hands.
    fn inserted(terms: &BTreeMap<String, BTreeSet<u64>>) -> Connection {
        let mut rows: BTreeMap<u64, Vec<&str>> = BTreeMap::new();
        for (term, rowids) in terms {
            rowids.iter().for_each(|rowid| rows.entry(*rowid).or_default().push(term));
        }
        let database = empty(Path::new(":memory:"));
        database.execute_batch("BEGIN").unwrap();
        let half = rows.len() / 2;
        for (place, (rowid, terms)) in rows.into_iter().enumerate() {
            // Two segments, so that FTS5 has to merge.
            if place == half && place > 0 {
                database.execute_batch("COMMIT; BEGIN").unwrap();
            }
            let row = params![rowid as i64, terms.join(" ")];
            database.execute("INSERT INTO search(rowid, terms) VALUES(?,?)", row).unwrap();
        }
        database.execute_batch("COMMIT").unwrap();
        database.execute("INSERT INTO search(search) VALUES('optimize')", []).unwrap();
        database
    }

    fn check(database: &Connection) {
        database.execute("INSERT INTO search(search) VALUES('integrity-check')", []).unwrap();
    }

    fn found(database: &Connection, query: &str) -> Vec<u64> {
        let sql = "SELECT rowid FROM search(?) ORDER BY rowid";
        let mut select = database.prepare(sql).unwrap();
        let rows = select.query_map([query], |row| row.get::<_, i64>(0)).unwrap();
        rows.map(|rowid| rowid.unwrap() as u64).collect()
    }

    /// Every record and its row, and every text of the term index and where it leads.
    type Records = (Vec<(i64, Vec<u8>)>, Vec<(Vec<u8>, i64)>);

    /// All but the structure's, in which FTS5 counts otherwise, and without the number of the segment.
    fn records(database: &Connection) -> Records {
        let mut data = database
            .prepare(
                "SELECT id & ((1 << 37) - 1), block FROM search_data WHERE id <> 10 ORDER BY id",
            )
            .unwrap();
        let mut index =
            database.prepare("SELECT term, pgno FROM search_idx ORDER BY term").unwrap();
        let data = data.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        let index = index.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        (data.map(Result::unwrap).collect(), index.map(Result::unwrap).collect())
    }

    #[test]
    fn a_doclist_index_of_several_levels_is_sound() {
        // Far apart, so that few of them fill many leaves.
        let far: BTreeSet<u64> = (1..4_000_000).map(|place| place * (1 << 22)).collect();
        let few: BTreeSet<u64> = far.iter().copied().step_by(399_999).collect();
        let terms = [("aa", [1, 2].into()), ("common", far), ("rare", few.clone())];
        let terms = terms.map(|(term, rowids)| (term.to_owned(), rowids));
        let database = written(&terms.into());
        check(&database);
        let levels = "SELECT count(DISTINCT (id >> 31) & 31) FROM search_data
            WHERE id > 10 AND (id >> 36) & 1";
        let levels: i64 = database.query_row(levels, [], |row| row.get(0)).unwrap();
        assert_eq!(levels, 2);
        assert_eq!(found(&database, "common AND rare"), Vec::from_iter(few));
    }

    #[test]
    fn nothing_is_an_index_too() {
        let database = written(&BTreeMap::new());
        check(&database);
        assert!(found(&database, "a").is_empty());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn what_is_written_is_what_fts5_writes(
            terms in proptest::collection::btree_map(
                "[a-d]{1,12}|[a-z]{1,60}|[β-ω]{1,5}|[а-я]{60,64}",
                prop_oneof![
                    4 => proptest::collection::btree_set(1u64..3_000, 1..20),
                    1 => proptest::collection::btree_set(1u64..60_000, 1..20_000),
                    1 => (1u64..9, 10_000u64..70_000).prop_map(|(step, most)| {
                        (1..most).step_by(step as usize).collect()
                    }),
                ],
                0..40)
        ) {
            let (ours, theirs) = (written(&terms), inserted(&terms));
            check(&ours);
            prop_assert_eq!(records(&ours), records(&theirs));
            for (term, rowids) in &terms {
                prop_assert_eq!(&found(&ours, term), &Vec::from_iter(rowids.iter().copied()));
            }
        }
    }
}
