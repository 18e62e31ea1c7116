//! What an act needs from the world: somebody to tell, a way to be stopped, the day, how many hands.

use crate::ArchiveError;
use std::sync::atomic::{AtomicBool, Ordering};

/// Somebody who is told how the work goes. All methods may be called from several threads.
pub trait Progress: Sync {
    /// A new phase of the work begins: its name, how many items and bytes it has (0: not known).
    fn phase(&self, name: &str, items: u64, bytes: u64);
    /// One item of the phase is done.
    fn item(&self, name: &str, bytes: u64);
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn phase(&self, _: &str, _: u64, _: u64) {}
    fn item(&self, _: &str, _: u64) {}
}

/// The circumstances of one run.
pub struct Run<'a> {
    /// Who is told.
    pub progress: &'a dyn Progress,
    /// Set when the person wants to stop; acts look at it between items and within long ones.
    pub stop: &'a AtomicBool,
    /// Worker threads, at least 1.
    pub jobs: usize,
    /// The day, `YYYY-MM-DD`: names editions and decides whether a rule still holds.
    pub today: String,
}

impl Run<'_> {
    /// An error when the person wants to stop.
    pub fn go_on(&self) -> Result<(), ArchiveError> {
        match self.stop.load(Ordering::Relaxed) {
            true => Err(ArchiveError::Interrupted),
            false => Ok(()),
        }
    }
}
