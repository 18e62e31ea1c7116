//! By what a file is known to be unchanged without reading it.

use crate::Refusal;
use deadwax_model::Stamp;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;

/// The stamp in a file's metadata.
pub fn stamp(metadata: &Metadata) -> Stamp {
    let modified_ns =
        metadata.mtime().saturating_mul(1_000_000_000).saturating_add(metadata.mtime_nsec());
    Stamp { bytes: metadata.len(), modified_ns }
}

/// Refuses a file whose stamp moved while it was read.
pub(crate) fn unmoved(before: Stamp, after: Stamp) -> Result<(), Refusal> {
    if before == after {
        return Ok(());
    }
    Err(Refusal::of_the_moment(
        "it changed while it was read",
        "wait until whatever writes it has finished, then run the same line again",
    ))
}
