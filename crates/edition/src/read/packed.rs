//! What of a recording is in packs, file by file: what has to be found again when it may leave no longer.

use super::Edition;
use super::cover::Cover;
use super::recording::{read_root, wrong_value};
use crate::EditionError;
use deadwax_model::{Rank, RecordingId, RecordingKey, Root};
use rusqlite::Row;
use std::collections::BTreeSet;

/// A file in a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackedFile {
    /// What it is.
    pub kind: PackedKind,
    /// Its root.
    pub root: Root,
    /// The recording that it is of; `None` of the cover of a release.
    pub rank: Option<Rank>,
    /// The name of the pack, which is its folder's in `packs`.
    pub pack: String,
    /// Its path in the pack's folder, `/` between parts.
    pub path: String,
}

/// What a file in a pack is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PackedKind {
    /// A holding.
    Audio,
    /// A patch that gives an original back.
    Patch,
    /// A cover, or a thumbnail of one.
    Cover,
}

/// A cover that is in a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackedCover {
    /// The number of its release in this edition; `None` of the cover of a recording that is on none.
    pub release: Option<u32>,
    /// The picture and its thumbnails.
    pub files: Vec<PackedFile>,
}

const AUDIO: &str = "SELECT p.rank, f.root, k.name, p.path FROM packed p
    JOIN pack k ON k.pack = p.pack JOIN file f ON f.rank = p.rank";
const PATCH: &str = "SELECT p.rank, p.root, k.name, p.path FROM packed_patch p
    JOIN pack k ON k.pack = p.pack";

impl Edition {
    /// Where a recording stands in the list.
    ///
    /// # Errors
    /// A damaged catalogue.
    pub fn rank_of(&self, id: &RecordingId) -> Result<Option<Rank>, EditionError> {
        let found = self.recordings(&RecordingKey::Id(id.clone()))?;
        Ok(found.first().map(|recording| recording.rank))
    }

    /// The files of a recording that are in packs: its holding, its patch.
    ///
    /// # Errors
    /// A damaged catalogue.
    pub fn packed_files(&self, rank: Rank) -> Result<Vec<PackedFile>, EditionError> {
        let mut files = Vec::new();
        for (kind, select) in self.file_tables().map_err(self.wrong())? {
            let sql = format!("{select} WHERE p.rank = {rank}");
            self.each_packed(kind, &sql, |file| files.push(file)).map_err(self.wrong())?;
        }
        Ok(files)
    }

    /// The covers in packs that a recording has a part in: those of its releases, or its own.
    ///
    /// # Errors
    /// A damaged catalogue.
    pub fn packed_covers(&self, rank: Rank) -> Result<Vec<PackedCover>, EditionError> {
        let Some(row) = self.row(rank.get())? else {
            return Ok(Vec::new());
        };
        let mut releases: Vec<Option<u32>> =
            row.tracks.iter().map(|track| Some(track.release)).collect();
        if releases.is_empty() {
            releases.push(None);
        }
        let mut covers = Vec::new();
        for release in releases {
            let cover = match release {
                Some(number) => self.cover_of_release(number)?,
                None => self.cover_of_recording(rank)?,
            };
            let of = release.is_none().then_some(rank);
            let files = cover.map(|cover| files_of_cover(cover, of)).unwrap_or_default();
            if !files.is_empty() {
                covers.push(PackedCover { release, files });
            }
        }
        Ok(covers)
    }

    /// Every file in packs that has one of these roots, by one walk along the tables of what is in packs.
    ///
    /// # Errors
    /// A damaged catalogue.
    pub fn packed_with(&self, roots: &BTreeSet<Root>) -> Result<Vec<PackedFile>, EditionError> {
        let mut files = Vec::new();
        for (kind, select) in self.file_tables().map_err(self.wrong())? {
            let take = |file: PackedFile| files.extend(roots.contains(&file.root).then_some(file));
            self.each_packed(kind, select, take).map_err(self.wrong())?;
        }
        if self.has_covers {
            for (is_release, key) in self.covers_with(roots).map_err(self.wrong())? {
                let of = if is_release { None } else { Rank::new(key) };
                let cover = match of {
                    Some(rank) => self.cover_of_recording(rank)?,
                    None => self.cover_of_release(key)?,
                };
                let found = cover.map(|cover| files_of_cover(cover, of)).unwrap_or_default();
                files.extend(found.into_iter().filter(|file| roots.contains(&file.root)));
            }
        }
        Ok(files)
    }

    /// Where covers are that are one of these pictures, or have one for a thumbnail: whether of a release, and the number.
    fn covers_with(&self, roots: &BTreeSet<Root>) -> rusqlite::Result<Vec<(bool, u32)>> {
        let sql = "SELECT picture, root FROM picture UNION ALL SELECT picture, root FROM thumbnail";
        let mut pictures = BTreeSet::new();
        let mut statement = self.catalog.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if read_root(row, 1)?.is_some_and(|root| roots.contains(&root)) {
                pictures.insert(row.get::<_, u32>(0)?);
            }
        }
        let sql = "SELECT 1, release, picture FROM release_picture WHERE path IS NOT NULL
            UNION ALL SELECT 0, rank, picture FROM recording_picture WHERE path IS NOT NULL";
        let mut places = Vec::new();
        let mut statement = self.catalog.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if pictures.contains(&row.get(2)?) {
                places.push((row.get(0)?, row.get(1)?));
            }
        }
        Ok(places)
    }

    fn each_packed(
        &self,
        kind: PackedKind,
        sql: &str,
        mut each: impl FnMut(PackedFile),
    ) -> rusqlite::Result<()> {
        let mut statement = self.catalog.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            each(packed_row(kind, row)?);
        }
        Ok(())
    }

    /// The tables of files of recordings, as far as this edition has them.
    fn file_tables(&self) -> rusqlite::Result<Vec<(PackedKind, &'static str)>> {
        let sql = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'packed_patch')";
        let mut tables = vec![(PackedKind::Audio, AUDIO)];
        if self.catalog.prepare_cached(sql)?.query_row([], |row| row.get(0))? {
            tables.push((PackedKind::Patch, PATCH));
        }
        Ok(tables)
    }
}

fn packed_row(kind: PackedKind, row: &Row<'_>) -> rusqlite::Result<PackedFile> {
    let missing = || wrong_value(1, std::io::Error::other("a file in a pack without a root"));
    Ok(PackedFile {
        kind,
        rank: Rank::new(row.get(0)?),
        root: read_root(row, 1)?.ok_or_else(missing)?,
        pack: row.get(2)?,
        path: row.get(3)?,
    })
}

/// A cover's files, when it is in a pack: its thumbnails lie beside it.
fn files_of_cover(cover: Cover, rank: Option<Rank>) -> Vec<PackedFile> {
    let Some(place) = cover.pack else {
        return Vec::new();
    };
    let folder = place.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let beside = |name: String| match folder {
        "" => name,
        folder => format!("{folder}/{name}"),
    };
    let thumbnails =
        cover.thumbnails.iter().map(|it| (it.root, beside(format!("cover-{}.jpg", it.side))));
    let all = std::iter::once((cover.root, place.path.clone())).chain(thumbnails);
    all.map(|(root, path)| PackedFile {
        kind: PackedKind::Cover,
        root,
        rank,
        pack: place.name.clone(),
        path,
    })
    .collect()
}
