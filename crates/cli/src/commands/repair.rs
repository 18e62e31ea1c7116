//! `deadwax repair`: put right what can be put right from the sources.

use crate::commands::verify;
use crate::context::Context;
use crate::exit::Done;
use crate::text::{count, problems};
use anyhow::Result;

pub fn run(context: &Context) -> Result<Done> {
    let report = context.open()?.repair(&context.run())?;
    context.print(&report, |out| {
        writeln!(
            out,
            "{} damaged or missing, {} put right",
            count(report.found, "file"),
            report.repaired
        )?;
        verify::text(out, &report.left)?;
        problems(out, &report.problems)
    })?;
    Ok(Done::with(!report.left.is_sound() || !report.problems.is_empty()))
}
