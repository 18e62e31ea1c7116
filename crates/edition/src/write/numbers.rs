//! Small numbers for what recurs: artists, releases, terms.
//!
//! Numbers follow first appearance, so what is heard most has the smallest, and a build of the same
//! list gives the same ones. Of a text only 96 bits of hash are remembered: among a hundred million texts two that
//! differ and share them are as likely as one in ten billion, and 17 bytes an entry hold the releases of the
//! largest list in a gigabyte and a half.

use crate::Listed;
use crate::block::NAME;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher};

/// A number, and whether this is where it first appears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Number {
    pub(crate) id: u32,
    pub(crate) is_new: bool,
}

/// The numbers of one recording's artists and releases.
pub(crate) struct Numbered {
    /// The credit as printed.
    pub(crate) credit_text: String,
    /// The same with [`NAME`] for names, as blocks have it.
    pub(crate) credit_form: Vec<u8>,
    /// One for each of `Listed::artists`.
    pub(crate) artists: Vec<Number>,
    /// One for each of `Listed::tracks`.
    pub(crate) releases: Vec<Number>,
    /// One for each of these: of a new release, the number of its own artist when the list has had that name.
    pub(crate) release_artists: Vec<Option<u32>>,
}

/// Gives numbers out.
#[derive(Default)]
pub(crate) struct Numbers {
    artists: Given,
    releases: Given,
}

impl Numbers {
    pub(crate) fn number(&mut self, listed: &Listed) -> Numbered {
        let artists: Vec<Number> =
            listed.artists.iter().map(|name| self.artists.give(Digest::of(name))).collect();
        let credit_text = match listed.artist_credit.as_str() {
            "" => listed.artists.join(", "),
            text => text.to_owned(),
        };
        let releases: Vec<Number> = listed
            .tracks
            .iter()
            .map(|track| self.releases.give(Digest::of(&track.release_key)))
            .collect();
        let named = listed.tracks.iter().zip(&releases).map(|(track, release)| {
            let name = track.release_artist.as_deref().filter(|_| release.is_new)?;
            self.artists.get(&Digest::of(&name))
        });
        Numbered {
            release_artists: named.collect(),
            credit_form: credit_form(&credit_text, &listed.artists),
            credit_text,
            artists,
            releases,
        }
    }

    /// The number of a release that was on the list.
    pub(crate) fn release(&self, key: &str) -> Option<u32> {
        self.releases.get(&Digest::of(&key))
    }

    pub(crate) fn artists(&self) -> u64 {
        self.artists.0.len() as u64
    }

    pub(crate) fn releases(&self) -> u64 {
        self.releases.0.len() as u64
    }
}

/// A credit with [`NAME`] in place of the artists' names, where they come in their order; empty when it is the one
/// artist's name.
fn credit_form(text: &str, artists: &[String]) -> Vec<u8> {
    if let [only] = artists
        && only == text
    {
        return Vec::new();
    }
    let mut form = Vec::with_capacity(16);
    let mut rest = text;
    for name in artists {
        match rest.split_once(name.as_str()).filter(|_| !name.is_empty()) {
            Some((before, after)) => {
                form.extend(before.bytes());
                form.push(NAME);
                rest = after;
            }
            // Printed otherwise: then the whole text.
            None => return text.as_bytes().to_vec(),
        }
    }
    form.extend(rest.bytes());
    form
}

/// 96 bits of a text's hash.
#[derive(PartialEq, Eq)]
pub(crate) struct Digest([u32; 3]);

impl Digest {
    pub(crate) fn of(text: &impl Hash) -> Digest {
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        let one = hasher.finish();
        hasher.write_u8(1);
        let two = hasher.finish();
        Digest([one as u32, (one >> 32) as u32, two as u32])
    }
}

impl Hash for Digest {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(u64::from(self.0[0]) | u64::from(self.0[1]) << 32);
    }
}

/// Hands on the one number it is given, which is a hash already.
#[derive(Default)]
struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0 << 8 | u64::from(*byte));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

/// Numbers from 1 for what is given, in the order of first appearance.
#[derive(Default)]
pub(crate) struct Given(HashMap<Digest, u32, BuildHasherDefault<AsIs>>);

impl Given {
    pub(crate) fn get(&self, digest: &Digest) -> Option<u32> {
        self.0.get(digest).copied()
    }

    pub(crate) fn give(&mut self, digest: Digest) -> Number {
        let next = self.0.len() as u32 + 1;
        let mut is_new = false;
        let id = *self.0.entry(digest).or_insert_with(|| {
            is_new = true;
            next
        });
        Number { id, is_new }
    }

    /// Forgets everything but the memory it has.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}
