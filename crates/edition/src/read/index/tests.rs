//! FTS5 is asked the same of the same file.

use super::*;
use crate::schema::SEARCH_TABLES;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

type Words = BTreeMap<String, BTreeSet<u32>>;

/// An index that FTS5 has made itself, in leaves of so many bytes.
fn index(words: &Words, leaf_bytes: usize) -> TextIndex {
    let database = Connection::open_in_memory().unwrap();
    database.execute_batch(SEARCH_TABLES).unwrap();
    database.execute("INSERT INTO search(search, rank) VALUES('pgsz', ?)", [leaf_bytes]).unwrap();
    let mut rows: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
    for (word, ranks) in words {
        ranks.iter().for_each(|rank| rows.entry(*rank).or_default().push(word));
    }
    database.execute_batch("BEGIN").unwrap();
    for (rank, words) in rows {
        let row = (rank, words.join(" "));
        database.execute("INSERT INTO search(rowid, terms) VALUES(?,?)", row).unwrap();
    }
    database.execute_batch("COMMIT").unwrap();
    database.execute("INSERT INTO search(search) VALUES('optimize')", []).unwrap();
    of(database)
}

fn of(database: Connection) -> TextIndex {
    let sql = "SELECT block FROM search_data WHERE id = 10";
    let structure: Vec<u8> = database.query_row(sql, [], |row| row.get(0)).unwrap();
    let segment = read_structure(&structure).unwrap();
    TextIndex { path: PathBuf::new(), database, segment }
}

/// A part of a question: one of these words, or a word that starts so.
#[derive(Debug, Clone)]
enum Part {
    AnyOf(Vec<String>),
    Prefix(String),
}

impl Part {
    fn clause<'i>(&self, index: &'i TextIndex) -> Result<Clause<'i>, EditionError> {
        match self {
            Part::AnyOf(words) => index.any_of(words),
            Part::Prefix(prefix) => Ok(index.prefix(prefix, usize::MAX)?.unwrap()),
        }
    }

    fn of_fts5(&self) -> String {
        match self {
            Part::AnyOf(words) => {
                let words: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
                format!("({})", words.join(" OR "))
            }
            Part::Prefix(prefix) => format!("\"{prefix}\"*"),
        }
    }
}

fn found(index: &TextIndex, parts: &[Part], after: u32) -> Result<Vec<u32>, EditionError> {
    let clauses = parts.iter().map(|part| part.clause(index)).collect::<Result<_, _>>()?;
    Hits::new(clauses, after)?.collect()
}

fn found_by_fts5(index: &TextIndex, parts: &[Part], after: u32) -> Vec<u32> {
    let sql = "SELECT rowid FROM search WHERE search MATCH ? AND rowid > ? ORDER BY rowid";
    let parts: Vec<String> = parts.iter().map(Part::of_fts5).collect();
    let mut select = index.database.prepare(sql).unwrap();
    let rows = select.query_map((parts.join(" AND "), after), |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

fn ranks() -> impl Strategy<Value = BTreeSet<u32>> {
    prop_oneof![
        3 => proptest::collection::btree_set(1u32..3_000, 1..20),
        1 => proptest::collection::btree_set(1u32..4_000_000_000, 1..2_000),
        2 => (1u32..9, 1u32..3_000, 3_000u32..30_000).prop_map(|(step, first, last)| {
            (first..last).step_by(step as usize).collect()
        }),
    ]
}

fn words() -> impl Strategy<Value = Words> {
    proptest::collection::btree_map("[a-c]{1,3}|[a-c]{5,20}|[β-δ]{1,3}", ranks(), 1..30)
}

fn part() -> impl Strategy<Value = Part> {
    prop_oneof![
        2 => proptest::collection::vec("[a-c]{1,3}|[β-δ]{1,3}", 1..4).prop_map(Part::AnyOf),
        1 => "[a-c]{1,2}|[a-c]{4,6}|[β-δ]".prop_map(Part::Prefix),
    ]
}

fn question() -> impl Strategy<Value = Vec<Part>> {
    proptest::collection::vec(part(), 1..4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_fts5_finds_is_found(
        words in words(),
        leaf_bytes in 32usize..1_100,
        questions in proptest::collection::vec((question(), 0u32..40_000), 1..20),
    ) {
        let index = index(&words, leaf_bytes);
        for word in words.keys() {
            let parts = [Part::AnyOf(vec![word.clone()])];
            prop_assert_eq!(found(&index, &parts, 0).unwrap(), found_by_fts5(&index, &parts, 0));
        }
        for (parts, after) in questions {
            let ours = found(&index, &parts, after).unwrap();
            prop_assert_eq!(ours, found_by_fts5(&index, &parts, after), "{:?} after {}", parts, after);
        }
    }

    #[test]
    fn damage_is_said_or_harmless(
        words in words(),
        leaf_bytes in 32usize..300,
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>()), 1..6),
        questions in proptest::collection::vec(question(), 1..6),
    ) {
        let index = index(&words, leaf_bytes);
        let ids: Vec<i64> = {
            let mut select = index.database.prepare("SELECT id FROM search_data WHERE id > 10").unwrap();
            select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
        };
        for (row, place, byte) in damage {
            let id = ids[row.index(ids.len())];
            let sql = "SELECT block FROM search_data WHERE id = ?";
            let mut block: Vec<u8> = index.database.query_row(sql, [id], |row| row.get(0)).unwrap();
            let place = place.index(block.len());
            block[place] = byte;
            let sql = "UPDATE search_data SET block = ? WHERE id = ?";
            index.database.execute(sql, (block, id)).unwrap();
        }
        for parts in questions {
            if let Ok(found) = found(&index, &parts, 0) {
                prop_assert!(found.windows(2).all(|pair| pair[0] < pair[1]));
            }
        }
    }
}

#[test]
fn far_leaves_are_leapt_to() {
    let common: BTreeSet<u32> = (1..2_000_000).collect();
    let rare: BTreeSet<u32> = (1..2_000_000).step_by(399_989).collect();
    let words = [("aa", [1, 2].into()), ("common", common), ("rare", rare.clone())];
    let index = index(&words.map(|(word, ranks)| (word.to_owned(), ranks)).into(), 1_000);
    let parts = ["common", "rare"].map(|word| Part::AnyOf(vec![word.to_owned()]));
    assert_eq!(found(&index, &parts, 0).unwrap(), Vec::from_iter(rare));
    assert_eq!(found(&index, &parts, 1_999_000).unwrap(), [1_999_946]);
    assert!(found(&index, &parts, 1_999_946).unwrap().is_empty());
}

#[test]
fn nothing_is_an_index_too() {
    let index = index(&Words::new(), 1_000);
    assert!(found(&index, &[Part::AnyOf(vec!["a".to_owned()])], 0).unwrap().is_empty());
    assert!(found(&index, &[Part::Prefix("a".to_owned())], 0).unwrap().is_empty());
}

#[test]
fn several_segments_are_refused() {
    let structure = |numbers: &[u8]| read_structure(&[&[0, 0, 0, 0], numbers].concat());
    assert!(structure(&[0, 0, 0]).is_some_and(|segment| segment.is_none()));
    assert!(structure(&[1, 1, 5, 0, 1, 1, 1, 5]).is_some_and(|segment| segment.is_some()));
    assert!(structure(&[1, 2, 5, 0, 2, 1, 1, 5, 2, 1, 5]).is_none());
    assert!(structure(&[]).is_none());
}
