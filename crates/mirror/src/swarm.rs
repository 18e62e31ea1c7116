//! BitTorrent, through librqbit: fetches into a [`PackStorage`] and gives from it (docs/swarm.md).
//!
//! WHY there is so much between: librqbit writes files itself, hashes all of them when it starts, and goes on when a sampled check
//! finds other bytes than it should. Here a pack is whatever its storage says is whole; librqbit sees no path, is told
//! what is here, and counts a piece only when its v2 hash was right (`adapter`).
//!
//! A swarm has threads of its own, so its methods may be called from anywhere; those that wait block their caller.

mod adapter;
mod gate;
mod layout;
mod options;
mod pack;
mod rules;
mod running;
mod verdicts;

pub use options::SwarmOptions;
pub use pack::{SwarmPack, SwarmStats};
pub use verdicts::{BadPeer, PeerFault};

use crate::{MirrorError, PackStorage};
use running::Running;
use std::net::SocketAddr;
use std::sync::Arc;

/// A place in the swarms of some packs. Dropped, it leaves them.
pub struct Swarm {
    running: Arc<Running>,
}

impl Swarm {
    /// Begins to listen. Nobody is asked for anything before a pack is added.
    ///
    /// # Errors
    /// An address that cannot be listened on, and a state folder that cannot be written.
    pub fn start(options: SwarmOptions) -> Result<Swarm, MirrorError> {
        Ok(Swarm { running: Arc::new(Running::start(options)?) })
    }

    /// Where others reach us.
    pub fn listen_addr(&self) -> Option<SocketAddr> {
        self.running.listen_addr()
    }

    /// Gives what `storage` has of a pack, and fetches the files `wanted` (by their place in the torrent, pads not counted)
    /// from `peers` and whoever else is found. A torrent without pads between its files can be given and not fetched.
    ///
    /// # Errors
    /// A torrent that cannot be read or is here already.
    pub fn add(
        &self,
        torrent: &[u8],
        storage: Arc<dyn PackStorage>,
        wanted: &[usize],
        peers: &[SocketAddr],
    ) -> Result<SwarmPack, MirrorError> {
        SwarmPack::add(Arc::clone(&self.running), torrent, storage, wanted, peers)
    }
}
