//! Recordings known from tables alone, in the order of the list: joined in the order of ids, sorted in a bounded
//! memory, and given on while they are merged.
//!
//! The sorted runs stay in a folder of their own until an edition was made from them. A stamp beside them says what they
//! were made from, so that a `publish` after one that was killed need not sort again.

use crate::known_entry::{key_of, listed, value_of};
use crate::{Amount, Archive, ArchiveError, Phase, Run};
use deadwax_catalog::sort::{Sorted, Sorter};
use deadwax_catalog::{Catalog, CatalogError, Collection, KnownRecording};
use deadwax_edition::Listed;
use deadwax_model::PopularityScale;
use deadwax_store::write_file;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender};

/// So many at a time are told to whoever watches.
pub(crate) const TOLD: u64 = 1_000;
/// So many at a time go from thread to thread.
const BATCH: usize = 512;
/// Zstd's level for runs, which lie beside an edition while it is made: a tenth smaller than at 1.
const LEVEL: i32 = 3;

/// Some of the list, or what stopped it.
pub(crate) type Batch = Result<Vec<Listed>, ArchiveError>;

/// How the recordings known from tables become a sorted list.
pub(crate) struct KnownList<'a> {
    /// The catalogue's path: it is read through a connection of this list's own.
    pub(crate) catalog: &'a Path,
    /// Where the sorted runs lie.
    pub(crate) folder: PathBuf,
    pub(crate) scale: PopularityScale,
    pub(crate) memory_bytes: usize,
}

/// What [`KnownList::give`] gives, one at a time.
pub(crate) struct KnownFeed {
    from: Option<Receiver<Batch>>,
    batch: std::vec::IntoIter<Listed>,
}

impl KnownFeed {
    /// Takes from a list that another thread gives; from none there is nothing to take.
    pub(crate) fn new(from: Option<Receiver<Batch>>) -> KnownFeed {
        KnownFeed { from, batch: Vec::new().into_iter() }
    }

    /// The next one.
    pub(crate) fn next(&mut self) -> Result<Option<Listed>, ArchiveError> {
        loop {
            if let Some(listed) = self.batch.next() {
                return Ok(Some(listed));
            }
            match self.from.as_ref().and_then(|from| from.recv().ok()) {
                Some(batch) => self.batch = batch?.into_iter(),
                None => return Ok(None),
            }
        }
    }
}

impl Archive {
    /// The folder of sorted runs.
    pub(crate) fn sorted_folder(&self) -> PathBuf {
        self.folder.join("editions").join(".sorted")
    }
}

