//! What is known of hundreds of millions of artists or releases, by id, in memory: it is needed in no order.
//!
//! Blocks of 16 entries, each the distance of its id to the one before, its length and its bytes in one arena; of a block the
//! first id and where it starts are kept beside. So an entry takes 3 bytes more than its own where gaps are small
//! and it is short, and is found by a search in a list that is small enough for the processor's cache, and one walk.

use crate::sort::{put_number, take_number};

const BLOCK: u64 = 16;

/// Bytes by id, given in the order of ids.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    blocks: Vec<(u64, u64)>,
    arena: Vec<u8>,
    count: u64,
    last: u64,
}

impl Facts {
    /// Adds an entry whose id is above all that are there.
    pub(crate) fn push(&mut self, id: u64, bytes: &[u8]) {
        if self.count.is_multiple_of(BLOCK) {
            self.blocks.push((id, self.arena.len() as u64));
            self.last = id;
        }
        put_short(&mut self.arena, id - self.last);
        put_short(&mut self.arena, bytes.len() as u64);
        self.arena.extend_from_slice(bytes);
        self.count += 1;
        self.last = id;
    }

    /// The entry of an id.
    pub(crate) fn get(&self, id: u64) -> Option<&[u8]> {
        let block = self.blocks.partition_point(|(first, _)| *first <= id).checked_sub(1)?;
        let (mut now, start) = self.blocks[block];
        let end = self.blocks.get(block + 1).map_or(self.arena.len(), |(_, at)| *at as usize);
        let mut rest = &self.arena[start as usize..end];
        while !rest.is_empty() {
            now += take_short(&mut rest)?;
            let length = take_short(&mut rest)?;
            let (bytes, after) = rest.split_at_checked(length as usize)?;
            if now >= id {
                return (now == id).then_some(bytes);
            }
            rest = after;
        }
        None
    }
}

/// One byte up to 239, else a mark and the number after it.
fn put_short(to: &mut Vec<u8>, number: u64) {
    match u8::try_from(number) {
        Ok(small) if small < LONG => to.push(small),
        _ => {
            to.push(LONG);
            put_number(to, number);
        }
    }
}

fn take_short(from: &mut &[u8]) -> Option<u64> {
    let (&first, rest) = from.split_first()?;
    *from = rest;
    if first < LONG { Some(first.into()) } else { take_number(from) }
}

const LONG: u8 = 240;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn gives_back_what_it_was_given(
            all in prop::collection::btree_map(
                prop_oneof![0u64..2_000, 0u64..1 << 63],
                prop::collection::vec(any::<u8>(), 0..300),
                0..120,
            ),
            asked in prop::collection::vec(0u64..2_000, 0..50),
        ) {
            let all: BTreeMap<u64, Vec<u8>> = all;
            let mut facts = Facts::default();
            for (id, bytes) in &all {
                facts.push(*id, bytes);
            }
            for (id, bytes) in &all {
                prop_assert_eq!(facts.get(*id), Some(bytes.as_slice()));
            }
            for id in asked {
                prop_assert_eq!(facts.get(id), all.get(&id).map(Vec::as_slice));
            }
        }
    }
}
