//! The Creative Commons licences: a set of elements, a version, a port.
//!
//! Source: creativecommons.org/licenses/list for what exists. Versions 1.0, 2.0, 2.5, 3.0 and 4.0; 2.1
//! in some ports only; no ports of 4.0. Licences without Attribution exist in 1.0 only.

use super::jurisdictions::{self, PORTS};
use super::words;
use crate::{Condition, Permissions};

const VERSIONS: [&str; 6] = ["1.0", "2.0", "2.1", "2.5", "3.0", "4.0"];

/// An element: its letters in identifiers and its words in titles, the canonical ones first.
struct Element {
    letters: &'static str,
    words: &'static [&'static str],
    condition: Condition,
}

/// In canonical order.
const ELEMENTS: [Element; 4] = [
    Element {
        letters: "BY",
        words: &["attribution", "by", "by attribution"],
        condition: Condition::Attribution,
    },
    Element {
        letters: "NC",
        words: &["noncommercial", "nc", "non commercial"],
        condition: Condition::NonCommercial,
    },
    Element {
        letters: "ND",
        words: &[
            "noderivatives",
            "nd",
            "no derivatives",
            "no derivative works",
            "noderivs",
            "no derivs",
            "noderivativeworks",
        ],
        condition: Condition::NoDerivatives,
    },
    Element {
        letters: "SA",
        words: &["sharealike", "sa", "share alike"],
        condition: Condition::ShareAlike,
    },
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cc {
    /// Which of [`ELEMENTS`].
    elements: [bool; 4],
    /// `None` when the text does not say.
    version: Option<&'static str>,
    /// The port's code.
    port: Option<&'static str>,
}

impl Cc {
    /// `None` for what Creative Commons never published.
    fn new(elements: [bool; 4], version: Option<&str>, port: Option<&str>) -> Option<Cc> {
        let [by, nc, nd, sa] = elements;
        let version = match version {
            Some(text) => Some(*VERSIONS.iter().find(|known| **known == text)?),
            None => None,
        };
        let port = match port {
            Some(code) => Some(jurisdictions::port(code)?),
            None => None,
        };
        let exists = !(nd && sa)
            && (by || ((nc || nd || sa) && version == Some("1.0") && port.is_none()))
            && match (version, port) {
                (None | Some("4.0"), Some(_)) | (Some("2.1"), None) => false,
                (Some(version), Some("IGO")) => version == "3.0",
                _ => true,
            };
        exists.then_some(Cc { elements, version, port })
    }

    pub(super) fn of_id(id: &str) -> Option<Cc> {
        let lower = id.to_ascii_lowercase();
        let (elements, rest) = letters(lower.strip_prefix("cc-")?);
        let mut rest = rest.splitn(2, '-');
        let version = rest.next().filter(|version| !version.is_empty());
        Cc::new(elements?, version, rest.next())
    }

    /// From the address's path after `licenses/`: `by-sa/3.0/de/deed.en`. A deed and its language say
    /// nothing about the licence.
    pub(super) fn of_path(path: &[&str]) -> Option<Cc> {
        let (first, rest) = path.split_first()?;
        let (Some(elements), "") = letters(first) else {
            return None;
        };
        let (version, rest) = match rest {
            [] => (None, rest),
            [version, rest @ ..] => (Some(*version), rest),
        };
        let (port, rest) = match rest {
            [port, rest @ ..] if !is_page(port) => (Some(*port), rest),
            _ => (None, rest),
        };
        match rest {
            [] => Cc::new(elements, version, port),
            [page] if is_page(page) => Cc::new(elements, version, port),
            _ => None,
        }
    }

    /// From words such as "creative commons attribution 3.0 germany", with how many they are.
    pub(super) fn of_words(words: &[String]) -> Option<(Cc, usize)> {
        let mut at = words::any_phrase(words, &["cc", "creative commons"]).unwrap_or(0);
        let said_cc = at > 0;
        if said_cc {
            at += words::any_phrase(&words[at..], &["license", "licence", "cc"]).unwrap_or(0);
        }
        let mut elements = [false; 4];
        let mut count = 0;
        while let Some((index, taken)) = element(&words[at..]) {
            if std::mem::replace(&mut elements[index], true) {
                return None;
            }
            count += 1;
            at += taken;
        }
        let license = words::any_phrase(&words[at..], &["license", "licence"]).unwrap_or(0);
        let version = words::version(&words[at + license..]);
        // "by" and "attribution" alone are ordinary words.
        if !(said_cc
            || count >= 2
            || (count == 1 && words[0] == "attribution" && version.is_some()))
        {
            return None;
        }
        let Some((version, false, taken)) = version else {
            return Some((Cc::new(elements, None, None)?, at));
        };
        at += license + taken;
        let (port, taken) = region(&words[at..]);
        Some((Cc::new(elements, Some(&version), port)?, at + taken))
    }

    pub(super) fn and(self, other: Cc) -> Option<Cc> {
        let either = |a: Option<&'static str>, b: Option<&'static str>| match (a, b) {
            (Some(a), Some(b)) if a != b => Err(()),
            (a, b) => Ok(a.or(b)),
        };
        let version = either(self.version, other.version).ok()?;
        let port = either(self.port, other.port).ok()?;
        (self.elements == other.elements).then_some(Cc { version, port, ..self })
    }

    fn chosen(&self) -> impl Iterator<Item = &'static Element> {
        ELEMENTS.iter().zip(self.elements).filter(|(_, chosen)| *chosen).map(|(element, _)| element)
    }

    pub(super) fn id(&self) -> String {
        let mut parts = vec!["CC"];
        parts.extend(self.chosen().map(|element| element.letters));
        parts.extend(self.version);
        parts.extend(self.port);
        parts.join("-")
    }

    /// As Creative Commons titles them.
    pub(super) fn name(&self) -> String {
        let title: Vec<&str> = (self.chosen())
            .map(|element| match element.letters {
                "BY" => "Attribution",
                "NC" => "NonCommercial",
                "ND" => "NoDerivatives",
                _ => "ShareAlike",
            })
            .collect();
        let title = title.join("-");
        let region = match (self.version, self.port) {
            (None, _) => return format!("Creative Commons {title}"),
            (_, Some(port)) => jurisdictions::name(port),
            (Some("4.0"), None) => "International",
            (Some("3.0"), None) => "Unported",
            _ => "Generic",
        };
        format!("Creative Commons {title} {} {region}", self.version.unwrap_or_default())
    }

    pub(super) fn uri(&self) -> Option<String> {
        let version = self.version?;
        let mut letters: Vec<String> =
            self.chosen().map(|element| element.letters.to_ascii_lowercase()).collect();
        if version == "1.0" && self.elements[1] && self.elements[2] {
            // The first version has the two in the other order: by-nd-nc, nd-nc.
            letters.sort_by_key(|letters| letters == "nc");
        }
        let port = self.port.map(|port| port.to_ascii_lowercase() + "/").unwrap_or_default();
        Some(format!("https://creativecommons.org/licenses/{}/{version}/{port}", letters.join("-")))
    }

    /// The same in every version as far as an archive is concerned: copies may be given on, worldwide.
    pub(super) fn permissions(&self) -> Permissions {
        let conditions: Vec<Condition> = self.chosen().map(|element| element.condition).collect();
        Permissions::everywhere(&conditions)
    }
}

