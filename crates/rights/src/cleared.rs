//! The answer: cleared, or held back with the reason and the line that would settle it.

use crate::{Act, Condition, Licence, Place, TakenDown};
use deadwax_model::RecordingId;
use std::fmt;

/// Who said what about a recording's rights: one licence and where it was found.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Statement {
    /// The licence, or the rights status, that was stated.
    pub licence: Licence,
    /// Where it was stated.
    pub evidence: Evidence,
}

/// On what a [`Statement`] rests.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Evidence {
    /// A tag in a source file.
    Tag {
        /// The tag's key, such as `LICENSE`.
        key: String,
        /// The tag's text as it was written.
        text: String,
        /// The file: its path or address.
        source: String,
    },
    /// A rule that the operator set.
    Rule {
        /// The rule's number, as `deadwax rights list` shows it.
        number: u32,
        /// The ground that was given for it.
        ground: String,
    },
    /// Nobody said anything; the archive's default applies: keep, do not publish. Only an
    /// [`Act::Keep`] is ever cleared on this.
    Default,
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Evidence::Tag { key, text, source } => write!(f, "{key}={text} in {source}"),
            Evidence::Rule { number, ground } => write!(f, "rule {number}: {ground}"),
            Evidence::Default => f.write_str("nobody has said anything"),
        }
    }
}

/// Leave to do one act with one recording in one place. Only [`decide`](crate::decide) makes it.
///
/// Whoever takes it as an argument should check that [`act`](Cleared::act) is the act at hand:
/// leave to keep is no leave to publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleared {
    pub(crate) recording: RecordingId,
    pub(crate) statement: Statement,
    pub(crate) act: Act,
    pub(crate) place: Place,
    pub(crate) conditions: Vec<Condition>,
}

impl Cleared {
    /// The recording that this is about, and no other.
    pub fn recording(&self) -> &RecordingId {
        &self.recording
    }

    /// The licence that lets it.
    pub fn licence(&self) -> &Licence {
        &self.statement.licence
    }

    /// Who said so.
    pub fn statement(&self) -> &Statement {
        &self.statement
    }

    /// What may be done.
    pub fn act(&self) -> Act {
        self.act
    }

    /// Where it may be done.
    pub fn place(&self) -> Place {
        self.place
    }

    /// What the licence asks in return, to be told to whoever receives the recording. Informative:
    /// nothing here is checked by this crate.
    pub fn conditions(&self) -> &[Condition] {
        &self.conditions
    }
}

/// Why a recording stays inside, and how to change that.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct HeldBack {
    /// What stands in the way, a sentence.
    pub why: String,
    /// The command line that would settle it.
    pub settle: String,
    /// The statement that stands in the way, when there is one; of what is taken down, the one that would count.
    pub statement: Option<Statement>,
    /// The takedown that stands in the way, whatever any statement says.
    pub takedown: Option<TakenDown>,
}

impl HeldBack {
    /// Why, in words fit to be published: `why` may quote tags, rules and the paths of sources, which are
    /// the archive's own affair.
    pub fn in_public(&self) -> String {
        match (&self.takedown, &self.statement) {
            (Some(takedown), _) => format!("it is dark by {takedown}"),
            (None, None) => "no licence is known".to_owned(),
            (None, Some(statement)) => {
                format!("{} does not let it be published", statement.licence)
            }
        }
    }

    /// Whether somebody said so, rather than nobody anything.
    pub fn was_said(&self) -> bool {
        self.takedown.is_some() || self.statement.is_some()
    }
}

/// What [`decide`](crate::decide) answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It may be done.
    Cleared(Cleared),
    /// It may not.
    HeldBack(HeldBack),
}

impl Decision {
    /// The clearance, when there is one.
    pub fn cleared(&self) -> Option<&Cleared> {
        match self {
            Decision::Cleared(cleared) => Some(cleared),
            Decision::HeldBack(_) => None,
        }
    }

    /// The statement that decided, when somebody made one.
    pub fn statement(&self) -> Option<&Statement> {
        match self {
            Decision::Cleared(cleared) => Some(&cleared.statement),
            Decision::HeldBack(held_back) => held_back.statement.as_ref(),
        }
    }
}
