//! Fixity: stored bytes still have the root they had.

mod examine;
mod log;

use crate::{Archive, ArchiveError, Run};
use deadwax_model::Root;
pub(crate) use examine::{Expected, Place, Since};
pub(crate) use log::Log;
use std::collections::{BTreeMap, BTreeSet};

/// What a `verify` looks at; everything when nothing is said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct VerifyOptions {
    /// Only files that were last found sound so many days ago or more, or never.
    pub older_than_days: Option<u32>,
    /// No more than so many bytes, those first that were not looked at for longest; but one file at least.
    pub most_bytes: Option<u64>,
}

impl VerifyOptions {
    fn is_for_part(&self) -> bool {
        self.older_than_days.is_some() || self.most_bytes.is_some()
    }
}

/// What a `verify` found.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct VerifyReport {
    /// Files whose bytes were re-read.
    pub checked: u64,
    /// How many bytes that was.
    pub bytes: u64,
    /// Files that were not re-read: found sound lately, or by this run before it was interrupted, or more than was asked for.
    pub skipped: u64,
    /// The day before which no file was last found sound; `None` while some never were.
    pub oldest: Option<String>,
    /// Why the days are not noted, where they cannot be.
    pub not_noted: Option<String>,
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
    ///
    /// When each file was last found sound is noted in `fixity.sqlite`, where that can be written. A run that was interrupted
    /// within the last 30 days is gone on with: what it found sound is not read again.
    pub fn verify(&self, run: &Run<'_>) -> Result<VerifyReport, ArchiveError> {
        self.verify_with(run, &VerifyOptions::default())
    }

    /// The same, of a part of it.
    pub fn verify_with(
        &self,
        run: &Run<'_>,
        options: &VerifyOptions,
    ) -> Result<VerifyReport, ArchiveError> {
        self.verify_by(run, Log::open(&self.folder.join(LOG), run, *options))
    }

    /// Everything, whatever was found before; nothing is noted.
    pub(crate) fn verify_afresh(&self, run: &Run<'_>) -> Result<VerifyReport, ArchiveError> {
        self.verify_by(run, Log::none())
    }

    fn verify_by(&self, run: &Run<'_>, mut log: Log) -> Result<VerifyReport, ArchiveError> {
        let wanted = self.stored_files()?;
        let stored: BTreeSet<Root> = wanted.keys().copied().collect();
        let mut report = VerifyReport::default();
        let holdings = wanted.into_iter().map(|(root, (bytes, of))| {
            let path = self.store.path(&root);
            let places = vec![Place { told: self.relative(&path), of, path }];
            Expected {
                key: root.0.to_vec(),
                root,
                bytes,
                since: Since::Stored,
                next: REPAIR,
                places,
            }
        });
        let mut expected: Vec<Expected> = holdings.collect();
        expected.extend(self.edition_files(run, &stored, &mut report)?);
        log.examine(run, expected, &mut report)?;
        log.end(&mut report);
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
}

/// The log of an archive, in its folder.
const LOG: &str = "fixity.sqlite";

pub(crate) const REPAIR: &str =
    "deadwax repair makes it again from its source, if that is still there";
