//! Takedowns: what one is about, as a plan that can be printed; saying it, carrying it out, lifting it. Specified in
//! docs/formats/takedown.md.
//!
//! The record comes first: from the moment that it is written nothing more leaves. Then what is out already is taken out,
//! and the tombstone that mirrors follow is published. Each step can be done again, so whatever stops it, the same line
//! goes on, and so do `publish` and `repair`.

mod carry_out;
mod places;

pub(crate) use carry_out::Carried;

use crate::{Archive, ArchiveError, Run, Signatures};
use deadwax_catalog::{TakedownAct, TakedownLift, TakedownRecord};
use deadwax_edition::{Tombstone, Tombstones};
use deadwax_model::{Problem, Rank, RecordingId, Root};
use deadwax_rights::{Takedown, TakedownReason, TakedownScope, TakedownTarget};
use places::Place;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// The longest name of a notice.
const NOTICE_LETTERS: usize = 64;

/// What somebody wants taken down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakedownOrder {
    /// What is named.
    pub target: TakedownTarget,
    /// On what kind of ground.
    pub reason: TakedownReason,
    /// How dark it goes.
    pub scope: TakedownScope,
    /// The archive's own name of the notice. It is published.
    pub notice: String,
    /// For the archive alone.
    pub note: Option<String>,
    /// Whether the archive's own copies may be removed, which may be the last that there are.
    pub remove_copies: bool,
}

/// What a takedown touches, before anything is done.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct TakedownPlan {
    /// Its number, where it was said already.
    pub number: Option<u32>,
    /// The recordings that go dark.
    pub recordings: Vec<TakenRecording>,
    /// The files in pack folders of editions that are taken out: paths relative to the archive.
    pub published: Vec<String>,
    /// The archive's own copies that are removed; none but with the scope `keep`.
    pub removed: Vec<RemovedFile>,
    /// Editions of which it cannot be told what is in them.
    pub problems: Vec<Problem>,
    #[serde(skip)]
    ids: BTreeSet<RecordingId>,
    #[serde(skip)]
    roots: BTreeSet<Root>,
    #[serde(skip)]
    places: Vec<Place>,
}

/// A recording that goes dark.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct TakenRecording {
    /// Its place in the list, once a plan gave it one.
    pub rank: Option<Rank>,
    /// Which one.
    pub id: RecordingId,
    /// Its title.
    pub title: String,
    /// Its artist credit.
    pub artists: String,
}

/// A copy in the store that is removed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct RemovedFile {
    /// Its root.
    pub root: Root,
    /// Its length.
    pub bytes: u64,
}

/// What a takedown did.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct TakedownReport {
    /// Its number.
    pub number: u32,
    /// Whether it was said now, and not before.
    pub is_new: bool,
    /// The recordings that are dark by it.
    pub recordings: Vec<TakenRecording>,
    /// The files that were taken out of pack folders: paths relative to the archive.
    pub published: Vec<String>,
    /// The archive's own copies that were removed.
    pub removed: Vec<RemovedFile>,
    /// The edition whose tombstones say so, relative to the archive; `null` where there is none, or they are not signed.
    pub edition: Option<String>,
    /// How it is signed.
    pub trust: Option<Signatures>,
    /// What is not dark yet, and why.
    pub problems: Vec<Problem>,
}

/// What lifting a takedown did.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct LiftReport {
    /// Its number.
    pub number: u32,
    /// The recordings that were dark by it.
    pub recordings: Vec<TakenRecording>,
    /// Those of them that stay dark, by another one.
    pub still_dark: Vec<RecordingId>,
    /// The edition whose tombstones say so, relative to the archive; `null` where there is none, or they are not signed.
    pub edition: Option<String>,
    /// How it is signed.
    pub trust: Option<Signatures>,
    /// Why mirrors cannot know it yet.
    pub problems: Vec<Problem>,
}

impl Archive {
    /// All takedowns there ever were, oldest first.
    pub fn takedowns(&self) -> Result<Vec<TakedownRecord>, ArchiveError> {
        Ok(self.catalog.takedowns()?)
    }

