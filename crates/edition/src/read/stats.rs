//! Questions about the whole list, answered from what was counted while it was built.

use super::Edition;
use crate::schema::COVERAGE_STRIDE;
use crate::write::{CoveragePoint, Weight};
use crate::{Counts, EditionError};
use deadwax_model::{Rank, Status};
use rusqlite::{OptionalExtension, Row};
use serde::Serialize;
use std::collections::HashMap;

/// What ranks 1 to `rank` stand for, and what they take.
///
/// Each of them is held, or estimated, or not measured: nobody knows how many bytes a recording takes that is not
/// held, so it counts with its duration at 75 kbit/s, as in the tier opus-75; without a duration it counts nothing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Coverage {
    /// The last rank counted, and how many recordings are; 0 when the list is empty or nothing fits.
    pub rank: u32,
    /// Bytes of all of them, measured where they are held and else estimated; `None` when none is either.
    pub bytes: Option<u64>,
    /// Held recordings among them.
    pub held: u64,
    /// Bytes of these.
    pub held_bytes: u64,
    /// How many are not held and estimated by their duration.
    pub estimated: u64,
    /// How many are neither held nor of known duration.
    pub unmeasured: u64,
    /// Duration of all of them whose duration is known, in milliseconds.
    pub duration_ms: u64,
    /// Duration of the held ones.
    pub held_duration_ms: u64,
    /// Listens of all of them.
    pub listens: u64,
    /// Share of all counted listens, 0 to 1, of all of them; `None` when nobody counted.
    pub share: Option<f64>,
    /// Share of all counted listens of the held ones; `None` when nobody counted.
    pub held_share: Option<f64>,
}

/// Everything counted while the edition was built.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stats {
    /// The whole list.
    pub total: Counts,
    /// By tier; `not kept` for none.
    pub tier: Vec<StatsRow>,
    /// By status.
    pub status: Vec<StatsRow>,
    /// By year: of the recording, else of its earliest release.
    pub year: Vec<StatsRow>,
    /// By duration, in steps of 30 seconds up to ten minutes.
    pub duration: Vec<StatsRow>,
    /// By codec, container and tier.
    pub format: Vec<StatsRow>,
    /// By licence as known.
    pub licence: Vec<StatsRow>,
    /// By popularity.
    pub popularity: Vec<StatsRow>,
    /// By script of the title.
    pub script: Vec<StatsRow>,
    /// ISRCs by the number of recordings that they are on; empty when they were not counted.
    pub isrc_recordings: Vec<IsrcSharing>,
}

/// How many ISRCs are on that many recordings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IsrcSharing {
    /// `1`, `2`, `3`, `4` or `5 and more`.
    pub recordings: String,
    /// How many ISRCs.
    pub isrcs: u64,
}

/// One line of a count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StatsRow {
    /// Place on a numbered axis (year, duration in steps of 30 s, popularity), -1 = not known; otherwise no matter.
    pub place: i64,
    /// What is counted.
    pub label: String,
    /// The counts.
    #[serde(flatten)]
    pub counts: Counts,
}

impl Edition {
    /// Every count of the edition.
    ///
    /// # Errors
    /// A damaged catalogue.
    pub fn stats(&self) -> Result<Stats, EditionError> {
        let status = self.axis("status")?;
        let mut total = Counts::default();
        status.iter().for_each(|row| total.add(&row.counts));
        Ok(Stats {
            total,
            status,
            tier: self.axis("tier")?,
            year: self.axis("year")?,
            duration: self.axis("duration")?,
            format: self.axis("format")?,
            licence: self.axis("licence")?,
            popularity: self.axis("popularity")?,
            script: self.axis("script")?,
            isrc_recordings: self
                .axis("isrc-recordings")?
                .into_iter()
                .map(|row| IsrcSharing { recordings: row.label, isrcs: row.counts.recordings })
                .collect(),
        })
    }

    /// What the list up to and with `rank` stands for; a rank behind the last one is the last one.
    ///
    /// # Errors
    /// A damaged catalogue.
    pub fn coverage_at_rank(&self, rank: Rank) -> Result<Coverage, EditionError> {
        Ok(self.coverage(self.last(|sums| sums.rank <= rank.get())?.0))
    }

    /// The longest head of the list that fits into `bytes`, what is not held estimated by its duration. Its own
    /// `bytes` are `None` when nothing in it is held or of known duration.
    ///
    /// # Errors
    /// A damaged catalogue.
    pub fn coverage_at_bytes(&self, bytes: u64) -> Result<Coverage, EditionError> {
        Ok(self.coverage(self.last(|sums| sums.bytes() <= bytes)?.0))
    }

    /// The longest head of the list whose held recordings fit into `bytes`: what can be copied.
    ///
    /// # Errors
    /// A damaged catalogue.
    pub fn coverage_at_held_bytes(&self, bytes: u64) -> Result<Coverage, EditionError> {
        Ok(self.coverage(self.last(|sums| sums.held_bytes <= bytes)?.0))
    }

    /// The shortest head of the list that stands for at least `share` (0 to 1) of all counted listens. `None` when
    /// nobody counted.
    ///
    /// # Errors
    /// A damaged catalogue.
    pub fn coverage_at_share(&self, share: f64) -> Result<Option<Coverage>, EditionError> {
        if self.share(0).is_none() {
            return Ok(None);
        }
        let share = share.clamp(0.0, 1.0);
        let is_less = |sums: &CoveragePoint| self.share(sums.listens).is_some_and(|it| it < share);
        if !is_less(&CoveragePoint::default()) {
            return Ok(Some(self.coverage(CoveragePoint::default())));
        }
        let (below, reached) = self.last(is_less)?;
        Ok(Some(self.coverage(reached.unwrap_or(below))))
    }

