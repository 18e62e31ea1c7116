//! Verifying and repairing a mirror: what is amiss is named, what was looked at is not looked at twice, and of a damaged file only
//! what is damaged comes from elsewhere.

mod small_mirror;

use deadwax_edition::Copies;
use deadwax_mirror::{
    FileState, MirrorError, Progress, RepairOptions, RepairReport, Run, Seeding, State,
    SwarmOptions, VerifyOptions, VerifyReport, repair, seed_packs, verify,
};
use deadwax_model::{BLOCK_BYTES, PIECE_BYTES};
use deadwax_testkit::damage::{delete, flip_byte, truncate};
use deadwax_testkit::peer::{Manner, Peer};
use deadwax_torrent::metainfo;
use small_mirror::{FETCHED, PACK, Ranges, Small, at, in_pack};
use std::collections::BTreeSet;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

const ALL: VerifyOptions = VerifyOptions { before_unix: None, most_bytes: None, jobs: 2 };
const BLOCK: usize = BLOCK_BYTES as usize;
const PIECE: usize = PIECE_BYTES as usize;
const LENGTHS: [usize; 9] = [
    1,
    BLOCK,
    BLOCK + 1,
    3 * BLOCK + 7,
    PIECE - 1,
    PIECE,
    PIECE + 1,
    2 * PIECE + 5 * BLOCK + 3,
    5 * PIECE,
];

fn all(small: &Small, now: u64) -> VerifyReport {
    verify(&small.mirror(), &ALL, &at(now)).unwrap()
}

fn from_copy(small: &Small) -> RepairReport {
    let mut copies = Copies::default();
    assert!(copies.add(&small.copy()));
    let options = RepairOptions { copies, jobs: 1, ..RepairOptions::default() };
    repair(&small.mirror(), &options, &at(9_000_000)).unwrap()
}

fn from_web(small: &Small) -> RepairReport {
    let options = RepairOptions { web: true, jobs: 1, ..RepairOptions::default() };
    repair(&small.mirror(), &options, &at(9_000_000)).unwrap()
}

fn names(faults: &[deadwax_mirror::FileFault]) -> Vec<&str> {
    faults.iter().map(|fault| fault.path.as_str()).collect()
}

/// Flips `count` random bytes of the mirror, one bit each, no byte twice. Gives the damaged leaves.
fn flip_bytes(small: &Small, count: usize, seed: u64) -> BTreeSet<(String, u64)> {
    let mut chance = fastrand::Rng::with_seed(seed);
    let files: Vec<(&String, u64)> =
        small.files.iter().map(|(file, data)| (file, data.len() as u64)).collect();
    let all: u64 = files.iter().map(|(_, bytes)| bytes).sum();
    let (mut flipped, mut leaves) = (BTreeSet::new(), BTreeSet::new());
    while flipped.len() < count {
        let mut place = chance.u64(..all);
        let (file, _) = files
            .iter()
            .find(|(_, bytes)| match place.checked_sub(*bytes) {
                Some(rest) => {
                    place = rest;
                    false
                }
                None => true,
            })
            .unwrap();
        if flipped.insert(((*file).clone(), place)) {
            flip_byte(&small.path(file), place).unwrap();
            leaves.insert(((*file).clone(), place / BLOCK_BYTES));
        }
    }
    leaves
}

#[test]
fn damage_is_named_until_it_is_repaired_and_dates_are_kept() {
    let small = Small::new(&LENGTHS, "http://127.0.0.1:1/");
    let sound = all(&small, 2_000_000);
    let bytes: usize = LENGTHS.iter().sum();
    assert_eq!((sound.checked, sound.bytes, sound.skipped), (9, bytes as u64, 0));
    assert_eq!(sound.oldest_unix, Some(2_000_000));
    assert_eq!((sound.damaged, sound.missing), (vec![], vec![]));

    flip_byte(&small.path("Ann/005 Song.ogg"), 77_000).unwrap();
    truncate(&small.path("Ann/007 Song.ogg"), 20_000).unwrap();
    delete(&small.path("Ann/000 Song.ogg")).unwrap();
    for now in [3_000_000, 4_000_000] {
        let found = all(&small, now);
        let folder = format!("packs/{PACK}/Ann");
        assert_eq!(
            names(&found.damaged),
            [format!("{folder}/005 Song.ogg"), format!("{folder}/007 Song.ogg")]
        );
        assert_eq!(names(&found.missing), [format!("{folder}/000 Song.ogg")]);
        assert!(found.damaged[1].what.contains("it has 20000 bytes"), "{found:?}");
        assert_eq!(found.oldest_unix, Some(2_000_000), "when the damaged ones were last sound");
        let state = State::open(&small.mirror()).unwrap();
        assert_eq!(
            state.count(FileState::Whole).unwrap().0,
            6,
            "what is damaged is not given away"
        );
    }
    let done = from_copy(&small);
    assert_eq!((done.found, done.repaired, done.problems.len()), (3, 3, 0), "{done:?}");
    // One leaf of 005, the one of 000, and those of 007 that were cut off: all but the first.
    assert_eq!(done.damaged_leaves, 1 + 1 + (2 * 64 + 6 - 1));
    assert_eq!(done.fetched_leaves, done.damaged_leaves);
    small.assert_whole();
    assert_eq!(all(&small, 5_000_000).damaged, vec![]);
}

