//! Rows on their way into the catalogue, in the order of the list.
//!
//! Packs are made by threads, and what the catalogue says of one is known when it is made. What comes behind it waits for it:
//! so the file is the same, byte for byte, however many threads there are and however long each pack takes.

use super::artwork::CoverKey;
use super::catalog_file::CatalogFile;
use super::coverage::CoveragePoint;
use super::numbers::Numbered;
use super::pack_job::{MadePack, PackJob};
use super::packs::PackedRow;
use super::rollup::Rollups;
use super::worker::{Asked, Workers};
use crate::{EditionError, Listed, ListedCover, PackStage, TorrentEntry};
use std::collections::VecDeque;
use std::path::Path;

/// Rows that may wait, some twenty megabytes: with more the pack that they wait for is waited for.
const WAITING: usize = 1 << 14;

/// Of how many covers it is remembered where they went: those that the report page shows.
pub(crate) const SHOWN: usize = 12;

/// The catalogue, and what waits to be written into it.
pub(crate) struct CatalogRows {
    file: CatalogFile,
    workers: Workers<PackJob, MadePack>,
    /// Begins with a pack.
    waiting: VecDeque<Row>,
    /// How many of them are packs.
    packs_waiting: usize,
    done: Packs,
}

enum Row {
    Recording(Box<(Listed, Numbered)>),
    Coverage(Box<CoveragePoint>),
    Picture(u32, Box<ListedCover>),
    Cover(CoverKey, u32),
    Pack(PackRows, Asked<MadePack>),
}

/// What the catalogue says of a pack and its thread does not know.
pub(crate) struct PackRows {
    pub(crate) stage: PackStage,
    pub(crate) first_rank: u32,
    pub(crate) last_rank: u32,
    pub(crate) listens: Option<u64>,
    /// What is in it, in its order.
    pub(crate) packed: Vec<PackedRow>,
}

/// The finished packs.
#[derive(Default)]
pub(crate) struct Packs {
    pub(crate) audio: Vec<TorrentEntry>,
    pub(crate) artwork: Vec<TorrentEntry>,
    pub(crate) patches: Vec<TorrentEntry>,
    /// Where the first covers went: folders in the edition.
    pub(crate) covers: Vec<String>,
}

impl CatalogRows {
    /// `packs` is the folder that packs go into.
    pub(crate) fn new(file: CatalogFile, packs: &Path) -> CatalogRows {
        CatalogRows {
            file,
            workers: Workers::new("packs", packs, PackJob::make),
            waiting: VecDeque::new(),
            packs_waiting: 0,
            done: Packs::default(),
        }
    }

    /// How many threads make packs: one until this is called.
    pub(crate) fn set_jobs(&mut self, jobs: usize) {
        self.workers.set_most(jobs);
    }

    pub(crate) fn push(&mut self, listed: Listed, numbered: Numbered) -> Result<(), EditionError> {
        match self.is_next()? {
            true => self.file.push(&listed, &numbered),
            false => self.wait(Row::Recording(Box::new((listed, numbered)))),
        }
    }

    pub(crate) fn push_coverage(&mut self, point: CoveragePoint) -> Result<(), EditionError> {
        match self.is_next()? {
            true => self.file.push_coverage(&point),
            false => self.wait(Row::Coverage(Box::new(point))),
        }
    }

    /// A picture that is new to the list, with its thumbnails.
    pub(crate) fn push_picture(
        &mut self,
        number: u32,
        cover: &ListedCover,
    ) -> Result<(), EditionError> {
        match self.is_next()? {
            true => self.file.push_picture(number, cover),
            false => self.wait(Row::Picture(number, Box::new(cover.clone()))),
        }
    }

    /// A cover that is in no pack.
    pub(crate) fn push_cover(&mut self, key: CoverKey, picture: u32) -> Result<(), EditionError> {
        match self.is_next()? {
            true => self.file.push_cover(key, picture),
            false => self.wait(Row::Cover(key, picture)),
        }
    }

    /// A pack, which a thread makes.
    pub(crate) fn push_pack(&mut self, pack: PackRows, job: PackJob) -> Result<(), EditionError> {
        let packs = self.workers.most() - 1;
        self.go_on(|waiting| waiting.packs_waiting > packs)?;
        let asked = self.workers.ask(job)?;
        self.packs_waiting += 1;
        self.wait(Row::Pack(pack, asked))
    }

    /// Everything that waits, and the rest of the catalogue.
    pub(crate) fn finish(mut self, rollups: &mut Rollups) -> Result<Packs, EditionError> {
        self.go_on(|_| true)?;
        self.file.finish(rollups)?;
        Ok(self.done)
    }

    /// Whether the next row can be written at once.
    fn is_next(&mut self) -> Result<bool, EditionError> {
        self.go_on(|_| false)?;
        Ok(self.waiting.is_empty())
    }

    fn wait(&mut self, row: Row) -> Result<(), EditionError> {
        self.waiting.push_back(row);
        self.go_on(|rows| rows.waiting.len() > WAITING)
    }

    /// Writes what waits, up to the first pack that is not made; `must` says whether to wait for it. A pack that failed stays
    /// the first.
    fn go_on(&mut self, must: impl Fn(&CatalogRows) -> bool) -> Result<(), EditionError> {
        while let Some(row) = self.waiting.pop_front() {
            match row {
                Row::Recording(row) => self.file.push(&row.0, &row.1)?,
                Row::Coverage(point) => self.file.push_coverage(&point)?,
                Row::Picture(number, cover) => self.file.push_picture(number, &cover)?,
                Row::Cover(key, picture) => self.file.push_cover(key, picture)?,
                Row::Pack(pack, asked) => {
                    let must = must(self);
                    match self.workers.answer(&asked, must) {
                        Ok(Some(made)) => {
                            self.packs_waiting -= 1;
                            self.write_pack(pack, made)?;
                        }
                        not_made => {
                            self.waiting.push_front(Row::Pack(pack, asked));
                            return not_made.map(drop);
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn write_pack(&mut self, pack: PackRows, made: MadePack) -> Result<(), EditionError> {
        let MadePack { name, paths, .. } = made;
        let entry = TorrentEntry {
            stage: pack.stage,
            torrent: format!("packs/{name}.torrent"),
            torrent_bytes: made.torrent_bytes,
            v1_twin: made.twin_infohash.map(|_| format!("packs/{name}.v1.torrent")),
            folder: format!("packs/{name}"),
            name,
            first_rank: pack.first_rank,
            last_rank: pack.last_rank,
            files: made.files,
            bytes: made.bytes,
            listens: pack.listens,
            coverage: None,
            infohash_v1: hex::encode(made.infohash_v1),
            infohash_v2: hex::encode(made.infohash_v2),
            twin_infohash: made.twin_infohash.map(hex::encode),
            magnet: made.magnet,
        };
        let number = self.file.push_pack(&entry, (&made.infohash_v1, &made.infohash_v2))?;
        for (packed, path) in pack.packed.iter().zip(&paths) {
            self.file.record(packed, number, path)?;
        }
        let packs = match pack.stage {
            PackStage::Audio => &mut self.done.audio,
            PackStage::Patches => &mut self.done.patches,
            PackStage::Artwork => {
                let covers = &mut self.done.covers;
                let room = SHOWN - covers.len();
                covers
                    .extend(paths.iter().take(room).map(|path| format!("{}/{path}", entry.folder)));
                &mut self.done.artwork
            }
        };
        packs.push(entry);
        Ok(())
    }
}
