//! The words of Deadwax as types: what an ISRC, a rank, a root, a tier *is*, and nothing about
//! where they are stored or how they travel. This crate does no I/O, reads no clock and depends on
//! nothing of ours, so every other room can share its vocabulary.

mod date;
mod facts;
mod hashes;
mod ids;
mod isrc;
mod key;
mod listens;
mod popularity;
mod problem;
mod rank;
mod root;
mod rows;
mod stamp;
mod tags;
mod tier;

pub use date::{day_number, is_date};
pub use facts::{AudioFormat, FileFacts, PictureFacts};
pub use hashes::{BLOCK_BYTES, FileHashes, PIECE_BYTES};
pub use ids::{RecordingId, RecordingIdError, TableId};
pub use isrc::{Isrc, IsrcError};
pub use key::{RecordingKey, RecordingKeyError};
pub use listens::{ListensKey, ListensRow};
pub use popularity::{Popularity, PopularityScale};
pub use problem::Problem;
pub use rank::Rank;
pub use root::{Root, RootParseError};
pub use rows::{
    ArtistRow, CountRow, Counted, CreditRow, IsrcRow, RecordingRow, ReleaseRow, TableKind,
    TableRow, TrackRow,
};
pub use stamp::Stamp;
pub use tags::{Picture, PictureKind, Tags};
pub use tier::{Status, Tier, UnknownStatus, UnknownTier};
