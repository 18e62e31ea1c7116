//! `deadwax stats`: the newest edition in numbers.

use crate::args::EditionArgs;
use crate::commands::shuffle::edition;
use crate::context::Context;
use crate::exit::Done;
use crate::text::{count, duration, plain, share, size};
use anyhow::Result;
use deadwax_edition::{Coverage, EditionSummary, Stats, StatsRow};
use serde::Serialize;
use std::io::{self, Write};

#[derive(Serialize)]
struct Document {
    edition: EditionSummary,
    stats: Stats,
    /// The head of the list that stands for half, 90, 99 and 99.6 % of all listens.
    coverage: Vec<Coverage>,
}

pub fn run(context: &Context, args: &EditionArgs) -> Result<Done> {
    let edition = edition(context, args)?;
    let mut coverage = Vec::new();
    for share in [0.5, 0.9, 0.99, 0.996] {
        coverage.extend(edition.coverage_at_share(share)?);
    }
    let document =
        Document { edition: edition.summary().clone(), stats: edition.stats()?, coverage };
    context.print(&document, |out| text(out, &document))?;
    Ok(Done::Clean)
}

fn text(out: &mut dyn Write, document: &Document) -> io::Result<()> {
    let (edition, stats) = (&document.edition, &document.stats);
    writeln!(out, "{}, edition of {}", plain(&edition.title), edition.date)?;
    writeln!(
        out,
        "{}, {}, {}, {}",
        count(edition.recordings, "recording"),
        count(edition.releases, "release"),
        count(edition.artists, "artist"),
        duration(edition.duration_ms)
    )?;
    writeln!(out, "kept: {} ({})", edition.held.count, size(edition.held.bytes))?;
    writeln!(out, "may be published: {}; held back: {}", edition.cleared, edition.held_back)?;
    writeln!(out, "share of all listens that is kept: {}", share(edition.coverage.held))?;
    for point in &document.coverage {
        writeln!(
            out,
            "  {:>6} of all listens: ranks 1 to {}, {}",
            share(point.share),
            point.rank,
            size(point.held_bytes)
        )?;
    }
    for (name, rows) in [
        ("tier", &stats.tier),
        ("status", &stats.status),
        ("format", &stats.format),
        ("licence", &stats.licence),
        ("year", &stats.year),
        ("duration", &stats.duration),
        ("popularity", &stats.popularity),
    ] {
        table(out, name, rows)?;
    }
    Ok(())
}

fn table(out: &mut dyn Write, name: &str, rows: &[StatsRow]) -> io::Result<()> {
    writeln!(out, "\n{name:32} {:>12} {:>12} {:>12}", "recordings", "published", "kept")?;
    for row in rows {
        writeln!(
            out,
            "{:32} {:>12} {:>12} {:>12}",
            plain(&row.label),
            row.counts.recordings,
            row.counts.cleared,
            size(row.counts.bytes)
        )?;
    }
    Ok(())
}
