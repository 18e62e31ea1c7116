//! Writes an edition: the list streams by once, into every file at the same time.

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
    ListensTotal, PopularityEnds, Schemas, Stages,
};
use catalog_file::CatalogFile;
use content::Content;
use deadwax_model::{Problem, Status};
use deadwax_rights::{Act, Place};
use deadwax_store::{Store, write_file};
use deadwax_torrent::PackOptions;
use numbers::Numbers;
use packs::PackWriter;
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
    packs: PackWriter<'s>,
    rollups: Rollups,
    tracks: u64,
    isrcs: u64,
    head: Head,
    content: Content,
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
            packs: PackWriter::create(&folder.join("packs"), &info, store, options)?,
            rollups: Rollups::default(),
            tracks: 0,
            isrcs: 0,
            head: Head::default(),
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
        let packed = self.packs.takes(&listed);
        if let Some(point) = self.rollups.push(&listed, packed) {
            self.catalog.push_coverage(&point)?;
        }
        match listed {
            Listed { clearance: Ok(ref cleared), .. } if packed => {
                let cleared = cleared.clone();
                self.packs.push(cleared, listed, &mut self.catalog)
            }
            _ => Ok(()),
        }
    }

    /// Finishes every file, edition.json last. The problems are recordings that could be in no pack.
    ///
    /// # Errors
    /// A full disk; a holding that the store does not have.
    pub fn finish(mut self) -> Result<(EditionSummary, Vec<Problem>), EditionError> {
        let search = self.search.end()?;
        let tables = self.tables.end()?;
        let (packs, problems) = self.packs.finish(&mut self.catalog)?;
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
            listens: ListensTotal {
                recordings: rollups.counted,
                total: counted.then_some(total.listens),
            },
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
            },
            packs,
            content: self.content.finish(),
            files: Vec::new(),
        };
        for (name, page) in report::pages(&summary, rollups, &self.head)? {
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
