//! Who fetches what of a pack: the swarm from the front of the list of wanted files, connections to seeds from the back,
//! or from the front where there is no swarm. What one has taken no other has.

use crate::parts::{Gap, PackParts};
use crate::seed::Seed;
use deadwax_torrent::metainfo::Contents;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use tokio::time::Instant;

/// Pieces of one request at most: one connection that has a large file alone would be the last one for long.
const RUN: u64 = 16;

/// Files looked at for one that a free seed may have.
const LOOK: usize = 256;

/// A pack whose files are fetched.
pub(crate) struct Board {
    pub contents: Arc<Contents>,
    pub parts: Arc<PackParts>,
    pub seeds: Vec<Arc<Seed>>,
    /// Files that nobody has, by preference, and what is missing of each.
    todo: VecDeque<Todo>,
    /// Connections at work on a file.
    at_work: HashMap<usize, usize>,
    /// Files that the swarm has.
    swarm: Vec<usize>,
    /// Files that no seed has.
    lost: Vec<usize>,
    /// Seeds, by place in `seeds`, that do not have a file.
    absent: HashSet<(usize, usize)>,
    from_back: bool,
}

struct Todo {
    file: usize,
    gaps: Vec<Gap>,
}

/// Consecutive pieces of a file, taken by a connection.
pub(crate) struct Claim {
    pub file: usize,
    pub first: u64,
    pub end: u64,
    /// Its place in [`Board::seeds`].
    pub seed: usize,
}

impl Board {
    /// `wanted` are the files to fetch, by preference.
    pub fn new(
        contents: Arc<Contents>,
        parts: Arc<PackParts>,
        seeds: Vec<Arc<Seed>>,
        wanted: &[usize],
        from_back: bool,
    ) -> Board {
        let todo = wanted.iter().map(|&file| Todo { file, gaps: parts.gaps(file) });
        let todo = todo.filter(|todo| !todo.gaps.is_empty()).collect();
        let (at_work, swarm, lost, absent) = Default::default();
        Board { contents, parts, seeds, todo, at_work, swarm, lost, absent, from_back }
    }

    /// Something for a connection that is free.
    pub fn claim(&mut self, now: Instant) -> Option<Claim> {
        let mut place = 0;
        while place < self.todo.len().min(LOOK) {
            let index = if self.from_back { self.todo.len() - 1 - place } else { place };
            let file = self.todo[index].file;
            let mut may_come = false;
            let mut free: Option<usize> = None;
            for (number, seed) in self.seeds.iter().enumerate() {
                let Some(has_room) = seed.has_room(now) else { continue };
                if self.absent.contains(&(number, file)) {
                    continue;
                }
                may_come = true;
                if !seed.gives_parts() && self.is_worked_on(file) {
                    continue;
                }
                let is_better = free.is_none_or(|best| seed.busy() < self.seeds[best].busy());
                if has_room && is_better {
                    free = Some(number);
                }
            }
            match free {
                None if may_come => place += 1,
                None => {
                    self.todo.remove(index);
                    self.lost.push(file);
                }
                Some(seed) => return Some(self.taken(index, seed)),
            }
        }
        None
    }

    fn is_worked_on(&self, file: usize) -> bool {
        self.at_work.contains_key(&file)
    }

    fn taken(&mut self, index: usize, seed: usize) -> Claim {
        let todo = &mut self.todo[index];
        let (file, (first, end)) = (todo.file, todo.gaps[0]);
        let claimed = end.min(first + RUN);
        match claimed < end {
            true => todo.gaps[0].0 = claimed,
            false => drop(todo.gaps.remove(0)),
        }
        if todo.gaps.is_empty() {
            self.todo.remove(index);
        }
        *self.at_work.entry(file).or_default() += 1;
        Claim { file, first, end: claimed, seed }
    }

    /// One more piece of the file, for a connection to a server that gives files from their beginning only.
    pub fn claim_piece(&mut self, file: usize, piece: u64) -> bool {
        let Some(index) = self.todo.iter().position(|todo| todo.file == file) else { return false };
        let gaps = &mut self.todo[index].gaps;
        let Some(gap) = gaps.iter().position(|(first, end)| (*first..*end).contains(&piece)) else {
            return false;
        };
        let (first, end) = gaps.remove(gap);
        let rest =
            [(first, piece), (piece + 1, end)].into_iter().filter(|(first, end)| first < end);
        gaps.splice(gap..gap, rest.collect::<Vec<_>>());
        if gaps.is_empty() {
            self.todo.remove(index);
        }
        true
    }

