//! Putting right what the sources can put right.

use crate::{Archive, ArchiveError, Run, VerifyReport};
use deadwax_model::{Problem, Root};
use deadwax_store::Fixity;
use std::collections::BTreeSet;

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
    /// Sets damaged files aside (`store/damaged/`), makes missing ones again from their sources, puts
    /// pack folders' links right, and verifies. Nothing is deleted, and a file that was set aside and
    /// cannot be made again is put back.
    pub fn repair(&self, run: &Run<'_>) -> Result<RepairReport, ArchiveError> {
        let mut aside = BTreeSet::new();
        let before = self.verify(run)?;
        for root in self.stored_roots()? {
            run.go_on()?;
            if matches!(self.store.check(&root), Fixity::Damaged { .. }) {
                self.store.set_aside(&root)?;
                aside.insert(root);
            }
        }
        let plan = self.plan(run, None)?;
        let built = self.build(run, &plan)?;
        for root in &aside {
            if matches!(self.store.check(root), Fixity::Missing) {
                self.store.put_back(root)?;
            }
        }
        self.relink(&aside)?;
        let left = self.verify(run)?;
        let amiss = |report: &VerifyReport| (report.damaged.len() + report.missing.len()) as u64;
        Ok(RepairReport {
            found: amiss(&before),
            repaired: amiss(&before).saturating_sub(amiss(&left)),
            left,
            problems: built.problems,
        })
    }

    /// Makes the links of all pack folders to these roots again: a link made before the repair still
    /// leads to the damaged file.
    fn relink(&self, roots: &BTreeSet<Root>) -> Result<(), ArchiveError> {
        for name in self.editions()? {
            for (root, path) in self.pack_files(&name)? {
                let is_old = roots.contains(&root) || !path.exists();
                if is_old && matches!(self.store.check(&root), Fixity::Sound { .. }) {
                    if path.exists() {
                        std::fs::remove_file(&path).map_err(ArchiveError::io("replace", &path))?;
                    }
                    self.store.link(&root, &path)?;
                }
            }
        }
        Ok(())
    }
}
