//! Carrying a takedown out: files out of pack folders, copies out of the store where that was asked for, the tombstone into
//! the newest edition. Every step may find that it was done before.

use super::places::Place;
use super::{TakedownPlan, TakedownReport, time_of};
use crate::editions::is_same_file;
use crate::{Archive, ArchiveError, Run, Signatures};
use deadwax_catalog::{Placement, TakedownAct, TakedownRecord};
use deadwax_model::{Problem, Root, Status};
use deadwax_rights::TakedownScope;
use deadwax_store::{Fixity, take_out};
use deadwax_trust::Role;
use std::path::{Path, PathBuf};

const UNSIGNED: &str =
    "bring the keys and run the same line again with --keys DIR; here it is dark already";

/// Which takedowns are carried out again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carried {
    /// Those that were never carried out to the end.
    Unfinished,
    /// All in force: an edition may have been brought back from a copy.
    All,
}

/// Where the tombstones are signed, relative to the archive, and how; nowhere when there is no edition.
pub(super) type Told = Option<(String, Signatures)>;

impl Archive {
    /// Carries out takedowns that were said before, and tells of those that were lifted. The problems are what is not dark
    /// for all that, or not told.
    pub(crate) fn carry_out_takedowns(
        &self,
        run: &Run<'_>,
        which: Carried,
        keys: &[PathBuf],
    ) -> Result<Vec<Problem>, ArchiveError> {
        let mut problems = Vec::new();
        for record in self.catalog.takedowns()? {
            let number = record.takedown.number;
            match &record.lifted {
                Some(lift) if lift.done.is_none() => {
                    let (_, untold) = self.tell_mirrors(run, keys)?;
                    if untold.is_empty() {
                        let (act, time) = (TakedownAct::Lift, time_of(run));
                        self.catalog.record_takedown_done(number, act, &time, 0, 0)?;
                    }
                    problems.extend(untold);
                }
                None if record.done.is_none() || which == Carried::All => {
                    problems.extend(self.carry_out_again(run, &record, keys)?);
                }
                _ => {}
            }
        }
        problems.dedup();
        Ok(problems)
    }

    fn carry_out_again(
        &self,
        run: &Run<'_>,
        record: &TakedownRecord,
        keys: &[PathBuf],
    ) -> Result<Vec<Problem>, ArchiveError> {
        let takedown = &record.takedown;
        let plan = self.touched(run, &takedown.target, Some(record), takedown.scope)?;
        let has_news = !plan.places.is_empty() || !plan.removed.is_empty();
        if record.done.is_some() && !has_news {
            return Ok(plan.problems);
        }
        self.catalog.begin()?;
        self.catalog.add_to_takedown(takedown.number, &plan.ids, &plan.roots)?;
        self.catalog.commit()?;
        Ok(self.carry_out_takedown(run, takedown.number, plan, takedown.scope, keys)?.problems)
    }

    /// Carries out what is planned for a takedown that is in the record.
    pub(super) fn carry_out_takedown(
        &self,
        run: &Run<'_>,
        number: u32,
        plan: TakedownPlan,
        scope: TakedownScope,
        keys: &[PathBuf],
    ) -> Result<TakedownReport, ArchiveError> {
        let mut published = Vec::with_capacity(plan.places.len());
        for place in &plan.places {
            run.go_on()?;
            self.take_out_of_pack(place, scope)?;
            published.push(self.relative(&place.path));
        }
        if scope == TakedownScope::Keep {
            self.remove_own(run, &plan)?;
        }
        let mut problems = plan.problems;
        let (told, untold) = self.tell_mirrors(run, keys)?;
        problems.extend(untold);
        if problems.is_empty() {
            let (act, time) = (TakedownAct::TakeDown, time_of(run));
            let (files, removed) = (published.len() as u64, plan.removed.len() as u64);
            self.catalog.record_takedown_done(number, act, &time, files, removed)?;
        }
        let (edition, trust) = told.unzip();
        Ok(TakedownReport {
            number,
            is_new: false,
            recordings: plan.recordings,
            published,
            removed: plan.removed,
            edition,
            trust,
            problems,
        })
    }

    /// Takes a file out of a pack folder. The archive has it in its store afterwards, where it keeps it.
    fn take_out_of_pack(&self, place: &Place, scope: TakedownScope) -> Result<(), ArchiveError> {
        let Place { path, root, packs } = place;
        if scope == TakedownScope::Publish && !is_same_file(path, &self.store.path(root)) {
            self.make_sure_of(root, path)?;
        }
        take_out(path, packs)?;
        Ok(())
    }

    /// Sees to it that the store has a file of which the pack folder may have the last copy, as of one that was made anew
    /// since; bytes that are no longer what they were are set aside.
    fn make_sure_of(&self, root: &Root, path: &Path) -> Result<(), ArchiveError> {
        match self.store.check(root) {
            Fixity::Sound { .. } => return Ok(()),
            Fixity::Missing => {}
            Fixity::Damaged { .. } | Fixity::Unreadable { .. } => self.store.set_aside(root)?,
        }
        if !self.store.take_back(root, path)? {
            self.store.put_back(root)?;
            self.store.set_aside_file(path, root)?;
        }
        Ok(())
    }

    /// Removes the archive's own copies, and forgets that they were held.
    fn remove_own(&self, run: &Run<'_>, plan: &TakedownPlan) -> Result<(), ArchiveError> {
        self.catalog.begin()?;
        let mut places = Vec::new();
        for id in &plan.ids {
            self.catalog.forget_holdings(id)?;
            let place = self.catalog.recording_alone(id)?.and_then(|it| it.placement);
            let without = |place| Placement { tier: None, status: Status::ByPolicy, ..place };
            places.extend(place.map(|place| (id.clone(), without(place))));
        }
        self.catalog.place(&places)?;
        for file in &plan.removed {
            self.catalog.forget_picture(&file.root)?;
        }
        self.catalog.commit()?;
        for file in &plan.removed {
            run.go_on()?;
            self.store.remove(&file.root)?;
        }
        Ok(())
    }

    /// Brings the tombstones of the newest edition up to date and signs it anew. Where the keys are not at hand nothing of it is
    /// changed, since mirrors take no edition that is not as it was signed, and a problem says what to do.
    pub(super) fn tell_mirrors(
        &self,
        run: &Run<'_>,
        keys: &[PathBuf],
    ) -> Result<(Told, Vec<Problem>), ArchiveError> {
        let Some(newest) = self.editions()?.pop() else {
            return Ok((None, Vec::new()));
        };
        let edition = self.edition_folder(&newest);
        let keys_made = self.make_keys(run)?;
        let signed = self.signer(run, keys).and_then(|mut signer| {
            signer.need(&Role::OF_EDITION)?;
            self.tombstones()?.renew(&edition)?;
            let renewed = self.sign(run, &mut signer, &edition, Some(&newest))?;
            self.point_to(&newest)?;
            Ok(Signatures::of(&signer, renewed, keys_made))
        });
        match signed {
            Ok(trust) => Ok((Some((self.relative(&edition), trust)), Vec::new())),
            Err(ArchiveError::Sign(error)) => {
                let problem = Problem {
                    path: self.relative(&edition),
                    what: format!(
                        "its tombstones are not signed, so that mirrors do not know: {error}"
                    ),
                    next: UNSIGNED.to_owned(),
                };
                Ok((None, vec![problem]))
            }
            Err(error) => Err(error),
        }
    }
}
