//! Reading the files that are due, on every core, and telling what was found.

use super::log::Due;
use super::{Fault, Log, VerifyReport};
use crate::{Amount, ArchiveError, Phase, Run};
use deadwax_model::Root;
use deadwax_store::{FileToCheck, Fixity, check_files};
use std::path::PathBuf;

/// A file as it should be.
#[derive(Debug)]
pub(crate) struct Expected {
    /// By what the log knows it.
    pub key: Vec<u8>,
    pub root: Root,
    pub bytes: u64,
    pub since: Since,
    /// What to do when it is not so.
    pub next: &'static str,
    /// Where it is: names of one file, which is read by the first of them. At least one.
    pub places: Vec<Place>,
}

/// Where a file is.
#[derive(Debug)]
pub(crate) struct Place {
    pub path: PathBuf,
    /// The same as reports say it.
    pub told: String,
    /// Of what it is a part.
    pub of: String,
}

/// Since when its length is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Since {
    Stored,
    Published,
}

impl Log {
    /// Reads those of these files that are due, notes which are sound, and adds what was found to the report.
    pub(crate) fn examine(
        &mut self,
        run: &Run<'_>,
        expected: Vec<Expected>,
        report: &mut VerifyReport,
    ) -> Result<(), ArchiveError> {
        let Due { files, skipped } = self.due(expected);
        report.skipped += skipped;
        let (stored, published) =
            files.into_iter().partition(|(file, _)| file.since == Since::Stored);
        self.read(run, Phase::Verify, stored, report)?;
        self.read(run, Phase::VerifyEditions, published, report)
    }

    fn read(
        &mut self,
        run: &Run<'_>,
        phase: Phase,
        files: Vec<(Expected, Option<String>)>,
        report: &mut VerifyReport,
    ) -> Result<(), ArchiveError> {
        let mut all = Amount::default();
        files.iter().for_each(|(file, _)| all.add(&Amount::item(file.bytes)));
        run.progress.begin(phase, &all);
        let to_check: Vec<FileToCheck> = files
            .iter()
            .map(|(file, _)| FileToCheck { path: file.places[0].path.clone(), root: file.root })
            .collect();
        check_files(&to_check, run.jobs, run.stop, |number, fixity, _| {
            let (file, last) = &files[number];
            run.progress.item(&file.places[0].of, &Amount::item(file.bytes));
            match &fixity {
                Fixity::Sound { .. } => self.sound(&file.key),
                _ => self.not_sound(last.as_deref()),
            }
            tell(report, file, fixity, last.as_deref());
            Ok::<_, ArchiveError>(())
        })?;
        run.go_on()?;
        run.progress.end();
        Ok(())
    }
}

fn tell(report: &mut VerifyReport, file: &Expected, fixity: Fixity, last: Option<&str>) {
    let (is_missing, what) = match fixity {
        Fixity::Sound { bytes } => {
            report.checked += 1;
            report.bytes += bytes;
            return;
        }
        Fixity::Damaged { bytes: found, .. } => {
            report.checked += 1;
            report.bytes += found;
            let (bytes, since) = (file.bytes, file.since.words());
            (
                false,
                match found == bytes {
                    true => "its bytes have changed: the root is another".to_owned(),
                    false => format!("it has {found} bytes, {bytes} were {since}"),
                },
            )
        }
        Fixity::Missing => (true, "it is not there".to_owned()),
        Fixity::Unreadable { reason } => (false, format!("it cannot be read: {reason}")),
    };
    let last = last.map_or(String::new(), |day| format!("; it was last sound on {day}"));
    for place in &file.places {
        let (path, of) = (place.told.clone(), place.of.clone());
        let fault = Fault { path, of, what: format!("{what}{last}"), next: file.next.to_owned() };
        match is_missing {
            true => report.missing.push(fault),
            false => report.damaged.push(fault),
        }
    }
}

impl Since {
    fn words(self) -> &'static str {
        match self {
            Since::Stored => "stored",
            Since::Published => "published",
        }
    }
}
