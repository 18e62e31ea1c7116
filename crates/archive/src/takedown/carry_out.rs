//! Carrying a takedown out: files out of pack folders, copies out of the store where that was asked for, the tombstone into
//! the newest edition. Every step may find that it was done before.

use super::places::Place;
use super::{TakedownPlan, TakedownReport};
use crate::editions::is_same_file;
use crate::{Archive, ArchiveError, Run};
use deadwax_catalog::{Placement, TakedownRecord};
use deadwax_model::{Problem, Root, Status};
use deadwax_rights::TakedownScope;
use deadwax_store::{Fixity, take_out};
use std::path::Path;

/// Which takedowns are carried out again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carried {
    /// Those that were never carried out to the end.
    Unfinished,
    /// All in force: an edition may have been brought back from a copy.
    All,
}

impl Archive {
    /// Carries out takedowns that were said before. The problems are what is not dark for all that.
    pub(crate) fn carry_out_takedowns(
        &self,
        run: &Run<'_>,
        which: Carried,
    ) -> Result<Vec<Problem>, ArchiveError> {
        let mut problems = Vec::new();
        for record in self.catalog.takedowns()? {
            let is_due = which == Carried::All || record.done.is_none();
            if record.lifted.is_some() || !is_due {
                continue;
            }
            let TakedownRecord { takedown, time, .. } = &record;
            let plan = self.touched(run, &takedown.target, Some(&record), takedown.scope)?;
            let has_news = !plan.places.is_empty() || !plan.removed.is_empty();
            if record.done.is_none() || has_news {
                self.catalog.begin()?;
                self.catalog.add_to_takedown(takedown.number, &plan.ids, &plan.roots)?;
                self.catalog.commit()?;
                let done =
                    self.carry_out_takedown(run, takedown.number, plan, takedown.scope, time)?;
                problems.extend(done.problems);
            }
        }
        Ok(problems)
    }

    /// Carries out what is planned for a takedown that is in the record.
    pub(super) fn carry_out_takedown(
        &self,
        run: &Run<'_>,
        number: u32,
        plan: TakedownPlan,
        scope: TakedownScope,
        time: &str,
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
        let edition = self.renew_tombstones()?;
        if plan.problems.is_empty() {
            let (files, removed) = (published.len() as u64, plan.removed.len() as u64);
            self.catalog.record_takedown_done(number, time, files, removed)?;
        }
        Ok(TakedownReport {
            number,
            is_new: false,
            recordings: plan.recordings,
            published,
            removed: plan.removed,
            edition,
            problems: plan.problems,
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

    /// Brings the tombstones of the newest edition up to date. Gives the edition, relative to the archive.
    pub(super) fn renew_tombstones(&self) -> Result<Option<String>, ArchiveError> {
        let Some(newest) = self.editions()?.pop() else {
            return Ok(None);
        };
        let folder = self.folder.join("editions").join(&newest);
        self.tombstones()?.renew(&folder)?;
        Ok(Some(self.relative(&folder)))
    }
}