    fn coverage(&self, sums: CoveragePoint) -> Coverage {
        Coverage {
            rank: sums.rank,
            bytes: sums.is_measured().then(|| sums.bytes()),
            held: sums.held,
            held_bytes: sums.held_bytes,
            estimated: u64::from(sums.rank)
                .saturating_sub(sums.held.saturating_add(sums.unmeasured)),
            unmeasured: sums.unmeasured,
            duration_ms: sums.duration_ms,
            held_duration_ms: sums.duration_ms.saturating_sub(sums.unheld_ms),
            listens: sums.listens,
            share: self.share(sums.listens),
            held_share: self.share(sums.held_listens),
        }
    }

    /// The share of all counted listens; `None` when nobody counted.
    fn share(&self, listens: u64) -> Option<f64> {
        let total = self.summary.listens.total.filter(|total| *total > 0)?;
        Some(listens as f64 / total as f64)
    }

    /// The last running sums that are `within`, and those of the next rank when there is one. `within` holds for a
    /// head of the list: the sums rise with the rank.
    fn last(
        &self,
        within: impl Fn(&CoveragePoint) -> bool,
    ) -> Result<(CoveragePoint, Option<CoveragePoint>), EditionError> {
        let mut sums = self.last_kept(&within).map_err(self.wrong())?;
        let mut states = HashMap::new();
        while sums.rank < self.len() {
            let (first, rows) = self.lengths(sums.rank + 1)?;
            let files = self.file_bytes(first, first + rows.len() as u32 - 1)?;
            let done = (sums.rank + 1 - first) as usize;
            for (rank, (head, duration_ms)) in (first..).zip(rows).skip(done) {
                let held_bytes = match files.get(&rank) {
                    Some(bytes) if self.is_held(head.state, &mut states)? => Some(*bytes),
                    _ => None,
                };
                let next = sums.and(&Weight { listens: head.listens, duration_ms, held_bytes });
                if !within(&next) {
                    return Ok((sums, Some(next)));
                }
                sums = next;
            }
        }
        Ok((sums, None))
    }

    /// Whether recordings in this state are held; `known` has what was asked before.
    fn is_held(&self, state: u32, known: &mut HashMap<u32, bool>) -> Result<bool, EditionError> {
        if let Some(is_held) = known.get(&state) {
            return Ok(*is_held);
        }
        let is_held = self.state(state)?.status == Status::Held;
        known.insert(state, is_held);
        Ok(is_held)
    }

    /// The bytes of what has a file from a rank to another, by rank.
    fn file_bytes(&self, first: u32, last: u32) -> Result<HashMap<u32, u64>, EditionError> {
        let read = || -> rusqlite::Result<HashMap<u32, u64>> {
            let sql = "SELECT rank, coalesce(bytes, 0) FROM file
                WHERE rank BETWEEN ? AND ? AND root IS NOT NULL";
            let mut statement = self.catalog.prepare_cached(sql)?;
            let rows = statement.query_map([first, last], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect()
        };
        read().map_err(self.wrong())
    }

    /// The last kept running sums that are `within`: a binary search over rows 4,096 ranks apart.
    fn last_kept(
        &self,
        within: impl Fn(&CoveragePoint) -> bool,
    ) -> rusqlite::Result<CoveragePoint> {
        let sql = "SELECT rank, listens, held, held_listens, held_bytes, duration_ms, unheld_ms, unmeasured
            FROM coverage WHERE rank = ?";
        let mut statement = self.catalog.prepare_cached(sql)?;
        let (mut low, mut high) = (0, self.len() / COVERAGE_STRIDE);
        let mut found = CoveragePoint::default();
        while low < high {
            let middle = low + (high - low).div_ceil(2);
            let row = statement.query_row([middle * COVERAGE_STRIDE], point).optional()?;
            match row {
                Some(sums) if within(&sums) => {
                    found = sums;
                    low = middle;
                }
                _ => high = middle - 1,
            }
        }
        Ok(found)
    }

    fn axis(&self, axis: &str) -> Result<Vec<StatsRow>, EditionError> {
        let read = || -> rusqlite::Result<Vec<StatsRow>> {
            let sql = "SELECT place, label, recordings, cleared, held, bytes, listens, duration_ms
                FROM rollup WHERE axis = ? ORDER BY place, label";
            let mut statement = self.catalog.prepare_cached(sql)?;
            let rows = statement.query_map([axis], |row| {
                let counts = Counts {
                    recordings: row.get(2)?,
                    cleared: row.get(3)?,
                    held: row.get(4)?,
                    bytes: row.get(5)?,
                    listens: row.get(6)?,
                    duration_ms: row.get(7)?,
                };
                Ok(StatsRow { place: row.get(0)?, label: row.get(1)?, counts })
            })?;
            rows.collect()
        };
        read().map_err(self.wrong())
    }
}

fn point(row: &Row<'_>) -> rusqlite::Result<CoveragePoint> {
    Ok(CoveragePoint {
        rank: row.get(0)?,
        listens: row.get(1)?,
        held: row.get(2)?,
        held_listens: row.get(3)?,
        held_bytes: row.get(4)?,
        duration_ms: row.get(5)?,
        unheld_ms: row.get(6)?,
        unmeasured: row.get(7)?,
    })
}
