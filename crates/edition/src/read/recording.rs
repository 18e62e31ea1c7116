//! One recording of the list, by whatever it is asked for.

use super::{Cover, Edition};
use crate::EditionError;
use crate::block::{BlockId, BlockIsrc, BlockRow, BlockTrack, ISRC_DESIGNATIONS, NAME};
use crate::lookup::{LookupKind, isrc_key, spread_isrc};
use crate::release_block::ReleaseArtist;
use crate::words::id_key;
use deadwax_model::{
    Isrc, Popularity, Rank, RecordingId, RecordingKey, Root, Status, TableId, Tier,
};
use rusqlite::types::Type;
use rusqlite::{OptionalExtension, Row};
use serde::Serialize;
use std::sync::Arc;

/// Most recordings that are looked at for one ISRC or id.
const SAME_KEY: usize = 10_000;

/// A recording as the edition has it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recording {
    /// Its place in the list.
    pub rank: Rank,
    /// Its id.
    pub id: RecordingId,
    /// Title; empty when not known.
    pub title: String,
    /// Artist names, in order.
    pub artists: Vec<String>,
    /// The artist credit as printed.
    pub artist_credit: String,
    /// Its places on releases; the first is the one that a pack's path is made of when there is one only.
    pub tracks: Vec<TrackPlace>,
    /// Its ISRCs.
    pub isrcs: Vec<Isrc>,
    /// Duration in milliseconds.
    pub duration_ms: Option<u64>,
    /// Listens, where somebody counted.
    pub listens: Option<u64>,
    /// Popularity, where somebody counted.
    pub popularity: Option<Popularity>,
    /// The year of its own date, else the earliest among its releases.
    pub year: Option<u16>,
    /// What is kept, or is to be.
    pub tier: Option<Tier>,
    /// Where it stands.
    pub status: Status,
    /// Root of the holding.
    pub root: Option<Root>,
    /// Root of the file that the holding was made from.
    pub original_root: Option<Root>,
    /// Bytes of the holding.
    pub bytes: Option<u64>,
    /// Container word.
    pub container: Option<String>,
    /// Codec word.
    pub codec: Option<String>,
    /// Sample rate in Hz.
    pub sample_rate: Option<u32>,
    /// Number of channels.
    pub channels: Option<u32>,
    /// Integrated loudness (EBU R128), LUFS, to the hundredth.
    pub loudness_lufs: Option<f64>,
    /// The licence as known.
    pub licence: Option<String>,
    /// Whether it may leave.
    pub cleared: bool,
    /// Why it may not.
    pub held_back: Option<String>,
    /// Where it lies in a pack.
    pub pack: Option<PackPlace>,
    /// The picture to show for it.
    pub cover: Option<Cover>,
}

/// A place on a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrackPlace {
    /// Title of the release.
    pub release: String,
    /// Artist of the release as a whole.
    pub release_artist: Option<String>,
    /// Date of the release.
    pub date: Option<String>,
    /// Disc number, from 1.
    pub disc: Option<u32>,
    /// Position on the disc, from 1.
    pub position: Option<u32>,
}

/// A place in a pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PackPlace {
    /// The pack's name.
    pub name: String,
    /// Path inside the pack's folder, `/` between parts.
    pub path: String,
}

/// Who is on a recording.
#[derive(Debug)]
pub(super) struct Artists {
    pub(super) names: Vec<String>,
    /// As printed.
    pub(super) credit: String,
}

impl Artists {
    /// Every text that says who.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str).chain([self.credit.as_str()])
    }
}

/// The texts of a recording, but for its title.
#[derive(Debug)]
pub(super) struct Texts {
    pub(super) artists: Artists,
    pub(super) tracks: Vec<TrackPlace>,
}

impl Edition {
    /// The recordings of a key, in rank order: none or one for a rank or an id, any number for an ISRC.
    ///
    /// # Errors
    /// A damaged catalogue.
    pub fn recordings(&self, key: &RecordingKey) -> Result<Vec<Recording>, EditionError> {
        let ranks = match key {
            RecordingKey::Rank(rank) => vec![rank.get()],
            RecordingKey::Id(id) => self.values(LookupKind::Id, id_key(id), 0, SAME_KEY)?,
            RecordingKey::Isrc(isrc) => self.ranks_of_isrc(*isrc, 0, SAME_KEY)?,
        };
        let recordings = ranks.into_iter().filter_map(|rank| self.load(rank).transpose());
        let is_meant = |recording: &Recording| match key {
            RecordingKey::Rank(_) => true,
            RecordingKey::Id(id) => recording.id == *id,
            RecordingKey::Isrc(isrc) => recording.isrcs.contains(isrc),
        };
        recordings.filter(|found| found.as_ref().map_or(true, is_meant)).collect()
    }

