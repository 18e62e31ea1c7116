//! `deadwax mirror`: carries a part of an edition, and follows what is published.

use crate::args::MirrorArgs;
use crate::context::Context;
use crate::exit::Done;
use crate::say::say;
use crate::text::{count, plain, problems, share, size};
use anyhow::{Context as _, Result};
use deadwax_archive::{Amount, Phase};
use deadwax_mirror::{
    Asked, CarryPlan, Edition, How, Mirror, MirrorReport, PlannedPack, Progress, Run,
    SourceAddress, VerifyOptions, verify,
};
use deadwax_model::Problem;
use serde::Serialize;
use std::io::{self, Write};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How soon Ctrl-C is heard between two looks.
const LISTEN_EVERY: Duration = Duration::from_millis(50);

/// With --watch everything is read and compared once in this time.
const CHECKED_WITHIN: Duration = Duration::from_secs(30 * 86_400);

pub fn run(context: &Context, args: &MirrorArgs) -> Result<Done> {
    let asked = Asked {
        source: args.source.as_deref().map(SourceAddress::parse).transpose()?,
        budget_bytes: args.budget,
        prefer: args.prefer,
        metadata: args.metadata,
        drawn: drawn(),
    };
    let pinned_root = args.root.as_deref().map(read_root).transpose()?;
    let how = How {
        pinned_root,
        web: !args.no_web,
        torrent: !args.no_torrent,
        peers: args.peers.clone(),
        listen: args.listen,
        rate: args.limit_rate,
        reserve_bytes: args.reserve_disk.unwrap_or(0),
        is_trial: args.dry_run,
        ..How::default()
    };
    let mirror = Mirror::open(&args.into, &asked, how)?;
    if !args.watch {
        return round(context, args, &mirror);
    }
    watch(context, args, &mirror)
}

/// Looks, plans, and does it.
fn round(context: &Context, args: &MirrorArgs, mirror: &Mirror) -> Result<Done> {
    let run = Run {
        progress: &Teller(context.progress()),
        stop: context.stop(),
        now_unix: now_unix(),
        began: Instant::now(),
    };
    let (edition, dark) = mirror.refresh(&run)?;
    let plan = mirror.plan(&edition)?;
    let trusted = Trusted {
        root_fingerprint: edition.root_fingerprint(),
        is_first_use: edition.is_first_use() && args.root.is_none(),
    };
    if args.dry_run {
        let said = Said { trusted, plan: &plan, report: None };
        context.print(&said, |out| plan_text(out, &edition, &said.trusted, &plan))?;
        return Ok(Done::Clean);
    }
    if !context.json() {
        context.write(|out| plan_text(out, &edition, &trusted, &plan))?;
    }
    let mut report = mirror.apply(&edition, &plan, &run)?;
    report.dark_files += dark;
    if args.watch {
        check(context, args, mirror, &mut report)?;
    }
    let said = Said { trusted, plan: &plan, report: Some(&report) };
    context.print(&said, |out| report_text(out, &report))?;
    Ok(Done::with(!report.problems.is_empty()))
}

/// Does it again and again, until somebody wants it to stop. What fails one time may go well the next.
fn watch(context: &Context, args: &MirrorArgs, mirror: &Mirror) -> Result<Done> {
    let mut last = Ok(Done::Clean);
    loop {
        match round(context, args, mirror) {
            Err(_) if context.is_stopping() => return last,
            Err(error) => {
                say(format_args!("deadwax: {error}"));
                last = Err(error);
            }
            done => last = done,
        }
        let until = Instant::now() + args.every;
        while Instant::now() < until {
            if context.is_stopping() {
                return last;
            }
            sleep(LISTEN_EVERY);
        }
    }
}

/// Reads those files again that were not looked at for longest: so many that all are within [`CHECKED_WITHIN`].
fn check(
    context: &Context,
    args: &MirrorArgs,
    mirror: &Mirror,
    report: &mut MirrorReport,
) -> Result<()> {
    let now = now_unix();
    let part = args.every.as_secs_f64() / CHECKED_WITHIN.as_secs_f64();
    let options = VerifyOptions {
        before_unix: Some(now.saturating_sub(CHECKED_WITHIN.as_secs() / 2)),
        most_bytes: Some((report.bytes as f64 * part * 2.0) as u64),
        jobs: context.jobs(),
    };
    let run = Run {
        progress: &deadwax_mirror::Silent,
        stop: context.stop(),
        now_unix: now,
        began: Instant::now(),
    };
    let found = verify(mirror.folder(), &options, &run)?;
    report.problems.extend(found.damaged.into_iter().chain(found.missing).map(|fault| Problem {
        path: fault.path,
        what: fault.what,
        next: "it is fetched again at the next look".to_owned(),
    }));
    Ok(())
}

