//! Fetching from and giving to peers that are known to the last byte, because they are written by hand: what is kept is right whoever
//! sent it, the bad ones are named, and nothing is given that is not whole.

mod support;

use deadwax_mirror::{PackStorage, PeerFault, Swarm, SwarmOptions, SwarmPack};
use deadwax_store::FileHasher;
use deadwax_testkit::packs::{Tree, trees};
use deadwax_testkit::peer::{Caller, Manner, Peer};
use deadwax_torrent::{PackFile, PackOptions, hybrid};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use support::{MemoryPack, PATIENCE, PIECE, swarm, torrent, wait_until};

const BLOCK: usize = 16 * 1024;

fn all(tree: &Tree) -> Vec<usize> {
    (0..tree.files.len()).collect()
}

fn peer(tree: &Tree, manner: Manner) -> Peer {
    Peer::start(torrent(tree).infohash_v1, tree.v1_bytes(), PIECE, manner).unwrap()
}

/// Fetches all of a tree from these peers.
fn fetch(tree: &Tree, peers: &[&Peer]) -> (Arc<MemoryPack>, Outcome) {
    let folder = tempfile::tempdir().unwrap();
    let swarm = swarm(folder.path());
    let storage = Arc::new(MemoryPack::with(tree, |_| false));
    let addresses: Vec<SocketAddr> = peers.iter().map(|peer| peer.address()).collect();
    let began = Instant::now();
    let pack = swarm.add(&torrent(tree).bytes, storage.clone(), &all(tree), &addresses).unwrap();
    wait_until("all is fetched", || pack.is_done());
    let seconds = began.elapsed().as_secs_f64();
    assert!(storage.is_right(&all(tree)), "{}: a wrong byte was kept", tree.kind);
    assert_eq!(pack.stopped(), None);
    (storage, Outcome { pack, seconds })
}

struct Outcome {
    pack: SwarmPack,
    seconds: f64,
}

#[test]
fn every_shape_comes_and_is_given_on() {
    for tree in trees() {
        let giver = peer(&tree, Manner::Honest);
        let folder = tempfile::tempdir().unwrap();
        let swarm = swarm(folder.path());
        let storage = Arc::new(MemoryPack::with(&tree, |_| false));
        let made = torrent(&tree);
        let peers = [giver.address()];
        let pack = swarm.add(&made.bytes, storage.clone(), &all(&tree), &peers).unwrap();
        wait_until(tree.kind, || pack.is_done());
        assert!(storage.is_right(&all(&tree)), "{}", tree.kind);
        assert_eq!(pack.stats().fetched_bytes, tree.v1_bytes().len() as u64, "{}", tree.kind);
        assert_eq!(pack.bad_peers(), []);
        // And on, to the last piece, by the hybrid's swarm and by its twin's.
        let twin = made.v1_twin.unwrap();
        let _twin = swarm.add(&twin.bytes, storage.clone(), &[], &[]).unwrap();
        for info_hash in [made.infohash_v1, twin.infohash] {
            let mut caller =
                Caller::call(swarm.listen_addr().unwrap(), info_hash, PATIENCE).unwrap();
            let bytes = tree.v1_bytes();
            for (piece, right) in bytes.chunks(PIECE).enumerate() {
                // The last block; it gives whole blocks only.
                let begin = (right.len() - 1) / BLOCK * BLOCK;
                let length = right.len() - begin;
                let given = caller.ask(piece as u32, begin as u32, length as u32, PATIENCE);
                assert!(given.as_deref() == Some(&right[begin..]), "{} piece {piece}", tree.kind);
            }
        }
    }
}

#[test]
fn only_what_is_wanted_is_fetched() {
    let tree = &trees()[0];
    let giver = peer(tree, Manner::Honest);
    let folder = tempfile::tempdir().unwrap();
    let swarm = swarm(folder.path());
    let storage = Arc::new(MemoryPack::with(tree, |_| false));
    let made = torrent(tree);
    let pack = swarm.add(&made.bytes, storage.clone(), &[1], &[giver.address()]).unwrap();
    wait_until("the wanted file", || pack.is_done());
    assert!(storage.is_right(&[1]));
    assert_eq!(storage.pieces_here(), 1);
    pack.want(&[1, 3]).unwrap();
    assert!(!pack.is_done());
    wait_until("the file wanted later", || pack.is_done());
    assert_eq!(storage.pieces_here(), 4);
    assert_eq!(giver.given(), 4 * PIECE as u64);
    let wrong = pack.want(&[4]).unwrap_err().to_string();
    assert!(wrong.contains("file 4 is wanted of a torrent of 4 files"), "{wrong}");
}

