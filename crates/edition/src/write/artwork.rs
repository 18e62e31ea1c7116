//! Covers: rows for all of them, and files for those that may leave.
//!
//! A cover is its release's, and leaves when every recording of that release with a file is cleared. The decisions come by
//! with the recordings; here they are gathered, a few bytes a release, and covers are pushed when the list is through.

use super::catalog_rows::{CatalogRows, SHOWN};
use super::numbers::{Digest, Given, Numbered};
use super::pack_job::Unplaced;
use super::packs::{Entry, PackWriter, Packed, PackedRow};
use super::tables::Tables;
use crate::report::ShownCover;
use crate::{ArtworkSummary, EditionError, Listed, ListedCover, PackStage};
use deadwax_rights::{Act, ClearedTogether, Place, Together};
use deadwax_torrent::EntryKind;
use deadwax_torrent::names::{TrackName, release_path};
use std::collections::HashMap;

/// Of what something is the cover, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum CoverKey {
    Release(u32),
    /// One that is on no release.
    Recording(u32),
}

/// A cover with its thumbnails.
pub(crate) struct PackedCover {
    _leave: ClearedTogether,
    key: CoverKey,
    picture: u32,
    /// The name of the picture itself among the files.
    name: &'static str,
}

impl Packed for PackedCover {
    const STAGE: PackStage = PackStage::Artwork;
    const MARK: &'static str = " artwork";
    const KIND: EntryKind = EntryKind::Folder;

    fn row(self) -> PackedRow {
        PackedRow::Cover { key: self.key, picture: self.picture, name: self.name }
    }
}

/// Covers being written.
pub(crate) struct ArtworkWriter {
    /// `None` when artwork is not out.
    packs: Option<PackWriter<PackedCover>>,
    decisions: HashMap<CoverKey, Together>,
    pictures: Given,
    summary: ArtworkSummary,
    /// The first covers that are out.
    shown: Vec<ShownCover>,
}

impl ArtworkWriter {
    pub(crate) fn new(packs: Option<PackWriter<PackedCover>>) -> ArtworkWriter {
        ArtworkWriter {
            packs,
            decisions: HashMap::new(),
            pictures: Given::default(),
            summary: ArtworkSummary::default(),
            shown: Vec::new(),
        }
    }

    /// Takes in what was decided on a recording.
    pub(crate) fn decide(&mut self, listed: &Listed, numbered: &Numbered) {
        if self.packs.is_none() || listed.original_root.is_none() {
            return;
        }
        let leave = listed.clearance.as_ref().ok().filter(|_| !listed.holds_covers_back);
        let alone = listed.tracks.is_empty().then(|| CoverKey::Recording(listed.rank.get()));
        let releases = numbered.releases.iter().map(|release| CoverKey::Release(release.id));
        for key in releases.chain(alone) {
            let nobody = || Together::new(Act::Publish, Place::Worldwide);
            self.decisions.entry(key).or_insert_with(nobody).add(leave);
        }
    }

    pub(crate) fn push(
        &mut self,
        key: CoverKey,
        cover: ListedCover,
        rows: &mut CatalogRows,
        tables: &mut Tables,
    ) -> Result<(), EditionError> {
        let picture = self.pictures.give(Digest::of(&cover.hashes.root));
        if picture.is_new {
            rows.push_picture(picture.id, &cover)?;
            self.summary.pictures += 1;
        }
        self.summary.covers += 1;
        let leave = self.decisions.remove(&key).and_then(Together::leave);
        tables.push_cover(key, &cover, leave.is_some())?;
        let (Some(leave), Some(packs)) = (leave, &mut self.packs) else {
            return rows.push_cover(key, picture.id);
        };
        self.summary.out += 1;
        let name = match cover.mime.as_str() {
            "image/png" => "cover.png",
            "image/webp" => "cover.webp",
            _ => "cover.jpg",
        };
        let mut files: Vec<_> = cover
            .thumbnails
            .iter()
            .map(|thumbnail| (thumbnail_name(thumbnail.side), thumbnail.hashes.clone()))
            .collect();
        if self.shown.len() < SHOWN {
            let smallest = files.last().map_or(name, |(name, _)| *name);
            self.shown.push(ShownCover::of(&cover, smallest));
        }
        files.push((name, cover.hashes.clone()));
        let packed = PackedCover { _leave: leave, key, picture: picture.id, name };
        let unplaced = Unplaced { path: path_of(&cover), files };
        packs.push(Entry { packed, rank: cover.rank.get(), listens: None, unplaced }, rows)
    }

    /// The last pack; what the edition says of artwork, and the first covers, which have no places yet.
    pub(crate) fn finish(
        self,
        rows: &mut CatalogRows,
    ) -> Result<(ArtworkSummary, Vec<ShownCover>), EditionError> {
        if let Some(packs) = self.packs {
            packs.finish(rows)?;
        }
        Ok((self.summary, self.shown))
    }
}

/// What a thumbnail is called beside its cover.
fn thumbnail_name(side: u32) -> &'static str {
    match side {
        250 => "cover-250.jpg",
        _ => "cover-500.jpg",
    }
}

/// `Artist/Year Release`, before it is made unique.
fn path_of(cover: &ListedCover) -> Vec<String> {
    let track = cover.track.as_ref();
    release_path(&TrackName {
        artist: track
            .and_then(|track| track.release_artist.as_deref())
            .or(Some(&cover.artist_credit)),
        year: track.and_then(|track| track.year()),
        release: track.map(|track| track.release_title.as_str()),
        title: Some(&cover.title),
        ..TrackName::default()
    })
}
