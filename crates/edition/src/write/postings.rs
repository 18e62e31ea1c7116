//! Which terms are on which recordings, sorted with bounded memory: runs of some millions of recordings in a file
//! beside the edition, then merged.

use super::numbers::{Digest, Given};
use super::runs::{RunReader, Runs};
use crate::EditionError;
use crate::leb128::{read_number, write_number};
use std::cmp::Reverse;
use std::collections::binary_heap::PeekMut;
use std::collections::{BinaryHeap, HashMap};
use std::io::{self, Read, Write};
use std::path::PathBuf;

/// Postings of a run, at 8 bytes each while it is written.
const RUN_POSTINGS: usize = 1 << 25;

/// Terms and recordings of a run, at some 60 and 16 bytes each, and bytes of its terms: a list of codes has little else.
const RUN_TERMS: usize = 1 << 22;
const RUN_LETTERS: usize = 1 << 27;

/// Terms that are looked up at once: their numbers are far apart in memory, and are waited for together.
const LOOKED_UP: usize = 256;

/// Takes the terms of one recording after the other.
pub(crate) struct Postings {
    runs: Runs,
    /// Postings after which a run is written.
    run_postings: usize,
    run: Run,
    /// Terms that have no number yet.
    waiting: Waiting,
    /// The frequent terms and their numbers, which are the same in every run.
    frequent: HashMap<String, u32>,
}

/// Terms that wait to be looked up.
#[derive(Default)]
struct Waiting {
    /// The numbers of all, 0 for those that are not frequent.
    numbers: Vec<u32>,
    /// These, one behind the other, where each ends, and their digests.
    letters: String,
    ends: Vec<usize>,
    digests: Vec<Digest>,
}

impl Postings {
    /// Runs go into the file at `path`, which is removed afterwards. What is `frequent` is soon found.
    pub(crate) fn new(path: PathBuf, frequent: &[String]) -> Postings {
        let mut run = Run::default();
        run.begin(frequent);
        Postings {
            runs: Runs::new(path),
            run_postings: RUN_POSTINGS,
            run,
            waiting: Waiting::default(),
            frequent: frequent.iter().cloned().zip(1..).collect(),
        }
    }

    /// The next recording has rank `rank`, above those before.
    pub(crate) fn recording(&mut self, rank: u32) -> Result<(), EditionError> {
        let run = &self.run;
        if run.postings.len() >= self.run_postings
            || run.ends.len().max(run.recordings.len()) >= RUN_TERMS
            || run.letters.len() >= RUN_LETTERS
        {
            self.write_run()?;
        }
        if self.waiting.numbers.len() >= LOOKED_UP {
            self.run.number(&mut self.waiting);
        }
        self.run.recordings.push((rank, self.run.postings.len() + self.waiting.numbers.len()));
        Ok(())
    }

    /// It has this term; more than once counts once. Says whether it is a frequent one.
    pub(crate) fn term(&mut self, term: &str) -> bool {
        let number = self.frequent.get(term).copied();
        match number {
            Some(number) => self.waiting.numbers.push(number),
            None => self.rare_term(term),
        }
        number.is_some()
    }

    /// It has this term, which is not among the frequent ones.
    pub(crate) fn rare_term(&mut self, term: &str) {
        self.waiting.numbers.push(0);
        self.waiting.letters.push_str(term);
        self.waiting.ends.push(self.waiting.letters.len());
        self.waiting.digests.push(Digest::of(&term));
    }

    fn write_run(&mut self) -> Result<(), EditionError> {
        self.run.number(&mut self.waiting);
        self.runs.add(|out| self.run.write(out))?;
        self.run.clear();
        let mut frequent: Vec<(&String, &u32)> = self.frequent.iter().collect();
        frequent.sort_unstable_by_key(|(_, number)| **number);
        self.run.begin(frequent.into_iter().map(|(term, _)| term));
        Ok(())
    }

    /// Everything, sorted by term.
    pub(crate) fn merge(mut self) -> Result<Merge, EditionError> {
        self.write_run()?;
        let (mut readers, mut next) = (Vec::new(), BinaryHeap::new());
        for (number, run) in self.runs.open()?.into_iter().enumerate() {
            let (mut reader, mut term) = (TermReader { run, ranks: 0 }, Vec::new());
            if reader.advance(&mut term).map_err(EditionError::io("read", self.runs.path()))? {
                next.push(Reverse((term, number)));
            }
            readers.push(reader);
        }
        Ok(Merge { runs: self.runs, readers, next, term: Vec::new() })
    }
}