    /// A connection is done with its claim; what it could not fetch of it is here again for others. `lacks`: this seed does
    /// not have the file, or not as it should be.
    pub fn done(&mut self, claim: &Claim, rest: Vec<Gap>, lacks: bool) {
        if let Some(count) = self.at_work.get_mut(&claim.file) {
            *count -= 1;
            if *count == 0 {
                self.at_work.remove(&claim.file);
            }
        }
        if lacks {
            self.absent.insert((claim.seed, claim.file));
        }
        if rest.is_empty() {
            return;
        }
        match self.todo.iter_mut().find(|todo| todo.file == claim.file) {
            Some(todo) => {
                todo.gaps.extend(rest);
                todo.gaps.sort_unstable();
            }
            None if self.lost.contains(&claim.file) => {}
            None => {
                let todo = Todo { file: claim.file, gaps: rest };
                if self.from_back { self.todo.push_back(todo) } else { self.todo.push_front(todo) }
            }
        }
    }

    /// Whether any seed may still give something.
    pub fn has_seeds(&self) -> bool {
        self.seeds.iter().any(|seed| !seed.is_dropped())
    }

    /// Bytes of the files that nobody has taken.
    pub fn todo_bytes(&self) -> u64 {
        self.todo.iter().map(|todo| self.parts.bytes(todo.file)).sum()
    }

    /// Whether there is nothing that anybody fetches or could fetch.
    pub fn is_over(&self) -> bool {
        self.todo.is_empty() && self.at_work.is_empty() && self.swarm.is_empty()
    }

    /// Files that no seed has and that the swarm has not been given.
    pub fn lost(&self) -> &[usize] {
        &self.lost
    }

    /// What the swarm has.
    pub fn swarm(&self) -> &[usize] {
        &self.swarm
    }

    /// Gives the swarm files from the front when it has less than half a window to fetch, until it has a window; or all
    /// when no seed is left. Whether it has others now than it was told of.
    pub fn feed_swarm(&mut self, window_bytes: u64) -> bool {
        self.swarm.retain(|&file| !self.parts.is_complete(file));
        let all = !self.has_seeds();
        let mut bytes: u64 = self.swarm.iter().map(|&file| self.parts.bytes(file)).sum();
        let lost = std::mem::take(&mut self.lost);
        let mut is_new = !lost.is_empty();
        self.swarm.extend(lost);
        if !all && bytes > window_bytes / 2 {
            return is_new;
        }
        let mut index = 0;
        while index < self.todo.len() && (all || bytes < window_bytes) {
            if self.is_worked_on(self.todo[index].file) {
                index += 1;
                continue;
            }
            if let Some(todo) = self.todo.remove(index) {
                bytes += self.parts.bytes(todo.file);
                self.swarm.push(todo.file);
                is_new = true;
            }
        }
        is_new
    }

    /// Bytes of the files that the swarm has, as far as they are not here.
    pub fn swarm_bytes(&self) -> u64 {
        let missing = |&file: &usize| self.parts.bytes(file) - self.parts.bytes_here(file);
        self.swarm.iter().map(missing).sum()
    }

    /// There is no swarm after all.
    pub fn without_swarm(&mut self) {
        for file in std::mem::take(&mut self.swarm).into_iter().rev() {
            self.todo.push_front(Todo { file, gaps: self.parts.gaps(file) });
        }
    }

    /// Whether a seed could fetch more than there is for it.
    pub fn has_idle_seed(&self, now: Instant) -> bool {
        self.todo.is_empty() && self.seeds.iter().any(|seed| seed.has_room(now) == Some(true))
    }

    /// Takes all files from the swarm again that seeds may have. What of them is on its way comes twice. Whether there were any.
    pub fn take_all_from_swarm(&mut self) -> bool {
        let mut swarm = std::mem::take(&mut self.swarm);
        let taken = swarm.extract_if(.., |file| self.may_come_from_seeds(*file)).collect();
        self.swarm = swarm;
        self.give_to_seeds(taken)
    }

    /// Takes some files from the swarm again that seeds may have: half of them at most, and none that is on its way. It fetches in
    /// the order of the torrent, so these are the last ones, behind the first `asked_bytes` that it lacks. Whether there were any.
    pub fn take_last_from_swarm(&mut self, asked_bytes: u64) -> bool {
        self.swarm.sort_unstable();
        let least = self.swarm.len().div_ceil(2);
        let mut left = self.swarm_bytes();
        let mut taken: Vec<usize> = Vec::new();
        while self.swarm.len() > least
            && let Some(&file) = self.swarm.last()
        {
            left -= self.parts.bytes(file) - self.parts.bytes_here(file);
            if left < asked_bytes || self.parts.is_begun(file) || !self.may_come_from_seeds(file) {
                break;
            }
            self.swarm.pop();
            taken.push(file);
        }
        self.give_to_seeds(taken)
    }

    fn may_come_from_seeds(&self, file: usize) -> bool {
        let mut seeds = self.seeds.iter().enumerate();
        seeds.any(|(seed, it)| !it.is_dropped() && !self.absent.contains(&(seed, file)))
    }

    fn give_to_seeds(&mut self, taken: Vec<usize>) -> bool {
        for &file in &taken {
            let gaps = self.parts.gaps(file);
            if !gaps.is_empty() {
                self.todo.push_front(Todo { file, gaps });
            }
        }
        !taken.is_empty()
    }
}

#[cfg(test)]
mod tests;
