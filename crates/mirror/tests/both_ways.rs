//! The web and a swarm at once: both give, nothing comes twice, and either alone is enough.

mod published;

use deadwax_mirror::{How, Seeding, SwarmOptions, seed_packs};
use deadwax_testkit::http::{Manner, Server};
use published::{Pack, Published, carry_all as carry, missing, music};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

const MIB: usize = 1 << 20;

fn packs() -> Vec<Pack> {
    let pack = |name: &str, first: u64| {
        // Just below whole pieces: peers are asked for whole ones, pads too.
        let file = |n: u64| (format!("A/{n}.ogg"), music(first + n, 5 * MIB - n as usize * 1001));
        Pack::new(name, first as u32, (0..14).map(file).collect())
    };
    vec![pack("Both 1", 1), pack("Both 2", 15)]
}

/// A peer that has the whole edition.
fn peer(edition: &Path, notes: &Path, upload_limit: Option<u64>) -> Seeding {
    let options = SwarmOptions {
        listen: Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))),
        upload_limit,
        state_folder: notes.to_path_buf(),
        ..SwarmOptions::default()
    };
    Seeding::start(options, &seed_packs(edition).unwrap(), &[], &AtomicBool::new(false)).unwrap()
}

fn with_peer(peer: &Seeding) -> How {
    let peers = peer.report().address.into_iter().collect();
    How { peers, give_up: Duration::from_secs(30), ..How::default() }
}

#[test]
fn peers_and_web_share_the_work_and_nothing_comes_twice() {
    let mut published = Published::new();
    let packs = packs();
    let edition = published.publish("2026-11-21", &packs, &[]);
    let server = Server::start(&published.editions()).unwrap();
    // Both as quick as each other, so that both have something to do.
    server.slow_down(4_000_000);
    let peer = peer(&edition, &published.path("notes"), Some(16_000_000));
    let into = published.path("mirror");
    let report = carry(&into, &server.url(), with_peer(&peer));
    assert_eq!(report.problems, []);
    assert_eq!(missing(&packs, &into), Vec::<String>::new());
    let all: u64 = packs.iter().map(Pack::bytes).sum();
    let web = server.sent("/packs/Both 1/") + server.sent("/packs/Both 2/");
    eprintln!("of {all} bytes {web} came from the web and {} from peers", report.swarm_bytes);
    assert!(report.swarm_bytes > all / 10, "peers gave {} of {all}", report.swarm_bytes);
    assert!(web > all / 10, "the web gave {web} of {all}");
    assert!(web + report.swarm_bytes <= all + all / 50, "{web} + {} of {all}", report.swarm_bytes);
}

#[test]
fn peers_alone_are_enough() {
    let mut published = Published::new();
    let packs = packs();
    let edition = published.publish("2026-11-21", &packs, &[]);
    let server = Server::start(&published.editions()).unwrap();
    let peer = peer(&edition, &published.path("notes"), None);
    let into = published.path("mirror");
    let how = How { web: false, ..with_peer(&peer) };
    let report = carry(&into, &server.url(), how);
    assert_eq!(report.problems, []);
    assert_eq!(missing(&packs, &into), Vec::<String>::new());
    assert_eq!(server.sent("/packs/Both 1/") + server.sent("/packs/Both 2/"), 0);
}

#[test]
fn where_the_web_gives_nothing_peers_give_all() {
    let mut published = Published::new();
    let packs = packs();
    let edition = published.publish("2026-11-21", &packs, &[]);
    let server = Server::start(&published.editions()).unwrap();
    server.behave("/packs/Both", Manner::Corrupt);
    server.behave(".torrent", Manner::Honest);
    let peer = peer(&edition, &published.path("notes"), None);
    let into = published.path("mirror");
    let report = carry(&into, &server.url(), with_peer(&peer));
    assert_eq!(missing(&packs, &into), Vec::<String>::new());
    let named = report.problems.iter().any(|p| p.path.starts_with(&server.url()));
    assert!(named, "{:?}", report.problems);
}

#[test]
fn a_peer_that_is_not_there_holds_nothing_up() {
    let mut published = Published::new();
    let packs = packs();
    published.publish("2026-11-21", &packs, &[]);
    let server = Server::start(&published.editions()).unwrap();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let peers = vec![nobody.local_addr().unwrap()];
    let into = published.path("mirror");
    let began = Instant::now();
    let report = carry(&into, &server.url(), How { peers, ..How::default() });
    assert_eq!(missing(&packs, &into), Vec::<String>::new());
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
    assert_eq!(report.swarm_bytes, 0);
}
