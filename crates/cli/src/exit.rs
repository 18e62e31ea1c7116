//! How a command ends.

use crate::say::say;
use anyhow::Result;
use std::io;
use std::process::ExitCode;

/// How a command that did not fail ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// All went well.
    Clean,
    /// Some items had problems, and each was listed.
    WithProblems,
}

impl Done {
    /// By whether there were problems.
    pub fn with(problems: bool) -> Done {
        if problems { Done::WithProblems } else { Done::Clean }
    }
}

/// The exit code for a command's end; an error is printed.
pub fn code(result: Result<Done>) -> ExitCode {
    match result {
        Ok(Done::Clean) => ExitCode::SUCCESS,
        Ok(Done::WithProblems) => ExitCode::from(3),
        // Whoever read our output has seen enough.
        Err(e) if is_broken_pipe(&e) => ExitCode::SUCCESS,
        Err(e) => {
            // Errors of the rooms below are whole sentences: a cause printed again would be said twice.
            say(format_args!("deadwax: {e}"));
            ExitCode::FAILURE
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
    })
}
