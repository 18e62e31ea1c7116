//! Takedowns: decisions that something must go dark. They outrank every statement, because whoever asks for one says
//! that the statements were wrong, or no longer matter.

use crate::rule::same_name;
use crate::{Act, Subject};
use deadwax_model::{Isrc, RecordingId, Root};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// A takedown that was not lifted: docs/formats/takedown.md.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Takedown {
    /// Its number: counting up, never used again.
    pub number: u32,
    /// The archive's own name of the notice.
    pub notice: String,
    /// The kind of ground.
    pub reason: TakedownReason,
    /// How dark it goes.
    pub scope: TakedownScope,
    /// What was named. It also holds for what is added later and is called so.
    pub target: TakedownTarget,
    /// The recordings that this was when it was said, and those that were the same.
    pub recordings: BTreeSet<RecordingId>,
    /// The files of these: whatever has one of them is dark too.
    pub roots: BTreeSet<Root>,
}

impl Takedown {
    /// Whether it is about this recording.
    pub fn matches(&self, subject: &Subject<'_>) -> bool {
        self.recordings.contains(subject.recording)
            || self.target.matches(subject)
            || subject.roots.iter().any(|root| self.roots.contains(root))
    }

    /// Whether it forbids an act.
    pub fn forbids(&self, act: Act) -> bool {
        act != Act::Keep || self.scope == TakedownScope::Keep
    }

    /// What is said of it to everybody.
    pub fn in_short(&self) -> TakenDown {
        TakenDown { number: self.number, reason: self.reason, notice: self.notice.clone() }
    }
}

/// Which takedown holds something back.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct TakenDown {
    /// Its number.
    pub number: u32,
    /// The kind of ground.
    pub reason: TakedownReason,
    /// The archive's own name of the notice.
    pub notice: String,
}

impl fmt::Display for TakenDown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "takedown {} ({}, notice {})", self.number, self.reason, self.notice)
    }
}

/// What a takedown names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TakedownTarget {
    /// This recording.
    Recording(RecordingId),
    /// Recordings that carry this ISRC.
    Isrc(Isrc),
    /// Recordings on the release of this id.
    Release(String),
    /// Recordings that credit this artist, alone or among others; compared as rules do it.
    Artist(String),
    /// Files, by their roots.
    Files(BTreeSet<Root>),
}

impl TakedownTarget {
    /// The kind, as tables carry it: `recording`, `isrc`, `release`, `artist` or `files`.
    pub fn kind(&self) -> &'static str {
        match self {
            TakedownTarget::Recording(_) => "recording",
            TakedownTarget::Isrc(_) => "isrc",
            TakedownTarget::Release(_) => "release",
            TakedownTarget::Artist(_) => "artist",
            TakedownTarget::Files(_) => "files",
        }
    }

    /// The value beside the kind: id, ISRC, name, or roots with spaces between them.
    pub fn value(&self) -> String {
        match self {
            TakedownTarget::Recording(id) => id.to_string(),
            TakedownTarget::Isrc(isrc) => isrc.to_string(),
            TakedownTarget::Release(text) | TakedownTarget::Artist(text) => text.clone(),
            TakedownTarget::Files(roots) => {
                roots.iter().map(Root::to_string).collect::<Vec<_>>().join(" ")
            }
        }
    }

    /// Back from [`kind`](Self::kind) and [`value`](Self::value).
    ///
    /// # Errors
    /// A kind that is none, a value that does not fit it.
    pub fn from_parts(kind: &str, value: &str) -> Result<TakedownTarget, UnknownTakedownWord> {
        let unknown = || UnknownTakedownWord::new(value, "what a takedown can name");
        match kind {
            "recording" => value.parse().map(TakedownTarget::Recording).map_err(|_| unknown()),
            "isrc" => value.parse().map(TakedownTarget::Isrc).map_err(|_| unknown()),
            "release" => Ok(TakedownTarget::Release(value.to_owned())),
            "artist" => Ok(TakedownTarget::Artist(value.to_owned())),
            "files" => {
                let roots = value.split(' ').map(str::parse).collect::<Result<_, _>>();
                roots.map(TakedownTarget::Files).map_err(|_| unknown())
            }
            _ => Err(UnknownTakedownWord::new(kind, "a kind of what a takedown can name")),
        }
    }

    /// Whether an artist of this name is meant.
    pub fn is_artist(&self, name: &str) -> bool {
        matches!(self, TakedownTarget::Artist(artist) if same_name(artist, name))
    }

    fn matches(&self, subject: &Subject<'_>) -> bool {
        match self {
            TakedownTarget::Recording(id) => id == subject.recording,
            TakedownTarget::Isrc(isrc) => subject.isrcs.contains(isrc),
            TakedownTarget::Release(id) => subject.releases.contains(id),
            TakedownTarget::Artist(_) => subject.artists.iter().any(|name| self.is_artist(name)),
            TakedownTarget::Files(roots) => subject.roots.iter().any(|root| roots.contains(root)),
        }
    }
}

impl fmt::Display for TakedownTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} '{}'", self.kind(), self.value())
    }
}

/// On what kind of ground.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakedownReason {
    /// Somebody holds the rights and does not give leave.
    Copyright,
    /// It says something of a person that is nobody's business.
    Privacy,
    /// A court says so.
    CourtOrder,
    /// A contract ended, or says so.
    Contract,
    /// It should never have been out.
    Error,
    /// Anything else.
    Other,
}

impl TakedownReason {
    /// Every reason there is.
    pub const ALL: [TakedownReason; 6] = [
        TakedownReason::Copyright,
        TakedownReason::Privacy,
        TakedownReason::CourtOrder,
        TakedownReason::Contract,
        TakedownReason::Error,
        TakedownReason::Other,
    ];

    /// The word in tables and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            TakedownReason::Copyright => "copyright",
            TakedownReason::Privacy => "privacy",
            TakedownReason::CourtOrder => "court-order",
            TakedownReason::Contract => "contract",
            TakedownReason::Error => "error",
            TakedownReason::Other => "other",
        }
    }
}

/// How dark something goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakedownScope {
    /// Nothing of it leaves; the archive keeps it.
    Publish,
    /// The archive does not keep it either.
    Keep,
}

impl TakedownScope {
    /// Both.
    pub const ALL: [TakedownScope; 2] = [TakedownScope::Publish, TakedownScope::Keep];

    /// The word in tables and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            TakedownScope::Publish => "publish",
            TakedownScope::Keep => "keep",
        }
    }
}

/// A word that is none of a takedown's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{word}' is not {what}")]
pub struct UnknownTakedownWord {
    word: String,
    what: String,
}

impl UnknownTakedownWord {
    fn new(word: &str, what: &str) -> UnknownTakedownWord {
        UnknownTakedownWord { word: word.to_owned(), what: what.to_owned() }
    }
}

macro_rules! word {
    ($kind:ty, $what:literal) => {
        impl fmt::Display for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $kind {
            type Err = UnknownTakedownWord;

            fn from_str(word: &str) -> Result<$kind, UnknownTakedownWord> {
                let known = <$kind>::ALL.into_iter().find(|known| known.as_str() == word);
                known.ok_or_else(|| {
                    let words = <$kind>::ALL.map(<$kind>::as_str).join(", ");
                    UnknownTakedownWord::new(word, &format!("{} of a takedown: {words}", $what))
                })
            }
        }

        impl serde::Serialize for $kind {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

word!(TakedownReason, "a reason");
word!(TakedownScope, "a scope");
