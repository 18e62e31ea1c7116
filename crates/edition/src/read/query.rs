//! What a person types, taken apart: words, and fields with a value.

use crate::EditionError;
use crate::words::{QueryTerm, query_terms, years_terms};
use deadwax_model::Isrc;
use std::collections::BTreeSet;

/// Longest query, in characters.
const QUERY_CHARACTERS: usize = 1000;

/// Terms beyond this many are not asked for: they could only narrow what is narrow already.
const QUERY_TERMS: usize = 64;

/// Widest `year:` range.
const YEARS: u16 = 200;

/// What the index is asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Asked {
    /// One of these terms.
    AnyOf(Vec<String>),
    /// A term that starts so.
    Prefix(String),
}

/// A query taken apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Query {
    /// Terms that may be anywhere.
    pub(crate) words: Vec<QueryTerm>,
    /// Terms that must be of the artists.
    pub(crate) artist: Vec<QueryTerm>,
    /// Terms that must be of one release.
    pub(crate) release: Vec<QueryTerm>,
    /// First and last year.
    pub(crate) years: Option<(u16, u16)>,
    pub(crate) isrc: Option<Isrc>,
}

impl Query {
    /// # Errors
    /// A query that is empty or too long, a year or ISRC that is none.
    pub(crate) fn parse(text: &str) -> Result<Query, EditionError> {
        let characters = text.chars().count();
        if characters > QUERY_CHARACTERS {
            return Err(EditionError::Query(format!(
                "the search has {characters} characters, and at most {QUERY_CHARACTERS} are read; shorten it"
            )));
        }
        let mut query = Query::default();
        let mut words = String::new();
        let mut words_open = false;
        let mut rest = text;
        while let Some(piece) = next_piece(&mut rest) {
            let open = rest.is_empty() && !piece.closed && !text.ends_with(char::is_whitespace);
            match piece.field {
                Some("artist") => query.artist.extend(query_terms(piece.value, open)),
                Some("release") => query.release.extend(query_terms(piece.value, open)),
                Some("year") => query.years = Some(parse_years(piece.value)?),
                Some("isrc") => {
                    let isrc = piece.value.parse::<Isrc>();
                    query.isrc =
                        Some(isrc.map_err(|error| EditionError::Query(error.to_string()))?);
                }
                _ => {
                    words.push(' ');
                    words.push_str(piece.value);
                    words_open = open;
                }
            }
        }
        query.words = query_terms(&words, words_open);
        for terms in [&mut query.words, &mut query.artist, &mut query.release] {
            terms.truncate(QUERY_TERMS);
        }
        if query == Query::default() {
            return Err(EditionError::Query(
                "there is nothing to search for; give a word of a title, an artist or a release"
                    .to_owned(),
            ));
        }
        Ok(query)
    }

    /// Whether a found recording must still be looked at: the index does not know fields.
    pub(crate) fn has_fields(&self) -> bool {
        !self.artist.is_empty() || !self.release.is_empty()
    }

    /// What the index is asked for, all of which a recording must have.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        let terms = self.words.iter().chain(&self.artist).chain(&self.release);
        let terms = terms.map(|term| match term.prefix {
            true => Asked::Prefix(term.text.clone()),
            false => Asked::AnyOf(vec![term.text.clone()]),
        });
        let mut seen = BTreeSet::new();
        let mut asked: Vec<Asked> =
            terms.filter(|asked| seen.insert(asked.clone())).take(QUERY_TERMS).collect();
        asked.extend(self.years.map(|(first, last)| Asked::AnyOf(years_terms(first, last))));
        asked
    }

    /// The prefix of which the head of its hits is kept ready, when it is one and nothing else.
    pub(crate) fn head(&self) -> Option<&str> {
        match self.words.as_slice() {
            [term] if term.is_head() && self.years.is_none() && !self.has_fields() => {
                Some(&term.text)
            }
            _ => None,
        }
    }
}

struct Piece<'a> {
    field: Option<&'a str>,
    value: &'a str,
    /// Whether a quote closed it, so that its last word is whole.
    closed: bool,
}

/// Takes `word`, `"several words"`, `field:word` or `field:"several words"` off the front.
fn next_piece<'a>(rest: &mut &'a str) -> Option<Piece<'a>> {
    *rest = rest.trim_start();
    if rest.is_empty() {
        return None;
    }
    let mut field = None;
    if let Some((name, after)) = rest.split_once(':')
        && let Some(known) = ["artist", "release", "year", "isrc"]
            .into_iter()
            .find(|known| name.eq_ignore_ascii_case(known))
        && after.starts_with(|c: char| !c.is_whitespace())
    {
        field = Some(known);
        *rest = after;
    }
    if let Some(quoted) = rest.strip_prefix('"') {
        let (value, after, closed) = match quoted.split_once('"') {
            Some((value, after)) => (value, after, true),
            None => (quoted, "", false),
        };
        *rest = after;
        return Some(Piece { field, value, closed });
    }
    let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
    let (value, after) = rest.split_at(end);
    *rest = after;
    Some(Piece { field, value, closed: false })
}

/// `1994` or `1990-1999`.
fn parse_years(text: &str) -> Result<(u16, u16), EditionError> {
    let year = |text: &str| {
        (text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit()))
            .then(|| text.parse::<u16>().ok())?
    };
    let years = match text.split_once('-') {
        Some((first, last)) => year(first).zip(year(last)),
        None => year(text).map(|year| (year, year)),
    };
    match years {
        Some((first, last)) if first <= last && last - first < YEARS => Ok((first, last)),
        _ => Err(EditionError::Query(format!(
            "'year:{text}' is not a year; write year:1994, or year:1990-1999 with at most {YEARS} years"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_quotes() {
        let query =
            Query::parse("so what artist:\"Miles Davis\" year:1959 Isrc:us-rc1-76-07839 rel")
                .unwrap();
        assert_eq!(query.words.len(), 3);
        assert!(query.words[2].prefix && !query.words[1].prefix);
        assert_eq!(
            query.artist.iter().map(|t| t.text.as_str()).collect::<Vec<_>>(),
            ["miles", "davis"]
        );
        assert_eq!(query.years, Some((1959, 1959)));
        assert!(query.isrc.is_some());
        assert!(!Query::parse("what ").unwrap().words[0].prefix);
        assert_eq!(Query::parse("artist: x").unwrap().words.len(), 2);
    }

    #[test]
    fn refuses_with_a_sentence() {
        let say = |text: &str| Query::parse(text).unwrap_err().to_string();
        assert!(say("  ").starts_with("there is nothing to search for"));
        assert!(say("year:199x").starts_with("'year:199x' is not a year"));
        assert!(say("isrc:USRC176078390").contains("it has 13 characters"));
        assert!(say(&"a".repeat(10_000)).contains("10000 characters"));
    }
}
