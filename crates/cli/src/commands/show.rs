//! `deadwax show RECORDING`: everything known of one.

use crate::args::OneArgs;
use crate::context::Context;
use crate::exit::Done;
use crate::text::{duration, plain, size};
use anyhow::Result;
use deadwax_archive::Details;
use std::io::{self, Write};

pub fn run(context: &Context, args: &OneArgs) -> Result<Done> {
    let archive = context.open_to_read()?;
    let details = archive.details(&context.run(), &args.recording)?;
    context.print(&details, |out| {
        details.iter().enumerate().try_for_each(|(index, details)| {
            if index > 0 {
                writeln!(out)?;
            }
            text(out, details)
        })
    })?;
    Ok(Done::Clean)
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
