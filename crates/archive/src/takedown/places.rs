//! Where files that go dark are: in the pack folders of every edition on the disk, by the editions' own catalogues.

use super::{RemovedFile, TakedownPlan};
use crate::editions::{pack_paths, read_torrent};
use crate::{Archive, ArchiveError, Run};
use deadwax_catalog::TakedownRecord;
use deadwax_edition::{Edition, EditionError, EditionSummary, PackedFile};
use deadwax_model::{Problem, RecordingId, Root};
use deadwax_rights::{TakedownScope, TakedownTarget};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A file in a pack folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) path: PathBuf,
    pub(super) root: Root,
    /// The folder of all packs, which stays.
    pub(super) packs: PathBuf,
}

/// What could not be told of an edition.
const UNREADABLE: &str =
    "bring the edition back from a copy, or remove its folder; then run the same line again";

impl Archive {
    /// Everything that a takedown is about: what it names, as it is now, and what is `known` to be of it.
    pub(super) fn touched(
        &self,
        run: &Run<'_>,
        target: &TakedownTarget,
        known: Option<&TakedownRecord>,
        scope: TakedownScope,
    ) -> Result<TakedownPlan, ArchiveError> {
        let named = match target {
            TakedownTarget::Files(roots) => roots.clone(),
            _ => BTreeSet::new(),
        };
        let (mut ids, mut roots) = (self.catalog.named_by(target)?, named.clone());
        ids.append(&mut self.published_as(run, &named)?);
        if let Some(record) = known {
            ids.extend(record.takedown.recordings.iter().cloned());
            roots.extend(&record.takedown.roots);
        }
        roots.extend(self.held_files(&mut ids)?);
        let in_force = self.catalog.rulebook()?.takedowns;
        let mut dark: BTreeSet<RecordingId> =
            in_force.into_iter().flat_map(|takedown| takedown.recordings).collect();
        dark.extend(ids.iter().cloned());
        roots.extend(self.catalog.pictures_of_alone(&ids, &dark)?);
        let mut own_pictures = BTreeSet::new();
        for root in &named {
            own_pictures.extend(self.catalog.derived_from(root)?);
        }
        roots.extend(&own_pictures);
        let (mut places, mut problems) = (BTreeSet::new(), Vec::new());
        for name in self.editions()? {
            run.go_on()?;
            let folder = self.folder.join("editions").join(&name);
            match places_in(&folder, &ids, &roots) {
                Ok(found) => places.extend(found),
                Err(what) => problems.push(Problem {
                    path: self.relative(&folder),
                    what: format!("what of it is in its packs cannot be told: {what}"),
                    next: UNREADABLE.to_owned(),
                }),
            }
        }
        roots.extend(places.iter().map(|place| place.root));
        // What another takedown, or this one, took out already.
        places.retain(|place| place.path.symlink_metadata().is_ok());
        let removed = match scope {
            TakedownScope::Publish => Vec::new(),
            TakedownScope::Keep => {
                let named = named.union(&own_pictures).copied().collect();
                self.own_copies(&ids, &roots, &named)?
            }
        };
        Ok(TakedownPlan {
            number: None,
            recordings: self.taken_recordings(&ids)?,
            published: places.iter().map(|place| self.relative(&place.path)).collect(),
            removed,
            problems,
            ids,
            roots,
            places: places.into_iter().collect(),
        })
    }

    /// The recordings that these files were published as, with those that are the same: the archive may hold other files of
    /// them by now. Editions that cannot be read are told of where their places are looked for.
    fn published_as(
        &self,
        run: &Run<'_>,
        roots: &BTreeSet<Root>,
    ) -> Result<BTreeSet<RecordingId>, ArchiveError> {
        let mut ids = BTreeSet::new();
        if roots.is_empty() {
            return Ok(ids);
        }
        for name in self.editions()? {
            run.go_on()?;
            let Ok(edition) = Edition::open(&self.edition_folder(&name)) else { continue };
            for file in edition.packed_with(roots)? {
                if let Some(rank) = file.rank
                    && let Some(recording) = edition.at(rank)?
                    && self.catalog.recording_alone(&recording.id)?.is_some()
                {
                    ids.extend(self.catalog.named_by(&TakedownTarget::Recording(recording.id))?);
                }
            }
        }
        Ok(ids)
    }

