//! Names of artists that a tag had to join.
//!
//! ID3v2.3 has no way to keep values apart: MusicBrainz Picard joins those of `ARTISTS` with a slash there, or with what its
//! user has chosen. A slash is in names too (AC/DC), so the credit has to agree.

/// What Picard offers to join with.
const JOINS: [&str; 3] = [" / ", "; ", "/"];

/// More names than any recording has, and a longer credit.
const NAMES_MAX: usize = 64;
const CREDIT_BYTES_MAX: usize = 4096;

/// The names in `joined`, when they stand in `credit` in this order, one after the other with something else than the joining text
/// between them, from its start to its end: `A/B` of `A feat. B`. `None` where that is not so, or where `joined` is one name.
pub(super) fn apart(joined: &str, credit: &str) -> Option<Vec<String>> {
    if credit.len() > CREDIT_BYTES_MAX {
        return None;
    }
    JOINS.iter().find_map(|join| {
        let parts: Vec<&str> = joined.split(join).collect();
        let names =
            (2..=NAMES_MAX).contains(&parts.len()).then(|| names(&parts, join, credit))??;
        (names.len() > 1).then_some(names)
    })
}

/// A name is one part or several: the longest that the credit goes on with.
fn names(parts: &[&str], join: &str, credit: &str) -> Option<Vec<String>> {
    let (mut names, mut rest, mut credit) = (Vec::new(), parts, credit);
    while !rest.is_empty() {
        let (count, behind) = (1..=rest.len()).rev().find_map(|count| {
            let name = rest[..count].join(join);
            Some((count, behind(&name, credit, join, names.is_empty())?))
        })?;
        names.push(rest[..count].join(join));
        (rest, credit) = (&rest[count..], behind);
    }
    credit.is_empty().then_some(names)
}

/// What follows a name in the credit: at once for the first, else behind words that join it to the one before.
fn behind<'c>(name: &str, credit: &'c str, join: &str, is_first: bool) -> Option<&'c str> {
    if name.is_empty() {
        return None;
    }
    if is_first {
        return credit.strip_prefix(name).filter(|rest| !rest.starts_with(char::is_alphanumeric));
    }
    credit.match_indices(name).find_map(|(at, _)| {
        let (between, rest) = (&credit[..at], &credit[at + name.len()..]);
        let is_apart = !between.is_empty() && between.trim() != join.trim();
        let is_whole =
            !between.ends_with(char::is_alphanumeric) && !rest.starts_with(char::is_alphanumeric);
        (is_apart && is_whole).then_some(rest)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart_by_the_credit() {
        let told = |joined, credit| apart(joined, credit).unwrap_or_default();
        assert_eq!(told("A/B", "A feat. B"), ["A", "B"]);
        assert_eq!(told("Ann/Bob/Cy", "Ann, Bob & Cy"), ["Ann", "Bob", "Cy"]);
        assert_eq!(told("AC/DC/Brian", "AC/DC with Brian"), ["AC/DC", "Brian"]);
        assert_eq!(told("Brian/AC/DC", "Brian with AC/DC"), ["Brian", "AC/DC"]);
        assert_eq!(told("Ann; Bob", "Ann & Bob"), ["Ann", "Bob"]);
        assert_eq!(told("Ann / Bob", "Ann & Bob"), ["Ann", "Bob"]);
        assert_eq!(told("王菲/那英", "王菲、那英"), ["王菲", "那英"]);
    }

    #[test]
    fn what_the_credit_does_not_bear_out_stays_one_name() {
        for (joined, credit) in [
            ("AC/DC", "AC/DC"),
            ("A/B", "A/B"),
            ("A/B", "A / B"),
            ("A", "A"),
            ("A/B", "B & A"),
            ("A/B", "A & B & C"),
            ("A/B", "Alab"),
            ("A/B", "A or Bob"),
            ("A//B", "A & B"),
            ("Prince/The Band", "Prince"),
            ("/", "/"),
            ("", ""),
        ] {
            assert_eq!(apart(joined, credit), None, "{joined:?} of {credit:?}");
        }
    }
}
