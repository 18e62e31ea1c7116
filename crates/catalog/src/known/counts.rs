//! Counts by ISRC, in memory: they are of every recording that carries the code, whatever order these come in.

use crate::Catalog;
use deadwax_model::Isrc;

/// 16 bytes a counted ISRC.
#[derive(Debug, Default)]
pub(crate) struct IsrcCounts {
    /// From tables of listens alone, which the operator gave last and for what is there: they count before others.
    own: Vec<(u64, u64)>,
    /// From collections; the highest where several counted.
    known: Vec<(u64, u64)>,
}

impl IsrcCounts {
    pub(crate) fn read(catalog: &Catalog) -> rusqlite::Result<IsrcCounts> {
        let mut counts = IsrcCounts::default();
        let mut query =
            catalog.db.prepare("SELECT key, listens FROM listens WHERE kind = 'isrc'")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            if let Ok(isrc) = row.get_ref(0)?.as_str()?.parse::<Isrc>() {
                counts.own.push((isrc.to_u64(), row.get(1)?));
            }
        }
        counts.own.sort_unstable();
        if catalog.has_schema(2) {
            let mut query = catalog.db.prepare("SELECT isrc, listens FROM known_isrc_listens")?;
            let mut rows = query.query([])?;
            while let Some(row) = rows.next()? {
                counts.known.push((row.get(0)?, row.get(1)?));
            }
            counts
                .known
                .sort_unstable_by_key(|(isrc, listens)| (*isrc, std::cmp::Reverse(*listens)));
            counts.known.dedup_by_key(|(isrc, _)| *isrc);
        }
        Ok(counts)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.own.is_empty() && self.known.is_empty()
    }

    pub(crate) fn of(&self, isrc: Isrc) -> Option<u64> {
        let of = |counts: &[(u64, u64)]| {
            let place = counts.binary_search_by_key(&isrc.to_u64(), |(code, _)| *code).ok()?;
            Some(counts[place].1)
        };
        of(&self.own).or_else(|| of(&self.known))
    }

    /// The sum over a recording's codes; `None` when nobody counted any.
    pub(crate) fn sum(&self, isrcs: &[Isrc]) -> Option<u64> {
        let add = |sum: u64, listens: u64| sum.saturating_add(listens).min(i64::MAX as u64);
        isrcs.iter().filter_map(|isrc| self.of(*isrc)).reduce(add)
    }
}
