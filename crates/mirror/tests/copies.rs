//! How many have a pack, as trackers tell, and what is chosen by it.

mod published;

use deadwax_mirror::plan::Prefer;
use deadwax_mirror::{Asked, CarryPlan, How, Run, Silent, SourceAddress};
use deadwax_testkit::tracker::Tracker;
use deadwax_torrent::metainfo;
use published::{Pack, Published, music};
use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

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

fn planned(published: &Published, name: &str, torrent: bool) -> CarryPlan {
    let asked = Asked {
        source: Some(SourceAddress::parse(&published.editions().display().to_string()).unwrap()),
        budget_bytes: Some(1_300_000),
        prefer: Some(Prefer::Rarest),
        metadata: false,
        drawn: 7,
    };
    let how = How { torrent, is_trial: true, ..How::default() };
    let mirror = published::opened(&published.path(name), &asked, how).unwrap();
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
        let plan = planned(&published, "mirror", true);
        assert_eq!(plan.packs[0].name, rarest, "{plan:?}");
        assert_eq!(plan.packs[0].copies, Some(1));
    }
    let alone = planned(&published, "mirror", false);
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
    let plan = planned(&published, "mirror", true);
    assert_eq!((plan.packs[0].name.as_str(), plan.packs[0].copies), (NAMES[1], Some(2)));
}
