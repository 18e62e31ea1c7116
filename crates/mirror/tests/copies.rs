//! How many have a pack, as trackers tell, and what is chosen by it.

mod published;

use deadwax_mirror::plan::Prefer;
use deadwax_mirror::{
    Asked, CarryPlan, How, Run, Seeding, Silent, SourceAddress, SwarmOptions, seed_packs,
};
use deadwax_testkit::oracle;
use deadwax_testkit::tracker::Tracker;
use deadwax_torrent::metainfo;
use published::{Pack, Published, music};
use std::collections::BTreeMap;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

const NAMES: [&str; 3] = ["Made one", "Made two", "Made three"];

fn packs(trackers: &[String]) -> Vec<Pack> {
    let pack = |(number, name): (usize, &&str)| Pack {
        trackers: trackers.to_vec(),
        ..Pack::new(
            name,
            1 + number as u32,
            vec![("A/a.opus".into(), music(number as u64, 900_000))],
        )
    };
    NAMES.iter().enumerate().map(pack).collect()
}

/// With room for one pack.
const ONE: u64 = 1_300_000;

fn planned(published: &Published, budget: u64, torrent: bool) -> CarryPlan {
    let asked = Asked {
        source: Some(SourceAddress::parse(&published.editions().display().to_string()).unwrap()),
        budget_bytes: Some(budget),
        prefer: Some(Prefer::Rarest),
        metadata: false,
        drawn: 7,
    };
    let how = How { torrent, is_trial: true, ..How::default() };
    let mirror = published::opened(&published.path("mirror"), &asked, how).unwrap();
    let stop = AtomicBool::new(false);
    let run =
        Run { progress: &Silent, stop: &stop, now_unix: 1_790_000_000, began: Instant::now() };
    let (edition, _) = mirror.refresh(&run).unwrap();
    mirror.plan(&edition).unwrap()
}

fn infohash(edition: &Path, name: &str) -> [u8; 20] {
    let torrent = fs::read(edition.join(format!("packs/{name}.torrent"))).unwrap();
    metainfo::read(&torrent).unwrap().infohash_v1
}

#[test]
fn the_rarest_pack_is_carried_as_trackers_tell() {
    let tracker = Tracker::start().unwrap();
    let mut published = Published::new();
    let edition = published.publish("2026-11-21", &packs(&[tracker.announce_url()]), &[]);
    for rarest in NAMES {
        for name in NAMES {
            tracker.pretend(&infohash(&edition, name), if name == rarest { 1 } else { 9 });
        }
        let plan = planned(&published, ONE, true);
        assert_eq!(plan.packs[0].name, rarest, "{plan:?}");
        assert_eq!(plan.packs[0].copies, Some(1));
    }
    let alone = planned(&published, ONE, false);
    assert_eq!(alone.packs[0].copies, None, "who asks no peers asks no trackers");
}

#[test]
fn a_tracker_that_does_not_answer_as_it_should_is_passed_over() {
    let (good, dead) = (Tracker::start().unwrap(), Tracker::start().unwrap());
    let gone = dead.announce_url();
    drop(dead);
    let odd = ["udp://127.0.0.1:1/announce", "http://127.0.0.1:1/x", "file:///etc/announce"];
    let mut trackers: Vec<String> = odd.map(str::to_owned).to_vec();
    trackers.extend([gone, good.announce_url()]);
    let mut published = Published::new();
    let edition = published.publish("2026-11-21", &packs(&trackers), &[]);
    good.pretend(&infohash(&edition, NAMES[1]), 2);
    good.pretend(&infohash(&edition, NAMES[0]), 3);
    good.pretend(&infohash(&edition, NAMES[2]), 4);
    let plan = planned(&published, ONE, true);
    assert_eq!((plan.packs[0].name.as_str(), plan.packs[0].copies), (NAMES[1], Some(2)));
}

/// Ended when this is dropped.
struct OpenTracker(Child);

impl OpenTracker {
    fn start(program: &Path, folder: &Path, port: u16, torrents: &[[u8; 20]]) -> OpenTracker {
        let known: Vec<String> = torrents.iter().map(hex::encode).collect();
        fs::write(folder.join("known"), known.join("\n") + "\n").unwrap();
        let port = port.to_string();
        let child = Command::new(program)
            .args(["-i", "127.0.0.1", "-P", &port, "-p", &port, "-w", "known", "-d"])
            .arg(folder)
            .current_dir(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        OpenTracker(child.unwrap())
    }
}

impl Drop for OpenTracker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn opentracker_is_asked_by_datagrams() {
    let Some(opentracker) = oracle::need("opentracker") else { return };
    let free = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let mut published = Published::new();
    let trackers = [format!("udp://127.0.0.1:{port}/announce")];
    let edition = published.publish("2026-11-21", &packs(&trackers), &[]);
    let folder = tempfile::tempdir().unwrap();
    let hashes = NAMES.map(|name| infohash(&edition, name));
    let _tracker = OpenTracker::start(&opentracker, folder.path(), port, &hashes);

    // Two that have the first pack, one that has the second, nobody with the third.
    let packs = seed_packs(&edition).unwrap();
    let seeding = |number: usize, some: &[&str]| {
        let options = SwarmOptions {
            listen: Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))),
            trackers: true,
            state_folder: folder.path().join(number.to_string()),
            ..SwarmOptions::default()
        };
        let some: Vec<_> =
            packs.iter().filter(|pack| some.contains(&pack.name().as_str())).cloned().collect();
        Seeding::start(options, &some, &[], &AtomicBool::new(false)).unwrap()
    };
    let _seeds = [seeding(1, &NAMES[..2]), seeding(2, &NAMES[..1])];
    let began = Instant::now();
    loop {
        let plan = planned(&published, 3 * ONE, true);
        let copies: BTreeMap<_, _> =
            plan.packs.iter().map(|pack| (pack.name.as_str(), pack.copies)).collect();
        if copies == BTreeMap::from([(NAMES[0], Some(2)), (NAMES[1], Some(1)), (NAMES[2], Some(0))])
        {
            assert_eq!(plan.packs[0].name, NAMES[2]);
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "{plan:?}");
        std::thread::sleep(Duration::from_millis(200));
    }
}
