//! Writes the tables of a collection of any size. `make-collection --recordings N --seed S --out DIR [--jobs 2]`.

use anyhow::{Context, bail};
use deadwax_testkit::collection::{Collection, write_tables};
use std::path::PathBuf;
use std::time::Instant;

const USAGE: &str = "usage: make-collection --recordings N --seed S --out DIR [--jobs 2]";

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let (mut recordings, mut seed, mut out, mut jobs) = (None, 1, None, 2);
    while let Some(argument) = arguments.next() {
        let value = arguments.next().context(USAGE)?;
        let number = || -> anyhow::Result<u64> {
            let text = value.to_string_lossy();
            text.replace('_', "").parse().with_context(|| format!("'{text}' is not a number"))
        };
        match argument.to_str() {
            Some("--recordings") => recordings = Some(number()?),
            Some("--seed") => seed = number()?,
            Some("--jobs") => jobs = number()?,
            Some("--out") => out = Some(PathBuf::from(value)),
            _ => bail!(USAGE),
        }
    }
    let (recordings, out) = (recordings.context(USAGE)?, out.context(USAGE)?);
    if !(1..=u64::from(u32::MAX)).contains(&recordings) {
        bail!("--recordings takes 1 to {}, not {recordings}", u32::MAX);
    }
    let started = Instant::now();
    let collection = Collection::new(recordings, seed);
    let written = write_tables(&collection, &out, jobs.try_into()?)?;
    let seconds = started.elapsed().as_secs_f64();
    for (name, rows, bytes) in &written.tables {
        println!("{name:10} {rows:>12} rows {bytes:>14} bytes");
    }
    println!(
        "{recordings} recordings in {seconds:.1} s, {:.0} a second, {:.1} bytes each, in {}",
        recordings as f64 / seconds,
        written.bytes() as f64 / recordings as f64,
        out.display()
    );
    Ok(())
}
