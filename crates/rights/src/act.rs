//! What somebody wants to do, where, and who is asking: the question that a decision answers.

use std::fmt;
use std::str::FromStr;

/// What is to be done with a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Act {
    /// Hold it in the archive's own store. Always cleared: an archive takes in what its operator is
    /// entitled to keep.
    Keep,
    /// Give copies to others: packs, torrents, downloads.
    Publish,
    /// Let others listen without giving them a copy.
    Stream,
}

impl Act {
    /// Every act there is.
    pub const ALL: [Act; 3] = [Act::Keep, Act::Publish, Act::Stream];

    /// The word in tables and sentences.
    pub fn as_str(self) -> &'static str {
        match self {
            Act::Keep => "keep",
            Act::Publish => "publish",
            Act::Stream => "stream",
        }
    }
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where it is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// Everywhere at once, as a torrent is. Cleared only when nothing forbids it in any country.
    Worldwide,
    /// One country: ISO 3166-1 alpha-2, two upper-case letters.
    Country([u8; 2]),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Worldwide => f.write_str("worldwide"),
            Place::Country(code) => f.write_str(&country_text(code)),
        }
    }
}

/// A text that is neither `worldwide` nor a country code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a place: give 'worldwide' or a country's two letters (ISO 3166-1), as in US")]
pub struct UnknownPlace(String);

impl FromStr for Place {
    type Err = UnknownPlace;

    /// Takes `worldwide` and two letters, in upper or lower case. Whether a country of that code
    /// exists is not checked.
    fn from_str(text: &str) -> Result<Place, UnknownPlace> {
        if text.eq_ignore_ascii_case("worldwide") {
            return Ok(Place::Worldwide);
        }
        match <[u8; 2]>::try_from(text.as_bytes()) {
            Ok(code) if code.iter().all(u8::is_ascii_alphabetic) => {
                Ok(Place::Country(code.map(|letter| letter.to_ascii_uppercase())))
            }
            _ => Err(UnknownPlace(text.to_owned())),
        }
    }
}

impl serde::Serialize for Place {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

pub(crate) fn country_text(code: &[u8; 2]) -> String {
    String::from_utf8_lossy(code).into_owned()
}

/// Who runs the archive, as far as licences care.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Operator {
    /// Whether the archive is run primarily for commercial advantage or payment (the words of the
    /// NonCommercial licences). Default: no.
    pub commercial: bool,
}
