//! What the fuzz targets have in common: what must hold of a file that takes metadata, which panics are
//! findings, and an edition that is signed.

mod edition;
mod embedding;
mod panics;
mod table;

pub use edition::{Metadata, Stranger};
pub use embedding::{embeds_or_refuses, probes};
pub use panics::tolerate_panics_of_others;
pub use table::reads_as_table;
