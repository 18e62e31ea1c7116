//! Packs over several editions: what did not change is the same torrent; and the list of them for mirrors and people.

mod made;
mod shelf;

use deadwax_edition::{
    EditionInfo, EditionSummary, EditionWriter, Listed, ListedCover, PackStage, StagesOut,
    TorrentList,
};
use deadwax_model::{PictureKind, Rank};
use deadwax_store::Store;
use deadwax_torrent::{PackOptions, metainfo};
use shelf::{Shelf, listed};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The edition of a list of files, most listened first.
fn publish(
    shelf: &Shelf,
    day: &str,
    list: &[usize],
    options: &PackOptions,
) -> (PathBuf, EditionSummary) {
    let path = shelf.folder.path().join(day);
    let info = EditionInfo { date: day.to_owned(), ..made::info() };
    let mut writer = EditionWriter::create(&path, info, &shelf.store, options.clone()).unwrap();
    for (rank, file) in (1..).zip(list) {
        writer.push(listed(rank, &shelf.files[*file], *file)).unwrap();
    }
    let (summary, problems) = writer.finish().unwrap();
    assert!(problems.is_empty());
    (path, summary)
}

fn list_in(edition: &Path) -> TorrentList {
    let path = edition.join("torrents.json");
    TorrentList::from_json(&path, &fs::read(&path).unwrap()).unwrap()
}

fn infohashes(edition: &Path) -> BTreeSet<String> {
    list_in(edition).packs.into_iter().map(|pack| pack.infohash_v2).collect()
}

#[test]
fn packs_whose_files_did_not_change_keep_their_info_hash() {
    let shelf = Shelf::of(1_501);
    let options = PackOptions::default();
    let list: Vec<usize> = (0..1_500).collect();
    let (first, summary) = publish(&shelf, "2026-11-20", &list, &options);
    let before = infohashes(&first);
    assert_eq!(before.len(), summary.packs.len());
    assert!(before.len() >= 5, "{}", before.len());
    let ends = &summary.packs[0];

    let mut changes: Vec<(&str, Vec<usize>, usize)> = vec![("nothing", list.clone(), 0)];
    let mut changed = list.clone();
    changed.insert(3, 1_500);
    changes.push(("an insertion near the top", changed, 2));
    let mut changed = list.clone();
    changed.remove(3);
    changes.push(("a removal near the top", changed, 2));
    let mut changed = list.clone();
    changed.swap(10, 20);
    changes.push(("a swap inside a pack", changed, 0));
    let mut changed = list.clone();
    changed.swap(ends.last_rank as usize - 10, ends.last_rank as usize + 10);
    changes.push(("a swap between two packs", changed, 2));
    let mut changed = list.clone();
    changed.swap(0, 1); // of one name
    changes.push(("two of one name swapped", changed, 0));
    for (number, (what, list, most)) in changes.into_iter().enumerate() {
        let (path, _) = publish(&shelf, &format!("2026-12-{:02}", number + 1), &list, &options);
        let after = infohashes(&path);
        let new = after.difference(&before).count();
        eprintln!("{what}: of {} packs {new} are new", after.len());
        assert!(new <= most, "{what}: {new} new");
        assert_eq!(new == 0, most == 0, "{what}");
    }
}

#[test]
fn the_order_inside_a_pack_is_said_beside_what_the_info_hash_covers() {
    let shelf = Shelf::of(40);
    let options = PackOptions::default();
    let there: Vec<usize> = (0..40).collect();
    let back: Vec<usize> = (0..40).rev().collect();
    let read = |list: &[usize], day: &str| {
        let (path, summary) = publish(&shelf, day, list, &options);
        metainfo::read(&fs::read(path.join(&summary.packs[0].torrent)).unwrap()).unwrap()
    };
    let (there, back) = (read(&there, "2026-11-20"), read(&back, "2026-11-21"));
    assert_eq!(there.infohash_v2, back.infohash_v2);
    assert_eq!(there.files, back.files);
    let turned: Vec<u32> = there.order.unwrap().iter().map(|place| 39 - place).collect();
    assert_eq!(back.order.unwrap(), turned);
    let most_listened = turned.iter().position(|place| *place == 39).unwrap();
    assert_eq!(there.files[most_listened].root, shelf.files[0].root);
}

