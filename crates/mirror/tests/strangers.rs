//! Who is called: whom the user named, and strangers only where strangers are looked for; nobody again who sent what does not fit.

mod support;

use deadwax_mirror::{PeerFault, Swarm, SwarmOptions, SwarmPack};
use deadwax_testkit::http::{self, Server};
use deadwax_testkit::packs::{Tree, trees};
use deadwax_testkit::peer::{Manner, Peer};
use deadwax_testkit::tracker::Tracker;
use deadwax_torrent::Metainfo;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;
use support::{MemoryPack, PIECE, torrent, torrent_with, wait_until};

/// Longer than it takes until somebody is called.
const A_WHILE: Duration = Duration::from_secs(2);

fn peer(tree: &Tree, manner: Manner) -> Peer {
    Peer::start(torrent(tree).infohash_v1, tree.v1_bytes(), PIECE, manner).unwrap()
}

/// A swarm that asks the trackers that its torrents name.
fn asking_swarm(folder: &Path) -> Swarm {
    let options = SwarmOptions {
        trackers: true,
        state_folder: folder.to_path_buf(),
        ..SwarmOptions::default()
    };
    Swarm::start(options).unwrap()
}

fn fetch(swarm: &Swarm, tree: &Tree, torrent: &Metainfo, peers: &[SocketAddr]) -> SwarmPack {
    let storage = Arc::new(MemoryPack::with(tree, |_| false));
    let all: Vec<usize> = (0..tree.files.len()).collect();
    let pack = swarm.add(&torrent.bytes, storage.clone(), &all, peers).unwrap();
    wait_until("all is fetched", || pack.is_done());
    assert!(storage.is_right(&all));
    pack
}

#[test]
fn whom_a_peer_tells_of_is_called_only_where_strangers_are_looked_for() {
    let tree = &trees()[0];
    let folder = tempfile::tempdir().unwrap();
    let swarm = asking_swarm(folder.path());
    let stranger = peer(tree, Manner::Honest);
    let teller = peer(tree, Manner::TellsOf(stranger.address().port()));
    let closed = fetch(&swarm, tree, &torrent(tree), &[teller.address()]);
    sleep(A_WHILE);
    assert_eq!((teller.calls(), stranger.calls()), (1, 0));
    drop(closed);

    // The same torrent, the same peer; but a tracker of this machine is asked for strangers.
    let tracker = Tracker::start().unwrap();
    let named = torrent_with(tree, &[tracker.announce_url()]);
    let _open = fetch(&swarm, tree, &named, &[teller.address()]);
    wait_until("the stranger is called", || stranger.calls() > 0);
}

#[test]
fn a_tracker_that_redirects_is_not_followed() {
    let tree = &trees()[0];
    let folder = tempfile::tempdir().unwrap();
    let swarm = asking_swarm(folder.path());
    let (tracker, elsewhere) =
        (Server::start(folder.path()).unwrap(), Server::start(folder.path()).unwrap());
    tracker.behave("", http::Manner::Redirect(format!("{}announce", elsewhere.url())));
    let giver = peer(tree, Manner::Honest);
    let named = torrent_with(tree, &[format!("{}announce", tracker.url())]);
    let _pack = fetch(&swarm, tree, &named, &[giver.address()]);
    wait_until("the tracker is asked", || !tracker.asked().is_empty());
    sleep(A_WHILE);
    assert_eq!(elsewhere.asked(), Vec::<String>::new());
}

#[test]
fn whoever_sent_wrong_data_three_times_is_called_no_more() {
    let tree = &trees()[0];
    let folder = tempfile::tempdir().unwrap();
    let swarm = support::swarm(folder.path());
    let bad = peer(tree, Manner::Corrupt);
    let storage = Arc::new(MemoryPack::with(tree, |_| false));
    let pack = swarm.add(&torrent(tree).bytes, storage.clone(), &[0], &[bad.address()]).unwrap();
    let times = || pack.bad_peers().first().map_or(0, |peer| peer.times);
    for time in 1..=3 {
        wait_until("it is dropped", || times() == time);
        // Enters the swarm anew, and would call it at once.
        pack.refresh().unwrap();
    }
    sleep(A_WHILE);
    assert_eq!(bad.calls(), 3);
    assert_eq!(pack.bad_peers()[0].fault, PeerFault::WrongData);
    assert_eq!(storage.pieces_here(), 0);
}
