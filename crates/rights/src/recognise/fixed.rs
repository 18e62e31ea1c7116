//! The licences and rights statuses that have one name each, as a table.

use super::words;
use crate::Condition::{Attribution, KeepNotices, NonCommercial, OfferSource, ShareAlike};
use crate::{Condition, Permissions, Scope};
use std::sync::LazyLock;

/// What a plain "public domain" comes to.
pub(super) const PUBLIC_DOMAIN_MARK: &str = "CC-PDM-1.0";

#[derive(Debug)]
pub(super) struct Fixed {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    kind: Kind,
    /// Further spellings, as words with single spaces.
    also: &'static [&'static str],
}

#[derive(Debug)]
enum Kind {
    /// No rights left; the address when it is not SPDX's page.
    PublicDomain(Option<&'static str>),
    /// Free to pass on, on conditions; the address when it is not SPDX's page.
    Free(&'static [Condition], Option<&'static str>),
    /// The same, without an SPDX identifier and an address.
    Ours(&'static [Condition]),
    /// A rightsstatements.org status.
    Status(Scope, &'static [Condition]),
}

use Kind::{Free, Ours, PublicDomain, Status};
use Scope::{Everywhere, Nowhere, Only};

const fn entry(
    id: &'static str,
    name: &'static str,
    kind: Kind,
    also: &'static [&'static str],
) -> Fixed {
    Fixed { id, name, kind, also }
}

const UNITED_STATES: &[[u8; 2]] = &[*b"US"];

/// Of rightsstatements.org's twelve, only those that say themselves that others may have it are taken
/// as leave. "No known copyright" gives none: it is a belief, and a rule can turn it into a statement.
#[rustfmt::skip]
static TABLE: &[Fixed] = &[
    entry("CC0-1.0", "Creative Commons Zero v1.0 Universal",
        PublicDomain(Some("https://creativecommons.org/publicdomain/zero/1.0/")), &[
        "cc0", "cc 0", "cc zero", "creative commons zero", "creative commons 0", "creative commons cc0",
        "cc0 1.0 universal", "cc0 v1.0", "cc0 1", "cc0 universal", "cc zero 1.0", "creative commons zero 1.0",
        "creative commons zero 1.0 universal", "creative commons cc0 1.0", "creative commons cc0 1.0 universal",
        "cc0 1.0 universal public domain dedication", "creative commons cc0 1.0 universal public domain dedication",
        "cc0 public domain dedication", "cc0 1.0 public domain dedication",
        "creative commons public domain dedication", "creative commons zero public domain dedication",
    ]),
    entry(PUBLIC_DOMAIN_MARK, "Public Domain Mark 1.0",
        PublicDomain(Some("https://creativecommons.org/publicdomain/mark/1.0/")), &[
        "public domain mark", "cc public domain mark", "cc public domain mark 1.0", "pdm", "cc pdm", "pdm 1.0",
        "creative commons public domain mark", "creative commons public domain mark 1.0",
        "creative commons public domain mark 1.0 universal", "public domain mark 1.0 universal",
    ]),
    entry("CC-PDDC", "Creative Commons Public Domain Dedication and Certification",
        PublicDomain(Some("https://creativecommons.org/licenses/publicdomain/")), &[]),
    entry("PDDL-1.0", "Open Data Commons Public Domain Dedication & License 1.0",
        PublicDomain(Some("https://opendatacommons.org/licenses/pddl/1-0/")),
        &["pddl", "odc pddl", "odc pddl 1.0"]),
    entry("Unlicense", "The Unlicense", PublicDomain(None), &["unlicense"]),
    entry("0BSD", "BSD Zero Clause License", Free(&[], None), &["bsd 0 clause", "bsd zero clause"]),
    entry("WTFPL", "Do What The F*ck You Want To Public License", Free(&[], None),
        &["wtfpl 2", "wtfpl v2", "wtfpl 2.0"]),
    entry("ODC-By-1.0", "Open Data Commons Attribution License v1.0",
        Free(&[Attribution], Some("https://opendatacommons.org/licenses/by/1-0/")), &["odc by"]),
    entry("ODbL-1.0", "Open Data Commons Open Database License v1.0",
        Free(&[Attribution, ShareAlike], Some("https://opendatacommons.org/licenses/odbl/1-0/")),
        &["odbl", "odc odbl", "open database license", "open database license 1.0"]),
    entry("LAL-1.2", "Licence Art Libre 1.2", Free(&[Attribution, ShareAlike], None),
        &["fal 1.2", "free art license 1.2", "free art licence 1.2"]),
    entry("LAL-1.3", "Licence Art Libre 1.3", Free(&[Attribution, ShareAlike], None),
        &["fal 1.3", "free art license 1.3", "free art licence 1.3"]),
    entry("LAL", "Licence Art Libre", Ours(&[Attribution, ShareAlike]),
        &["fal", "free art license", "free art licence"]),
    entry("DSL", "Design Science License", Ours(&[KeepNotices, ShareAlike, OfferSource]),
        &["design science licence"]),
    entry("MIT", "MIT License", Free(&[KeepNotices], None), &["expat", "expat license"]),
    entry("MIT-0", "MIT No Attribution", Free(&[], None), &[]),
    entry("ISC", "ISC License", Free(&[KeepNotices], None), &[]),
    entry("Zlib", "zlib License", Free(&[KeepNotices], None), &[]),
    entry("BSD-2-Clause", "BSD 2-Clause \"Simplified\" License", Free(&[KeepNotices], None),
        &["simplified bsd", "simplified bsd license", "2 clause bsd"]),
    entry("BSD-3-Clause", "BSD 3-Clause \"New\" or \"Revised\" License", Free(&[KeepNotices], None),
        &["new bsd", "new bsd license", "modified bsd", "revised bsd", "3 clause bsd"]),
    entry("Apache-2.0", "Apache License 2.0", Free(&[KeepNotices], None),
        &["apache 2", "apache2", "apache license version 2.0", "apache license v2.0", "apache v2",
          "apache software license 2.0"]),
    entry("MPL-2.0", "Mozilla Public License 2.0", Free(&[KeepNotices, ShareAlike, OfferSource], None),
        &["mpl 2", "mplv2", "mozilla public license version 2.0"]),
    entry("Artistic-2.0", "Artistic License 2.0", Free(&[KeepNotices], None), &[]),
    entry("EUPL-1.0", "European Union Public License 1.0",
        Free(&[KeepNotices, ShareAlike, OfferSource], None), &["european union public licence 1.0"]),
    entry("EUPL-1.1", "European Union Public License 1.1",
        Free(&[KeepNotices, ShareAlike, OfferSource], None),
        &["european union public licence 1.1", "eupl v1.1"]),
    entry("EUPL-1.2", "European Union Public License 1.2",
        Free(&[KeepNotices, ShareAlike, OfferSource], None),
        &["european union public licence 1.2", "eupl v1.2"]),
    entry("OGL-UK-1.0", "Open Government Licence v1.0", Free(&[Attribution], None),
        &["open government licence 1.0"]),
    entry("OGL-UK-2.0", "Open Government Licence v2.0", Free(&[Attribution], None),
        &["open government licence 2.0"]),
    entry("OGL-UK-3.0", "Open Government Licence v3.0", Free(&[Attribution], None),
        &["open government licence 3.0"]),
    entry("InC", "In Copyright", Status(Nowhere, &[]), &[]),
    entry("InC-OW-EU", "In Copyright - EU Orphan Work", Status(Nowhere, &[]), &[]),
    entry("InC-EDU", "In Copyright - Educational Use Permitted", Status(Nowhere, &[]), &[]),
    entry("InC-NC", "In Copyright - Non-Commercial Use Permitted", Status(Everywhere, &[NonCommercial]), &[]),
    entry("InC-RUU", "In Copyright - Rights-holder(s) Unlocatable or Unidentifiable",
        Status(Nowhere, &[]), &[]),
    entry("NoC-CR", "No Copyright - Contractual Restrictions", Status(Nowhere, &[]), &[]),
    entry("NoC-NC", "No Copyright - Non-Commercial Use Only", Status(Everywhere, &[NonCommercial]), &[]),
    entry("NoC-OKLR", "No Copyright - Other Known Legal Restrictions", Status(Nowhere, &[]), &[]),
    entry("NoC-US", "No Copyright - United States", Status(Only(UNITED_STATES), &[]), &[]),
    entry("CNE", "Copyright Not Evaluated", Status(Nowhere, &[]), &[]),
    entry("UND", "Copyright Undetermined", Status(Nowhere, &[]), &[]),
    entry("NKC", "No Known Copyright", Status(Nowhere, &[]), &[]),
];

/// Every spelling of the table as words. The codes of rightsstatements.org are not spellings.
static SPELLINGS: LazyLock<Vec<(Vec<String>, &'static Fixed)>> = LazyLock::new(|| {
    let of = |entry: &'static Fixed| {
        let id = (!matches!(entry.kind, Status(..))).then_some(entry.id);
        let texts = id.into_iter().chain([entry.name]).chain(entry.also.iter().copied());
        texts.map(move |text| (words::of(text), entry))
    };
    TABLE.iter().flat_map(of).collect()
});