impl KnownList<'_> {
    /// Gives all of them to `to`, in order, all with the first rank, and last the error that stopped it, if any. Ends
    /// early when nobody takes them any more.
    pub(crate) fn give(&self, run: &Run<'_>, to: &SyncSender<Batch>) {
        if let Err(error) = self.give_batches(run, to) {
            // Nobody to take it is nobody to be told.
            let _ = to.send(Err(error));
        }
    }

    fn give_batches(&self, run: &Run<'_>, to: &SyncSender<Batch>) -> Result<(), ArchiveError> {
        let catalog = Catalog::open_to_read(self.catalog)?;
        let collections = catalog.collections()?;
        let mut sorted = self.sorted(run, &catalog, &collections)?;
        drop(catalog);
        let mut batch = Vec::with_capacity(BATCH);
        // A damaged run must not be used again.
        while let Some((key, value)) = sorted.next().inspect_err(|_| self.forget())? {
            batch.push(listed(key, value, &collections, self.scale).ok_or_else(|| {
                self.forget();
                ArchiveError::Refused(format!(
                    "the sorted list in {} is damaged; run the same line again, and it is made again",
                    self.folder.display()
                ))
            })?);
            if batch.len() == BATCH {
                run.go_on()?;
                let full = std::mem::replace(&mut batch, Vec::with_capacity(BATCH));
                if to.send(Ok(full)).is_err() {
                    return Ok(());
                }
            }
        }
        let _ = to.send(Ok(batch));
        Ok(())
    }

    fn sorted(
        &self,
        run: &Run<'_>,
        catalog: &Catalog,
        collections: &[Collection],
    ) -> Result<Sorted, ArchiveError> {
        let stamp = self.stamp(catalog)?;
        if let Some(runs) = self.runs_of(&stamp)
            && let Ok(sorted) = Sorted::open(&runs)
        {
            return Ok(sorted);
        }
        remove(&self.folder)?;
        let runs = self.stamped(run, catalog, collections, stamp).inspect_err(|_| {
            // They are of no use, and may be what the disk is full of. If they cannot be removed, the next run does it.
            let _ = remove(&self.folder);
        })?;
        Ok(Sorted::open(&runs)?)
    }

    /// Sorts, and writes the stamp when the runs are safe.
    fn stamped(
        &self,
        run: &Run<'_>,
        catalog: &Catalog,
        collections: &[Collection],
        stamp: String,
    ) -> Result<Vec<PathBuf>, ArchiveError> {
        let runs = self.sort(run, catalog, collections)?;
        let mut lines = vec![stamp];
        for path in &runs {
            let synced = File::open(path).and_then(|file| file.sync_all());
            synced.map_err(ArchiveError::io("write", path))?;
            lines.extend(path.file_name().map(|name| name.to_string_lossy().into_owned()));
        }
        if !runs.is_empty() {
            write_file(&self.stamp_path(), lines.join("\n").as_bytes())?;
        }
        Ok(runs)
    }

    fn sort(
        &self,
        run: &Run<'_>,
        catalog: &Catalog,
        collections: &[Collection],
    ) -> Result<Vec<PathBuf>, ArchiveError> {
        let all: u64 = collections.iter().map(|it| it.recordings).sum();
        run.progress.begin(Phase::Sort, &Amount { items: all, ..Amount::default() });
        let mut sorter = Sorter::new(&self.folder, self.memory_bytes, LEVEL).stopped_by(run.stop);
        let (mut key, mut value) = (Vec::new(), Vec::new());
        let mut done = 0u64;
        let mut each = |known: &KnownRecording<'_>| -> Result<(), ArchiveError> {
            done += 1;
            if done.is_multiple_of(TOLD) {
                run.go_on()?;
                let told = Amount { items: TOLD, ..Amount::default() };
                run.progress.item(known.title.as_deref().unwrap_or_default(), &told);
            }
            key_of(known, self.scale, &mut key);
            value_of(known, &mut value);
            Ok(sorter.push(&key, &value)?)
        };
        catalog.known_recordings(run.stop, &mut each)?;
        let runs = sorter.into_runs()?;
        run.progress.item("", &Amount { items: done % TOLD, ..Amount::default() });
        run.progress.end();
        Ok(runs)
    }

    /// What the order and the content of the runs follow from; the first number is that of their form.
    fn stamp(&self, catalog: &Catalog) -> Result<String, CatalogError> {
        let PopularityScale { threshold, ceiling } = self.scale;
        Ok(format!("1 {} {threshold} {ceiling}", catalog.known_changes()?))
    }

    /// The runs that were made from this.
    fn runs_of(&self, stamp: &str) -> Option<Vec<PathBuf>> {
        let text = fs::read_to_string(self.stamp_path()).ok()?;
        let mut lines = text.lines();
        let is_same = lines.next() == Some(stamp);
        is_same.then(|| lines.map(|name| self.folder.join(name)).collect())
    }

    fn stamp_path(&self) -> PathBuf {
        self.folder.join("stamp")
    }

    fn forget(&self) {
        // If it cannot be removed, the next run meets the same damage and says so again.
        let _ = fs::remove_file(self.stamp_path());
    }
}

/// Removes a folder of runs, if it is there.
pub(crate) fn remove(folder: &Path) -> Result<(), ArchiveError> {
    match fs::remove_dir_all(folder) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
            Err(ArchiveError::io("clear", folder)(e))
        }
        _ => Ok(()),
    }
}
