//! What a licence lets whom do, in the few terms that an archive has to decide about.

use crate::act::country_text;
use crate::{Act, Operator, Place};
use std::fmt;

/// Where a licence lets others have the recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// In every country.
    Everywhere,
    /// In these countries; about others it says nothing.
    Only(&'static [[u8; 2]]),
    /// Nowhere.
    Nowhere,
}

/// What a licence asks in return.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// Name the author and the licence.
    Attribution,
    /// Pass copyright notices and the licence's text on.
    KeepNotices,
    /// Adaptations only under the same licence.
    ShareAlike,
    /// No adaptations. Another format of the same performance is not one (CC 4.0, section 2(a)(4)).
    NoDerivatives,
    /// Not for commercial advantage.
    NonCommercial,
    /// Offer the preferred form for making changes along with it.
    OfferSource,
}

impl Condition {
    /// Every condition there is.
    pub const ALL: [Condition; 6] = [
        Condition::Attribution,
        Condition::KeepNotices,
        Condition::ShareAlike,
        Condition::NoDerivatives,
        Condition::NonCommercial,
        Condition::OfferSource,
    ];

    /// The word in tables and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Condition::Attribution => "attribution",
            Condition::KeepNotices => "keep-notices",
            Condition::ShareAlike => "share-alike",
            Condition::NoDerivatives => "no-derivatives",
            Condition::NonCommercial => "non-commercial",
            Condition::OfferSource => "offer-source",
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a licence permits. Keeping is not in it: an archive keeps what its operator holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permissions {
    /// Where copies may be given to others.
    pub publish: Scope,
    /// Where others may listen.
    pub stream: Scope,
    /// Conditions on whoever does either. [`Condition::NonCommercial`] bars a commercial operator.
    pub conditions: Vec<Condition>,
}

impl Permissions {
    /// Worldwide, on these conditions.
    pub(crate) fn everywhere(conditions: &[Condition]) -> Permissions {
        let mut conditions = conditions.to_vec();
        conditions.sort();
        Permissions { publish: Scope::Everywhere, stream: Scope::Everywhere, conditions }
    }

    /// Nothing.
    pub(crate) fn none() -> Permissions {
        Permissions { publish: Scope::Nowhere, stream: Scope::Nowhere, conditions: Vec::new() }
    }

    /// `Err` with what stands in the way, the end of a sentence that starts with the licence's id.
    pub(crate) fn check(&self, act: Act, place: Place, operator: Operator) -> Result<(), String> {
        let scope = match act {
            Act::Keep => return Ok(()),
            Act::Publish => self.publish,
            Act::Stream => self.stream,
        };
        match (scope, place) {
            (Scope::Nowhere, _) => {
                return Err(format!("gives no leave to {act} it"));
            }
            (Scope::Only(countries), Place::Country(code)) if countries.contains(&code) => {}
            (Scope::Only(countries), _) => {
                let list: Vec<String> = countries.iter().map(country_text).collect();
                return Err(format!("gives leave to {act} it only in {}", list.join(", ")));
            }
            (Scope::Everywhere, _) => {}
        }
        if operator.commercial && self.conditions.contains(&Condition::NonCommercial) {
            return Err(format!("does not let a commercial operator {act} it"));
        }
        Ok(())
    }

    /// A total order, higher is more restrictive: first by where, then by non-commercial, then by the
    /// number of conditions.
    pub(crate) fn restriction(&self) -> (u8, bool, usize) {
        let scope = match self.publish {
            Scope::Everywhere => 0,
            Scope::Only(_) => 1,
            Scope::Nowhere => 2,
        };
        (scope, self.conditions.contains(&Condition::NonCommercial), self.conditions.len())
    }
}
