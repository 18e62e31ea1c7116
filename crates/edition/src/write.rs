//! Writes an edition: the list streams by once, into every file at the same time.

mod artwork;
mod catalog_file;
mod content;
mod coverage;
mod files;
mod lookup_rows;
mod numbers;
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
use content::Content;
use deadwax_model::{Problem, Status};
use deadwax_rights::{Act, Place};
use deadwax_store::{Store, write_file};
use deadwax_torrent::PackOptions;
use numbers::Numbers;
use packs::{Entry, PackWriter, PackedAudio, PackedPatch, Packs, extension_of, path_of};
use rollup::TIERED;
use search_file::SearchFile;
use std::path::{Path, PathBuf};
use tables::Tables;

/// An edition being written. Push the recordings in rank order, then [`finish`](Self::finish).
pub struct EditionWriter<'s> {
    folder: PathBuf,
    info: EditionInfo,
    numbers: Numbers,
    catalog: CatalogFile,
    search: SearchFile,
    tables: Tables,
    audio: PackWriter<'s, PackedAudio>,
    patches: PackWriter<'s, PackedPatch>,
    artwork: ArtworkWriter<'s>,
    rollups: Rollups,
    tracks: u64,
    isrcs: u64,
    head: Head,
    content: Content,
    tombstones: Tombstones,
}

impl<'s> EditionWriter<'s> {
    /// Starts an edition in `folder`, which is created when it is not there and must be empty. The caller
    /// gives it its final name afterwards (`deadwax_store::publish_folder`). Holdings are linked
    /// from `store`, and never opened. `options` go into every torrent.
    ///
    /// # Errors
    /// The folder cannot be made or has these files already.
    pub fn create(
        folder: &Path,
        info: EditionInfo,
        store: &'s Store,
        options: PackOptions,
    ) -> Result<EditionWriter<'s>, EditionError> {
        std::fs::create_dir_all(folder).map_err(EditionError::io("create folder", folder))?;
        let mut listing = folder.read_dir().map_err(EditionError::io("list", folder))?;
        if listing.next().is_some() {
            let what = "the folder for a new edition is not empty".to_owned();
            return Err(EditionError::NotAnEdition { path: folder.to_path_buf(), what });
        }
        let content = Content::new(&info, &options);
        let packs = folder.join("packs");
        std::fs::create_dir(&packs).map_err(EditionError::io("create folder", &packs))?;
        let covers = info.stages.artwork;
        let covers = covers.then(|| PackWriter::new(&packs, &info, store, options.clone()));
        Ok(EditionWriter {
            content,
            numbers: Numbers::default(),
            catalog: CatalogFile::create(
                &folder.join("catalog.sqlite"),
                &folder.join("sorting"),
                &info,
            )?,
            search: SearchFile::create(&folder.join("search.sqlite"))?,
            tables: Tables::create(&folder.join("parquet"), &info.created_by)?,
            artwork: ArtworkWriter::new(covers),
            patches: PackWriter::new(&packs, &info, store, options.clone()),
            audio: PackWriter::new(&packs, &info, store, options),
            rollups: Rollups::default(),
            tracks: 0,
            isrcs: 0,
            head: Head::default(),
            tombstones: Tombstones::new(Vec::new()),
            folder: folder.to_path_buf(),
            info,
        })
    }

    /// Adds the next recording. It goes into a pack when it is held, its hashes are given and it is cleared.
    ///
    /// # Errors
    /// A rank out of order, a clearance of something else, hashes of another file, a full disk.
    pub fn push(&mut self, listed: Listed) -> Result<(), EditionError> {
        self.check(&listed)?;
        self.content.push(&listed);
        let numbered = self.numbers.number(&listed);
        self.catalog.push(&listed, &numbered)?;
        self.search.push(&listed)?;
        self.tables.push(&listed, &numbered)?;
        self.tracks += listed.tracks.len() as u64;
        self.isrcs += listed.isrcs.len() as u64;
        self.head.push(&listed, &numbered.credit_text);
        self.artwork.decide(&listed, &numbered);
        let packed = self.takes(&listed);
        if let Some(point) = self.rollups.push(&listed, packed) {
            self.catalog.push_coverage(&point)?;
        }
        let Ok(leave) = &listed.clearance else {
            return Ok(());
        };
        if let Some(patch) = listed.patch.as_ref().filter(|_| self.info.stages.patches) {
            let mut path = path_of(&listed, extension_of(&listed));
            path.iter_mut().last().into_iter().for_each(|name| name.push_str(".patch"));
            let packed = PackedPatch::new(leave.clone(), &listed, patch);
            let (rank, files) = (listed.rank.get(), vec![("", patch.clone())]);
            let entry = Entry { packed, rank, listens: None, path, files };
            self.patches.push(entry, &mut self.catalog)?;
        }
        if let Some(hashes) = listed.hashes.as_ref().filter(|_| packed) {
            let path = path_of(&listed, extension_of(&listed));
            let packed = PackedAudio::new(leave.clone(), &listed);
            let (rank, files) = (listed.rank.get(), vec![("", hashes.clone())]);
            let entry = Entry { packed, rank, listens: listed.listens, path, files };
            self.audio.push(entry, &mut self.catalog)?;
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
        self.artwork.push(key, cover, &mut self.catalog, &mut self.tables)
    }

    /// Gives what went dark; nothing ever did else. It is not part of what the edition says of the list.
    pub fn set_tombstones(&mut self, tombstones: Tombstones) {
        self.tombstones = tombstones;
    }

    /// Whether a recording goes into a pack of audio.
    fn takes(&mut self, listed: &Listed) -> bool {
        let is_out = listed.rank.get() <= self.info.stages.audio_to_rank;
        match &listed.hashes {
            Some(hashes)
                if is_out && listed.is_held() && listed.clearance.is_ok() && hashes.bytes > 0 =>
            {
                let path = path_of(listed, extension_of(listed));
                self.audio.fits(listed.id.as_str(), &path, hashes)
            }
            _ => false,
        }
    }

    /// Finishes every file, edition.json last. The problems are recordings that could be in no pack.
    ///
    /// # Errors
    /// A full disk; a holding that the store does not have.
    pub fn finish(mut self) -> Result<(EditionSummary, Vec<Problem>), EditionError> {
        write_file(&self.folder.join(TOMBSTONES), &self.tombstones.to_json())?;
        let search = self.search.end()?;
        let tables = self.tables.end()?;
        let Packs { packs, problems, .. } = self.audio.finish(&mut self.catalog)?;
        let patches = self.patches.finish(&mut self.catalog)?.packs;
        let (artwork, artwork_packs, covers) = self.artwork.finish(&mut self.catalog)?;
        self.catalog.finish(&mut self.rollups)?;
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
                audio_to_rank: packs.last().map_or(0, |pack| pack.last_rank),
                artwork: !artwork.packs.is_empty(),
                patches: !patches.is_empty(),
            },
            packs: summaries(&packs),
            artwork,
            patches: PatchesSummary { packs: summaries(&patches) },
            content: self.content.finish(),
            files: Vec::new(),
        };
        let packs = [packs, artwork_packs, patches].concat();
        let torrents = TorrentList::new(&summary.title, &summary.date, listens_total, packs);
        write_file(&self.folder.join("torrents.json"), &torrents.to_json())?;
        for (name, page) in report::pages(&summary, &torrents, rollups, &self.head, &covers)? {
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
