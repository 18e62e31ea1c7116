//! Putting right what the sources can put right.

use crate::editions::is_same_file;
use crate::same_groups::SameGroups;
use crate::takedown::Carried;
use crate::{Archive, ArchiveError, Plan, Run, VerifyReport};
use deadwax_catalog::Placement;
use deadwax_edition::Copies;
use deadwax_intake::read_audio;
use deadwax_model::{Problem, RecordingId, Root};
use deadwax_store::{Fixity, StoreError, hash_reader};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::PathBuf;

/// What a `repair` did.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct RepairReport {
    /// Files that were damaged or missing.
    pub found: u64,
    /// How many of them are sound now.
    pub repaired: u64,
    /// What is still amiss.
    pub left: VerifyReport,
    /// Why it is.
    pub problems: Vec<Problem>,
}

impl Archive {
    /// Sets damaged files aside (`store/damaged/`), takes sound copies of them back from where the
    /// archive has any, makes the rest again from their sources, puts pack folders' links right, and
    /// verifies. Nothing is deleted, and a file that was set aside, now or by a repair that was stopped,
    /// and cannot be made again is put back. The list stays as it was planned.
    ///
    /// `elsewhere` are copies of the archive's files outside of it, a mirror's for instance: what the archive has no sound copy of is taken
    /// from there before it is made again.
    pub fn repair(&self, run: &Run<'_>, elsewhere: &Copies) -> Result<RepairReport, ArchiveError> {
        let before = self.verify_afresh(run)?;
        let dark_problems = self.carry_out_takedowns(run, Carried::All, &[])?;
        let dark = self.dark_files()?;
        let mut packed = BTreeMap::<Root, Vec<PathBuf>>::new();
        for name in self.editions()? {
            for (root, path) in self.pack_files(&name)? {
                if dark.contains_key(&root) {
                    continue;
                }
                packed.entry(root).or_default().push(path);
            }
        }
        let mut wanted = self.stored_roots()?;
        wanted.extend(packed.keys());
        let made = self.make_again(run, &wanted, &packed, elsewhere);
        wanted.extend(self.stored_roots()?);
        for root in &wanted {
            self.store.put_back(root)?;
        }
        let mut problems = made?;
        problems.extend(dark_problems);
        self.relink(run, &packed)?;
        let left = self.verify_afresh(run)?;
        let amiss = |report: &VerifyReport| (report.damaged.len() + report.missing.len()) as u64;
        Ok(RepairReport {
            found: amiss(&before),
            repaired: amiss(&before).saturating_sub(amiss(&left)),
            left,
            problems,
        })
    }

    /// Sets aside what is not sound, and fills every gap as far as that can be done. Gives the problems
    /// of what could not be made.
    fn make_again(
        &self,
        run: &Run<'_>,
        wanted: &BTreeSet<Root>,
        packed: &BTreeMap<Root, Vec<PathBuf>>,
        elsewhere: &Copies,
    ) -> Result<Vec<Problem>, ArchiveError> {
        for root in wanted {
            run.go_on()?;
            match self.store.check(root) {
                Fixity::Sound { .. } => continue,
                Fixity::Missing => {}
                Fixity::Damaged { .. } | Fixity::Unreadable { .. } => {
                    self.store.set_aside(root)?;
                }
            }
            if self.store.put_back_sound(root)? {
                continue;
            }
            let mut own = packed.get(root).into_iter().flatten();
            let is_back = try_each(&mut own, |path| self.store.take_back(root, path))?;
            if !is_back {
                try_each(&mut elsewhere.of(root), |path| self.store.take_copy(root, &path))?;
            }
        }
        self.take_pictures_again(run)?;
        let (plan, places) = self.as_held(run)?;
        let built = self.build(run, &plan);
        // Also of a build that was stopped, but not where the catalogue itself fails.
        if !matches!(built, Err(ArchiveError::Catalog(_))) {
            self.catalog.begin()?;
            self.catalog.place(&places)?;
            self.catalog.commit()?;
        }
        Ok(built?.problems)
    }

