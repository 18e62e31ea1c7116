//! What of the newest edition may be given to peers today. An edition is what could leave on its day; a licence that ended
//! since, or a takedown, holds a file back from the moment it is known.

use crate::editions::read_torrent;
use crate::{Archive, ArchiveError, Run};
use deadwax_edition::PackedFile;
use deadwax_rights::{Act, Cleared, ClearedTogether, Place, Rulebook, Together};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// A pack that may be given to peers, but for some of its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedPack {
    /// Its torrent.
    pub torrent: PathBuf,
    /// Its folder.
    pub folder: PathBuf,
    /// The files that may not leave today: paths in the folder, `/` between parts, sorted.
    pub withheld: Vec<String>,
}

/// Files of packs that somebody has leave to give away: pack, then path. Nothing gets in without a leave.
#[derive(Debug, Default)]
struct Allowed(BTreeMap<String, BTreeSet<String>>);

impl Allowed {
    fn take(&mut self, leave: &Cleared, file: PackedFile) {
        if leave.act() == Act::Publish && leave.place() == Place::Worldwide {
            self.insert(file);
        }
    }

    fn take_together(&mut self, leave: &ClearedTogether, file: PackedFile) {
        if leave.act() == Act::Publish && leave.place() == Place::Worldwide {
            self.insert(file);
        }
    }

    fn insert(&mut self, file: PackedFile) {
        self.0.entry(file.pack).or_default().insert(file.path);
    }

    fn has(&self, pack: &str, path: &str) -> bool {
        self.0.get(pack).is_some_and(|paths| paths.contains(path))
    }
}

/// A cover, and what was decided so far on the recordings that have a part in it.
struct SharedCover {
    decided: Together,
    files: Vec<PackedFile>,
}

impl Archive {
    /// The packs of the newest edition, of all stages, each with the files that are withheld: those of recordings that are not
    /// cleared to be published on the day of the run, and covers of which one recording is not.
    ///
    /// # Errors
    /// There is no edition, or a torrent of it cannot be read: then nobody can tell what is in that pack.
    pub fn seed_packs(&self, run: &Run<'_>) -> Result<Vec<SeedPack>, ArchiveError> {
        let edition = self.newest_edition()?;
        let allowed = self.allowed(run)?;
        let mut packs = Vec::new();
        for pack in edition.summary().all_packs() {
            run.go_on()?;
            let torrent = edition.folder().join(&pack.torrent);
            let contents = read_torrent(&torrent).map_err(|what| {
                ArchiveError::Refused(format!(
                    "{}: {what}; bring it back from a copy of the edition, or publish again",
                    torrent.display()
                ))
            })?;
            let paths = contents.files.into_iter().map(|file| file.path.join("/"));
            let mut withheld: Vec<String> =
                paths.filter(|path| !allowed.has(&pack.name, path)).collect();
            withheld.sort();
            let folder = edition.folder().join(&pack.folder);
            packs.push(SeedPack { torrent, folder, withheld });
        }
        Ok(packs)
    }

    /// What of the newest edition may leave today.
    fn allowed(&self, run: &Run<'_>) -> Result<Allowed, ArchiveError> {
        let (edition, rulebook) = (self.newest_edition()?, self.catalog.rulebook()?);
        let mut allowed = Allowed::default();
        let mut covers = BTreeMap::<(Option<u32>, u32), SharedCover>::new();
        for id in self.catalog.recording_ids()? {
            run.go_on()?;
            let (Some(rank), Some(recording)) =
                (edition.rank_of(&id)?, self.catalog.recording(&id)?)
            else {
                continue;
            };
            let decision = self.publishing(run, &rulebook, &recording)?;
            let leave = decision.cleared();
            for file in edition.packed_files(rank)? {
                if let Some(leave) = leave.filter(|_| is_bright(&rulebook, &file)) {
                    allowed.take(leave, file);
                }
            }
            let is_held_back = self.is_one_held_back(run, &rulebook, &recording.same)?;
            let for_covers = leave.filter(|_| !is_held_back);
            for cover in edition.packed_covers(rank)? {
                let own = if cover.release.is_some() { 0 } else { rank.get() };
                let shared = covers.entry((cover.release, own)).or_insert_with(|| SharedCover {
                    decided: Together::new(Act::Publish, Place::Worldwide),
                    files: cover.files,
                });
                shared.decided.add(for_covers);
            }
        }
        for SharedCover { decided, files } in covers.into_values() {
            let Some(leave) = decided.leave() else { continue };
            // A picture that is dark takes what was made from it along, and each is listed.
            for file in files.into_iter().filter(|file| is_bright(&rulebook, file)) {
                allowed.take_together(&leave, file);
            }
        }
        Ok(allowed)
    }
}

/// Whether no takedown is about the file itself.
fn is_bright(rulebook: &Rulebook, file: &PackedFile) -> bool {
    rulebook.forbidding_file(&file.root, Act::Publish).is_none()
}
