//! A mirror, as those who run one see it: look at the newest edition, plan, do it.

use crate::carry::{CarryPlan, Here, plan};
use crate::copies;
use crate::edition::Edition;
use crate::fetch::{Sources, fetch};
use crate::follow::{darken, follow, link_twins};
use crate::http::{Http, Patience};
use crate::limits::Rate;
use crate::parts::Places;
use crate::run::Run;
use crate::seed::Seed;
use crate::settings::{Asked, Settings};
use crate::source::{SourceAddress, fetcher, newest};
use crate::swarm::{Swarm, SwarmOptions};
use crate::{FileState, MirrorError, State, metadata};
use deadwax_model::Problem;
use deadwax_store::ArchiveLock;
use serde::Serialize;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::runtime::Runtime;

/// How to fetch. None of it is kept for the next run.
#[derive(Debug, Clone)]
pub struct How {
    /// A root to trust; else the one that was trusted before, else the first that is seen.
    pub pinned_root: Option<Vec<u8>>,
    /// Ask SOURCE and the web seeds of torrents for files.
    pub web: bool,
    /// Ask peers.
    pub torrent: bool,
    /// Peers to meet.
    pub peers: Vec<SocketAddr>,
    /// Where peers reach us.
    pub listen: Option<SocketAddr>,
    /// Bytes a second, at most.
    pub rate: Option<u64>,
    /// Bytes of the disk that stay free.
    pub reserve_bytes: u64,
    /// How long servers may take.
    pub patience: Patience,
    /// Without a byte for so long, what is left is given up for this run.
    pub give_up: Duration,
    /// Only look: what was made for that goes again when the mirror is closed.
    pub is_trial: bool,
}

impl Default for How {
    fn default() -> How {
        How {
            pinned_root: None,
            web: true,
            torrent: true,
            peers: Vec::new(),
            listen: None,
            rate: None,
            reserve_bytes: 0,
            patience: Patience::default(),
            give_up: Duration::from_secs(90),
            is_trial: false,
        }
    }
}

/// A mirror, open: this process alone changes it.
pub struct Mirror {
    places: Places,
    settings: Settings,
    source: SourceAddress,
    how: How,
    http: Http,
    runtime: Runtime,
    state: Arc<Mutex<State>>,
    /// What a trial made and takes away again.
    made: Vec<PathBuf>,
    _lock: ArchiveLock,
}

/// What a run came to.
#[derive(Debug, Clone, Default, Serialize)]
pub struct MirrorReport {
    /// The edition's day.
    pub edition: String,
    /// Files that were fetched.
    pub fetched_files: u64,
    /// And bytes of pieces that came and were right.
    pub fetched_bytes: u64,
    /// Bytes of them that peers sent, wrong ones too.
    pub swarm_bytes: u64,
    /// Files that were here under another name, or in another pack, and were linked.
    pub linked_files: u64,
    /// Files that were removed because nothing wants them any more.
    pub removed_files: u64,
    /// Files that were removed because they went dark.
    pub dark_files: u64,
    /// Whole files now.
    pub files: u64,
    /// And their bytes.
    pub bytes: u64,
    /// What did not go well, and who was bad.
    pub problems: Vec<Problem>,
}

impl Mirror {
    /// Opens the mirror in `folder`, or makes one. What `asked` does not say stays as it was.
    ///
    /// # Errors
    /// A folder that is no mirror and where SOURCE or budget is not said; another process that has it; the disk.
    pub fn open(folder: &Path, asked: &Asked, how: How) -> Result<Mirror, MirrorError> {
        let settings = Settings::of(folder, asked)?;
        let source = SourceAddress::parse(&settings.source)?;
        let dot = folder.join(".deadwax");
        let mut made = Vec::new();
        if how.is_trial {
            let missing = |path: &&Path| !path.exists();
            let paths = [dot.as_path(), folder].into_iter().filter(missing);
            made = paths.map(Path::to_path_buf).collect();
        }
        deadwax_store::create_folder(&dot)?;
        let lock = ArchiveLock::take_file(&dot.join("lock"), folder)?;
        let folder = folder.canonicalize().map_err(MirrorError::io("open", folder))?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .worker_threads(2)
            .build()
            .map_err(MirrorError::io("begin to work in", &folder))?;
        let rate = Arc::new(Rate::new(how.rate));
        let http = Http::new(how.patience, rate).map_err(|e| {
            MirrorError::Refused(format!("cannot prepare for HTTPS ({e}); install the system's certificates (ca-certificates)"))
        })?;
        let state = Arc::new(Mutex::new(State::create(&folder)?));
        let places = Places { mirror: folder };
        Ok(Mirror { places, settings, source, how, http, runtime, state, made, _lock: lock })
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.places.mirror
    }

