//! Search: everything is found by its own name, in every script, and nothing a person types is an error of SQL.

mod made;

use deadwax_edition::{Edition, EditionError, Recording, SearchPage};
use deadwax_model::Rank;
use proptest::prelude::*;

/// The page on which the recording is, following the cursor.
fn finds(edition: &Edition, query: &str, rank: u32) -> bool {
    let mut after = None;
    loop {
        let page: SearchPage = edition.search(query, after, 20).unwrap();
        assert!(page.hits.windows(2).all(|pair| pair[0].rank < pair[1].rank));
        assert!(page.hits.iter().all(|hit| Some(hit.rank) > after));
        if page.hits.iter().any(|hit| hit.rank.get() == rank) {
            return true;
        }
        match page.next_after {
            Some(next) => after = Some(next),
            None => return false,
        }
    }
}

#[test]
fn every_recording_is_found_by_its_title_and_artist() {
    let made = made::make(2_000, true);
    let edition = Edition::open(&made.edition()).unwrap();
    for (index, (title, artist)) in made.titles.iter().enumerate() {
        let rank = index as u32 + 1;
        assert!(finds(&edition, &format!("{title} {artist}"), rank), "{rank}: {title} {artist}");
        let plain = artist.replace('"', " ");
        let query = format!("artist:\"{plain}\" {title}");
        assert!(finds(&edition, &query, rank), "{rank}: {query}");
    }
}

/// All pages of a question.
fn pages(ask: impl Fn(Option<Rank>) -> SearchPage) -> Vec<Recording> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = ask(after);
        assert!(page.hits.len() <= 7 && page.hits.iter().all(|hit| Some(hit.rank) > after));
        all.extend(page.hits);
        match page.next_after {
            Some(next) => after = Some(next),
            None => return all,
        }
    }
}

#[test]
fn an_artist_and_a_release_give_all_that_is_theirs() {
    let made = made::make(2_000, true);
    let edition = Edition::open(&made.edition()).unwrap();
    let list: Vec<Recording> = edition.iter().collect::<Result<_, _>>().unwrap();
    let same = |one: &str, other: &str| one.to_lowercase() == other.to_lowercase();
    for recording in list.iter().step_by(97) {
        let name = &recording.artists[0];
        let found = pages(|after| edition.by_artist(&name.to_uppercase(), after, 7).unwrap());
        let wanted = list.iter().filter(|it| it.artists.iter().any(|artist| same(artist, name)));
        assert!(wanted.clone().all(|it| found.contains(it)), "{name}");
        assert!(found.windows(2).all(|pair| pair[0].rank < pair[1].rank));

        let title = &recording.tracks[0].release;
        let found = pages(|after| edition.by_release(title, after, 7).unwrap());
        let wanted =
            list.iter().filter(|it| it.tracks.iter().any(|track| same(&track.release, title)));
        assert!(wanted.clone().all(|it| found.contains(it)), "{title}");
        assert!(found.len() < list.len() / 4, "{title} finds {}", found.len());
    }
    assert!(edition.by_artist("nobody has this name", None, 7).unwrap().hits.is_empty());
    assert!(edition.by_release("nothing has this title", None, 7).unwrap().hits.is_empty());
}

#[test]
fn what_a_person_would_type() {
    let made = made::make(2_000, true);
    let edition = Edition::open(&made.edition()).unwrap();
    let some = |query: &str| edition.search(query, None, 20).unwrap().hits;
    for query in [
        "nightf",
        "deja",
        "STRASSE",
        "bjork",
        "aero",
        "lodz",
        "hiphop",
        "rem ",
        "dont",
        "елка",
        "ночь",
        "οδυσσευς",
        "θαλασσα",
        "محمد",
        "حب",
        "שלום",
        "รัก",
        "จันทร์",
        "我的心",
        "心",
        "東京",
        "向いて",
        "ガンダ",
        "tokyo",
        "사랑",
        "의 밤",
        "year:2010",
        "year:1990-1999",
        "release:nightfall",
    ] {
        assert!(!some(query).is_empty(), "{query}");
    }
    for hit in some("artist:love band") {
        assert!(hit.artist_credit.contains("Love"), "{}", hit.artist_credit);
    }
    for hit in some("year:1990-1999") {
        assert!((1990..=1999).contains(&hit.year.unwrap()));
    }
    let isrc = edition.at(Rank::new(1).unwrap()).unwrap().unwrap().isrcs[0];
    assert!(some(&format!("isrc:{isrc}")).iter().any(|hit| hit.rank.get() == 1));
    assert!(some(&format!("isrc:{isrc} zzzz")).is_empty());
    assert_eq!(edition.search("love", None, 5).unwrap().hits.len(), 5);
}

