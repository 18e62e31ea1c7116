//! By what a file is known to be unchanged without reading it.

/// Length and time of last modification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// Length in bytes.
    pub bytes: u64,
    /// When it was last modified, nanoseconds since 1970.
    pub modified_ns: i64,
}
