//! Writes an edition: the list streams by once, into every file at the same time.

mod artwork;
mod catalog_file;
mod catalog_rows;
mod content;
mod coverage;
mod files;
mod lookup_rows;
mod numbers;
mod pack_job;
mod packs;
mod pairs;
mod parquet_file;
mod postings;
mod rollup;
mod runs;
mod script;
mod search_file;
mod segment;
mod tables;
mod worker;

pub(crate) use coverage::{CoveragePoint, Weight};
pub(crate) use rollup::Rollups;

use crate::report::{self, Head};
use crate::{
    CountBytes, Counts, CoverageShares, EditionError, EditionInfo, EditionSummary, Listed,
    ListedCover, ListensTotal, PatchesSummary, PopularityEnds, Schemas, Stages, TOMBSTONES,
    Tombstones, TorrentEntry, TorrentList,
};
use artwork::{ArtworkWriter, CoverKey};
use catalog_file::CatalogFile;
use catalog_rows::{CatalogRows, Packs};
use content::Content;
use deadwax_model::{Problem, Status};
use deadwax_rights::{Act, Place};
use deadwax_store::{Store, write_file};
use deadwax_torrent::PackOptions;
use numbers::Numbers;
use pack_job::{PackPlace, Unplaced};
use packs::{Entry, PackWriter, PackedAudio, PackedPatch, extension_of, path_of};
use rollup::TIERED;
use search_file::SearchFile;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tables::Tables;

/// An edition being written. Push the recordings in rank order, then [`finish`](Self::finish).
pub struct EditionWriter {
    folder: PathBuf,
    info: EditionInfo,
    numbers: Numbers,
    rows: CatalogRows,
    search: SearchFile,
    tables: Tables,
    audio: PackWriter<PackedAudio>,
    patches: PackWriter<PackedPatch>,
    artwork: ArtworkWriter,
    rollups: Rollups,
    tracks: u64,
    isrcs: u64,
    head: Head,
    content: Content,
    tombstones: Tombstones,
}

impl EditionWriter {
    /// Starts an edition in `folder`, which is created when it is not there and must be empty. The caller
    /// gives it its final name afterwards (`deadwax_store::publish_folder`). Holdings are linked
    /// from `store`, and never opened. `options` go into every torrent.
    ///
    /// # Errors
    /// The folder cannot be made or has these files already.
    pub fn create(
        folder: &Path,
        info: EditionInfo,
        store: &Store,
        options: PackOptions,
    ) -> Result<EditionWriter, EditionError> {
        std::fs::create_dir_all(folder).map_err(EditionError::io("create folder", folder))?;
        let mut listing = folder.read_dir().map_err(EditionError::io("list", folder))?;
        if listing.next().is_some() {
            let what = "the folder for a new edition is not empty".to_owned();
            return Err(EditionError::NotAnEdition { path: folder.to_path_buf(), what });
        }
        let content = Content::new(&info, &options);
        let packs = folder.join("packs");
        std::fs::create_dir(&packs).map_err(EditionError::io("create folder", &packs))?;
        let place = Arc::new(PackPlace { folder: packs.clone(), links: store.links(), options });
        let covers = info.stages.artwork.then(|| PackWriter::new(&place, &info.title));
        let catalog =
            CatalogFile::create(&folder.join("catalog.sqlite"), &folder.join("sorting"), &info)?;
        Ok(EditionWriter {
            content,
            numbers: Numbers::default(),
            rows: CatalogRows::new(catalog, &packs),
            search: SearchFile::create(&folder.join("search.sqlite"))?,
            tables: Tables::create(&folder.join("parquet"), &info.created_by)?,
            artwork: ArtworkWriter::new(covers),
            patches: PackWriter::new(&place, &info.title),
            audio: PackWriter::new(&place, &info.title),
            rollups: Rollups::default(),
            tracks: 0,
            isrcs: 0,
            head: Head::default(),
            tombstones: Tombstones::new(Vec::new()),
            folder: folder.to_path_buf(),
            info,
        })
    }

    /// How many packs are made at once, each by a thread: one until this is called. The edition is the same on any number.
    pub fn set_jobs(&mut self, jobs: usize) {
        self.rows.set_jobs(jobs);
    }