#[test]
fn pages_join_without_gap_or_double() {
    let made = made::make(2_000, true);
    let edition = Edition::open(&made.edition()).unwrap();
    for query in ["love", "artist:love", "2"] {
        let all = edition.search(query, None, 10_000).unwrap();
        assert_eq!(all.next_after, None);
        let (mut joined, mut after) = (Vec::new(), None);
        loop {
            let page = edition.search(query, after, 7).unwrap();
            joined.extend(page.hits);
            after = page.next_after;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(joined, all.hits, "{query}");
    }
}

/// Prefixes are answered from heads, from shorter prefixes and by looking at hits; the answer must be that of
/// somebody who reads the whole list.
#[test]
fn a_prefix_finds_what_reading_everything_finds() {
    let made = made::make(2_000, true);
    let edition = Edition::open(&made.edition()).unwrap();
    let words_of = |recording: &deadwax_edition::Recording| -> Vec<String> {
        let mut text = format!("{} {}", recording.title, recording.artist_credit);
        recording.tracks.iter().for_each(|track| text += &format!(" {}", track.release));
        text.to_lowercase().split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect()
    };
    let all: Vec<(Rank, Vec<String>)> =
        edition.iter().map(Result::unwrap).map(|found| (found.rank, words_of(&found))).collect();
    for query in
        ["1", "2", "12", "n", "ni", "nig", "nigh", "nightf", "love 1", "nightfall 12", "2000 nigh"]
    {
        let (last, whole) = query.split(' ').next_back().zip(Some(query)).unwrap();
        let has = |words: &[String]| {
            whole.split(' ').all(|wanted| match wanted == last {
                true => words.iter().any(|word| word.starts_with(wanted)),
                false => words.iter().any(|word| word == wanted),
            })
        };
        let want: Vec<Rank> =
            all.iter().filter(|(_, words)| has(words)).map(|(rank, _)| *rank).collect();
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = edition.search(query, after, 50).unwrap();
            found.extend(page.hits.iter().map(|hit| hit.rank));
            after = page.next_after;
            if after.is_none() {
                break;
            }
        }
        assert!(!want.is_empty(), "{query}");
        assert_eq!(found, want, "{query}");
    }
}

#[test]
fn bad_questions_get_a_sentence() {
    let made = made::make(60, true);
    let edition = Edition::open(&made.edition()).unwrap();
    let long = "word ".repeat(2_000);
    for (query, sentence) in [
        (long.as_str(), "the search has 10000 characters, and at most 1000 are read; shorten it"),
        ("", "there is nothing to search for; give a word of a title, an artist or a release"),
        (
            "isrc:USRC176078390",
            "'USRC176078390' is not an ISRC: it has 13 characters, an ISRC has 12",
        ),
        (
            "year:99",
            "'year:99' is not a year; write year:1994, or year:1990-1999 with at most 200 years",
        ),
    ] {
        let error = edition.search(query, None, 20).unwrap_err();
        assert!(matches!(error, EditionError::Query(_)));
        assert_eq!(error.to_string(), sentence);
    }
    for query in [
        "?!.,;",
        "\"",
        "\"\"",
        "\"unclosed",
        "a AND",
        "NEAR(a b, 3)",
        "title:a*",
        "^a",
        "a OR b NOT c",
        "{a b}: c",
        "'; DROP TABLE search; --",
        "a\0b",
        "\u{E000}1994",
        "* *",
        "(((((",
        "-a",
        "+",
        "%",
        "artist:",
        "artist:\"",
        "year:1800-1999 \u{F0021}",
    ] {
        if let Err(error) = edition.search(query, None, 20) {
            assert!(matches!(error, EditionError::Query(_)), "{query}: {error}");
        }
    }
    let dense = "東京事変".repeat(250);
    assert!(edition.search(&dense, None, 20).unwrap().hits.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_is_an_error_of_sql(text in "\\PC{0,80}|[\"*^():a AND\\-+{}']{0,40}") {
        thread_local! {
            static MADE: made::Made = made::make(60, true);
        }
        MADE.with(|made| {
            let edition = Edition::open(&made.edition()).unwrap();
            match edition.search(&text, None, 5) {
                Ok(_) | Err(EditionError::Query(_)) => {}
                Err(error) => panic!("{text}: {error}"),
            }
        });
    }
}
