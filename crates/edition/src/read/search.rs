//! Search, most listened first.
//!
//! Rowids of the index are ranks and rise, so the first hits are the ones to show, and a page starts behind the last rank of
//! the one before. The index knows terms only; hits of a query with `artist:` or `release:` are looked at.
//! What the index is asked for is in `super::ways`.

use super::query::Query;
use super::recording::{Artists, Texts};
use super::ways::{Look, Way};
use super::{Edition, Recording};
use crate::EditionError;
use crate::block::BlockRow;
use crate::lookup::{LookupKind, name_key};
use crate::words::{index_terms, is_same_name, query_terms, satisfied};
use deadwax_model::Rank;
use serde::Serialize;

/// Most hits of one page.
const PAGE_HITS: usize = 10_000;

/// Hits that are looked at for each that a page may have, and at all. The page then ends early, with a cursor.
const LOOKS_A_HIT: usize = 40;
const LOOKS: usize = 30_000;

/// The looser form of a query is given up after so many looks when less than one in so many is meant.
const LOOSE_LOOKS: usize = 100;
const LOOSE_SHARE: usize = 25;

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
        let limit = limit.clamp(1, PAGE_HITS);
        let after = after_rank.map_or(0, Rank::get);
        let mut page = Filling { query: &query, limit, hits: Vec::new(), seen: after };
        if let Some(isrc) = query.isrc {
            let most = page.most_looks() + 1;
            let ranks = self.ranks_of_isrc(isrc, after, most)?.into_iter().map(Ok);
            let end = self.fill(&mut page, ranks, Look::AtAll)?;
            return Ok(page.end(end));
        }
        let head = query.head();
        let quick = match head {
            Some(prefix) => Some(self.head_way(prefix)?),
            None => self.quick_way(&query)?,
        };
        if let Some(way) = quick {
            let end = self.ask(&mut page, way)?;
            // Behind a head there may be more, and what is sparse is found in the thorough way.
            if end != End::Sparse && !(head.is_some() && end == End::All) {
                return Ok(page.end(end));
            }
        }
        let way = self.thorough_way(&query)?;
        let end = self.ask(&mut page, way)?;
        Ok(page.end(end))
    }

    /// The first `limit` recordings behind `after_rank` that an artist of this name is on; case and accents do not matter.
    ///
    /// # Errors
    /// A damaged catalogue.
    pub fn by_artist(
        &self,
        name: &str,
        after_rank: Option<Rank>,
        limit: usize,
    ) -> Result<SearchPage, EditionError> {
        let limit = limit.clamp(1, PAGE_HITS);
        let after = after_rank.map_or(0, Rank::get);
        let mut ranks = Vec::new();
        for artist in self.artists_named(name)? {
            ranks.extend(self.values(LookupKind::Artist, artist, after, limit + 1)?);
        }
        ranks.sort_unstable();
        ranks.dedup();
        self.page(&ranks, limit)
    }

    /// The first `limit` tracks behind `after_rank` of releases with this title; case and accents do not matter.
    ///
    /// # Errors
    /// A title without anything to search for; a damaged catalogue or index.
    pub fn by_release(
        &self,
        title: &str,
        after_rank: Option<Rank>,
        limit: usize,
    ) -> Result<SearchPage, EditionError> {
        let terms = query_terms(title, false).into_iter().map(|term| term.text);
        let terms: Vec<String> = terms.collect();
        if terms.is_empty() {
            let what = "there is nothing to search for; give the title of a release".to_owned();
            return Err(EditionError::Query(what));
        }
        let after = after_rank.map_or(0, Rank::get);
        let (mut hits, mut seen) = (Vec::new(), after_rank);
        for (looks, rank) in self.way_of_all(&terms)?.hits(after)?.enumerate() {
            if hits.len() == limit.clamp(1, PAGE_HITS) || looks == LOOKS {
                return Ok(SearchPage { hits, next_after: seen });
            }
            let rank = rank?;
            let Some((number, row)) = Rank::new(rank).zip(self.row(rank)?) else {
                break;
            };
            seen = Some(number);
            let tracks = self.tracks(&row)?;
            if tracks.iter().any(|track| is_same_name(&track.release, title)) {
                let texts = Texts { artists: self.artists(&row)?, tracks };
                hits.push(self.complete(number, row, texts)?);
            }
        }
        Ok(SearchPage { hits, next_after: None })
    }

    /// The numbers of the artists that are called so.
    fn artists_named(&self, name: &str) -> Result<Vec<u32>, EditionError> {
        let wanted = index_terms([name]);
        let mut named = Vec::new();
        for artist in self.values(LookupKind::Name, name_key(wanted.iter()), 0, PAGE_HITS)? {
            let found = self.artist_name(artist).map_err(self.wrong())?.unwrap_or_default();
            if is_same_name(&found, name) {
                named.push(artist);
            }
        }
        Ok(named)
    }

    /// A page of the recordings at `ranks`, of which there may be one more than it shows.
    fn page(&self, ranks: &[u32], limit: usize) -> Result<SearchPage, EditionError> {
        let hits: Result<Vec<Recording>, EditionError> =
            ranks.iter().take(limit).filter_map(|rank| self.load(*rank).transpose()).collect();
        let last = ranks.get(limit - 1).filter(|_| ranks.len() > limit);
        Ok(SearchPage { hits: hits?, next_after: last.and_then(|rank| Rank::new(*rank)) })
    }

    /// Goes on with the page from the hits of a way.
    fn ask(&self, page: &mut Filling<'_>, way: Way<'_>) -> Result<End, EditionError> {
        let look = way.look;
        self.fill(page, way.hits(page.seen)?, look)
    }

    fn fill(
        &self,
        page: &mut Filling<'_>,
        ranks: impl Iterator<Item = Result<u32, EditionError>>,
        look: Look,
    ) -> Result<End, EditionError> {
        for (looks, rank) in ranks.enumerate() {
            let rank = rank?;
            if page.hits.len() == page.limit {
                return Ok(End::More);
            }
            let is_enough = look != Look::AtNone && looks == page.most_looks();
            let is_sparse = looks >= LOOSE_LOOKS && page.hits.len() * LOOSE_SHARE < looks;
            if look == Look::WhileDense && (is_enough || is_sparse) {
                return Ok(End::Sparse);
            }
            if is_enough {
                return Ok(End::More);
            }
            // An index that names a rank beyond the list is of another edition.
            let Some((number, row)) = Rank::new(rank).zip(self.row(rank)?) else {
                return Ok(End::All);
            };
            page.seen = rank;
            let artists = self.artists(&row)?;
            if look != Look::AtNone && !has_artist(page.query, &artists) {
                continue;
            }
            let texts = Texts { tracks: self.tracks(&row)?, artists };
            if look == Look::AtNone || self.is_meant(page.query, &row, &texts)? {
                page.hits.push(self.complete(number, row, texts)?);
            }
        }
        Ok(End::All)
    }

    /// Whether a recording has every part of the query where it must be.
    fn is_meant(&self, query: &Query, row: &BlockRow, texts: &Texts) -> Result<bool, EditionError> {
        let releases = || texts.tracks.iter().map(|track| track.release.as_str());
        let has_words = || {
            let texts = texts.artists.all().chain(releases()).chain([row.title.as_str()]);
            satisfied(&index_terms(texts), &query.words)
        };
        let has_release =
            || releases().any(|release| satisfied(&index_terms([release]), &query.release));
        let has_year = |(first, last): (u16, u16)| {
            row.head.year.is_some_and(|year| (first..=last).contains(&year))
        };
        let has_isrc = match query.isrc {
            Some(isrc) => self.isrcs(row)?.contains(&isrc),
            None => true,
        };
        Ok(has_isrc
            && query.years.is_none_or(has_year)
            && (query.release.is_empty() || has_release())
            && (query.words.is_empty() || has_words()))
    }
}

/// Whether the artists are those that a query wants.
fn has_artist(query: &Query, artists: &Artists) -> bool {
    query.artist.is_empty() || satisfied(&index_terms(artists.all()), &query.artist)
}

/// How the hits ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// There are no more.
    All,
    /// The page is full, and there are more.
    More,
    /// Too few of them are meant.
    Sparse,
}

/// A page being filled.
struct Filling<'q> {
    query: &'q Query,
    limit: usize,
    hits: Vec<Recording>,
    /// Everything up to and with this rank is decided.
    seen: u32,
}

impl Filling<'_> {
    fn most_looks(&self) -> usize {
        (self.limit * LOOKS_A_HIT).min(LOOKS)
    }

    fn end(self, end: End) -> SearchPage {
        let next_after = Rank::new(self.seen).filter(|_| end == End::More);
        SearchPage { hits: self.hits, next_after }
    }
}