    /// Adds the next recording. It goes into a pack when it is held, its hashes are given and it is cleared.
    ///
    /// # Errors
    /// A rank out of order, a clearance of something else, hashes of another file, a full disk. What went wrong with a pack is
    /// told by one of the next pushes, or at the end; nothing can be pushed then.
    pub fn push(&mut self, mut listed: Listed) -> Result<(), EditionError> {
        self.check(&listed)?;
        self.content.push(&listed);
        let numbered = self.numbers.number(&listed);
        self.search.push(&listed)?;
        self.tables.push(&listed, &numbered)?;
        self.tracks += listed.tracks.len() as u64;
        self.isrcs += listed.isrcs.len() as u64;
        self.head.push(&listed, &numbered.credit_text);
        self.artwork.decide(&listed, &numbered);
        let patch = self.patch_entry(&mut listed);
        let audio = self.audio_entry(&mut listed);
        let coverage = self.rollups.push(&listed, audio.is_some());
        self.rows.push(listed, numbered)?;
        if let Some(point) = coverage {
            self.rows.push_coverage(point)?;
        }
        if let Some(patch) = patch {
            self.patches.push(patch, &mut self.rows)?;
        }
        if let Some(audio) = audio {
            self.audio.push(audio, &mut self.rows)?;
        }
        Ok(())
    }

    /// Adds a cover, when all recordings are pushed; covers in order of their ranks. It goes into a pack when artwork is out
    /// and every recording with a file that is on the release is cleared. A cover of what is not on the list is left out.
    ///
    /// # Errors
    /// A full disk; a picture that the store does not have.
    pub fn push_cover(&mut self, cover: ListedCover) -> Result<(), EditionError> {
        let key = match &cover.track {
            Some(track) => self.numbers.release(&track.release_key).map(CoverKey::Release),
            None => Some(CoverKey::Recording(cover.rank.get())),
        };
        let Some(key) = key else {
            return Ok(());
        };
        self.content.push_cover(&cover);
        self.artwork.push(key, cover, &mut self.rows, &mut self.tables)
    }

    /// Gives what went dark; nothing ever did else. It is not part of what the edition says of the list.
    pub fn set_tombstones(&mut self, tombstones: Tombstones) {
        self.tombstones = tombstones;
    }

    /// What of a recording goes into a pack of patches.
    fn patch_entry(&self, listed: &mut Listed) -> Option<Entry<PackedPatch>> {
        let patch = listed.patch.take().filter(|_| self.info.stages.patches)?;
        let leave = listed.clearance.as_ref().ok()?;
        let mut path = path_of(listed, extension_of(listed));
        path.iter_mut().last().into_iter().for_each(|name| name.push_str(".patch"));
        let packed = PackedPatch::new(leave.clone(), listed, &patch);
        let unplaced = Unplaced { path, files: vec![("", patch)] };
        Some(Entry { packed, rank: listed.rank.get(), listens: None, unplaced })
    }

    /// What of it goes into a pack of audio.
    fn audio_entry(&mut self, listed: &mut Listed) -> Option<Entry<PackedAudio>> {
        let is_out = listed.rank.get() <= self.info.stages.audio_to_rank && listed.is_held();
        let hashes = listed.hashes.take().filter(|hashes| is_out && hashes.bytes > 0)?;
        let leave = listed.clearance.as_ref().ok()?;
        let path = path_of(listed, extension_of(listed));
        if !self.audio.fits(listed.id.as_str(), &path, &hashes) {
            return None;
        }
        let packed = PackedAudio::new(leave.clone(), listed);
        let unplaced = Unplaced { path, files: vec![("", hashes)] };
        Some(Entry { packed, rank: listed.rank.get(), listens: listed.listens, unplaced })
    }

