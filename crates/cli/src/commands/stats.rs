//! `deadwax stats`: the newest edition in numbers.

use crate::args::{StatsArgs, StatsQuestion};
use crate::commands::shuffle::edition;
use crate::context::Context;
use crate::exit::Done;
use crate::text::{count, cut, duration, or_dash, plain, share, size};
use anyhow::{Result, bail};
use deadwax_edition::{Coverage, Edition, EditionSummary, Recording, Stats, StatsRow};
use deadwax_model::{Rank, RecordingId};
use serde::Serialize;
use std::io::{self, BufWriter, Write};

#[derive(Serialize)]
struct Document {
    edition: EditionSummary,
    stats: Stats,
    /// The head of the list that stands for half, 90, 99 and 99.6 % of all listens.
    coverage: Vec<Coverage>,
}

/// The answer to how much fits.
#[derive(Serialize)]
struct Fits {
    /// The head of the list that fits, what is not held estimated.
    list: Coverage,
    /// The head of the list whose held recordings fit.
    held: Coverage,
}

/// A line of the top of the list.
#[derive(Serialize)]
struct TopLine<'a> {
    rank: Rank,
    id: &'a RecordingId,
    title: &'a str,
    artist_credit: &'a str,
    listens: Option<u64>,
}

pub fn run(context: &Context, args: &StatsArgs) -> Result<Done> {
    let edition = edition(context, &args.edition)?;
    match args.question {
        StatsQuestion { rank: Some(rank), .. } => {
            let found = edition.coverage_at_rank(rank)?;
            context.print(&found, |out| head(out, &found))?;
        }
        StatsQuestion { bytes: Some(bytes), .. } => fits(context, &edition, bytes)?,
        StatsQuestion { share: Some(wanted), .. } => {
            let Some(found) = edition.coverage_at_share(wanted)? else {
                bail!(
                    "nobody has counted listens for this edition, so no share of them can be told; add a table \
                     of listens to the archive, then plan and publish"
                );
            };
            context.print(&found, |out| head(out, &found))?;
        }
        StatsQuestion { top: Some(number), .. } => top(context, &edition, number)?,
        StatsQuestion { .. } => everything(context, &edition)?,
    }
    Ok(Done::Clean)
}

fn everything(context: &Context, edition: &Edition) -> Result<()> {
    let mut coverage = Vec::new();
    for share in [0.5, 0.9, 0.99, 0.996] {
        coverage.extend(edition.coverage_at_share(share)?);
    }
    let document =
        Document { edition: edition.summary().clone(), stats: edition.stats()?, coverage };
    context.print(&document, |out| text(out, &document))
}

fn fits(context: &Context, edition: &Edition, bytes: u64) -> Result<()> {
    let (list, held) = (edition.coverage_at_bytes(bytes)?, edition.coverage_at_held_bytes(bytes)?);
    let fits = Fits { list, held };
    context.print(&fits, |out| {
        head(out, &fits.list)?;
        if fits.list != fits.held {
            writeln!(out, "counting only what is held:")?;
            head(out, &fits.held)?;
        }
        Ok(())
    })
}

/// As the list goes by: nobody waits for the last line to see the first.
fn top(context: &Context, edition: &Edition, number: u32) -> Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    if !context.json() {
        writeln!(out, "{:>9}  {:44} {:32} {:>13}  id", "rank", "title", "artist", "listens")?;
    }
    for recording in edition.iter().take(number as usize) {
        let recording = recording?;
        match context.json() {
            true => {
                serde_json::to_writer(&mut out, &TopLine::of(&recording))?;
                writeln!(out)?;
            }
            false => writeln!(
                out,
                "{:>9}  {:44} {:32} {:>13}  {}",
                recording.rank,
                cut(&recording.title, 44),
                cut(&recording.artist_credit, 32),
                or_dash(recording.listens),
                recording.id
            )?,
        }
    }
    out.flush()?;
    Ok(())
}

