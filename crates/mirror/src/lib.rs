//! Carries a part of an edition (docs/formats/mirror.md): choose by budget, fetch, verify, repair, seed.

pub mod plan;
mod storage;

pub use storage::PackStorage;
