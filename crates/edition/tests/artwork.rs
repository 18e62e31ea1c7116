//! Covers as the writer of an edition takes them: what holds one back, and where those that are out lie.

mod made;

use deadwax_edition::{
    Edition, EditionWriter, Listed, ListedCover, ListedThumbnail, ListedTrack, StagesOut,
};
use deadwax_model::{FileHashes, PictureKind, Rank, Root};
use deadwax_store::Store;
use deadwax_torrent::PackOptions;

fn rank(number: u32) -> Rank {
    Rank::new(number).unwrap()
}

/// A recording with a file, on the releases of these keys; all are called the same.
fn listed(number: u32, licence: &str, releases: &[&str]) -> Listed {
    let id = made::id_of(number);
    let clearance = made::clearance(&id, licence);
    Listed {
        title: format!("Song {number}"),
        artist_credit: "Someone".into(),
        artists: vec!["Someone".into()],
        original_root: Some(Root([number as u8; 32])),
        tracks: releases.iter().map(|key| track(key)).collect(),
        clearance,
        ..Listed::unheld(rank(number), id, "")
    }
}

fn track(key: &str) -> ListedTrack {
    ListedTrack {
        release_key: key.to_owned(),
        release_title: "Mr.Big".to_owned(),
        date: Some("1990".to_owned()),
        ..ListedTrack::default()
    }
}

fn cover(number: u32, key: Option<&str>, files: &[FileHashes; 2]) -> ListedCover {
    ListedCover {
        rank: rank(number),
        track: key.map(track),
        artist_credit: "Someone".into(),
        title: format!("Song {number}"),
        kind: PictureKind::Front,
        mime: "image/webp".into(),
        hashes: files[0].clone(),
        width: 300,
        height: 200,
        thumbnails: vec![ListedThumbnail {
            side: 250,
            hashes: files[1].clone(),
            width: 250,
            height: 167,
        }],
    }
}

#[test]
fn each_release_is_judged_by_all_of_its_own_recordings() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::create(&folder.path().join("store")).unwrap();
    let files = [store.put(b"a picture").unwrap(), store.put(b"a small one").unwrap()];
    for is_out in [true, false] {
        let path = folder.path().join(format!("edition-{is_out}"));
        let stages = StagesOut { artwork: is_out, ..StagesOut::default() };
        let info = deadwax_edition::EditionInfo { stages, ..made::info() };
        let mut writer =
            EditionWriter::create(&path, info, &store, PackOptions::default()).unwrap();
        writer.push(listed(1, "CC0-1.0", &["free", "mixed"])).unwrap();
        writer.push(listed(2, "CC-BY-4.0", &["free", "namesake"])).unwrap();
        writer.push(listed(3, "", &["mixed"])).unwrap();
        writer.push(listed(4, "CC0-1.0", &[])).unwrap();
        writer.push(listed(5, "InC", &[])).unwrap();
        // Of which there never was a file: nobody decides by it.
        writer.push(Listed { original_root: None, ..listed(6, "", &["free"]) }).unwrap();
        // Of which another file may not leave.
        let another = listed(7, "CC0-1.0", &["merged"]);
        writer.push(Listed { holds_covers_back: true, ..another }).unwrap();
        for (number, key) in [
            (1, Some("free")),
            (1, Some("mixed")),
            (2, Some("namesake")),
            (4, None),
            (5, None),
            (6, Some("no such release")),
            (7, Some("merged")),
        ] {
            writer.push_cover(cover(number, key, &files)).unwrap();
        }
        let (summary, problems) = writer.finish().unwrap();
        assert!(problems.is_empty());
        let artwork = &summary.artwork;
        let wanted = (6, 1, if is_out { 3 } else { 0 });
        assert_eq!((artwork.covers, artwork.pictures, artwork.out), wanted);
        let edition = Edition::open(&path).unwrap();
        let place = |found: Option<deadwax_edition::Cover>| {
            let pack = found.unwrap().pack;
            pack.map(|pack| {
                let file = path.join("packs").join(pack.name).join(&pack.path);
                assert_eq!(std::fs::read(&file).unwrap(), b"a picture");
                let beside = file.with_file_name("cover-250.jpg");
                assert_eq!(std::fs::read(beside).unwrap(), b"a small one");
                pack.path
            })
        };
        let of_releases =
            [1, 2, 3].map(|release| place(edition.cover_of_release(release).unwrap()));
        let of_recordings = [4, 5].map(|it| place(edition.cover_of_recording(rank(it)).unwrap()));
        let path = |text: &str| is_out.then(|| text.to_owned());
        assert_eq!(
            of_releases,
            [
                path("Someone/1990 Mr.Big/cover.webp"),
                None,
                path("Someone/1990 Mr.Big (2)/cover.webp")
            ]
        );
        assert_eq!(of_recordings, [path("Someone/Song 4/cover.webp"), None]);
        assert_eq!(place(edition.cover_of_release(4).unwrap()), None);
        assert_eq!(edition.cover_of_release(5).unwrap(), None);
        assert_eq!(edition.cover_of_recording(rank(8)).unwrap(), None);
    }
}

#[test]
fn packs_of_covers_are_cut_and_named_by_their_files() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::create(&folder.path().join("store")).unwrap();
    let files = [store.put(b"a picture").unwrap(), store.put(b"a small one").unwrap()];
    let path = folder.path().join("edition");
    let mut writer =
        EditionWriter::create(&path, made::info(), &store, PackOptions::default()).unwrap();
    // Two files each, 5,000 a pack.
    for number in 1..=2_600 {
        writer.push(listed(number, "CC0-1.0", &[])).unwrap();
    }
    for number in 1..=2_600u32 {
        // Different pictures; nobody opens them.
        let mut files = files.clone();
        files[1].root.0[..4].copy_from_slice(&number.wrapping_mul(2_654_435_761).to_be_bytes());
        let file = store.path(&files[1].root);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, "a small one").unwrap();
        writer.push_cover(cover(number, None, &files)).unwrap();
    }
    let (summary, _) = writer.finish().unwrap();
    let packs = &summary.artwork.packs;
    assert_eq!(packs.len(), 2);
    assert_eq!((packs[0].first_rank, packs[1].last_rank), (1, 2_600));
    assert_eq!(packs[0].last_rank + 1, packs[1].first_rank);
    assert!((2_500..=5_000).contains(&packs[0].files), "{}", packs[0].files);
    for pack in packs {
        assert_eq!(pack.files, 2 * u64::from(pack.last_rank - pack.first_rank + 1));
        let digits = pack.name.strip_prefix("Collected Songs & (Airs) artwork ").unwrap();
        assert!(digits.len() == 10 && digits.bytes().all(|b| b.is_ascii_hexdigit()), "{digits}");
    }
    let page = std::fs::read_to_string(path.join("index.html")).unwrap();
    assert_eq!(page.matches("<img ").count(), 12);
    assert!(page.contains("2,588 more are in the artwork packs."));
}
