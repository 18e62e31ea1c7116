//! The GNU licences: a family, a version, and whether later versions may be chosen.
//!
//! A licence named without a version: the GPL, LGPL, AGPL (section 9 or 14) and GFDL (section 10) say
//! themselves that any version ever published may then be chosen, so it is the first "or later".

use super::words;
use crate::{Condition, Permissions};

#[derive(Debug, PartialEq, Eq)]
struct Family {
    id: &'static str,
    name: &'static str,
    /// In order; the first is what "no version" comes to.
    versions: &'static [&'static str],
    /// Words that name it, without "gnu" in front.
    words: &'static [&'static str],
}

const FAMILIES: [Family; 4] = [
    Family {
        id: "GPL",
        name: "GNU General Public License",
        versions: &["1.0", "2.0", "3.0"],
        words: &["general public license", "general public licence"],
    },
    Family {
        id: "LGPL",
        name: "GNU Lesser General Public License",
        versions: &["2.0", "2.1", "3.0"],
        words: &[
            "lesser general public license",
            "lesser general public licence",
            "library general public license",
            "library general public licence",
        ],
    },
    Family {
        id: "AGPL",
        name: "GNU Affero General Public License",
        versions: &["3.0"],
        words: &["affero general public license", "affero general public licence"],
    },
    Family {
        id: "GFDL",
        name: "GNU Free Documentation License",
        versions: &["1.1", "1.2", "1.3"],
        words: &["free documentation license", "free documentation licence", "fdl"],
    },
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Gnu {
    family: &'static Family,
    /// The version and whether later ones may be chosen; `None` when the text does not say.
    version: Option<(&'static str, bool)>,
}

impl Gnu {
    fn new(family: &'static Family, version: Option<(&str, bool)>) -> Option<Gnu> {
        let version = match version {
            Some((text, later)) => {
                Some((*family.versions.iter().find(|known| **known == text)?, later))
            }
            None => None,
        };
        Some(Gnu { family, version })
    }

    /// `GPL-2.0-only`, `GPL-2.0-or-later`, and the older `GPL-2.0` (only) and `GPL-2.0+`.
    pub(super) fn of_id(id: &str) -> Option<Gnu> {
        let upper = id.to_ascii_uppercase();
        let (family, rest) = upper.split_once('-')?;
        let family = FAMILIES.iter().find(|known| known.id == family)?;
        let (version, later) = match (rest.strip_suffix("-OR-LATER"), rest.strip_suffix('+')) {
            (Some(version), _) | (None, Some(version)) => (version, true),
            _ => (rest.strip_suffix("-ONLY").unwrap_or(rest), false),
        };
        Gnu::new(family, Some((version, later)))
    }

    /// `gpl-3.0`, `old-licenses/gpl-2.0`: the last part of an address at gnu.org. It names one version
    /// and does not say "or later".
    pub(super) fn of_page(page: &str) -> Option<Gnu> {
        let page = page.split(".en").next()?;
        let page =
            [".html", ".txt", ".md"].iter().find_map(|end| page.strip_suffix(end)).unwrap_or(page);
        (!page.contains('+') && !page.contains("only") && !page.contains("later"))
            .then(|| Gnu::of_id(page))?
    }

    /// From words such as "gnu gpl version 2 or later", with how many they are.
    pub(super) fn of_words(words: &[String]) -> Option<(Gnu, usize)> {
        let mut at = words::phrase(words, "gnu").unwrap_or(0);
        let (family, glued) = FAMILIES.iter().find_map(|family| {
            if let Some(taken) = words::any_phrase(&words[at..], family.words) {
                // "Free documentation license" and "fdl" need "gnu" in front.
                return (at > 0 || family.id != "GFDL").then(|| {
                    at += taken;
                    (family, None)
                });
            }
            let glued = words.get(at)?.strip_prefix(&family.id.to_ascii_lowercase())?;
            at += 1;
            Some((family, Some(glued.to_owned()).filter(|glued| !glued.is_empty())))
        })?;
        if glued.as_deref() == Some("+") {
            return Some((Gnu::new(family, Some((family.versions[0], true)))?, at));
        }
        let version = match glued {
            // "gplv2+": what is glued to the name has to be a version.
            Some(glued) => Some(words::version(&[glued])?).map(|(number, plus, _)| (number, plus)),
            None => {
                let skip = |words: &[String], phrases: &[&str]| {
                    words::any_phrase(words, phrases).unwrap_or(0)
                };
                let mut start = at;
                start += skip(&words[start..], &["license", "licence"]);
                start += skip(&words[start..], &["as published by the free software foundation"]);
                start += skip(&words[start..], &["either"]);
                words::version(&words[start..]).map(|(number, plus, taken)| {
                    at = start + taken;
                    (number, plus)
                })
            }
        };
        let Some((number, plus)) = version else {
            return Some((Gnu::new(family, None)?, at));
        };
        let of = ["of the license", "of the licence", "license", "licence"];
        let start = at + words::any_phrase(&words[at..], &of).unwrap_or(0);
        let later = [
            "or later",
            "or later version",
            "or any later version",
            "or any later",
            "or at your option any later version",
            "or at your option any later version of the license",
            "or newer",
            "and later",
            "and any later version",
            "or above",
            "or higher",
            "or greater",
        ];
        if let Some(taken) = words::any_phrase(&words[start..], &later) {
            return Some((Gnu::new(family, Some((&number, true)))?, start + taken));
        }
        let only = words::phrase(&words[start..], "only").filter(|_| !plus);
        if let Some(taken) = only {
            at = start + taken;
        }
        Some((Gnu::new(family, Some((&number, plus)))?, at))
    }

    pub(super) fn and(self, other: Gnu) -> Option<Gnu> {
        let same = self.family == other.family
            && (self.version.is_none() || other.version.is_none() || self.version == other.version);
        same.then_some(Gnu { version: self.version.or(other.version), ..self })
    }

    fn exactly(&self) -> (&'static str, bool) {
        self.version.unwrap_or((self.family.versions[0], true))
    }

    pub(super) fn id(&self) -> String {
        let (version, later) = self.exactly();
        format!("{}-{version}-{}", self.family.id, if later { "or-later" } else { "only" })
    }

    pub(super) fn name(&self) -> String {
        let (version, later) = self.exactly();
        format!("{} v{version} {}", self.family.name, if later { "or later" } else { "only" })
    }

    /// SPDX's page, because gnu.org's does not tell "only" from "or later".
    pub(super) fn uri(&self) -> String {
        format!("https://spdx.org/licenses/{}.html", self.id())
    }

    pub(super) fn permissions(&self) -> Permissions {
        Permissions::everywhere(&[
            Condition::KeepNotices,
            Condition::ShareAlike,
            Condition::OfferSource,
        ])
    }
}

#[cfg(test)]
pub(super) fn every_id() -> impl Iterator<Item = String> {
    FAMILIES.iter().flat_map(|family| {
        family.versions.iter().flat_map(move |version| {
            [true, false].map(|later| Gnu { family, version: Some((*version, later)) }.id())
        })
    })
}
