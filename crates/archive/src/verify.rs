//! Fixity: stored bytes still have the root they had.

use crate::{Amount, Archive, ArchiveError, Phase, Run};
use deadwax_model::Root;
use deadwax_store::Fixity;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What a `verify` found.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct VerifyReport {
    /// Files whose bytes were re-read.
    pub checked: u64,
    /// How many bytes that was.
    pub bytes: u64,
    /// Files that are not what they were.
    pub damaged: Vec<Fault>,
    /// Files that are not there.
    pub missing: Vec<Fault>,
}

impl VerifyReport {
    /// Whether nothing is amiss.
    pub fn is_sound(&self) -> bool {
        self.damaged.is_empty() && self.missing.is_empty()
    }
}

/// One file that is damaged or missing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Fault {
    /// Relative to the archive.
    pub path: String,
    /// Of what it is the holding, patch, picture, thumbnail or part.
    pub of: String,
    /// What happened.
    pub what: String,
    /// What to do.
    pub next: String,
}

impl Archive {
    /// Re-reads every holding, patch, picture and thumbnail and every file of every edition, and compares roots.
    pub fn verify(&self, run: &Run<'_>) -> Result<VerifyReport, ArchiveError> {
        let wanted = self.stored_files()?;
        let stored: BTreeSet<Root> = wanted.keys().copied().collect();
        let bytes = wanted.values().map(|(bytes, _)| bytes).sum();
        let all = Amount { items: wanted.len() as u64, bytes, audio_ms: 0 };
        run.progress.begin(Phase::Verify, &all);
        let files: Vec<_> = wanted.into_iter().collect();
        let (next, found, store) = (AtomicUsize::new(0), Mutex::new(Vec::new()), &self.store);
        std::thread::scope(|scope| {
            for _ in 0..run.jobs.max(1) {
                scope.spawn(|| {
                    while run.go_on().is_ok()
                        && let Some((root, (bytes, of))) =
                            files.get(next.fetch_add(1, Ordering::Relaxed))
                    {
                        let fixity = store.check(root);
                        run.progress.item(of, &Amount::item(*bytes));
                        found
                            .lock()
                            .unwrap_or_else(|e| e.into_inner())
                            .push((root, *bytes, of, fixity));
                    }
                });
            }
        });
        run.go_on()?;
        run.progress.end();
        let mut report = VerifyReport::default();
        for (root, bytes, of, fixity) in found.into_inner().unwrap_or_else(|e| e.into_inner()) {
            self.note(&mut report, root, bytes, of, fixity);
        }
        self.verify_editions(run, &stored, &mut report)?;
        report.damaged.sort();
        report.missing.sort();
        Ok(report)
    }

    /// The roots of everything that should be in the store.
    pub(crate) fn stored_roots(&self) -> Result<BTreeSet<Root>, ArchiveError> {
        Ok(self.stored_files()?.into_keys().collect())
    }

    /// Everything that should be in the store: root to length and what it is.
    fn stored_files(&self) -> Result<BTreeMap<Root, (u64, String)>, ArchiveError> {
        let mut wanted = BTreeMap::new();
        for id in self.catalog.recording_ids()? {
            let Some(recording) = self.catalog.recording(&id)? else {
                continue;
            };
            let title = &recording.title;
            for holding in &recording.holdings {
                wanted.insert(
                    holding.hashes.root,
                    (holding.hashes.bytes, format!("holding of {id} ({title})")),
                );
                if let Some((root, bytes)) = holding.patch {
                    wanted.insert(root, (bytes, format!("patch of {id} ({title})")));
                }
            }
        }
        for (root, bytes) in self.catalog.picture_files()? {
            wanted.entry(root).or_insert((bytes, "picture".to_owned()));
        }
        for file in self.catalog.derived_files()? {
            let of = format!("{} of picture {}", file.purpose, file.source);
            wanted.entry(file.root).or_insert((file.bytes, of));
        }
        Ok(wanted)
    }

    fn note(&self, report: &mut VerifyReport, root: &Root, bytes: u64, of: &str, fixity: Fixity) {
        let path = self.relative(&self.store.path(root));
        let fault = |what: String| Fault { path, of: of.to_owned(), what, next: REPAIR.to_owned() };
        match fixity {
            Fixity::Sound { bytes } => {
                report.checked += 1;
                report.bytes += bytes;
            }
            Fixity::Damaged { bytes: found, .. } => {
                report.checked += 1;
                report.bytes += found;
                report.damaged.push(fault(match found == bytes {
                    true => "its bytes have changed: the root is another".to_owned(),
                    false => format!("it has {found} bytes, {bytes} were stored"),
                }));
            }
            Fixity::Missing => report.missing.push(fault("it is not there".to_owned())),
            Fixity::Unreadable { reason } => {
                report.damaged.push(fault(format!("it cannot be read: {reason}")));
            }
        }
    }
}

pub(crate) const REPAIR: &str =
    "deadwax repair makes it again from its source, if that is still there";
