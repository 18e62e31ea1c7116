//! `deadwax takedown add/list/lift`: what goes dark, and what comes back.

use crate::args::{TakedownAddArgs, TakedownCommand, TakedownTargetArgs};
use crate::commands::keys::signatures;
use crate::context::Context;
use crate::exit::Done;
use crate::text::{count, plain, problems, size};
use anyhow::Result;
use deadwax_archive::{
    Archive, LiftReport, RemovedFile, Signatures, TakedownOrder, TakedownPlan, TakedownReport,
    TakenRecording,
};
use deadwax_catalog::TakedownRecord;
use deadwax_model::RecordingKey;
use deadwax_rights::TakedownTarget;
use serde_json::{Value, json};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

pub fn run(context: &Context, command: &TakedownCommand) -> Result<Done> {
    match command {
        TakedownCommand::Add(args) => add(context, args),
        TakedownCommand::List => list(context),
        TakedownCommand::Lift { number, notice, keys } => {
            lift(context, *number, notice, &keys.keys)
        }
    }
}

fn add(context: &Context, args: &TakedownAddArgs) -> Result<Done> {
    let archive = if args.dry_run { context.open_to_read()? } else { context.open()? };
    let order = TakedownOrder {
        target: target(&archive, &args.target)?,
        reason: args.reason,
        scope: args.scope,
        notice: args.notice.clone(),
        note: args.note.clone(),
        remove_copies: args.remove_copies,
    };
    if args.dry_run {
        let plan = archive.plan_takedown(&context.run(), &order)?;
        context.print(&plan, |out| planned(out, &plan))?;
        return Ok(Done::with(!plan.problems.is_empty()));
    }
    let report = archive.take_down(&context.run(), &order, &args.keys.keys)?;
    context.print(&report, |out| done(out, archive.folder(), &report))?;
    Ok(Done::with(!report.problems.is_empty()))
}

fn target(archive: &Archive, args: &TakedownTargetArgs) -> Result<TakedownTarget> {
    Ok(if let Some(release) = &args.release {
        TakedownTarget::Release(archive.one_release(release)?)
    } else if let Some(artist) = &args.artist {
        TakedownTarget::Artist(artist.clone())
    } else if let Some(named) = &args.recording {
        match named.parse() {
            Ok(RecordingKey::Isrc(isrc)) => TakedownTarget::Isrc(isrc),
            _ => TakedownTarget::Recording(archive.one(named)?.id),
        }
    } else {
        TakedownTarget::Files(args.roots.iter().copied().collect())
    })
}

fn planned(out: &mut dyn Write, plan: &TakedownPlan) -> io::Result<()> {
    match plan.number {
        Some(number) => writeln!(out, "takedown {number} says so already; it would be about:")?,
        None => writeln!(out, "it would be about:")?,
    }
    recordings(out, &plan.recordings)?;
    files(out, "to be taken out of editions", &plan.published)?;
    removed(out, "of the archive's own to be removed", &plan.removed)?;
    problems(out, &plan.problems)?;
    writeln!(out, "nothing was changed")
}

fn done(out: &mut dyn Write, archive: &Path, report: &TakedownReport) -> io::Result<()> {
    let number = report.number;
    match report.is_new {
        true => writeln!(out, "takedown {number}:")?,
        false => writeln!(out, "takedown {number} said so already, and was carried out again:")?,
    }
    recordings(out, &report.recordings)?;
    files(out, "taken out of editions", &report.published)?;
    removed(out, "of the archive's own removed", &report.removed)?;
    told(out, archive, report.edition.as_deref(), report.trust.as_ref())?;
    problems(out, &report.problems)?;
    if report.edition.is_some() {
        let archive = archive.display();
        writeln!(out, "next: deadwax --archive {archive} publish makes an edition without it")?;
    }
    Ok(())
}

fn recordings(out: &mut dyn Write, recordings: &[TakenRecording]) -> io::Result<()> {
    for recording in recordings {
        let rank = recording.rank.map(|rank| format!("{rank}. ")).unwrap_or_default();
        let by = if recording.artists.is_empty() { "" } else { " by " };
        let text = format!("{}{by}{}", recording.title, recording.artists);
        writeln!(out, "  {rank}{} ({})", plain(&text), recording.id)?;
    }
    writeln!(out, "{}", count(recordings.len() as u64, "recording"))
}

