//! Recordings with everything that is known of them, and their place in the list.

use crate::holdings::analysis_at;
use crate::values::{hashes_at, lines_at, optional_word_at, root_at, word_at};
use crate::{Analysis, Catalog, CatalogError, Holding};
use deadwax_model::{
    AudioFormat, Isrc, PictureFacts, PictureKind, Popularity, Rank, RecordingId, RecordingKey,
    Root, Status, Tier,
};
use rusqlite::{OptionalExtension, Row, params};

/// A recording and all that belongs to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Recording {
    /// Its name.
    pub id: RecordingId,
    /// The root of the file it was first seen as.
    pub original_root: Root,
    /// Length of that file.
    pub original_bytes: u64,
    /// Its title; from the file's name when the file gives none.
    pub title: String,
    /// Whether the file itself gave the title.
    pub title_said: bool,
    /// Its date as the file gave it.
    pub date: Option<String>,
    /// Artist names, in order.
    pub artists: Vec<String>,
    /// ISRCs, in order of their numbers.
    pub isrcs: Vec<Isrc>,
    /// Where it stands on releases; where its own file puts it, first.
    pub tracks: Vec<Track>,
    /// What the original holds.
    pub format: AudioFormat,
    /// What was odd about the original.
    pub warnings: Vec<String>,
    /// Its place, once a plan gave it one.
    pub placement: Option<Placement>,
    /// What is in the store of it, at most one a tier.
    pub holdings: Vec<Holding>,
    /// Tiers for which an encoding came out no smaller than the original.
    pub no_smaller: Vec<Tier>,
    /// What decoding it found.
    pub analysis: Option<Analysis>,
    /// The recording that stands in the list for this one, by the last plan.
    pub same_as: Option<RecordingId>,
    /// For which recordings this one stands in the list, by the last plan; in order of their ids.
    pub same: Vec<RecordingId>,
}

impl Recording {
    /// The holding of a tier.
    pub fn holding(&self, tier: Tier) -> Option<&Holding> {
        self.holdings.iter().find(|holding| holding.tier == tier)
    }

    /// The holding that counts: that of the tier which the last plan gave it.
    pub fn current(&self) -> Option<&Holding> {
        self.holding(self.placement?.tier?)
    }
}

/// A recording's place on a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Track {
    /// The release.
    pub release: Release,
    /// Disc, from 1.
    pub disc: Option<u32>,
    /// Position on the disc, from 1.
    pub position: Option<u32>,
}

/// A published set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// 20 hex digits.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its artist, when one is given.
    pub artist: Option<String>,
    /// The latest date that any of its recordings carries.
    pub date: Option<String>,
    /// The highest disc number that any of them has.
    pub discs: Option<u32>,
}

/// What a plan decided for a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placement {
    /// Place in the list.
    pub rank: Rank,
    /// Listens; `None` when nobody counted.
    pub listens: Option<u64>,
    /// Popularity; `None` when nobody counted.
    pub popularity: Option<Popularity>,
    /// What is to be kept; `None` when it is not to be kept.
    pub tier: Option<Tier>,
    /// Where it stands.
    pub status: Status,
}

const SELECT: &str = "
    SELECT r.id, r.original_root, f.bytes, r.title, r.title_said, r.date,
           a.container, a.codec, a.extension, a.samples, a.duration_ms, a.sample_rate, a.channels,
           a.bits_per_sample, a.bit_rate, a.warnings,
           r.rank, r.listens, r.popularity, r.tier, r.status,
           n.samples, n.loudness_lufs, n.loudness_range_lu, n.sample_peak, n.fingerprint, n.warnings,
           {true_peak}
    FROM recording r
    JOIN file f ON f.root = r.original_root
    JOIN audio a ON a.root = r.original_root
    LEFT JOIN analysis n ON n.root = r.original_root ";

