//! What of a sub-fingerprint is looked up: its 24 steadier bits.

/// Bits that are left out of a key.
///
/// A sub-fingerprint has two bits for each of 16 filters, a Gray code of four levels. Left out is the lower bit of the
/// eight filters whose lower bit flips most when music is encoded again (3.4 to 2.1 %; of all bits 1.5 %).
const UNSTEADY: u32 = 1 | 1 << 4 | 1 << 8 | 1 << 10 | 1 << 12 | 1 << 16 | 1 << 22 | 1 << 24;

/// How many bits a key has.
pub(super) const KEY_BITS: u32 = 24;

/// The key of a sub-fingerprint: its steady bits, moved together.
pub(super) fn key(step: u32) -> u32 {
    let (mut key, mut steady) = (0, !UNSTEADY);
    let mut place = 0;
    // A run of steady bits at a time.
    while steady != 0 {
        let start = steady.trailing_zeros();
        let length = (!(steady >> start)).trailing_zeros();
        let run = ((1u64 << length) - 1) as u32;
        key |= (step >> start & run) << place;
        place += length;
        steady &= !(run << start);
    }
    key
}

/// The `most` keys of a fingerprint with the lowest hashes, each with the first position where it stands; in order of
/// their hashes.
///
/// Which keys these are depends on them alone, so that two copies choose the same ones as far as they share them: of
/// those that stand in both, the lowest are among the chosen of both.
pub(super) fn chosen(fingerprint: &[u32], most: usize) -> Vec<(u32, u32)> {
    let mut keys: Vec<(u32, u32)> = fingerprint.iter().map(|&step| key(step)).zip(0..).collect();
    keys.sort_unstable();
    keys.dedup_by_key(|(key, _)| *key);
    if keys.len() > most {
        keys.select_nth_unstable_by_key(most, |(key, _)| hash(*key));
        keys.truncate(most);
    }
    keys.sort_unstable_by_key(|(key, _)| hash(*key));
    keys
}

/// The finalizer of MurmurHash3 (Austin Appleby, public domain): a permutation, so that no two keys are alike.
fn hash(key: u32) -> u32 {
    let mut hash = key.wrapping_add(0x9E37_79B9);
    hash = (hash ^ hash >> 16).wrapping_mul(0x85EB_CA6B);
    hash = (hash ^ hash >> 13).wrapping_mul(0xC2B2_AE35);
    hash ^ hash >> 16
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_key_is_the_steady_bits() {
        assert_eq!(UNSTEADY.count_ones(), 32 - KEY_BITS);
        assert_eq!(key(u32::MAX), (1 << KEY_BITS) - 1);
        assert_eq!(key(UNSTEADY), 0);
        let single: BTreeSet<u32> =
            (0..32).filter(|bit| UNSTEADY >> bit & 1 == 0).map(|bit| key(1 << bit)).collect();
        assert_eq!(single, (0..KEY_BITS).map(|place| 1 << place).collect());
    }

    proptest! {
        #[test]
        fn copies_choose_alike(
            steps in prop::collection::vec(any::<u32>(), 1..300), cut in 0..200usize, most in 1..64usize,
        ) {
            let cut = cut.min(steps.len() - 1);
            let whole: Vec<u32> = chosen(&steps, most).into_iter().map(|(key, _)| key).collect();
            let part: BTreeSet<u32> =
                chosen(&steps[cut..], most).into_iter().map(|(key, _)| key).collect();
            let there: BTreeSet<u32> = steps[cut..].iter().map(|&step| key(step)).collect();
            for key in whole.iter().filter(|key| there.contains(key)) {
                prop_assert!(part.contains(key));
            }
            prop_assert!(whole.len() <= most);
        }
    }
}
