//! One recording of the list, by whatever it is asked for.

use super::Edition;
use crate::EditionError;
use crate::schema::isrc_of_kept;
use crate::words::id_key;
use deadwax_model::{Isrc, Popularity, Rank, RecordingId, RecordingKey, Root, Status, Tier};
use rusqlite::types::Type;
use rusqlite::{OptionalExtension, Row};
use serde::Serialize;

/// Recordings that [`Listing`] loads at once.
const LISTING_BATCH: u32 = 1024;

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

impl Edition {
    /// The recordings of a key, in rank order: none or one for a rank or an id, any number for an ISRC.
    ///
    /// # Errors
    /// A damaged catalogue.
    pub fn recordings(&self, key: &RecordingKey) -> Result<Vec<Recording>, EditionError> {
        let ranks = match key {
            RecordingKey::Rank(rank) => vec![rank.get()],
            RecordingKey::Id(id) => self.ranks_of(&id_key(id))?,
            RecordingKey::Isrc(isrc) => self.ranks_of(&format!("isrc{}", isrc.compact()))?,
        };
        let recordings = ranks.into_iter().filter_map(|rank| self.load(rank).transpose());
        let is_meant = |recording: &Recording| match key {
            RecordingKey::Id(id) => recording.id == *id,
            _ => true,
        };
        recordings.filter(|found| found.as_ref().map_or(true, is_meant)).collect()
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

    /// The ranks of a term of `lookup`.
    pub(super) fn ranks_of(&self, term: &str) -> Result<Vec<u32>, EditionError> {
        let read = || -> rusqlite::Result<Vec<u32>> {
            let sql = "SELECT rowid FROM lookup WHERE lookup MATCH ? ORDER BY rowid";
            let mut statement = self.search.prepare_cached(sql)?;
            statement.query_map([term], |row| row.get(0))?.collect()
        };
        read().map_err(EditionError::sqlite(&self.folder.join("search.sqlite")))
    }

    pub(super) fn load(&self, rank: u32) -> Result<Option<Recording>, EditionError> {
        self.load_rows(rank).map_err(self.wrong())
    }

    fn load_rows(&self, rank: u32) -> rusqlite::Result<Option<Recording>> {
        let sql = "SELECT r.id, r.title, r.credit, c.text, r.duration_ms, r.listens, r.popularity, r.year,
                s.status, s.licence, s.held_back, ti.text, f.bytes, f.root, f.original_root, co.text, cd.text,
                f.sample_rate, f.channels, f.loudness_clu, p.name, pd.path, a.name, r.isrc,
                r.release, rl.title, rl.artist, rl.date, r.disc, r.position
            FROM recording r
                LEFT JOIN state s ON s.state = r.state
                LEFT JOIN credit c ON c.credit = r.credit
                LEFT JOIN artist a ON a.artist = c.artist
                LEFT JOIN release rl ON rl.release = r.release
                LEFT JOIN file f ON f.rank = r.rank
                LEFT JOIN packed pd ON pd.rank = r.rank
                LEFT JOIN pack p ON p.pack = pd.pack
                LEFT JOIN word ti ON ti.word = f.tier
                LEFT JOIN word co ON co.word = f.container
                LEFT JOIN word cd ON cd.word = f.codec
            WHERE r.rank = ?";
        let mut statement = self.catalog.prepare_cached(sql)?;
        let read = statement.query_row([rank], |row| Ok((read_recording(rank, row)?, row.get(2)?)));
        let Some((mut recording, credit)) = read.optional()? else {
            return Ok(None);
        };
        let credit: i64 = credit;
        let sql = "SELECT a.name FROM more_credit_artist m JOIN artist a ON a.artist = m.artist
            WHERE m.credit = ? ORDER BY m.position";
        let mut statement = self.catalog.prepare_cached(sql)?;
        for name in statement.query_map([credit], |row| row.get(0))? {
            recording.artists.push(name?);
        }
        let sql = "SELECT rl.title, rl.artist, rl.date, m.disc, m.position FROM more_track m
            JOIN release rl ON rl.release = m.release WHERE m.rank = ? ORDER BY m.release, m.disc, m.position";
        let mut statement = self.catalog.prepare_cached(sql)?;
        for track in statement.query_map([rank], |row| read_track(row, 0))? {
            recording.tracks.push(track?);
        }
        let sql = "SELECT isrc FROM more_isrc WHERE rank = ? ORDER BY isrc";
        let mut statement = self.catalog.prepare_cached(sql)?;
        for isrc in statement.query_map([rank], |row| row.get::<_, i64>(0))? {
            recording.isrcs.extend(u64::try_from(isrc?).ok().and_then(Isrc::from_u64));
        }
        Ok(Some(recording))
    }
}

fn read_recording(rank: u32, row: &Row<'_>) -> rusqlite::Result<Recording> {
    let id: Vec<u8> = row.get(0)?;
    let id: String = hex::encode(id);
    let status: Option<String> = row.get(8)?;
    let tier: Option<String> = row.get(11)?;
    let held_back: Option<String> = row.get(10)?;
    let first_artist: Option<String> = row.get(22)?;
    let credit_text: Option<String> = row.get(3)?;
    let isrc: Option<i64> = row.get(23)?;
    Ok(Recording {
        rank: Rank::new(rank).ok_or(rusqlite::Error::IntegralValueOutOfRange(0, rank.into()))?,
        id: id.parse().map_err(|error| wrong_value(0, error))?,
        title: row.get(1)?,
        artist_credit: credit_text.or_else(|| first_artist.clone()).unwrap_or_default(),
        artists: first_artist.into_iter().collect(),
        tracks: match row.get::<_, Option<i64>>(24)? {
            Some(_) => vec![read_track(row, 25)?],
            None => Vec::new(),
        },
        isrcs: isrc.and_then(isrc_of_kept).and_then(Isrc::from_u64).into_iter().collect(),
        duration_ms: row.get(4)?,
        listens: row.get(5)?,
        popularity: row.get::<_, Option<u8>>(6)?.and_then(Popularity::new),
        year: row.get(7)?,
        tier: tier.map(|word| word.parse()).transpose().map_err(|error| wrong_value(11, error))?,
        status: status.unwrap_or_default().parse().map_err(|error| wrong_value(8, error))?,
        root: read_root(row, 13)?,
        original_root: read_root(row, 14)?,
        bytes: row.get(12)?,
        container: row.get(15)?,
        codec: row.get(16)?,
        sample_rate: row.get(17)?,
        channels: row.get(18)?,
        loudness_lufs: row.get::<_, Option<i64>>(19)?.map(|clu| clu as f64 / 100.0),
        licence: row.get(9)?,
        cleared: held_back.is_none(),
        held_back,
        pack: match (row.get(20)?, row.get(21)?) {
            (Some(name), Some(path)) => Some(PackPlace { name, path }),
            _ => None,
        },
    })
}

/// A place on a release, whose five columns start at `from`.
fn read_track(row: &Row<'_>, from: usize) -> rusqlite::Result<TrackPlace> {
    Ok(TrackPlace {
        release: row.get::<_, Option<String>>(from)?.unwrap_or_default(),
        release_artist: row.get(from + 1)?,
        date: row.get(from + 2)?,
        disc: row.get::<_, Option<u32>>(from + 3)?.and_then(known),
        position: row.get::<_, Option<u32>>(from + 4)?.and_then(known),
    })
}

fn read_root(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Root>> {
    let bytes: Option<Vec<u8>> = row.get(column)?;
    let root = bytes.map(|bytes| Root::from_slice(&bytes)).transpose();
    root.map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Blob, Box::new(error))
    })
}

fn wrong_value(
    column: usize,
    error: impl std::error::Error + Send + Sync + 'static,
) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
}

/// 0 is how the catalogue says that nobody knows.
fn known(number: u32) -> Option<u32> {
    (number != 0).then_some(number)
}

/// The list, a batch at a time.
#[derive(Debug)]
pub struct Listing<'e> {
    edition: &'e Edition,
    next_rank: u32,
    batch: std::vec::IntoIter<Recording>,
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
        let end = self.next_rank.saturating_add(LISTING_BATCH - 1).min(self.edition.len());
        let ranks = self.next_rank..=end;
        self.next_rank = end.saturating_add(1);
        let batch: Result<Vec<Recording>, EditionError> =
            ranks.filter_map(|rank| self.edition.load(rank).transpose()).collect();
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
