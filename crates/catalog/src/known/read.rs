//! Reading what tables told: whole recordings, by one walk along all tables in the order of ids.

use super::counts::IsrcCounts;
use super::facts::Facts;
use super::shape::code_at;
use crate::sort::{put_number, take_number};
use crate::{Catalog, CatalogError, Stop};
use deadwax_model::Isrc;
use rusqlite::fallible_streaming_iterator::FallibleStreamingIterator;
use rusqlite::{Connection, Row, Rows, Statement};
use std::sync::Arc;

/// A collection that tables came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collection {
    /// Its number in this catalogue.
    pub number: u32,
    /// Its name.
    pub name: Arc<str>,
    /// How many recordings it has.
    pub recordings: u64,
}

/// A recording as tables tell of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownRecording<'k> {
    /// Where it is from.
    pub collection: &'k Collection,
    /// Its id there.
    pub id: u64,
    /// Its title.
    pub title: Option<String>,
    /// Its duration in milliseconds.
    pub duration_ms: Option<u32>,
    /// Its own date, as said.
    pub date: Option<String>,
    /// Its count, else the sum over its ISRCs; `None` when nobody counted.
    pub listens: Option<u64>,
    /// Its ISRCs, each once, in order; what is none is not among them.
    pub isrcs: Vec<Isrc>,
    /// Its artists, in order.
    pub credits: Vec<KnownCredit<'k>>,
    /// Its places on releases, in the order of the releases' ids.
    pub tracks: Vec<KnownTrack<'k>>,
}

/// An artist on a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownCredit<'k> {
    /// The artist's own name.
    pub artist: &'k str,
    /// The name as credited, where it is another.
    pub name: Option<String>,
    /// What follows the name; `None` is ", ".
    pub joined: Option<String>,
}

/// A place on a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownTrack<'k> {
    /// Id of the release in the collection.
    pub release: u64,
    /// Its title.
    pub title: Option<&'k str>,
    /// The artist that is printed on it.
    pub artist: Option<&'k str>,
    /// Its date, as said.
    pub date: Option<&'k str>,
    /// Disc, from 1.
    pub disc: Option<u32>,
    /// Position, from 1.
    pub position: Option<u32>,
}

