//! How often something was heard, as somebody counted it.

use crate::{Isrc, RecordingId};

/// What a count is of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ListensKey {
    /// Every recording that carries the ISRC.
    Isrc(Isrc),
    /// One recording.
    Recording(RecordingId),
}

/// One count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListensRow {
    /// Of what.
    pub key: ListensKey,
    /// How many.
    pub listens: u64,
}