    /// Finishes every file, edition.json last. The problems are recordings that could be in no pack.
    ///
    /// # Errors
    /// A full disk; a holding that the store does not have.
    pub fn finish(mut self) -> Result<(EditionSummary, Vec<Problem>), EditionError> {
        write_file(&self.folder.join(TOMBSTONES), &self.tombstones.to_json())?;
        let search = self.search.end()?;
        let tables = self.tables.end()?;
        let problems = self.audio.finish(&mut self.rows)?;
        self.patches.finish(&mut self.rows)?;
        let (mut artwork, mut shown) = self.artwork.finish(&mut self.rows)?;
        let packs = self.rows.finish(&mut self.rollups)?;
        shown.iter_mut().zip(&packs.covers).for_each(|(cover, folder)| cover.place(folder));
        let Packs { audio, artwork: artwork_packs, patches, .. } = packs;
        tables.finish()?;
        // While search is still being merged.
        let files = files::published_files(&self.folder, Vec::new(), Some("search."))?;
        search.finish()?;
        let rollups = &self.rollups;
        let total = &rollups.total;
        let counted = rollups.counted > 0;
        let share =
            |part: u64| (counted && total.listens > 0).then(|| part as f64 / total.listens as f64);
        let summaries =
            |packs: &[TorrentEntry]| packs.iter().map(TorrentEntry::summary).collect::<Vec<_>>();
        artwork.packs = summaries(&artwork_packs);
        let listens_total = counted.then_some(total.listens);
        let mut summary = EditionSummary {
            format: "deadwax-edition".to_owned(),
            schema: Schemas::CURRENT,
            title: self.info.title,
            date: self.info.date,
            created_by: self.info.created_by,
            recordings: total.recordings,
            releases: self.numbers.releases(),
            artists: self.numbers.artists(),
            tracks: self.tracks,
            isrcs: self.isrcs,
            duration_ms: total.duration_ms,
            held: CountBytes { count: total.held, bytes: total.bytes },
            tiers: rollups.axis("tier").filter_map(tier_counts).collect(),
            status: Status::ALL
                .into_iter()
                .filter(|status| status.is_listed())
                .map(|status| status_count(rollups, status))
                .collect(),
            cleared: total.cleared,
            held_back: total.recordings - total.cleared,
            listens: ListensTotal { recordings: rollups.counted, total: listens_total },
            popularity: PopularityEnds {
                threshold: self.info.popularity.threshold,
                ceiling: self.info.popularity.ceiling,
            },
            coverage: CoverageShares {
                held: share(rollups.now.held_listens),
                out: share(rollups.out_listens),
            },
            last_held_rank: rollups.last_held.map(|(rank, _)| rank),
            cutoff: rollups.last_held.and_then(|(_, listens)| listens),
            stages: Stages {
                metadata: true,
                audio_to_rank: audio.last().map_or(0, |pack| pack.last_rank),
                artwork: !artwork.packs.is_empty(),
                patches: !patches.is_empty(),
            },
            packs: summaries(&audio),
            artwork,
            patches: PatchesSummary { packs: summaries(&patches) },
            content: self.content.finish(),
            files: Vec::new(),
        };
        let packs = [audio, artwork_packs, patches].concat();
        let torrents = TorrentList::new(&summary.title, &summary.date, listens_total, packs);
        write_file(&self.folder.join("torrents.json"), &torrents.to_json())?;
        for (name, page) in report::pages(&summary, &torrents, rollups, &self.head, &shown)? {
            write_file(&self.folder.join(name), page.as_bytes())?;
        }
        summary.files = files::published_files(&self.folder, files, None)?;
        write_file(&self.folder.join("edition.json"), &summary.to_json())?;
        Ok((summary, problems))
    }

    fn check(&self, listed: &Listed) -> Result<(), EditionError> {
        let rank = listed.rank;
        let expected = u64::from(self.rollups.now.rank) + 1;
        if u64::from(rank.get()) != expected {
            return Err(EditionError::RankOrder { rank, expected });
        }
        if let Ok(cleared) = &listed.clearance
            && (cleared.recording() != &listed.id
                || cleared.act() != Act::Publish
                || cleared.place() != Place::Worldwide)
        {
            let given = format!(
                "to {} recording {} {}",
                cleared.act(),
                cleared.recording(),
                cleared.place()
            );
            return Err(EditionError::WrongClearance { rank, id: listed.id.to_string(), given });
        }
        if let (Some(hashes), Some(root)) = (&listed.hashes, &listed.root)
            && hashes.root != *root
        {
            let (given, root) = (hashes.root.to_string(), root.to_string());
            return Err(EditionError::WrongHashes { rank, given, root });
        }
        Ok(())
    }
}

/// What is kept at a tier; `None` for the roll-up of what has no tier.
fn tier_counts((place, label, counts): (i64, &str, &Counts)) -> Option<(String, CountBytes)> {
    let kept = CountBytes { count: counts.held, bytes: counts.bytes };
    (place == TIERED).then(|| (label.to_owned(), kept))
}

fn status_count(rollups: &Rollups, status: Status) -> (String, u64) {
    let counts = rollups.axis("status").find(|(_, label, _)| *label == status.as_str());
    (status.as_str().to_owned(), counts.map_or(0, |(_, _, counts)| counts.recordings))
}
