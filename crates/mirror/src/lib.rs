//! Carries a part of an edition (docs/formats/mirror.md): choose by budget, fetch, verify, repair, seed.

mod error;
mod folder_pack;
mod seeding;
mod storage;
mod swarm;

pub use error::MirrorError;
pub use folder_pack::FolderPack;
pub use seeding::{SeedPack, SeedPackReport, SeedReport, Seeding, seed_packs};
pub use storage::PackStorage;
pub use swarm::{BadPeer, PeerFault, Swarm, SwarmOptions, SwarmPack, SwarmStats};
