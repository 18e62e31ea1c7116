//! What is known, and changes: the working catalogue, in one SQLite file.
//!
//! Facts are kept with where they came from (`source`, `tag`, `listens`), beside what the archive made of
//! them (`recording`, `release`, `track`) and what it holds (`holding`, `analysis`). Published editions
//! are a different, immutable schema; see the `edition` room.
//!
//! What came in tables, without files, is kept in tables of its own (`known_...`), which are loaded by sorting and
//! merging and read in the order of ids.
//!
//! Every method commits what it writes before it returns, durably (WAL with full sync), unless it is
//! called between [`Catalog::begin`] and [`Catalog::commit`]; a [`Load`] says itself when it commits.

mod database;
mod error;
mod fixity_log;
mod holdings;
mod images;
mod known;
mod known_files;
mod listens;
mod pictures;
mod recordings;
mod releases;
mod rules;
mod same;
pub mod sort;
mod sources;
mod stop;
mod takedowns;
mod touched;
mod values;

pub use database::Catalog;
pub use error::CatalogError;
pub use fixity_log::{FixityLog, FixityRun, LastSound};
pub use holdings::{Analysis, Failure, Holding};
pub use images::{Derived, DerivedFile, Image};
pub use known::{Collection, KnownCredit, KnownRecording, KnownTrack};
pub use known::{Load, LoadLimits, LoadReject, TableCounts};
pub use known_files::{KnownFile, KnownKind};
pub use recordings::{Placement, Recording, Release, Track};
pub use same::{SameRule, SameWord};
pub use sources::{Found, SourceRow};
pub use stop::Stop;
pub use takedowns::{TakedownAct, TakedownLift, TakedownRecord};
