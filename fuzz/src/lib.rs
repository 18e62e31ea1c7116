//! What the fuzz targets have in common: what must hold of a file that takes metadata, and which
//! panics are findings.

mod embedding;
mod panics;
mod table;

pub use embedding::{embeds_or_refuses, probes};
pub use panics::tolerate_panics_of_others;
pub use table::reads_as_table;
