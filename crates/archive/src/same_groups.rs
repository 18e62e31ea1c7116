//! Which recordings a plan takes for one: what the operator's rules say, and what the policy lets a shared ISRC say.
//! Specified in docs/formats/same-recording.md, "Merging".

use crate::same::{Compared, compared};
use crate::source_order::SourceStanding;
use crate::{Archive, ArchiveError, Run};
use deadwax_catalog::{Recording, SameWord};
use deadwax_model::{Isrc, RecordingId};
use std::collections::{BTreeMap, HashMap, HashSet};

/// An ISRC on more recordings than this is a placeholder, and nothing is merged by it.
const MOST_OF_AN_ISRC: usize = 64;

/// Recordings that are one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SameGroups {
    /// Of each that takes no place: who stands there for it, and why.
    winners: BTreeMap<RecordingId, (RecordingId, Ground)>,
}

/// Why two recordings are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ground {
    /// The operator's rule of this number says so.
    Rule(u32),
    /// They sound the same and share this ISRC.
    Isrc(Isrc),
}

impl std::fmt::Display for Ground {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Ground::Rule(number) => write!(f, "rule {number}"),
            Ground::Isrc(isrc) => write!(f, "ISRC {isrc}"),
        }
    }
}

impl SameGroups {
    /// Who stands in the list for this one, and why; `None` when it stands for itself.
    pub(crate) fn winner(&self, id: &RecordingId) -> Option<(&RecordingId, Ground)> {
        self.winners.get(id).map(|(winner, ground)| (winner, *ground))
    }

    /// Whether these two are taken for one.
    pub(crate) fn are_one(&self, a: &RecordingId, b: &RecordingId) -> bool {
        let of = |id| self.winner(id).map_or(id, |(winner, _)| winner);
        of(a) == of(b)
    }

    /// Gives winners the listens of all that they stand for.
    pub(crate) fn share_listens(
        &self,
        archive: &Archive,
        listens: &mut HashMap<RecordingId, u64>,
    ) -> Result<(), ArchiveError> {
        let mut groups: BTreeMap<&RecordingId, Vec<RecordingId>> = BTreeMap::new();
        for (id, (winner, _)) in &self.winners {
            groups.entry(winner).or_insert_with(|| vec![winner.clone()]).push(id.clone());
        }
        let members: Vec<Vec<RecordingId>> = groups.values().cloned().collect();
        let sums = archive.catalog.listens_together(&members)?;
        for (winner, sum) in groups.into_keys().zip(sums) {
            listens.extend(sum.map(|sum| (winner.clone(), sum)));
        }
        Ok(())
    }
}

impl Archive {
    /// What is one, by the rules and the policy as they are now.
    pub(crate) fn same_groups(&self, run: &Run<'_>) -> Result<SameGroups, ArchiveError> {
        let mut newest = BTreeMap::new();
        for rule in self.catalog.same_rules()? {
            let [a, b] = rule.pair;
            newest.insert((a, b), (rule.number, rule.says));
        }
        let mut groups = Grouping::default();
        let mut merges = Vec::new();
        for ((a, b), (number, says)) in newest {
            match says {
                SameWord::Split => groups.apart(&a, &b),
                SameWord::Merge => merges.push((number, a, b)),
            }
        }
        // The newest first: where a rule to split forbids that all of them hold, the oldest gives way.
        merges.sort_unstable_by_key(|(number, ..)| std::cmp::Reverse(*number));
        for (number, a, b) in merges {
            if self.catalog.recording_alone(&a)?.is_some()
                && self.catalog.recording_alone(&b)?.is_some()
            {
                groups.join(&a, &b, Ground::Rule(number));
            }
        }
        if self.policy.merges_by_isrc() {
            self.join_by_isrc(run, &mut groups)?;
        }
        self.with_winners(groups)
    }

    /// Joins recordings that share an ISRC, sound the same and are as long: each to the best that it sounds like. What
    /// somebody joined in this way is joined to nothing more, so that no chain leads away from what was compared.
    fn join_by_isrc(&self, run: &Run<'_>, groups: &mut Grouping) -> Result<(), ArchiveError> {
        let failed = self.failed_ids()?;
        let (mut leads, mut follows) = (HashSet::new(), HashSet::new());
        self.catalog.shared_isrcs(&mut |isrc, ids| {
            if ids.len() > MOST_OF_AN_ISRC {
                return Ok(());
            }
            let mut known = Vec::new();
            for id in ids {
                run.go_on()?;
                if let Some(recording) = self.catalog.recording_alone(&id)? {
                    let standing = SourceStanding::of(&recording, failed.contains(&id));
                    known.push((standing, recording));
                }
            }
            known.sort_by(|(a, _), (b, _)| match a.beats(b) {
                Some(_) => std::cmp::Ordering::Less,
                None => std::cmp::Ordering::Greater,
            });
            let mut best: Vec<&Recording> = Vec::new();
            for (_, recording) in &known {
                run.go_on()?;
                let id = &recording.id;
                let like = best.iter().find(|best| {
                    !groups.are_apart(&best.id, id)
                        && compared(best, recording).is_some_and(|it| it.is_a_copy())
                });
                match like {
                    None => best.push(recording),
                    Some(like) if !leads.contains(id) && !follows.contains(&like.id) => {
                        if follows.insert(id.clone()) {
                            leads.insert(like.id.clone());
                            groups.join(&like.id, id, Ground::Isrc(isrc));
                        }
                    }
                    Some(_) => {}
                }
            }
            Ok(())
        })
    }

