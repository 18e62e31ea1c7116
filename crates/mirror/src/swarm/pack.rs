//! One pack in its swarm.

use super::adapter::{Factory, Shared};
use super::layout::Layout;
use super::running::Running;
use super::verdicts::BadPeer;
use crate::{MirrorError, PackStorage};
use librqbit::api::TorrentIdOrHash;
use librqbit::storage::StorageFactoryExt;
use librqbit::{
    AddTorrent, AddTorrentOptions, AddTorrentResponse, ManagedTorrent, ManagedTorrentState,
    PeerConnectionOptions,
};
use std::collections::HashMap;
use std::fs;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long whoever is asked for something may say nothing, before what it was asked for is asked of others.
const SILENCE_WHILE_FETCHING: Duration = Duration::from_secs(30);

/// How long whoever may ask us for something may say nothing: a little more than the two minutes after which clients say that they are alive.
const SILENCE_WHILE_GIVING: Duration = Duration::from_secs(150);

/// What went over the wires of a pack.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct SwarmStats {
    /// Bytes of pieces that came in, the wrong ones too.
    pub fetched_bytes: u64,
    /// Bytes of pieces that were given.
    pub uploaded_bytes: u64,
    /// How many peers are connected now.
    pub peers: u64,
    /// Pieces that came and were not what their hash says.
    pub hash_failures: u64,
}

/// A pack in its swarm, until this is dropped.
pub struct SwarmPack {
    running: Arc<Running>,
    torrent: Vec<u8>,
    shared: Arc<Shared>,
    peers: Vec<SocketAddr>,
    wanted: Arc<Mutex<Vec<usize>>>,
    session: Mutex<InSession>,
}

/// The torrent as the session has it, and what it had before it was added anew.
struct InSession {
    torrent: Option<Arc<ManagedTorrent>>,
    ids: Vec<usize>,
    past: SwarmStats,
}

impl SwarmPack {
    pub(super) fn add(
        running: Arc<Running>,
        torrent: &[u8],
        storage: Arc<dyn PackStorage>,
        wanted: &[usize],
        peers: &[SocketAddr],
    ) -> Result<SwarmPack, MirrorError> {
        let layout = Layout::read(torrent)?;
        check(&layout, wanted)?;
        let pack = SwarmPack {
            running,
            torrent: torrent.to_vec(),
            shared: Arc::new(Shared::new(layout, storage)),
            peers: peers.to_vec(),
            wanted: Arc::new(Mutex::new(wanted.to_vec())),
            session: Mutex::new(InSession {
                torrent: None,
                ids: Vec::new(),
                past: SwarmStats::default(),
            }),
        };
        pack.enter(&mut lock(&pack.session))?;
        Ok(pack)
    }

    /// Fetches these files from now on, and no others.
    ///
    /// # Errors
    /// A file that is not in the torrent.
    pub fn want(&self, files: &[usize]) -> Result<(), MirrorError> {
        check(&self.shared.layout, files)?;
        *lock(&self.wanted) = files.to_vec();
        let Some(torrent) = lock(&self.session).torrent.clone() else { return Ok(()) };
        let entries = self.shared.layout.entries(files).into_iter().collect();
        let session = Arc::clone(self.running.session());
        let changed = self
            .running
            .wait(async move { session.update_only_files(&torrent, &entries).await })?;
        changed.map_err(|e| {
            MirrorError::swarm(format!("what is wanted of a pack cannot be changed: {e:#}"))
        })
    }

    /// Leaves the swarm and enters it again with what the storage has now: after files came or went by another way,
    /// and when fetching is done, for a pack that only gives is patient with its peers.
    ///
    /// # Errors
    /// As [`super::Swarm::add`].
    pub fn refresh(&self) -> Result<(), MirrorError> {
        let mut session = lock(&self.session);
        self.leave(&mut session)?;
        self.enter(&mut session)
    }

    /// What went over its wires so far.
    pub fn stats(&self) -> SwarmStats {
        let session = lock(&self.session);
        SwarmStats { hash_failures: self.shared.hash_failures(), ..session.stats() }
    }

    /// Whom this pack dropped for what it sent, worst first.
    pub fn bad_peers(&self) -> Vec<BadPeer> {
        let mut bad: HashMap<SocketAddr, BadPeer> = HashMap::new();
        for &id in &lock(&self.session).ids {
            for peer in self.running.verdicts().bad(id) {
                let before = bad.get(&peer.address).map_or(0, |before| before.times);
                bad.insert(peer.address, BadPeer { times: before + peer.times, ..peer });
            }
        }
        let mut bad: Vec<_> = bad.into_values().collect();
        bad.sort_by_key(|peer| (peer.fault, std::cmp::Reverse(peer.times), peer.address));
        bad
    }

    /// Whether all files that are wanted are whole.
    pub fn is_done(&self) -> bool {
        is_done(&self.shared, &lock(&self.wanted))
    }

