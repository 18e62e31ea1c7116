//! Carries a part of an edition (docs/formats/mirror.md): choose by budget, fetch, verify, repair, seed.

mod storage;

pub use storage::PackStorage;