    /// The release that a person names by its id or its title.
    ///
    /// # Errors
    /// None is called so, or several are: they are told with their ids.
    pub fn one_release(&self, named: &str) -> Result<String, ArchiveError> {
        let folded = |text: &str| text.trim().to_lowercase();
        let found: Vec<_> = self
            .catalog
            .release_names()?
            .into_iter()
            .filter(|(id, title, _)| id == named || folded(title) == folded(named))
            .collect();
        match found.as_slice() {
            [(id, _, _)] => Ok(id.clone()),
            [] => Err(ArchiveError::Refused(format!(
                "no release of this archive's files is called '{named}'; `deadwax list` shows them"
            ))),
            several => {
                let shown = |(id, _, artist): &(String, String, Option<String>)| match artist {
                    Some(artist) => format!("{id} ({artist})"),
                    None => id.clone(),
                };
                let ids: Vec<String> = several.iter().map(shown).collect();
                Err(ArchiveError::Refused(format!(
                    "{} releases are called '{named}'; say which by its id: {}",
                    several.len(),
                    ids.join(", ")
                )))
            }
        }
    }

    /// What a takedown would touch. Changes nothing.
    ///
    /// # Errors
    /// Nothing here is what it names; a name of a notice that is none.
    pub fn plan_takedown(
        &self,
        run: &Run<'_>,
        order: &TakedownOrder,
    ) -> Result<TakedownPlan, ArchiveError> {
        check_notice(&order.notice)?;
        let records = self.catalog.takedowns()?;
        let known = records.iter().find(|record| says_the_same(record, order));
        let mut plan = self.touched(run, &order.target, known, order.scope)?;
        plan.number = known.map(|record| record.takedown.number);
        if plan.number.is_some() {
            return Ok(plan);
        }
        match &order.target {
            TakedownTarget::Files(roots) => {
                for root in roots {
                    let is_out = plan.places.iter().any(|place| place.root == *root);
                    if !is_out && self.catalog.holders(root)?.is_empty() {
                        return Err(ArchiveError::Refused(format!(
                            "no file of this archive or of its editions has the root {root}; `deadwax trace FILE` tells \
                             what is in a file"
                        )));
                    }
                }
            }
            target if plan.ids.is_empty() => {
                return Err(ArchiveError::Refused(format!(
                    "no recording with a file is named by {target}; `deadwax list` shows those there are"
                )));
            }
            _ => {}
        }
        Ok(plan)
    }

    /// Takes something down: writes it into the record, and carries it out. What was said already is carried out again.
    ///
    /// # Errors
    /// As [`Archive::plan_takedown`]; a scope that removes copies without leave to; a file that cannot be removed. What was
    /// done before it stays done, and the same order goes on from there.
    pub fn take_down(
        &self,
        run: &Run<'_>,
        order: &TakedownOrder,
        keys: &[PathBuf],
    ) -> Result<TakedownReport, ArchiveError> {
        let plan = self.plan_takedown(run, order)?;
        if order.scope == TakedownScope::Keep && !order.remove_copies {
            let bytes: u64 = plan.removed.iter().map(|file| file.bytes).sum();
            return Err(ArchiveError::Refused(format!(
                "with --scope keep {} of the archive's own files ({bytes} bytes) are removed, which may be the last copies that \
                 there are; say --remove-copies too, or leave --scope keep out, and they are kept and do not leave",
                plan.removed.len()
            )));
        }
        self.catalog.begin()?;
        let number = match plan.number {
            Some(number) => {
                self.catalog.add_to_takedown(number, &plan.ids, &plan.roots)?;
                number
            }
            None => {
                let takedown = Takedown {
                    number: 0,
                    notice: order.notice.clone(),
                    reason: order.reason,
                    scope: order.scope,
                    target: order.target.clone(),
                    recordings: plan.ids.clone(),
                    roots: plan.roots.clone(),
                };
                self.catalog.add_takedown(&takedown, &time_of(run), order.note.as_deref())?
            }
        };
        self.catalog.commit()?;
        let is_new = plan.number.is_none();
        let report = self.carry_out_takedown(run, number, plan, order.scope, keys)?;
        Ok(TakedownReport { is_new, ..report })
    }

