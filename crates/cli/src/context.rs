//! What every command gets: where the archive is, how to print, who is told, when to stop.

use crate::args::Args;
use crate::progress::{MirrorChecks, teller};
use crate::say::say;
use anyhow::Result;
use deadwax_archive::{Archive, Progress, Run, Silent};
use serde::Serialize;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The circumstances of this command.
pub struct Context {
    archive: Option<PathBuf>,
    json: bool,
    quiet: bool,
    jobs: usize,
    /// Taken for today's, where it was given.
    date: Option<String>,
    progress: Box<dyn Progress>,
    stop: Arc<AtomicBool>,
}

impl Context {
    /// From the command line; from here on Ctrl-C asks the work to stop, and a second one ends it.
    pub fn new(args: &Args) -> Context {
        let stop = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&stop);
        let handler = move || {
            if asked.swap(true, Ordering::Relaxed) {
                std::process::exit(1);
            }
            say("\nstopping at the next safe point; once more to stop at once");
        };
        if let Err(e) = ctrlc::set_handler(handler) {
            say(format_args!("warning: Ctrl-C cannot be caught ({e}); it stops at once"));
        }
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        Context {
            archive: args.archive.clone(),
            json: args.json,
            quiet: args.quiet,
            jobs: if args.jobs == 0 { cores() } else { args.jobs },
            date: args.date.clone(),
            progress: match args.quiet {
                true => Box::new(Silent),
                false => teller(args.progress, args.verbose),
            },
            stop,
        }
    }

    /// The circumstances as the rooms below want them.
    pub fn run(&self) -> Run<'_> {
        // Asked each time: some commands go on for months.
        let today = || jiff::Zoned::now().date().to_string();
        Run {
            progress: self.progress.as_ref(),
            stop: &self.stop,
            jobs: self.jobs,
            today: self.date.clone().unwrap_or_else(today),
            now: jiff::Timestamp::now(),
        }
    }

    /// The same for a check or repair of a mirror.
    pub fn mirror_checks(&self) -> MirrorChecks<'_> {
        MirrorChecks::begin(&self.run())
    }

    /// Somebody who is told how the work goes.
    pub fn progress(&self) -> &dyn Progress {
        self.progress.as_ref()
    }

    /// Set when the person wants to stop.
    pub fn stop(&self) -> &AtomicBool {
        &self.stop
    }

    /// Files worked on at the same time.
    pub fn jobs(&self) -> usize {
        self.jobs
    }

    /// The folder given with --archive, else the current one.
    pub fn folder(&self) -> &Path {
        self.named_folder().unwrap_or(Path::new("."))
    }

    /// The folder given with --archive.
    pub fn named_folder(&self) -> Option<&Path> {
        self.archive.as_deref()
    }

    /// The archive, to change it.
    pub fn open(&self) -> Result<Archive> {
        Ok(Archive::open(self.folder())?)
    }

    /// The archive, to read it.
    pub fn open_to_read(&self) -> Result<Archive> {
        Ok(Archive::open_to_read(self.folder())?)
    }

    /// Whether to print JSON.
    pub fn json(&self) -> bool {
        self.json
    }

    /// Whether to print no progress.
    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Whether the person wants to stop.
    pub fn is_stopping(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Prints a result: as JSON, or what `text` writes.
    pub fn print<T: Serialize>(
        &self,
        result: &T,
        text: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
    ) -> Result<()> {
        self.write(|out| {
            if self.json {
                serde_json::to_writer(&mut *out, result)?;
                writeln!(out)
            } else {
                text(out)
            }
        })
    }

    /// Writes to stdout through a buffer.
    pub fn write(&self, write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> Result<()> {
        let mut out = BufWriter::new(std::io::stdout().lock());
        write(&mut out).and_then(|()| out.flush()).map_err(|e| {
            let said = format!("cannot write to standard output: {e}");
            anyhow::Error::new(e).context(said)
        })
    }
}
