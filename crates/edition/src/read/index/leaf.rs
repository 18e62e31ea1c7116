//! One leaf of the text index: terms, and behind each the rowids of its recordings.
//!
//! The format is SQLite's, ext/fts5/fts5_index.c, "the following types of records", for `detail=none`. All
//! numbers but the two of the header are SQLite's varints. What a stranger's file has here is checked: `None` is damage.

use std::ops::Range;

/// Bytes of a leaf's header: where its first rowid is that has no term of the leaf before it, and where its footer is.
const HEADER: usize = 4;

/// A leaf.
pub(super) struct Leaf<'b> {
    /// The header, and terms and rowids.
    body: &'b [u8],
    /// How far it is from each term to the next.
    steps: &'b [u8],
    /// Whether it begins with rowids of the last term before it.
    goes_on: bool,
}

impl<'b> Leaf<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Option<Leaf<'b>> {
        let number = |at: usize| Some(u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]));
        let first_rowid = usize::from(number(0)?);
        let (body, steps) = bytes.split_at_checked(usize::from(number(2)?))?;
        let is_sound = body.len() >= HEADER && (first_rowid == 0 || first_rowid == HEADER);
        is_sound.then_some(Leaf { body, steps, goes_on: first_rowid > 0 })
    }

    /// The rowids of the last term before this leaf, the first of them whole; empty when it has none here.
    pub(super) fn continued(&self) -> Option<Range<usize>> {
        let mut steps = self.steps;
        let end = match steps.is_empty() {
            true => self.body.len(),
            false => usize::try_from(varint(&mut steps)?).ok()?,
        };
        let is_sound = end >= HEADER && end <= self.body.len();
        is_sound.then_some(HEADER..if self.goes_on { end } else { HEADER })
    }

    /// Whether a term begins here.
    pub(super) fn has_terms(&self) -> bool {
        !self.steps.is_empty()
    }

    /// The terms that begin here.
    pub(super) fn terms(&self) -> Terms<'b> {
        Terms { body: self.body, steps: self.steps, next: 0, is_first: true, term: Vec::new() }
    }
}

/// Goes through the terms of a leaf.
pub(super) struct Terms<'b> {
    body: &'b [u8],
    steps: &'b [u8],
    /// Where the next term is.
    next: usize,
    is_first: bool,
    /// The term last come to.
    pub(super) term: Vec<u8>,
}

impl Terms<'_> {
    /// Goes to the next term and says where its rowids are; `Some(None)` behind the last.
    pub(super) fn next(&mut self) -> Option<Option<Range<usize>>> {
        if self.is_first {
            if self.steps.is_empty() {
                return Some(None);
            }
            self.next = usize::try_from(varint(&mut self.steps)?).ok()?;
        } else if self.next == self.body.len() {
            return Some(None);
        }
        let mut rest = self.body.get(self.next..)?;
        let kept = if self.is_first { 0 } else { usize::try_from(varint(&mut rest)?).ok()? };
        let added = usize::try_from(varint(&mut rest)?).ok()?;
        if kept > self.term.len() || added > rest.len() {
            return None;
        }
        self.term.truncate(kept);
        self.term.extend(&rest[..added]);
        let start = self.body.len() - rest.len() + added;
        let end = match self.steps.is_empty() {
            true => self.body.len(),
            false => self.next.checked_add(usize::try_from(varint(&mut self.steps)?).ok()?)?,
        };
        if end < start || end > self.body.len() {
            return None;
        }
        self.next = end;
        self.is_first = false;
        Some(Some(start..end))
    }

    /// Whether the term last come to is the last of the leaf, whose rowids may go on behind it.
    pub(super) fn is_last(&self) -> bool {
        self.next == self.body.len()
    }
}

/// Takes a varint of SQLite off the front: groups of seven bits, the highest first. `None` above 2^35.
pub(super) fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for (place, byte) in bytes.iter().take(5).enumerate() {
        number = number << 7 | u64::from(byte & 0x7F);
        if *byte < 0x80 {
            *bytes = &bytes[place + 1..];
            return Some(number);
        }
    }
    None
}

/// Goes through rowids, each given as the step from the one before, to the first that is at least `target`. `rowid` is the one
/// before and becomes that one; false when there is none.
#[inline]
pub(super) fn advance(steps: &mut &[u8], rowid: &mut u64, target: u64) -> Option<bool> {
    const HIGHEST_BITS: u64 = 0x8080_8080_8080_8080;
    const EVERY_SECOND: u64 = 0x00FF_00FF_00FF_00FF;
    const SUM_OF_FOUR: u64 = 0x0001_0001_0001_0001;
    loop {
        // Eight steps of one byte at a time, as long as they do not lead there.
        while let Some((eight, rest)) = steps.split_first_chunk() {
            let eight = u64::from_le_bytes(*eight);
            let pairs = (eight & EVERY_SECOND) + (eight >> 8 & EVERY_SECOND);
            let sum = pairs.wrapping_mul(SUM_OF_FOUR) >> 48;
            if eight & HIGHEST_BITS != 0 || *rowid + sum >= target {
                break;
            }
            *rowid += sum;
            *steps = rest;
        }
        if steps.is_empty() {
            return Some(false);
        }
        let step = varint(steps)?;
        *rowid += step;
        if step == 0 || *rowid > u32::MAX.into() {
            return None;
        }
        if *rowid >= target {
            return Some(true);
        }
    }
}
