//! Questions about the whole list, answered from what was counted while it was built.

use super::Edition;
use crate::{Counts, EditionError};
use deadwax_model::{Rank, Status};
use rusqlite::{OptionalExtension, Row, params};
use serde::Serialize;
use std::collections::HashMap;

/// What ranks 1 to `rank` stand for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Coverage {
    /// The last rank counted; 0 when the list is empty or nothing fits.
    pub rank: u32,
    /// Held recordings among them.
    pub held: u64,
    /// Bytes of these.
    pub held_bytes: u64,
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

/// Running sums at a rank.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    rank: u32,
    listens: u64,
    held: u64,
    held_listens: u64,
    held_bytes: u64,
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
        })
    }

    /// What the list up to and with `rank` stands for; a rank behind the last one is the last one.
    ///
    /// # Errors
    /// A damaged catalogue.
    pub fn coverage_at_rank(&self, rank: Rank) -> Result<Coverage, EditionError> {
        self.walk("rank", rank.get().into(), |sums| sums.rank <= rank.get())
    }

    /// The longest head of the list whose held recordings fit into `bytes`.
    ///
    /// # Errors
    /// A damaged catalogue.
    pub fn coverage_at_bytes(&self, bytes: u64) -> Result<Coverage, EditionError> {
        self.walk("held_bytes", bytes, |sums| sums.held_bytes <= bytes)
    }

    /// The shortest head of the list that stands for at least `share` (0 to 1) of all counted listens. `None` when
    /// nobody counted.
    ///
    /// # Errors
    /// A damaged catalogue.
    pub fn coverage_at_share(&self, share: f64) -> Result<Option<Coverage>, EditionError> {
        let Some(total) = self.summary.listens.total.filter(|total| *total > 0) else {
            return Ok(None);
        };
        let wanted = (share.clamp(0.0, 1.0) * total as f64).ceil() as u64;
        let below = self.walk("listens", wanted.saturating_sub(1), |sums| sums.listens < wanted)?;
        match Rank::new(below.rank + 1).filter(|_| below.rank < self.len()) {
            Some(next) => self.coverage_at_rank(next).map(Some),
            None => Ok(Some(below)),
        }
    }

    /// From the last kept running sums that are within, row by row while `within` holds.
    fn walk(
        &self,
        column: &'static str,
        limit: u64,
        within: impl Fn(&Sums) -> bool,
    ) -> Result<Coverage, EditionError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut sums = self.start(column, limit).map_err(self.wrong())?;
        'list: while sums.rank < self.len() {
            let (first, heads) = self.heads(sums.rank + 1)?;
            let held = self.held_bytes(first, first + heads.len() as u32 - 1)?;
            let done = (sums.rank + 1 - first) as usize;
            for (rank, head) in (first..).zip(&heads).skip(done) {
                let held = match held.get(&rank) {
                    Some(bytes) if self.is_held(head.state)? => Some(*bytes),
                    _ => None,
                };
                let next = sums.and(rank, head.listens, held);
                if !within(&next) {
                    break 'list;
                }
                sums = next;
            }
        }
        let total = self.summary.listens.total.filter(|total| *total > 0);
        let share = |listens: u64| total.map(|total| listens as f64 / total as f64);
        Ok(Coverage {
            rank: sums.rank,
            held: sums.held,
            held_bytes: sums.held_bytes,
            listens: sums.listens,
            share: share(sums.listens),
            held_share: share(sums.held_listens),
        })
    }

    fn is_held(&self, state: u32) -> Result<bool, EditionError> {
        let (status, _, _) = self.state(state).map_err(self.wrong())?;
        Ok(status == Status::Held)
    }

    /// The bytes of what has a file from a rank to another, by rank.
    fn held_bytes(&self, first: u32, last: u32) -> Result<HashMap<u32, u64>, EditionError> {
        let read = || -> rusqlite::Result<HashMap<u32, u64>> {
            let sql = "SELECT rank, coalesce(bytes, 0) FROM file
                WHERE rank BETWEEN ? AND ? AND root IS NOT NULL";
            let mut statement = self.catalog.prepare_cached(sql)?;
            let rows = statement.query_map([first, last], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect()
        };
        read().map_err(self.wrong())
    }

    /// The last kept running sums whose `column` is at most `limit`. The sums rise with the rank, so this is a
    /// binary search over rows 4,096 ranks apart.
    fn start(&self, column: &'static str, limit: i64) -> rusqlite::Result<Sums> {
        let stride = crate::schema::COVERAGE_STRIDE;
        let sql = format!(
            "SELECT rank, listens, held, held_listens, held_bytes, {column} FROM coverage WHERE rank = ?"
        );
        let mut statement = self.catalog.prepare_cached(&sql)?;
        let (mut low, mut high) = (0, self.len() / stride);
        let mut found = Sums::default();
        while low < high {
            let middle = low + (high - low).div_ceil(2);
            let row = statement
                .query_row(params![middle * stride], |row| {
                    Ok((read_sums(row)?, row.get::<_, i64>(5)?))
                })
                .optional()?;
            match row {
                Some((sums, value)) if value <= limit => {
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

fn read_sums(row: &Row<'_>) -> rusqlite::Result<Sums> {
    Ok(Sums {
        rank: row.get(0)?,
        listens: row.get(1)?,
        held: row.get(2)?,
        held_listens: row.get(3)?,
        held_bytes: row.get(4)?,
    })
}

impl Sums {
    /// The sums with one more recording, and its bytes when it is held.
    fn and(&self, rank: u32, listens: Option<u64>, held: Option<u64>) -> Sums {
        let listens = listens.unwrap_or(0);
        let (held_listens, held_bytes) = held.map_or((0, 0), |bytes| (listens, bytes));
        Sums {
            rank,
            listens: self.listens.saturating_add(listens),
            held: self.held + u64::from(held.is_some()),
            held_listens: self.held_listens.saturating_add(held_listens),
            held_bytes: self.held_bytes.saturating_add(held_bytes),
        }
    }
}