    /// A plan of what is held, as it is held: a repair adds nothing that was left out. And the places that
    /// the recordings have in the list, which are the last plan's to give.
    fn as_held(
        &self,
        run: &Run<'_>,
    ) -> Result<(Plan, Vec<(RecordingId, Placement)>), ArchiveError> {
        // What another stands for in the list is held all the same.
        let mut plan = self.plan_with(run, None, &SameGroups::default())?;
        let (mut rows, mut places) = (Vec::with_capacity(plan.rows.len()), Vec::new());
        for mut row in plan.rows {
            let Some(recording) = self.catalog.recording(&row.id)? else { continue };
            for holding in &recording.holdings {
                row.tier = Some(holding.tier);
                rows.push(row.clone());
            }
            if !recording.holdings.is_empty() {
                places.extend(recording.placement.map(|place| (recording.id, place)));
            }
        }
        plan.rows = rows;
        Ok((plan, places))
    }

    /// Takes the pictures that the store lacks from the folders and audio files that they came from.
    fn take_pictures_again(&self, run: &Run<'_>) -> Result<(), ArchiveError> {
        let mut lacking: BTreeSet<Root> = self
            .catalog
            .picture_files()?
            .into_iter()
            .filter(|(root, bytes)| !self.store.has(root, *bytes))
            .map(|(root, _)| root)
            .collect();
        for root in lacking.clone() {
            for path in self.catalog.paths_of(&root)? {
                if File::open(&path).and_then(hash_reader).is_ok_and(|found| found.root == root)
                    && let Ok(content) = fs::read(&path)
                    && self.store.put(&content)?.root == root
                {
                    lacking.remove(&root);
                    break;
                }
            }
        }
        for id in self.catalog.recording_ids()? {
            run.go_on()?;
            let (false, Some(recording)) = (lacking.is_empty(), self.catalog.recording(&id)?)
            else {
                continue;
            };
            let pictures = self.catalog.pictures(&recording.original_root)?;
            if !pictures.iter().any(|it| it.embedded && lacking.contains(&it.hashes.root)) {
                continue;
            }
            for path in self.catalog.paths_of(&recording.original_root)? {
                for picture in read_audio(&path).map(|file| file.pictures).unwrap_or_default() {
                    if lacking.contains(&deadwax_store::hash_of(&picture.data).root) {
                        lacking.remove(&self.store.put(&picture.data)?.root);
                    }
                }
            }
        }
        Ok(())
    }

    /// Makes links of all pack folders again that are gone, lead to a file that was set aside, or gave
    /// way to another file.
    fn relink(
        &self,
        run: &Run<'_>,
        packed: &BTreeMap<Root, Vec<PathBuf>>,
    ) -> Result<(), ArchiveError> {
        for (root, paths) in packed {
            let held = self.store.path(root);
            if paths.iter().all(|path| is_same_file(path, &held))
                || !matches!(self.store.check(root), Fixity::Sound { .. })
            {
                continue;
            }
            for path in paths {
                run.go_on()?;
                let name = match File::open(path).and_then(hash_reader) {
                    Ok(found) if found.root == *root => continue,
                    Ok(found) => Some(found.root),
                    Err(e) if e.kind() == std::io::ErrorKind::NotFound => None,
                    Err(_) => Some(*root),
                };
                // What cannot be set aside or linked is left as it is, and `verify` tells of it.
                let is_free = match name {
                    Some(name) => if_possible(self.store.set_aside_file(path, &name))?.is_some(),
                    None => true,
                };
                if is_free {
                    if_possible(self.store.link_durably(root, path))?;
                }
            }
        }
        Ok(())
    }
}

/// Whether it went well with one of these, which is the last that is tried.
fn try_each<T>(
    of: &mut impl Iterator<Item = T>,
    mut act: impl FnMut(T) -> Result<bool, StoreError>,
) -> Result<bool, StoreError> {
    for it in of {
        if if_possible(act(it))?.unwrap_or(false) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// `None` for what did not go well with a single file; an error when going on is pointless.
fn if_possible<T>(done: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    match done {
        Err(e) if e.is_fatal() => Err(e),
        done => Ok(done.ok()),
    }
}
