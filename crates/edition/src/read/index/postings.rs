//! The rowids of one term, rising, from leaf to leaf.

use super::TextIndex;
use super::leaf::{Leaf, advance, varint};
use crate::EditionError;
use crate::schema::LEAF_BYTES;
use std::collections::VecDeque;
use std::ops::Range;

/// Most leaves that are read ahead.
const LEAVES_AHEAD: u32 = 32;

/// Leaves that are gone through one by one before the right one is looked for among all that follow.
const NEAR_LEAVES: u32 = 24;

/// The rowids of one term.
pub(super) struct Postings<'i> {
    index: &'i TextIndex,
    /// The rowid under the hand; 0 before the first.
    rowid: u64,
    /// What is left of its leaf: steps from rowid to rowid.
    steps: Vec<u8>,
    at: usize,
    /// The number of its leaf, and whether the rowids go on behind it.
    leaf: u32,
    goes_on: bool,
    /// The leaves behind it that are read already, and how many were read the last time.
    ahead: VecDeque<Vec<u8>>,
    pace: u32,
    /// Whether the last rowid looked for was far behind the one before.
    is_far: bool,
    /// The last leaf that can have rowids of this term, once it is known.
    last_leaf: Option<u32>,
    term: Vec<u8>,
}

impl<'i> Postings<'i> {
    /// The rowids of `term`, of which `leaf` has those in `steps`, and further leaves have more if it `goes_on`.
    pub(super) fn new(
        index: &'i TextIndex,
        term: &[u8],
        leaf: u32,
        steps: &[u8],
        goes_on: bool,
    ) -> Postings<'i> {
        Postings {
            index,
            rowid: 0,
            steps: steps.to_vec(),
            at: 0,
            leaf,
            goes_on,
            ahead: VecDeque::new(),
            pace: 1,
            is_far: false,
            last_leaf: None,
            term: if goes_on { term.to_vec() } else { Vec::new() },
        }
    }

    /// About how many bytes of rowids there are.
    pub(super) fn size(&mut self) -> Result<u64, EditionError> {
        let further = if self.goes_on { self.last_leaf()? - self.leaf } else { 0 };
        Ok(self.steps.len() as u64 + u64::from(further) * LEAF_BYTES as u64)
    }

    /// Goes on to the first rowid that is at least `target`.
    pub(super) fn seek(&mut self, target: u64) -> Result<Option<u64>, EditionError> {
        let mut gone = 0;
        while self.rowid < target {
            let mut steps = &self.steps[self.at..];
            let found = advance(&mut steps, &mut self.rowid, target);
            self.at = self.steps.len() - steps.len();
            if found.ok_or_else(|| self.index.damaged())? {
                break;
            }
            if !self.goes_on {
                return Ok(None);
            }
            gone += self.next_leaf(target)?;
            let near = if self.is_far { 1 } else { NEAR_LEAVES };
            if gone > near && self.goes_on && self.rowid < target {
                self.leap(target)?;
                gone = 0;
            }
        }
        Ok(Some(self.rowid))
    }

    /// Goes to the leaf behind, or behind that while what is read ahead says that `target` is further on. Gives how many.
    fn next_leaf(&mut self, target: u64) -> Result<u32, EditionError> {
        let mut gone = 0;
        loop {
            if self.ahead.is_empty() {
                let first = self.leaf + 1;
                self.ahead = self.index.leaves(first, first.saturating_add(self.pace - 1))?.into();
                self.pace = (self.pace * 2).min(LEAVES_AHEAD);
            }
            let Some(bytes) = self.ahead.pop_front() else {
                return Err(self.index.damaged());
            };
            self.leaf += 1;
            gone += 1;
            let begins_before = |next: &Vec<u8>| {
                first_rowid(next).is_some_and(|first| first.is_some_and(|first| first <= target))
            };
            // Behind a leaf that has terms, rowids are another term's.
            let is_skipped = Leaf::new(&bytes).is_some_and(|leaf| !leaf.has_terms())
                && self.ahead.front().is_some_and(begins_before);
            if !is_skipped {
                self.enter(&bytes)?;
                return Ok(gone);
            }
        }
    }

    /// Looks among all leaves that follow for the last that begins before `target`, and goes there.
    fn leap(&mut self, target: u64) -> Result<(), EditionError> {
        let end = self.last_leaf()?;
        let begins_before = |leaf: u32| -> Result<bool, EditionError> {
            let bytes = self.index.leaf(leaf)?;
            let first = first_rowid(&bytes).ok_or_else(|| self.index.damaged())?;
            Ok(first.is_some_and(|first| first <= target))
        };
        // `low` begins before the target, `high` does not, or nothing is there.
        let (mut low, mut high, mut stride) = (self.leaf, end + 1, 1);
        while low + stride < high {
            if !begins_before(low + stride)? {
                high = low + stride;
                break;
            }
            low += stride;
            stride *= 2;
        }
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            match begins_before(middle)? {
                true => low = middle,
                false => high = middle,
            }
        }
        self.is_far = low - self.leaf > NEAR_LEAVES;
        if low > self.leaf {
            self.leaf = low;
            self.ahead.clear();
            self.pace = 1;
            let bytes = self.index.leaf(low)?;
            self.enter(&bytes)?;
        }
        Ok(())
    }

    /// Takes the rowids of the leaf, which is now the one under the hand.
    fn enter(&mut self, bytes: &[u8]) -> Result<(), EditionError> {
        let entered = || -> Option<(Range<usize>, u64, bool)> {
            let leaf = Leaf::new(bytes)?;
            let range = leaf.continued()?;
            let rowid = first_rowid(bytes)?.unwrap_or(self.rowid);
            // Rowids rise from leaf to leaf.
            let is_sound = range.is_empty() || rowid > self.rowid;
            is_sound.then_some((range, rowid, !leaf.has_terms()))
        };
        let (range, rowid, goes_on) = entered().ok_or_else(|| self.index.damaged())?;
        self.steps.clear();
        self.steps.extend(&bytes[range.clone()]);
        let mut steps = self.steps.as_slice();
        if !range.is_empty() {
            varint(&mut steps);
        }
        self.at = self.steps.len() - steps.len();
        self.rowid = rowid;
        self.goes_on = goes_on && self.leaf < self.index.last_leaf();
        if !self.goes_on {
            self.ahead = VecDeque::new();
        }
        Ok(())
    }

    fn last_leaf(&mut self) -> Result<u32, EditionError> {
        let last = match self.last_leaf {
            Some(last) => last,
            None => self.index.last_leaf_of(&self.term)?,
        };
        // A term index that leads back is damaged.
        let last = last.max(self.leaf);
        self.last_leaf = Some(last);
        Ok(last)
    }
}

/// The rowid that a leaf begins with, when it begins with one of the term before; `None` is damage.
fn first_rowid(bytes: &[u8]) -> Option<Option<u64>> {
    let range = Leaf::new(bytes)?.continued()?;
    if range.is_empty() {
        return Some(None);
    }
    let rowid = varint(&mut &bytes[range])?;
    (rowid > 0 && rowid <= u32::MAX.into()).then_some(Some(rowid))
}
