//! What is known from tables alone: loaded by merging, read in the order of ids.

mod ids;
mod load;
mod merge;
mod shape;

pub(crate) use load::note_change;
pub use load::{Load, LoadLimits, LoadReject, TableCounts};
