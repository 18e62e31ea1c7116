//! Leave for what several recordings have in common.

use crate::{Act, Cleared, Place};

/// Asks for leave to do one act in one place with something that several recordings have in common, such as the
/// cover of their release: it takes the decision on each of them. A few bytes, however many they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Together {
    act: Act,
    place: Place,
    cleared: u64,
    is_held_back: bool,
}

/// Leave to do one act in one place with what recordings have in common. Only [`Together`] gives it, when every one
/// of them was [`Cleared`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClearedTogether {
    act: Act,
    place: Place,
    recordings: u64,
}

impl Together {
    /// Nobody has decided anything yet.
    pub fn new(act: Act, place: Place) -> Together {
        Together { act, place, cleared: 0, is_held_back: false }
    }

    /// Takes in what was decided on one of the recordings: its leave, or `None` when it is held back. Leave for
    /// another act or place is none for this.
    pub fn add(&mut self, leave: Option<&Cleared>) {
        match leave {
            Some(leave) if leave.act == self.act && leave.place == self.place => self.cleared += 1,
            _ => self.is_held_back = true,
        }
    }

    /// The leave, when all were cleared and there was one at least.
    pub fn leave(self) -> Option<ClearedTogether> {
        let Together { act, place, cleared: recordings, is_held_back } = self;
        (recordings > 0 && !is_held_back).then_some(ClearedTogether { act, place, recordings })
    }
}

impl ClearedTogether {
    /// What may be done.
    pub fn act(&self) -> Act {
        self.act
    }

    /// Where it may be done.
    pub fn place(&self) -> Place {
        self.place
    }

    /// How many recordings were cleared for it.
    pub fn recordings(&self) -> u64 {
        self.recordings
    }
}