#[test]
fn the_list_says_what_is_there_and_is_the_same_again() {
    let shelf = Shelf::of(401);
    let list: Vec<usize> = (0..400).collect();
    let options = PackOptions { v1_twin: true, ..PackOptions::default() };
    let (path, summary) = publish(&shelf, "2026-11-20", &list, &options);
    let torrents = list_in(&path);
    assert_eq!(
        (torrents.edition.as_str(), torrents.listens),
        ("2026-11-20", summary.listens.total)
    );
    assert_eq!(torrents.packs.len(), summary.packs.len());
    let (mut next, mut coverage, mut listens) = (1, 0.0, 0);
    for (pack, said) in torrents.packs.iter().zip(&summary.packs) {
        assert_eq!((&pack.name, &pack.infohash_v1), (&said.name, &said.infohash_v1));
        assert_eq!((pack.first_rank, pack.stage), (next, PackStage::Audio));
        let is_named = pack.name.strip_prefix("Collected Songs & (Airs) ");
        assert!(is_named.is_some_and(|hex| hex.len() == 10), "{}", pack.name);
        next = pack.last_rank + 1;
        coverage += pack.coverage.unwrap();
        listens += pack.listens.unwrap();
        let torrent = fs::read(path.join(&pack.torrent)).unwrap();
        assert_eq!(pack.torrent_bytes, torrent.len() as u64);
        let contents = metainfo::read(&torrent).unwrap();
        assert_eq!(hex::encode(contents.infohash_v2), pack.infohash_v2);
        assert_eq!((contents.files.len() as u64, contents.name), (pack.files, pack.name.clone()));
        assert_eq!(contents.files.iter().map(|file| file.bytes).sum::<u64>(), pack.bytes);
        assert!(path.join(pack.v1_twin.as_ref().unwrap()).is_file());
        assert!(pack.magnet.contains(&pack.infohash_v2));
    }
    assert_eq!((next, Some(listens)), (401, torrents.listens));
    assert!((coverage - 1.0).abs() < 1e-9);
    let published: BTreeSet<&str> = summary.files.iter().map(|file| file.path.as_str()).collect();
    let twins = torrents.packs.iter().map(|pack| pack.v1_twin.as_deref().unwrap());
    let files = ["torrents.json", "torrents.html"].into_iter().chain(twins);
    for file in files {
        assert!(published.contains(file), "{file}");
    }

    let again = Shelf { folder: tempfile::tempdir().unwrap(), ..shelf };
    let (other, _) = publish(&again, "2026-11-20", &list, &options);
    for file in published.iter().filter(|file| file.contains("torrent")) {
        assert!(
            fs::read(path.join(file)).unwrap() == fs::read(other.join(file)).unwrap(),
            "{file}"
        );
    }
}

#[test]
fn what_the_policy_says_is_in_the_packs_of_all_stages_and_on_the_page() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::create(&folder.path().join("store")).unwrap();
    let [file, patch, picture] =
        [b"music".as_slice(), b"patch", b"cover"].map(|bytes| store.put(bytes).unwrap());
    let path = folder.path().join("edition");
    let stages = StagesOut { patches: true, ..StagesOut::default() };
    let options = PackOptions {
        trackers: vec![vec!["http://t.example/announce?a&b".into()]],
        web_seeds: vec!["https://w.example/packs".into()],
        private: true,
        v1_twin: true,
        ..PackOptions::default()
    };
    let info = EditionInfo { stages, ..made::info() };
    let mut writer = EditionWriter::create(&path, info, &store, options.clone()).unwrap();
    writer.push(Listed { patch: Some(patch), ..listed(1, &file, 1) }).unwrap();
    writer
        .push_cover(ListedCover {
            rank: Rank::new(1).unwrap(),
            track: None,
            artist_credit: "Someone".into(),
            title: "<Song>".into(),
            kind: PictureKind::Front,
            mime: "image/png".into(),
            hashes: picture,
            width: 1,
            height: 1,
            thumbnails: vec![],
        })
        .unwrap();
    writer.finish().unwrap();
    let torrents = list_in(&path);
    let page = fs::read_to_string(path.join("torrents.html")).unwrap();
    let stages: Vec<PackStage> = torrents.packs.iter().map(|pack| pack.stage).collect();
    assert_eq!(stages, [PackStage::Audio, PackStage::Artwork, PackStage::Patches]);
    for pack in &torrents.packs {
        let contents = metainfo::read(&fs::read(path.join(&pack.torrent)).unwrap()).unwrap();
        assert!(contents.private);
        assert_eq!(contents.trackers, options.trackers);
        assert_eq!(contents.web_seeds, ["https://w.example/packs/"]);
        let twin = fs::read(path.join(pack.v1_twin.as_ref().unwrap())).unwrap();
        let twin = String::from_utf8_lossy(&twin);
        for said in
            ["7:privatei1e", "t.example/announce", "8:url-listl24:https://w.example/packs/e"]
        {
            assert!(twin.contains(said), "{twin}");
        }
        let is_audio = pack.stage == PackStage::Audio;
        assert_eq!((pack.listens.is_some(), pack.coverage), (is_audio, is_audio.then_some(1.0)));
        let magnet = pack.magnet.replace('&', "&#38;");
        assert!(page.contains(&magnet), "{magnet} {page}");
        for said in [&pack.infohash_v1, &pack.infohash_v2, pack.twin_infohash.as_ref().unwrap()] {
            assert!(page.contains(said.as_str()));
        }
    }
    assert!(page.contains("Collected Songs &#38; &#60;Airs&#62;") && !page.contains("<Airs"));
    assert!(page.contains("most listened first") && !page.contains("Nobody has counted"));
    assert!(page.contains("<h2>Artwork</h2>") && page.contains("<h2>Patches</h2>"));
}
