//! Which ids there are, in memory: hundreds of millions of them, so as small as they can be and still be asked.
//!
//! Blocks of 64 ids: the first whole, of the others the distance to the one before (LEB128). Where gaps are
//! small an id takes 1.3 bytes, at most 10. Questions mostly come in rising order, and then the
//! place of the last answer is where the next search begins.

const BLOCK: u64 = 64;

/// A set of ids that was given in rising order.
#[derive(Debug, Default)]
pub(crate) struct Ids {
    /// First id of each block, and where its distances start.
    blocks: Vec<(u64, usize)>,
    distances: Vec<u8>,
    count: u64,
    last: u64,
    at: At,
}

/// The place of the last answer: an id, its block, and where the distance to the next one stands.
#[derive(Debug, Default, Clone, Copy)]
struct At {
    block: usize,
    id: u64,
    next: usize,
}

impl Ids {
    /// Adds an id above all that are there.
    pub(crate) fn push(&mut self, id: u64) {
        if self.count.is_multiple_of(BLOCK) {
            self.blocks.push((id, self.distances.len()));
        } else {
            let mut distance = id - self.last;
            while distance >= 0x80 {
                self.distances.push(distance as u8 | 0x80);
                distance >>= 7;
            }
            self.distances.push(distance as u8);
        }
        self.count += 1;
        self.last = id;
    }

    /// Whether an id is there.
    pub(crate) fn contains(&mut self, id: u64) -> bool {
        if !self.is_ahead(id) {
            let Some(block) = self.blocks.partition_point(|(first, _)| *first <= id).checked_sub(1)
            else {
                return false;
            };
            let (first, next) = self.blocks[block];
            self.at = At { block, id: first, next };
        }
        let end = self.blocks.get(self.at.block + 1).map_or(self.distances.len(), |(_, at)| *at);
        while self.at.id < id && self.at.next < end {
            let (mut distance, mut shift) = (0, 0);
            loop {
                let byte = self.distances[self.at.next];
                self.at.next += 1;
                distance |= u64::from(byte & 0x7F) << shift;
                shift += 7;
                if byte < 0x80 {
                    break;
                }
            }
            self.at.id += distance;
        }
        self.at.id == id
    }

    /// Whether the id can only be in the block of the last answer, from there on.
    fn is_ahead(&self, id: u64) -> bool {
        !self.blocks.is_empty()
            && self.at.next > 0
            && self.at.id <= id
            && self.blocks.get(self.at.block + 1).is_none_or(|(first, _)| id < *first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn knows_what_it_was_given(
            gaps in prop::collection::vec(prop_oneof![0u64..9, 0u64..1 << 53], 0..400),
            asked in prop::collection::vec(any::<(u16, i8)>(), 0..200),
        ) {
            let mut all = BTreeSet::new();
            let mut ids = Ids::default();
            let mut id = 0;
            for gap in gaps {
                id += gap;
                if all.insert(id) {
                    ids.push(id);
                }
                id += 1;
            }
            let list: Vec<u64> = all.iter().copied().collect();
            for (place, beside) in asked {
                let near = list.get(usize::from(place) % list.len().max(1)).copied().unwrap_or(7);
                let id = near.saturating_add_signed(i64::from(beside % 3));
                prop_assert_eq!(ids.contains(id), all.contains(&id), "{}", id);
            }
            for id in &list {
                prop_assert!(ids.contains(*id));
            }
        }
    }
}
