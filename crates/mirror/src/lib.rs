//! Carries a part of an edition (docs/formats/mirror.md): choose by budget, fetch, verify, repair, seed.

mod error;
mod state;
mod storage;

pub use error::MirrorError;
pub use state::{FileRow, FileState, PackRow, State, WantedFile};
pub use storage::PackStorage;
