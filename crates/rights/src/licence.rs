//! A licence, or a rights status, by its canonical identifier.

use crate::recognise;
use crate::{Condition, Permissions};
use std::fmt;
use std::str::FromStr;

/// A licence or a rights status, named by one canonical identifier. Made by recognition only, so
/// every value is one that this crate knows.
///
/// Identifiers are SPDX's where SPDX has one. These are not SPDX's but ours: the rightsstatements.org
/// codes (`InC`, `NoC-US`, ...), a Creative Commons licence whose version nobody stated (`CC-BY-SA`),
/// Creative Commons ports that SPDX does not list, by the same pattern (`CC-BY-3.0-FR`), `LAL` for a
/// Free Art License without a version, and `DSL` for the Design Science License.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Licence(pub(crate) String);

/// A text in which no licence is recognised.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is not a licence that is recognised: give an SPDX identifier such as CC-BY-4.0, a Creative \
     Commons or rightsstatements.org address, or 'public domain'"
)]
pub struct UnknownLicence(String);

impl Licence {
    /// The one licence that a text states in a recognised form; `None` when it states none, more than one,
    /// or one with a doubt. A miss is better than a false recognition: a person can settle a miss.
    /// `docs/formats/rights.md` lists the forms.
    pub fn recognise(text: &str) -> Option<Licence> {
        recognise::licence(text)
    }

    /// What is said of a recording about which nobody has said anything: the rightsstatements.org
    /// code `CNE`, "copyright not evaluated".
    pub(crate) fn not_evaluated() -> Licence {
        Licence("CNE".to_owned())
    }

    /// The canonical identifier.
    pub fn id(&self) -> &str {
        &self.0
    }

    /// The name for people.
    pub fn name(&self) -> String {
        recognise::name(self)
    }

    /// The address of its text, where there is one that says exactly this licence.
    pub fn uri(&self) -> Option<String> {
        recognise::uri(self)
    }

    /// What it lets whom do, where, and on what conditions.
    pub fn permissions(&self) -> Permissions {
        recognise::permissions(self)
    }

    /// What it asks in return.
    pub fn conditions(&self) -> Vec<Condition> {
        self.permissions().conditions
    }
}

impl fmt::Display for Licence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Licence {
    type Err = UnknownLicence;

    fn from_str(text: &str) -> Result<Licence, UnknownLicence> {
        Licence::recognise(text).ok_or_else(|| UnknownLicence(text.to_owned()))
    }
}

impl serde::Serialize for Licence {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}