impl PartialEq for Fixed {
    fn eq(&self, other: &Fixed) -> bool {
        self.id == other.id
    }
}

impl Eq for Fixed {}

impl Fixed {
    /// In any case; rightsstatements.org's codes only as they are written ("und", "Inc" are words).
    pub(super) fn of_id(id: &str) -> Option<&'static Fixed> {
        TABLE.iter().find(|entry| match entry.kind {
            Status(..) => entry.id == id,
            _ => entry.id.eq_ignore_ascii_case(id),
        })
    }

    /// From rightsstatements.org's code in an address, in any case.
    pub(super) fn of_status(code: &str) -> Option<&'static Fixed> {
        let status = |entry: &&Fixed| matches!(entry.kind, Status(..));
        TABLE.iter().filter(status).find(|entry| entry.id.eq_ignore_ascii_case(code))
    }

    /// The longest name or spelling at the start of `words`, with how many words it has.
    pub(super) fn of_words(words: &[String]) -> Option<(&'static Fixed, usize)> {
        (SPELLINGS.iter())
            .filter(|(spelling, _)| words.starts_with(spelling))
            .map(|(spelling, entry)| (*entry, spelling.len()))
            .max_by_key(|(_, taken)| *taken)
    }

    pub(super) fn is_public_domain(&self) -> bool {
        matches!(self.kind, PublicDomain(_))
    }

    pub(super) fn uri(&self) -> Option<String> {
        match self.kind {
            PublicDomain(Some(uri)) | Free(_, Some(uri)) => Some(uri.to_owned()),
            PublicDomain(None) | Free(_, None) => {
                Some(format!("https://spdx.org/licenses/{}.html", self.id))
            }
            Status(..) => Some(format!("http://rightsstatements.org/vocab/{}/1.0/", self.id)),
            Ours(_) => None,
        }
    }

    pub(super) fn permissions(&self) -> Permissions {
        match self.kind {
            PublicDomain(_) => Permissions::everywhere(&[]),
            Free(conditions, _) | Ours(conditions) => Permissions::everywhere(conditions),
            Status(scope, conditions) => {
                Permissions { publish: scope, stream: scope, conditions: conditions.to_vec() }
            }
        }
    }
}

#[cfg(test)]
pub(super) fn ids() -> impl Iterator<Item = String> {
    TABLE.iter().map(|entry| entry.id.to_owned())
}
