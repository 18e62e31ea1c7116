//! `deadwax publish`: a new edition.

use crate::context::Context;
use crate::exit::Done;
use crate::text::{count, problems, size};
use anyhow::Result;

pub fn run(context: &Context) -> Result<Done> {
    let archive = context.open()?;
    let report = archive.publish(&context.run())?;
    let folder = archive.folder().display();
    context.print(&report, |out| {
        match report.is_new {
            true => writeln!(out, "{folder}/{} is new", report.edition)?,
            false => writeln!(out, "nothing has changed since {folder}/{}", report.edition)?,
        }
        writeln!(
            out,
            "{} in the list, {} may be published, {} held back",
            count(report.summary.recordings, "recording"),
            report.summary.cleared,
            report.summary.held_back
        )?;
        for pack in &report.summary.packs {
            writeln!(out, "  {} ({}, {})", pack.name, count(pack.files, "file"), size(pack.bytes))?;
        }
        problems(out, &report.problems)
    })?;
    Ok(Done::with(!report.problems.is_empty()))
}
