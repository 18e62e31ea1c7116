//! How a swarm is joined.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

/// A request is for 16 KiB at once, and a limit below that would let none pass.
const LEAST_RATE: u64 = 16 * 1024;

/// How a swarm is joined. By default nobody is asked for peers: only those that are named are met, and those that come.
#[derive(Debug, Clone, Default)]
pub struct SwarmOptions {
    /// Where to listen, on TCP; port 0 takes a free one. `None`: nobody reaches us.
    pub listen: Option<SocketAddr>,
    /// Look for peers in, and be found by, the public distributed hash table. Never for private packs.
    pub dht: bool,
    /// Ask the trackers that a torrent names.
    pub trackers: bool,
    /// Look for peers on the local network by multicast. Never for private packs.
    pub local_discovery: bool,
    /// At most so many bytes a second to all others together; 16 KiB at least.
    pub upload_limit: Option<u64>,
    /// At most so many bytes a second from all others together; 16 KiB at least.
    pub download_limit: Option<u64>,
    /// A folder for notes while it runs, made when it is not there. What is in it is of no use afterwards.
    pub state_folder: PathBuf,
}

impl SwarmOptions {
    pub(super) fn limits(&self) -> librqbit::limits::LimitsConfig {
        librqbit::limits::LimitsConfig {
            upload_bps: self.upload_limit.and_then(rate),
            download_bps: self.download_limit.and_then(rate),
        }
    }
}

fn rate(bytes_a_second: u64) -> Option<NonZeroU32> {
    NonZeroU32::new(u32::try_from(bytes_a_second.max(LEAST_RATE)).unwrap_or(u32::MAX))
}