#[test]
fn corrupt_data_are_never_kept_and_their_sender_is_named() {
    let tree = &trees()[0];
    let (bad, good) = (peer(tree, Manner::Corrupt), peer(tree, Manner::Honest));
    let (storage, outcome) = fetch(tree, &[&bad, &good]);
    assert!(bad.given() > 0, "the bad peer was not asked for anything");
    assert!(storage.wrong.load(Ordering::Relaxed) > 0);
    assert_eq!(outcome.pack.stats().hash_failures, storage.wrong.load(Ordering::Relaxed));
    let named = outcome.pack.bad_peers();
    assert_eq!(named.len(), 1, "{named:?}");
    assert_eq!((named[0].address, named[0].fault), (bad.address(), PeerFault::WrongData));
}

#[test]
fn wrong_lengths_unasked_blocks_and_noise_end_a_connection_and_are_named() {
    let tree = &trees()[0];
    for manner in [Manner::WrongLengths, Manner::Unasked, Manner::Noise] {
        let (bad, good) = (peer(tree, manner), peer(tree, Manner::Honest));
        let (_, outcome) = fetch(tree, &[&bad, &good]);
        assert!(bad.calls() > 0);
        wait_until("it is named", || !outcome.pack.bad_peers().is_empty());
        let named = outcome.pack.bad_peers();
        assert_eq!(named.len(), 1, "{manner:?} {named:?}");
        assert_eq!((named[0].address, named[0].fault), (bad.address(), PeerFault::WrongMessage));
    }
}

#[test]
fn whoever_stalls_keeps_nothing_from_coming() {
    let tree = &trees()[2];
    let giver = peer(tree, Manner::Honest);
    let (_, alone) = fetch(tree, &[&giver]);
    for manner in [Manner::Stalls, Manner::Silent] {
        let (bad, good) = (peer(tree, manner), peer(tree, Manner::Honest));
        let (_, outcome) = fetch(tree, &[&bad, &good]);
        assert!(bad.calls() > 0);
        assert_eq!(bad.given(), 0);
        eprintln!("{manner:?}: {:.1} s, without it {:.1} s", outcome.seconds, alone.seconds);
        assert!(outcome.seconds < 20.0, "{manner:?} kept it for {:.1} s", outcome.seconds);
    }
}

#[test]
fn what_is_here_is_neither_read_nor_fetched_again() {
    let tree = &trees()[0];
    let bytes: u64 = tree.files.iter().map(|(_, data)| data.len() as u64).sum();
    let giver = peer(tree, Manner::Honest);
    let folder = tempfile::tempdir().unwrap();
    let made = torrent(tree);
    let storage = Arc::new(MemoryPack::with(tree, |file| file != 3));
    {
        let swarm = swarm(folder.path());
        let pack = swarm.add(&made.bytes, storage.clone(), &all(tree), &[giver.address()]).unwrap();
        wait_until("the rest", || pack.is_done());
    }
    assert!(storage.is_right(&all(tree)));
    // The last file has three pieces; each is read back once, for its v1 hash.
    let last = tree.files[3].1.len() as u64;
    assert_eq!(giver.given(), 3 * PIECE as u64);
    assert_eq!(storage.read.swap(0, Ordering::Relaxed), last);
    // Started again, with everything here: nothing is read before somebody asks.
    let swarm = swarm(folder.path());
    let pack = swarm.add(&made.bytes, storage.clone(), &all(tree), &[giver.address()]).unwrap();
    assert!(pack.is_done());
    assert_eq!(storage.read.load(Ordering::Relaxed), 0, "of {bytes} bytes");
    assert_eq!(pack.stats().fetched_bytes, 0);
    let address = swarm.listen_addr().unwrap();
    let mut caller = Caller::call(address, made.infohash_v1, PATIENCE).unwrap();
    assert_eq!(caller.has().len(), tree.v1_bytes().len() / PIECE);
    let block = caller.ask(0, 0, 16 * 1024, PATIENCE).unwrap();
    assert!(block == tree.files[0].1[..16 * 1024]);
    assert_eq!(storage.read.load(Ordering::Relaxed), 16 * 1024);
}

