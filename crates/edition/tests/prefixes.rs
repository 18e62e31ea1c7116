//! Prefixes that too many words start with: what is found is what reading the whole list finds, whichever way was taken.

mod made;

use deadwax_edition::{Edition, EditionWriter, Listed};
use deadwax_model::{Rank, RecordingId, Root};
use deadwax_store::Store;
use deadwax_torrent::PackOptions;
use std::path::PathBuf;

const RECORDINGS: u32 = 30_000;

/// More than a thousand words begin with `worx`, and with `word`; more than a hundred frequent ones with `zz`, and a few
/// with `qa`; `second` is on every second recording, `rare` on one in a thousand, and some of these have `q`.
fn title(rank: u32) -> String {
    let mut title = match rank % 27 {
        0 => format!("word{rank}"),
        _ => format!("worx{rank}"),
    };
    if rank.is_multiple_of(2) {
        title += " second";
    }
    if rank.is_multiple_of(1_000) {
        title += " rare";
    }
    if rank.is_multiple_of(5_000) {
        title += " q";
    }
    if rank % 1_000 < 130 {
        title += &format!(" zz{}", rank % 130);
    }
    match rank % 613 {
        7 => title += " qa",
        8 => title += &format!(" qa{rank}"),
        9 => title += " q",
        10 => title += " 月光 12",
        _ => {}
    }
    title
}

fn listed(rank: u32) -> Listed {
    let mut root = [0; 32];
    root[..4].copy_from_slice(&rank.to_be_bytes());
    let (rank_there, id) = (Rank::new(rank).unwrap(), RecordingId::of_first_source(&Root(root)));
    Listed {
        title: title(rank),
        artists: vec!["Somebody".to_owned()],
        artist_credit: "Somebody".to_owned(),
        ..Listed::unheld(rank_there, id, "nobody has said that it may be published")
    }
}

fn edition(folder: &tempfile::TempDir) -> PathBuf {
    let store = Store::create(&folder.path().join("store")).unwrap();
    let path = folder.path().join("edition");
    let mut writer =
        EditionWriter::create(&path, made::info(), &store, PackOptions::default()).unwrap();
    (1..=RECORDINGS).for_each(|rank| writer.push(listed(rank)).unwrap());
    writer.finish().unwrap();
    path
}

/// The ranks that a person who reads everything finds: all words, the last one as a prefix, Chinese anywhere in a word.
fn by_reading(query: &str) -> Vec<u32> {
    let words: Vec<&str> = query.split(' ').collect();
    let has = |rank: &u32| {
        let title = title(*rank);
        words.iter().enumerate().all(|(place, word)| {
            title.split(' ').any(|of| match (word.is_ascii(), place + 1 == words.len()) {
                (true, true) => of.starts_with(word),
                (true, false) => of == *word,
                (false, _) => of.contains(word),
            })
        })
    };
    (1..=RECORDINGS).filter(has).collect()
}

#[test]
fn whichever_way_is_taken_the_same_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let edition = Edition::open(&edition(&folder)).unwrap();
    for (query, limit) in [
        ("word", 20),
        ("word", 1),
        ("worx", 7),
        ("wor", 20),
        ("second word", 20),
        ("rare zz", 3),
        ("second zz", 20),
        ("rare q", 20),
        ("second q", 20),
        ("second qa", 20),
        ("qa", 20),
        ("q", 500),
        ("z", 1_000),
        ("12 月", 2),
        ("second 月", 20),
        ("rare wor", 20),
    ] {
        let (mut found, mut after) = (Vec::new(), None);
        let wanted = by_reading(query);
        let most_pages = wanted.len() / limit + 60;
        for turned in 0.. {
            let page = edition.search(query, after, limit).unwrap();
            found.extend(page.hits.iter().map(|hit| hit.rank.get()));
            after = page.next_after;
            if after.is_none() || found.len() > 3_000 {
                break;
            }
            assert!(turned < most_pages, "'{query}' takes more than {most_pages} pages");
        }
        assert!(!wanted.is_empty(), "{query}");
        assert_eq!(found, wanted[..found.len().min(wanted.len())], "{query}");
        assert!(after.is_some() || found.len() == wanted.len(), "{query}");
    }
}

#[test]
fn a_first_page_is_full_when_there_is_enough() {
    let folder = tempfile::tempdir().unwrap();
    let edition = Edition::open(&edition(&folder)).unwrap();
    for query in ["word", "rare zz", "second q", "second 月", "12 月"] {
        let page = edition.search(query, None, 20).unwrap();
        assert_eq!(page.hits.len(), by_reading(query).len().min(20), "{query}");
    }
}
