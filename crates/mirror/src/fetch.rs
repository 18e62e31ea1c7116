//! Fetching what is wanted of packs, from seeds and from swarms at once. A few packs at a time; of each file every piece
//! comes from one of them.

mod board;
mod connection;
mod crowd;

use crate::http::Http;
use crate::parts::{Before, Finished, Finisher, PackParts, Places};
use crate::run::Run;
use crate::seed::Seed;
use crate::swarm::Swarm;
use crate::{FileRow, FileState, MirrorError, State};
use board::Board;
use crowd::{Crowd, LEAST_WINDOW_BYTES};
use deadwax_model::{Problem, Root};
use deadwax_torrent::metainfo::{self, Contents};
use std::collections::{HashMap, HashSet, VecDeque};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

/// Connections to seeds at the same time.
const CONNECTIONS: usize = 8;

/// Another pack is begun when less than this is left for somebody to take.
const AHEAD_BYTES: u64 = 64 << 20;

/// Packs open at the same time, at most.
const OPEN: usize = 8;

/// How often the rate is shared out anew.
const SHARED_EVERY: Duration = Duration::from_millis(500);

/// How often things are looked at.
const LOOK: Duration = Duration::from_millis(50);

/// From whom.
pub(crate) struct Sources<'a> {
    pub http: &'a Http,
    /// SOURCE's packs; `None`: the web is not asked.
    pub source: Option<Arc<Seed>>,
    pub swarm: Option<&'a Swarm>,
    pub peers: &'a [SocketAddr],
    /// Without a byte for so long it is given up.
    pub give_up: Duration,
    /// So much of the disk stays free.
    pub reserve_bytes: u64,
    /// Bytes a second from all together, at most.
    pub rate: Option<u64>,
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Fetched {
    pub files: u64,
    pub bytes: u64,
    pub swarm_bytes: u64,
    pub problems: Vec<Problem>,
}

/// A pack of which files are wanted.
#[derive(Debug)]
pub(crate) struct PackWish {
    pub pack: i64,
    pub name: String,
    /// Its torrent, relative to the mirror.
    pub torrent: String,
}

/// What all connections share.
struct Shared {
    boards: Mutex<Vec<Option<Board>>>,
    http: Http,
    /// Set when all should stop.
    stop: watch::Sender<bool>,
    changed: Notify,
    fatal: Mutex<Option<MirrorError>>,
    tally: Arc<Tally>,
}

/// What came, counted by whoever keeps it.
#[derive(Debug, Default)]
struct Tally {
    piece_bytes: AtomicU64,
    whole: Mutex<Vec<(String, u64)>>,
}

/// Fetches all that is wanted of these packs, the first one first.
pub(crate) async fn fetch(
    places: &Places,
    state: &Arc<Mutex<State>>,
    packs: Vec<PackWish>,
    sources: &Sources<'_>,
    run: &Run<'_>,
) -> Result<Fetched, MirrorError> {
    let tally = Arc::new(Tally::default());
    let finisher = Finisher::start(Arc::clone(state), run.clock(), on_whole(places, &tally));
    let shared = Arc::new(Shared {
        boards: Mutex::default(),
        http: sources.http.clone(),
        stop: watch::Sender::new(false),
        changed: Notify::new(),
        fatal: Mutex::default(),
        tally: Arc::clone(&tally),
    });
    let connections: Vec<_> = (0..CONNECTIONS)
        .map(|_| tokio::spawn(connection::work(Arc::clone(&shared), shared.stop.subscribe())))
        .collect();
    let mut overseer = Overseer {
        places,
        state,
        sources,
        run,
        shared: &shared,
        finisher: &finisher,
        queue: packs.into(),
        taken: HashSet::new(),
        seeds: HashMap::new(),
        crowds: Vec::new(),
        swarm_speed: (Instant::now(), 0),
        fetched: Fetched::default(),
    };
    let ended = overseer.oversee().await;
    let mut fetched = std::mem::take(&mut overseer.fetched);
    let problems = overseer.problems();
    drop(overseer);
    shared.stop.send_replace(true);
    for connection in connections {
        // One that fell over left its pieces missing, which is told.
        let _ = connection.await;
    }
    // All that came whole is kept, whatever ended the rest.
    let finished = finisher.end();
    tell(&tally, run, &mut fetched);
    if let Some(error) = lock(&shared.fatal).take() {
        return Err(error);
    }
    finished?;
    ended?;
    fetched.problems.extend(problems);
    Ok(fetched)
}

fn on_whole(places: &Places, tally: &Arc<Tally>) -> Box<dyn Fn(&Finished) + Send> {
    let (mirror, tally) = (places.mirror.clone(), Arc::clone(tally));
    Box::new(move |file| {
        let path = file.path.strip_prefix(&mirror).unwrap_or(&file.path);
        lock(&tally.whole).push((path.to_string_lossy().into_owned(), file.bytes));
    })
}

