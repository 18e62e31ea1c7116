//! Whoever has the files of packs and gives them without BitTorrent: a folder, or a web server (BEP 19). None is believed.

use crate::http::HttpError;
use crate::source::{SourceAddress, below};
use deadwax_model::Problem;
use deadwax_torrent::metainfo::Contents;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::time::Instant;

/// Connections to one seed at the same time.
const CONNECTIONS: usize = 4;

/// After so many faults a seed is not asked again in this run.
const FAULTS: u32 = 3;

/// Faults of a seed that are told; it is dropped before there are many more.
const TOLD: usize = 4;

/// After a fault a seed is left alone for so long, twice as long each time.
const REST: Duration = Duration::from_millis(500);

/// A seed, for all packs that name it.
#[derive(Debug)]
pub(crate) struct Seed {
    /// Of the folder that holds packs' folders; of the file itself where `is_file`.
    address: SourceAddress,
    is_file: bool,
    busy: AtomicUsize,
    gives_whole_files: AtomicBool,
    health: Mutex<Health>,
}

#[derive(Debug, Default)]
struct Health {
    faults: u32,
    told: Vec<Problem>,
    rests_until: Option<Instant>,
}

impl Seed {
    /// Of the folder that holds packs' folders.
    pub fn of_packs(address: SourceAddress) -> Seed {
        Seed {
            address,
            is_file: false,
            busy: AtomicUsize::new(0),
            gives_whole_files: AtomicBool::new(false),
            health: Mutex::default(),
        }
    }

    /// As a torrent names it; `None` for what is not on the web.
    pub fn named(address: &str) -> Option<Seed> {
        // The end without '/' means the file itself, which `parse` would make a folder.
        let is_file = !address.ends_with('/');
        let parsed = SourceAddress::parse(address).ok()?;
        let address = match (parsed, is_file) {
            (SourceAddress::Http(_), true) => SourceAddress::Http(address.parse().ok()?),
            (http @ SourceAddress::Http(_), false) => http,
            (SourceAddress::Folder(_), _) => return None,
        };
        Some(Seed { is_file, ..Seed::of_packs(address) })
    }

    /// Where a file of a pack is at this seed.
    pub fn place(&self, contents: &Contents, file: usize) -> SourceAddress {
        let path = contents.files[file].path.iter().map(String::as_str);
        match (&self.address, contents.single_file) {
            (SourceAddress::Http(url), true) if self.is_file => SourceAddress::Http(url.clone()),
            (SourceAddress::Http(url), true) => SourceAddress::Http(below(url, path)),
            (SourceAddress::Http(url), false) => {
                SourceAddress::Http(below(&below(url, [contents.name.as_str()]), path))
            }
            (folder, true) => folder.below(path),
            (folder, false) => folder.below([contents.name.as_str()]).below(path),
        }
    }

    /// Its folder, where it is one.
    pub fn folder(&self) -> Option<&std::path::Path> {
        match &self.address {
            SourceAddress::Folder(folder) => Some(folder),
            SourceAddress::Http(_) => None,
        }
    }

    /// Whether it is asked no more in this run.
    pub fn is_dropped(&self) -> bool {
        self.health().faults >= FAULTS
    }

    /// Whether it takes a request now; `None` when it never will.
    pub fn has_room(&self, now: Instant) -> Option<bool> {
        let health = self.health();
        (health.faults < FAULTS).then(|| {
            health.rests_until.is_none_or(|until| until <= now)
                && self.busy.load(Ordering::Relaxed) < CONNECTIONS
        })
    }

    /// Whether it was seen to give whole files where parts were asked for.
    pub fn gives_whole_files(&self) -> bool {
        self.gives_whole_files.load(Ordering::Relaxed)
    }

    /// It gave a whole file where a part was asked for.
    pub fn gave_whole_file(&self) {
        self.gives_whole_files.store(true, Ordering::Relaxed);
    }

    /// Requests under way.
    pub fn busy(&self) -> usize {
        self.busy.load(Ordering::Relaxed)
    }

    /// Counts a request until what is given is dropped.
    pub fn occupy(self: &Arc<Seed>) -> Occupied {
        self.busy.fetch_add(1, Ordering::Relaxed);
        Occupied(Arc::clone(self))
    }

    /// Notes what was wrong with a file that it gave.
    pub fn note(&self, file: &str, error: &HttpError) {
        let mut health = self.health();
        if health.faults >= FAULTS {
            return;
        }
        health.faults += 1;
        let rest = REST * 2u32.pow(health.faults);
        health.rests_until = Some(Instant::now() + rest);
        let (what, is_dropped) = (error.what(), health.faults >= FAULTS);
        if health.told.len() < TOLD {
            let next = match is_dropped {
                true => {
                    "it is not asked again in this run; others are, and the same line tries it once more"
                }
                false => "the file is asked of others; nothing wrong was kept",
            };
            health.told.push(Problem {
                path: self.address.to_string(),
                what: format!("{what} ({file})"),
                next: next.to_owned(),
            });
        }
    }

    /// What was wrong with it.
    pub fn problems(&self) -> Vec<Problem> {
        self.health().told.clone()
    }

    fn health(&self) -> MutexGuard<'_, Health> {
        self.health.lock().unwrap_or_else(|e| e.into_inner())
    }
}

/// A request under way.
#[derive(Debug)]
pub(crate) struct Occupied(Arc<Seed>);

impl Drop for Occupied {
    fn drop(&mut self) {
        self.0.busy.fetch_sub(1, Ordering::Relaxed);
    }
}
