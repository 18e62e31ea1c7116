//! `deadwax build`: make the holdings.

use crate::args::PlanArgs;
use crate::context::Context;
use crate::exit::Done;
use crate::text::{count, problems};
use anyhow::Result;

pub fn run(context: &Context, args: &PlanArgs) -> Result<Done> {
    let archive = context.open()?;
    let run = context.run();
    let report = archive.plan_and_build(&run, args.budget)?;
    context.print(&report, |out| {
        writeln!(
            out,
            "{} made, {} were there already, {} could not be made",
            count(report.made, "holding"),
            report.ready,
            report.failed
        )?;
        problems(out, &report.problems)
    })?;
    Ok(Done::with(!report.problems.is_empty()))
}
