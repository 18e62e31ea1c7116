//! What an edition is, in numbers: edition.json, as docs/formats/edition-json.md specifies it.

use crate::schema::{CATALOG_SCHEMA, EDITION_SCHEMA, PARQUET_SCHEMA, SEARCH_SCHEMA};
use deadwax_model::Root;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The document edition.json.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EditionSummary {
    /// Always `deadwax-edition`.
    pub format: String,
    /// Schemas of the edition's files.
    pub schema: Schemas,
    /// Title of the archive.
    pub title: String,
    /// Day of publishing, `YYYY-MM-DD`.
    pub date: String,
    /// The program that made it.
    pub created_by: String,
    /// Recordings in the list.
    pub recordings: u64,
    /// Different releases.
    pub releases: u64,
    /// Different artist names.
    pub artists: u64,
    /// Places of recordings on releases.
    pub tracks: u64,
    /// ISRCs, counted once a recording.
    pub isrcs: u64,
    /// Duration of all recordings whose duration is known, in milliseconds.
    pub duration_ms: u64,
    /// What is kept.
    pub held: CountBytes,
    /// What is kept, by tier.
    pub tiers: BTreeMap<String, CountBytes>,
    /// Recordings by status.
    pub status: BTreeMap<String, u64>,
    /// Recordings that may leave.
    pub cleared: u64,
    /// Recordings that may not.
    pub held_back: u64,
    /// How many recordings somebody counted listens of, and the sum; `None` when nobody counted any.
    pub listens: ListensTotal,
    /// The ends of the popularity scale.
    pub popularity: PopularityEnds,
    /// Shares of all counted listens, 0 to 1.
    pub coverage: CoverageShares,
    /// Rank of the last held recording.
    pub last_held_rank: Option<u32>,
    /// Listens of the last held recording.
    pub cutoff: Option<u64>,
    /// What of the edition is out.
    pub stages: Stages,
    /// The packs of audio, in rank order.
    pub packs: Vec<PackSummary>,
    /// The covers; none in what was written before there were any.
    #[serde(default)]
    pub artwork: ArtworkSummary,
    /// The patches that are out.
    #[serde(default)]
    pub patches: PatchesSummary,
    /// Digest of everything that the list was written from, the day left out: two editions of the same
    /// archive with the same `content` say the same. 64 hex digits, for comparing only.
    pub content: Root,
    /// Every file of the edition but this one and those in pack folders, sorted by path.
    pub files: Vec<PublishedFile>,
}

/// A file of the edition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedFile {
    /// Path in the edition's folder, `/` between parts.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// Its root.
    pub root: Root,
}

/// Schemas of the edition's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schemas {
    /// edition.json.
    pub edition: u64,
    /// catalog.sqlite.
    pub catalog: u64,
    /// search.sqlite.
    pub search: u64,
    /// The Parquet files.
    pub parquet: u64,
}

impl Schemas {
    /// What this program writes.
    pub const CURRENT: Schemas = Schemas {
        edition: EDITION_SCHEMA,
        catalog: CATALOG_SCHEMA,
        search: SEARCH_SCHEMA,
        parquet: PARQUET_SCHEMA,
    };
}

/// A number of things and their bytes together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountBytes {
    /// How many.
    pub count: u64,
    /// Bytes together.
    pub bytes: u64,
}

/// Listens of the whole list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListensTotal {
    /// Recordings with a count.
    pub recordings: u64,
    /// Sum of the counts.
    pub total: Option<u64>,
}

/// The two listens counts that fix the popularity scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PopularityEnds {
    /// Below it popularity is 0.
    pub threshold: u64,
    /// From it on popularity is 100.
    pub ceiling: u64,
}

/// Shares of all counted listens; `None` when nobody counted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CoverageShares {
    /// Of the held recordings.
    pub held: Option<f64>,
    /// Of the recordings in packs.
    pub out: Option<f64>,
}

/// What of the edition is out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stages {
    /// The list itself.
    pub metadata: bool,
    /// The audio of ranks 1 to this; 0 = none.
    pub audio_to_rank: u32,
    /// Whether covers are.
    #[serde(default)]
    pub artwork: bool,
    /// Whether patches are.
    #[serde(default)]
    pub patches: bool,
}

/// Covers of releases, and of recordings that are on none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArtworkSummary {
    /// How many releases, and recordings on none, have a cover.
    pub covers: u64,
    /// How many different pictures these are.
    pub pictures: u64,
    /// Of how many the cover is in a pack.
    pub out: u64,
    /// The packs, in rank order.
    pub packs: Vec<PackSummary>,
}

/// Patches that give back originals.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatchesSummary {
    /// The packs, in rank order.
    pub packs: Vec<PackSummary>,
}

/// A pack of the edition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackSummary {
    /// Its name, which is its folder's.
    pub name: String,
    /// Its folder, relative to the edition.
    pub folder: String,
    /// Its torrent, relative to the edition.
    pub torrent: String,
    /// First rank in it.
    pub first_rank: u32,
    /// Last rank in it.
    pub last_rank: u32,
    /// Files in it.
    pub files: u64,
    /// Bytes of its files.
    pub bytes: u64,
    /// v1 info hash, 40 hex digits.
    pub infohash_v1: String,
    /// v2 info hash, 64 hex digits.
    pub infohash_v2: String,
    /// Magnet link.
    pub magnet: String,
}

/// Counts of a set of recordings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// How many.
    pub recordings: u64,
    /// How many of them may leave.
    pub cleared: u64,
    /// How many of them are held.
    pub held: u64,
    /// Bytes of the held ones.
    pub bytes: u64,
    /// Listens of those with a count.
    pub listens: u64,
    /// Duration of those whose duration is known.
    pub duration_ms: u64,
}

impl Counts {
    pub(crate) fn add(&mut self, more: &Counts) {
        let sum = |to: &mut u64, more: u64| *to = to.saturating_add(more);
        sum(&mut self.recordings, more.recordings);
        sum(&mut self.cleared, more.cleared);
        sum(&mut self.held, more.held);
        sum(&mut self.bytes, more.bytes);
        sum(&mut self.listens, more.listens);
        sum(&mut self.duration_ms, more.duration_ms);
    }
}

impl EditionSummary {
    /// The packs of all stages.
    pub fn all_packs(&self) -> impl Iterator<Item = &PackSummary> {
        self.packs.iter().chain(&self.artwork.packs).chain(&self.patches.packs)
    }

    /// The bytes of edition.json.
    pub(crate) fn to_json(&self) -> Vec<u8> {
        let mut json = serde_json::to_vec_pretty(self).unwrap_or_default();
        json.push(b'\n');
        json
    }
}
