//! Small numbers for what recurs: artists, credits, releases.
//!
//! Numbers follow first appearance, so what is heard most has the smallest, and a build of the same
//! list gives the same ones.

use crate::Listed;
use std::collections::HashMap;

/// A number, and whether this is where it first appears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Number {
    pub(crate) id: i64,
    pub(crate) is_new: bool,
}

/// The numbers of one recording's credit and releases.
pub(crate) struct Numbered {
    /// The credit as printed.
    pub(crate) credit_text: String,
    pub(crate) credit: Number,
    /// One for each of `Listed::artists`.
    pub(crate) artists: Vec<Number>,
    /// One for each of `Listed::tracks`.
    pub(crate) releases: Vec<Number>,
}

/// Gives numbers out.
#[derive(Default)]
pub(crate) struct Numbers {
    artists: HashMap<String, i64>,
    credits: HashMap<(String, Vec<i64>), i64>,
    releases: HashMap<String, i64>,
}

impl Numbers {
    pub(crate) fn number(&mut self, listed: &Listed) -> Numbered {
        let artists: Vec<Number> =
            listed.artists.iter().map(|name| give(&mut self.artists, name.clone())).collect();
        let credit_text = match listed.artist_credit.as_str() {
            "" => listed.artists.join(", "),
            text => text.to_owned(),
        };
        let ids = artists.iter().map(|artist| artist.id).collect();
        let credit = give(&mut self.credits, (credit_text.clone(), ids));
        let releases = listed
            .tracks
            .iter()
            .map(|track| give(&mut self.releases, track.release_key.clone()))
            .collect();
        Numbered { credit_text, credit, artists, releases }
    }

    pub(crate) fn artists(&self) -> u64 {
        self.artists.len() as u64
    }

    pub(crate) fn releases(&self) -> u64 {
        self.releases.len() as u64
    }
}

fn give<K: std::hash::Hash + Eq>(given: &mut HashMap<K, i64>, key: K) -> Number {
    let next = given.len() as i64 + 1;
    let id = *given.entry(key).or_insert(next);
    Number { id, is_new: id == next }
}
