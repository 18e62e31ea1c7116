//! A folder of packs as an edition has it, and what of it comes back.

#![allow(dead_code, reason = "each test file uses a part of it")]

use crate::made::DAY;
use deadwax_mirror::{PackStorage, Swarm, SwarmOptions};
use deadwax_store::FileHasher;
use deadwax_testkit::packs::{Tree, trees};
use deadwax_testkit::peer::Caller;
use deadwax_torrent::metainfo::{self, Contents};
use deadwax_torrent::{Metainfo, PackFile, PackOptions, hybrid};
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::{Duration, Instant};

const PIECE: usize = 1 << 20;

/// Longer than anything here takes; a test that waits for it fails.
pub const PATIENCE: Duration = Duration::from_secs(240);

/// Packs of every shape, and the folder that they are in.
pub struct Packs {
    pub folder: PathBuf,
    all: Vec<Pack>,
    _temporary: tempfile::TempDir,
}

/// A pack: its tree, its torrents.
pub struct Pack {
    pub tree: Tree,
    pub hybrid: PathBuf,
    pub twin: PathBuf,
    pub infohash: [u8; 20],
    pub twin_infohash: [u8; 20],
    contents: Contents,
}

impl Packs {
    /// Writes them beneath `packs/`, with these trackers in their torrents.
    pub fn write(trackers: &[String]) -> Packs {
        let temporary = tempfile::Builder::new().prefix("deadwax-").tempdir().unwrap();
        let folder = temporary.path().join(DAY);
        let packs = folder.join("packs");
        fs::create_dir_all(&packs).unwrap();
        let all = trees().into_iter().map(|tree| Pack::write(tree, &packs, trackers)).collect();
        Packs { folder, all, _temporary: temporary }
    }

    pub fn all(&self) -> &[Pack] {
        &self.all
    }

    pub fn hybrids(&self) -> Vec<PathBuf> {
        self.all.iter().map(|pack| pack.hybrid.clone()).collect()
    }

    pub fn twins(&self) -> Vec<PathBuf> {
        self.all.iter().map(|pack| pack.twin.clone()).collect()
    }
}

impl Pack {
    fn write(tree: Tree, folder: &Path, trackers: &[String]) -> Pack {
        tree.write(folder).unwrap();
        let made = torrent(&tree, trackers);
        let twin = made.v1_twin.unwrap();
        let hybrid = folder.join(format!("{}.torrent", tree.name));
        let twin_path = folder.join(format!("{}.v1.torrent", tree.name));
        fs::write(&hybrid, &made.bytes).unwrap();
        fs::write(&twin_path, &twin.bytes).unwrap();
        Pack {
            contents: metainfo::read(&made.bytes).unwrap(),
            infohash: made.infohash_v1,
            twin_infohash: twin.infohash,
            tree,
            hybrid,
            twin: twin_path,
        }
    }

    pub fn name(&self) -> String {
        self.tree.name.clone()
    }

    pub fn bytes(&self) -> u64 {
        self.tree.files.iter().map(|(_, data)| data.len() as u64).sum()
    }

    /// The root of a file, in hex.
    pub fn root(&self, file: usize) -> String {
        self.contents.files[file].root.to_string()
    }

    /// The pieces of these files.
    pub fn pieces(&self, files: &[usize]) -> BTreeSet<u32> {
        let (mut first, mut pieces) = (0, BTreeSet::new());
        for (index, (_, data)) in self.tree.files.iter().enumerate() {
            let end = first + data.len().div_ceil(PIECE) as u32;
            if files.contains(&index) {
                pieces.extend(first..end);
            }
            first = end;
        }
        pieces
    }

    /// The pieces that are announced at an address.
    pub fn announced(&self, address: SocketAddr) -> BTreeSet<u32> {
        Caller::call(address, self.infohash, PATIENCE).unwrap().has().clone()
    }

    /// Fetches the whole pack from these peers alone, and compares every byte.
    pub fn fetch(&self, by_hybrid: bool, peers: &[SocketAddr], from: &str) {
        let folder = tempfile::tempdir().unwrap();
        let storage = Arc::new(Fetched::new(&self.tree));
        let swarm = Swarm::start(SwarmOptions {
            listen: Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))),
            state_folder: folder.path().to_path_buf(),
            ..SwarmOptions::default()
        })
        .unwrap();
        let torrent = fs::read(if by_hybrid { &self.hybrid } else { &self.twin }).unwrap();
        let wanted: Vec<usize> = (0..self.tree.files.len()).collect();
        let pack = swarm.add(&torrent, storage, &wanted, peers).unwrap();
        wait_until(&format!("{} comes from {from}", self.tree.kind), || pack.is_done());
        let bad: Vec<_> = pack.bad_peers();
        assert_eq!(bad, [], "{} from {from}", self.tree.kind);
    }
}

/// What comes in, each piece compared with what it should be.
struct Fetched {
    right: Vec<Vec<u8>>,
    files: Mutex<Vec<(Vec<u8>, Vec<bool>)>>,
}

impl Fetched {
    fn new(tree: &Tree) -> Fetched {
        let right: Vec<_> = tree.files.iter().map(|(_, data)| data.clone()).collect();
        let empty = |data: &Vec<u8>| (vec![0; data.len()], vec![false; data.len().div_ceil(PIECE)]);
        let files = Mutex::new(right.iter().map(empty).collect());
        Fetched { right, files }
    }
}

impl PackStorage for Fetched {
    fn is_whole(&self, file: usize) -> bool {
        self.files.lock().unwrap()[file].1.iter().all(|here| *here)
    }

    fn has_piece(&self, file: usize, piece: u64) -> bool {
        self.files.lock().unwrap()[file].1[piece as usize]
    }

    fn read_at(&self, file: usize, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let start = offset as usize;
        buffer.copy_from_slice(&self.files.lock().unwrap()[file].0[start..start + buffer.len()]);
        Ok(())
    }

    fn write_at(&self, file: usize, offset: u64, data: &[u8]) -> io::Result<()> {
        let start = offset as usize;
        self.files.lock().unwrap()[file].0[start..start + data.len()].copy_from_slice(data);
        Ok(())
    }

    fn piece_written(&self, file: usize, piece: u64) -> io::Result<()> {
        let mut files = self.files.lock().unwrap();
        let (bytes, here) = &mut files[file];
        let start = piece as usize * PIECE;
        let range = start..(start + PIECE).min(bytes.len());
        if bytes[range.clone()] != self.right[file][range] {
            return Err(io::ErrorKind::InvalidData.into());
        }
        here[piece as usize] = true;
        Ok(())
    }
}

/// Waits until it is so, and says what for when it never is.
pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "never: {what}");
        sleep(Duration::from_millis(50));
    }
}

fn torrent(tree: &Tree, trackers: &[String]) -> Metainfo {
    let row = |data: &[u8]| {
        let mut hasher = FileHasher::new();
        hasher.update(data);
        hasher.finish()
    };
    let rows: Vec<_> = tree.files.iter().map(|(_, data)| row(data)).collect();
    let files = tree.files.iter().zip(&rows);
    let files: Vec<_> =
        files.map(|((path, _), hashes)| PackFile { path: path.clone(), hashes }).collect();
    let trackers = trackers.iter().map(|tracker| vec![tracker.clone()]).collect();
    let options = PackOptions { trackers, v1_twin: true, ..PackOptions::default() };
    hybrid(&tree.name, &files, &options).unwrap()
}
