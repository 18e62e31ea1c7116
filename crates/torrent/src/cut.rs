//! Where the list is cut into packs: within the caps, and by content, so that what comes in or goes out at one place of
//! the list changes the packs there and not all behind it (docs/formats/edition.md, "packs").

use crate::limits::{HEADER_BYTES, PACK_BYTES, PACK_FILES, PACK_METAINFO_BYTES, PackRow};
use deadwax_model::Root;

/// How much of the caps of a pack something takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PackSize {
    /// Files.
    pub files: usize,
    /// Bytes of the files.
    pub bytes: u64,
    /// Bytes in the metainfo, at most.
    pub metainfo_bytes: u64,
}

impl PackSize {
    /// Of files together.
    pub fn of(rows: impl IntoIterator<Item = PackRow>) -> PackSize {
        let one = |row: PackRow| PackSize {
            files: 1,
            bytes: row.bytes,
            metainfo_bytes: row.metainfo_bytes(),
        };
        rows.into_iter().map(one).fold(PackSize::default(), PackSize::and)
    }

    /// Whether a pack may hold so much.
    pub fn fits(&self) -> bool {
        self.files <= PACK_FILES
            && self.bytes <= PACK_BYTES
            && self.metainfo_bytes.saturating_add(HEADER_BYTES) <= PACK_METAINFO_BYTES
    }

    /// Whether it is half of what a pack may hold, by any of the caps.
    fn is_half(&self) -> bool {
        self.files >= PACK_FILES / 2
            || self.bytes >= PACK_BYTES / 2
            || self.metainfo_bytes + HEADER_BYTES >= PACK_METAINFO_BYTES / 2
    }

    fn and(self, more: PackSize) -> PackSize {
        PackSize {
            files: self.files.saturating_add(more.files),
            bytes: self.bytes.saturating_add(more.bytes),
            metainfo_bytes: self.metainfo_bytes.saturating_add(more.metainfo_bytes),
        }
    }
}

/// Takes the list entry by entry and gives it back in packs. Holds the entries of one pack at most.
///
/// When the next entry would pass a cap, the pack ends within its second half: before that entry, or the one waiting, that
/// has the lowest root. The lowest of so many candidates is mostly the lowest again when an entry before them comes or goes:
/// the cut is where it was, and all packs behind it are what they were.
#[derive(Debug)]
pub struct Cutter<T> {
    waiting: Vec<Waiting<T>>,
    size: PackSize,
}

#[derive(Debug)]
struct Waiting<T> {
    entry: T,
    size: PackSize,
    root: Root,
}

impl<T> Default for Cutter<T> {
    fn default() -> Cutter<T> {
        Cutter { waiting: Vec::new(), size: PackSize::default() }
    }
}

impl<T> Cutter<T> {
    /// Takes the next entry, and gives the packs that are finished by it: none mostly. `root` is that of its first file.
    /// An entry that no pack may hold is a pack of its own; ask [`PackSize::fits`] first.
    pub fn push(&mut self, entry: T, size: PackSize, root: Root) -> Vec<Vec<T>> {
        let mut finished = Vec::new();
        while !self.waiting.is_empty() && !self.size.and(size).fits() {
            let end = self.end(root);
            let rest = self.waiting.split_off(end);
            let pack = std::mem::replace(&mut self.waiting, rest);
            finished.push(pack.into_iter().map(|waiting| waiting.entry).collect());
            self.size = self
                .waiting
                .iter()
                .map(|waiting| waiting.size)
                .fold(PackSize::default(), PackSize::and);
        }
        self.size = self.size.and(size);
        self.waiting.push(Waiting { entry, size, root });
        finished
    }

    /// What is left: the last pack, empty when there was nothing.
    pub fn finish(self) -> Vec<T> {
        self.waiting.into_iter().map(|waiting| waiting.entry).collect()
    }

