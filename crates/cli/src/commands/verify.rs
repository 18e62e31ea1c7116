//! `deadwax verify`: fixity of an archive, a mirror or an edition.

use crate::args::VerifyArgs;
use crate::commands::kept::Kept;
use crate::context::Context;
use crate::exit::Done;
use crate::text::{count, problem, size};
use anyhow::Result;
use deadwax_archive::{Archive, Fault, VerifyOptions, VerifyReport, verify_edition};
use deadwax_mirror::FileFault;
use std::io::{self, Write};
use std::path::Path;

const DAY_SECONDS: u64 = 24 * 3_600;

pub fn run(context: &Context, args: &VerifyArgs) -> Result<Done> {
    let folder = args.path.as_deref().unwrap_or(context.folder());
    let report = match Kept::at(folder) {
        Kept::Mirror => of_mirror(context, folder, args)?,
        Kept::Edition if args.older_than.is_some() || args.at_most.is_some() => anyhow::bail!(
            "nothing is written into an edition, so that it is not known when its files were last checked; \
             leave --older-than and --at-most out, or name the archive or mirror"
        ),
        Kept::Edition => verify_edition(&context.run(), folder)?,
        Kept::Archive => {
            let options =
                VerifyOptions { older_than_days: args.older_than, most_bytes: args.at_most };
            Archive::open_to_read(folder)?.verify_with(&context.run(), &options)?
        }
    };
    context.print(&report, |out| text(out, &report))?;
    Ok(Done::with(!report.is_sound()))
}

fn of_mirror(context: &Context, folder: &Path, args: &VerifyArgs) -> Result<VerifyReport> {
    let checks = context.mirror_checks();
    let run = checks.run();
    // Found sound so many days ago counts as so old.
    let before = |days: u32| (run.now_unix + 1).saturating_sub(u64::from(days) * DAY_SECONDS);
    let options = deadwax_mirror::VerifyOptions {
        before_unix: args.older_than.map(before),
        most_bytes: args.at_most,
        jobs: context.run().jobs,
    };
    let found = deadwax_mirror::verify(folder, &options, &run)?;
    let never = 0;
    let oldest = found.oldest_unix.filter(|oldest| *oldest != never);
    let time = |unix: u64| jiff::Timestamp::from_second(i64::try_from(unix).ok()?).ok();
    Ok(VerifyReport {
        checked: found.checked,
        bytes: found.bytes,
        skipped: found.skipped,
        oldest: oldest.and_then(time).map(|time| time.to_string()),
        not_noted: None,
        damaged: found.damaged.into_iter().map(fault).collect(),
        missing: found.missing.into_iter().map(fault).collect(),
    })
}

fn fault(fault: FileFault) -> Fault {
    let FileFault { path, what, next } = fault;
    Fault { path, of: "file of the mirror".to_owned(), what, next }
}

/// Also what `repair` prints of what is left.
pub fn text(out: &mut dyn Write, report: &VerifyReport) -> io::Result<()> {
    writeln!(out, "{} ({}) re-read", count(report.checked, "file"), size(report.bytes))?;
    if report.skipped > 0 {
        writeln!(
            out,
            "{} not re-read: sound when last looked at, and not due",
            count(report.skipped, "file")
        )?;
    }
    if let Some(oldest) = &report.oldest {
        writeln!(out, "every file was found sound once since {oldest}")?;
    }
    if let Some(why) = &report.not_noted {
        writeln!(out, "the day of this check is not noted: {why}")?;
    }
    faults(out, "damaged", &report.damaged)?;
    faults(out, "missing", &report.missing)?;
    if report.is_sound() {
        writeln!(out, "everything is as it was stored")?;
    }
    Ok(())
}

fn faults(out: &mut dyn Write, word: &str, faults: &[Fault]) -> io::Result<()> {
    if faults.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{word}: {}", faults.len())?;
    faults.iter().try_for_each(|fault| {
        problem(out, &fault.path, &format!("{}: {}", fault.of, fault.what), &fault.next)
    })
}
