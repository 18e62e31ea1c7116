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
}

impl Refusal {
    /// From two sentences.
    pub fn new(what: impl Into<String>, next: impl Into<String>) -> Refusal {
        Refusal { what: what.into(), next: next.into() }
    }

    /// The system would not let it be read.
    pub fn io(error: &io::Error) -> Refusal {
        match error.kind() {
            io::ErrorKind::PermissionDenied => Refusal::new(
                "it cannot be read: permission denied",
                "give this user leave to read it, then run the same line again",
            ),
            io::ErrorKind::NotFound => Refusal::new(
                "it went away while the folder was read, or it is a link to nothing",
                "put it back or remove the link, then run the same line again",
            ),
            _ => Refusal::new(
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
