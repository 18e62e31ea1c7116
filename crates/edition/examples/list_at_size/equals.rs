//! Whether a recording is found by its own title and artist, among those that are called the same.

use crate::Failure;
use crate::draw::Draw;
use crate::made::Maker;
use deadwax_edition::{Edition, EditionError};
use deadwax_model::Rank;
use deadwax_testkit::collection::GeneratedRecording;
use fastrand::Rng;
use serde::Serialize;
use std::fmt;

/// Hits of a page, and pages that are turned before a recording counts as missed.
const PAGE: usize = 20;
const PAGES: usize = 500;

/// A query may have 1,000 characters, and titles more.
const QUERY_CHARACTERS: usize = 1000;

/// How recordings were found.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Equals {
    checked: u64,
    first_page: u64,
    /// By turning pages.
    later_page: u64,
    most_pages: usize,
    missed: u64,
    /// Queries of the first few that were missed.
    missed_queries: Vec<String>,
    /// Neither title nor artist has anything that can be searched for.
    nothing_to_ask: u64,
}

/// Looks for `count` recordings, half drawn by listens, by all of their title and artists.
pub(crate) fn find_equals(
    edition: &Edition,
    maker: &Maker,
    draw: &Draw,
    seed: u64,
    count: u64,
) -> Result<Equals, Failure> {
    let mut random = Rng::with_seed(seed ^ 0xE9A1);
    let mut memory = GeneratedRecording::default();
    let mut equals = Equals::default();
    while equals.checked < count {
        let Some(rank) = Rank::new(draw.rank(&mut random).try_into()?) else { continue };
        let listed = maker.listed(rank, &mut memory);
        let text = format!("{} {}", listed.title, listed.artists.join(" "));
        // Words that are cut in two would not be found; the space says that the last is whole.
        let words = text.split_whitespace().scan(0, |length, word| {
            *length += word.chars().count() + 1;
            (*length <= QUERY_CHARACTERS).then_some(word)
        });
        let query = words.collect::<Vec<_>>().join(" ") + " ";
        equals.checked += 1;
        match pages_to(edition, &query, rank) {
            Ok(Some(pages)) => {
                equals.first_page += u64::from(pages == 1);
                equals.later_page += u64::from(pages > 1);
                equals.most_pages = equals.most_pages.max(pages);
            }
            Ok(None) => {
                equals.missed += 1;
                if equals.missed_queries.len() < 10 {
                    equals.missed_queries.push(format!("{rank}: {query}"));
                }
            }
            Err(EditionError::Query(_)) => equals.nothing_to_ask += 1,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(equals)
}

/// How many pages are turned until a recording is there.
fn pages_to(edition: &Edition, query: &str, rank: Rank) -> Result<Option<usize>, EditionError> {
    let mut after = None;
    for page in 1..=PAGES {
        let found = edition.search(query, after, PAGE)?;
        if found.hits.iter().any(|hit| hit.rank == rank) {
            return Ok(Some(page));
        }
        after = found.next_after;
        // Hits come in the order of ranks: behind its own it cannot be any more.
        if after.is_none_or(|after| after > rank) {
            return Ok(None);
        }
    }
    Ok(None)
}

impl fmt::Display for Equals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "of {} recordings asked for by all of their title and artists: {} on the first page, {} on later ones \
             ({} pages at most), {} missed, {} with nothing to ask for",
            self.checked,
            self.first_page,
            self.later_page,
            self.most_pages,
            self.missed,
            self.nothing_to_ask
        )?;
        self.missed_queries.iter().try_for_each(|query| write!(f, "\n    missed {query}"))
    }
}
