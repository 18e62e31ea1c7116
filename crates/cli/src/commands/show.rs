//! `deadwax show`: everything known of a recording, or what is by an artist or on a release.

use crate::args::ShowArgs;
use crate::commands::search::page_text;
use crate::commands::shuffle::edition;
use crate::context::Context;
use crate::exit::Done;
use crate::text::{duration, plain, size};
use anyhow::Result;
use deadwax_archive::{Details, Shown, show_listed};
use deadwax_edition::{Recording, SearchPage};
use deadwax_model::Rank;
use std::io::{self, Write};

pub fn run(context: &Context, args: &ShowArgs) -> Result<Done> {
    let after = Rank::new(args.after);
    if let Some(name) = &args.artist {
        let page = edition(context, &args.edition)?.by_artist(name, after, args.limit)?;
        return hits(context, &page, &nothing(after, format!("no artist is called '{name}'")));
    }
    if let Some(title) = &args.release {
        let page = edition(context, &args.edition)?.by_release(title, after, args.limit)?;
        return hits(context, &page, &nothing(after, format!("no release is called '{title}'")));
    }
    let named = args.recording.as_deref().unwrap_or_default();
    let shown = match &args.edition.edition {
        Some(_) => show_listed(&edition(context, &args.edition)?, named)?,
        None => context.open_to_read()?.show(&context.run(), named)?,
    };
    context.print(&shown, |out| match &shown {
        Shown::Details(details) => each(out, details, text),
        Shown::Listed(recordings) => each(out, recordings, listed),
    })?;
    Ok(Done::Clean)
}

/// What an empty page means.
fn nothing(after: Option<Rank>, at_all: String) -> String {
    after.map_or(at_all, |rank| format!("there is no more behind rank {rank}"))
}

/// A page of recordings, a line each.
fn hits(context: &Context, page: &SearchPage, nothing: &str) -> Result<Done> {
    context.print(page, |out| page_text(out, page, nothing))?;
    Ok(Done::Clean)
}

/// One after the other, an empty line between.
fn each<T>(
    out: &mut dyn Write,
    all: &[T],
    one: fn(&mut dyn Write, &T) -> io::Result<()>,
) -> io::Result<()> {
    all.iter().enumerate().try_for_each(|(index, it)| {
        if index > 0 {
            writeln!(out)?;
        }
        one(out, it)
    })
}

/// A recording as an edition has it.
fn listed(out: &mut dyn Write, recording: &Recording) -> io::Result<()> {
    let mut line = |name: &str, value: Option<String>| match value {
        Some(value) => writeln!(out, "{name:>14}  {}", plain(&value)),
        None => Ok(()),
    };
    line("title", Some(recording.title.clone()))?;
    line("artist", Some(recording.artist_credit.clone()).filter(|text| !text.is_empty()))?;
    for place in &recording.tracks {
        let by = place.release_artist.as_ref().map(|artist| format!(" ({artist})"));
        let disc = place.disc.map(|disc| format!(", disc {disc}"));
        let position = place.position.map(|position| format!(", position {position}"));
        let date = place.date.as_ref().map(|date| format!(", {date}"));
        let more: String = [by, disc, position, date].into_iter().flatten().collect();
        line("release", Some(format!("{}{more}", place.release)))?;
    }
    let isrcs: Vec<String> = recording.isrcs.iter().map(ToString::to_string).collect();
    line("ISRC", Some(isrcs.join(", ")).filter(|text| !text.is_empty()))?;
    line("length", recording.duration_ms.map(duration))?;
    line("year", recording.year.map(|year| year.to_string()))?;
    line("rank", Some(recording.rank.to_string()))?;
    line("listens", recording.listens.map(|listens| listens.to_string()))?;
    line("popularity", recording.popularity.map(|popularity| popularity.to_string()))?;
    line("id", Some(recording.id.to_string()))?;
    let kept = recording.tier.map_or_else(|| "not kept".to_owned(), |tier| tier.to_string());
    line("tier", Some(format!("{kept}, {}", recording.status)))?;
    line("holding", recording.root.map(|root| root.to_string()))?;
    line("bytes", recording.bytes.map(|bytes| format!("{bytes} ({})", size(bytes))))?;
    line("pack", recording.pack.as_ref().map(|pack| format!("{}/{}", pack.name, pack.path)))?;
    line("licence", Some(recording.licence.clone().unwrap_or_else(|| "unknown".to_owned())))?;
    line("published", Some(if recording.cleared { "may be" } else { "held back" }.to_owned()))?;
    line("why", recording.held_back.clone())
}

fn text(out: &mut dyn Write, details: &Details) -> io::Result<()> {
    let row = &details.row;
    let mut line = |name: &str, value: Option<String>| match value {
        Some(value) => writeln!(out, "{name:>14}  {}", plain(&value)),
        None => Ok(()),
    };
    line("title", Some(row.title.clone()))?;
    line("artist", Some(row.artists.join(", ")).filter(|text| !text.is_empty()))?;
    for place in &details.tracks {
        line("release", Some(place.to_string()))?;
    }
    line("date", details.date.clone())?;
    line("ISRC", Some(details.isrcs.join(", ")).filter(|text| !text.is_empty()))?;
    line("length", row.duration_ms.map(duration))?;
    line("rank", row.rank.map(|rank| rank.to_string()))?;
    line("listens", row.listens.map(|listens| listens.to_string()))?;
    line("popularity", row.popularity.map(|popularity| popularity.to_string()))?;
    line("id", Some(row.id.to_string()))?;
    let kept = row.tier.map_or_else(|| "not kept".to_owned(), |tier| tier.to_string());
    line("tier", Some(format!("{kept}, {}", row.status)))?;
    line("holding", row.root.map(|root| root.to_string()))?;
    line("bytes", row.bytes.map(|bytes| format!("{bytes} ({})", size(bytes))))?;
    line("made by", details.made_by.clone())?;
    line("patch", details.patch_bytes.map(|bytes| format!("{bytes} bytes")))?;
    line("original", Some(row.original_root.to_string()))?;
    line("format", Some(details.format.clone()))?;
    for source in &details.sources {
        line("source", Some(source.clone()))?;
    }
    line("same as", row.same_as.as_ref().map(ToString::to_string))?;
    for same in &details.same {
        line(
            "stands for",
            Some(format!("{} ({}) {}", same.id, same.format, same.sources.join(", "))),
        )?;
    }
    line("loudness", details.loudness_lufs.map(|lufs| format!("{lufs:.2} LUFS")))?;
    line("licence", Some(row.licence.clone().unwrap_or_else(|| "unknown".to_owned())))?;
    let rights = &details.rights;
    line("evidence", rights.evidence.clone())?;
    line("published", Some(if rights.cleared { "may be" } else { "held back" }.to_owned()))?;
    for condition in &rights.conditions {
        line("condition", Some(condition.clone()))?;
    }
    line("why", rights.why.clone())?;
    line("to settle it", rights.settle.clone())?;
    for warning in &details.warnings {
        line("warning", Some(warning.clone()))?;
    }
    Ok(())
}