    /// The first `most` ranks behind `after` of what may carry an ISRC: a few others may be among them.
    pub(super) fn ranks_of_isrc(
        &self,
        isrc: Isrc,
        after: u32,
        most: usize,
    ) -> Result<Vec<u32>, EditionError> {
        let key = isrc_key(spread_isrc(isrc.to_u64()));
        self.values(LookupKind::Isrc, key, after, most)
    }

    /// The recording at a rank.
    ///
    /// # Errors
    /// A damaged catalogue.
    pub fn at(&self, rank: Rank) -> Result<Option<Recording>, EditionError> {
        self.load(rank.get())
    }

    /// The whole list in rank order, for exports.
    pub fn iter(&self) -> Listing<'_> {
        Listing { edition: self, next_rank: 1, batch: Vec::new().into_iter() }
    }

    pub(super) fn load(&self, rank: u32) -> Result<Option<Recording>, EditionError> {
        let Some((number, row)) = Rank::new(rank).zip(self.row(rank)?) else {
            return Ok(None);
        };
        let texts = self.texts(&row)?;
        self.complete(number, row, texts).map(Some)
    }

    /// Who is on it.
    pub(super) fn artists(&self, row: &BlockRow) -> Result<Artists, EditionError> {
        let mut names = Vec::with_capacity(row.artists.len());
        for artist in &row.artists {
            names.push(self.artist_name(*artist).map_err(self.wrong())?.unwrap_or_default());
        }
        Ok(Artists { credit: credit_text(&row.credit, &names), names })
    }

    /// Its places on releases.
    pub(super) fn tracks(&self, row: &BlockRow) -> Result<Vec<TrackPlace>, EditionError> {
        row.tracks.iter().map(|track| self.track(track)).collect()
    }

    fn texts(&self, row: &BlockRow) -> Result<Texts, EditionError> {
        Ok(Texts { artists: self.artists(row)?, tracks: self.tracks(row)? })
    }

    /// The rest of it.
    pub(super) fn complete(
        &self,
        rank: Rank,
        row: BlockRow,
        texts: Texts,
    ) -> Result<Recording, EditionError> {
        let wrong = self.wrong();
        let isrcs = self.isrcs(&row)?;
        let cover = self.cover_of_row(rank, &row)?;
        let state = self.state(row.head.state)?;
        let mut recording = Recording {
            rank,
            id: self.id(&row.id).map_err(&wrong)?,
            title: row.title,
            artist_credit: texts.artists.credit,
            artists: texts.artists.names,
            tracks: texts.tracks,
            isrcs,
            duration_ms: row.duration_ms,
            listens: row.head.listens,
            popularity: row.head.popularity.and_then(Popularity::new),
            year: row.head.year,
            tier: None,
            status: state.status,
            root: None,
            original_root: None,
            bytes: None,
            container: None,
            codec: None,
            sample_rate: None,
            channels: None,
            loudness_lufs: None,
            licence: state.licence,
            cleared: state.held_back.is_none(),
            held_back: state.held_back,
            pack: None,
            cover,
        };
        if self.blocks.has_files() {
            self.read_file(rank.get(), &mut recording).map_err(&wrong)?;
        }
        Ok(recording)
    }

    pub(super) fn artist_name(&self, artist: u32) -> rusqlite::Result<Option<String>> {
        let sql = "SELECT name FROM artist WHERE artist = ?";
        self.catalog.prepare_cached(sql)?.query_row([artist], |row| row.get(0)).optional()
    }

    fn track(&self, track: &BlockTrack) -> Result<TrackPlace, EditionError> {
        let known = |number: u32| (number != 0).then_some(number);
        let (disc, position) = (known(track.disc), known(track.position));
        let Some(release) = self.release(track.release)? else {
            let (release, release_artist, date) = (String::new(), None, None);
            return Ok(TrackPlace { release, release_artist, date, disc, position });
        };
        let release_artist = match release.artist {
            ReleaseArtist::None => None,
            ReleaseArtist::Text(text) => Some(text),
            ReleaseArtist::Number(number) => self.artist_name(number).map_err(self.wrong())?,
        };
        Ok(TrackPlace {
            release: release.title,
            release_artist,
            date: release.date,
            disc,
            position,
        })
    }

    /// Its ISRCs, in order.
    pub(super) fn isrcs(&self, row: &BlockRow) -> Result<Vec<Isrc>, EditionError> {
        let mut isrcs = Vec::with_capacity(row.isrcs.len());
        for isrc in &row.isrcs {
            isrcs.extend(self.isrc(isrc).map_err(self.wrong())?);
        }
        isrcs.sort_unstable();
        Ok(isrcs)
    }

    fn isrc(&self, isrc: &BlockIsrc) -> rusqlite::Result<Option<Isrc>> {
        if isrc.registrant == 0 {
            return Ok(Isrc::from_u64(isrc.rest));
        }
        let sql = "SELECT prefix FROM registrant WHERE registrant = ?";
        let mut statement = self.catalog.prepare_cached(sql)?;
        let prefix: Option<u64> =
            statement.query_row([isrc.registrant], |row| row.get(0)).optional()?;
        let whole = |prefix: u64| prefix.checked_mul(ISRC_DESIGNATIONS)?.checked_add(isrc.rest);
        Ok(prefix.and_then(whole).and_then(Isrc::from_u64))
    }

    fn id(&self, id: &BlockId) -> rusqlite::Result<RecordingId> {
        let (collection, id) = match id {
            BlockId::Own(id) => return Ok(id.clone()),
            BlockId::Row(collection, id) => (collection, *id),
        };
        let sql = "SELECT name FROM collection WHERE collection = ?";
        let mut statement = self.catalog.prepare_cached(sql)?;
        let collection: Arc<str> = statement.query_row([collection], |row| row.get(0))?;
        Ok(RecordingId::of_row(&TableId { collection, id }))
    }

    /// What few recordings have: a file.
    fn read_file(&self, rank: u32, recording: &mut Recording) -> rusqlite::Result<()> {
        let sql =
            "SELECT ti.text, f.bytes, f.root, f.original_root, co.text, cd.text, f.sample_rate,
                f.channels, f.loudness_clu, p.name, pd.path
            FROM file f
                LEFT JOIN packed pd ON pd.rank = f.rank
                LEFT JOIN pack p ON p.pack = pd.pack
                LEFT JOIN word ti ON ti.word = f.tier
                LEFT JOIN word co ON co.word = f.container
                LEFT JOIN word cd ON cd.word = f.codec
            WHERE f.rank = ?";
        let mut statement = self.catalog.prepare_cached(sql)?;
        let mut rows = statement.query([rank])?;
        let Some(row) = rows.next()? else {
            return Ok(());
        };
        let tier: Option<String> = row.get(0)?;
        recording.tier =
            tier.map(|word| word.parse()).transpose().map_err(|error| wrong_value(0, error))?;
        recording.bytes = row.get(1)?;
        recording.root = read_root(row, 2)?;
        recording.original_root = read_root(row, 3)?;
        recording.container = row.get(4)?;
        recording.codec = row.get(5)?;
        recording.sample_rate = row.get(6)?;
        recording.channels = row.get(7)?;
        recording.loudness_lufs = row.get::<_, Option<i64>>(8)?.map(|clu| clu as f64 / 100.0);
        recording.pack = match (row.get(9)?, row.get(10)?) {
            (Some(name), Some(path)) => Some(PackPlace { name, path }),
            _ => None,
        };
        Ok(())
    }
}

