//! `deadwax trace`: which recordings of this archive are in files, folders and torrents.

use crate::args::TraceArgs;
use crate::context::Context;
use crate::exit::Done;
use crate::text::{count, plain, problems};
use anyhow::Result;
use deadwax_archive::{Certainty, Found, TraceReport, Traced};
use std::io::{self, Write};

pub fn run(context: &Context, args: &TraceArgs) -> Result<Done> {
    let report = context.open_to_read()?.trace(&context.run(), &args.paths)?;
    context.print(&report, |out| text(out, &report))?;
    Ok(Done::with(!report.problems.is_empty()))
}

fn text(out: &mut dyn Write, report: &TraceReport) -> io::Result<()> {
    let is_told = |traced: &&Traced| !traced.found.is_empty() || traced.untold.is_some();
    for traced in report.traced.iter().filter(is_told) {
        let inside = traced.inside.as_deref().map(|path| format!(": {path}")).unwrap_or_default();
        writeln!(out, "{}", plain(&format!("{}{inside}", traced.path)))?;
        traced.found.iter().try_for_each(|found| one(out, found))?;
        if let Some(untold) = &traced.untold {
            writeln!(out, "  {}", plain(untold))?;
        }
    }
    let with = report.traced.iter().filter(|traced| !traced.found.is_empty()).count() as u64;
    writeln!(
        out,
        "{} of this archive in {} of {}",
        count(report.recordings, "recording"),
        with,
        count(report.traced.len() as u64, "file")
    )?;
    problems(out, &report.problems)
}

fn one(out: &mut dyn Write, found: &Found) -> io::Result<()> {
    let whose = match &found.recording {
        None => "a release of an edition".to_owned(),
        Some(recording) => {
            let rank = recording.rank.map(|rank| format!("{rank}. ")).unwrap_or_default();
            let by = if recording.artists.is_empty() { "" } else { " by " };
            let isrcs: String = recording.isrcs.iter().map(|isrc| format!(", {isrc}")).collect();
            let artists = recording.artists.join(", ");
            plain(&format!("{rank}{}{by}{artists} ({}{isrcs})", recording.title, recording.id))
        }
    };
    let how = match (found.certainty, found.score) {
        (Certainty::Root, _) => format!("the {} to the bit of", found.kind),
        (Certainty::Pieces, _) => format!("by its pieces the {} of", found.kind),
        (Certainty::Fingerprint, score) => {
            let length = match found.same_length {
                Some(false) => ", OF ANOTHER LENGTH,",
                _ => "",
            };
            format!("sounds the same ({:.3}){length} as", score.unwrap_or_default())
        }
    };
    writeln!(out, "  {how} {whose}")?;
    for place in &found.out {
        writeln!(
            out,
            "    out in {}: {}/{}",
            place.edition,
            plain(&place.pack),
            plain(&place.path)
        )?;
    }
    Ok(())
}
