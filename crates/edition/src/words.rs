//! How a text becomes the terms that are searched for.
//!
//! One function serves index and query, and FTS5's own tokenizer is left with nothing to decide:
//! it would make one token of a Chinese sentence, and it knows an older Unicode than we do, so a
//! letter new to it would split a term in two. The rules are in docs/formats/edition.md.

mod fold;

use deadwax_model::RecordingId;
use fold::{fold, fold_into, is_wordly};
use std::collections::BTreeSet;

/// Longest term, in characters. Longer words are cut on both sides.
const TERM_CHARACTERS: usize = 64;

/// First character of the terms of the shortest prefixes.
const HEAD_MARK: char = '\u{E001}';

/// Longest prefix whose head is kept, in characters.
const HEAD_CHARACTERS: usize = 2;

/// First character of the terms that rare terms are gathered under, and how much of them these have.
const GROUP_MARK: char = '\u{E002}';
const GROUP_CHARACTERS: usize = 3;

/// First character of a year's term: of private use, so that no title has it after folding.
const YEAR_MARK: char = '\u{E000}';

/// The terms of a text as the index keeps them: sorted, each once. In two pieces of memory, however many they are:
/// an edition asks for the terms of every recording there is.
#[derive(Debug, Default)]
pub(crate) struct Terms {
    letters: String,
    /// Where each term starts and ends.
    places: Vec<(u32, u32)>,
}

impl Terms {
    /// Bytes of all of them.
    pub(crate) fn letters(&self) -> usize {
        self.letters.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.places.iter().map(|place| self.at(*place))
    }

    /// The first term that does not sort before `text`.
    fn first_from(&self, text: &str) -> Option<&str> {
        let place = self.places.partition_point(|place| self.at(*place) < text);
        self.places.get(place).map(|place| self.at(*place))
    }

    fn at(&self, (start, end): (u32, u32)) -> &str {
        &self.letters[start as usize..end as usize]
    }

    fn push(&mut self, term: &str) {
        let start = self.letters.len() as u32;
        self.letters.push_str(term);
        self.places.push((start, self.letters.len() as u32));
    }

    fn sort(&mut self) {
        let letters = &self.letters;
        let term = |(start, end): &(u32, u32)| &letters[*start as usize..*end as usize];
        self.places.sort_unstable_by(|a, b| term(a).cmp(term(b)));
        self.places.dedup_by(|a, b| term(a) == term(b));
    }
}

/// The terms of texts as the index keeps them.
pub(crate) fn index_terms<'a>(texts: impl IntoIterator<Item = &'a str>) -> Terms {
    let mut terms = Terms { letters: String::with_capacity(128), places: Vec::with_capacity(16) };
    let mut folded = String::new();
    for text in texts {
        folded.clear();
        fold_into(text, &mut folded);
        if !folded.chars().any(is_wordly) {
            folded.split_whitespace().for_each(|piece| terms.push(&symbol_term(piece)));
            continue;
        }
        for piece in folded.split_whitespace() {
            let (mut several, mut dense) = (false, false);
            for (place, run) in runs(piece).enumerate() {
                run.each_term(true, |term| terms.push(term));
                several |= place > 0;
                dense |= run.dense;
            }
            if several && !dense {
                terms.push(cut(&runs(piece).map(|run| run.text).collect::<String>()));
            }
        }
    }
    terms.sort();
    terms
}

/// One term of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct QueryTerm {
    pub(crate) text: String,
    /// Whether longer terms that start with it are meant too.
    pub(crate) prefix: bool,
}

impl QueryTerm {
    /// Whether it is a prefix so short that only the head of its hits is kept ready.
    pub(crate) fn is_head(&self) -> bool {
        self.prefix && has_head(&self.text)
    }
}

/// A prefix that has a head: its one or two characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Head(char, Option<char>);

impl Head {
    /// Whether it has two.
    pub(crate) fn is_long(self) -> bool {
        self.1.is_some()
    }

    pub(crate) fn prefix(self) -> String {
        [Some(self.0), self.1].into_iter().flatten().collect()
    }
}

/// The term of the head of a prefix: those most listened of what starts with it.
pub(crate) fn head_term(prefix: &str) -> String {
    format!("{HEAD_MARK}{prefix}")
}

/// The first three characters of a term; `None` when it has fewer.
pub(crate) fn group_of(term: &str) -> Option<&str> {
    let last = term.char_indices().nth(GROUP_CHARACTERS - 1)?;
    Some(&term[..last.0 + last.1.len_utf8()])
}

/// Whether all terms that start with a prefix are frequent, or shorter than a group, or in a group that starts so too. Of
/// scripts written without spaces no term is as long as a group.
pub(crate) fn has_groups(prefix: &str) -> bool {
    prefix.chars().count() < GROUP_CHARACTERS && !prefix.starts_with(is_dense)
}

