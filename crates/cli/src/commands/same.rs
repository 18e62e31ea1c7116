//! `deadwax same`: recordings that sound the same, and what was said of them.

use crate::args::{SameArgs, SameCommand, SamePairArgs};
use crate::context::Context;
use crate::exit::Done;
use crate::text::{count, duration, or_dash, plain};
use anyhow::{Result, bail};
use deadwax_archive::{Archive, SamePair, SameSide, SameStats};
use deadwax_catalog::{Recording, SameRule};
use serde_json::{Value, json};
use std::io::{self, BufWriter, Write};

pub fn run(context: &Context, args: &SameArgs) -> Result<Done> {
    match &args.command {
        None => pairs(context),
        Some(SameCommand::Merge(args)) => merge(context, args),
        Some(SameCommand::Split(pair)) => split(context, pair),
        Some(SameCommand::List) => list(context),
        Some(SameCommand::Remove { number }) => remove(context, *number),
    }
}

fn pairs(context: &Context) -> Result<Done> {
    let archive = context.open_to_read()?;
    let mut out = BufWriter::new(io::stdout().lock());
    let stats = archive.same(&context.run(), |pair| match context.json() {
        true => {
            serde_json::to_writer(&mut out, &pair)?;
            writeln!(out)
        }
        false => text(&mut out, &pair),
    })?;
    if !context.json() {
        summary(&mut out, &stats)?;
    }
    out.flush()?;
    Ok(Done::Clean)
}

fn text(out: &mut dyn Write, pair: &SamePair) -> io::Result<()> {
    let (better, other) = (&pair.better, &pair.other);
    writeln!(out, "{:.3}  {}", pair.score, in_words(better))?;
    writeln!(out, "       {}", in_words(other))?;
    let mut facts = vec![format!("{} in common", duration(pair.overlap_ms))];
    if pair.offset_ms.unsigned_abs() >= 500 {
        let (first, seconds) = match pair.offset_ms > 0 {
            true => (&better.id, pair.offset_ms),
            false => (&other.id, -pair.offset_ms),
        };
        facts.push(format!("{first} starts {:.1} s earlier", seconds as f64 / 1000.0));
    }
    if pair.same_length != Some(true) {
        facts.push("THEIR LENGTHS DIFFER".to_owned());
    }
    facts.extend(pair.shared_isrc.map(|isrc| format!("both have ISRC {isrc}")));
    writeln!(out, "       {}", facts.join("; "))?;
    writeln!(out, "       {} is the better source: {}", better.id, pair.wins_by)?;
    match (pair.is_merged, pair.rule) {
        (true, Some(number)) => writeln!(out, "       one recording, by rule {number}"),
        (true, None) => writeln!(out, "       one recording, by ISRC or other rules"),
        (false, Some(number)) => {
            writeln!(out, "       apart; deadwax same list shows rule {number}")
        }
        (false, None) => writeln!(out, "       deadwax same merge {} {}", better.id, other.id),
    }
}

fn in_words(side: &SameSide) -> String {
    let by = if side.artists.is_empty() { "" } else { " by " };
    plain(&format!(
        "{}{by}{} ({}, {}) {}",
        side.title,
        side.artists.join(", "),
        or_dash(side.duration_ms.map(duration)),
        side.format,
        side.source.as_deref().unwrap_or_default()
    ))
}

fn summary(out: &mut dyn Write, stats: &SameStats) -> io::Result<()> {
    let compared = count(stats.compared, "recording");
    writeln!(out, "{} among {compared}", count(stats.pairs, "pair"))?;
    if stats.without > 0 {
        let without = count(stats.without, "recording");
        writeln!(
            out,
            "{without} without a fingerprint: deadwax build makes those of what it decodes"
        )?;
    }
    if stats.too_uniform > 0 {
        let uniform = count(stats.too_uniform, "pair");
        writeln!(out, "{uniform} too uniform to compare: silence, a hum or a loop")?;
    }
    Ok(())
}

fn merge(context: &Context, args: &crate::args::SameMergeArgs) -> Result<Done> {
    let archive = context.open()?;
    let [a, b] = named(&archive, &args.pair)?;
    let rule = archive.merge_same([&a, &b], &args.pair.ground, args.even_so)?;
    said(context, &archive, &rule)
}

fn split(context: &Context, pair: &SamePairArgs) -> Result<Done> {
    let archive = context.open()?;
    let [a, b] = named(&archive, pair)?;
    let rule = archive.split_same([&a, &b], &pair.ground)?;
    said(context, &archive, &rule)
}

fn named(archive: &Archive, pair: &SamePairArgs) -> Result<[Recording; 2]> {
    Ok([archive.one(&pair.a)?, archive.one(&pair.b)?])
}

fn said(context: &Context, archive: &Archive, rule: &SameRule) -> Result<Done> {
    context.print(&as_json(rule), |out| {
        writeln!(out, "{}", as_text(rule))?;
        writeln!(out, "next: deadwax --archive {} plan", archive.folder().display())
    })?;
    Ok(Done::Clean)
}

fn list(context: &Context) -> Result<Done> {
    let rules = context.open_to_read()?.catalog().same_rules()?;
    let document: Vec<Value> = rules.iter().map(as_json).collect();
    context.print(&document, |out| {
        if rules.is_empty() {
            writeln!(out, "no rules are set; `deadwax same` shows what sounds the same")?;
        }
        rules.iter().try_for_each(|rule| writeln!(out, "{}", as_text(rule)))
    })?;
    Ok(Done::Clean)
}

fn remove(context: &Context, number: u32) -> Result<Done> {
    if !context.open()?.catalog().remove_same_rule(number)? {
        bail!("there is no rule {number}; `deadwax same list` shows those there are");
    }
    context.print(&json!({ "removed": number }), |out| writeln!(out, "rule {number} is gone"))?;
    Ok(Done::Clean)
}

fn as_json(rule: &SameRule) -> Value {
    json!({
        "number": rule.number,
        "says": rule.says.as_str(),
        "recordings": rule.pair,
        "ground": rule.ground,
    })
}

fn as_text(rule: &SameRule) -> String {
    let [a, b] = &rule.pair;
    format!("rule {}: {} {a} {b} ({})", rule.number, rule.says, plain(&rule.ground))
}
