//! What a run could not do for one item, told so that somebody can act on it.

/// One item that did not go well. A run that has any of these still finishes the rest and exits 3.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Problem {
    /// The path or id concerned.
    pub path: String,
    /// What happened, a sentence.
    pub what: String,
    /// What to do about it, a sentence.
    pub next: String,
}