fn files(out: &mut dyn Write, what: &str, paths: &[String]) -> io::Result<()> {
    writeln!(out, "{} {what}", count(paths.len() as u64, "file"))?;
    paths.iter().try_for_each(|path| writeln!(out, "  {}", plain(path)))
}

fn removed(out: &mut dyn Write, what: &str, files: &[RemovedFile]) -> io::Result<()> {
    if files.is_empty() {
        return Ok(());
    }
    let bytes = size(files.iter().map(|file| file.bytes).sum());
    writeln!(out, "{} {what} ({bytes})", count(files.len() as u64, "file"))
}

fn told(
    out: &mut dyn Write,
    archive: &Path,
    edition: Option<&str>,
    trust: Option<&Signatures>,
) -> io::Result<()> {
    if let Some(edition) = edition {
        writeln!(out, "mirrors are told by {edition}/tombstones.json, which is signed anew")?;
    }
    trust.map_or(Ok(()), |trust| signatures(out, archive, trust))
}

fn list(context: &Context) -> Result<Done> {
    let records = context.open_to_read()?.takedowns()?;
    let document: Vec<Value> = records.iter().map(as_json).collect();
    context.print(&document, |out| {
        if records.is_empty() {
            writeln!(out, "nothing was ever taken down")?;
        }
        records.iter().try_for_each(|record| as_text(out, record))
    })?;
    Ok(Done::Clean)
}

fn as_text(out: &mut dyn Write, record: &TakedownRecord) -> io::Result<()> {
    let TakedownRecord { takedown, time, note, done, lifted } = record;
    writeln!(
        out,
        "takedown {} of {time}: {} ({}, notice {}, scope {})",
        takedown.number,
        plain(&takedown.target.to_string()),
        takedown.reason,
        takedown.notice,
        takedown.scope
    )?;
    let of = count(takedown.recordings.len() as u64, "recording");
    writeln!(out, "  {of}, {}", count(takedown.roots.len() as u64, "file"))?;
    if let Some(note) = note {
        writeln!(out, "  {}", plain(note))?;
    }
    match (lifted, done) {
        (Some(lift), _) => {
            writeln!(out, "  lifted at {} by the notice {}", lift.time, lift.notice)?;
            match lift.done {
                Some(_) => Ok(()),
                None => writeln!(
                    out,
                    "  MIRRORS WERE NOT TOLD YET: say the same line again, or publish"
                ),
            }
        }
        (None, Some(_)) => Ok(()),
        (None, None) => {
            writeln!(out, "  NOT CARRIED OUT TO THE END: say the same line again, or publish")
        }
    }
}

fn as_json(record: &TakedownRecord) -> Value {
    let TakedownRecord { takedown, time, note, done, lifted } = record;
    json!({
        "number": takedown.number,
        "time": time,
        "about": takedown.target.kind(),
        "value": takedown.target.value(),
        "reason": takedown.reason,
        "notice": takedown.notice,
        "scope": takedown.scope,
        "note": note,
        "recordings": takedown.recordings,
        "roots": takedown.roots,
        "done": done,
        "lifted": lifted.as_ref().map(|lift| json!({
            "time": lift.time, "notice": lift.notice, "done": lift.done,
        })),
    })
}

fn lift(context: &Context, number: u32, notice: &str, keys: &[PathBuf]) -> Result<Done> {
    let archive = context.open()?;
    let report = archive.lift_takedown(&context.run(), number, notice, keys)?;
    context.print(&report, |out| lifted(out, archive.folder(), &report))?;
    Ok(Done::with(!report.problems.is_empty()))
}

fn lifted(out: &mut dyn Write, archive: &Path, report: &LiftReport) -> io::Result<()> {
    writeln!(out, "takedown {} is lifted:", report.number)?;
    recordings(out, &report.recordings)?;
    for id in &report.still_dark {
        writeln!(out, "  {id} stays dark by another takedown")?;
    }
    told(out, archive, report.edition.as_deref(), report.trust.as_ref())?;
    problems(out, &report.problems)?;
    writeln!(
        out,
        "next: deadwax --archive {} publish brings back what nothing else holds back",
        archive.display()
    )
}
