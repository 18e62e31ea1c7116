//! What a walker says of a file: where its structures begin, where its lengths stand, and which bytes are headers.

use super::bytes::{self, Order};
use std::ops::Range;

/// The structures of one file.
#[derive(Debug, Clone, Default)]
pub(super) struct Structure {
    /// Where something begins or ends, and its name.
    pub marks: Vec<(usize, String)>,
    /// Where a number says how much there is of something.
    pub lengths: Vec<Length>,
    /// Bytes that are not audio.
    pub headers: Vec<Range<usize>>,
}

/// A number that says how much there is of something.
#[derive(Debug, Clone)]
pub(super) struct Length {
    pub place: Range<usize>,
    pub order: Order,
    pub of: String,
}

impl Structure {
    /// Notes where something begins.
    pub(super) fn mark(&mut self, at: usize, name: impl Into<String>) {
        self.marks.push((at, name.into()));
    }

    /// Notes a length of so many bytes.
    pub(super) fn length(&mut self, at: usize, bytes: usize, order: Order, of: impl Into<String>) {
        self.lengths.push(Length { place: at..at + bytes, order, of: of.into() });
    }

    /// Notes bytes that are not audio.
    pub(super) fn header(&mut self, range: Range<usize>) {
        self.headers.push(range);
    }

    /// Takes in the structures of a part that begins at `at` of the whole.
    pub(super) fn add(&mut self, part: Structure, at: usize) {
        self.marks.extend(part.marks.into_iter().map(|(place, name)| (place + at, name)));
        let moved = |range: Range<usize>| range.start + at..range.end + at;
        self.lengths.extend(
            part.lengths.into_iter().map(|it| Length { place: moved(it.place.clone()), ..it }),
        );
        self.headers.extend(part.headers.into_iter().map(moved));
    }

    /// Of many places of one kind, the first three, one in the middle and the last two: the others are like them.
    pub(super) fn telling(count: usize) -> Vec<usize> {
        let mut chosen = vec![0, 1, 2, count / 2, count.saturating_sub(2), count.saturating_sub(1)];
        chosen.retain(|index| *index < count);
        chosen.dedup();
        chosen.sort_unstable();
        chosen.dedup();
        chosen
    }
}

impl Length {
    /// What it says in a file.
    pub(super) fn read(&self, file: &[u8]) -> u64 {
        bytes::read(&file[self.place.clone()], self.order)
    }

    /// The file with another number there.
    pub(super) fn lying(&self, file: &[u8], number: u64) -> Vec<u8> {
        let mut lying = file.to_vec();
        bytes::write(&mut lying[self.place.clone()], self.order, number);
        lying
    }

    /// The largest number that fits.
    pub(super) fn largest(&self) -> u64 {
        bytes::largest(self.place.len(), self.order)
    }
}
