//! `deadwax restore RECORDING -o FILE`: the original, bit for bit.

use crate::args::RestoreArgs;
use crate::context::Context;
use crate::exit::Done;
use crate::text::size;
use anyhow::Result;

pub fn run(context: &Context, args: &RestoreArgs) -> Result<Done> {
    let archive = context.open_to_read()?;
    let recording = archive.one(&args.recording)?;
    let report = archive.restore(&recording, &args.output)?;
    context.print(&report, |out| {
        writeln!(
            out,
            "{} ({}) is the original, bit for bit: root {}",
            report.path.display(),
            size(report.bytes),
            report.root
        )
    })?;
    Ok(Done::Clean)
}
