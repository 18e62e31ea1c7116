//! Carries a part of an edition (docs/formats/mirror.md): choose by budget, fetch, verify, repair, seed.

mod error;
pub mod plan;
mod state;
mod storage;
mod swarm;

pub use error::MirrorError;
pub use state::{FileRow, FileState, PackRow, State, WantedFile};
pub use storage::PackStorage;
pub use swarm::{BadPeer, PeerFault, Swarm, SwarmOptions, SwarmPack, SwarmStats};
