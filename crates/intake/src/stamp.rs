//! By what a file is known to be unchanged without reading it.

use crate::Refusal;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;

/// Length and time of last modification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileStamp {
    /// Length in bytes.
    pub bytes: u64,
    /// Nanoseconds since 1970.
    pub modified_ns: i64,
}

/// The stamp in a file's metadata.
pub fn stamp(metadata: &Metadata) -> FileStamp {
    let modified_ns =
        metadata.mtime().saturating_mul(1_000_000_000).saturating_add(metadata.mtime_nsec());
    FileStamp { bytes: metadata.len(), modified_ns }
}

/// Refuses a file whose stamp moved while it was read.
pub(crate) fn unmoved(before: FileStamp, after: FileStamp) -> Result<(), Refusal> {
    if before == after {
        return Ok(());
    }
    Err(Refusal::of_the_moment(
        "it changed while it was read",
        "wait until whatever writes it has finished, then run the same line again",
    ))
}
