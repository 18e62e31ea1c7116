//! A fair draw from the list.
//!
//! Ranks have no gaps, so a uniform draw of ranks is a uniform draw of recordings; a filter rejects. Only when
//! a filter rejects nearly everything is the list read through once instead.

use super::{Edition, Recording};
use crate::EditionError;
use crate::block::Head;
use deadwax_model::{Status, Tier};
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
        let (first, heads) = self.heads(rank)?;
        match heads.get((rank - first) as usize) {
            Some(head) => self.fits(rank, head, filter),
            None => Ok(false),
        }
    }

    /// Reservoir sampling (Vitter's algorithm R) over everything that matches, then a shuffle.
    fn draw_from_all(
        &self,
        random: &mut fastrand::Rng,
        n: usize,
        filter: &ShuffleFilter,
    ) -> Result<Vec<u32>, EditionError> {
        let mut drawn: Vec<u32> = Vec::new();
        let (mut seen, mut next) = (0, 1);
        while next <= self.len() {
            let (first, heads) = self.heads(next)?;
            for (rank, head) in (first..).zip(&heads) {
                if !self.fits(rank, head, filter)? {
                    continue;
                }
                seen += 1;
                if drawn.len() < n {
                    drawn.push(rank);
                } else if let Some(slot) = drawn.get_mut(random.usize(0..seen)) {
                    *slot = rank;
                }
            }
            next = match first.checked_add(heads.len().max(1) as u32) {
                Some(next) => next,
                None => break,
            };
        }
        random.shuffle(&mut drawn);
        Ok(drawn)
    }

    /// Whether a filter lets a recording through.
    fn fits(&self, rank: u32, head: &Head, filter: &ShuffleFilter) -> Result<bool, EditionError> {
        let in_years = |(first, last): (u16, u16)| {
            head.year.is_some_and(|year| (first..=last).contains(&year))
        };
        let is_popular = |least: u8| head.popularity.is_some_and(|popularity| popularity >= least);
        if !filter.years.is_none_or(in_years) || !filter.min_popularity.is_none_or(is_popular) {
            return Ok(false);
        }
        if filter.status.is_some() || filter.cleared.is_some() {
            let state = self.state(head.state)?;
            if filter.status.is_some_and(|wanted| wanted != state.status)
                || filter.cleared.is_some_and(|wanted| wanted != state.held_back.is_none())
            {
                return Ok(false);
            }
        }
        let Some(tier) = filter.tier else {
            return Ok(true);
        };
        let sql =
            "SELECT 1 FROM file f JOIN word w ON w.word = f.tier WHERE f.rank = ? AND w.text = ?";
        let has_tier = || self.catalog.prepare_cached(sql)?.exists((rank, tier.to_string()));
        has_tier().map_err(self.wrong())
    }
}
