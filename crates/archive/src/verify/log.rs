//! What was found sound before, and what is therefore due.

use super::{Expected, VerifyOptions, VerifyReport};
use crate::Run;
use deadwax_catalog::{CatalogError, FixityLog, FixityRun, LastSound};
use deadwax_model::day_number;
use std::path::Path;

/// A run that was interrupted longer ago is begun anew: what it found says little by now.
const GOES_ON_FOR_DAYS: i64 = 30;

/// The log of an archive during one run, where there is one.
pub(crate) struct Log {
    noted: Option<Noted>,
    not_noted: Option<String>,
    options: VerifyOptions,
    today: String,
    /// The first day among the files, as far as they were looked at.
    oldest: Oldest,
}

struct Noted {
    log: FixityLog,
    /// The run of everything that is under way, if there is one; checks of a part count for it too.
    run: i64,
}

/// Of files that were found sound by a check of a part, while no run of everything was under way.
const NO_RUN: i64 = 0;

enum Oldest {
    /// Of no file yet.
    NoFile,
    Day(String),
    /// Of one at least that was never found sound.
    Never,
}

/// Files to be read, each with the day on which it was last found sound; and how many are not.
pub(super) struct Due {
    pub files: Vec<(Expected, Option<String>)>,
    pub skipped: u64,
}

impl Log {
    /// Nothing is known and nothing noted.
    pub(crate) fn none() -> Log {
        Log {
            noted: None,
            not_noted: None,
            options: VerifyOptions::default(),
            today: String::new(),
            oldest: Oldest::NoFile,
        }
    }

    /// The log at this path. One that cannot be written to, on a disk that is only read for instance, keeps nobody from verifying.
    pub(crate) fn open(path: &Path, run: &Run<'_>, options: VerifyOptions) -> Log {
        let opened = FixityLog::open(path).and_then(|log| {
            let unfinished = log.unfinished()?;
            let is_recent = |it: &FixityRun| is_recent(&it.began, &run.today, GOES_ON_FOR_DAYS);
            let run = match unfinished.filter(is_recent) {
                Some(unfinished) => unfinished.run,
                None if options.is_for_part() => NO_RUN,
                None => log.begin(&run.today)?.run,
            };
            Ok(Noted { log, run })
        });
        let log = Log { options, today: run.today.clone(), ..Log::none() };
        match opened {
            Ok(noted) => Log { noted: Some(noted), ..log },
            Err(e) => Log { not_noted: Some(e.to_string()), ..log },
        }
    }

    /// Which of these are to be read now.
    pub(super) fn due(&mut self, expected: Vec<Expected>) -> Due {
        let mut due = Due { files: Vec::new(), skipped: 0 };
        for file in expected {
            let last = self.last(&file.key);
            match last.as_ref().filter(|last| !self.is_due(last)) {
                Some(last) => {
                    due.skipped += 1;
                    self.oldest.take_in(Some(&last.day));
                }
                None => due.files.push((file, last.map(|last| last.day))),
            }
        }
        if let Some(most_bytes) = self.options.most_bytes {
            self.cut(&mut due, most_bytes);
        }
        due
    }

    /// Those first that were not looked at for longest, as many as may be read.
    fn cut(&mut self, due: &mut Due, most_bytes: u64) {
        due.files.sort_by(|(_, a), (_, b)| a.cmp(b));
        let (mut bytes_left, mut count) = (most_bytes, 0);
        for (file, _) in &due.files {
            // A file that is larger than what is ever read at once would never be.
            if file.bytes > bytes_left && count > 0 {
                break;
            }
            bytes_left = bytes_left.saturating_sub(file.bytes);
            count += 1;
        }
        for (_, last) in due.files.drain(count..) {
            due.skipped += 1;
            self.oldest.take_in(last.as_deref());
        }
    }

    fn last(&mut self, key: &[u8]) -> Option<LastSound> {
        let last = self.noted.as_ref()?.log.last(key);
        self.unless_failed(last).flatten()
    }

    fn is_due(&self, last: &LastSound) -> bool {
        match (self.options.older_than_days, &self.noted) {
            (Some(days), _) => !is_recent(&last.day, &self.today, i64::from(days)),
            (None, Some(noted)) => self.options.is_for_part() || last.run != noted.run,
            (None, None) => true,
        }
    }

    /// Notes that a file is sound today.
    pub(super) fn sound(&mut self, key: &[u8]) {
        self.oldest.take_in(Some(&self.today));
        if let Some(Noted { log, run }) = &self.noted {
            let noted = log.note(key, &self.today, *run);
            self.unless_failed(noted);
        }
    }

    /// Notes nothing of a file that is not: the day on which it last was stays.
    pub(super) fn not_sound(&mut self, last: Option<&str>) {
        self.oldest.take_in(last);
    }

    /// All is done.
    pub(crate) fn end(mut self, report: &mut VerifyReport) {
        if let Some(Noted { log, run }) = &self.noted {
            if !self.options.is_for_part() {
                let ended = log.end(*run, &self.today);
                self.unless_failed(ended);
            }
            report.oldest = match self.oldest {
                Oldest::Day(day) => Some(day),
                Oldest::NoFile | Oldest::Never => None,
            };
        }
        report.not_noted = self.not_noted;
    }

    /// A log that fails in the middle, of a full disk for instance, is not asked any more.
    fn unless_failed<T>(&mut self, done: Result<T, CatalogError>) -> Option<T> {
        match done {
            Ok(done) => Some(done),
            Err(e) => {
                self.noted = None;
                self.not_noted = Some(e.to_string());
                None
            }
        }
    }
}

impl Oldest {
    fn take_in(&mut self, last: Option<&str>) {
        *self = match (std::mem::replace(self, Oldest::Never), last) {
            (Oldest::Never, _) | (_, None) => Oldest::Never,
            (Oldest::NoFile, Some(day)) => Oldest::Day(day.to_owned()),
            (Oldest::Day(first), Some(day)) => Oldest::Day(first.min(day.to_owned())),
        };
    }
}

/// Whether less than so many days lie between these. A day that is to come, or none, is not recent.
fn is_recent(day: &str, today: &str, days: i64) -> bool {
    match (day_number(day), day_number(today)) {
        (Some(day), Some(today)) => (0..days).contains(&(today - day)),
        _ => false,
    }
}