/// Elements at the start of a lower-case text such as `by-nc-sa-3.0-de`, and what follows them.
fn letters(text: &str) -> (Option<[bool; 4]>, &str) {
    let mut elements = [false; 4];
    let mut rest = text;
    loop {
        let (part, after) = rest.split_once('-').unwrap_or((rest, ""));
        let index = ELEMENTS.iter().position(|element| element.letters.eq_ignore_ascii_case(part));
        match index {
            Some(index) if elements[index] => return (None, rest),
            Some(index) => elements[index] = true,
            None => break,
        }
        rest = after;
    }
    (elements.contains(&true).then_some(elements), rest)
}

fn element(words: &[String]) -> Option<(usize, usize)> {
    ELEMENTS.iter().enumerate().find_map(|(index, element)| {
        words::any_phrase(words, element.words).map(|taken| (index, taken))
    })
}

/// A deed, legal code or RDF page, in any language.
fn is_page(segment: &str) -> bool {
    ["deed", "legalcode", "rdf"].iter().any(|page| {
        segment
            .strip_prefix(page)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-']))
    })
}

/// What follows a version: a port by code or name, or the word for having none.
fn region(words: &[String]) -> (Option<&'static str>, usize) {
    let none = ["unported", "generic", "international", "universal"];
    if let Some(taken) = words::any_phrase(words, &none) {
        return (None, taken);
    }
    if words::phrase(words, "united kingdom").is_some() {
        return (Some("UK"), 2);
    }
    let named = PORTS.iter().find_map(|(code, name)| {
        let name = words::of(name).join(" ");
        words::phrase(words, &name).map(|taken| (Some(*code), taken))
    });
    let coded = || Some((Some(jurisdictions::port(words.first()?)?), 1));
    named.or_else(coded).unwrap_or((None, 0))
}

#[cfg(test)]
pub(super) fn every_id() -> impl Iterator<Item = String> {
    let mut ids = Vec::new();
    for bits in 1..16u8 {
        let elements = std::array::from_fn(|index| bits >> index & 1 == 1);
        let ports = PORTS.iter().map(|(code, _)| Some(*code)).chain([None]);
        for port in ports {
            let versions = VERSIONS.into_iter().map(Some).chain([None]);
            ids.extend(versions.filter_map(|version| Some(Cc::new(elements, version, port)?.id())));
        }
    }
    ids.into_iter()
}
