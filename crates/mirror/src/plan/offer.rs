//! What the planner is told, and what it answers.

use deadwax_edition::PackStage;
use std::str::FromStr;

/// A pack that could be carried.
#[derive(Debug, Clone, PartialEq)]
pub struct PackOffer {
    /// What the pack is known by from edition to edition, as the first 8 bytes of its info hash: chance hangs on it, so that a
    /// list in which other packs come and go leaves this one's luck alone.
    pub key: u64,
    /// Of all its files.
    pub bytes: u64,
    /// How many files it has.
    pub files: u64,
    /// Counted listens of what is in it; `None` when nobody counted.
    pub listens: Option<u64>,
    /// How many others carry it whole; `None` when nobody knows.
    pub copies: Option<u32>,
    /// The rank of its first recording.
    pub first_rank: u32,
    /// Of which stage it is.
    pub stage: PackStage,
    /// Whether this mirror has it whole already.
    pub held: bool,
}

/// By what packs are chosen: docs/formats/mirror.md, "What to carry".
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Prefer {
    /// A little of the head, and the packs with the fewest copies, by chance so that mirrors differ.
    #[default]
    Mix,
    /// The most listened first.
    Listens,
    /// The fewest copies first.
    Rarest,
    /// Any pack as likely as any other.
    Even,
}

/// A text that is no preference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a preference: write mix, listens, rarest or even")]
pub struct UnknownPreference(String);

impl FromStr for Prefer {
    type Err = UnknownPreference;

    fn from_str(text: &str) -> Result<Prefer, UnknownPreference> {
        match text {
            "mix" => Ok(Prefer::Mix),
            "listens" => Ok(Prefer::Listens),
            "rarest" => Ok(Prefer::Rarest),
            "even" => Ok(Prefer::Even),
            _ => Err(UnknownPreference(text.to_owned())),
        }
    }
}

/// What is carried. Packs are named by their place among the offers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Choice {
    /// Packs that are carried whole, the first to be fetched first.
    pub whole: Vec<usize>,
    /// The pack that is carried in part, where one does not fit whole.
    pub part: Option<Part>,
    /// Of all of it.
    pub bytes: u64,
    /// Share of all counted listens that the audio in it stands for, 0 to 1; of a part at least so much, because its most
    /// listened files come first. `None` when nobody counted.
    pub listens: Option<f64>,
}

/// A pack that is carried in part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Which one.
    pub pack: usize,
    /// With at most so many bytes, its most listened files first.
    pub bytes: u64,
}