/// Tells whoever watches what has come since the last time.
fn tell(tally: &Tally, run: &Run, fetched: &mut Fetched) {
    let bytes = tally.piece_bytes.load(Ordering::Relaxed);
    if bytes > fetched.bytes {
        run.progress.came(bytes - fetched.bytes);
        fetched.bytes = bytes;
    }
    for (path, bytes) in std::mem::take(&mut *lock(&tally.whole)) {
        fetched.files += 1;
        run.progress.whole(&path, bytes);
    }
}

/// Opens packs, looks after swarms, sees when all is done.
struct Overseer<'a> {
    places: &'a Places,
    state: &'a Arc<Mutex<State>>,
    sources: &'a Sources<'a>,
    run: &'a Run<'a>,
    shared: &'a Arc<Shared>,
    finisher: &'a Finisher,
    queue: VecDeque<PackWish>,
    /// Roots that are fetched for one path: at others they are linked afterwards.
    taken: HashSet<Root>,
    seeds: HashMap<String, Option<Arc<Seed>>>,
    crowds: Vec<Option<Crowd>>,
    /// When it was last looked how quick the swarm is, and what had come from it then.
    swarm_speed: (Instant, u64),
    fetched: Fetched,
}

impl Overseer<'_> {
    async fn oversee(&mut self) -> Result<(), MirrorError> {
        let mut last_change = Instant::now();
        loop {
            self.run.go_on()?;
            self.check_room()?;
            if self.finisher.has_failed() || lock(&self.shared.fatal).is_some() {
                return Ok(());
            }
            let before = self.fetched.bytes;
            tell(&self.shared.tally, self.run, &mut self.fetched);
            if self.fetched.bytes > before {
                last_change = Instant::now();
            }
            while self.wants_more() {
                let Some(wish) = self.queue.pop_front() else { break };
                tokio::task::block_in_place(|| self.open(&wish))?;
                last_change = Instant::now();
            }
            tokio::task::block_in_place(|| self.look_after_packs())?;
            if self.queue.is_empty() && lock(&self.shared.boards).iter().all(Option::is_none) {
                return Ok(());
            }
            if last_change.elapsed() > self.sources.give_up {
                self.give_up();
                return Ok(());
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    fn wants_more(&self) -> bool {
        let boards = lock(&self.shared.boards);
        let open = boards.iter().flatten();
        open.clone().count() < OPEN && open.map(Board::todo_bytes).sum::<u64>() < AHEAD_BYTES
    }

    fn open(&mut self, wish: &PackWish) -> Result<(), MirrorError> {
        let torrent_path = self.places.at(&wish.torrent)?;
        let torrent =
            std::fs::read(&torrent_path).map_err(MirrorError::io("read", &torrent_path))?;
        let contents = metainfo::read(&torrent).map_err(|e| MirrorError::Torrent {
            path: torrent_path.clone(),
            what: format!("{e}; remove it and run the same line again"),
        })?;
        let rows = lock(self.state).files_of(wish.pack)?;
        let before = self.before(&contents, &rows);
        let tally = Arc::clone(&self.shared.tally);
        let on_piece = Box::new(move |bytes| {
            tally.piece_bytes.fetch_add(bytes, Ordering::Relaxed);
        });
        let parts =
            PackParts::open(self.places, &contents, &before, self.finisher.sender(), on_piece)?;
        let wanted: Vec<usize> = by_preference(&contents)
            .into_iter()
            .filter(|&file| matches!(before[file], Before::Wanted(_)))
            .collect();
        let here: u64 = wanted.iter().map(|&file| parts.bytes_here(file)).sum();
        self.run.progress.was_here(here);
        let seeds = self.seeds_of(&contents);
        let contents = Arc::new(contents);
        let has_swarm = self.sources.swarm.is_some();
        let mut board = Board::new(contents, Arc::clone(&parts), seeds, &wanted, has_swarm);
        let mut crowd = None;
        if let Some(swarm) = self.sources.swarm
            && board.feed_swarm(LEAST_WINDOW_BYTES)
        {
            let (first, peers) = (board.swarm(), self.sources.peers);
            crowd = Crowd::enter(swarm, &torrent, &parts, first, peers, &wish.name);
            if crowd.is_none() {
                board.without_swarm();
            }
        }
        lock(&self.shared.boards).push(Some(board));
        self.crowds.push(crowd);
        self.shared.changed.notify_waiters();
        Ok(())
    }

    /// What is there of each file. A root that another path waits for is not fetched a second time.
    fn before(&mut self, contents: &Contents, rows: &[FileRow]) -> Vec<Before> {
        let by_place: HashMap<usize, &FileRow> =
            rows.iter().map(|row| (row.place as usize, row)).collect();
        let of = |(place, file): (usize, &metainfo::ContentFile)| match by_place.get(&place) {
            Some(row) if row.root != file.root => Before::Unwanted,
            Some(row) if row.state == FileState::Whole => Before::Whole,
            Some(row) if row.state != FileState::Gone && self.taken.insert(row.root) => {
                Before::Wanted(row.file)
            }
            _ => Before::Unwanted,
        };
        contents.files.iter().enumerate().map(of).collect()
    }

    /// SOURCE and those that the torrent names.
    fn seeds_of(&mut self, contents: &Contents) -> Vec<Arc<Seed>> {
        let Some(source) = &self.sources.source else { return Vec::new() };
        let mut seeds = vec![Arc::clone(source)];
        for address in &contents.web_seeds {
            let seed = self
                .seeds
                .entry(address.clone())
                .or_insert_with(|| Seed::named(address).map(Arc::new));
            seeds.extend(seed.clone());
        }
        seeds
    }

    fn check_room(&self) -> Result<(), MirrorError> {
        let free = deadwax_store::free_bytes(&self.places.mirror)?;
        match free < self.sources.reserve_bytes {
            false => Ok(()),
            true => Err(MirrorError::Refused(format!(
                "only {free} bytes of the disk are free, and {} are to stay so; make room, or say another --reserve-disk",
                self.sources.reserve_bytes
            ))),
        }
    }

    /// Leaves the web what of the rate the swarm does not use.
    fn share_rate(&mut self) {
        let Some(rate) = self.sources.rate else { return };
        let elapsed = self.swarm_speed.0.elapsed();
        if self.sources.swarm.is_none() || elapsed < SHARED_EVERY {
            return;
        }
        let open: u64 = self.crowds.iter().flatten().map(Crowd::fetched_bytes).sum();
        let came = self.fetched.swarm_bytes + open;
        let speed = came.saturating_sub(self.swarm_speed.1) as f64 / elapsed.as_secs_f64();
        self.sources.http.rate.set(rate.saturating_sub(speed as u64).max(rate / 10));
        self.swarm_speed = (Instant::now(), came);
    }

    fn look_after_packs(&mut self) -> Result<(), MirrorError> {
        self.share_rate();
        let mut has_changed = false;
        for (number, crowd) in self.crowds.iter_mut().enumerate() {
            let mut boards = lock(&self.shared.boards);
            let Some(Some(board)) = boards.get_mut(number) else { continue };
            if let Some(crowd) = crowd {
                let wish = crowd.look(board);
                drop(boards);
                has_changed |= wish.is_some();
                if let Some(wish) = wish {
                    crowd.want(&wish)?;
                }
                boards = lock(&self.shared.boards);
            }
            if boards[number].as_ref().is_some_and(Board::is_over) {
                let board = boards[number].take();
                drop(boards);
                if let Some(crowd) = crowd.take() {
                    let (bytes, problems) = crowd.leave();
                    self.fetched.swarm_bytes += bytes;
                    self.fetched.problems.extend(problems);
                }
                self.fetched.problems.extend(board.and_then(|board| unfetched(&board)));
            }
        }
        if has_changed {
            self.shared.changed.notify_waiters();
        }
        Ok(())
    }

    /// Says what is still missing when nothing comes any more.
    fn give_up(&mut self) {
        let left: Vec<Board> =
            lock(&self.shared.boards).iter_mut().filter_map(Option::take).collect();
        self.fetched.problems.extend(left.iter().filter_map(unfetched));
        for crowd in self.crowds.iter_mut().filter_map(Option::take) {
            let (bytes, problems) = crowd.leave();
            self.fetched.swarm_bytes += bytes;
            self.fetched.problems.extend(problems);
        }
        for wish in self.queue.drain(..) {
            self.fetched.problems.push(Problem {
                path: wish.name,
                what: "nothing of it was fetched: nothing came any more of those before it"
                    .to_owned(),
                next: "run the same line again later".to_owned(),
            });
        }
    }

    /// What was wrong with seeds.
    fn problems(&self) -> Vec<Problem> {
        let named = self.seeds.values().flatten();
        self.sources.source.iter().chain(named).flat_map(|seed| seed.problems()).collect()
    }
}

/// The files that are still missing, as a problem.
fn unfetched(board: &Board) -> Option<Problem> {
    let files = 0..board.contents.files.len();
    let missing: Vec<usize> = files.filter(|&file| !board.parts.is_complete(file)).collect();
    let first = board.contents.files.get(*missing.first()?)?;
    let bytes: u64 = missing.iter().map(|&file| board.parts.bytes(file)).sum();
    Some(Problem {
        path: board.contents.name.clone(),
        what: format!(
            "{} of its files ({bytes} bytes) could not be fetched, '{}' among them: nobody who was asked has them as they should be",
            missing.len(),
            first.path.join("/")
        ),
        next: "run the same line again later, or name peers with --peer".to_owned(),
    })
}

/// All files, the most listened first; the torrent's own order where it does not say.
pub(crate) fn by_preference(contents: &Contents) -> Vec<usize> {
    let mut files: Vec<usize> = (0..contents.files.len()).collect();
    if let Some(order) = &contents.order {
        files.sort_by_key(|&file| order.get(file).copied().unwrap_or(u32::MAX));
    }
    files
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|e| e.into_inner())
}
