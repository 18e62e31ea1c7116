//! librqbit's session and the threads that it runs on.

use super::gate::Gate;
use super::options::SwarmOptions;
use super::rules::Rules;
use super::verdicts::Verdicts;
use crate::MirrorError;
use librqbit::{
    ConnectionOptions, DhtSessionConfig, ListenerOptions, Session, SessionOptions,
    SessionPersistenceConfig,
};
use std::fs;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tracing::Dispatch;

/// How long the threads have to end what they are writing.
const LAST_WORDS: Duration = Duration::from_secs(2);

pub(super) struct Running {
    /// There until it is dropped.
    runtime: Option<Runtime>,
    session: Arc<Session>,
    verdicts: Arc<Verdicts>,
    gate: Gate,
    asks_trackers: bool,
    notes: PathBuf,
    next_id: AtomicUsize,
}

impl Running {
    pub(super) fn start(options: SwarmOptions) -> Result<Running, MirrorError> {
        let notes = empty_folder(&options.state_folder)?;
        let verdicts = Arc::new(Verdicts::default());
        let runtime = runtime(&verdicts)?;
        let rules = Rules::new(options.dht, options.local_discovery);
        let gate = wait(&runtime, Gate::open(rules, Arc::clone(&verdicts)))?.map_err(|e| {
            MirrorError::swarm(format!("cannot listen on this machine's own address: {e}"))
        })?;
        let asks_trackers = options.trackers;
        let options = session_options(options, &notes, &gate)?;
        let starting = Session::new_with_opts(notes.clone(), options);
        let session = wait(&runtime, starting)?
            .map_err(|e| MirrorError::swarm(format!("cannot join a swarm: {e:#}")))?;
        Ok(Running {
            runtime: Some(runtime),
            session,
            verdicts,
            gate,
            asks_trackers,
            notes,
            next_id: AtomicUsize::new(0),
        })
    }

    pub(super) fn listen_addr(&self) -> Option<SocketAddr> {
        self.session.listen_addr()
    }

    pub(super) fn session(&self) -> &Arc<Session> {
        &self.session
    }

    pub(super) fn verdicts(&self) -> &Arc<Verdicts> {
        &self.verdicts
    }

    /// Lets these peers be called, and the trackers of a torrent if trackers are asked at all.
    pub(super) fn allow(&self, peers: &[SocketAddr], trackers: &[String]) {
        self.gate.allow(peers, if self.asks_trackers { trackers } else { &[] });
    }

    /// Where librqbit looks for what is here of the torrent with this info hash.
    pub(super) fn bitfield(&self, info_hash: &str) -> PathBuf {
        self.notes.join(format!("{info_hash}.bitv"))
    }

    /// A number that no torrent of this session had: librqbit itself gives those of removed ones again.
    pub(super) fn next_id(&self) -> usize {
        self.next_id.fetch_add(1, Ordering::Relaxed)
    }

    /// Runs on our threads, from wherever it is called, and waits for it.
    pub(super) fn wait<F>(&self, work: F) -> Result<F::Output, MirrorError>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        match &self.runtime {
            Some(runtime) => wait(runtime, work),
            None => Err(ended()),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.session.cancellation_token().cancel();
        let Some(runtime) = self.runtime.take() else { return };
        // Waiting is forbidden on another runtime's thread, and we may be on one.
        let ending = std::thread::spawn(move || runtime.shutdown_timeout(LAST_WORDS));
        let _ = ending.join();
        let _ = fs::remove_dir_all(&self.notes);
    }
}

fn wait<F>(runtime: &Runtime, work: F) -> Result<F::Output, MirrorError>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let (say, heard) = mpsc::sync_channel(1);
    runtime.spawn(async move { say.send(work.await) });
    heard.recv().map_err(|_| ended())
}

fn ended() -> MirrorError {
    MirrorError::swarm("the swarm has ended; run the same line again")
}

/// Threads whose log is heard by the verdicts, and by nobody else's.
fn runtime(verdicts: &Arc<Verdicts>) -> Result<Runtime, MirrorError> {
    let listener = Dispatch::new(Arc::clone(verdicts));
    Builder::new_multi_thread()
        .thread_name("swarm")
        .enable_all()
        .on_thread_start(move || {
            // For as long as the thread lives.
            std::mem::forget(tracing::dispatcher::set_default(&listener));
        })
        .build()
        .map_err(|e| MirrorError::swarm(format!("cannot start threads for a swarm: {e}")))
}

fn session_options(
    options: SwarmOptions,
    notes: &Path,
    gate: &Gate,
) -> Result<SessionOptions, MirrorError> {
    let listen = options.listen.map(listener).transpose()?;
    Ok(SessionOptions {
        // Without persistence: its file would be in the home folder.
        dht: options.dht.then(|| DhtSessionConfig { persistence: None, ..Default::default() }),
        disable_trackers: !options.trackers,
        disable_local_service_discovery: !options.local_discovery,
        fastresume: true,
        persistence: Some(SessionPersistenceConfig::Json { folder: Some(notes.to_path_buf()) }),
        listen,
        connect: Some(ConnectionOptions {
            proxy_url: Some(gate.url().to_owned()),
            ..Default::default()
        }),
        ratelimits: options.limits(),
        client_name_and_version: Some(concat!("Deadwax ", env!("CARGO_PKG_VERSION")).to_owned()),
        ..Default::default()
    })
}

/// A free port is chosen here: librqbit does not tell trackers of one that it chose itself on a loopback address.
fn listener(address: SocketAddr) -> Result<ListenerOptions, MirrorError> {
    let refused = |e: io::Error| {
        MirrorError::swarm(format!("cannot listen on {address}: {e}; name another address or port"))
    };
    let bound = TcpListener::bind(address).and_then(|socket| socket.local_addr());
    let listen_addr = bound.map_err(refused)?;
    Ok(ListenerOptions {
        listen_addr,
        announce_port: Some(listen_addr.port()),
        ipv4_only: listen_addr.is_ipv4(),
        ..Default::default()
    })
}

/// librqbit goes on with every torrent that it has a note of: it may find none.
fn empty_folder(state: &Path) -> Result<PathBuf, MirrorError> {
    let notes = state.join("swarm");
    match fs::remove_dir_all(&notes) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => {
            return Err(MirrorError::io("clear", &notes)(e));
        }
        _ => {}
    }
    fs::create_dir_all(&notes).map_err(MirrorError::io("make", &notes))?;
    Ok(notes)
}
