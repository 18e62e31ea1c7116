//! Composes the demo's collection of music. `compose-demo --to DIR [--seconds N]`.

use anyhow::{Context, bail};
use std::path::PathBuf;

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let (mut to, mut seconds) = (None, 24.0f32);
    while let Some(argument) = arguments.next() {
        let value = arguments.next();
        let value = || value.context("usage: compose-demo --to DIR [--seconds N]");
        match argument.to_str() {
            Some("--to") => to = Some(PathBuf::from(value()?)),
            Some("--seconds") => {
                let text = value()?.to_string_lossy().into_owned();
                seconds = text.parse().with_context(|| format!("'{text}' is not a number"))?;
                if !(1.0..=600.0).contains(&seconds) {
                    bail!("--seconds takes 1 to 600, not {text}");
                }
            }
            _ => bail!("usage: compose-demo --to DIR [--seconds N]"),
        }
    }
    let to = to.context("usage: compose-demo --to DIR [--seconds N]")?;
    let demo = deadwax_testkit::demo::compose(&to, seconds)?;
    println!(
        "{} recordings in {}, listens in {}",
        demo.recordings,
        demo.music.display(),
        demo.listens.display()
    );
    Ok(())
}
