//! How a query is asked of the index.
//!
//! A prefix is what takes care. Its words are merged as they come, unless they are too many; then it is asked for by the
//! frequent words that start so and by the group of its first three letters, under which the index has gathered rare ones, and hits are
//! looked at for as long as enough of them are meant. A prefix of one or two letters stands for a good part of the list: alone it
//! is asked for by its head, the most listened of what starts so. Beside other words one of two letters is asked for by its
//! groups and frequent words, unless these are many; then it is left out, like one of a single letter, and hits are looked at in the same
//! way. Where too few are meant the thorough way begins, which leaves nothing out but what has a hundred thousand words.

use super::Edition;
use super::index::{Clause, Hits};
use super::query::{Asked, Query};
use crate::EditionError;
use crate::words::{group_of, group_term, has_groups, head_term};

/// Most words of one prefix that are merged when quickness counts, and in the end.
const QUICK_WORDS: usize = 1_000;
const MOST_WORDS: usize = 100_000;

/// Most frequent words of one prefix that are asked for by themselves.
const FREQUENT_WORDS: usize = 250;

/// Most frequent words of a prefix of two letters that is not left out: with more it is on so many recordings that looking is quick.
const FEW_FREQUENT_WORDS: usize = 100;

/// Which hits are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    AtNone,
    /// At all, until too few of them are meant.
    WhileDense,
    AtAll,
}

/// What the index is asked for, and whether its hits must be looked at.
pub(super) struct Way<'i> {
    clauses: Vec<Clause<'i>>,
    pub(super) look: Look,
}

impl<'i> Way<'i> {
    pub(super) fn hits(self, after: u32) -> Result<Hits<'i>, EditionError> {
        Hits::new(self.clauses, after)
    }
}

/// A part of a query as the index is asked for it.
enum Part<'i> {
    Exact(Clause<'i>),
    /// More than what is meant.
    Loose(Clause<'i>),
    LeftOut,
}

impl Edition {
    /// The most listened of what starts with a short prefix.
    pub(super) fn head_way(&self, prefix: &str) -> Result<Way<'_>, EditionError> {
        self.way_of_all(&[head_term(prefix)])
    }

    /// What has all of these terms.
    pub(super) fn way_of_all(&self, terms: &[String]) -> Result<Way<'_>, EditionError> {
        let clauses = terms.iter().map(|term| self.search.any_of(std::slice::from_ref(term)));
        Ok(Way { clauses: clauses.collect::<Result<_, _>>()?, look: Look::AtNone })
    }

    /// The way that is quick whatever is asked. `None` when nothing would be left of the query.
    pub(super) fn quick_way(&self, query: &Query) -> Result<Option<Way<'_>>, EditionError> {
        let way = self.way(query, Look::WhileDense, |prefix| self.quick_part(prefix))?;
        Ok((!way.clauses.is_empty()).then_some(way))
    }

    /// The way that takes its time.
    pub(super) fn thorough_way(&self, query: &Query) -> Result<Way<'_>, EditionError> {
        self.way(query, Look::AtAll, |prefix| {
            let merged = match has_groups(prefix) {
                true => self.grouped(prefix, MOST_WORDS)?,
                false => self.search.prefix(prefix, MOST_WORDS)?,
            };
            Ok(merged.map_or(Part::LeftOut, Part::Exact))
        })
    }

    /// `without` says which hits are looked at when a part of the query is asked for loosely, or left out.
    fn way<'i>(
        &'i self,
        query: &Query,
        without: Look,
        part: impl Fn(&str) -> Result<Part<'i>, EditionError>,
    ) -> Result<Way<'i>, EditionError> {
        let look = if query.has_fields() { Look::AtAll } else { Look::AtNone };
        let mut way = Way { clauses: Vec::new(), look };
        for asked in query.asked() {
            let part = match asked {
                Asked::AnyOf(terms) => Part::Exact(self.search.any_of(&terms)?),
                Asked::Prefix(prefix) => part(&prefix)?,
            };
            match part {
                Part::Exact(clause) => way.clauses.push(clause),
                Part::Loose(clause) => {
                    way.clauses.push(clause);
                    way.look = without;
                }
                Part::LeftOut => way.look = without,
            }
        }
        Ok(way)
    }

    fn quick_part(&self, prefix: &str) -> Result<Part<'_>, EditionError> {
        if is_of_one(prefix) && has_groups(prefix) {
            return Ok(Part::LeftOut);
        }
        if has_groups(prefix) {
            let merged = self.grouped(prefix, FEW_FREQUENT_WORDS)?;
            return Ok(merged.map_or(Part::LeftOut, Part::Exact));
        }
        let group = group_of(prefix);
        let is_group = group == Some(prefix);
        if !is_group && let Some(merged) = self.search.prefix(prefix, QUICK_WORDS)? {
            return Ok(Part::Exact(merged));
        }
        let mut words = self.search.frequent(prefix, FREQUENT_WORDS + 1)?;
        let Some(group) = group.filter(|_| words.len() <= FREQUENT_WORDS) else {
            return Ok(Part::LeftOut);
        };
        words.push(group_term(group));
        let clause = self.search.any_of(&words)?;
        Ok(if is_group { Part::Exact(clause) } else { Part::Loose(clause) })
    }

    /// What starts with a prefix shorter than groups are; `None` when it has more than `most` frequent words, or more than
    /// [`MOST_WORDS`] groups.
    fn grouped(&self, prefix: &str, most: usize) -> Result<Option<Clause<'_>>, EditionError> {
        let mut words = self.search.frequent(prefix, most + 1)?;
        if words.len() > most {
            return Ok(None);
        }
        // Words as short as this are in no group.
        words.push(prefix.to_owned());
        if is_of_one(prefix) {
            words.extend(self.search.of_two_characters(prefix)?);
        }
        let groups = self.search.prefix(&group_term(prefix), MOST_WORDS)?;
        let words = self.search.any_of(&words)?;
        Ok(groups.map(|groups| words.or(groups)))
    }
}

fn is_of_one(prefix: &str) -> bool {
    prefix.chars().nth(1).is_none()
}
