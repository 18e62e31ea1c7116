//! `deadwax add SOURCE...`: take in music, tables of facts, and tables of listens.

use crate::args::{AddArgs, Args, Format};
use crate::context::Context;
use crate::exit::Done;
use crate::text::{count, plain, problems};
use anyhow::Result;
use clap::CommandFactory;
use clap::error::ErrorKind;
use deadwax_archive::{
    AddReport, ListensReport, TableReport, TablesReport, check_listens, check_source, check_tables,
    collection_name,
};
use deadwax_intake::tables::are_tables;
use deadwax_model::Problem;
use serde::Serialize;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

#[derive(Serialize)]
#[serde(untagged)]
enum Added {
    Music {
        source: PathBuf,
        #[serde(flatten)]
        report: AddReport,
    },
    Tables {
        sources: Vec<PathBuf>,
        #[serde(flatten)]
        report: TablesReport,
    },
    Listens {
        source: PathBuf,
        #[serde(flatten)]
        report: ListensReport,
    },
}

impl Added {
    fn problems(&self) -> &[Problem] {
        match self {
            Added::Music { report, .. } => &report.problems,
            Added::Tables { report, .. } => &report.problems,
            Added::Listens { report, .. } => &report.problems,
        }
    }
}

pub fn run(context: &Context, args: &AddArgs) -> Result<Done> {
    let format_of = |source: &PathBuf| format_of(args.format, source);
    let tables: Vec<PathBuf> =
        args.sources.iter().filter(|source| format_of(source) == Format::Tables).cloned().collect();
    check_usage(args, &tables);
    let archive = context.open()?;
    let run = context.run();
    // Before the first of them is read, which may take hours.
    for source in &args.sources {
        match format_of(source) {
            Format::Listens => check_listens(source)?,
            Format::Tables => {}
            _ => drop(check_source(source, archive.folder(), args.rights.as_ref())?),
        }
    }
    let collection = match tables.is_empty() {
        true => None,
        false => {
            check_tables(&tables, archive.folder())?;
            Some(collection_name(&tables, args.collection.as_deref())?)
        }
    };
    let mut added = Vec::new();
    // Tables refer to each other: they are added together, whatever is named between them.
    if let Some(collection) = &collection {
        let report = archive.add_tables(&run, &tables, collection)?;
        added.push(Added::Tables { sources: tables, report });
    }
    for source in &args.sources {
        let name = source.clone();
        added.push(match format_of(source) {
            Format::Tables => continue,
            Format::Listens => {
                Added::Listens { source: name, report: archive.add_listens(source)? }
            }
            _ => {
                let report = archive.add_music(&run, source, args.rights.as_ref())?;
                Added::Music { source: name, report }
            }
        });
    }
    context.print(&added, |out| added.iter().try_for_each(|added| text(out, added)))?;
    Ok(Done::with(added.iter().any(|added| !added.problems().is_empty())))
}

/// What a source is: never [`Format::Guess`].
fn format_of(format: Format, source: &Path) -> Format {
    let ending = source.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    match format {
        Format::Guess if are_tables(source) => Format::Tables,
        Format::Guess => {
            match matches!(ending.to_ascii_lowercase().as_str(), "csv" | "tsv") && source.is_file()
            {
                true => Format::Listens,
                false => Format::Music,
            }
        }
        said => said,
    }
}

fn check_usage(args: &AddArgs, tables: &[PathBuf]) {
    let refuse = |what: &str| Args::command().error(ErrorKind::ArgumentConflict, what).exit();
    if args.collection.is_some() && tables.is_empty() {
        refuse("--as names the collection that tables are of, and no source is a table");
    }
    if args.rights.is_some() && !tables.is_empty() {
        refuse("--rights is said of files, and tables have none; add them in a line of their own");
    }
}

fn text(out: &mut dyn Write, added: &Added) -> io::Result<()> {
    match added {
        Added::Music { source, report } => writeln!(
            out,
            "{}: {}, {} new; {} read, {} unchanged, {} the same as another",
            source.display(),
            count(report.files, "audio file"),
            count(report.new_recordings, "recording"),
            report.read,
            report.unchanged,
            report.copies
        )?,
        Added::Tables { report, .. } => {
            writeln!(out, "collection {}:", plain(&report.collection))?;
            report.tables.iter().try_for_each(|table| table_text(out, table))?;
        }
        Added::Listens { source, report } => writeln!(
            out,
            "{}: {}, {} new or different",
            source.display(),
            count(report.rows, "count"),
            report.changed
        )?,
    }
    problems(out, added.problems())
}

fn table_text(out: &mut dyn Write, table: &TableReport) -> io::Result<()> {
    write!(out, "  {:10}", table.table.as_str())?;
    match table.was_added {
        true => write!(out, "was added by the run before, which was interrupted")?,
        false => write!(
            out,
            "{}: {} new, {} changed, {} unchanged",
            count(table.rows, "row"),
            table.new,
            table.changed,
            table.unchanged
        )?,
    }
    if table.repeated > 0 {
        write!(out, ", {} given up for a later row of the same key", table.repeated)?;
    }
    if let Some(rejects) = &table.rejects {
        write!(out, "; {} left out, see {rejects}", table.rejected)?;
    }
    writeln!(out)?;
    for (rows, what) in table.odd.list() {
        writeln!(out, "            {}: {what}", count(rows, "row"))?;
    }
    if !table.ignored_columns.is_empty() {
        let names = table.ignored_columns.join(", ");
        writeln!(out, "            columns that were ignored: {}", plain(&names))?;
    }
    Ok(())
}