#[test]
fn opening_a_large_pack_reads_nothing() {
    // 5,000 files, as many as a pack may have; the same bytes in each, so that they need not be here.
    let files = if std::env::var_os("DEADWAX_FULL").is_some() { 5_000 } else { 500 };
    let mut hasher = FileHasher::new();
    hasher.update(&vec![7; 3 * PIECE + 1]);
    let row = hasher.finish();
    let pack_files: Vec<_> =
        (0..files).map(|i| PackFile { path: vec![format!("{i:05}.ogg")], hashes: &row }).collect();
    let made = hybrid("Large", &pack_files, &PackOptions::default()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let swarm = swarm(folder.path());
    let began = Instant::now();
    let pack = swarm.add(&made.bytes, Arc::new(Unread), &[], &[]).unwrap();
    let seconds = began.elapsed().as_secs_f64();
    eprintln!("{files} files of 4 pieces each opened in {seconds:.2} s, nothing read");
    assert_eq!(pack.stopped(), None);
    let address = swarm.listen_addr().unwrap();
    let caller = Caller::call(address, made.infohash_v1, PATIENCE).unwrap();
    assert_eq!(caller.has().len(), 4 * files);
}

#[test]
fn many_packs_are_given_by_one_process() {
    let packs = if std::env::var_os("DEADWAX_FULL").is_some() { 5_000 } else { 100 };
    let folder = tempfile::tempdir().unwrap();
    let swarm = swarm(folder.path());
    let began = Instant::now();
    let mut all = Vec::new();
    for number in 0..packs {
        let mut hasher = FileHasher::new();
        hasher.update(format!("{number}").as_bytes());
        let row = hasher.finish();
        let files = [PackFile { path: vec!["a.ogg".to_owned()], hashes: &row }];
        let made = hybrid(&format!("Pack {number}"), &files, &PackOptions::default()).unwrap();
        let pack = swarm.add(&made.bytes, Arc::new(Unread), &[], &[]).unwrap();
        all.push((pack, made.infohash_v1));
    }
    let seconds = began.elapsed().as_secs_f64();
    let (busy_before, idle) = (busy_seconds(), Duration::from_secs(2));
    std::thread::sleep(idle);
    let busy = (busy_seconds() - busy_before) / idle.as_secs_f64();
    eprintln!("{packs} packs joined in {seconds:.1} s, then {:.0} % of a core idle", busy * 100.0);
    let address = swarm.listen_addr().unwrap();
    for (_, info_hash) in all.iter().step_by(packs / 10) {
        assert_eq!(Caller::call(address, *info_hash, PATIENCE).unwrap().has().len(), 1);
    }
}

/// What this process has used of the cores so far.
fn busy_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let after_name = stat.rsplit_once(')').unwrap().1;
    let ticks = after_name.split_whitespace().skip(11).take(2).map(|it| it.parse::<f64>().unwrap());
    ticks.sum::<f64>() / 100.0
}

/// Has everything, and nobody may look.
struct Unread;

impl PackStorage for Unread {
    fn is_whole(&self, _: usize) -> bool {
        true
    }

    fn has_piece(&self, _: usize, _: u64) -> bool {
        true
    }

    fn read_at(&self, file: usize, _: u64, _: &mut [u8]) -> io::Result<()> {
        panic!("file {file} was read")
    }

    fn write_at(&self, file: usize, _: u64, _: &[u8]) -> io::Result<()> {
        panic!("file {file} was written")
    }

    fn piece_written(&self, file: usize, _: u64) -> io::Result<()> {
        panic!("file {file} was written")
    }
}

#[test]
fn what_is_not_here_is_neither_announced_nor_given() {
    let tree = &trees()[0];
    let folder = tempfile::tempdir().unwrap();
    let swarm = swarm(folder.path());
    let made = torrent(tree);
    let storage = Arc::new(MemoryPack::with(tree, |file| file == 0 || file == 2));
    let pack = swarm.add(&made.bytes, storage.clone(), &[], &[]).unwrap();
    let address = swarm.listen_addr().unwrap();
    let call = || Caller::call(address, made.infohash_v1, PATIENCE).unwrap();
    let mut caller = call();
    assert_eq!(caller.has().iter().copied().collect::<Vec<_>>(), [0, 1, 2, 3, 5]);
    assert!(caller.ask(5, 0, 16 * 1024, PATIENCE).is_some());
    assert_eq!(caller.ask(4, 0, 16 * 1024, Duration::from_secs(5)), None);
    // A file that went away while it was announced: not a byte of it, and no noise for it either.
    storage.set_whole(0, false);
    let mut caller = call();
    assert_eq!(caller.ask(0, 0, 16 * 1024, Duration::from_secs(5)), None);
    // And one that came by another way is announced when the pack is told to look.
    storage.set_whole(1, true);
    pack.refresh().unwrap();
    let mut caller = call();
    assert_eq!(caller.has().iter().copied().collect::<Vec<_>>(), [4, 5]);
    assert!(caller.ask(4, 0, 16 * 1024, PATIENCE).is_some());
    wait_until("both blocks are counted", || pack.stats().uploaded_bytes == 2 * BLOCK as u64);
}

