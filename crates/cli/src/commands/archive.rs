//! `deadwax archive MUSIC --to ARCHIVE`: the main job in one line.

use crate::args::{ArchiveArgs, Args};
use crate::commands::keys::signed_under;
use crate::context::Context;
use crate::exit::Done;
use crate::text::{count, problems, size};
use anyhow::Result;
use clap::CommandFactory;
use clap::error::ErrorKind;
use deadwax_archive::{Archive, ArchiveReport, MainJob, check_listens, check_source};
use std::io::{self, Write};
use std::path::Path;

pub fn run(context: &Context, args: &ArchiveArgs) -> Result<Done> {
    // Never the current folder by default: this command makes archives.
    let Some(folder) = args.to.as_deref().or(context.named_folder()) else {
        let what = "say where the archive is to be: --to ARCHIVE";
        Args::command().error(ErrorKind::MissingRequiredArgument, what).exit();
    };
    // Before anything is made: a name mistyped should leave no empty archive behind, nor be told of after
    // all music was read.
    check_source(&args.music, folder, args.rights.as_ref())?;
    if let Some(listens) = &args.listens {
        check_listens(listens)?;
    }
    let archive = Archive::create(folder, args.title.as_deref())?;
    let job = MainJob {
        listens: args.listens.as_deref(),
        licence: args.rights.as_ref(),
        budget: args.budget,
    };
    let report = archive.archive(&context.run(), &args.music, &job)?;
    context.print(&report, |out| text(out, &report))?;
    Ok(Done::with(!report.problems.is_empty()))
}

fn text(out: &mut dyn Write, report: &ArchiveReport) -> io::Result<()> {
    writeln!(
        out,
        "{} on {} are archived in {}",
        count(report.recordings, "recording"),
        count(report.releases, "release"),
        report.archive
    )?;
    for (tier, holdings) in &report.holdings {
        if holdings.count > 0 {
            writeln!(out, "  kept as {tier}: {} ({})", holdings.count, size(holdings.bytes))?;
        }
    }
    writeln!(
        out,
        "  originals that come back bit for bit: {} (their patches take {})",
        report.restorable,
        size(report.patch_bytes)
    )?;
    writeln!(out, "  may be published: {}; held back: {}", report.cleared, report.held_back)?;
    writeln!(out, "edition: {}/{}", report.archive, report.edition)?;
    for pack in report.packs.iter().chain(&report.artwork.packs) {
        writeln!(
            out,
            "  {} ({}, {})\n    {}/{}",
            pack.name,
            count(pack.files, "file"),
            size(pack.bytes),
            report.archive,
            pack.torrent
        )?;
    }
    writeln!(out, "look at: {}/{}/index.html", report.archive, report.edition)?;
    if report.held_back > 0 {
        writeln!(
            out,
            "why some are held back: deadwax --archive {} rights explain",
            report.archive
        )?;
    }
    signed_under(out, Path::new(&report.archive), &report.trust)?;
    problems(out, &report.problems)
}
