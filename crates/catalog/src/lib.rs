//! What is known, and changes: the working catalogue, in one SQLite file.
//!
//! Facts are kept with where they came from (`source`, `tag`, `listens`), beside what the archive made of
//! them (`recording`, `release`, `track`) and what it holds (`holding`, `analysis`). Published editions
//! are a different, immutable schema; see the `edition` room.
//!
//! Every method commits what it writes before it returns, durably (WAL with full sync), unless it is
//! called between [`Catalog::begin`] and [`Catalog::commit`].

mod database;
mod error;
mod holdings;
mod listens;
mod pictures;
mod recordings;
mod releases;
mod rules;
mod sources;
mod values;

pub use database::Catalog;
pub use error::CatalogError;
pub use holdings::{Analysis, Failure, Holding};
pub use recordings::{Placement, Recording, Release, Track};
pub use sources::{Found, SourceRow};
