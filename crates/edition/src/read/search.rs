//! Search, most listened first.
//!
//! The rowid of the index is the rank, so the first hits that FTS5 gives are the ones to show, and a
//! page starts behind the last rank of the one before. The index knows terms only; a query with
//! `artist:` or `release:` asks it for the terms anywhere and looks at each hit.

use super::query::Query;
use super::{Edition, Recording};
use crate::EditionError;
use crate::words::{index_terms, satisfied};
use deadwax_model::Rank;
use rusqlite::params;
use serde::Serialize;

/// Most hits of one page.
const PAGE_HITS: usize = 10_000;

/// Hits that are looked at for one page of a query with fields. The page then ends early, with a cursor.
const PAGE_LOOKS: usize = 20_000;

/// A page of hits.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SearchPage {
    /// The hits, most listened first.
    pub hits: Vec<Recording>,
    /// Where the next page starts (`after_rank`); `None` when this was the last one. A page may have fewer hits
    /// than asked for and still not be the last.
    pub next_after: Option<Rank>,
}

impl Edition {
    /// The first `limit` recordings behind `after_rank` that have every word of `query`; the last word is a
    /// prefix unless a space or a quote follows it. Fields: `artist:`, `release:`, `year:`, `isrc:`.
    ///
    /// # Errors
    /// A query that is empty, too long, or has a year or ISRC that is none; a damaged index.
    pub fn search(
        &self,
        query: &str,
        after_rank: Option<Rank>,
        limit: usize,
    ) -> Result<SearchPage, EditionError> {
        let query = Query::parse(query)?;
        let after = after_rank.map_or(0, Rank::get);
        let limit = limit.clamp(1, PAGE_HITS);
        if let Some(isrc) = query.isrc {
            let sql = "SELECT rank FROM isrc WHERE isrc = ? ORDER BY rank";
            let ranks = self.ranks(sql, isrc.to_u64() as i64)?;
            let ranks = ranks.into_iter().filter(|rank| *rank > after).map(Ok);
            return self.page(&query, true, ranks, limit);
        }
        let Some(expression) = query.expression() else {
            return Ok(SearchPage { hits: Vec::new(), next_after: None });
        };
        let wrong = EditionError::sqlite(&self.folder.join("search.sqlite"));
        let sql = "SELECT rowid FROM search WHERE search MATCH ? AND rowid > ? ORDER BY rowid";
        let mut statement = self.search.prepare_cached(sql).map_err(&wrong)?;
        let rows =
            statement.query_map(params![expression, after], |row| row.get(0)).map_err(&wrong)?;
        let ranks = rows.map(|rank| rank.map_err(&wrong));
        self.page(&query, query.has_fields(), ranks, limit)
    }

    fn page(
        &self,
        query: &Query,
        look: bool,
        ranks: impl Iterator<Item = Result<u32, EditionError>>,
        limit: usize,
    ) -> Result<SearchPage, EditionError> {
        let mut hits: Vec<Recording> = Vec::new();
        let mut last_seen = None;
        for (looks, rank) in ranks.enumerate() {
            if hits.len() == limit || looks == PAGE_LOOKS {
                return Ok(SearchPage { hits, next_after: last_seen });
            }
            // An index that names a rank beyond the list is of another edition; its hit is left out.
            let Some(recording) = self.load(rank?)? else {
                continue;
            };
            last_seen = Some(recording.rank);
            if !look || is_meant(query, &recording) {
                hits.push(recording);
            }
        }
        Ok(SearchPage { hits, next_after: None })
    }
}

/// Whether the recording has every part of the query where it must be.
fn is_meant(query: &Query, recording: &Recording) -> bool {
    let artists =
        || recording.artists.iter().map(String::as_str).chain([recording.artist_credit.as_str()]);
    let releases = || recording.tracks.iter().map(|track| track.release.as_str());
    let has_words = || {
        let texts = artists().chain(releases()).chain([recording.title.as_str()]);
        satisfied(&index_terms(texts), &query.words)
    };
    let has_release =
        || releases().any(|release| satisfied(&index_terms([release]), &query.release));
    let has_year = |(first, last): (u16, u16)| {
        recording.year.is_some_and(|year| (first..=last).contains(&year))
    };
    satisfied(&index_terms(artists()), &query.artist)
        && (query.release.is_empty() || has_release())
        && query.years.is_none_or(has_year)
        && has_words()
}
