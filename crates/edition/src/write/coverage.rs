//! Running sums down the list, kept where somebody will ask: writer and reader count in the same way.

use crate::schema::COVERAGE_STRIDE;

/// Bits a millisecond of the smallest tier, opus-75: what a recording that is not held would at least take.
const OPUS_75_BITS_PER_MS: u64 = 75;

/// Points of the curve in each doubling of the rank.
const CURVE_POINTS_LOG2: u32 = 9;

/// What one recording adds to the sums.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Weight {
    pub(crate) listens: Option<u64>,
    pub(crate) duration_ms: Option<u64>,
    /// Bytes of the holding; `None` when it is not held.
    pub(crate) held_bytes: Option<u64>,
}

/// Running sums up to and with a rank.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct CoveragePoint {
    pub(crate) rank: u32,
    pub(crate) listens: u64,
    pub(crate) held: u64,
    pub(crate) held_listens: u64,
    pub(crate) held_bytes: u64,
    /// Duration of all whose duration is known.
    pub(crate) duration_ms: u64,
    /// The part of it that is not held.
    pub(crate) unheld_ms: u64,
    /// How many are neither held nor of known duration, so that nothing says how many bytes they would take.
    pub(crate) unmeasured: u64,
}

impl CoveragePoint {
    /// The sums with the next recording.
    pub(crate) fn and(&self, weight: &Weight) -> CoveragePoint {
        let mut next = *self;
        let add = |to: &mut u64, more: u64| *to = to.saturating_add(more);
        next.rank = self.rank.saturating_add(1);
        add(&mut next.listens, weight.listens.unwrap_or(0));
        add(&mut next.duration_ms, weight.duration_ms.unwrap_or(0));
        match weight.held_bytes {
            Some(bytes) => {
                add(&mut next.held, 1);
                add(&mut next.held_listens, weight.listens.unwrap_or(0));
                add(&mut next.held_bytes, bytes);
            }
            None => {
                add(&mut next.unheld_ms, weight.duration_ms.unwrap_or(0));
                add(&mut next.unmeasured, u64::from(weight.duration_ms.is_none()));
            }
        }
        next
    }

    /// Bytes of the held, and of the others their duration as opus-75.
    pub(crate) fn bytes(&self) -> u64 {
        self.held_bytes.saturating_add(self.unheld_ms.saturating_mul(OPUS_75_BITS_PER_MS) / 8)
    }

    /// Whether something says how many bytes the recordings take: not when none is held or of known duration.
    pub(crate) fn is_measured(&self) -> bool {
        self.rank == 0 || self.unmeasured < u64::from(self.rank)
    }
}

/// The points that the report page is drawn from. However long the list is they are some ten thousand.
#[derive(Default)]
pub(crate) struct Curve {
    /// Every rank up to 1,024; from there on 512 in each doubling. The last rank is not among them by itself.
    pub(crate) points: Vec<CoveragePoint>,
    /// At the ranks 1, 2, 5, 10, 20, 50 and so on.
    pub(crate) at_ranks: Vec<CoveragePoint>,
    /// For 1, 2, 5, 10, 20, 50... bytes that the list does not fit into: the number, and the longest head that does.
    pub(crate) at_bytes: Vec<(u64, CoveragePoint)>,
}

impl Curve {
    /// Goes one recording down the list.
    pub(crate) fn push(&mut self, before: &CoveragePoint, now: &CoveragePoint) {
        let stride = 1 << now.rank.max(1).ilog2().saturating_sub(CURVE_POINTS_LOG2);
        if now.rank.is_multiple_of(stride) {
            self.points.push(*now);
        }
        if u64::from(now.rank) == step(self.at_ranks.len()) {
            self.at_ranks.push(*now);
        }
        while step(self.at_bytes.len()) < now.bytes() {
            self.at_bytes.push((step(self.at_bytes.len()), *before));
        }
    }
}

/// 1, 2, 5, 10, 20, 50...
fn step(index: usize) -> u64 {
    let factor = [1, 2, 5][index % 3];
    let power = u32::try_from(index / 3).ok().and_then(|power| 10u64.checked_pow(power));
    power.map_or(u64::MAX, |power| power.saturating_mul(factor))
}

/// Whether the catalogue keeps the sums of this rank.
pub(crate) fn is_kept(rank: u32) -> bool {
    rank.is_multiple_of(COVERAGE_STRIDE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn steps_end_at_the_largest_number() {
        let steps: Vec<u64> = (0..7).map(step).collect();
        assert_eq!(steps, [1, 2, 5, 10, 20, 50, 100]);
        assert_eq!(step(59), u64::MAX);
        assert_eq!(step(usize::MAX), u64::MAX);
    }

    #[test]
    fn a_long_list_keeps_few_points_and_near_ones() {
        let mut curve = Curve::default();
        let mut now = CoveragePoint::default();
        for _ in 0..300_000 {
            let next = now.and(&Weight { duration_ms: Some(1), ..Weight::default() });
            curve.push(&now, &next);
            now = next;
        }
        assert!(curve.points.len() < 6_000, "{}", curve.points.len());
        let mut before = 0;
        for point in &curve.points {
            assert!(point.rank <= before + 1 + before / 500, "{before} {}", point.rank);
            before = point.rank;
        }
        assert!(now.rank - before < now.rank / 256);
    }

    fn weights() -> impl Strategy<Value = Vec<Weight>> {
        let number = |most: u64| proptest::option::of(0..most);
        let one = (number(1_000_000), number(900_000), number(90_000_000));
        let one = one.prop_map(|(listens, duration_ms, held_bytes)| Weight {
            listens,
            duration_ms,
            held_bytes,
        });
        proptest::collection::vec(one, 1..200)
    }

    proptest! {
        #[test]
        fn sums_and_steps_equal_a_plain_count(weights in weights()) {
            let mut curve = Curve::default();
            let mut now = CoveragePoint::default();
            for weight in &weights {
                let next = now.and(weight);
                curve.push(&now, &next);
                now = next;
            }
            let head = |rank: usize| {
                let head = &weights[..rank];
                let held = head.iter().filter_map(|weight| weight.held_bytes).sum::<u64>();
                let unheld = head.iter().filter(|weight| weight.held_bytes.is_none());
                held + unheld.filter_map(|weight| weight.duration_ms).sum::<u64>() * 75 / 8
            };
            prop_assert_eq!(now.bytes(), head(weights.len()));
            prop_assert_eq!(now.listens, weights.iter().filter_map(|w| w.listens).sum::<u64>());
            for point in &curve.at_ranks {
                prop_assert_eq!(point.bytes(), head(point.rank as usize));
            }
            for (bytes, point) in &curve.at_bytes {
                let fits = (0..=weights.len()).rev().find(|rank| head(*rank) <= *bytes).unwrap();
                prop_assert_eq!(point.rank as usize, fits, "{} bytes", bytes);
            }
        }
    }
}
