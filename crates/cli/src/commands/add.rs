//! `deadwax add SOURCE...`: take in music and tables of listens.

use crate::args::{AddArgs, Format};
use crate::context::Context;
use crate::exit::Done;
use crate::text::{count, problems};
use anyhow::Result;
use deadwax_archive::{AddReport, ListensReport, check_listens, check_source};
use serde::Serialize;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

#[derive(Serialize)]
struct Added {
    source: PathBuf,
    #[serde(flatten)]
    report: Report,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Report {
    Music(AddReport),
    Listens(ListensReport),
}

impl Report {
    fn problems(&self) -> &[deadwax_model::Problem] {
        match self {
            Report::Music(report) => &report.problems,
            Report::Listens(report) => &report.problems,
        }
    }
}

pub fn run(context: &Context, args: &AddArgs) -> Result<Done> {
    let archive = context.open()?;
    let run = context.run();
    // Before the first of them is read, which may take hours.
    for source in &args.sources {
        match is_listens(args.format, source) {
            true => check_listens(source)?,
            false => drop(check_source(source, archive.folder(), args.rights.as_ref())?),
        }
    }
    let mut added = Vec::new();
    for source in &args.sources {
        let report = match is_listens(args.format, source) {
            true => Report::Listens(archive.add_listens(source)?),
            false => Report::Music(archive.add_music(&run, source, args.rights.as_ref())?),
        };
        added.push(Added { source: source.clone(), report });
    }
    context.print(&added, |out| added.iter().try_for_each(|added| text(out, added)))?;
    Ok(Done::with(added.iter().any(|added| !added.report.problems().is_empty())))
}

fn is_listens(format: Format, source: &Path) -> bool {
    match format {
        Format::Music => false,
        Format::Listens => true,
        Format::Guess => {
            let ending = source.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
            matches!(ending.to_ascii_lowercase().as_str(), "csv" | "tsv") && source.is_file()
        }
    }
}

fn text(out: &mut dyn Write, added: &Added) -> io::Result<()> {
    let source = added.source.display();
    match &added.report {
        Report::Music(report) => writeln!(
            out,
            "{source}: {}, {} new; {} read, {} unchanged, {} the same as another",
            count(report.files, "audio file"),
            count(report.new_recordings, "recording"),
            report.read,
            report.unchanged,
            report.copies
        )?,
        Report::Listens(report) => writeln!(
            out,
            "{source}: {}, {} new or different",
            count(report.rows, "count"),
            report.changed
        )?,
    }
    problems(out, added.report.problems())
}
