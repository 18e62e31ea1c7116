//! Giving the packs of a folder to whoever asks: what is there, as it is there, and nothing that went dark.

use crate::{
    BadPeer, FolderPack, MirrorError, PackStorage, Swarm, SwarmOptions, SwarmPack, SwarmStats,
};
use deadwax_edition::{TOMBSTONES, dark_files};
use deadwax_model::{Problem, Root};
use deadwax_torrent::{limits, metainfo};
use serde::Serialize;
use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A pack that could be given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedPack {
    /// Its hybrid torrent; a v1 twin lies beside it.
    pub torrent: PathBuf,
    /// Its folder.
    pub folder: PathBuf,
    /// Files of it that may not be given, by their paths in the folder.
    pub withheld: HashSet<String>,
}

impl SeedPack {
    /// Its name, as its torrent's file has it.
    pub fn name(&self) -> String {
        self.torrent.file_stem().unwrap_or_default().to_string_lossy().into_owned()
    }
}

/// The packs of an edition or a mirror at `path`, by name. What its tombstones say is withheld.
///
/// # Errors
/// A folder that is neither, tombstones or torrents that cannot be read.
pub fn seed_packs(path: &Path) -> Result<Vec<SeedPack>, MirrorError> {
    let packs = path.join("packs");
    let entries = match fs::read_dir(&packs) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            return Err(MirrorError::swarm(format!(
                "{} has no folder `packs`; name an archive, an edition or a mirror",
                path.display()
            )));
        }
        entries => entries.map_err(MirrorError::io("list", &packs))?,
    };
    let dark = dark_files(&path.join(TOMBSTONES)).map_err(|e| {
        MirrorError::Refused(format!("nothing is given before it is known what went dark: {e}"))
    })?;
    let mut found = Vec::new();
    for entry in entries {
        let torrent = entry.map_err(MirrorError::io("list", &packs))?.path();
        let name = torrent.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Some(name) = name.strip_suffix(".torrent").filter(|name| !name.ends_with(".v1")) else {
            continue;
        };
        let withheld = match dark.is_empty() {
            true => HashSet::new(),
            false => withheld(&torrent, &dark)?,
        };
        let folder = packs.join(name);
        found.push(SeedPack { torrent, folder, withheld });
    }
    found.sort_by(|a, b| a.torrent.cmp(&b.torrent));
    Ok(found)
}

/// Packs that are given.
pub struct Seeding {
    swarm: Swarm,
    peers: Vec<SocketAddr>,
    packs: Vec<Given>,
    problems: Vec<Problem>,
    /// Of packs that are given no more.
    past: (SwarmStats, Vec<BadPeer>),
}

struct Given {
    from: SeedPack,
    report: SeedPackReport,
    pack: SwarmPack,
    twin: Option<SwarmPack>,
}

/// What is given, and what could not be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SeedReport {
    /// Where others reach us.
    pub address: Option<SocketAddr>,
    /// Each pack of which something is there.
    pub packs: Vec<SeedPackReport>,
    /// Bytes of all of them.
    pub bytes: u64,
    /// Packs that could not be read.
    pub problems: Vec<Problem>,
}

/// What of a pack is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SeedPackReport {
    /// Its name.
    pub name: String,
    /// Files of the pack.
    pub files: u64,
    /// Of them, those that are given.
    pub given: u64,
    /// Their bytes.
    pub bytes: u64,
    /// In hex.
    pub infohash_v1: String,
    /// Of the twin beside it, when that is given too.
    pub has_twin: bool,
}

impl Seeding {
    /// Joins the swarms of all packs of which something is there. A pack that cannot be read is a problem, and the others are given.
    ///
    /// # Errors
    /// An address that cannot be listened on.
    pub fn start(
        options: SwarmOptions,
        packs: &[SeedPack],
        peers: &[SocketAddr],
        stop: &AtomicBool,
    ) -> Result<Seeding, MirrorError> {
        let mut seeding = Seeding {
            swarm: Swarm::start(options)?,
            peers: peers.to_vec(),
            packs: Vec::new(),
            problems: Vec::new(),
            past: Default::default(),
        };
        seeding.update(packs, stop);
        Ok(seeding)
    }

    /// Gives these and no others from now on. A pack of which something else is there, or may be given, than before leaves
    /// its swarm and joins it again; the others notice nothing. Once `stop` is set, no more packs are looked at.
    pub fn update(&mut self, packs: &[SeedPack], stop: &AtomicBool) {
        self.problems.clear();
        // All that leave do so before the first one joins: a new edition has the same packs in another folder.
        let (stay, leave) = self.packs.drain(..).partition(|given| packs.contains(&given.from));
        self.packs = stay;
        leave.into_iter().for_each(|given: Given| self.take_leave(given));
        for pack in packs {
            if stop.load(Ordering::Relaxed) {
                return;
            }
            if let Err(e) = self.look(pack) {
                self.problems.push(Problem {
                    path: pack.torrent.display().to_string(),
                    what: e.to_string(),
                    next: "put the torrent right; the other packs are given, and this one is looked at again".to_owned(),
                });
            }
        }
        self.packs.sort_by(|a, b| a.from.torrent.cmp(&b.from.torrent));
    }

