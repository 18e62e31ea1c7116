//! `deadwax repair`: put right what can be put right, of an archive or a mirror.

use crate::args::RepairArgs;
use crate::commands::kept::Kept;
use crate::commands::verify;
use crate::context::Context;
use crate::exit::Done;
use crate::text::{count, problems, size};
use anyhow::{Result, bail};
use deadwax_archive::Archive;
use deadwax_edition::Copies;
use deadwax_mirror::{Patience, RepairOptions};
use std::path::Path;

pub fn run(context: &Context, args: &RepairArgs) -> Result<Done> {
    let folder = args.path.as_deref().unwrap_or(context.folder());
    let mut copies = Copies::default();
    for from in &args.from {
        if !copies.add(from) {
            bail!(
                "{} has no store and no packs; name an archive, an edition or a mirror",
                from.display()
            );
        }
    }
    match Kept::at(folder) {
        Kept::Mirror => mirror(context, folder, args, copies),
        Kept::Edition => bail!(
            "an edition is put right by its archive: deadwax --archive ARCHIVE repair --from {}, or copied anew from a sound one",
            folder.display()
        ),
        Kept::Archive => archive(context, folder, &copies),
    }
}

fn archive(context: &Context, folder: &Path, copies: &Copies) -> Result<Done> {
    let report = Archive::open(folder)?.repair(&context.run(), copies)?;
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

fn mirror(context: &Context, folder: &Path, args: &RepairArgs, copies: Copies) -> Result<Done> {
    let options = RepairOptions {
        copies,
        web: !args.no_web,
        peers: args.peers.clone(),
        patience: Patience::default(),
        rate: args.limit_rate,
        jobs: context.run().jobs,
    };
    let checks = context.mirror_checks();
    let report = deadwax_mirror::repair(folder, &options, &checks.run())?;
    context.print(&report, |out| {
        writeln!(
            out,
            "{} damaged or missing, {} put right",
            count(report.found, "file"),
            report.repaired
        )?;
        if report.fetched_leaves > 0 {
            writeln!(
                out,
                "{} of 16 KiB damaged, {} fetched ({})",
                count(report.damaged_leaves, "part"),
                report.fetched_leaves,
                size(report.fetched_bytes)
            )?;
        }
        problems(out, &report.problems)
    })?;
    Ok(Done::with(!report.problems.is_empty()))
}
