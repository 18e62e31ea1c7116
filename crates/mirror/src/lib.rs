//! Carries a part of an edition (docs/formats/mirror.md): choose by budget, fetch, verify, repair, seed.

mod carry;
mod edition;
mod error;
mod fetch;
mod folder_pack;
mod follow;
mod http;
mod limits;
mod metadata;
mod mirror;
mod parts;
mod piece;
pub mod plan;
mod run;
mod seed;
mod seeding;
mod settings;
mod source;
mod state;
mod storage;
mod swarm;

pub use carry::{CarryPlan, PlannedPack};
pub use edition::Edition;
pub use error::MirrorError;
pub use folder_pack::FolderPack;
pub use http::Patience;
pub use mirror::{How, Mirror, MirrorReport};
pub use run::{Progress, Run, Silent};
pub use seeding::{SeedPack, SeedPackReport, SeedReport, Seeding, seed_packs};
pub use settings::Asked;
pub use source::SourceAddress;
pub use state::{FileRow, FileState, PackRow, State, WantedFile};
pub use storage::PackStorage;
pub use swarm::{BadPeer, PeerFault, Swarm, SwarmOptions, SwarmPack, SwarmStats};