/// A credit in full: the artists' names in the places that are theirs.
fn credit_text(form: &[u8], artists: &[String]) -> String {
    if form.is_empty() {
        return artists.first().cloned().unwrap_or_default();
    }
    let mut text = Vec::with_capacity(form.len() + artists.iter().map(String::len).sum::<usize>());
    let mut names = artists.iter();
    for byte in form {
        match *byte {
            NAME => text.extend(names.next().into_iter().flat_map(|name| name.bytes())),
            byte => text.push(byte),
        }
    }
    String::from_utf8(text).unwrap_or_default()
}

pub(super) fn read_root(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Root>> {
    let bytes: Option<Vec<u8>> = row.get(column)?;
    let root = bytes.map(|bytes| Root::from_slice(&bytes)).transpose();
    root.map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Blob, Box::new(error))
    })
}

pub(super) fn wrong_value(
    column: usize,
    error: impl std::error::Error + Send + Sync + 'static,
) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
}

/// The list, a batch at a time.
#[derive(Debug)]
pub struct Listing<'e> {
    edition: &'e Edition,
    next_rank: u32,
    batch: std::vec::IntoIter<Recording>,
}

impl Listing<'_> {
    /// The recordings of the next block.
    fn next_batch(&mut self) -> Result<Vec<Recording>, EditionError> {
        let rows = self.edition.rows_from(self.next_rank)?;
        let ranks = self.next_rank..;
        self.next_rank = self.next_rank.saturating_add(rows.len() as u32);
        let ranked = ranks.filter_map(Rank::new).zip(rows);
        ranked
            .map(|(rank, row)| {
                let texts = self.edition.texts(&row)?;
                self.edition.complete(rank, row, texts)
            })
            .collect()
    }
}

impl Iterator for Listing<'_> {
    type Item = Result<Recording, EditionError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(recording) = self.batch.next() {
            return Some(Ok(recording));
        }
        if self.next_rank > self.edition.len() {
            return None;
        }
        let batch = self.next_batch();
        match batch {
            Ok(batch) => {
                self.batch = batch.into_iter();
                self.batch.next().map(Ok)
            }
            Err(error) => {
                self.next_rank = u32::MAX;
                Some(Err(error))
            }
        }
    }
}
