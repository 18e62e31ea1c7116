//! What is kept of a recording, and where it stands.

use std::fmt;
use std::str::FromStr;

/// What is kept of a recording that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// The original audio, metadata embedded beside it; a patch gives the original file back.
    Keep,
    /// Encoded with libopus at 75 kbit/s VBR.
    Opus75,
}

impl Tier {
    /// Every tier there is, best first.
    pub const ALL: [Tier; 2] = [Tier::Keep, Tier::Opus75];

    /// The word in policies, tables and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Tier::Keep => "keep",
            Tier::Opus75 => "opus-75",
        }
    }
}

/// Where a recording stands between being known and being kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// A holding of the planned tier is in the store.
    Held,
    /// To be kept; `build` has not made the holding yet.
    Planned,
    /// Not kept: the byte budget ended before it.
    OverBudget,
    /// Not kept: `build` could not make the holding; the problem says why.
    Failed,
    /// Known from tables alone: no file was ever given.
    NoSource,
    /// In no list: another recording, which is the same, stands there for it.
    SameAs,
}

impl Status {
    /// Every status there is.
    pub const ALL: [Status; 6] = [
        Status::Held,
        Status::Planned,
        Status::OverBudget,
        Status::Failed,
        Status::NoSource,
        Status::SameAs,
    ];

    /// Whether a recording of this status has a place in the list.
    pub fn is_listed(self) -> bool {
        self != Status::SameAs
    }

    /// The word in tables and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Held => "held",
            Status::Planned => "planned",
            Status::OverBudget => "over-budget",
            Status::Failed => "failed",
            Status::NoSource => "no-source",
            Status::SameAs => "same-as",
        }
    }
}

/// A word that names no tier or status.
#[derive(Debug, thiserror::Error)]
#[error("'{word}' is not a {kind}; known: {known}")]
pub struct UnknownWord {
    word: String,
    kind: &'static str,
    known: String,
}

macro_rules! as_words {
    ($type:ty, $kind:literal) => {
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $type {
            type Err = UnknownWord;

            fn from_str(word: &str) -> Result<Self, UnknownWord> {
                Self::ALL.into_iter().find(|known| known.as_str() == word).ok_or_else(|| {
                    UnknownWord {
                        word: word.to_owned(),
                        kind: $kind,
                        known: Self::ALL.map(|known| known.as_str()).join(", "),
                    }
                })
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

as_words!(Tier, "tier");
as_words!(Status, "status");