#[test]
fn a_removed_pack_is_given_no_more() {
    let tree = &trees()[0];
    let folder = tempfile::tempdir().unwrap();
    let swarm = swarm(folder.path());
    let made = torrent(tree);
    let storage = Arc::new(MemoryPack::with(tree, |_| true));
    let pack = swarm.add(&made.bytes, storage.clone(), &[], &[]).unwrap();
    let address = swarm.listen_addr().unwrap();
    let again = swarm.add(&made.bytes, storage, &[], &[]).err().unwrap().to_string();
    assert!(again.contains("in the swarm already"), "{again}");
    let mut caller = Caller::call(address, made.infohash_v1, PATIENCE).unwrap();
    pack.remove().unwrap();
    assert_eq!(caller.ask(0, 0, 16 * 1024, Duration::from_secs(5)), None);
    assert!(Caller::call(address, made.infohash_v1, Duration::from_secs(2)).is_err());
}

#[test]
fn limits_hold_for_all_packs_together() {
    const RATE: u64 = 2 << 20;
    let all_trees = trees();
    let (one, other) = (&all_trees[0], &all_trees[4]);
    let givers = [peer(one, Manner::Honest), peer(other, Manner::Honest)];
    let folder = tempfile::tempdir().unwrap();
    let options = SwarmOptions {
        download_limit: Some(RATE),
        state_folder: folder.path().to_path_buf(),
        ..SwarmOptions::default()
    };
    let swarm = Swarm::start(options).unwrap();
    assert_eq!(swarm.listen_addr(), None);
    let began = Instant::now();
    let packs = [one, other].into_iter().zip(&givers).map(|(tree, giver)| {
        let storage = Arc::new(MemoryPack::with(tree, |_| false));
        swarm.add(&torrent(tree).bytes, storage, &all(tree), &[giver.address()]).unwrap()
    });
    let packs: Vec<_> = packs.collect();
    wait_until("both", || packs.iter().all(SwarmPack::is_done));
    let seconds = began.elapsed().as_secs_f64();
    let bytes: u64 = packs.iter().map(|pack| pack.stats().fetched_bytes).sum();
    // What a second allows may come at once.
    let least = (bytes - RATE) as f64 / RATE as f64;
    assert!(seconds >= least * 0.9, "{bytes} bytes in {seconds:.1} s");
}

#[test]
fn hashes_that_contradict_each_other_stop_a_pack_and_nothing_else() {
    // The v1 hash of the first piece is of other bytes; the v2 hashes are right.
    let tree = &trees()[0];
    let mut made = torrent(tree);
    let pieces = made.bytes.windows(8).position(|w| w == b"6:pieces").unwrap();
    let colon = pieces + made.bytes[pieces + 8..].iter().position(|b| *b == b':').unwrap() + 9;
    made.bytes[colon] ^= 1;
    let info_hash = sha1_of_info(&made.bytes);
    let giver = || Peer::start(info_hash, tree.v1_bytes(), PIECE, Manner::Honest).unwrap();
    // The first is dropped for it, wrongly; it is the second one's data that show who is wrong.
    let givers = [giver(), giver()];
    let folder = tempfile::tempdir().unwrap();
    let swarm = swarm(folder.path());
    let storage = Arc::new(MemoryPack::with(tree, |_| false));
    let peers = givers.each_ref().map(Peer::address);
    let pack = swarm.add(&made.bytes, storage.clone(), &all(tree), &peers).unwrap();
    wait_until("it stops", || pack.stopped().is_some());
    let said = pack.stopped().unwrap();
    assert!(said.contains("v1 and v2 hashes of piece 0 of file 0 do not agree"), "{said}");
}

/// The SHA-1 of the info dictionary of a torrent of ours: it ends where the piece layers begin.
fn sha1_of_info(torrent: &[u8]) -> [u8; 20] {
    use sha1::Digest;
    let start = torrent.windows(7).position(|w| w == b"4:infod").unwrap() + 6;
    let end = torrent.windows(15).position(|w| w == b"12:piece layers").unwrap();
    sha1::Sha1::digest(&torrent[start..end]).into()
}
