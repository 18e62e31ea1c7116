//! What is kept of a recording, and where it stands.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// What is kept of a recording that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// The original audio, metadata embedded beside it; a patch gives the original file back.
    Keep,
    /// `vorbis-N`: encoded with aoTuV's Vorbis, at about so many kbit/s for stereo.
    Vorbis(u16),
    /// `opus-N`: encoded with libopus, at so many kbit/s on average for mono and stereo.
    Opus(u16),
}

impl Tier {
    /// kbit/s that `opus-N` can have: what libopus takes.
    pub const OPUS_KBITS: RangeInclusive<u16> = 6..=510;
    /// kbit/s that `vorbis-N` can have: what aoTuV reaches at its least and at its best quality, in stereo at 44.1 kHz.
    pub const VORBIS_KBITS: RangeInclusive<u16> = 32..=500;

    /// Whether it is another encoding than the original's.
    pub fn is_encoded(self) -> bool {
        self != Tier::Keep
    }

    /// Bits a second on average for stereo, of a tier that encodes.
    pub fn bit_rate(self) -> Option<u32> {
        match self {
            Tier::Keep => None,
            Tier::Vorbis(kbits) | Tier::Opus(kbits) => Some(u32::from(kbits) * 1000),
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Tier::Keep => f.pad("keep"),
            Tier::Vorbis(kbits) => f.pad(&format!("vorbis-{kbits}")),
            Tier::Opus(kbits) => f.pad(&format!("opus-{kbits}")),
        }
    }
}

impl FromStr for Tier {
    type Err = UnknownTier;

    fn from_str(word: &str) -> Result<Tier, UnknownTier> {
        let unknown = || UnknownTier(word.to_owned());
        if word == "keep" {
            return Ok(Tier::Keep);
        }
        let (codec, digits) = word.split_once('-').ok_or_else(unknown)?;
        // One spelling a tier: "opus-075" or "opus-+75" would be another word for the same.
        let is_plain = digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
        let kbits = digits.parse().ok().filter(|_| is_plain).ok_or_else(unknown)?;
        match codec {
            "vorbis" if Tier::VORBIS_KBITS.contains(&kbits) => Ok(Tier::Vorbis(kbits)),
            "opus" if Tier::OPUS_KBITS.contains(&kbits) => Ok(Tier::Opus(kbits)),
            _ => Err(unknown()),
        }
    }
}

impl serde::Serialize for Tier {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A word that names no tier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is not a tier; a tier is keep, opus-N (N from {o1} to {o2} kbit/s) or vorbis-N (N from {v1} to {v2})",
    o1 = Tier::OPUS_KBITS.start(), o2 = Tier::OPUS_KBITS.end(),
    v1 = Tier::VORBIS_KBITS.start(), v2 = Tier::VORBIS_KBITS.end()
)]
pub struct UnknownTier(String);

/// Where a recording stands between being known and being kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// A holding of the planned tier is in the store.
    Held,
    /// To be kept; `build` has not made the holding yet.
    Planned,
    /// Not kept: the byte budget ended before it.
    OverBudget,
    /// Not kept: a rule of the policy says so.
    ByPolicy,
    /// Not kept: `build` could not make the holding; the problem says why.
    Failed,
    /// Known from tables alone: no file was ever given.
    NoSource,
    /// In no list: another recording, which is the same, stands there for it.
    SameAs,
}

impl Status {
    /// Every status there is.
    pub const ALL: [Status; 7] = [
        Status::Held,
        Status::Planned,
        Status::OverBudget,
        Status::ByPolicy,
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
            Status::ByPolicy => "by-policy",
            Status::Failed => "failed",
            Status::NoSource => "no-source",
            Status::SameAs => "same-as",
        }
    }
}

/// A word that names no status.
#[derive(Debug, thiserror::Error)]
#[error("'{0}' is not a status; known: {known}", known = Status::ALL.map(Status::as_str).join(", "))]
pub struct UnknownStatus(String);

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Status {
    type Err = UnknownStatus;

    fn from_str(word: &str) -> Result<Status, UnknownStatus> {
        let known = Status::ALL.into_iter().find(|known| known.as_str() == word);
        known.ok_or_else(|| UnknownStatus(word.to_owned()))
    }
}

impl serde::Serialize for Status {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tier_is_the_word_it_prints() {
        for word in ["keep", "opus-6", "opus-75", "opus-510", "vorbis-32", "vorbis-160"] {
            assert_eq!(word.parse::<Tier>().unwrap().to_string(), word);
        }
        for word in ["", "Keep", "opus", "opus-", "opus-5", "opus-511", "opus-075", "opus-+75"] {
            assert!(word.parse::<Tier>().is_err(), "{word}");
        }
        assert_eq!(
            "vorbis-31".parse::<Tier>().unwrap_err().to_string(),
            "'vorbis-31' is not a tier; a tier is keep, opus-N (N from 6 to 510 kbit/s) or vorbis-N (N from 32 to 500)"
        );
        assert!(Tier::Keep < Tier::Vorbis(160) && Tier::Vorbis(160) < Tier::Opus(75));
    }
}
