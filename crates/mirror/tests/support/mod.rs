//! Torrents of trees, and a storage in memory that knows what is right without any hash.

#![allow(dead_code, reason = "each test file uses a part of it")]

use deadwax_mirror::{PackStorage, Swarm, SwarmOptions};
use deadwax_store::FileHasher;
use deadwax_testkit::packs::Tree;
use deadwax_torrent::{Metainfo, PackFile, PackOptions, hybrid};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

pub const PIECE: usize = 1 << 20;

/// Longer than anything here takes; a test that waits for it fails.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub fn torrent(tree: &Tree) -> Metainfo {
    torrent_with(tree, &[])
}

/// One that names trackers.
pub fn torrent_with(tree: &Tree, trackers: &[String]) -> Metainfo {
    let rows: Vec<_> = tree
        .files
        .iter()
        .map(|(_, data)| {
            let mut hasher = FileHasher::new();
            hasher.update(data);
            hasher.finish()
        })
        .collect();
    let files: Vec<_> = tree
        .files
        .iter()
        .zip(&rows)
        .map(|((path, _), hashes)| PackFile { path: path.clone(), hashes })
        .collect();
    let trackers = vec![trackers.to_vec()];
    let options = PackOptions { v1_twin: true, trackers, ..PackOptions::default() };
    hybrid(&tree.name, &files, &options).unwrap()
}

/// A swarm on a free port of this machine that asks nobody.
pub fn swarm(folder: &Path) -> Swarm {
    Swarm::start(SwarmOptions {
        listen: Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))),
        state_folder: folder.to_path_buf(),
        ..SwarmOptions::default()
    })
    .unwrap()
}

/// Waits until it is so, and says what for when it never is.
pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "never: {what}");
        sleep(Duration::from_millis(20));
    }
}

/// A pack in memory.
pub struct MemoryPack {
    right: Vec<Vec<u8>>,
    files: Mutex<Vec<MemoryFile>>,
    /// Bytes that were read of it.
    pub read: AtomicU64,
    /// Pieces that were written and were wrong.
    pub wrong: AtomicU64,
}

struct MemoryFile {
    bytes: Vec<u8>,
    here: Vec<bool>,
}

impl MemoryPack {
    /// With these files, and nothing of the others.
    pub fn with(tree: &Tree, whole: impl Fn(usize) -> bool) -> MemoryPack {
        let right: Vec<_> = tree.files.iter().map(|(_, data)| data.clone()).collect();
        let file = |(index, data): (usize, &Vec<u8>)| MemoryFile {
            bytes: if whole(index) { data.clone() } else { vec![0; data.len()] },
            here: vec![whole(index); data.len().div_ceil(PIECE)],
        };
        let files = right.iter().enumerate().map(file).collect();
        MemoryPack {
            right,
            files: Mutex::new(files),
            read: AtomicU64::new(0),
            wrong: AtomicU64::new(0),
        }
    }

    /// Whether every byte of these files is right.
    pub fn is_right(&self, wanted: &[usize]) -> bool {
        let files = self.files.lock().unwrap();
        wanted.iter().all(|&file| files[file].bytes == self.right[file])
    }

    /// As if it were there from somewhere else, or went away.
    pub fn set_whole(&self, file: usize, is_whole: bool) {
        let mut files = self.files.lock().unwrap();
        files[file].here.fill(is_whole);
        files[file].bytes.copy_from_slice(&self.right[file]);
    }

    pub fn pieces_here(&self) -> usize {
        self.files.lock().unwrap().iter().flat_map(|f| &f.here).filter(|here| **here).count()
    }
}

impl PackStorage for MemoryPack {
    fn is_whole(&self, file: usize) -> bool {
        self.files.lock().unwrap()[file].here.iter().all(|here| *here)
    }

    fn has_piece(&self, file: usize, piece: u64) -> bool {
        self.files.lock().unwrap()[file].here[piece as usize]
    }

    fn read_at(&self, file: usize, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let files = self.files.lock().unwrap();
        let file = &files[file];
        let start = offset as usize;
        let pieces = start / PIECE..(start + buffer.len()).div_ceil(PIECE);
        if !file.here[pieces].iter().all(|here| *here) {
            return Err(io::ErrorKind::NotFound.into());
        }
        buffer.copy_from_slice(&file.bytes[start..start + buffer.len()]);
        self.read.fetch_add(buffer.len() as u64, Ordering::Relaxed);
        Ok(())
    }

    fn write_at(&self, file: usize, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut files = self.files.lock().unwrap();
        let start = offset as usize;
        assert!(!files[file].here[start / PIECE], "written over what is here");
        files[file].bytes[start..start + data.len()].copy_from_slice(data);
        Ok(())
    }

    fn piece_written(&self, file: usize, piece: u64) -> io::Result<()> {
        let mut files = self.files.lock().unwrap();
        let (start, right) = (piece as usize * PIECE, &self.right[file]);
        let end = (start + PIECE).min(right.len());
        if files[file].bytes[start..end] != right[start..end] {
            self.wrong.fetch_add(1, Ordering::Relaxed);
            return Err(io::ErrorKind::InvalidData.into());
        }
        files[file].here[piece as usize] = true;
        Ok(())
    }
}
