//! What is known from tables alone: loaded by merging, read in the order of ids.

mod counts;
mod facts;
mod ids;
mod lane;
mod load;
mod merge;
mod read;
mod shape;

pub(crate) use counts::IsrcCounts;
pub(crate) use load::note_change;
pub use load::{Load, LoadLimits, LoadReject, TableCounts};
pub use read::{Collection, KnownCredit, KnownRecording, KnownTrack};
