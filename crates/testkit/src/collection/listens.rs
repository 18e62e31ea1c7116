//! How often the recording at a rank was heard.
//!
//! A curve over x = (rank - 1/2) / N, so that the shape is the same at any size, in the order of docs/formats/policy.md:
//! those that nobody counted stand before those of popularity 0. Continuous but for them:
//!
//! | x | listens |
//! |---|---|
//! | to 0.0001 | L1 (x / 0.0001)^-0.45, L1 = 30,718,028: the few that everyone knows, flatter than the rest |
//! | to 0.285 | 1000 (x / 0.285)^-1.29886971 |
//! | to 0.30 | nobody counted |
//! | to 1 | y = x - 0.015: 1000 ((y / 0.285)^-4 - e) / (1 - e), e = (0.985 / 0.285)^-4: 113 at the middle of the list, 0 at its end |
//!
//! Chosen: the bounds, so that 70 % have below 1,000 listens and 1.5 % are unknown; the exponents 0.45 and 4. Solved
//! for: the middle exponent, so that the first 86/256 have 99.6 % of all listens. The integral of the curve is 14,998
//! listens a recording, of which 59.99 lie after 86/256. At N = 256 million the most heard has 4.04 * 10^9 listens.

const TOP: f64 = 1e-4;
const TOP_EXPONENT: f64 = -0.45;
const TOP_LISTENS: f64 = 30_718_027.690_612_2;
const THRESHOLD: f64 = 0.285;
const THRESHOLD_LISTENS: f64 = 1_000.0;
const MIDDLE_EXPONENT: f64 = -1.298_869_705_987_440_6;
const UNKNOWN: f64 = 0.015;
const COUNTED: f64 = 1.0 - UNKNOWN;

/// Listens of the recording at `rank` (from 1) of `recordings`; `None` when nobody counted. Those that are known
/// never rise with rank.
pub(super) fn at(rank: u64, recordings: u64) -> Option<u64> {
    let x = (rank as f64 - 0.5) / recordings as f64;
    if x < TOP {
        Some((TOP_LISTENS * (x / TOP).powf(TOP_EXPONENT)) as u64)
    } else if x < THRESHOLD {
        Some((THRESHOLD_LISTENS * (x / THRESHOLD).powf(MIDDLE_EXPONENT)) as u64)
    } else if x < THRESHOLD + UNKNOWN {
        None
    } else {
        let y = x - UNKNOWN;
        let end = fourth_power(THRESHOLD / COUNTED);
        let share = (fourth_power(THRESHOLD / y) - end) / (1.0 - end);
        // Where the curve goes on it is at the threshold itself, which would be popularity 1.
        Some((THRESHOLD_LISTENS * share).min(THRESHOLD_LISTENS - 1.0) as u64)
    }
}

fn fourth_power(x: f64) -> f64 {
    (x * x) * (x * x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_third_holds_nearly_all_and_seventy_percent_lie_below_a_thousand() {
        for recordings in [50_000u64, 400_000] {
            let all: Vec<Option<u64>> = (1..=recordings).map(|rank| at(rank, recordings)).collect();
            let total: u64 = all.iter().flatten().sum();
            let top: u64 = all[..(recordings * 86 / 256) as usize].iter().flatten().sum();
            let share = top as f64 / total as f64;
            assert!((0.9955..0.9965).contains(&share), "{share}");
            let below = all.iter().filter(|listens| listens.is_some_and(|l| l < 1_000)).count();
            let below = below as f64 / recordings as f64;
            assert!((0.695..0.705).contains(&below), "{below}");
            let unknown = all.iter().filter(|l| l.is_none()).count() as f64 / recordings as f64;
            assert!((0.0145..0.0155).contains(&unknown), "{unknown}");
        }
        assert_eq!(at(1, 256_000_000).unwrap() / 10_000_000, 404);
    }
}
