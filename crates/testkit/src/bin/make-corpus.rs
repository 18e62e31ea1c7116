//! Makes the hostile corpus. `make-corpus --into DIR [--every N] [--seed S]`.

use anyhow::{Context, bail};
use deadwax_testkit::corpus::{self, Options};
use deadwax_testkit::oracle;
use std::collections::BTreeMap;
use std::path::PathBuf;

const USAGE: &str = "usage: make-corpus --into DIR [--every N] [--seed S]";

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let (mut into, mut options) = (None, Options::default());
    while let Some(argument) = arguments.next() {
        let value = arguments.next().context(USAGE)?;
        let number = || -> anyhow::Result<u64> {
            let text = value.to_string_lossy();
            text.parse().with_context(|| format!("'{text}' is not a number"))
        };
        match argument.to_str() {
            Some("--into") => into = Some(PathBuf::from(value)),
            Some("--every") => options.every = usize::try_from(number()?)?,
            Some("--seed") => options.seed = number()?,
            _ => bail!(USAGE),
        }
    }
    let into = into.context(USAGE)?;
    let ffmpeg = oracle::need("ffmpeg").context("ffmpeg codes the corpus's audio: install it")?;
    let entries = corpus::make(&into, &ffmpeg, &options)?;
    let mut counts = BTreeMap::<(&str, &str), usize>::new();
    for entry in &entries {
        *counts.entry((&entry.format, entry.class())).or_default() += 1;
    }
    for ((format, class), count) in counts {
        println!("{format:12} {class:12} {count:>5}");
    }
    let sound = entries.iter().filter(|entry| entry.is_sound).count();
    println!("{} files in {}, {sound} of them sound", entries.len(), into.display());
    Ok(())
}