/// The term that rare terms which start so are gathered under.
pub(crate) fn group_term(group: &str) -> String {
    format!("{GROUP_MARK}{group}")
}

/// The prefixes of an index term that have heads.
pub(crate) fn heads(term: &str) -> impl Iterator<Item = Head> {
    let mut characters = term.chars();
    let (first, second) = (characters.next(), characters.next());
    let short = first.map(|first| Head(first, None));
    let long = first.zip(second).filter(|(first, _)| !is_dense(*first));
    short.into_iter().chain(long.map(|(first, second)| Head(first, Some(second))))
}

/// Of scripts written without spaces, terms have two characters: there a prefix is one.
fn has_head(prefix: &str) -> bool {
    let mut characters = prefix.chars();
    let dense = characters.next().is_none_or(is_dense);
    let more = characters.count();
    more < if dense { 1 } else { HEAD_CHARACTERS }
}

/// The terms of a query text, in order, each once. `open` says that its last word may go on.
pub(crate) fn query_terms(text: &str, open: bool) -> Vec<QueryTerm> {
    let folded = fold(text);
    let mut terms: Vec<QueryTerm> = Vec::new();
    if !folded.chars().any(is_wordly) {
        for piece in folded.split_whitespace() {
            terms.push(QueryTerm { text: symbol_term(piece), prefix: false });
        }
    }
    let mut last_is_word = false;
    for run in runs(&folded) {
        let single = run.dense && run.text.chars().nth(1).is_none();
        run.each_term(false, |text| {
            terms.push(QueryTerm { text: text.to_owned(), prefix: single });
        });
        last_is_word = !run.dense && folded.ends_with(run.text);
    }
    if open
        && last_is_word
        && let Some(last) = terms.last_mut()
    {
        last.prefix = true;
    }
    let mut seen = BTreeSet::new();
    terms.retain(|term| seen.insert((term.text.clone(), term.prefix)));
    terms
}

/// Whether two names have the same words in the same order; case and accents do not matter, nor what stands between.
pub(crate) fn is_same_name(one: &str, other: &str) -> bool {
    let (one, other) = (fold(one), fold(other));
    let has_words = |folded: &str| folded.chars().any(is_wordly);
    match has_words(&one) && has_words(&other) {
        true => runs(&one).map(|run| run.text).eq(runs(&other).map(|run| run.text)),
        false => one.split_whitespace().eq(other.split_whitespace()),
    }
}

/// Whether the index terms of a text satisfy every query term.
pub(crate) fn satisfied(terms: &Terms, wanted: &[QueryTerm]) -> bool {
    wanted.iter().all(|term| {
        terms.first_from(&term.text).is_some_and(|found| match term.prefix {
            true => found.starts_with(&term.text),
            false => found == term.text,
        })
    })
}

/// What `lookup` knows a recording's id by: the first 32 bits. Whoever finds one looks at the rest.
pub(crate) fn id_key(id: &RecordingId) -> u32 {
    let [a, b, c, d, ..] = id.to_bytes();
    u32::from_be_bytes([a, b, c, d])
}

/// The terms of a year: its own, and its decade's.
pub(crate) fn year_terms(year: u16) -> [String; 2] {
    [format!("{YEAR_MARK}{year:04}"), format!("{YEAR_MARK}{:03}", year / 10)]
}

/// The terms that the years from `first` to `last` are found by: whole decades by theirs.
pub(crate) fn years_terms(first: u16, last: u16) -> Vec<String> {
    let (mut terms, mut year) = (Vec::new(), first);
    while year <= last {
        let [own, decade] = year_terms(year);
        let is_whole = year.is_multiple_of(10) && last - year >= 9;
        terms.push(if is_whole { decade } else { own });
        year += if is_whole { 10 } else { 1 };
    }
    terms
}

/// Scripts written without spaces, or, as Korean, with spaces that people leave out.
fn is_dense(c: char) -> bool {
    c >= '\u{0E00}'
        && matches!(c,
        '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1100}'..='\u{11FF}'
        | '\u{1780}'..='\u{17FF}' | '\u{3005}'..='\u{3007}' | '\u{3031}'..='\u{3035}'
        | '\u{303B}' | '\u{3041}'..='\u{30FF}' | '\u{3105}'..='\u{318F}'
        | '\u{31F0}'..='\u{31FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{A960}'..='\u{A97F}' | '\u{AC00}'..='\u{D7FF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3FFFF}')
}

/// Letters of one kind that stand together.
struct Run<'a> {
    text: &'a str,
    dense: bool,
}

