//! Standard error. Whoever reads it may leave before the work is done; then it goes on unheard, where
//! `eprintln!` would panic.

use std::fmt::Display;
use std::io::{Write, stderr};

/// Says a line, if anybody listens.
pub fn say(line: impl Display) {
    // Nobody is left who could be told that telling failed.
    let _ = writeln!(stderr(), "{line}");
}
