//! How much each pack needs another copy, as far as the known counts tell.

use super::offer::PackOffer;

/// The step where all packs have the same count.
const LEAST_STEP: f64 = 0.5;

/// What the known counts of copies say about all packs together.
pub struct Need {
    /// The count in the middle.
    middle: f64,
    /// So many copies fewer make a pack e times as likely to be chosen. Counts tell how late they are: what many mirrors chose
    /// without seeing each other is scattered, and the more so the longer they did not see. So the step grows with the
    /// scatter: 0.8 times the square of the mean distance below the middle, which is half a variance; above it is the head. Without that all who see the
    /// same late counts run for the same few packs.
    step: f64,
}

impl Need {
    pub fn of(offers: &[PackOffer]) -> Need {
        let mut known: Vec<u32> = offers.iter().filter_map(|offer| offer.copies).collect();
        if known.is_empty() {
            return Need { middle: 0.0, step: 1.0 };
        }
        let half = known.len() / 2;
        let middle = f64::from(*known.select_nth_unstable(half).1);
        let below: f64 = known[..half].iter().map(|&copies| middle - f64::from(copies)).sum();
        let scatter = below / half.max(1) as f64;
        Need { middle, step: LEAST_STEP + 0.8 * scatter.powi(2) }
    }

    /// How likely a pack with this count is to be chosen, beside others.
    pub fn weight(&self, copies: Option<u32>) -> f64 {
        ((self.middle - self.copies(copies)) / self.step).clamp(-300.0, 300.0).exp()
    }

    /// A count, the one in the middle where it is not known: unknown is not none.
    pub fn copies(&self, copies: Option<u32>) -> f64 {
        copies.map_or(self.middle, f64::from)
    }
}
