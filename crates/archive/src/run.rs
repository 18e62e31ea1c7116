//! What an act needs from the world: somebody to tell, a way to be stopped, the day, how many hands.

use crate::ArchiveError;
use std::sync::atomic::{AtomicBool, Ordering};

/// A part of the work that takes its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Reading audio files; items are files.
    Add,
    /// Reading a table, by its name; items are rows.
    AddTable(&'static str),
    /// Making pictures from pictures; items are pictures.
    Artwork,
    /// Making holdings; items are recordings.
    Build,
    /// Comparing fingerprints; items are recordings.
    Compare,
    /// Sorting recordings known from tables; items are recordings.
    Sort,
    /// Writing an edition; items are recordings.
    Publish,
    /// Hashing the files of an edition to sign them; items are files.
    Sign,
    /// Reading files from outside; items are files.
    Trace,
    /// Fetching files of an edition; items are files.
    Mirror,
    /// Re-reading the store; items are files.
    Verify,
    /// Re-reading or repairing a mirror; items are its files.
    VerifyMirror,
    /// Re-reading editions; items are their files.
    VerifyEditions,
}

impl Phase {
    /// Its word: `add`, `add recording`, `build`, ...
    pub fn name(self) -> String {
        let word = match self {
            Phase::AddTable(table) => return format!("add {table}"),
            Phase::Add => "add",
            Phase::Artwork => "artwork",
            Phase::Build => "build",
            Phase::Compare => "compare",
            Phase::Sort => "sort",
            Phase::Publish => "publish",
            Phase::Sign => "sign",
            Phase::Trace => "trace",
            Phase::Mirror => "mirror",
            Phase::Verify => "verify",
            Phase::VerifyMirror => "verify mirror",
            Phase::VerifyEditions => "verify editions",
        };
        word.to_owned()
    }
}

/// How much there is in a phase, or was in an item of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Amount {
    /// Files, recordings, rows: whatever the phase counts.
    pub items: u64,
    /// Bytes read, or to be read; 0 where they say nothing of the work.
    pub bytes: u64,
    /// Duration of the music in it, in milliseconds; 0 where it is not known beforehand or there is none.
    pub audio_ms: u64,
}

impl Amount {
    /// One item of so many bytes.
    pub fn item(bytes: u64) -> Amount {
        Amount { items: 1, bytes, audio_ms: 0 }
    }

    /// Takes in more of it.
    pub fn add(&mut self, more: &Amount) {
        self.items += more.items;
        self.bytes += more.bytes;
        self.audio_ms += more.audio_ms;
    }
}

/// Somebody who is told how the work goes. All methods may be called from several threads.
pub trait Progress: Sync {
    /// A new phase begins: how much there is in it; 0 is not known. One that had begun and was not ended is given up.
    fn begin(&self, phase: Phase, all: &Amount);
    /// One item of the phase is done, or several.
    fn item(&self, name: &str, done: &Amount);
    /// One item was worked on and came to nothing.
    fn failed(&self, name: &str, done: &Amount) {
        self.item(name, done);
    }
    /// One item was as it should be, so that nothing had to be done about it: it says nothing of how quick the work is.
    fn passed(&self, name: &str, amount: &Amount) {
        self.item(name, amount);
    }
    /// The phase is done.
    fn end(&self) {}
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _: Phase, _: &Amount) {}
    fn item(&self, _: &str, _: &Amount) {}
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
    /// The moment: what is signed holds from it on.
    pub now: jiff::Timestamp,
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