#[test]
fn a_thousand_flipped_bytes_cost_no_more_than_their_leaves() {
    let web = tempfile::tempdir().unwrap();
    let server = Ranges::serve(web.path());
    let lengths: Vec<usize> = (0..24).map(|number| 700_000 + number * 90_001).collect();
    let small = Small::new(&lengths, &server.address);
    all(&small, 2_000_000);
    let leaves = flip_bytes(&small, 1_000, 5);
    let found = all(&small, 3_000_000);
    let files: BTreeSet<&String> = leaves.iter().map(|(file, _)| file).collect();
    assert_eq!(found.damaged.len(), files.len());
    // The source is asked, on loopback.
    std::os::unix::fs::symlink(small.copy().join("packs"), web.path().join("packs")).unwrap();
    let done = from_web(&small);
    assert_eq!((done.repaired, done.problems.len()), (files.len() as u64, 0), "{done:?}");
    assert_eq!(done.damaged_leaves, leaves.len() as u64);
    assert_eq!(done.fetched_leaves, leaves.len() as u64);
    assert!(leaves.len() <= 1_000);
    let sent = server.sent.load(Ordering::Relaxed);
    assert_eq!(sent, done.fetched_bytes, "nothing else was asked for");
    assert!(sent <= 1_000 * BLOCK_BYTES, "{sent}");
    small.assert_whole();
}

#[test]
fn without_leaves_the_pieces_of_the_torrent_say_what_is_damaged() {
    let small = Small::new(&LENGTHS, "http://127.0.0.1:1/");
    // Damaged before it was ever verified here.
    flip_byte(&small.path("Ann/008 Song.ogg"), 3 * PIECE_BYTES + 5).unwrap();
    flip_byte(&small.path("Ann/003 Song.ogg"), 5).unwrap();
    let done = from_copy(&small);
    assert_eq!((done.found, done.repaired), (2, 2), "it verified by itself: {done:?}");
    assert_eq!(done.fetched_leaves, 64 + 4, "a piece of the one, all of the other");
    small.assert_whole();
}

#[test]
fn leaves_that_are_not_what_they_were_are_not_believed() {
    let small = Small::new(&LENGTHS, "http://127.0.0.1:1/");
    all(&small, 2_000_000);
    let book = rusqlite::Connection::open(small.mirror().join(".deadwax/leaves.sqlite")).unwrap();
    let changed = book.execute("UPDATE leaves SET hashes = zeroblob(length(hashes))", []).unwrap();
    assert_eq!(changed, LENGTHS.len());
    flip_byte(&small.path("Ann/008 Song.ogg"), 5).unwrap();
    all(&small, 3_000_000);
    let done = from_copy(&small);
    assert_eq!((done.repaired, done.fetched_leaves), (1, 64));
    small.assert_whole();
}

#[test]
fn a_copy_that_is_damaged_in_the_same_place_replaces_nothing() {
    let small = Small::new(&LENGTHS, "http://127.0.0.1:1/");
    all(&small, 2_000_000);
    let file = "Ann/008 Song.ogg";
    for place in [small.mirror(), small.copy()] {
        flip_byte(&in_pack(&place, file), 100_000).unwrap();
    }
    let damaged = fs::read(small.path(file)).unwrap();
    all(&small, 3_000_000);
    let done = from_copy(&small);
    assert_eq!((done.found, done.repaired, done.problems.len()), (1, 0, 1));
    assert!(done.problems[0].what.contains("bytes 98304 to 114688 are damaged"), "{done:?}");
    assert!(fs::read(small.path(file)).unwrap() == damaged, "what is left of it is still there");
    // Another copy, damaged elsewhere, is good enough.
    fs::write(in_pack(&small.copy(), file), &small.files[file]).unwrap();
    flip_byte(&in_pack(&small.copy(), file), 4 * PIECE_BYTES).unwrap();
    let done = from_copy(&small);
    assert_eq!((done.repaired, done.fetched_leaves), (1, 1), "{done:?}");
    small.assert_whole();
}