    /// The files that are held of these recordings: holdings and patches. Recordings that have one of the holdings too, as one
    /// has that was published and then added again, join them.
    fn held_files(&self, ids: &mut BTreeSet<RecordingId>) -> Result<BTreeSet<Root>, ArchiveError> {
        let (mut roots, mut patches) = (BTreeSet::new(), BTreeSet::new());
        let mut next: BTreeSet<RecordingId> = ids.clone();
        while !next.is_empty() {
            for id in &next {
                let recording = self.catalog.recording_alone(id)?;
                for holding in recording.into_iter().flat_map(|it| it.holdings) {
                    roots.insert(holding.hashes.root);
                    patches.extend(holding.patch.map(|(root, _)| root));
                }
            }
            ids.append(&mut next);
            next = self.catalog.named_by(&TakedownTarget::Files(roots.clone()))?;
            next.retain(|id| !ids.contains(id));
        }
        roots.append(&mut patches);
        Ok(roots)
    }

    /// The files in the store that are `named`, or that nothing but these recordings needs.
    fn own_copies(
        &self,
        ids: &BTreeSet<RecordingId>,
        roots: &BTreeSet<Root>,
        named: &BTreeSet<Root>,
    ) -> Result<Vec<RemovedFile>, ArchiveError> {
        let mut own = Vec::new();
        for root in roots {
            if let Ok(there) = self.store.path(root).metadata()
                && (named.contains(root) || self.catalog.holders(root)?.is_subset(ids))
            {
                own.push(RemovedFile { root: *root, bytes: there.len() });
            }
        }
        Ok(own)
    }
}

/// The places in one edition of these recordings' files, and of these files. The error is the end of a sentence.
fn places_in(
    folder: &Path,
    ids: &BTreeSet<RecordingId>,
    roots: &BTreeSet<Root>,
) -> Result<Vec<Place>, String> {
    let packs = folder.join("packs");
    match Edition::open(folder).and_then(|edition| listed_places(&edition, ids, roots)) {
        Ok(files) => {
            let place = |file: PackedFile| Place {
                path: packs.join(&file.pack).join(&file.path),
                root: file.root,
                packs: packs.clone(),
            };
            Ok(files.into_iter().map(place).collect())
        }
        // Of a schema that is no longer read, or damaged: its torrents know the roots too.
        Err(_) => places_by_torrents(folder, roots),
    }
}

fn listed_places(
    edition: &Edition,
    ids: &BTreeSet<RecordingId>,
    roots: &BTreeSet<Root>,
) -> Result<Vec<PackedFile>, EditionError> {
    let mut files = Vec::new();
    for id in ids {
        if let Some(rank) = edition.rank_of(id)? {
            files.extend(edition.packed_files(rank)?);
        }
    }
    files.extend(edition.packed_with(roots)?);
    Ok(files)
}

fn places_by_torrents(folder: &Path, roots: &BTreeSet<Root>) -> Result<Vec<Place>, String> {
    let summary = EditionSummary::read(&folder.join("edition.json")).map_err(|e| e.to_string())?;
    let mut places = Vec::new();
    for pack in summary.all_packs() {
        let torrent = folder.join(&pack.torrent);
        let contents =
            read_torrent(&torrent).map_err(|what| format!("{}: {what}", torrent.display()))?;
        let files = pack_paths(folder, pack, contents);
        places.extend(
            files.filter(|(root, ..)| roots.contains(root)).map(|(root, path, _)| Place {
                path,
                root,
                packs: folder.join("packs"),
            }),
        );
    }
    Ok(places)
}