    /// Gives what there is of a pack now.
    fn look(&mut self, pack: &SeedPack) -> Result<(), MirrorError> {
        let found = Found::look(pack)?;
        if let Some(at) = self.packs.iter().position(|given| given.from == *pack) {
            if found.as_ref().is_some_and(|found| found.report == self.packs[at].report) {
                return Ok(());
            }
            let given = self.packs.swap_remove(at);
            self.take_leave(given);
        }
        if let Some(found) = found {
            self.packs.push(found.join(&self.swarm, &self.peers)?);
        }
        Ok(())
    }

    /// What is given.
    pub fn report(&self) -> SeedReport {
        let packs: Vec<_> = self.packs.iter().map(|given| given.report.clone()).collect();
        SeedReport {
            address: self.swarm.listen_addr(),
            bytes: packs.iter().map(|pack| pack.bytes).sum(),
            packs,
            problems: self.problems.clone(),
        }
    }

    /// What went over the wires so far, of all packs together.
    pub fn stats(&self) -> SwarmStats {
        self.packs.iter().flat_map(Given::both).fold(self.past.0, |sum, pack| sum + pack.stats())
    }

    /// Whom the packs dropped.
    pub fn bad_peers(&self) -> Vec<BadPeer> {
        let now = self.packs.iter().flat_map(Given::both).flat_map(SwarmPack::bad_peers);
        self.past.1.iter().cloned().chain(now).collect()
    }

    fn take_leave(&mut self, given: Given) {
        for pack in given.both() {
            self.past.0 = self.past.0 + SwarmStats { peers: 0, ..pack.stats() };
            self.past.1.extend(pack.bad_peers());
        }
    }
}

impl Given {
    fn both(&self) -> impl Iterator<Item = &SwarmPack> {
        std::iter::once(&self.pack).chain(&self.twin)
    }
}

/// A pack of which something can be given.
struct Found<'p> {
    pack: &'p SeedPack,
    report: SeedPackReport,
    storage: Arc<FolderPack>,
    torrent: Vec<u8>,
    twin: Option<Vec<u8>>,
}

impl<'p> Found<'p> {
    /// `None`: nothing of it is there.
    fn look(pack: &'p SeedPack) -> Result<Option<Found<'p>>, MirrorError> {
        let (torrent, contents) = read(&pack.torrent)?;
        let is_withheld =
            |file: usize| pack.withheld.contains(&contents.files[file].path.join("/"));
        let storage = Arc::new(FolderPack::open(&pack.folder, &contents, is_withheld));
        let (given, bytes) = storage.whole();
        if given == 0 {
            return Ok(None);
        }
        let twin = twin(&pack.torrent)?;
        let report = SeedPackReport {
            name: pack.name(),
            files: contents.files.len() as u64,
            given,
            bytes,
            infohash_v1: hex::encode(contents.infohash_v1),
            has_twin: twin.is_some(),
        };
        Ok(Some(Found { pack, report, storage, torrent, twin }))
    }

    fn join(self, swarm: &Swarm, peers: &[SocketAddr]) -> Result<Given, MirrorError> {
        let Found { pack, report, storage, torrent, twin } = self;
        let join = |torrent: &[u8]| {
            swarm.add(torrent, Arc::clone(&storage) as Arc<dyn PackStorage>, &[], peers)
        };
        // The twin first: transmission takes one call at a time from an address, and hangs up on all others.
        let twin = twin.map(|torrent| join(&torrent)).transpose()?;
        Ok(Given { from: pack.clone(), report, pack: join(&torrent)?, twin })
    }
}

fn read(torrent: &Path) -> Result<(Vec<u8>, metainfo::Contents), MirrorError> {
    let bytes = fs::read(torrent).map_err(MirrorError::io("read", torrent))?;
    let contents = metainfo::read(&bytes)
        .map_err(|e| MirrorError::Torrent { path: torrent.to_path_buf(), what: e.to_string() })?;
    Ok((bytes, contents))
}

/// The v1 twin beside a hybrid.
fn twin(hybrid: &Path) -> Result<Option<Vec<u8>>, MirrorError> {
    let path = hybrid.with_extension("v1.torrent");
    match fs::metadata(&path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(MirrorError::io("read", &path)(e)),
        Ok(m) if m.len() > limits::CLIENT_METAINFO_BYTES as u64 => Err(MirrorError::Torrent {
            path,
            what: format!("the torrent has {} bytes, more than clients take", m.len()),
        }),
        Ok(_) => fs::read(&path).map(Some).map_err(MirrorError::io("read", &path)),
    }
}

fn withheld(torrent: &Path, dark: &BTreeMap<Root, u32>) -> Result<HashSet<String>, MirrorError> {
    let (_, contents) = read(torrent)?;
    let files = contents.files.iter().filter(|file| dark.contains_key(&file.root));
    Ok(files.map(|file| file.path.join("/")).collect())
}