impl Catalog {
    /// The collections that tables came in.
    ///
    /// # Errors
    /// The catalogue cannot be read.
    pub fn collections(&self) -> Result<Vec<Collection>, CatalogError> {
        if !self.has_schema(2) {
            return Ok(Vec::new());
        }
        let mut query = self
            .db
            .prepare_cached("SELECT number, name, recordings FROM collection ORDER BY number")?;
        let rows = query.query_map([], |row| {
            let name: String = row.get(1)?;
            Ok(Collection { number: row.get(0)?, name: name.into(), recordings: row.get(2)? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// A number that rises whenever facts from tables change, or counts that their order depends on.
    ///
    /// # Errors
    /// The catalogue cannot be read.
    pub fn known_changes(&self) -> Result<u64, CatalogError> {
        if !self.has_schema(2) {
            return Ok(0);
        }
        Ok(self.db.query_row("SELECT changes FROM known_change", [], |row| row.get(0))?)
    }

    /// The listens of every recording known from tables that somebody counted, in no order that matters. Reads
    /// counts, and ISRCs only when some are counted.
    ///
    /// # Errors
    /// The catalogue cannot be read; what `each` gives.
    pub fn known_listens<E: From<CatalogError>>(
        &self,
        each: &mut dyn FnMut(u64) -> Result<(), E>,
    ) -> Result<(), E> {
        let counts = IsrcCounts::read(self).map_err(CatalogError::from)?;
        for collection in self.collections()? {
            let mut listens = self.db.prepare(LISTENS).map_err(CatalogError::from)?;
            let mut listens = Walk::begin(&mut listens, &collection)?;
            let mut isrcs = self.db.prepare(ISRCS).map_err(CatalogError::from)?;
            let mut isrcs = match counts.is_empty() {
                true => Walk::nowhere(),
                false => Walk::begin(&mut isrcs, &collection)?,
            };
            while let Some(id) = listens.at.into_iter().chain(isrcs.at).min() {
                let mut codes = Vec::new();
                isrcs.of(id, |row| push_code(row, &mut codes))?;
                let mut own: Option<u64> = None;
                listens.of(id, |row| {
                    own = row.get(1)?;
                    Ok(())
                })?;
                if let Some(listens) = own.or_else(|| counts.sum(&each_once(codes))) {
                    each(listens)?;
                }
            }
        }
        Ok(())
    }

    /// Every recording known from tables, whole, in the order of ids, a collection after the other. Names of artists and
    /// facts of releases are held in memory while their collection is read: about 3 bytes an artist and 9 a
    /// release beside their texts, and 16 bytes an ISRC that is counted by itself.
    ///
    /// # Errors
    /// The catalogue cannot be read; `stop`, which is asked while names and releases are read; what `each` gives.
    pub fn known_recordings<'s, E: From<CatalogError>>(
        &self,
        stop: impl Into<Stop<'s>>,
        each: &mut dyn FnMut(&KnownRecording<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let stop = stop.into();
        let counts = IsrcCounts::read(self).map_err(CatalogError::from)?;
        for collection in &self.collections()? {
            let artists = artists_of(&self.db, collection, stop)?;
            let releases = releases_of(&self.db, collection, stop)?;
            let open = |sql| self.db.prepare(sql).map_err(CatalogError::from);
            let (mut recordings, mut tracks, mut credits) =
                (open(RECORDINGS)?, open(TRACKS)?, open(CREDITS)?);
            let (mut isrcs, mut listens) = (open(ISRCS)?, open(LISTENS)?);
            let mut recordings = Walk::begin(&mut recordings, collection)?;
            let mut tracks = Walk::begin(&mut tracks, collection)?;
            let mut credits = Walk::begin(&mut credits, collection)?;
            let mut isrcs = Walk::begin(&mut isrcs, collection)?;
            let mut listens = Walk::begin(&mut listens, collection)?;
            while let Some(id) = recordings.at {
                let mut known = KnownRecording {
                    collection,
                    id,
                    title: None,
                    duration_ms: None,
                    date: None,
                    listens: None,
                    isrcs: Vec::new(),
                    credits: Vec::new(),
                    tracks: Vec::new(),
                };
                recordings.of(id, |row| {
                    (known.title, known.duration_ms) = (row.get(1)?, row.get(2)?);
                    known.date = row.get(3)?;
                    Ok(())
                })?;
                tracks.of(id, |row| {
                    known.tracks.push(track_at(row, &releases, &artists)?);
                    Ok(())
                })?;
                credits.of(id, |row| {
                    let artist = name_of(&artists, row.get(1)?).unwrap_or_default();
                    let (name, joined) = (row.get(2)?, row.get(3)?);
                    known.credits.push(KnownCredit { artist, name, joined });
                    Ok(())
                })?;
                let mut codes = Vec::new();
                isrcs.of(id, |row| push_code(row, &mut codes))?;
                known.isrcs = each_once(codes);
                listens.of(id, |row| {
                    known.listens = row.get(1)?;
                    Ok(())
                })?;
                known.listens = known.listens.or_else(|| counts.sum(&known.isrcs));
                each(&known)?;
            }
        }
        Ok(())
    }
}

// Each of one collection, a recording's rows together, recordings in the order of their ids.
const RECORDINGS: &str =
    "SELECT id, title, duration_ms, date FROM known_recording WHERE collection = ?1 ORDER BY id";
const TRACKS: &str = "SELECT recording, release, disc, position FROM known_track
     WHERE collection = ?1 ORDER BY recording, release, disc, position";
const CREDITS: &str = "SELECT recording, artist, name, joined FROM known_credit
     WHERE collection = ?1 ORDER BY recording, position";
const ISRCS: &str =
    "SELECT recording, said FROM known_isrc WHERE collection = ?1 ORDER BY recording, said";
const LISTENS: &str =
    "SELECT recording, listens FROM known_listens WHERE collection = ?1 ORDER BY recording";

/// A walk along a table, its first column rising.
struct Walk<'s> {
    rows: Option<Rows<'s>>,
    /// The first column of the row that comes next.
    at: Option<u64>,
}

impl<'s> Walk<'s> {
    fn begin(
        statement: &'s mut Statement<'_>,
        collection: &Collection,
    ) -> Result<Walk<'s>, CatalogError> {
        let rows = statement.query([collection.number])?;
        let mut walk = Walk { rows: Some(rows), at: None };
        walk.advance()?;
        Ok(walk)
    }

    /// Ends before it begins.
    fn nowhere() -> Walk<'s> {
        Walk { rows: None, at: None }
    }

    /// The rows of this id; those of lower ones are passed over.
    fn of(
        &mut self,
        id: u64,
        mut each: impl FnMut(&Row<'_>) -> rusqlite::Result<()>,
    ) -> Result<(), CatalogError> {
        while let Some(at) = self.at.filter(|at| *at <= id) {
            if at == id
                && let Some(row) = self.rows.as_ref().and_then(FallibleStreamingIterator::get)
            {
                each(row)?;
            }
            self.advance()?;
        }
        Ok(())
    }

    fn advance(&mut self) -> rusqlite::Result<()> {
        let Some(rows) = &mut self.rows else { return Ok(()) };
        self.at = match rows.next()? {
            Some(row) => Some(row.get_ref(0)?.as_i64()? as u64),
            None => None,
        };
        Ok(())
    }
}

fn push_code(row: &Row<'_>, codes: &mut Vec<Isrc>) -> rusqlite::Result<()> {
    codes.extend(code_at(row.get_ref(1)?)?);
    Ok(())
}

fn each_once(mut codes: Vec<Isrc>) -> Vec<Isrc> {
    codes.sort_unstable();
    codes.dedup();
    codes
}

fn artists_of(
    db: &Connection,
    collection: &Collection,
    stop: Stop<'_>,
) -> Result<Facts, CatalogError> {
    let mut query =
        db.prepare("SELECT id, name FROM known_artist WHERE collection = ?1 ORDER BY id")?;
    let mut rows = query.query([collection.number])?;
    let (mut artists, mut rows_read) = (Facts::default(), 0);
    while let Some(row) = rows.next()? {
        stop.step(rows_read)?;
        rows_read += 1;
        let name = row.get_ref(1)?.as_bytes().map_err(rusqlite::Error::from)?;
        artists.push(row.get(0)?, name);
    }
    Ok(artists)
}

/// An entry is the artist's id and one (0: none), the length of the date and one (0: none), the date, 1 where a
/// title follows, and the title.
fn releases_of(
    db: &Connection,
    collection: &Collection,
    stop: Stop<'_>,
) -> Result<Facts, CatalogError> {
    let mut query = db.prepare(
        "SELECT id, title, artist, date FROM known_release WHERE collection = ?1 ORDER BY id",
    )?;
    let mut rows = query.query([collection.number])?;
    let mut releases = Facts::default();
    let (mut entry, mut rows_read) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        stop.step(rows_read)?;
        rows_read += 1;
        entry.clear();
        let title = row.get_ref(1)?.as_bytes_or_null().map_err(rusqlite::Error::from)?;
        let date = row.get_ref(3)?.as_bytes_or_null().map_err(rusqlite::Error::from)?;
        put_number(&mut entry, row.get::<_, Option<u64>>(2)?.map_or(0, |artist| artist + 1));
        put_number(&mut entry, date.map_or(0, |date| date.len() as u64 + 1));
        entry.extend_from_slice(date.unwrap_or_default());
        entry.push(title.is_some().into());
        entry.extend_from_slice(title.unwrap_or_default());
        releases.push(row.get(0)?, &entry);
    }
    Ok(releases)
}

fn track_at<'k>(
    row: &Row<'_>,
    releases: &'k Facts,
    artists: &'k Facts,
) -> rusqlite::Result<KnownTrack<'k>> {
    let release = row.get(1)?;
    let (disc, position): (u32, u32) = (row.get(2)?, row.get(3)?);
    let (title, artist, date) = releases.get(release).and_then(parts).unwrap_or_default();
    Ok(KnownTrack {
        release,
        title,
        artist: artist.and_then(|artist| name_of(artists, artist)),
        date,
        disc: (disc > 0).then_some(disc),
        position: (position > 0).then_some(position),
    })
}

type Parts<'k> = (Option<&'k str>, Option<u64>, Option<&'k str>);

/// Title, artist and date of an entry that [`releases_of`] made.
fn parts(mut entry: &[u8]) -> Option<Parts<'_>> {
    let artist = take_number(&mut entry)?.checked_sub(1);
    let date = take_number(&mut entry)?.checked_sub(1);
    let (text, rest) = entry.split_at_checked(date.unwrap_or(0) as usize)?;
    let date = date.and_then(|_| str::from_utf8(text).ok());
    let (has_title, title) = rest.split_first()?;
    let title = (*has_title == 1).then_some(title).and_then(|title| str::from_utf8(title).ok());
    Some((title, artist, date))
}

fn name_of(artists: &Facts, id: u64) -> Option<&str> {
    str::from_utf8(artists.get(id)?).ok()
}
