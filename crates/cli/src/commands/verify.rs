//! `deadwax verify`: fixity of the archive.

use crate::context::Context;
use crate::exit::Done;
use crate::text::{count, problem, size};
use anyhow::Result;
use deadwax_archive::{Fault, VerifyReport};
use std::io::{self, Write};

pub fn run(context: &Context) -> Result<Done> {
    let report = context.open_to_read()?.verify(&context.run())?;
    context.print(&report, |out| text(out, &report))?;
    Ok(Done::with(!report.is_sound()))
}

/// Also what `repair` prints of what is left.
pub fn text(out: &mut dyn Write, report: &VerifyReport) -> io::Result<()> {
    writeln!(out, "{} ({}) re-read", count(report.checked, "file"), size(report.bytes))?;
    faults(out, "damaged", &report.damaged)?;
    faults(out, "missing", &report.missing)?;
    if report.is_sound() {
        writeln!(out, "everything is as it was stored")?;
    }
    Ok(())
}

fn faults(out: &mut dyn Write, word: &str, faults: &[Fault]) -> io::Result<()> {
    if faults.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{word}: {}", faults.len())?;
    faults.iter().try_for_each(|fault| {
        problem(out, &fault.path, &format!("{}: {}", fault.of, fault.what), &fault.next)
    })
}
