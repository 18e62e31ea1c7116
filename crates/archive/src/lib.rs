//! An archive as a whole: what a person does with it, each act a file of its own over the rooms below.
//!
//! Everything here works on an opened [`Archive`]; time, progress and the wish to stop come in with a
//! [`Run`]. Acts give reports, plain values that the terminal or a program can print. An item that does
//! not go well becomes a [`deadwax_model::Problem`] in the report and never stops the rest; an error stops.

mod add;
mod add_tables;
mod artwork;
mod build;
mod choice;
mod details;
mod editions;
mod error;
mod fields;
mod keys;
mod known_entry;
mod known_list;
mod list;
mod main_job;
mod make;
mod opened;
mod order;
mod original;
mod plan;
mod policy;
mod publish;
mod publish_covers;
mod repair;
mod restore;
mod rights;
mod run;
mod same;
mod same_groups;
mod seed;
mod shown;
mod sign;
mod source_order;
mod takedown;
mod trace;
mod verify;
mod verify_edition;

/// What holdings and editions say they were made by.
const MAKER: &str = concat!("deadwax ", env!("CARGO_PKG_VERSION"));

pub use add::{AddReport, ListensReport, check_listens, check_source};
pub use add_tables::{TableReport, TablesReport, check_tables, collection_name};
pub use build::BuildReport;
pub use choice::{KeptBecause, KeptInstead};
pub use details::{Details, SameSource};
pub use error::ArchiveError;
pub use keys::{KeyChange, KeyFolders, Signatures, SignedUnder};
pub use list::ListRow;
pub use main_job::{ArchiveReport, ArtworkReport, MainJob, PackReport};
pub use opened::Archive;
pub use plan::{CountBytes, KnownCounts, Plan, PlanRow, PlanSummary, SameRow};
pub use policy::{Policy, parse_size};
pub use publish::{PublishOptions, PublishReport};
pub use repair::RepairReport;
pub use restore::RestoreReport;
pub use rights::Explanation;
pub use run::{Amount, Phase, Progress, Run, Silent};
pub use same::{SamePair, SameSide, SameStats};
pub use seed::SeedPack;
pub use shown::{Shown, show_listed};
pub use takedown::{
    LiftReport, RemovedFile, TakedownOrder, TakedownPlan, TakedownReport, TakenRecording,
};
pub use trace::{Certainty, Found, OutPlace, TraceReport, Traced, TracedRecording};
pub use verify::{Fault, VerifyOptions, VerifyReport};
pub use verify_edition::verify_edition;
