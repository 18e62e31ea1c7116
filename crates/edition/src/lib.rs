//! Builds and reads editions: the list, search, Parquet, statistics, the report page.
//!
//! An edition is one immutable folder whose order is its index: rank 1 is the most listened
//! recording, so a search that stops at the first twenty hits has the twenty most heard, and
//! coverage is a running sum. [`EditionWriter`] takes the list in that order and streams it into
//! every file; [`Edition`] reads it back. The files are specified in docs/formats/edition.md.

mod bits;
mod block;
mod copies;
mod error;
mod leb128;
mod listed;
mod lookup;
mod read;
mod release_block;
mod report;
mod schema;
mod stage;
mod summary;
mod tombstones;
mod torrents;
mod words;
mod write;

pub use copies::Copies;
pub use error::EditionError;
pub use listed::{EditionInfo, Listed, ListedCover, ListedThumbnail, ListedTrack};
pub use read::{
    Cover, Coverage, Edition, IsrcSharing, Listing, PackPlace, PackedCover, PackedFile, PackedKind,
    Recording, SearchPage, ShuffleFilter, Stats, StatsRow, Thumbnail, TrackPlace,
};
pub use schema::{CATALOG_SCHEMA, EDITION_SCHEMA, PARQUET_SCHEMA, SEARCH_SCHEMA};
pub use stage::{Stage, StagesOut, UnknownStage};
pub use summary::{
    ArtworkSummary, CountBytes, Counts, CoverageShares, EditionSummary, ListensTotal, PackSummary,
    PatchesSummary, PopularityEnds, PublishedFile, Schemas, Stages,
};
pub use tombstones::{TOMBSTONES, Tombstone, Tombstones, dark_files, dark_in};
pub use torrents::{PackStage, TORRENTS_SCHEMA, TorrentEntry, TorrentList};
pub use write::EditionWriter;