impl Run<'_> {
    fn each_term(&self, for_index: bool, mut each: impl FnMut(&str)) {
        if !self.dense {
            return each(cut(self.text));
        }
        let mut before = None;
        for (start, character) in self.text.char_indices() {
            if let Some(before) = before {
                each(&self.text[before..start + character.len_utf8()]);
            }
            before = Some(start);
        }
        let is_one = self.text.chars().nth(1).is_none();
        if for_index || is_one {
            each(&self.text[before.unwrap_or(0)..]);
        }
    }
}

fn runs(text: &str) -> impl Iterator<Item = Run<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c| !is_wordly(c));
        let dense = is_dense(rest.chars().next()?);
        let end = rest.find(|c| !is_wordly(c) || is_dense(c) != dense).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        rest = after;
        Some(Run { text: run, dense })
    })
}

fn cut(word: &str) -> &str {
    match word.char_indices().nth(TERM_CHARACTERS) {
        Some((end, _)) => &word[..end],
        None => word,
    }
}

/// FTS5's `ascii` tokenizer drops ASCII punctuation, so it moves to a plane of private use.
fn symbol_term(piece: &str) -> String {
    let moved = |c: char| match c {
        c if c.is_ascii() => char::from_u32(0xF0000 + c as u32).unwrap_or(c),
        c => c,
    };
    piece.chars().take(TERM_CHARACTERS).map(moved).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn index(text: &str) -> Vec<String> {
        index_terms([text]).iter().map(str::to_owned).collect()
    }

    fn finds(text: &str, query: &str) -> bool {
        satisfied(&index_terms([text]), &query_terms(query, true))
    }

    #[test]
    fn case_and_accents_fold() {
        assert_eq!(index("Björk"), ["bjork"]);
        assert_eq!(index("STRAẞE Ærø Łódź"), ["aero", "lodz", "strasse"]);
        assert_eq!(index("Ὀδυσσεύς"), ["οδυσσευσ"]);
        assert!(finds("Ёлка", "елка"));
        assert!(finds("مُحَمَّد", "محمد"));
        assert!(finds("שָׁלוֹם", "שלום"));
    }

    #[test]
    fn dense_scripts_are_found_by_any_part() {
        for query in ["東", "京", "東京", "京事", "事変", "変", "東京事変"] {
            assert!(finds("東京事変", query), "{query}");
        }
        assert!(!finds("東京事変", "京東"));
        assert!(finds("사랑노래", "노래"));
        assert!(finds("เพลงรัก", "รัก"));
        assert!(finds("がんばれ", "んば") && !finds("がんばれ", "か"));
    }

    #[test]
    fn joined_words_and_prefixes_are_found() {
        assert!(finds("R.E.M.", "rem") && finds("R.E.M.", "r.e.m"));
        assert!(finds("Don't Stop", "dont") && finds("Don't Stop", "don't st"));
        assert!(!satisfied(&index_terms(["Stop"]), &query_terms("st ", true)));
    }

    #[test]
    fn names_are_the_same_by_their_words_in_order() {
        assert!(is_same_name("Björk", "BJORK") && is_same_name("a-ha", "A ha"));
        assert!(!is_same_name("Duran Duran", "Duran"));
        assert!(!is_same_name("Miles Davis", "Davis Miles"));
        assert!(is_same_name("!!!", "!!!") && !is_same_name("!!!", "???"));
        assert!(!is_same_name("!!!", "a"));
    }

    #[test]
    fn years_are_found_by_decades_where_they_are_whole() {
        let letters = |terms: Vec<String>| -> Vec<String> {
            terms.iter().map(|term| term.trim_start_matches(YEAR_MARK).to_owned()).collect()
        };
        assert_eq!(letters(years_terms(1994, 1994)), ["1994"]);
        assert_eq!(letters(years_terms(1990, 1999)), ["199"]);
        assert_eq!(letters(years_terms(1988, 2001)), ["1988", "1989", "199", "2000", "2001"]);
        assert_eq!(letters(year_terms(1994).into()), ["1994", "199"]);
    }

    #[test]
    fn a_name_of_signs_alone_is_found() {
        assert!(finds("!!!", "!!!") && finds("÷", "÷") && !finds("!!!", "?"));
    }

    proptest! {
        #[test]
        fn a_text_is_found_by_itself(text in "\\PC{0,60}") {
            prop_assert!(satisfied(&index_terms([text.as_str()]), &query_terms(&text, false)));
            prop_assert!(satisfied(&index_terms([text.as_str()]), &query_terms(&text, true)));
        }

        #[test]
        fn a_term_is_one_token_to_fts5(text in "\\PC{0,60}") {
            for term in index_terms([text.as_str()]).iter() {
                prop_assert!(!term.is_empty());
                prop_assert!(term.chars().all(|c| c.is_ascii_alphanumeric() || !c.is_ascii()));
            }
        }
    }
}
