//! Finding, among millions of fingerprints, the few that are worth comparing with one.
//!
//! Of each fingerprint the [`KEPT`] keys with the lowest hashes are kept, 8 bytes each, in one sorted array. Copies
//! choose mostly the same keys, and these lie at one offset; keys that strangers share do not.

use super::head;
use super::keys::{KEY_BITS, chosen};

/// Keys that are kept of a fingerprint.
const KEPT: usize = 64;
/// Keys that are asked of one that is looked up: more than are kept, because keys that codecs lost let others move up.
const ASKED: usize = 96;
/// Of the fingerprints that have a key, so many are looked at: those added last. A key of silence is in millions.
const LOOKED_AT: usize = 256;
/// Keys at one offset that make a candidate.
const HITS: usize = 2;
/// Candidates a look-up gives at most.
const CANDIDATES: usize = 32;
/// A fingerprint with fewer different keys is silence or a hum, and is not kept.
const FEWEST_KEYS: usize = 8;

/// A posting, from its highest bit: key (24 bits), owner (30), position (10).
const OWNER_BITS: u32 = 30;
const POSITION_BITS: u32 = 10;
const _: () = assert!(KEY_BITS + OWNER_BITS + POSITION_BITS == u64::BITS);

/// A fingerprint that may be of the same recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// Its number, as [`IndexBuilder::push`] gave it.
    pub owner: u32,
    /// How many keys agree on how the two lie on each other.
    pub hits: usize,
}

/// An index in the making.
#[derive(Debug, Default)]
pub struct IndexBuilder {
    postings: Vec<u64>,
    owners: u32,
}

impl IndexBuilder {
    /// The most bytes that a fingerprint takes in an index.
    pub const BYTES_EACH: usize = KEPT * size_of::<u64>();
    /// The most fingerprints that an index holds.
    pub const MOST: usize = 1 << OWNER_BITS;

    /// An index with room for so many fingerprints: it then never takes more memory than they need.
    pub fn with_room_for(fingerprints: usize) -> IndexBuilder {
        let postings = Vec::with_capacity(fingerprints.saturating_mul(KEPT));
        IndexBuilder { postings, owners: 0 }
    }

    /// Adds a fingerprint and gives its number: 0, 1, 2 and so on.
    ///
    /// # Panics
    /// When [`IndexBuilder::MOST`] are there already.
    pub fn push(&mut self, fingerprint: &[u32]) -> u32 {
        let owner = self.owners;
        assert!((owner as usize) < Self::MOST, "an index holds at most 2^30 fingerprints");
        self.owners += 1;
        let keys = chosen(head(fingerprint), KEPT);
        if keys.len() >= FEWEST_KEYS {
            self.postings.extend(keys.into_iter().map(|(key, at)| posting(key, owner, at)));
        }
        owner
    }

    /// How many were added.
    pub fn len(&self) -> usize {
        self.owners as usize
    }

    /// Whether none was.
    pub fn is_empty(&self) -> bool {
        self.owners == 0
    }

    /// Sorts it.
    pub fn finish(mut self) -> Index {
        self.postings.sort_unstable();
        Index { postings: self.postings }
    }
}

/// Fingerprints by their keys.
#[derive(Debug)]
pub struct Index {
    postings: Vec<u64>,
}

impl Index {
    /// Bytes that it takes.
    pub fn bytes(&self) -> usize {
        self.postings.capacity() * size_of::<u64>()
    }

    /// Fingerprints that may be of the same recording as this one, of those numbered below `before`; the most hits
    /// first, then the lowest number. At most [`ASKED`] × [`LOOKED_AT`] postings are read, whatever is in the index.
    pub fn candidates(&self, fingerprint: &[u32], before: u32) -> Vec<Candidate> {
        let mut hits: Vec<u64> = Vec::new();
        for (key, at) in chosen(head(fingerprint), ASKED) {
            let start = self.postings.partition_point(|&it| it < posting(key, 0, 0));
            let of_key = &self.postings[start..];
            let end = match before as usize >= IndexBuilder::MOST {
                true => of_key.partition_point(|&it| it >> (64 - KEY_BITS) == u64::from(key)),
                false => of_key.partition_point(|&it| it < posting(key, before, 0)),
            };
            let nearest = &of_key[end.saturating_sub(LOOKED_AT)..end];
            hits.extend(nearest.iter().map(|&it| hit(it, at)));
        }
        hits.sort_unstable();
        let mut candidates: Vec<Candidate> = hits
            .chunk_by(|one, other| owner_of(*one) == owner_of(*other))
            .map(|of_one| Candidate { owner: owner_of(of_one[0]), hits: agreeing(of_one) })
            .filter(|candidate| candidate.hits >= HITS)
            .collect();
        candidates.sort_unstable_by_key(|it| (std::cmp::Reverse(it.hits), it.owner));
        candidates.truncate(CANDIDATES);
        candidates
    }
}

fn posting(key: u32, owner: u32, at: u32) -> u64 {
    u64::from(key) << (OWNER_BITS + POSITION_BITS)
        | u64::from(owner) << POSITION_BITS
        | u64::from(at)
}

/// Owner and offset, that of the two positions being what it is at the same offset for all keys.
fn hit(posting: u64, at: u32) -> u64 {
    let position = posting & ((1 << POSITION_BITS) - 1);
    let owner = posting >> POSITION_BITS & ((1 << OWNER_BITS) - 1);
    owner << 32 | (position + (1 << POSITION_BITS) - u64::from(at))
}

fn owner_of(hit: u64) -> u32 {
    (hit >> 32) as u32
}

/// The most hits within three neighbouring offsets; sorted ones come in.
fn agreeing(hits: &[u64]) -> usize {
    let mut first = 0;
    let mut most = 0;
    for (place, hit) in hits.iter().enumerate() {
        while hits[first] + 2 < *hit {
            first += 1;
        }
        most = most.max(place + 1 - first);
    }
    most
}
