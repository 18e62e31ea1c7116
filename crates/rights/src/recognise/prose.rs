//! Licences in words. Without an address, every word has to belong to a licence's name or to be one of
//! a few that add nothing ("licensed under the"). With an address, or with "all rights reserved", other
//! words may stand around it (names, years), but none that casts doubt and none that belongs to a
//! licence's name without being one.

use super::address::{self, Address};
use super::{cc::Cc, fixed::Fixed, gnu::Gnu, mention::Mention, words};

/// The one licence that a text names.
pub(super) fn mention(text: &str) -> Option<Mention> {
    let (addresses, rest) = address::take_out(text);
    let mut anchor = None;
    for address in addresses {
        match address {
            Address::Licence(mention) => anchor = Some(join(anchor, mention)?),
            Address::Unknown => return None,
            Address::Other => {}
        }
    }
    let mut words = words::of(&rest);
    drop_postal_address(&mut words);
    let reserved = (0..words.len())
        .find_map(|at| Some((at, words::any_phrase(&words[at..], ALL_RIGHTS_RESERVED)?)));
    if let Some((at, taken)) = reserved {
        words.drain(at..at + taken);
        anchor = Some(join(anchor, Fixed::of_id("InC").map(Mention::Fixed)?)?);
    }
    match anchor {
        Some(anchor) => around(anchor, &words),
        None => throughout(&words),
    }
}

/// Without an anchor: nothing but licence names and words that add nothing.
fn throughout(words: &[String]) -> Option<Mention> {
    let mut found = None;
    let mut at = 0;
    while at < words.len() {
        let rest = &words[at..];
        if let Some((mention, taken)) = name(rest, true) {
            found = Some(join(found, mention)?);
            at += taken;
        } else {
            at += words::any_phrase(rest, FILLERS)?;
        }
    }
    found
}

/// With an anchor: other words too, but no doubt and no other licence.
fn around(anchor: Mention, words: &[String]) -> Option<Mention> {
    let mut found = anchor;
    let mut at = 0;
    while at < words.len() {
        let rest = &words[at..];
        if let Some((mention, taken)) = name(rest, false) {
            found = found.and(mention)?;
            at += taken;
        } else if let Some(taken) = words::phrase(rest, "some rights reserved") {
            at += taken;
        } else if casts_doubt(&rest[0]) {
            return None;
        } else {
            at += 1;
        }
    }
    Some(found)
}

fn casts_doubt(word: &str) -> bool {
    DOUBT.contains(&word) || OF_LICENCES.contains(&word) || word.contains('?')
}

/// A licence's name at the start of `words`. `alone`: nothing but names is expected, so short names
/// that are also words (MIT, FAL) count.
fn name(words: &[String], alone: bool) -> Option<(Mention, usize)> {
    let fixed = Fixed::of_words(words)
        .filter(|(fixed, taken)| alone || *taken > 1 || fixed.id == "CC0-1.0")
        .map(|(fixed, taken)| (Mention::Fixed(fixed), taken));
    let cc = Cc::of_words(words).map(|(cc, taken)| (Mention::Cc(cc), taken));
    let gnu = Gnu::of_words(words).map(|(gnu, taken)| (Mention::Gnu(gnu), taken));
    let domain = words::any_phrase(words, &["public domain", "publicdomain", "cc public domain"])
        .or_else(|| words::phrase(words, "pd").filter(|_| alone))
        .map(|taken| (Mention::PublicDomain, taken));
    [domain, cc, gnu, fixed].into_iter().flatten().max_by_key(|(_, taken)| *taken)
}

fn join(found: Option<Mention>, mention: Mention) -> Option<Mention> {
    match found {
        Some(found) => found.and(mention),
        None => Some(mention),
    }
}

/// Creative Commons' own notice ends "or send a letter to Creative Commons, PO Box 1866, Mountain
/// View, CA 94042, USA."
fn drop_postal_address(words: &mut Vec<String>) {
    let start = (0..words.len())
        .find(|at| words::phrase(&words[*at..], "or send a letter to creative commons").is_some());
    if let Some(start) = start {
        let usual =
            ["po", "box", "p.o", "mountain", "view", "ca", "california", "usa", "street", "second"];
        let usual = |word: &String| {
            usual.contains(&word.as_str()) || word.bytes().all(|b| b.is_ascii_digit())
        };
        let end = words[start + 7..].iter().position(|word| !usual(word));
        let end = end.map_or(words.len(), |end| start + 7 + end);
        words.drain(start..end);
    }
}

const ALL_RIGHTS_RESERVED: &[&str] = &[
    "all rights reserved",
    "all right reserved",
    "alle rechte vorbehalten",
    "tous droits réservés",
];

/// Words that add nothing between and around a licence's names.
const FILLERS: &[&str] = &[
    "license",
    "licence",
    "licenses",
    "licensed",
    "licenced",
    "licensing",
    "public license",
    "public licence",
    "copyright",
    "c",
    "deed",
    "legal code",
    "this",
    "the",
    "a",
    "an",
    "is",
    "it",
    "work",
    "works",
    "track",
    "song",
    "music",
    "recording",
    "file",
    "album",
    "audio",
    "under",
    "in",
    "into",
    "terms of",
    "released",
    "distributed",
    "published",
    "available",
    "placed",
    "dedicated to",
    "to the public",
    "some rights reserved",
];

/// Words that turn what stands beside them into something else, or leave it open. English, and the
/// commonest of a few neighbours; a word too many here costs a miss only.
const DOUBT: &[&str] = &[
    "not",
    "no",
    "non",
    "nor",
    "never",
    "neither",
    "none",
    "isn",
    "aren",
    "wasn",
    "don",
    "doesn",
    "cannot",
    "can't",
    "except",
    "excepting",
    "excluding",
    "excludes",
    "unless",
    "without",
    "maybe",
    "perhaps",
    "possibly",
    "probably",
    "presumably",
    "apparently",
    "unknown",
    "unsure",
    "unclear",
    "uncertain",
    "disputed",
    "formerly",
    "previously",
    "was",
    "were",
    "until",
    "before",
    "expired",
    "revoked",
    "withdrawn",
    "invalid",
    "void",
    "pending",
    "or",
    "either",
    "but",
    "however",
    "only",
    "instead",
    "unlike",
    "like",
    "similar",
    "dual",
    "if",
    "may",
    "might",
    "could",
    "should",
    "other",
    "otherwise",
    "nicht",
    "kein",
    "keine",
    "ohne",
    "nur",
    "oder",
    "außer",
    "pas",
    "sans",
    "sauf",
    "ou",
    "sin",
    "excepto",
    "salvo",
    "solo",
    "no-one",
];

/// Words of licences and reservations: standing alone they mean something that was not understood.
const OF_LICENCES: &[&str] = &[
    "nc",
    "nd",
    "sa",
    "noncommercial",
    "noncommercially",
    "commercial",
    "commercially",
    "sharealike",
    "noderivs",
    "noderivatives",
    "derivatives",
    "reserved",
    "proprietary",
    "permission",
    "permitted",
    "prohibited",
    "forbidden",
    "restricted",
    "restrictions",
    "unauthorized",
    "unauthorised",
    "exclusive",
    "bsd",
    "apache",
    "gfdl",
    "gpl",
    "lgpl",
    "agpl",
    "gnu",
    "copyleft",
    "royalty",
    "personal",
    "private",
    "confidential",
];
