//! How often a recording was heard, on a scale that people can compare.

use std::fmt;

/// 0 to 100. 0 means known and below the archive's threshold; a recording that nobody counted has
/// no `Popularity` at all (`Option::None`), which is never treated as 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct Popularity(u8);

impl Popularity {
    /// From a stored number; `None` above 100.
    pub fn new(value: u8) -> Option<Popularity> {
        (value <= 100).then_some(Popularity(value))
    }

    /// The number, 0 to 100.
    pub fn get(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Popularity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The two listens counts that fix the scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PopularityScale {
    /// Below this many listens popularity is exactly 0. Default 1,000.
    pub threshold: u64,
    /// From this many listens on popularity is 100. Default 5 * 10^9.
    pub ceiling: u64,
}

impl Default for PopularityScale {
    fn default() -> Self {
        PopularityScale { threshold: 1_000, ceiling: 5_000_000_000 }
    }
}

impl PopularityScale {
    /// `0` when `listens < threshold`; otherwise
    /// `1 + floor(99 * ln(listens / threshold) / ln(ceiling / threshold))`, at most 100.
    ///
    /// Logarithmic because listens are (Zipf-like): each step is the same factor. Fixed ends, not the
    /// archive's own maximum, so that a number means the same in every archive and edition.
    pub fn of(&self, listens: u64) -> Popularity {
        if listens < self.threshold {
            return Popularity(0);
        }
        let threshold = self.threshold.max(1) as f64;
        let ceiling = (self.ceiling as f64).max(threshold * 2.0);
        let share = (listens.max(1) as f64 / threshold).ln() / (ceiling / threshold).ln();
        Popularity((1.0 + (99.0 * share).floor()).clamp(1.0, 100.0) as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn zero_exactly_below_the_threshold() {
        let scale = PopularityScale::default();
        assert_eq!(scale.of(0).get(), 0);
        assert_eq!(scale.of(999).get(), 0);
        assert_eq!(scale.of(1_000).get(), 1);
        assert_eq!(scale.of(5_000_000_000).get(), 100);
        assert_eq!(scale.of(u64::MAX).get(), 100);
    }

    #[test]
    fn a_threshold_of_zero_leaves_nobody_at_zero() {
        assert_eq!(PopularityScale { threshold: 0, ceiling: 10 }.of(0).get(), 1);
    }

    proptest! {
        #[test]
        fn more_listens_are_never_less_popular(a: u64, b: u64) {
            let scale = PopularityScale::default();
            let (low, high) = (a.min(b), a.max(b));
            prop_assert!(scale.of(low) <= scale.of(high));
        }
    }
}
