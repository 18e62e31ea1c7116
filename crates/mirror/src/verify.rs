//! Fixity of a mirror: the files that it says are whole still have their roots.

use crate::leaf_book::LeafBook;
use crate::parts::Places;
use crate::run::Run;
use crate::{FileRow, MirrorError, State};
use deadwax_model::Root;
use deadwax_store::{FileToCheck, Fixity, Leaves, check_files};
use std::collections::HashSet;
use std::path::Path;
use std::time::Duration;

/// A check that was interrupted longer ago is begun anew: what it found says little by now.
const GOES_ON_FOR_SECONDS: u64 = 30 * 24 * 3_600;

/// What was found is noted so often: flushing the disk for each file would take longer than reading it.
const NOTED_EVERY: Duration = Duration::from_secs(2);

/// Or when the leaves of so many bytes wait: 32 MiB of them.
const NOTED_BYTES: u64 = 16 << 30;

/// What to look at; everything when nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifyOptions {
    /// Only files that were not found sound since then, in seconds since 1970.
    pub before_unix: Option<u64>,
    /// No more than so many bytes, those first that were not looked at for longest; but one file at least.
    pub most_bytes: Option<u64>,
    /// Files read at the same time.
    pub jobs: usize,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// Files whose bytes were re-read.
    pub checked: u64,
    /// How many bytes that was.
    pub bytes: u64,
    /// Files that were not: found sound lately, or by this run before it was interrupted, or more than was asked for.
    pub skipped: u64,
    /// The time before which no file was last found sound, in seconds since 1970; `None` where there are no files.
    pub oldest_unix: Option<u64>,
    /// Files that are not what they were.
    pub damaged: Vec<FileFault>,
    /// Files that are not there.
    pub missing: Vec<FileFault>,
}

/// A file that is damaged or missing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileFault {
    /// Relative to the mirror.
    pub path: String,
    /// What happened.
    pub what: String,
    /// What to do.
    pub next: String,
}

/// Re-reads the files of the mirror in `folder` and compares them with their roots, also while another process fetches or seeds. Which are
/// sound is noted with the time, and their leaves, so that a repair knows which to fetch; a damaged one counts as whole no
/// more. A run over everything that was interrupted within the last 30 days is gone on with.
///
/// # Errors
/// [`MirrorError::NoMirror`], a record that cannot be written, and [`MirrorError::Interrupted`].
pub fn verify(
    folder: &Path,
    options: &VerifyOptions,
    run: &Run<'_>,
) -> Result<VerifyReport, MirrorError> {
    let (state, book) = (State::open(folder)?, LeafBook::open(folder)?);
    let all = state.to_be_whole()?;
    let is_for_part = options.before_unix.is_some() || options.most_bytes.is_some();
    let before = match options.before_unix {
        Some(before) => before,
        None if is_for_part => u64::MAX,
        None => begin(&book, run.now_unix)?,
    };
    let mut work = Work {
        places: Places { mirror: folder.to_path_buf() },
        book,
        state,
        run,
        report: VerifyReport::default(),
        sound: Vec::new(),
        noted: run.began.elapsed(),
    };
    let here: HashSet<Root> = all.iter().map(|row| row.root).collect();
    let due = work.due(all, before, options.most_bytes);
    work.read(&due, options.jobs)?;
    if !is_for_part {
        work.book.keep_only(|root| here.contains(root))?;
        work.book.end_check()?;
    }
    work.report.damaged.sort();
    work.report.missing.sort();
    Ok(work.report)
}

/// Files checked before this are due: all of them, or those that an interrupted run did not come to.
fn begin(book: &LeafBook, now: u64) -> Result<u64, MirrorError> {
    match book.check_began()? {
        Some(began) if (began..began + GOES_ON_FOR_SECONDS).contains(&now) => Ok(began),
        _ => {
            book.begin_check(now)?;
            Ok(u64::MAX)
        }
    }
}

struct Work<'a> {
    places: Places,
    state: State,
    book: LeafBook,
    run: &'a Run<'a>,
    report: VerifyReport,
    /// Found, and not noted yet.
    sound: Vec<(i64, Root, Leaves)>,
    /// How long the run had gone on when something was last noted.
    noted: Duration,
}