impl TopLine<'_> {
    fn of(recording: &Recording) -> TopLine<'_> {
        TopLine {
            rank: recording.rank,
            id: &recording.id,
            title: &recording.title,
            artist_credit: &recording.artist_credit,
            listens: recording.listens,
        }
    }
}

/// A head of the list: what it stands for, and what it takes.
fn head(out: &mut dyn Write, head: &Coverage) -> io::Result<()> {
    let recordings = count(head.rank.into(), "recording");
    match head.rank {
        0 => writeln!(out, "no recording")?,
        rank => writeln!(out, "ranks 1 to {rank}: {recordings}, {}", hours(head.duration_ms))?,
    }
    writeln!(out, "  share of all listens: {}", share(head.share))?;
    match head.bytes {
        Some(bytes) if head.estimated == 0 => writeln!(out, "  bytes: {}", size(bytes))?,
        Some(bytes) => writeln!(out, "  bytes: about {}", size(bytes))?,
        None => writeln!(out, "  bytes: unknown")?,
    }
    writeln!(
        out,
        "  held: {}, {}, {}",
        count(head.held, "recording"),
        size(head.held_bytes),
        share(head.held_share)
    )?;
    if let Some(bytes) = head.bytes.filter(|_| head.estimated > 0) {
        let estimated = size(bytes.saturating_sub(head.held_bytes));
        let recordings = count(head.estimated, "recording");
        writeln!(
            out,
            "  not held: {recordings}, about {estimated} as opus-75, by their durations"
        )?;
    }
    if head.unmeasured > 0 {
        let recordings = count(head.unmeasured, "recording");
        writeln!(out, "  not counted: {recordings}, neither held nor of known duration")?;
    }
    Ok(())
}

/// `3:05:10` up to a hundred hours, then hours.
fn hours(milliseconds: u64) -> String {
    const HOUR_MS: u64 = 3_600_000;
    match milliseconds / HOUR_MS {
        ..100 => duration(milliseconds),
        hours => count(hours, "hour"),
    }
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
        hours(edition.duration_ms)
    )?;
    writeln!(out, "kept: {} ({})", edition.held.count, size(edition.held.bytes))?;
    writeln!(out, "may be published: {}; held back: {}", edition.cleared, edition.held_back)?;
    let artwork = &edition.artwork;
    if artwork.covers > 0 {
        let packs: Vec<_> = artwork.packs.iter().map(|pack| pack.bytes).collect();
        writeln!(
            out,
            "covers: {} of {}; {} in {} ({})",
            artwork.covers,
            count(artwork.pictures, "picture"),
            artwork.out,
            count(packs.len() as u64, "pack"),
            size(packs.iter().sum())
        )?;
    }
    writeln!(out, "share of all listens that is kept: {}", share(edition.coverage.held))?;
    for point in &document.coverage {
        let about = if point.estimated > 0 { "about " } else { "" };
        let bytes = point.bytes.map_or_else(|| "bytes unknown".to_owned(), size);
        let bytes = format!("{about}{bytes}");
        writeln!(
            out,
            "  {:>6} of all listens: ranks 1 to {}, {bytes}",
            share(point.share),
            point.rank
        )?;
    }
    for (name, rows) in [
        ("tier", &stats.tier),
        ("status", &stats.status),
        ("format", &stats.format),
        ("licence", &stats.licence),
        ("script of title", &stats.script),
        ("year", &stats.year),
        ("duration", &stats.duration),
        ("popularity", &stats.popularity),
    ] {
        table(out, name, rows)?;
    }
    if !stats.isrc_recordings.is_empty() {
        writeln!(out, "\n{:32} {:>12}", "recordings of an ISRC", "ISRCs")?;
    }
    for row in &stats.isrc_recordings {
        writeln!(out, "{:32} {:>12}", row.recordings, row.isrcs)?;
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