    /// What stopped it, when something did: the disk, or a torrent that contradicts itself. [`SwarmPack::refresh`] tries again.
    pub fn stopped(&self) -> Option<String> {
        let torrent = lock(&self.session).torrent.clone()?;
        torrent.with_state(|state| match state {
            ManagedTorrentState::Error(e) => Some(format!("{e:#}")),
            _ => None,
        })
    }

    /// Leaves the swarm.
    ///
    /// # Errors
    /// None that matter: it is left in any case.
    pub fn remove(self) -> Result<(), MirrorError> {
        self.leave(&mut lock(&self.session))
    }

    fn enter(&self, place: &mut InSession) -> Result<(), MirrorError> {
        let layout = &self.shared.layout;
        self.running.allow(&self.peers, layout.trackers());
        let bitfield = self.running.bitfield(layout.info_hash());
        let here = layout.bitfield(self.shared.storage.as_ref());
        fs::write(&bitfield, here).map_err(MirrorError::io("write", &bitfield))?;
        let id = self.running.next_id();
        let (shared, wanted) = (Arc::clone(&self.shared), Arc::clone(&self.wanted));
        self.running.verdicts().watch(id, Arc::new(move || !is_done(&shared, &lock(&wanted))));
        let silence = if self.is_done() { SILENCE_WHILE_GIVING } else { SILENCE_WHILE_FETCHING };
        let options = AddTorrentOptions {
            only_files: Some(layout.entries(&lock(&self.wanted))),
            overwrite: true,
            output_folder: Some(String::new()),
            peer_opts: Some(PeerConnectionOptions {
                read_write_timeout: Some(silence),
                ..Default::default()
            }),
            initial_peers: Some(self.peers.clone()),
            preferred_id: Some(id),
            storage_factory: Some(Factory(Arc::clone(&self.shared)).boxed()),
            ..Default::default()
        };
        let session = Arc::clone(self.running.session());
        let torrent = AddTorrent::from_bytes(self.torrent.clone());
        let added = self.running.wait(async move {
            match session.add_torrent(torrent, Some(options)).await? {
                AddTorrentResponse::Added(_, torrent) => Ok(torrent),
                _ => anyhow::bail!("it is in the swarm already"),
            }
        })?;
        let added = added.map_err(|e| {
            self.running.verdicts().forget(id);
            MirrorError::swarm(format!("a pack cannot enter its swarm: {e:#}"))
        })?;
        // A copy of the torrent that nothing looks at again; of thousands of packs these are gigabytes.
        let _ = fs::remove_file(bitfield.with_extension("torrent"));
        let opening = Arc::clone(&added);
        place.torrent = Some(added);
        place.ids.push(id);
        // Should opening fail, `stopped` says why.
        let _ = self.running.wait(async move { opening.wait_until_initialized().await })?;
        Ok(())
    }

    fn leave(&self, place: &mut InSession) -> Result<(), MirrorError> {
        place.past = SwarmStats { peers: 0, ..place.stats() };
        let Some(torrent) = place.torrent.take() else { return Ok(()) };
        self.running.verdicts().forget(torrent.id());
        let session = Arc::clone(self.running.session());
        let id = TorrentIdOrHash::Id(torrent.id());
        let left = self.running.wait(async move { session.delete(id, false).await })?;
        left.map_err(|e| MirrorError::swarm(format!("a pack cannot leave its swarm: {e:#}")))
    }
}

impl Drop for SwarmPack {
    fn drop(&mut self) {
        // Nobody is left who could be told, and the swarm forgets it with the session at the latest.
        let _ = self.leave(&mut lock(&self.session));
    }
}

impl InSession {
    fn stats(&self) -> SwarmStats {
        let mut stats = self.past;
        if let Some(live) = self.torrent.as_ref().and_then(|torrent| torrent.live()) {
            let now = live.stats_snapshot();
            stats.fetched_bytes += now.fetched_bytes;
            stats.uploaded_bytes += now.uploaded_bytes;
            stats.peers = u64::from(now.peer_stats.live);
        }
        stats
    }
}

fn is_done(shared: &Shared, wanted: &[usize]) -> bool {
    wanted.iter().all(|&file| shared.layout.is_empty(file) || shared.storage.is_whole(file))
}

fn check(layout: &Layout, wanted: &[usize]) -> Result<(), MirrorError> {
    if let Some(file) = wanted.iter().find(|&&file| file >= layout.files()) {
        let files = layout.files();
        return Err(MirrorError::swarm(format!(
            "file {file} is wanted of a torrent of {files} files"
        )));
    }
    if !wanted.is_empty() && !layout.is_fetchable() {
        return Err(MirrorError::swarm(
            "the files of this torrent share pieces, so that it can be given and not fetched; fetch the hybrid beside it",
        ));
    }
    Ok(())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
