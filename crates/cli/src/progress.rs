//! Progress on stderr, in the form that was asked for: a bar that stays in its place, lines, or events for a program.
//!
//! The rooms below say what is done; how long it took, how quick that is and how much is left is reckoned here, where the
//! clock is.

mod bar;
mod events;
mod lines;
mod meter;
mod mirror_checks;
mod words;

use crate::args::ProgressForm;
use crate::say::say;
use bar::Bar;
use deadwax_archive::{Progress, Silent};
use events::Events;
use lines::Lines;
pub use mirror_checks::MirrorChecks;
use std::io::IsTerminal;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Tells the time since some moment.
type Clock = Arc<dyn Fn() -> Duration + Send + Sync>;

/// Takes a line.
type Say = Box<dyn Fn(&str) + Send + Sync>;

/// Whoever tells of the work in this form.
pub fn teller(form: ProgressForm, is_verbose: bool) -> Box<dyn Progress> {
    let start = Instant::now();
    let clock: Clock = Arc::new(move || start.elapsed());
    let to_stderr: Say = Box::new(|line| say(line));
    match form {
        ProgressForm::Auto if std::io::stderr().is_terminal() => {
            Box::new(Bar::new(clock, is_verbose))
        }
        ProgressForm::Bar => Box::new(Bar::new(clock, is_verbose)),
        ProgressForm::Auto | ProgressForm::Line => {
            Box::new(Lines::new(clock, to_stderr, is_verbose))
        }
        ProgressForm::Json => Box::new(Events::new(clock, to_stderr, is_verbose)),
        ProgressForm::None => Box::new(Silent),
    }
}

#[cfg(test)]
mod tests;
