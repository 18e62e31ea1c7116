//! Pairs of a key and a number, sorted with bounded memory: sorted runs in a file beside the edition, then merged.

use super::runs::{RunReader, Runs};
use crate::EditionError;
use crate::leb128::{read_number, write_number};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::io;
use std::path::PathBuf;

/// Pairs that are sorted in memory, at 16 bytes each.
const RUN_PAIRS: usize = 1 << 23;

/// A key and a number.
pub(crate) type LongPair = (u64, u32);

/// Takes pairs in any order.
pub(crate) struct PairSorter {
    runs: Runs,
    pairs: Vec<LongPair>,
}

impl PairSorter {
    /// Runs go into the file at `path`, which is made when it is needed and removed afterwards.
    pub(crate) fn new(path: PathBuf) -> PairSorter {
        PairSorter { runs: Runs::new(path), pairs: Vec::new() }
    }

    pub(crate) fn push(&mut self, key: u64, number: u32) -> Result<(), EditionError> {
        self.pairs.push((key, number));
        match self.pairs.len() == RUN_PAIRS {
            true => self.write_run(),
            false => Ok(()),
        }
    }

    fn write_run(&mut self) -> Result<(), EditionError> {
        self.pairs.sort_unstable();
        self.runs.add(|out| {
            let mut before = 0;
            for (key, number) in &self.pairs {
                write_number(out, key - before)?;
                write_number(out, u64::from(*number))?;
                before = *key;
            }
            Ok(())
        })?;
        self.pairs.clear();
        Ok(())
    }

    /// Gives every pair to `each`, sorted, each as often as it was pushed.
    pub(crate) fn finish(
        mut self,
        mut each: impl FnMut(LongPair) -> Result<(), EditionError>,
    ) -> Result<(), EditionError> {
        if self.runs.is_empty() {
            self.pairs.sort_unstable();
            return self.pairs.into_iter().try_for_each(each);
        }
        if !self.pairs.is_empty() {
            self.write_run()?;
        }
        self.pairs = Vec::new();
        let mut readers = Vec::new();
        let mut next = BinaryHeap::new();
        let wrong = |error| EditionError::io("read", self.runs.path())(error);
        for (number, run) in self.runs.open()?.into_iter().enumerate() {
            let mut pairs = PairReader { run, before: 0 };
            if let Some(pair) = pairs.next().map_err(&wrong)? {
                next.push(Reverse((pair, number)));
            }
            readers.push(pairs);
        }
        while let Some(mut first) = next.peek_mut() {
            let Reverse((pair, run)) = *first;
            match readers[run].next().map_err(&wrong)? {
                Some(pair) => *first = Reverse((pair, run)),
                None => drop(PeekMut::pop(first)),
            }
            each(pair)?;
        }
        self.runs.remove()
    }
}

struct PairReader {
    run: RunReader,
    before: u64,
}

impl PairReader {
    fn next(&mut self) -> io::Result<Option<LongPair>> {
        if self.run.limit() == 0 {
            return Ok(None);
        }
        self.before += read_number(&mut self.run)?;
        Ok(Some((self.before, read_number(&mut self.run)? as u32)))
    }
}