#[test]
fn a_web_seed_that_lies_is_named_and_nothing_of_it_kept() {
    let web = tempfile::tempdir().unwrap();
    let server = Ranges::serve(web.path());
    let small = Small::new(&LENGTHS, &server.address);
    std::os::unix::fs::symlink(small.copy().join("packs"), web.path().join("packs")).unwrap();
    all(&small, 2_000_000);
    for file in [
        "Ann/004 Song.ogg",
        "Ann/005 Song.ogg",
        "Ann/006 Song.ogg",
        "Ann/007 Song.ogg",
        "Ann/008 Song.ogg",
    ] {
        flip_byte(&small.path(file), 9).unwrap();
    }
    all(&small, 3_000_000);
    server.lies.store(true, Ordering::Relaxed);
    let done = from_web(&small);
    assert_eq!((done.found, done.repaired), (5, 0), "{done:?}");
    let liar = done.problems.iter().find(|problem| problem.path.starts_with("http://127.0.0.1"));
    assert!(liar.is_some_and(|liar| liar.what.contains("do not fit their hash")), "{done:?}");
    assert_eq!(
        server.sent.load(Ordering::Relaxed),
        3 * BLOCK_BYTES,
        "asked three times and no more"
    );
    server.lies.store(false, Ordering::Relaxed);
    assert_eq!(from_web(&small).repaired, 5);
    small.assert_whole();
}

/// Wants to stop when so many files are done.
struct StopAfter<'s> {
    files: std::sync::atomic::AtomicU64,
    most: u64,
    stop: &'s AtomicBool,
}

impl Progress for StopAfter<'_> {
    fn begin(&self, _: u64, _: u64) {}
    fn was_here(&self, _: u64) {}
    fn came(&self, _: u64) {}
    fn whole(&self, _: &str, _: u64) {
        if self.files.fetch_add(1, Ordering::Relaxed) + 1 == self.most {
            self.stop.store(true, Ordering::Relaxed);
        }
    }
    fn end(&self) {}
}

#[test]
fn a_check_that_was_stopped_goes_on_and_names_its_faults_again() {
    let small = Small::new(&[200_000; 20], "http://127.0.0.1:1/");
    flip_byte(&small.path("Ann/000 Song.ogg"), 5).unwrap();
    let stop = AtomicBool::new(false);
    let progress = StopAfter { files: 0.into(), most: 6, stop: &stop };
    let run = Run { progress: &progress, stop: &stop, now_unix: 2_000_000, began: Instant::now() };
    let jobs = VerifyOptions { jobs: 1, ..ALL };
    assert!(matches!(verify(&small.mirror(), &jobs, &run), Err(MirrorError::Interrupted)));
    let rest = all(&small, 2_000_500);
    assert!(rest.skipped >= 5, "{rest:?}");
    assert_eq!(rest.checked + rest.skipped, 20);
    assert_eq!(names(&rest.damaged), [format!("packs/{PACK}/Ann/000 Song.ogg")]);
    assert_eq!(rest.oldest_unix, Some(FETCHED), "of the damaged one");
    assert_eq!(all(&small, 2_001_000).checked, 20, "one that is done is not gone on with");
}

#[test]
fn the_oldest_come_first_and_no_more_than_was_asked_for() {
    let small = Small::new(&[100_000; 10], "http://127.0.0.1:1/");
    let share = VerifyOptions { most_bytes: Some(350_000), ..ALL };
    let mut now = 2_000_000;
    for _ in 0..4 {
        now += 1_000;
        let found = verify(&small.mirror(), &share, &at(now)).unwrap();
        assert!(found.checked == 3 && found.bytes == 300_000, "{found:?}");
    }
    // Twelve looks at ten files: the first two were looked at twice, and no file never.
    let state = State::open(&small.mirror()).unwrap();
    assert_eq!(state.checked_before(2_000_001, 100).unwrap(), vec![]);
    assert_eq!(state.checked_before(2_001_001, 100).unwrap().len(), 1);
    let older = VerifyOptions { before_unix: Some(2_003_000), ..ALL };
    let found = verify(&small.mirror(), &older, &at(now)).unwrap();
    assert_eq!((found.checked, found.skipped), (4, 6), "{found:?}");
    let tiny = VerifyOptions { most_bytes: Some(1), ..ALL };
    assert_eq!(verify(&small.mirror(), &tiny, &at(now + 5)).unwrap().checked, 1, "one at least");
}

