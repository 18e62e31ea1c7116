//! A fair draw from the list.
//!
//! Ranks have no gaps, so a uniform draw of ranks is a uniform draw of recordings; a filter rejects. Only when
//! a filter rejects nearly everything is the list read through once instead.

use super::{Edition, Recording};
use crate::EditionError;
use deadwax_model::{Status, Tier};
use rusqlite::OptionalExtension;
use std::collections::HashSet;

/// What a draw is made from; the default is the whole list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShuffleFilter {
    /// Only recordings that stand here.
    pub status: Option<Status>,
    /// Only recordings of this tier.
    pub tier: Option<Tier>,
    /// Only recordings that may leave, or only ones that may not.
    pub cleared: Option<bool>,
    /// Only recordings of these years, first and last.
    pub years: Option<(u16, u16)>,
    /// Only recordings of at least this popularity.
    pub min_popularity: Option<u8>,
}

const MATCHES: &str = "
    (?2 IS NULL OR (SELECT status FROM state s WHERE s.state = r.state) = ?2)
    AND (?3 IS NULL OR (SELECT tier FROM file f WHERE f.rank = r.rank)
                     = (SELECT word FROM word WHERE kind = 'tier' AND text = ?3))
    AND (?4 IS NULL OR (SELECT held_back IS NULL FROM state s WHERE s.state = r.state) = ?4)
    AND (?5 IS NULL OR r.year BETWEEN ?5 AND ?6)
    AND (?7 IS NULL OR r.popularity >= ?7)";

impl Edition {
    /// `n` different recordings, or all that match when these are fewer, each equally likely to be drawn, in random
    /// order. The same seed, `n` and filter give the same draw of the same edition.
    ///
    /// # Errors
    /// A damaged catalogue.
    pub fn shuffle(
        &self,
        seed: u64,
        n: usize,
        filter: &ShuffleFilter,
    ) -> Result<Vec<Recording>, EditionError> {
        let mut random = fastrand::Rng::with_seed(seed);
        let ranks = match self.draw(&mut random, n, filter)? {
            Some(ranks) => ranks,
            None => self.draw_from_all(&mut random, n, filter)?,
        };
        let recordings = ranks.into_iter().map(|rank| self.load(rank));
        recordings.filter_map(Result::transpose).collect()
    }

    /// Draws and rejects; `None` when that takes too long.
    fn draw(
        &self,
        random: &mut fastrand::Rng,
        n: usize,
        filter: &ShuffleFilter,
    ) -> Result<Option<Vec<u32>>, EditionError> {
        let few = n as u64 * 2 <= u64::from(self.len());
        let mut drawn = Vec::new();
        let mut seen = HashSet::new();
        let mut tries = n.saturating_mul(64).saturating_add(256);
        while few && drawn.len() < n {
            if tries == 0 {
                return Ok(None);
            }
            tries -= 1;
            let rank = random.u32(1..=self.len());
            if seen.insert(rank)
                && (*filter == ShuffleFilter::default() || self.matches(rank, filter)?)
            {
                drawn.push(rank);
            }
        }
        Ok(few.then_some(drawn))
    }

    fn matches(&self, rank: u32, filter: &ShuffleFilter) -> Result<bool, EditionError> {
        const SQL: &str = "SELECT 1 FROM recording r WHERE r.rank = ?1 AND ";
        let read = || -> rusqlite::Result<bool> {
            let mut statement = self.catalog.prepare_cached(&format!("{SQL}{MATCHES}"))?;
            let found = statement.query_row(values(rank, filter), |_| Ok(())).optional()?;
            Ok(found.is_some())
        };
        read().map_err(self.wrong())
    }

    /// Reservoir sampling (Vitter's algorithm R) over everything that matches, then a shuffle.
    fn draw_from_all(
        &self,
        random: &mut fastrand::Rng,
        n: usize,
        filter: &ShuffleFilter,
    ) -> Result<Vec<u32>, EditionError> {
        const SQL: &str = "SELECT r.rank FROM recording r WHERE r.rank >= ?1 AND ";
        let mut drawn: Vec<u32> = Vec::new();
        let mut read = || -> rusqlite::Result<()> {
            let mut statement =
                self.catalog.prepare_cached(&format!("{SQL}{MATCHES} ORDER BY r.rank"))?;
            let mut rows = statement.query(values(1, filter))?;
            let mut seen = 0;
            while let Some(row) = rows.next()? {
                seen += 1;
                if drawn.len() < n {
                    drawn.push(row.get(0)?);
                } else if let Some(slot) = drawn.get_mut(random.usize(0..seen)) {
                    *slot = row.get(0)?;
                }
            }
            Ok(())
        };
        read().map_err(self.wrong())?;
        random.shuffle(&mut drawn);
        Ok(drawn)
    }
}

fn values(rank: u32, filter: &ShuffleFilter) -> impl rusqlite::Params + use<> {
    let first_year = filter.years.map(|(first, _)| first);
    let last_year = filter.years.map(|(_, last)| last);
    (
        rank,
        filter.status.map(Status::as_str),
        filter.tier.map(Tier::as_str),
        filter.cleared,
        first_year,
        last_year,
        filter.min_popularity,
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn parameters_have_one_value_each() {
        for number in 2..=7 {
            assert!(super::MATCHES.contains(&format!("?{number}")));
        }
    }
}