impl Catalog {
    /// The ids of all recordings, in list order; those that no plan has placed come last.
    pub fn recording_ids(&self) -> Result<Vec<RecordingId>, CatalogError> {
        let mut query =
            self.db.prepare_cached("SELECT id FROM recording ORDER BY rank IS NULL, rank, id")?;
        let rows = query.query_map([], |row| word_at(row, 0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// One recording, with the ISRCs and places on releases of those that it stands for.
    pub fn recording(&self, id: &RecordingId) -> Result<Option<Recording>, CatalogError> {
        let Some(mut recording) = self.recording_alone(id)? else {
            return Ok(None);
        };
        for same in &recording.same {
            recording.isrcs.extend(self.isrcs_of(same)?);
            for track in self.tracks_of(same)? {
                if recording.tracks.iter().all(|known| known.release.id != track.release.id) {
                    recording.tracks.push(track);
                }
            }
        }
        recording.isrcs.sort_unstable();
        recording.isrcs.dedup();
        Ok(Some(recording))
    }

    /// One recording as its own file has it: what a plan is made from, whatever the last one made of it.
    pub fn recording_alone(&self, id: &RecordingId) -> Result<Option<Recording>, CatalogError> {
        let true_peak = if self.has_schema(3) { "n.true_peak" } else { "NULL" };
        let select = SELECT.replace("{true_peak}", true_peak);
        let mut query = self.db.prepare_cached(&format!("{select} WHERE r.id = ?1"))?;
        let found = query.query_row([id.as_str()], recording_row).optional()?;
        let Some(mut recording) = found else {
            return Ok(None);
        };
        recording.artists = self.artists_of(id)?;
        recording.isrcs = self.isrcs_of(id)?;
        recording.tracks = self.tracks_of(id)?;
        recording.holdings = self.holdings_of(id)?;
        recording.no_smaller = self.no_smaller_of(id)?;
        recording.same_as = self.winner_of(id)?;
        recording.same = self.same_of(id)?;
        Ok(Some(recording))
    }

    /// The recordings that a person means, in list order; none when there are none.
    pub fn select(&self, key: &RecordingKey) -> Result<Vec<Recording>, CatalogError> {
        let (sql, value): (_, rusqlite::types::Value) = match key {
            RecordingKey::Rank(rank) => {
                ("SELECT id FROM recording WHERE rank = ?1", i64::from(rank.get()).into())
            }
            RecordingKey::Id(id) => {
                ("SELECT id FROM recording WHERE id = ?1", id.as_str().to_owned().into())
            }
            RecordingKey::Isrc(isrc) => (
                "SELECT r.id FROM isrc i JOIN recording r ON r.id = i.recording
                 WHERE i.isrc = ?1 ORDER BY r.rank IS NULL, r.rank, r.id",
                (isrc.to_u64() as i64).into(),
            ),
        };
        let mut query = self.db.prepare_cached(sql)?;
        let ids = query
            .query_map([value], |row| word_at(row, 0))?
            .collect::<Result<Vec<RecordingId>, _>>()?;
        let mut meant: Vec<RecordingId> = Vec::with_capacity(ids.len());
        for id in ids {
            // Who names an ISRC means what stands in the list for it.
            let id = match key {
                RecordingKey::Isrc(_) => self.winner_of(&id)?.unwrap_or(id),
                _ => id,
            };
            if !meant.contains(&id) {
                meant.push(id);
            }
        }
        meant.iter().filter_map(|id| self.recording(id).transpose()).collect()
    }

    /// Replaces the places in the list by those of a plan.
    pub fn place(&self, places: &[(RecordingId, Placement)]) -> Result<(), CatalogError> {
        let mut update = self.db.prepare_cached(
            "UPDATE recording SET rank = ?2, listens = ?3, popularity = ?4, tier = ?5, status = ?6
             WHERE id = ?1 AND (rank, listens, popularity, tier, status)
                               IS NOT (?2, ?3, ?4, ?5, ?6)",
        )?;
        for (id, place) in places {
            update.execute(params![
                id.as_str(),
                place.rank.get(),
                place.listens,
                place.popularity.map(Popularity::get),
                place.tier.map(|tier| tier.to_string()),
                place.status.as_str()
            ])?;
        }
        Ok(())
    }

    /// Notes that a holding was made, or could not be; what a plan left out stays left out.
    pub fn set_status(&self, id: &RecordingId, status: Status) -> Result<(), CatalogError> {
        self.db
            .prepare_cached(
                "UPDATE recording SET status = ?2
                 WHERE id = ?1 AND status IN ('planned', 'held', 'failed')",
            )?
            .execute([id.as_str(), status.as_str()])?;
        Ok(())
    }

    /// How many recordings and how many releases there are.
    pub fn counts(&self) -> Result<(u64, u64), CatalogError> {
        Ok(self.db.query_row(
            "SELECT (SELECT count(*) FROM recording), (SELECT count(*) FROM release)",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?)
    }

    /// Everything the original said about itself, in its order.
    pub fn said(&self, root: &Root) -> Result<Vec<(String, String)>, CatalogError> {
        let mut query =
            self.db.prepare_cached("SELECT key, value FROM tag WHERE root = ?1 ORDER BY seq")?;
        let rows = query.query_map([root.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The pictures of an original, its own before its folder's.
    pub fn pictures(&self, root: &Root) -> Result<Vec<PictureFacts>, CatalogError> {
        let mut query = self.db.prepare_cached(
            "SELECT f.bytes, f.root, f.piece_layer, f.v1_whole, f.v1_tail, f.v1_tail_padded,
                    p.kind, p.mime, p.embedded
             FROM picture p JOIN file f ON f.root = p.root
             WHERE p.source_root = ?1 ORDER BY p.embedded DESC, p.seq",
        )?;
        let rows = query.query_map([root.as_bytes()], picture_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What is known of a picture that some file has.
    pub fn picture(&self, root: &Root) -> Result<Option<PictureFacts>, CatalogError> {
        let mut query = self.db.prepare_cached(
            "SELECT f.bytes, f.root, f.piece_layer, f.v1_whole, f.v1_tail, f.v1_tail_padded,
                    p.kind, p.mime, p.embedded
             FROM picture p JOIN file f ON f.root = p.root WHERE p.root = ?1 LIMIT 1",
        )?;
        Ok(query.query_row([root.as_bytes()], picture_row).optional()?)
    }

    /// Length of a recording's original, and the duration that its container states, in milliseconds; 0 where it
    /// states none.
    pub fn original_amount(&self, id: &RecordingId) -> Result<(u64, u64), CatalogError> {
        let mut query = self.db.prepare_cached(
            "SELECT f.bytes, coalesce(a.duration_ms, 0) FROM recording r
             JOIN file f ON f.root = r.original_root JOIN audio a ON a.root = r.original_root
             WHERE r.id = ?1",
        )?;
        let found = query.query_row([id.as_str()], |row| Ok((row.get(0)?, row.get(1)?)));
        Ok(found.optional()?.unwrap_or_default())
    }

    /// What was odd about a source file when it was read.
    pub fn warnings(&self, root: &Root) -> Result<Vec<String>, CatalogError> {
        let mut query = self.db.prepare_cached("SELECT warnings FROM audio WHERE root = ?1")?;
        Ok(query
            .query_row([root.as_bytes()], |row| lines_at(row, 0))
            .optional()?
            .unwrap_or_default())
    }

    /// The roots and lengths of all pictures, each once, sorted by root.
    pub fn picture_files(&self) -> Result<Vec<(Root, u64)>, CatalogError> {
        let mut query = self.db.prepare_cached(
            "SELECT DISTINCT f.root, f.bytes FROM picture p JOIN file f ON f.root = p.root ORDER BY 1",
        )?;
        let rows = query.query_map([], |row| Ok((root_at(row, 0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn artists_of(&self, id: &RecordingId) -> Result<Vec<String>, CatalogError> {
        let mut query = self
            .db
            .prepare_cached("SELECT artist FROM credit WHERE recording = ?1 ORDER BY seq")?;
        let rows = query.query_map([id.as_str()], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    pub(crate) fn isrcs_of(&self, id: &RecordingId) -> Result<Vec<Isrc>, CatalogError> {
        let mut query =
            self.db.prepare_cached("SELECT isrc FROM isrc WHERE recording = ?1 ORDER BY isrc")?;
        let rows = query.query_map([id.as_str()], |row| row.get::<_, u64>(0))?;
        let numbers: Vec<u64> = rows.collect::<Result<_, _>>()?;
        Ok(numbers.into_iter().filter_map(Isrc::from_u64).collect())
    }

    fn tracks_of(&self, id: &RecordingId) -> Result<Vec<Track>, CatalogError> {
        let mut query = self.db.prepare_cached(
            "SELECT l.id, l.title, l.artist, l.date, l.discs, t.disc, t.position
             FROM track t JOIN release l ON l.id = t.release WHERE t.recording = ?1 ORDER BY l.id",
        )?;
        let rows = query.query_map([id.as_str()], |row| {
            let release = Release {
                id: row.get(0)?,
                title: row.get(1)?,
                artist: row.get(2)?,
                date: row.get(3)?,
                discs: row.get(4)?,
            };
            Ok(Track { release, disc: row.get(5)?, position: row.get(6)? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn picture_row(row: &Row<'_>) -> rusqlite::Result<PictureFacts> {
    let kind: String = row.get(6)?;
    Ok(PictureFacts {
        hashes: hashes_at(row, 0)?,
        kind: match kind.as_str() {
            "front" => PictureKind::Front,
            "back" => PictureKind::Back,
            _ => PictureKind::Other,
        },
        mime: row.get(7)?,
        embedded: row.get(8)?,
    })
}

fn recording_row(row: &Row<'_>) -> rusqlite::Result<Recording> {
    Ok(Recording {
        id: word_at(row, 0)?,
        original_root: root_at(row, 1)?,
        original_bytes: row.get(2)?,
        title: row.get(3)?,
        title_said: row.get(4)?,
        date: row.get(5)?,
        artists: Vec::new(),
        isrcs: Vec::new(),
        tracks: Vec::new(),
        format: AudioFormat {
            container: row.get(6)?,
            codec: row.get(7)?,
            extension: row.get(8)?,
            samples: row.get(9)?,
            duration_ms: row.get(10)?,
            sample_rate: row.get(11)?,
            channels: row.get(12)?,
            bits_per_sample: row.get(13)?,
            bit_rate: row.get(14)?,
        },
        warnings: lines_at(row, 15)?,
        placement: placement_at(row, 16)?,
        holdings: Vec::new(),
        no_smaller: Vec::new(),
        analysis: analysis_at(row, 21)?,
        same_as: None,
        same: Vec::new(),
    })
}

fn placement_at(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<Placement>> {
    let Some(rank) = row.get::<_, Option<u32>>(first)?.and_then(Rank::new) else {
        return Ok(None);
    };
    Ok(Some(Placement {
        rank,
        listens: row.get(first + 1)?,
        popularity: row.get::<_, Option<u8>>(first + 2)?.and_then(Popularity::new),
        tier: optional_word_at(row, first + 3)?,
        status: word_at(row, first + 4)?,
    }))
}
