//! Putting right what the sources can put right.

use crate::{Archive, ArchiveError, Plan, Run, VerifyReport};
use deadwax_intake::read_audio;
use deadwax_model::{Problem, Root};
use deadwax_store::{Fixity, hash_reader};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

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
        self.take_pictures_again(run)?;
        let built = self.build(run, &self.as_held(run)?)?;
        for root in &aside {
            if matches!(self.store.check(root), Fixity::Missing) {
                self.store.put_back(root)?;
            }
        }
        self.relink(run)?;
        let left = self.verify(run)?;
        let amiss = |report: &VerifyReport| (report.damaged.len() + report.missing.len()) as u64;
        Ok(RepairReport {
            found: amiss(&before),
            repaired: amiss(&before).saturating_sub(amiss(&left)),
            left,
            problems: built.problems,
        })
    }

    /// A plan of what is held, as it is held: a repair adds nothing that was left out.
    fn as_held(&self, run: &Run<'_>) -> Result<Plan, ArchiveError> {
        let mut plan = self.plan(run, None)?;
        let mut rows = Vec::with_capacity(plan.rows.len());
        for mut row in plan.rows {
            let Some(recording) = self.catalog.recording(&row.id)? else { continue };
            for holding in &recording.holdings {
                row.tier = Some(holding.tier);
                rows.push(row.clone());
            }
        }
        plan.rows = rows;
        Ok(plan)
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
    fn relink(&self, run: &Run<'_>) -> Result<(), ArchiveError> {
        for name in self.editions()? {
            for (root, path) in self.pack_files(&name)? {
                run.go_on()?;
                let held = self.store.path(&root);
                if same_file(&path, &held)
                    || !matches!(self.store.check(&root), Fixity::Sound { .. })
                {
                    continue;
                }
                match File::open(&path).and_then(hash_reader) {
                    Ok(found) if found.root == root => continue,
                    Ok(found) => self.store.set_aside_file(&path, &found.root)?,
                    Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
                    // Not a file, or not readable: left as it is, and `verify` tells of it.
                    Err(_) => continue,
                }
                self.store.link(&root, &path)?;
            }
        }
        Ok(())
    }
}

fn same_file(a: &Path, b: &Path) -> bool {
    match (fs::metadata(a), fs::metadata(b)) {
        (Ok(a), Ok(b)) => (a.dev(), a.ino()) == (b.dev(), b.ino()),
        _ => false,
    }
}
