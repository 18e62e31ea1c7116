//! The recordings that have one term of each of several clauses, in rank order.

use super::postings::Postings;
use crate::EditionError;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

/// One of several terms.
pub(in crate::read) struct Clause<'i> {
    terms: Vec<Postings<'i>>,
    /// The rowid that each term is at, and which it is; terms without further rowids are not here.
    places: BinaryHeap<Reverse<(u64, usize)>>,
}

impl<'i> Clause<'i> {
    pub(super) fn new(terms: Vec<Postings<'i>>) -> Clause<'i> {
        let places = (0..terms.len()).map(|place| Reverse((0, place))).collect();
        Clause { terms, places }
    }

    /// One of the terms of either.
    pub(in crate::read) fn or(self, other: Clause<'i>) -> Clause<'i> {
        Clause::new(self.terms.into_iter().chain(other.terms).collect())
    }

    fn size(&mut self) -> Result<u64, EditionError> {
        self.terms.iter_mut().map(Postings::size).sum()
    }

    /// Goes on to the first rowid that is at least `target`.
    fn seek(&mut self, target: u64) -> Result<Option<u64>, EditionError> {
        while let Some(mut first) = self.places.peek_mut() {
            let Reverse((rowid, place)) = *first;
            if rowid >= target {
                return Ok(Some(rowid));
            }
            match self.terms[place].seek(target)? {
                Some(rowid) => *first = Reverse((rowid, place)),
                None => drop(PeekMut::pop(first)),
            }
        }
        Ok(None)
    }
}

/// The ranks behind one at which every clause has a term; without clauses all that there are.
pub(in crate::read) struct Hits<'i> {
    clauses: Vec<Clause<'i>>,
    /// Where to look next; `None` when there is nothing more.
    next: Option<u64>,
}

impl<'i> Hits<'i> {
    /// The rarest clause leads.
    ///
    /// # Errors
    /// A damaged index.
    pub(in crate::read) fn new(
        clauses: Vec<Clause<'i>>,
        after: u32,
    ) -> Result<Hits<'i>, EditionError> {
        let mut sized = Vec::with_capacity(clauses.len());
        let is_one = clauses.len() == 1;
        for mut clause in clauses {
            sized.push((if is_one { 0 } else { clause.size()? }, clause));
        }
        sized.sort_by_key(|(size, _)| *size);
        let clauses: Vec<Clause<'i>> = sized.into_iter().map(|(_, clause)| clause).collect();
        Ok(Hits { clauses, next: Some(u64::from(after) + 1) })
    }

    fn from(&mut self, mut target: u64) -> Result<Option<u64>, EditionError> {
        'target: loop {
            for clause in &mut self.clauses {
                match clause.seek(target)? {
                    None => return Ok(None),
                    Some(rowid) if rowid > target => {
                        target = rowid;
                        continue 'target;
                    }
                    Some(_) => {}
                }
            }
            return Ok(Some(target));
        }
    }
}

impl Iterator for Hits<'_> {
    type Item = Result<u32, EditionError>;

    fn next(&mut self) -> Option<Self::Item> {
        let found = self.from(self.next.filter(|next| *next <= u32::MAX.into())?);
        self.next = match &found {
            Ok(Some(rowid)) => Some(rowid + 1),
            _ => None,
        };
        // Rowids of the index are ranks, which `advance` has seen to.
        found.transpose().map(|rowid| rowid.map(|rowid| rowid as u32))
    }
}
