//! `deadwax publish`: a new edition.

use crate::args::PublishArgs;
use crate::commands::keys::signatures;
use crate::context::Context;
use crate::exit::Done;
use crate::text::{count, problems, size};
use anyhow::Result;
use deadwax_archive::PublishOptions;
use deadwax_edition::StagesOut;

pub fn run(context: &Context, args: &PublishArgs) -> Result<Done> {
    let archive = context.open()?;
    let stages = StagesOut::of(&args.stages);
    let options = PublishOptions { stages, keys: &args.keys.keys, ..PublishOptions::default() };
    let report = archive.publish_with(&context.run(), options)?;
    let folder = archive.folder().display();
    context.print(&report, |out| {
        match report.is_new {
            true => writeln!(out, "{folder}/{} is new", report.edition)?,
            false => {
                writeln!(out, "nothing has changed since {folder}/{}; signed anew", report.edition)?
            }
        }
        writeln!(
            out,
            "{} in the list, {} may be published, {} held back",
            count(report.summary.recordings, "recording"),
            report.summary.cleared,
            report.summary.held_back
        )?;
        let artwork = &report.summary.artwork;
        if artwork.covers > 0 {
            writeln!(out, "{}, {} in packs", count(artwork.covers, "cover"), artwork.out)?;
        }
        for pack in report.summary.all_packs() {
            writeln!(out, "  {} ({}, {})", pack.name, count(pack.files, "file"), size(pack.bytes))?;
        }
        signatures(out, archive.folder(), &report.trust)?;
        problems(out, &report.problems)
    })?;
    Ok(Done::with(!report.problems.is_empty()))
}
