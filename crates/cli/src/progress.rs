//! Progress on stderr: a bar on a terminal, a line a phase elsewhere; with `-v` a line an item as well.

use crate::say::say;
use crate::text::{count, plain, size};
use deadwax_archive::Progress;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::sync::Mutex;

/// The current phase and its bar.
pub struct Bars {
    phase: Mutex<Phase>,
    is_terminal: bool,
    is_verbose: bool,
}

#[derive(Default)]
struct Phase {
    name: String,
    bar: Option<ProgressBar>,
}

impl Bars {
    /// Nothing shown yet.
    pub fn new(is_verbose: bool) -> Bars {
        let is_terminal = std::io::stderr().is_terminal();
        Bars { phase: Mutex::default(), is_terminal, is_verbose }
    }
}

impl Progress for Bars {
    fn phase(&self, name: &str, items: u64, bytes: u64) {
        let mut phase = self.phase.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(bar) = phase.bar.take() {
            bar.finish_and_clear();
        }
        phase.name = name.to_owned();
        if !self.is_terminal {
            let size = if bytes > 0 { format!(", {}", size(bytes)) } else { String::new() };
            say(format_args!("{name}: {}{size}", count(items, "item")));
            return;
        }
        let (length, template) = match bytes {
            0 => (items, "{prefix:8} {bar:32} {pos}/{len}  {elapsed} (left {eta})  {wide_msg}"),
            _ => (
                bytes,
                "{prefix:8} {bar:32} {bytes}/{total_bytes}  {elapsed} (left {eta})  {wide_msg}",
            ),
        };
        let style =
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::new(length).with_style(style).with_prefix(name.to_owned());
        phase.bar = Some(bar);
    }

    fn item(&self, name: &str, bytes: u64) {
        let phase = self.phase.lock().unwrap_or_else(|e| e.into_inner());
        // A title may hold anything; a terminal should see none of its control characters.
        let name = plain(name);
        if self.is_verbose {
            let size = if bytes > 0 { format!(" ({})", size(bytes)) } else { String::new() };
            let line = format!("{}: {name}{size}", phase.name);
            match &phase.bar {
                Some(bar) => bar.println(line),
                None => say(line),
            }
        }
        if let Some(bar) = &phase.bar {
            bar.set_message(name);
            bar.inc(if bytes > 0 { bytes } else { 1 });
        }
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        if let Some(bar) = self.phase.lock().unwrap_or_else(|e| e.into_inner()).bar.take() {
            bar.finish_and_clear();
        }
    }
}
