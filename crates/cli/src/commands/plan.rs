//! `deadwax plan`: what is kept of what, before anything is made.

use crate::args::PlanArgs;
use crate::context::Context;
use crate::exit::Done;
use crate::text::{count, cut, or_dash, share, size};
use anyhow::Result;
use deadwax_archive::{Plan, PlanRow, PlanSummary, SameRow};
use serde::Serialize;
use std::io::{self, Write};

/// How many of those left out are named in text; JSON has them all.
const NAMED: usize = 20;

#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    summary: PlanSummary,
    list: &'a [PlanRow],
    same: &'a [SameRow],
}

pub fn run(context: &Context, args: &PlanArgs) -> Result<Done> {
    let archive = context.open()?;
    let plan = archive.plan(&context.run(), args.budget)?;
    if args.budget.is_none() {
        archive.carry_out(&plan)?;
    }
    let document = Document { summary: plan.summary(), list: &plan.rows, same: &plan.same };
    context.print(&document, |out| text(out, &plan, &document.summary))?;
    Ok(Done::Clean)
}

fn text(out: &mut dyn Write, plan: &Plan, summary: &PlanSummary) -> io::Result<()> {
    let budget = summary.budget.map_or_else(String::new, |bytes| format!(" of {}", size(bytes)));
    writeln!(
        out,
        "{}, {}{budget} to keep",
        count(summary.recordings, "recording"),
        size(summary.bytes)
    )?;
    for (tier, sum) in &summary.tiers {
        if sum.count > 0 {
            writeln!(out, "  {tier}: {} ({})", sum.count, size(sum.bytes))?;
        }
    }
    for (because, number) in &summary.kept_instead {
        writeln!(out, "    of these {number} instead of an encoding: {}", because.sentence())?;
    }
    for (status, number) in &summary.statuses {
        writeln!(out, "  {status}: {number}")?;
    }
    writeln!(out, "share of all listens: {}", share(summary.coverage))?;
    same(out, &plan.same)?;
    let left_out: Vec<&PlanRow> = plan.rows.iter().filter(|row| row.tier.is_none()).collect();
    if left_out.is_empty() {
        return Ok(());
    }
    writeln!(out, "left out, from rank {}:", left_out[0].rank)?;
    for row in left_out.iter().take(NAMED) {
        writeln!(
            out,
            "  {:>6}  {:40} {:28} {:>12} listens  {:>10}  {}",
            row.rank,
            cut(&row.title, 40),
            cut(&row.artists, 28),
            or_dash(row.listens),
            size(row.bytes),
            row.status
        )?;
    }
    match left_out.len().saturating_sub(NAMED) {
        0 => Ok(()),
        more => writeln!(out, "  and {more} more; --json lists them all"),
    }
}

fn same(out: &mut dyn Write, same: &[SameRow]) -> io::Result<()> {
    if same.is_empty() {
        return Ok(());
    }
    writeln!(out, "the same as another, which stands in the list:")?;
    for row in same.iter().take(NAMED) {
        writeln!(
            out,
            "  {}  {:40} {:28} {} {} ({})",
            row.id,
            cut(&row.title, 40),
            cut(&row.artists, 28),
            row.status,
            row.same_as,
            row.because
        )?;
    }
    match same.len().saturating_sub(NAMED) {
        0 => Ok(()),
        more => writeln!(out, "  and {more} more; --json lists them all"),
    }
}