    /// Lifts a takedown: what was dark by it may leave again with the next edition, if nothing else holds it back.
    ///
    /// # Errors
    /// There is none of that number, or it was lifted by another notice.
    pub fn lift_takedown(
        &self,
        run: &Run<'_>,
        number: u32,
        notice: &str,
        keys: &[PathBuf],
    ) -> Result<LiftReport, ArchiveError> {
        check_notice(notice)?;
        let records = self.catalog.takedowns()?;
        let Some(record) = records.iter().find(|record| record.takedown.number == number) else {
            return Err(ArchiveError::Refused(format!(
                "there is no takedown {number}; `deadwax takedown list` shows those there are"
            )));
        };
        match &record.lifted {
            // The same line again: what comes after may not have been done.
            Some(lift) if lift.notice == notice => {}
            Some(TakedownLift { time, notice, .. }) => {
                return Err(ArchiveError::Refused(format!(
                    "takedown {number} was lifted already, at {time} by the notice {notice}"
                )));
            }
            None => {
                self.catalog.lift_takedown(number, &time_of(run), notice)?;
            }
        }
        let (told, problems) = self.tell_mirrors(run, keys)?;
        if problems.is_empty() {
            self.catalog.record_takedown_done(number, TakedownAct::Lift, &time_of(run), 0, 0)?;
        }
        let others: BTreeSet<RecordingId> = records
            .iter()
            .filter(|other| other.lifted.is_none() && other.takedown.number != number)
            .flat_map(|other| other.takedown.recordings.iter().cloned())
            .collect();
        let ids = &record.takedown.recordings;
        let still_dark = ids.iter().filter(|id| others.contains(*id)).cloned().collect();
        let recordings = self.taken_recordings(ids)?;
        let (edition, trust) = told.unzip();
        Ok(LiftReport { number, recordings, still_dark, edition, trust, problems })
    }

    /// What tombstones.json says.
    pub(crate) fn tombstones(&self) -> Result<Tombstones, ArchiveError> {
        let records = self.catalog.takedowns()?.into_iter();
        let tombstone = |record: TakedownRecord| Tombstone {
            number: record.takedown.number,
            time: record.time,
            notice: record.takedown.notice,
            reason: record.takedown.reason,
            scope: record.takedown.scope,
            recordings: record.takedown.recordings,
            roots: record.takedown.roots,
            lifted: record.lifted.map(|lift| lift.time),
        };
        Ok(Tombstones::new(records.map(tombstone).collect()))
    }

    /// Every file that is dark, with the first takedown that says so.
    pub(crate) fn dark_files(&self) -> Result<BTreeMap<Root, u32>, ArchiveError> {
        let mut dark = BTreeMap::new();
        for takedown in self.catalog.rulebook()?.takedowns {
            for root in takedown.roots {
                dark.entry(root).or_insert(takedown.number);
            }
        }
        Ok(dark)
    }

    fn taken_recordings(
        &self,
        ids: &BTreeSet<RecordingId>,
    ) -> Result<Vec<TakenRecording>, ArchiveError> {
        let mut taken = Vec::with_capacity(ids.len());
        for id in ids {
            taken.extend(self.catalog.recording_alone(id)?.map(|recording| TakenRecording {
                rank: recording.placement.map(|place| place.rank),
                id: recording.id,
                title: recording.title,
                artists: recording.artists.join(", "),
            }));
        }
        taken.sort_by_key(|it| (it.rank.is_none(), it.rank, it.id.clone()));
        Ok(taken)
    }
}

/// Whether a takedown in force is what this order asks for.
fn says_the_same(record: &TakedownRecord, order: &TakedownOrder) -> bool {
    let Takedown { notice, reason, scope, target, .. } = &record.takedown;
    record.lifted.is_none()
        && (notice, reason, scope, target)
            == (&order.notice, &order.reason, &order.scope, &order.target)
}

/// The moment of the run: UTC, RFC 3339, to the second.
fn time_of(run: &Run<'_>) -> String {
    run.now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A name that is published must not be a person's: it is one word of plain letters.
fn check_notice(notice: &str) -> Result<(), ArchiveError> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._/:".contains(c);
    let has_digit = notice.chars().any(|c| c.is_ascii_digit());
    match has_digit && notice.len() <= NOTICE_LETTERS && notice.chars().all(is_plain) {
        true => Ok(()),
        false => Err(ArchiveError::Refused(format!(
            "'{notice}' is not the name of a notice: it is published, so give the number under which the archive keeps it, as \
             N-2026-17 (at most {NOTICE_LETTERS} letters, digits and - . _ / :, with a digit), and say the rest with --note"
        ))),
    }
}
