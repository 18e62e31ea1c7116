//! What a person types, taken apart: words, and fields with a value.

use crate::EditionError;
use crate::words::{QueryTerm, group_of, group_term, head_term, query_terms, years_terms};
use deadwax_model::Isrc;
use std::collections::{BTreeSet, HashMap};

/// Longest query, in characters.
const QUERY_CHARACTERS: usize = 1000;

/// Terms beyond this many are not asked for: they could only narrow what is narrow already.
const QUERY_TERMS: usize = 64;

/// Widest `year:` range.
const YEARS: u16 = 200;

/// An expression that FTS5 answers hit by hit.
pub(crate) struct Lazy {
    pub(crate) expression: String,
    /// Whether its hits are what is meant; else they must be looked at.
    pub(crate) exact: bool,
    /// Whether it leaves out a prefix so short that FTS5 would gather half of the list for it.
    pub(crate) short: bool,
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

    /// The FTS5 expression of the whole query; `None` when nothing of the query is in the index.
    pub(crate) fn expression(&self) -> Option<String> {
        self.expression_of(|term| {
            Some(format!("\"{}\"{}", term.text, if term.prefix { "*" } else { "" }))
        })
    }

    /// The prefixes that are asked for by what was made ready for them.
    pub(crate) fn prefixes(&self) -> impl Iterator<Item = &str> {
        let prefixes = self.terms().filter(|term| term.prefix && !term.is_head());
        prefixes.map(|term| term.text.as_str())
    }

    /// An expression without any prefix, so that FTS5 need not gather the recordings of hundreds of words before
    /// the first hit. A prefix becomes its `frequent` terms (by prefix) and the group of rare ones that it begins like;
    /// shorter ones are left out. `None` when there is no prefix, or nothing else.
    pub(crate) fn lazy_expression(&self, frequent: &HashMap<&str, Vec<String>>) -> Option<Lazy> {
        self.terms().find(|term| term.prefix)?;
        let (mut exact, mut short) = (true, false);
        let expression = self.expression_of(|term| {
            if !term.prefix {
                return Some(format!("\"{}\"", term.text));
            }
            let (Some(group), Some(words)) =
                (group_of(&term.text), frequent.get(term.text.as_str()))
            else {
                exact = false;
                short |= term.is_head();
                return None;
            };
            exact &= group == term.text;
            let words = words.iter().map(|word| format!("\"{word}\" OR "));
            Some(format!("({}\"{}\")", words.collect::<String>(), group_term(group)))
        })?;
        Some(Lazy { expression, exact, short })
    }

    /// The expression of the head of its hits, when it is one short prefix and nothing else.
    pub(crate) fn head_expression(&self) -> Option<String> {
        match self.words.as_slice() {
            [term] if term.is_head() && self.years.is_none() && !self.has_fields() => {
                Some(format!("\"{}\"", head_term(&term.text)))
            }
            _ => None,
        }
    }

    fn terms(&self) -> impl Iterator<Item = &QueryTerm> {
        self.words.iter().chain(&self.artist).chain(&self.release)
    }

    /// Every term is quoted and has neither quote nor ASCII punctuation in it, so no text can become syntax.
    fn expression_of(&self, asked: impl FnMut(&QueryTerm) -> Option<String>) -> Option<String> {
        let mut seen = BTreeSet::new();
        let mut parts: Vec<String> = self
            .terms()
            .filter_map(asked)
            .filter(|part| seen.insert(part.clone()))
            .take(QUERY_TERMS)
            .collect();
        if let Some((first, last)) = self.years {
            let years: Vec<String> =
                years_terms(first, last).iter().map(|term| format!("\"{term}\"")).collect();
            parts.push(format!("({})", years.join(" OR ")));
        }
        (!parts.is_empty()).then(|| parts.join(" AND "))
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
    use proptest::prelude::*;

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

    proptest! {
        #[test]
        fn nothing_becomes_syntax(text in "\\PC{0,40}") {
            if let Ok(query) = Query::parse(&text) && let Some(expression) = query.expression() {
                prop_assert_eq!(expression.matches('"').count() % 2, 0);
            }
        }
    }
}
