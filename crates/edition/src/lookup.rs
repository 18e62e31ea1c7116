//! From a key to the numbers it stands for: pairs sorted by key and value, in blocks of catalog.sqlite's table
//! `lookup`. The format is specified in docs/formats/edition.md.
//!
//! WHY not an index of SQLite: a cell a pair takes 15 bytes and more of it; here a pair takes four.

use crate::bits::{BitReader, BitWriter};

/// A key and one of its values.
pub(crate) type Pair = (u32, u32);

/// What is looked up, by the number that the table has for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LookupKind {
    /// The highest 32 bits of [`spread_isrc`]; ranks. Whoever finds one looks at the ISRC.
    Isrc = 1,
    /// The first 32 bits of an id; ranks. Whoever finds one looks at the rest.
    Id = 2,
    /// Number of an artist; ranks.
    Artist = 3,
    /// Number of a release; ranks.
    Release = 4,
    /// [`name_key`] of an artist's name; numbers of artists. Whoever finds one looks at the name.
    Name = 5,
}

/// A block of pairs that are sorted, each once.
pub(crate) fn write_pairs(pairs: &[Pair]) -> Vec<u8> {
    let (mut keys, mut steps, mut values) = (Vec::new(), Vec::new(), Vec::new());
    let mut before = None;
    for (key, value) in pairs {
        let same = before.filter(|(last, _)| last == key);
        keys.push(before.map_or(0, |(last, _): Pair| u64::from(key - last)));
        match same {
            Some((_, last)) => steps.push(u64::from(value - last) - 1),
            None => values.push(u64::from(*value)),
        }
        before = Some((*key, *value));
    }
    let mut bits = BitWriter::default();
    bits.bits(pairs.len() as u64, 16);
    bits.bits(pairs.first().map_or(0, |(key, _)| u64::from(*key)), 32);
    bits.column(&keys);
    bits.column(&steps);
    bits.column(&values);
    bits.finish()
}

/// The pairs of a block; `None` when it is none.
pub(crate) fn read_pairs(block: &[u8]) -> Option<Vec<Pair>> {
    let mut bits = BitReader::new(block);
    let count = bits.bits(16) as usize;
    let mut key = bits.bits(32) as u32;
    let mut pairs: Vec<Pair> = Vec::with_capacity(count);
    bits.column(count, |step| {
        key = key.wrapping_add(step as u32);
        pairs.push((key, 0));
    });
    let is_same = |pairs: &[Pair], place: usize| place > 0 && pairs[place - 1].0 == pairs[place].0;
    let same: Vec<bool> = (0..count).map(|place| is_same(&pairs, place)).collect();
    let mut places = (0..count).filter(|place| same[*place]);
    let steps = same.iter().filter(|same| **same).count();
    bits.column(steps, |step| {
        places.next().into_iter().for_each(|place| pairs[place].1 = step as u32);
    });
    let mut places = (0..count).filter(|place| !same[*place]);
    bits.column(count - steps, |value| {
        places.next().into_iter().for_each(|place| pairs[place].1 = value as u32);
    });
    for place in 1..count {
        if same[place] {
            pairs[place].1 = pairs[place].1.wrapping_add(pairs[place - 1].1).wrapping_add(1);
        }
    }
    let rise = pairs.windows(2).all(|two| two[0] < two[1]);
    (rise && !bits.is_over()).then_some(pairs)
}

/// An ISRC's 49 bits, turned so that ISRCs which follow each other lie far apart, one to one: multiplied by an odd
/// number, modulo 2^49.
pub(crate) fn spread_isrc(isrc: u64) -> u64 {
    isrc.wrapping_mul(0x9E37_79B9_7F4A_7C15) & ((1 << 49) - 1)
}

/// The key of a spread ISRC.
pub(crate) fn isrc_key(spread: u64) -> u32 {
    (spread >> 17) as u32
}

/// The key of a name: the lower 32 bits of FNV-1a (64 bits) over its terms in their order, a zero byte behind each, so
/// that case and accents do not matter.
pub(crate) fn name_key<'a>(terms: impl Iterator<Item = &'a str>) -> u32 {
    let mut hash = 0xCBF2_9CE4_8422_2325u64;
    for byte in terms.flat_map(|term| term.bytes().chain([0])) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01B3);
    }
    hash as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn pairs_come_back(pairs in proptest::collection::btree_set((0u32..50, 0u32..1000), 0..300)) {
            let pairs: Vec<Pair> = pairs.into_iter().collect();
            prop_assert_eq!(read_pairs(&write_pairs(&pairs)), Some(pairs));
        }

        #[test]
        fn far_pairs_come_back(pairs in proptest::collection::btree_set(any::<Pair>(), 0..300)) {
            let pairs: Vec<Pair> = pairs.into_iter().collect();
            prop_assert_eq!(read_pairs(&write_pairs(&pairs)), Some(pairs));
        }

        #[test]
        fn noise_gives_no_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            read_pairs(&bytes);
        }
    }
}
