//! The swarm of one pack beside the seeds: it is given some files at a time, and they are taken back when nothing comes.

use super::board::Board;
use crate::MirrorError;
use crate::parts::PackParts;
use crate::swarm::{Swarm, SwarmPack};
use deadwax_model::Problem;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// What the swarm has to fetch at a time, beside seeds: what it fetches in so many seconds, within bounds. What it has is not the
/// web's to fetch.
const WINDOW_SECONDS: f64 = 1.0;
pub(super) const LEAST_WINDOW_BYTES: u64 = 8 << 20;
const MOST_WINDOW_BYTES: u64 = 256 << 20;

/// Where seeds have nothing else to do, the swarm keeps what it fetches within so many seconds.
const LAST_SECONDS: f64 = 5.0;

/// What a peer may have been asked for: librqbit asks for 2 MiB ahead, behind a piece that is half here.
const ASKED_AHEAD_BYTES: u64 = 3 << 20;

/// How quick it is is measured over so long.
const MEASURED: Duration = Duration::from_millis(500);

/// A swarm that has given nothing for so long has its files taken back, if there are seeds.
const STILL: Duration = Duration::from_secs(6);

/// And after so long when seeds have nothing else to do.
const STILL_WHILE_IDLE: Duration = Duration::from_millis(700);

/// And is given some again after so long.
const REST: Duration = Duration::from_secs(20);

/// A pack in its swarm.
pub(super) struct Crowd {
    pack: SwarmPack,
    name: String,
    fetched_bytes: u64,
    last_change: Instant,
    rests_until: Option<Instant>,
    entered: Instant,
    bytes_per_second: f64,
    window_bytes: u64,
    /// When the window was last made to fit, and what had come then.
    measured: (Instant, u64),
}

impl Crowd {
    /// Enters the swarm with these files wanted. `None` where it cannot be entered: then seeds have all.
    pub fn enter(
        swarm: &Swarm,
        torrent: &[u8],
        parts: &Arc<PackParts>,
        wanted: &[usize],
        peers: &[SocketAddr],
        name: &str,
    ) -> Option<Crowd> {
        let storage: Arc<dyn crate::PackStorage> = Arc::<PackParts>::clone(parts);
        let pack = swarm.add(torrent, storage, wanted, peers).ok()?;
        let name = name.to_owned();
        let now = Instant::now();
        Some(Crowd {
            pack,
            name,
            fetched_bytes: 0,
            last_change: now,
            rests_until: None,
            entered: now,
            bytes_per_second: 0.0,
            window_bytes: LEAST_WINDOW_BYTES,
            measured: (now, 0),
        })
    }

    /// What the swarm should fetch from now on; `None`: what it fetches already.
    pub fn look(&mut self, board: &mut Board) -> Option<Vec<usize>> {
        let now = Instant::now();
        let stats = self.pack.stats();
        if stats.fetched_bytes != self.fetched_bytes || board.swarm().is_empty() {
            self.fetched_bytes = stats.fetched_bytes;
            self.last_change = now;
        }
        self.fit_window(now);
        let has_seeds = board.has_seeds();
        if self.rests_until.is_some_and(|until| now < until && has_seeds && board.lost().is_empty())
        {
            return None;
        }
        self.rests_until = None;
        let is_idle = board.has_idle_seed(now);
        let patience = if is_idle { STILL_WHILE_IDLE } else { STILL };
        let is_still = now.duration_since(self.last_change) > patience;
        // Of what it has left it would be the last to come.
        let is_slow = is_idle && board.swarm_bytes() as f64 > self.bytes_per_second * LAST_SECONDS;
        let is_known = self.entered.elapsed() > STILL_WHILE_IDLE;
        if (is_still || is_slow && is_known) && has_seeds && board.take_all_from_swarm() {
            self.rests_until = Some(now + REST);
            return Some(Vec::new());
        }
        let mut is_new = board.feed_swarm(self.window_bytes);
        if board.has_idle_seed(now) {
            is_new |= board.take_last_from_swarm(stats.peers * ASKED_AHEAD_BYTES);
        }
        is_new.then(|| board.swarm().to_vec())
    }

    fn fit_window(&mut self, now: Instant) {
        let elapsed = now.duration_since(self.measured.0);
        if elapsed >= MEASURED {
            let came = self.fetched_bytes.saturating_sub(self.measured.1) as f64;
            self.bytes_per_second = came / elapsed.as_secs_f64();
            let window = self.bytes_per_second * WINDOW_SECONDS;
            self.window_bytes = (window as u64).clamp(LEAST_WINDOW_BYTES, MOST_WINDOW_BYTES);
            self.measured = (now, self.fetched_bytes);
        }
    }

    /// What came from the swarm, as far as it was looked at.
    pub fn fetched_bytes(&self) -> u64 {
        self.fetched_bytes
    }

    /// Fetches these files from now on.
    pub fn want(&self, files: &[usize]) -> Result<(), MirrorError> {
        self.pack.want(files)
    }

    /// What came from the swarm, and who was bad in it.
    pub fn leave(self) -> (u64, Vec<Problem>) {
        let bytes = self.pack.stats().fetched_bytes;
        let problem = |peer: crate::swarm::BadPeer| Problem {
            path: format!("peer {}", peer.address),
            what: format!("{} ({}, {} times)", peer.fault.said(), self.name, peer.times),
            next: "it was dropped, and nothing wrong was kept".to_owned(),
        };
        (bytes, self.pack.bad_peers().into_iter().map(problem).collect())
    }
}
