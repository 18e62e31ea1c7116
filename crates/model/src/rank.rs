//! The place in the one list.

use std::fmt;
use std::num::NonZeroU32;

/// Place in the list, from 1, most listened first: the primary key of an edition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct Rank(NonZeroU32);

impl Rank {
    /// `None` for 0: the list starts at 1.
    pub fn new(rank: u32) -> Option<Rank> {
        NonZeroU32::new(rank).map(Rank)
    }

    /// The number that people see.
    pub fn get(self) -> u32 {
        self.0.get()
    }
}

impl fmt::Display for Rank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