impl Work<'_> {
    /// Which are to be read now: `rows` come with those first that were not checked for longest.
    fn due(&mut self, rows: Vec<FileRow>, before: u64, most_bytes: Option<u64>) -> Vec<FileRow> {
        let (mut bytes_left, mut due) = (most_bytes.unwrap_or(u64::MAX), Vec::new());
        for row in rows {
            let is_due = row.checked_unix.is_none_or(|checked| checked < before);
            // A file that is larger than what is ever read at once would never be.
            let has_room = row.bytes <= bytes_left || due.is_empty();
            if is_due && has_room {
                bytes_left = bytes_left.saturating_sub(row.bytes);
                due.push(row);
            } else {
                self.report.skipped += 1;
                self.take_in(row.checked_unix);
            }
        }
        due
    }

    fn read(&mut self, due: &[FileRow], jobs: usize) -> Result<(), MirrorError> {
        self.run.progress.begin(due.len() as u64, due.iter().map(|row| row.bytes).sum());
        let mut files = Vec::with_capacity(due.len());
        for row in due {
            files.push(FileToCheck { path: self.places.at(&row.path)?, root: row.root });
        }
        check_files(&files, jobs, self.run.stop, |number, fixity, leaves| {
            let row = &due[number];
            self.run.progress.came(row.bytes);
            self.run.progress.whole(&row.path, row.bytes);
            self.found(row, fixity, leaves)
        })?;
        self.note()?;
        self.run.go_on()?;
        self.run.progress.end();
        Ok(())
    }

    fn found(
        &mut self,
        row: &FileRow,
        fixity: Fixity,
        leaves: Option<Leaves>,
    ) -> Result<(), MirrorError> {
        let what = match fixity {
            Fixity::Sound { bytes } => {
                self.report.checked += 1;
                self.report.bytes += bytes;
                self.take_in(Some(self.run.now_unix));
                self.sound.extend(leaves.map(|leaves| (row.file, row.root, leaves)));
                return self.note_now_and_then();
            }
            Fixity::Damaged { bytes, .. } => {
                self.report.checked += 1;
                self.report.bytes += bytes;
                match bytes == row.bytes {
                    true => "its bytes have changed: the root is another".to_owned(),
                    false => format!("it has {bytes} bytes, {} were fetched", row.bytes),
                }
            }
            Fixity::Missing => "it is not there".to_owned(),
            Fixity::Unreadable { ref reason } => format!("it cannot be read: {reason}"),
        };
        self.take_in(row.checked_unix);
        self.state.set_damaged(row.file)?;
        let next = "deadwax repair fetches what is damaged of it, from a copy (--from), the web or a peer (--peer)"
            .to_owned();
        let fault = FileFault { path: row.path.clone(), what, next };
        match fixity {
            Fixity::Missing => self.report.missing.push(fault),
            _ => self.report.damaged.push(fault),
        }
        Ok(())
    }

    fn note_now_and_then(&mut self) -> Result<(), MirrorError> {
        let waiting: u64 = self.sound.iter().map(|(.., leaves)| leaves.bytes()).sum();
        let passed = self.run.began.elapsed().saturating_sub(self.noted);
        match passed >= NOTED_EVERY || waiting >= NOTED_BYTES {
            true => self.note(),
            false => Ok(()),
        }
    }

    /// The leaves first: what is noted as checked has them.
    fn note(&mut self) -> Result<(), MirrorError> {
        let sound = std::mem::take(&mut self.sound);
        let files: Vec<i64> = sound.iter().map(|(file, ..)| *file).collect();
        let leaves: Vec<(Root, Leaves)> =
            sound.into_iter().map(|(_, root, leaves)| (root, leaves)).collect();
        self.book.keep(&leaves)?;
        let now = self.run.now_unix;
        self.state
            .at_once(|state| files.iter().try_for_each(|file| state.set_whole(*file, now)))?;
        self.noted = self.run.began.elapsed();
        Ok(())
    }

    fn take_in(&mut self, checked: Option<u64>) {
        let checked = checked.unwrap_or(0);
        let oldest = self.report.oldest_unix.unwrap_or(checked);
        self.report.oldest_unix = Some(oldest.min(checked));
    }
}
