//! From the texts that people write to the one licence that they mean, and from an identifier to all
//! that is known of it.
//!
//! WHY so strict: a tag that is misread publishes what must not be published, and nobody looks again;
//! a tag that is missed is listed by `rights explain` with the line that settles it. So every word of
//! a text has to be accounted for, unless the text names its licence by an address.

mod address;
mod cc;
mod fixed;
mod gnu;
mod jurisdictions;
mod mention;
mod prose;
mod words;

use crate::{Licence, Permissions};
use mention::Mention;

/// Longer texts are not read: they are a licence's wording or a story, not a statement.
const LONGEST_TEXT_BYTES: usize = 4096;

pub(crate) fn licence(text: &str) -> Option<Licence> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0' || c == '\u{feff}');
    if text.is_empty() || text.len() > LONGEST_TEXT_BYTES {
        return None;
    }
    let mention =
        (Mention::of_id(text)).or_else(|| choice(text)).or_else(|| prose::mention(text))?;
    Some(Licence(mention.id()))
}

/// An SPDX expression `A OR B`: the archive may choose, and takes the one that asks least; of equals
/// the first. `AND`, `WITH` and nesting are left to a person.
fn choice(text: &str) -> Option<Mention> {
    let text = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(text);
    if !text.contains(" OR ") {
        return None;
    }
    let choices: Option<Vec<Mention>> =
        text.split(" OR ").map(|id| Mention::of_id(id.trim())).collect();
    choices?.into_iter().min_by_key(|mention| mention.permissions().restriction())
}

pub(crate) fn name(licence: &Licence) -> String {
    of(licence).map_or_else(|| licence.0.clone(), |mention| mention.name())
}

pub(crate) fn uri(licence: &Licence) -> Option<String> {
    of(licence)?.uri()
}

pub(crate) fn permissions(licence: &Licence) -> Permissions {
    of(licence).map_or_else(Permissions::none, |mention| mention.permissions())
}

/// Every `Licence` was made from a mention's id, so this finds it again; a `None` would permit nothing.
fn of(licence: &Licence) -> Option<Mention> {
    Mention::of_id(&licence.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_licence_is_recognised_by_its_own_id_name_and_address() {
        let all = fixed::ids().chain(cc::every_id()).chain(gnu::every_id());
        let mut count = 0;
        for id in all {
            count += 1;
            let licence = licence(&id).unwrap_or_else(|| panic!("{id}"));
            assert_eq!(licence.id(), id);
            assert_eq!(
                Licence::recognise(&licence.name()).as_ref(),
                Some(&licence),
                "{}",
                licence.name()
            );
            if let Some(uri) = licence.uri() {
                assert_eq!(Licence::recognise(&uri).as_ref(), Some(&licence), "{uri}");
            }
        }
        assert!(count > 500, "{count}");
    }
}
