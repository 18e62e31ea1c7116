//! Carries a part of an edition (docs/formats/mirror.md): choose by budget, fetch, verify, repair, seed.

mod error;
mod http;
mod leaf_book;
mod limits;
mod parts;
mod piece;
pub mod plan;
mod repair;
mod run;
mod seed;
mod settings;
mod source;
mod state;
mod storage;
mod swarm;
mod verify;

pub use error::MirrorError;
pub use http::Patience;
pub use repair::{RepairOptions, RepairReport, repair};
pub use run::{Progress, Run, Silent};
pub use settings::Asked;
pub use source::SourceAddress;
pub use state::{FileRow, FileState, PackRow, State, WantedFile};
pub use storage::PackStorage;
pub use swarm::{BadPeer, PeerFault, Swarm, SwarmOptions, SwarmPack, SwarmStats};
pub use verify::{FileFault, VerifyOptions, VerifyReport, verify};