    fn with_winners(&self, groups: Grouping) -> Result<SameGroups, ArchiveError> {
        let failed = self.failed_ids()?;
        let mut same = SameGroups::default();
        for (members, grounds) in groups.finish() {
            let mut best: Option<SourceStanding> = None;
            let mut winner = None;
            for id in &members {
                let Some(recording) = self.catalog.recording_alone(id)? else { continue };
                let standing = SourceStanding::of(&recording, failed.contains(id));
                if best.as_ref().is_none_or(|best| standing.beats(best).is_some()) {
                    (best, winner) = (Some(standing), Some(id.clone()));
                }
            }
            let Some(winner) = winner else { continue };
            for id in members.into_iter().filter(|id| *id != winner) {
                let ground = grounds.get(&id).or_else(|| grounds.get(&winner)).copied();
                same.winners.extend(ground.map(|ground| (id, (winner.clone(), ground))));
            }
        }
        Ok(same)
    }

    pub(crate) fn failed_ids(&self) -> Result<HashSet<RecordingId>, ArchiveError> {
        Ok(self.catalog.failed()?.into_iter().collect())
    }
}

impl Compared {
    /// Whether one can stand for the other without anything getting lost: they sound the same from the start, and are
    /// as long.
    fn is_a_copy(&self) -> bool {
        let is_from_the_start = self.likeness.offset_seconds().abs() <= 3.0;
        is_from_the_start && self.same_length == Some(true)
    }
}

/// Groups in the making.
#[derive(Default)]
struct Grouping {
    /// Of each that was joined, the number of its group.
    group_of: HashMap<RecordingId, usize>,
    /// Emptied when it went into another.
    groups: Vec<Vec<RecordingId>>,
    /// Why each is in a group: the first reason there was.
    grounds: HashMap<RecordingId, Ground>,
    apart: HashSet<(RecordingId, RecordingId)>,
}

impl Grouping {
    fn apart(&mut self, a: &RecordingId, b: &RecordingId) {
        self.apart.insert((a.clone(), b.clone()));
        self.apart.insert((b.clone(), a.clone()));
    }

    /// Whether the two groups have members that are not to be together.
    fn are_apart(&self, a: &RecordingId, b: &RecordingId) -> bool {
        if self.apart.is_empty() {
            return false;
        }
        let members = |id: &RecordingId| match self.group_of.get(id) {
            Some(group) => self.groups[*group].clone(),
            None => vec![id.clone()],
        };
        let (of_a, of_b) = (members(a), members(b));
        of_a.iter().any(|a| of_b.iter().any(|b| self.apart.contains(&(a.clone(), b.clone()))))
    }

    fn join(&mut self, a: &RecordingId, b: &RecordingId, ground: Ground) {
        if self.are_apart(a, b) {
            return;
        }
        let (into, from) = (self.group(a), self.group(b));
        if into != from {
            let moved = std::mem::take(&mut self.groups[from]);
            for id in &moved {
                self.group_of.insert(id.clone(), into);
            }
            self.groups[into].extend(moved);
        }
        for id in [a, b] {
            self.grounds.entry(id.clone()).or_insert(ground);
        }
    }

    fn group(&mut self, id: &RecordingId) -> usize {
        *self.group_of.entry(id.clone()).or_insert_with(|| {
            self.groups.push(vec![id.clone()]);
            self.groups.len() - 1
        })
    }

    /// The groups, and why each member is in one.
    fn finish(self) -> Vec<(Vec<RecordingId>, HashMap<RecordingId, Ground>)> {
        let mut groups = Vec::new();
        for members in self.groups.into_iter().filter(|members| members.len() > 1) {
            let ground = |id: &RecordingId| Some((id.clone(), *self.grounds.get(id)?));
            let grounds = members.iter().filter_map(ground).collect();
            groups.push((members, grounds));
        }
        groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u8) -> RecordingId {
        RecordingId::from_bytes([number; 10])
    }

    fn groups_of(joins: &[(u8, u8)], apart: &[(u8, u8)]) -> Vec<Vec<RecordingId>> {
        let mut groups = Grouping::default();
        apart.iter().for_each(|(a, b)| groups.apart(&id(*a), &id(*b)));
        for (number, (a, b)) in joins.iter().enumerate() {
            groups.join(&id(*a), &id(*b), Ground::Rule(number as u32));
        }
        let mut found: Vec<Vec<RecordingId>> =
            groups.finish().into_iter().map(|(members, _)| members).collect();
        found.iter_mut().for_each(|members| members.sort());
        found.sort();
        found
    }

    #[test]
    fn what_is_the_same_as_the_same_is_the_same() {
        let all = vec![vec![id(1), id(2), id(3), id(4)]];
        assert_eq!(groups_of(&[(1, 2), (3, 4), (2, 3)], &[]), all);
        assert_eq!(groups_of(&[(1, 2), (2, 1), (4, 3), (3, 1)], &[]), all);
    }

    #[test]
    fn what_is_apart_is_never_together_also_by_way_of_others() {
        let found = groups_of(&[(2, 3), (1, 2)], &[(3, 1)]);
        assert_eq!(found, [vec![id(2), id(3)]], "the later join gives way");
        assert_eq!(groups_of(&[(1, 2), (3, 4), (2, 3)], &[(1, 4)]).len(), 2);
    }
}
