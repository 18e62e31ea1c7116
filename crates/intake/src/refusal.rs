//! Why something was not taken in.

use deadwax_model::Problem;
use std::io;
use std::path::Path;

/// What happened and what to do, each a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What happened.
    pub what: String,
    /// What to do about it.
    pub next: String,
    /// By what it was decided.
    pub cause: Cause,
}

/// By what a refusal was decided, which says whether it may be remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// By the bytes: as long as they stay the same, so does the refusal.
    Content,
    /// By the moment (a permission, a disk, a file being written): the next try may go well though
    /// nothing about the file shows it.
    Moment,
}

impl Refusal {
    /// From two sentences, about what a file holds.
    pub fn new(what: impl Into<String>, next: impl Into<String>) -> Refusal {
        Refusal { what: what.into(), next: next.into(), cause: Cause::Content }
    }

    /// From two sentences, about the moment.
    pub fn of_the_moment(what: impl Into<String>, next: impl Into<String>) -> Refusal {
        Refusal { cause: Cause::Moment, ..Refusal::new(what, next) }
    }

    /// The system would not let it be read.
    pub fn io(error: &io::Error) -> Refusal {
        match error.kind() {
            io::ErrorKind::PermissionDenied => Refusal::of_the_moment(
                "it cannot be read: permission denied",
                "give this user leave to read it, then run the same line again",
            ),
            io::ErrorKind::NotFound => Refusal::of_the_moment(
                "it went away while the folder was read, or it is a link to nothing",
                "put it back or remove the link, then run the same line again",
            ),
            _ => Refusal::of_the_moment(
                format!("it cannot be read: {error}"),
                "check the disk, then run the same line again",
            ),
        }
    }

    /// This refusal, of that path.
    pub fn of(self, path: &Path) -> Problem {
        Problem { path: path.display().to_string(), what: self.what, next: self.next }
    }
}