fn from_peers(small: &Small, peers: &[SocketAddr]) -> RepairReport {
    let options = RepairOptions { peers: peers.to_vec(), jobs: 1, ..RepairOptions::default() };
    repair(&small.mirror(), &options, &at(9_000_000)).unwrap()
}

/// A peer by hand that has the pack.
fn peer(small: &Small, manner: Manner) -> Peer {
    let torrent = fs::read(small.copy().join(format!("packs/{PACK}.torrent"))).unwrap();
    let contents = metainfo::read(&torrent).unwrap();
    let mut bytes = Vec::new();
    for file in &contents.files {
        bytes.resize(bytes.len().next_multiple_of(PIECE), 0);
        bytes.extend(&small.files[&file.path.join("/")]);
    }
    Peer::start(contents.infohash_v1, bytes, PIECE, manner).unwrap()
}

#[test]
fn peers_give_the_damaged_leaves_and_one_that_lies_is_named_and_asked_no_more() {
    let small = Small::new(&LENGTHS, "http://127.0.0.1:9/");
    all(&small, 2_000_000);
    let damaged = flip_bytes(&small, 60, 11);
    assert!(!all(&small, 3_000_000).damaged.is_empty());
    let notes = tempfile::tempdir().unwrap();
    let options = SwarmOptions {
        listen: Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))),
        state_folder: notes.path().to_path_buf(),
        ..SwarmOptions::default()
    };
    let seeding =
        Seeding::start(options, &seed_packs(&small.copy()).unwrap(), &[], &AtomicBool::new(false))
            .unwrap();
    let liar = peer(&small, Manner::Corrupt);
    let honest = seeding.report().address.unwrap();
    let report = from_peers(&small, &[liar.address(), honest]);
    assert_eq!(report.repaired, report.found, "{report:?}");
    assert_eq!(report.fetched_leaves, damaged.len() as u64);
    assert_eq!(report.damaged_leaves, damaged.len() as u64);
    let told: Vec<_> = report.problems.iter().map(|it| (it.path.clone(), &it.what)).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].0, liar.address().to_string());
    assert!(told[0].1.contains("do not fit their hash"), "{told:?}");
    assert_eq!((liar.calls(), liar.given()), (1, BLOCK_BYTES.min(liar.given())));
    assert!(all(&small, 9_100_000).damaged.is_empty());
}

#[test]
fn pieces_whose_leaves_nobody_wrote_down_come_whole() {
    let small = Small::new(&LENGTHS, "http://127.0.0.1:9/");
    flip_bytes(&small, 3, 5);
    let gone = peer(&small, Manner::Honest).address();
    let report = from_peers(&small, &[gone]);
    assert_eq!((report.repaired, report.problems.len()), (0, 1 + report.found as usize));
    let honest = peer(&small, Manner::Honest);
    let report = from_peers(&small, &[honest.address()]);
    assert_eq!((report.repaired, report.problems), (report.found, vec![]));
    assert!(report.found > 0 && honest.given() == report.fetched_bytes);
    assert!(all(&small, 9_100_000).damaged.is_empty());
}

#[test]
fn whatever_a_peer_does_a_repair_ends_and_changes_nothing_that_is_not_right() {
    for manner in [Manner::WrongLengths, Manner::Unasked, Manner::Noise] {
        let small = Small::new(&LENGTHS[..4], "http://127.0.0.1:9/");
        all(&small, 2_000_000);
        flip_bytes(&small, 1, 3);
        assert_eq!(all(&small, 3_000_000).damaged.len(), 1);
        let bad = peer(&small, manner);
        let began = Instant::now();
        let report = from_peers(&small, &[bad.address()]);
        assert_eq!((report.repaired, report.problems.len()), (0, 2), "{manner:?} {report:?}");
        assert!(began.elapsed().as_secs() < 10, "{manner:?}");
    }
}