/// The run under way.
#[derive(Default)]
struct Run {
    numbers: Given,
    /// The terms by number, and where each ends.
    letters: String,
    ends: Vec<usize>,
    /// The numbers, from 1, of the terms of every recording, one recording after the other.
    postings: Vec<u32>,
    /// Ranks, and where the postings of each start.
    recordings: Vec<(u32, usize)>,
}

impl Run {
    /// Numbers the frequent terms.
    fn begin<'t>(&mut self, frequent: impl IntoIterator<Item = &'t String>) {
        for term in frequent {
            self.give(Digest::of(term), term);
        }
    }

    /// The number of a term, which is a new one unless it has one.
    fn give(&mut self, digest: Digest, term: &str) -> u32 {
        let number = self.numbers.give(digest);
        if number.is_new {
            self.letters.push_str(term);
            self.ends.push(self.letters.len());
        }
        number.id
    }

    /// Takes the terms that wait.
    fn number(&mut self, waiting: &mut Waiting) {
        let first = self.postings.len();
        let mut digests = waiting.digests.iter();
        let found = waiting.numbers.iter().map(|number| match number {
            0 => digests.next().and_then(|digest| self.numbers.get(digest)).unwrap_or(0),
            number => *number,
        });
        self.postings.extend(found);
        let Waiting { numbers, letters, ends, digests } = waiting;
        let (mut start, mut unknown) = (0, ends.drain(..).zip(digests.drain(..)));
        for (place, _) in (first..).zip(&*numbers).filter(|(_, number)| **number == 0) {
            let Some((end, digest)) = unknown.next() else { break };
            if self.postings[place] == 0 {
                self.postings[place] = self.give(digest, &letters[start..end]);
            }
            start = end;
        }
        drop(unknown);
        numbers.clear();
        letters.clear();
    }

    /// Forgets everything but the memory it has.
    fn clear(&mut self) {
        let Run { numbers, letters, ends, postings, recordings } = self;
        numbers.clear();
        letters.clear();
        ends.clear();
        postings.clear();
        recordings.clear();
    }

    fn term(&self, number: u32) -> &[u8] {
        let place = number as usize - 1;
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.letters.as_bytes()[start..self.ends[place]]
    }

    /// Each term: letters shared with the one before, letters of its own, these; how many ranks, and by how much
    /// each is above the one before.
    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let (mut ranks, starts) = self.by_term();
        let mut before: &[u8] = &[];
        for number in self.sorted_terms() {
            let ranks = &mut ranks[starts[number as usize]..starts[number as usize + 1]];
            // A frequent one need not be in every run.
            if ranks.is_empty() {
                continue;
            }
            let term = self.term(number);
            let shared = before.iter().zip(term).take_while(|(old, new)| old == new).count();
            write_number(out, shared as u64)?;
            write_number(out, (term.len() - shared) as u64)?;
            out.write_all(&term[shared..])?;
            write_number(out, ranks.len() as u64)?;
            let mut last = 0;
            for rank in ranks {
                write_number(out, u64::from(*rank - last))?;
                last = *rank;
            }
            before = term;
        }
        Ok(())
    }

    /// The ranks of every term, and where those of each start.
    fn by_term(&self) -> (Vec<u32>, Vec<usize>) {
        let mut starts = vec![0; self.ends.len() + 2];
        self.postings.iter().for_each(|term| starts[*term as usize + 1] += 1);
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut ranks = vec![0; self.postings.len()];
        let mut places = starts.clone();
        let ends = self.recordings.iter().skip(1).map(|(_, start)| *start);
        for ((rank, start), end) in self.recordings.iter().zip(ends.chain([self.postings.len()])) {
            for term in &self.postings[*start..end] {
                let place = &mut places[*term as usize];
                ranks[*place] = *rank;
                *place += 1;
            }
        }
        (ranks, starts)
    }

    /// The numbers of all terms, sorted by their letters.
    fn sorted_terms(&self) -> Vec<u32> {
        // Most differ in their first letters, which need not be looked for far away.
        let mut keyed: Vec<(u64, u32)> = (1..=self.ends.len() as u32)
            .map(|number| {
                let (mut first, term) = ([0; 8], self.term(number));
                let length = term.len().min(8);
                first[..length].copy_from_slice(&term[..length]);
                (u64::from_be_bytes(first), number)
            })
            .collect();
        keyed.sort_unstable_by(|one, other| {
            one.0.cmp(&other.0).then_with(|| self.term(one.1).cmp(self.term(other.1)))
        });
        keyed.into_iter().map(|(_, number)| number).collect()
    }
}

