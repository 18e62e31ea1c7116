use super::*;
use crate::PackStorage;
use crate::parts::{Before, Places, make_parts_folder};
use crate::source::SourceAddress;
use deadwax_store::hash_of;
use deadwax_torrent::{PackFile, PackOptions, hybrid, metainfo};
use std::sync::mpsc::sync_channel;

const FILES: usize = 6;
const BYTES: usize = 100_000;

fn contents() -> Contents {
    let rows: Vec<_> = (0..FILES).map(|n| hash_of(&[n as u8; BYTES])).collect();
    let file = |(n, hashes)| PackFile { path: vec![format!("{n}.ogg")], hashes };
    let files: Vec<_> = rows.iter().enumerate().map(file).collect();
    metainfo::read(&hybrid("Pack", &files, &PackOptions::default()).unwrap().bytes).unwrap()
}

/// All files with the swarm, and one seed that has not been asked for anything.
fn board(folder: &std::path::Path) -> Board {
    let places = Places { mirror: folder.to_path_buf() };
    make_parts_folder(&places).unwrap();
    let contents = contents();
    let (to_finish, _) = sync_channel(FILES);
    let before = [Before::Wanted(0); FILES];
    let parts = PackParts::open(&places, &contents, &before, to_finish, Box::new(|_| {})).unwrap();
    let seed = Arc::new(Seed::of_packs(SourceAddress::parse("http://127.0.0.1:1/").unwrap()));
    let wanted: Vec<usize> = (0..FILES).collect();
    let mut board = Board::new(Arc::new(contents), parts, vec![seed], &wanted, true);
    assert!(board.feed_swarm(u64::MAX));
    board
}

#[test]
fn what_peers_were_asked_for_is_not_given_to_seeds() {
    let folder = tempfile::tempdir().unwrap();
    let mut board = board(folder.path());
    // Half at a time, the last ones.
    assert!(board.take_last_from_swarm(0));
    assert_eq!(board.swarm(), [0, 1, 2]);
    assert_eq!(board.todo_bytes(), 3 * BYTES as u64);
    // The first two may have been asked for.
    assert!(!board.take_last_from_swarm(2 * BYTES as u64 + 1));
    assert!(board.take_last_from_swarm(2 * BYTES as u64));
    assert_eq!(board.swarm(), [0, 1]);
    // One was begun: the rest of its piece will come.
    board.parts.write_at(1, 0, &[1; 16_384]).unwrap();
    assert!(!board.take_last_from_swarm(0));
    // A swarm that gives nothing keeps nothing.
    assert!(board.take_all_from_swarm());
    assert_eq!((board.swarm(), board.todo_bytes()), (&[][..], FILES as u64 * BYTES as u64));
}

#[test]
fn a_seed_is_idle_when_it_could_take_more_and_there_is_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut board = board(folder.path());
    let (now, seed) = (Instant::now(), Arc::clone(&board.seeds[0]));
    assert!(board.has_idle_seed(now));
    // It works for another pack with all its connections.
    let mut busy: Vec<_> = (0..4).map(|_| seed.occupy()).collect();
    assert!(!board.has_idle_seed(now));
    busy.pop();
    assert!(board.has_idle_seed(now));
    assert!(board.take_last_from_swarm(0));
    assert!(!board.has_idle_seed(now));
    while board.claim(now).is_some() {}
    assert!(board.has_idle_seed(now));
}