fn read_root(file: &Path) -> Result<Vec<u8>> {
    let read = std::fs::read(file);
    read.with_context(|| format!("cannot read {}; name a file trust/N.root.json", file.display()))
}

/// A number that no other mirror has drawn.
fn drawn() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(std::process::id())
}

fn now_unix() -> u64 {
    u64::try_from(jiff::Timestamp::now().as_second()).unwrap_or(0)
}

/// Tells of fetching as of any other work.
struct Teller<'a>(&'a dyn deadwax_archive::Progress);

impl Progress for Teller<'_> {
    fn begin(&self, files: u64, bytes: u64) {
        self.0.begin(Phase::Mirror, &Amount { items: files, bytes, audio_ms: 0 });
    }

    fn was_here(&self, bytes: u64) {
        if bytes > 0 {
            self.0.passed("", &Amount { items: 0, bytes, audio_ms: 0 });
        }
    }

    fn came(&self, bytes: u64) {
        self.0.item("", &Amount { items: 0, bytes, audio_ms: 0 });
    }

    fn whole(&self, path: &str, _: u64) {
        self.0.item(path, &Amount { items: 1, bytes: 0, audio_ms: 0 });
    }

    fn end(&self) {
        self.0.end();
    }
}

/// Whom the edition is from.
#[derive(Serialize)]
struct Trusted<'a> {
    root_fingerprint: &'a str,
    is_first_use: bool,
}

/// The JSON document; `report` is null when nothing was done.
#[derive(Serialize)]
struct Said<'a> {
    #[serde(flatten)]
    trusted: Trusted<'a>,
    plan: &'a CarryPlan,
    report: Option<&'a MirrorReport>,
}

fn plan_text(
    out: &mut dyn Write,
    edition: &Edition,
    trusted: &Trusted,
    plan: &CarryPlan,
) -> io::Result<()> {
    let source = plain(&plan.source);
    writeln!(out, "{} {}, from {source}", plain(edition.title()), plain(edition.date()))?;
    writeln!(out, "signed under the root {}", trusted.root_fingerprint)?;
    if trusted.is_first_use {
        writeln!(
            out,
            "  seen for the first time and believed: compare it with what the archive says"
        )?;
    }
    let (packs, all) = (count(plan.packs.len() as u64, "pack"), plan.packs_of);
    let budget = size(plan.budget_bytes);
    writeln!(
        out,
        "carries {packs} of {all}: {}{} of the {budget} that it may take",
        if plan.packs.iter().any(|pack| pack.in_part) { "up to " } else { "" },
        size(plan.bytes)
    )?;
    if let Some(room) = plan.room_bytes {
        writeln!(out, "  the disk has room for {} of them", size(room))?;
    }
    writeln!(out, "  share of all listens: {}", share(plan.listens))?;
    if plan.metadata_bytes > 0 {
        writeln!(out, "  the edition's own files: {}", size(plan.metadata_bytes))?;
    }
    for pack in &plan.packs {
        writeln!(out, "  {}", pack_text(pack))?;
    }
    Ok(())
}

fn pack_text(pack: &PlannedPack) -> String {
    let mut facts = vec![format!("from rank {}", pack.first_rank)];
    facts.push(match pack.in_part {
        true => format!(
            "the most listened files, up to {} of {}",
            size(pack.bytes),
            size(pack.of_bytes)
        ),
        false => size(pack.bytes),
    });
    facts.push(match pack.copies {
        Some(copies) => format!("{copies} copies"),
        None => "copies not known".to_owned(),
    });
    if pack.is_here {
        facts.push("here".to_owned());
    }
    format!("{} ({})", plain(&pack.name), facts.join(", "))
}

fn report_text(out: &mut dyn Write, report: &MirrorReport) -> io::Result<()> {
    let counts = [
        (report.dark_files, "removed because they went dark"),
        (report.linked_files, "here under another name before, and not fetched"),
        (report.removed_files, "removed because nothing wants them any more"),
    ];
    for (files, what) in counts.into_iter().filter(|(files, _)| *files > 0) {
        writeln!(out, "{}: {what}", count(files, "file"))?;
    }
    writeln!(
        out,
        "{} fetched ({}), {} from peers",
        count(report.fetched_files, "file"),
        size(report.fetched_bytes),
        size(report.swarm_bytes)
    )?;
    writeln!(out, "{} here ({})", count(report.files, "whole file"), size(report.bytes))?;
    problems(out, &report.problems)
}