/// All runs, term by term.
pub(crate) struct Merge {
    runs: Runs,
    readers: Vec<TermReader>,
    /// The term that each run is at, and its number; ranks rise from run to run.
    next: BinaryHeap<Reverse<(Vec<u8>, usize)>>,
    term: Vec<u8>,
}

impl Merge {
    /// The next term, if there is one. Its ranks must be asked for before the next.
    pub(crate) fn term(&mut self) -> Option<&[u8]> {
        let Reverse((term, _)) = self.next.peek()?;
        self.term.clone_from(term);
        Some(&self.term)
    }

    /// Gives every rank of the last term to `each`, rising, each once.
    pub(crate) fn ranks(
        &mut self,
        mut each: impl FnMut(u32) -> Result<(), EditionError>,
    ) -> Result<(), EditionError> {
        let wrong = |error| EditionError::io("read", self.runs.path())(error);
        let mut last = 0;
        while let Some(mut first) = self.next.peek_mut() {
            let Reverse((term, number)) = &mut *first;
            if *term != self.term {
                break;
            }
            let reader = &mut self.readers[*number];
            let mut rank = 0;
            for _ in 0..reader.ranks {
                rank += read_number(&mut reader.run).map_err(&wrong)? as u32;
                if rank > last {
                    each(rank)?;
                    last = rank;
                }
            }
            if !reader.advance(term).map_err(&wrong)? {
                PeekMut::pop(first);
            }
        }
        Ok(())
    }

    /// Removes the runs.
    pub(crate) fn finish(self) -> Result<(), EditionError> {
        self.runs.remove()
    }
}

/// A run, at a term of it.
struct TermReader {
    run: RunReader,
    /// How many ranks of the term come next.
    ranks: u64,
}

impl TermReader {
    /// Makes the term the next one; all ranks of the last must have been read. False at the end.
    fn advance(&mut self, term: &mut Vec<u8>) -> io::Result<bool> {
        if self.run.limit() == 0 {
            return Ok(false);
        }
        term.truncate(read_number(&mut self.run)? as usize);
        let own = read_number(&mut self.run)?;
        (&mut self.run).take(own).read_to_end(term)?;
        self.ranks = read_number(&mut self.run)?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    fn gathered(
        recordings: &[Vec<String>],
        run_postings: usize,
        frequent: &[String],
    ) -> BTreeMap<String, Vec<u32>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("terms");
        let mut postings = Postings { run_postings, ..Postings::new(path.clone(), frequent) };
        for (rank, terms) in (1..).zip(recordings) {
            postings.recording(rank).unwrap();
            for term in terms {
                assert_eq!(postings.term(term), frequent.contains(term));
            }
        }
        let mut merge = postings.merge().unwrap();
        let (mut all, mut before) = (BTreeMap::new(), None);
        while let Some(term) = merge.term().map(|term| String::from_utf8(term.to_vec()).unwrap()) {
            assert!(before.as_ref() < Some(&term));
            let mut ranks = Vec::new();
            merge
                .ranks(|rank| {
                    ranks.push(rank);
                    Ok(())
                })
                .unwrap();
            all.insert(term.clone(), ranks);
            before = Some(term);
        }
        merge.finish().unwrap();
        assert!(!path.exists());
        all
    }

    proptest! {
        #[test]
        fn every_term_has_its_ranks_in_order(
            recordings in proptest::collection::vec(
                proptest::collection::vec("[a-c]{1,10}|\\PC{1,3}", 0..8), 0..400),
            run_postings in prop_oneof![1usize..40, Just(RUN_POSTINGS)],
            frequent in proptest::collection::btree_set("[a-c]{1,2}", 0..12)
        ) {
            let frequent = Vec::from_iter(frequent);
            let mut expected: BTreeMap<String, BTreeSet<u32>> = BTreeMap::new();
            for (rank, terms) in (1..).zip(&recordings) {
                terms.iter().for_each(|term| {
                    expected.entry(term.clone()).or_default().insert(rank);
                });
            }
            let expected: BTreeMap<String, Vec<u32>> =
                expected.into_iter().map(|(term, ranks)| (term, ranks.into_iter().collect())).collect();
            prop_assert_eq!(gathered(&recordings, run_postings, &frequent), expected);
        }
    }
}
