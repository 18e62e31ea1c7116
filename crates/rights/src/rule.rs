//! What the operator says about rights, and about which recordings.

use crate::{Licence, Subject, glob};
use deadwax_model::RecordingId;
use std::fmt;
use unicode_normalization::UnicodeNormalization;

/// One rule of the operator's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its number, given once, counting up: of two rules that are equally specific the one with the
    /// higher number wins.
    pub number: u32,
    /// Which recordings it is about.
    pub target: RuleTarget,
    /// What it says of them.
    pub licence: Licence,
    /// On what ground: a contract, a letter, a deed. For people; never interpreted.
    pub ground: String,
    /// The last day on which the rule holds, `YYYY-MM-DD`, that day included. From the next day on
    /// it is as if the rule were not there. `None`: no end. A text that is not a date never clears.
    pub until: Option<String>,
    /// The countries that the rule speaks of (ISO 3166-1 alpha-2, upper case); about others it says
    /// nothing. Empty: wherever the licence allows.
    pub places: Vec<[u8; 2]>,
}

/// Which recordings a rule is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleTarget {
    /// This recording.
    Recording(RecordingId),
    /// Recordings on releases of this title: the whole title, after NFC and without regard to case.
    Release(String),
    /// Recordings that credit this artist, alone or among others: the whole name, compared likewise.
    Artist(String),
    /// Recordings with a source path that this pattern matches:
    /// `*` any characters but `/`, `?` one such character, `**` any characters, `**/` any number of
    /// folders or none; `\*`, `\?` and `\\` that character itself. A pattern that starts with neither `/`
    /// nor `*` may start at any folder; one that ends in `/` means everything beneath.
    Path(String),
    /// Every recording.
    Everything,
}

/// A kind of target that does not exist, or a value that does not fit it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{kind}' with the value '{value}' is not what a rule can be about: use recording (20 hex digits), \
     release, artist, path or everything"
)]
pub struct UnknownTarget {
    kind: String,
    value: String,
}

impl RuleTarget {
    /// The kind, as tables carry it: `recording`, `release`, `artist`, `path` or `everything`.
    pub fn kind(&self) -> &'static str {
        match self {
            RuleTarget::Recording(_) => "recording",
            RuleTarget::Release(_) => "release",
            RuleTarget::Artist(_) => "artist",
            RuleTarget::Path(_) => "path",
            RuleTarget::Everything => "everything",
        }
    }

    /// The value beside the kind: id, title, name or pattern; empty for `everything`.
    pub fn value(&self) -> &str {
        match self {
            RuleTarget::Recording(id) => id.as_str(),
            RuleTarget::Release(text) | RuleTarget::Artist(text) | RuleTarget::Path(text) => text,
            RuleTarget::Everything => "",
        }
    }

    /// The file at this absolute path, whatever characters its name has.
    pub fn file(path: &str) -> RuleTarget {
        RuleTarget::Path(glob::escape(path))
    }

    /// Everything beneath the folder at this absolute path, whatever characters its name has.
    pub fn folder(path: &str) -> RuleTarget {
        RuleTarget::Path(format!("{}/", glob::escape(path.trim_end_matches('/'))))
    }

    /// Back from [`kind`](Self::kind) and [`value`](Self::value).
    pub fn from_parts(kind: &str, value: &str) -> Result<RuleTarget, UnknownTarget> {
        let unknown = || UnknownTarget { kind: kind.to_owned(), value: value.to_owned() };
        match kind {
            "recording" => value.parse().map(RuleTarget::Recording).map_err(|_| unknown()),
            "everything" if value.is_empty() => Ok(RuleTarget::Everything),
            _ if value.is_empty() => Err(unknown()),
            "release" => Ok(RuleTarget::Release(value.to_owned())),
            "artist" => Ok(RuleTarget::Artist(value.to_owned())),
            "path" => Ok(RuleTarget::Path(value.to_owned())),
            _ => Err(unknown()),
        }
    }

    /// Whether the rule is about this recording.
    pub fn matches(&self, subject: &Subject<'_>) -> bool {
        match self {
            RuleTarget::Recording(id) => id == subject.recording,
            RuleTarget::Release(title) => {
                subject.release.is_some_and(|release| same_name(release, title))
            }
            RuleTarget::Artist(name) => {
                subject.artists.iter().any(|artist| same_name(artist, name))
            }
            RuleTarget::Path(pattern) => {
                subject.paths.iter().any(|path| glob::matches(pattern, path))
            }
            RuleTarget::Everything => true,
        }
    }
}

impl fmt::Display for RuleTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RuleTarget::Everything => f.write_str("everything"),
            _ => write!(f, "{} '{}'", self.kind(), self.value()),
        }
    }
}

/// Equal after NFC and lower-casing. The second NFC is there because lower-casing can decompose
/// ('İ' becomes 'i' and a combining dot).
pub(crate) fn same_name(a: &str, b: &str) -> bool {
    let folded =
        |text: &str| text.trim().nfc().flat_map(char::to_lowercase).nfc().collect::<String>();
    a == b || folded(a) == folded(b)
}
