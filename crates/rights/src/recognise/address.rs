//! Licences by their address. A text may have prose around it; the address is taken out and the prose
//! goes on to [`super::prose`].

use super::{cc::Cc, fixed::Fixed, gnu::Gnu, mention::Mention};

/// What an address says about rights.
pub(super) enum Address {
    /// This licence.
    Licence(Mention),
    /// It is a licence's address, but not one that is known.
    Unknown,
    /// Nothing.
    Other,
}

/// Takes the addresses out of a text: what they say, and the text without them.
pub(super) fn take_out(text: &str) -> (Vec<Address>, String) {
    let mut addresses = Vec::new();
    let mut rest = String::with_capacity(text.len());
    for piece in text.split_inclusive(|c: char| c.is_whitespace() || "<>\"'()[]{}|,;".contains(c)) {
        let word =
            piece.trim_end_matches(|c: char| c.is_whitespace() || "<>\"'()[]{}|,;".contains(c));
        let separator = &piece[word.len()..];
        // Lower-casing ASCII keeps every byte in its place.
        let lower = word.to_ascii_lowercase();
        let start = lower.find("http://").or_else(|| lower.find("https://"));
        let start = start.or_else(|| is_bare_address(&lower).then_some(0));
        match start {
            Some(start) => {
                rest.push_str(&word[..start]);
                addresses.push(read(lower[start..].trim_end_matches(['.', ':', '!'])));
            }
            None => rest.push_str(word),
        }
        rest.push_str(if separator.is_empty() { " " } else { separator });
    }
    (addresses, rest)
}

fn is_bare_address(lower: &str) -> bool {
    let known = [
        "www.",
        "creativecommons.org/",
        "rightsstatements.org/",
        "opendatacommons.org/",
        "spdx.org/",
    ];
    known.iter().any(|start| lower.starts_with(start))
}

/// Reads one address, in lower case.
fn read(address: &str) -> Address {
    let address = address.split(['?', '#']).next().unwrap_or_default();
    let address = ["https://", "http://"]
        .iter()
        .find_map(|scheme| address.strip_prefix(scheme))
        .unwrap_or(address);
    let address = address.strip_prefix("www.").unwrap_or(address);
    let mut segments = address.split('/').filter(|segment| !segment.is_empty());
    let host = segments.next().unwrap_or_default();
    let path: Vec<&str> = segments.collect();
    let found = match (host, path.as_slice()) {
        ("creativecommons.org", ["licenses", "publicdomain", ..]) => fixed("CC-PDDC"),
        ("creativecommons.org", ["licenses", path @ ..]) if !path.is_empty() => {
            Cc::of_path(path).map(Mention::Cc)
        }
        ("creativecommons.org", ["publicdomain", "zero", "1.0", ..]) => fixed("CC0-1.0"),
        ("creativecommons.org", ["publicdomain", "mark", "1.0", ..]) => fixed("CC-PDM-1.0"),
        ("creativecommons.org", ["publicdomain", _, ..]) => None,
        ("rightsstatements.org", ["vocab" | "page", code] | ["vocab" | "page", code, "1.0"]) => {
            Fixed::of_status(code).map(Mention::Fixed)
        }
        ("rightsstatements.org", ["vocab" | "page", ..]) => None,
        ("spdx.org", ["licenses", page]) => {
            let end = [".html", ".json", ".txt"].iter().find_map(|end| page.strip_suffix(end));
            Mention::of_id(end.unwrap_or(page))
        }
        (
            "opendatacommons.org",
            ["licenses", name] | ["licenses", name, "1.0" | "1-0" | "summary"],
        ) => match *name {
            "pddl" => fixed("PDDL-1.0"),
            "by" => fixed("ODC-By-1.0"),
            "odbl" => fixed("ODbL-1.0"),
            _ => None,
        },
        ("gnu.org", ["licenses", "dsl.html"]) => fixed("DSL"),
        ("gnu.org", ["licenses" | "copyleft", .., page]) => Gnu::of_page(page).map(Mention::Gnu),
        ("opensource.org", ["licenses", id]) | ("opensource.org", ["license", id]) => {
            Mention::of_id(id)
        }
        ("apache.org", ["licenses", "license-2.0" | "license-2.0.html" | "license-2.0.txt"]) => {
            fixed("Apache-2.0")
        }
        _ => return Address::Other,
    };
    found.map_or(Address::Unknown, Address::Licence)
}

fn fixed(id: &str) -> Option<Mention> {
    Fixed::of_id(id).map(Mention::Fixed)
}