    /// How many of those waiting are in the pack that ends before an entry with the root `next`.
    fn end(&self, next: Root) -> usize {
        let mut before = PackSize::default();
        let mut lowest = (next, self.waiting.len());
        for (index, waiting) in self.waiting.iter().enumerate() {
            if index > 0 && before.is_half() {
                lowest = lowest.min((waiting.root, index));
            }
            before = before.and(waiting.size);
        }
        lowest.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sha2::{Digest, Sha256};

    fn size(bytes: u64) -> PackSize {
        PackSize { files: 1, bytes, metainfo_bytes: 700 }
    }

    /// A root as good as any of a file.
    fn root(seed: u64) -> Root {
        Root(Sha256::digest(seed.to_le_bytes()).into())
    }

    fn cut(list: &[(u64, PackSize)]) -> Vec<Vec<u64>> {
        let mut cutter = Cutter::default();
        let mut packs: Vec<Vec<u64>> =
            list.iter().flat_map(|(seed, size)| cutter.push(*seed, *size, root(*seed))).collect();
        let last = cutter.finish();
        packs.extend((!last.is_empty()).then_some(last));
        packs
    }

    fn lengths(list: &[(u64, PackSize)]) -> Vec<usize> {
        cut(list).iter().map(Vec::len).collect()
    }

    #[test]
    fn cuts_within_each_cap() {
        assert_eq!(lengths(&[]), [0; 0]);
        for entry in [
            size(5_000_000),
            size(100_000_000),
            PackSize { files: 3, bytes: 1, metainfo_bytes: 2_000 },
            PackSize { files: 1, bytes: 1, metainfo_bytes: 9_000 },
        ] {
            let list: Vec<_> = (0..20_000).map(|seed| (seed, entry)).collect();
            let most = (1..).take_while(|n| total(*n, entry).fits()).last().unwrap();
            let lengths = lengths(&list);
            assert_eq!(lengths.iter().sum::<usize>(), list.len());
            let (last, others) = lengths.split_last().unwrap();
            assert!(
                others.iter().all(|n| (most / 2..=most).contains(n)) && *last <= most,
                "{lengths:?}"
            );
        }
    }

    fn total(count: usize, entry: PackSize) -> PackSize {
        (0..count).map(|_| entry).fold(PackSize::default(), PackSize::and)
    }

    #[test]
    fn what_no_pack_may_hold_is_alone() {
        let (large, whole) = (size(PACK_BYTES + 1), size(PACK_BYTES));
        assert!(!large.fits() && whole.fits());
        assert!(!PackSize { metainfo_bytes: u64::MAX, ..size(1) }.fits());
        assert_eq!(lengths(&[(0, large), (1, size(1))]), [1, 1]);
        assert_eq!(lengths(&[(0, size(1)), (1, large), (2, whole), (3, whole)]), [1, 1, 1, 1]);
        assert_eq!(lengths(&[(0, size(1)), (1, size(PACK_BYTES - 1)), (2, size(0))]), [3]);
    }

    #[test]
    fn the_end_is_before_the_lowest_root_of_the_second_half() {
        let list: Vec<_> = (0..5_001).map(|seed| (seed, size(5_000_000))).collect();
        let lowest = (2_500..5_001).min_by_key(|seed| root(*seed)).unwrap();
        assert_eq!(cut(&list)[0].last(), Some(&(lowest - 1)));
        let list: Vec<_> = (0..16).map(|seed| (seed, size(10_000_000_000))).collect();
        let lowest = (8..16).min_by_key(|seed| root(*seed)).unwrap();
        assert_eq!(cut(&list)[0].last(), Some(&(lowest - 1)));
    }

    /// Of how many packs the entries are not what they were, when the list is `changed`.
    fn renewed(list: &[(u64, PackSize)], changed: &[(u64, PackSize)]) -> usize {
        let before = cut(list);
        cut(changed).iter().filter(|pack| !before.contains(pack)).count()
    }

    #[test]
    fn one_change_renews_a_few_packs_and_not_all_behind_it() {
        let mut random = 7u64;
        let mut below = |end: usize| {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) as usize % end
        };
        // Songs, with an hour of music here and there: 46 packs or so.
        let list: Vec<_> = (0..100_000)
            .map(|seed| {
                (
                    seed,
                    size(2_000_000 + below(8_000_000) as u64 * if below(50) == 0 { 40 } else { 1 }),
                )
            })
            .collect();
        let packs = cut(&list).len();
        assert!(packs > 20, "{packs}");
        let (mut inserted, mut removed, mut moved) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..20 {
            let mut changed = list.clone();
            // Half of them at the top.
            let place = if round % 2 == 0 { below(10) } else { below(list.len()) };
            changed.insert(place, (1_000_000 + round, size(4_000_000)));
            inserted.push(renewed(&list, &changed));
            let mut changed = list.clone();
            changed.remove(place);
            removed.push(renewed(&list, &changed));
            let mut changed = list.clone();
            changed.swap(below(list.len()), place);
            moved.push(renewed(&list, &changed));
        }
        for (what, mut renewed, most) in
            [("insert", inserted, 1), ("remove", removed, 1), ("swap", moved, 2)]
        {
            renewed.sort_unstable();
            let mean = renewed.iter().sum::<usize>() as f64 / renewed.len() as f64;
            eprintln!("{what}: of {packs} packs {mean} are new, at most {}", renewed[19]);
            assert!(renewed[17] <= most && mean < most as f64 + 0.3, "{what}: {renewed:?}");
        }
    }

    proptest! {
        #[test]
        fn packs_are_the_list_keep_the_caps_and_are_half_full(
            entries in prop::collection::vec((0..PACK_BYTES * 2 / 3, 1..5_000usize, 0..9_000_000u64), 0..60)
        ) {
            let list: Vec<_> = entries
                .into_iter()
                .map(|(bytes, files, metainfo_bytes)| PackSize { files, bytes, metainfo_bytes })
                .filter(PackSize::fits)
                .enumerate()
                .map(|(seed, size)| (seed as u64, size))
                .collect();
            let packs = cut(&list);
            let all: Vec<u64> = packs.iter().flatten().copied().collect();
            prop_assert_eq!(all, list.iter().map(|(seed, _)| *seed).collect::<Vec<_>>());
            let size = |pack: &[u64]| {
                pack.iter().map(|seed| list[*seed as usize].1).fold(PackSize::default(), PackSize::and)
            };
            for (index, pack) in packs.iter().enumerate() {
                prop_assert!(size(pack).fits() && !pack.is_empty());
                if let Some(next) = packs.get(index + 1) {
                    let more = list[next[0] as usize].1;
                    prop_assert!(size(pack).is_half() || !size(pack).and(more).fits());
                }
            }
        }
    }
}