    /// Looks at the newest edition of its source, and checks it. What went dark is removed at once, before anything else is
    /// looked at, but in a trial. Gives the edition and how many files went.
    ///
    /// # Errors
    /// An edition that is not to be trusted, a source that is not there.
    pub fn refresh(&self, run: &Run) -> Result<(Edition, u64), MirrorError> {
        let trust = self.places.mirror.join(".deadwax/trust");
        let look = async {
            let source = newest(&self.source, &self.http).await?;
            let fetch = fetcher(&source, &self.http);
            let pinned = self.how.pinned_root.as_deref();
            let trusted = deadwax_trust::load(fetch, pinned, &trust).await?;
            let mut removed = 0;
            if !self.how.is_trial && trusted.target("tombstones.json").is_some() {
                let dark =
                    crate::edition::tombstones(&trusted.read("tombstones.json", 1 << 30).await?)?;
                removed = darken(&self.places, &self.state(), &dark)?;
            }
            let mut edition = Edition::read(trusted, source).await?;
            if self.how.torrent {
                copies::ask(&self.http, &mut edition.packs).await;
            }
            Ok::<_, MirrorError>((edition, removed))
        };
        self.runtime.block_on(run.unless_stopped(look))
    }

    /// What it would carry of this edition.
    ///
    /// # Errors
    /// A budget or a disk too small for the edition's lists alone.
    pub fn plan(&self, edition: &Edition) -> Result<CarryPlan, MirrorError> {
        let here = Here::look(&self.state(), edition)?;
        let free = deadwax_store::free_bytes(&self.places.mirror)?;
        let free = free.saturating_sub(self.how.reserve_bytes);
        let trust = folder_bytes(&self.places.mirror.join(".deadwax/trust"));
        plan(edition, &self.settings, &here, free, trust)
    }

    /// Does it.
    ///
    /// # Errors
    /// The disk, and the wish to stop. What one file or seed did wrong is a problem of the report.
    pub fn apply(
        &self,
        edition: &Edition,
        plan: &CarryPlan,
        run: &Run,
    ) -> Result<MirrorReport, MirrorError> {
        self.settings.keep(&self.places.mirror)?;
        self.runtime.block_on(self.carry_out(edition, plan, run))
    }

    async fn carry_out(
        &self,
        edition: &Edition,
        plan: &CarryPlan,
        run: &Run<'_>,
    ) -> Result<MirrorReport, MirrorError> {
        let mut report = MirrorReport { edition: edition.date.clone(), ..MirrorReport::default() };
        darken(&self.places, &self.state(), &edition.dark)?;
        let followed = follow(&self.places, &self.state, edition, plan, run).await?;
        report.linked_files = followed.moved_files;
        report.removed_files = followed.removed_files;
        run.progress.begin(followed.files, followed.bytes);
        let (files, bytes, problems) = run
            .unless_stopped(metadata::fetch(
                &self.places,
                &self.state,
                &edition.source,
                &self.http,
                &followed.metadata,
                run,
            ))
            .await?;
        report.fetched_files += files;
        report.fetched_bytes += bytes;
        report.problems.extend(problems);
        if !followed.packs.is_empty() {
            let swarm = self.swarm()?;
            let sources = Sources {
                http: &self.http,
                source: self
                    .how
                    .web
                    .then(|| Arc::new(Seed::of_packs(edition.source.below(["packs"])))),
                swarm: swarm.as_ref(),
                peers: &self.how.peers,
                give_up: self.how.give_up,
                reserve_bytes: self.how.reserve_bytes,
                rate: self.how.rate,
            };
            let fetched = fetch(&self.places, &self.state, followed.packs, &sources, run).await;
            tokio::task::block_in_place(|| drop(swarm));
            let fetched = fetched?;
            report.fetched_files += fetched.files;
            report.fetched_bytes += fetched.bytes;
            report.swarm_bytes = fetched.swarm_bytes;
            report.problems.extend(fetched.problems);
            // What is in several places was fetched for one of them.
            report.linked_files += link_twins(&self.places, &self.state(), |_| true, run)?;
        }
        run.progress.end();
        (report.files, report.bytes) = self.state().count(FileState::Whole)?;
        Ok(report)
    }

    fn swarm(&self) -> Result<Option<Swarm>, MirrorError> {
        if !self.how.torrent {
            return Ok(None);
        }
        // The web has what of the rate the swarm leaves, so the swarm is not to have all.
        let share = if self.how.web { 2 } else { 1 };
        let options = SwarmOptions {
            listen: self.how.listen,
            trackers: true,
            download_limit: self.how.rate.map(|rate| rate / share),
            state_folder: self.places.mirror.join(".deadwax/swarm"),
            ..SwarmOptions::default()
        };
        tokio::task::block_in_place(|| Swarm::start(options)).map(Some)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|e| e.into_inner())
    }
}

impl Drop for Mirror {
    fn drop(&mut self) {
        // A trial leaves nothing; what cannot be removed was of no use to begin with.
        if let Some((dot, folder)) = self.made.split_first() {
            let _ = fs::remove_dir_all(dot);
            folder.iter().for_each(|folder| drop(fs::remove_dir(folder)));
        }
    }
}

/// Bytes of the files in a folder, not beneath.
fn folder_bytes(folder: &Path) -> u64 {
    let listing = fs::read_dir(folder).into_iter().flatten().flatten();
    listing.filter_map(|entry| entry.metadata().ok()).map(|it| it.len()).sum()
}
