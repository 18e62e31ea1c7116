//! Progress on stderr: a bar on a terminal, a line a phase elsewhere.

use deadwax_archive::Progress;
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::sync::Mutex;

/// The bar of the current phase.
pub struct Bars {
    bar: Mutex<Option<ProgressBar>>,
    is_terminal: bool,
}

impl Bars {
    /// Nothing shown yet.
    pub fn new() -> Bars {
        Bars { bar: Mutex::new(None), is_terminal: std::io::stderr().is_terminal() }
    }
}

impl Progress for Bars {
    fn phase(&self, name: &str, items: u64, bytes: u64) {
        let mut current = self.bar.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(bar) = current.take() {
            bar.finish_and_clear();
        }
        if !self.is_terminal {
            let size = if bytes > 0 { format!(", {}", HumanBytes(bytes)) } else { String::new() };
            eprintln!("{name}: {items} {}{size}", if items == 1 { "item" } else { "items" });
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
        *current = Some(bar);
    }

    fn item(&self, name: &str, bytes: u64) {
        if let Some(bar) = &*self.bar.lock().unwrap_or_else(|e| e.into_inner()) {
            // A title may hold anything; a terminal should see none of its control characters.
            bar.set_message(name.replace(char::is_control, " "));
            bar.inc(if bytes > 0 { bytes } else { 1 });
        }
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        if let Some(bar) = self.bar.lock().unwrap_or_else(|e| e.into_inner()).take() {
            bar.finish_and_clear();
        }
    }
}
