//! An edition written and read back through the public face.

mod made;

use deadwax_edition::{Edition, EditionError, EditionWriter, ShuffleFilter};
use deadwax_model::{FileHashes, Rank, RecordingKey, Status, Tier};
use deadwax_store::Store;
use deadwax_torrent::PackOptions;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn rank(number: u32) -> Rank {
    Rank::new(number).unwrap()
}

/// Every file below a folder, with its bytes.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_path_buf();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

#[test]
fn what_was_pushed_is_read_back() {
    for (n, counted) in [(41, false), (2_000, true)] {
        let made = made::make(n, counted);
        let edition = Edition::open(&made.edition()).unwrap();
        assert_eq!(edition.len(), n);
        assert_eq!(edition.summary(), &made.summary);
        let store = Store::open(&made.folder.path().join("store"));
        let holdings: Vec<FileHashes> =
            (1..=20u8).map(|i| store.put(&vec![i; 40_000 * usize::from(i)]).unwrap()).collect();
        let mut random = fastrand::Rng::with_seed(7);
        let mut read = edition.iter();
        for number in 1..=n {
            let pushed = made::listed(number, counted, &holdings, &mut random);
            let recording = read.next().unwrap().unwrap();
            assert_eq!(recording.rank, pushed.rank);
            assert_eq!(recording.id, pushed.id);
            assert_eq!(recording.title, pushed.title);
            assert_eq!(recording.artists, pushed.artists);
            assert_eq!(recording.artist_credit, pushed.artist_credit);
            assert_eq!(recording.isrcs, pushed.isrcs);
            assert_eq!(recording.duration_ms, pushed.duration_ms);
            assert_eq!(recording.listens, pushed.listens);
            assert_eq!(recording.popularity, pushed.popularity);
            assert_eq!(recording.year, pushed.year());
            assert_eq!((recording.tier, recording.status), (pushed.tier, pushed.status));
            assert_eq!(
                (recording.root, recording.original_root),
                (pushed.root, pushed.original_root)
            );
            assert_eq!(recording.bytes, pushed.bytes);
            assert_eq!((recording.container, recording.codec), (pushed.container, pushed.codec));
            assert_eq!(recording.loudness_lufs, pushed.loudness_lufs.map(|_| -14.24));
            assert_eq!(recording.licence, pushed.licence);
            assert_eq!(recording.cleared, pushed.clearance.is_ok());
            assert_eq!(recording.held_back, pushed.clearance.as_ref().err().cloned());
            assert_eq!(recording.tracks[0].release, pushed.tracks[0].release_title);
            assert_eq!(recording.tracks[0].position, pushed.tracks[0].position);
            let may = pushed.clearance.is_ok() && pushed.hashes.is_some();
            assert_eq!(recording.pack.is_some(), may, "rank {number}");
            if let Some(place) = recording.pack {
                let file = made.edition().join("packs").join(place.name).join(place.path);
                assert_eq!(fs::metadata(file).unwrap().len(), pushed.bytes.unwrap());
            }
            let by_id = edition.recordings(&RecordingKey::Id(pushed.id)).unwrap();
            assert_eq!(by_id.iter().map(|found| found.rank).collect::<Vec<_>>(), [pushed.rank]);
            for isrc in pushed.isrcs {
                let found = edition.recordings(&isrc.to_string().parse().unwrap()).unwrap();
                assert!(found.iter().any(|found| found.rank == pushed.rank));
            }
        }
        assert!(read.next().is_none());
        assert!(edition.at(rank(n + 1)).unwrap().is_none());
    }
}

#[test]
fn the_same_list_gives_the_same_bytes_and_nothing_private() {
    let (one, two) = (made::make(2_000, true), made::make(2_000, true));
    let (one, two) = (files(&one.edition()), files(&two.edition()));
    assert_eq!(one.keys().collect::<Vec<_>>(), two.keys().collect::<Vec<_>>());
    for (name, bytes) in &one {
        assert!(two[name] == *bytes, "{} differs", name.display());
        let private = b"/home/somebody";
        assert!(!bytes.windows(private.len()).any(|part| part == private), "{}", name.display());
    }
    let names: Vec<String> = one.keys().map(|name| name.display().to_string()).collect();
    for name in
        ["catalog.sqlite", "search.sqlite", "edition.json", "index.html", "parquet/isrc.parquet"]
    {
        assert!(names.iter().any(|found| found == name), "{name}");
    }
    assert!(!names.iter().any(|name| name.ends_with(".tmp") || name.ends_with("-journal")));
}

#[test]
fn stats_and_coverage_agree_with_a_count_by_hand() {
    let made = made::make(9_000, true);
    let edition = Edition::open(&made.edition()).unwrap();
    let all: Vec<_> = edition.iter().map(Result::unwrap).collect();
    let stats = edition.stats().unwrap();
    assert_eq!(stats.total.recordings, 9_000);
    assert_eq!(stats.total.cleared, all.iter().filter(|r| r.cleared).count() as u64);
    let total: u64 = all.iter().filter_map(|r| r.listens).sum();
    assert_eq!(stats.total.listens, total);
    for axis in
        [&stats.tier, &stats.status, &stats.year, &stats.duration, &stats.format, &stats.licence]
    {
        assert_eq!(axis.iter().map(|row| row.counts.recordings).sum::<u64>(), 9_000);
    }
    let held = |head: u32| all[..head as usize].iter().filter(|r| r.status == Status::Held);
    let bytes = |head: u32| held(head).filter_map(|r| r.bytes).sum::<u64>();
    let listens = |head: u32| all[..head as usize].iter().filter_map(|r| r.listens).sum::<u64>();
    for head in [1, 5, 4_095, 4_096, 4_097, 8_192, 8_999, 9_000] {
        let coverage = edition.coverage_at_rank(rank(head)).unwrap();
        assert_eq!(coverage.rank, head);
        assert_eq!(coverage.held, held(head).count() as u64);
        assert_eq!(coverage.held_bytes, bytes(head));
        assert_eq!(coverage.listens, listens(head));
        assert_eq!(coverage.share, Some(listens(head) as f64 / total as f64));
        let at_bytes = edition.coverage_at_held_bytes(bytes(head)).unwrap();
        assert!(at_bytes.rank >= head && at_bytes.held_bytes == bytes(head));
        let less = edition.coverage_at_held_bytes(bytes(head) - 1).unwrap();
        assert!(less.rank < head || bytes(head - 1) == bytes(head), "{head}");
        let share = edition.coverage_at_share(coverage.share.unwrap()).unwrap().unwrap();
        assert!(listens(share.rank) >= listens(head) && share.rank <= head + 1);
    }
    assert_eq!(edition.coverage_at_rank(rank(u32::MAX)).unwrap().rank, 9_000);
    assert_eq!(edition.coverage_at_held_bytes(0).unwrap().held_bytes, 0);
    assert_eq!(edition.coverage_at_share(1.0).unwrap().unwrap().share, Some(1.0));
    let cutoff = all.iter().rev().find(|r| r.status == Status::Held).unwrap();
    assert_eq!(made.summary.cutoff, cutoff.listens);
    assert_eq!(made.summary.last_held_rank, Some(cutoff.rank.get()));
}

#[test]
fn uncounted_is_not_zero() {
    let made = made::make(41, false);
    let edition = Edition::open(&made.edition()).unwrap();
    assert_eq!(made.summary.listens.total, None);
    assert_eq!(made.summary.coverage.held, None);
    assert_eq!(edition.coverage_at_rank(rank(41)).unwrap().share, None);
    assert_eq!(edition.coverage_at_share(0.5).unwrap(), None);
    let page = fs::read_to_string(made.edition().join("index.html")).unwrap();
    assert!(page.contains("Nobody has counted listens"));
}

#[test]
fn shuffle_is_uniform_and_repeatable() {
    let made = made::make(200, true);
    let edition = Edition::open(&made.edition()).unwrap();
    let ranks = |seed, n, filter: &ShuffleFilter| -> Vec<u32> {
        edition.shuffle(seed, n, filter).unwrap().iter().map(|r| r.rank.get()).collect()
    };
    let all = ShuffleFilter::default();
    assert_eq!(ranks(3, 20, &all), ranks(3, 20, &all));
    assert_ne!(ranks(3, 20, &all), ranks(4, 20, &all));
    let mut drawn = vec![0u32; 201];
    for seed in 0..2_000 {
        ranks(seed, 10, &all).into_iter().for_each(|rank| drawn[rank as usize] += 1);
    }
    // 100 expected, standard deviation below 10: seven of them over 200 ranks is beyond chance.
    assert!(drawn[1..].iter().all(|times| (30..=170).contains(times)), "{drawn:?}");
    let mut every = ranks(1, 1_000, &all);
    every.sort_unstable();
    assert_eq!(every, (1..=200).collect::<Vec<_>>());
    let filter = ShuffleFilter {
        tier: Some(Tier::Opus(75)),
        cleared: Some(true),
        years: Some((1966, 2024)),
        ..ShuffleFilter::default()
    };
    let want = edition.iter().map(Result::unwrap).filter(|r| {
        r.tier == Some(Tier::Opus(75))
            && r.cleared
            && r.year.is_some_and(|y| (1966..=2024).contains(&y))
    });
    let want: Vec<u32> = want.map(|r| r.rank.get()).collect();
    let mut found = ranks(1, want.len(), &filter);
    found.sort_unstable();
    assert_eq!(found, want);
    assert!(ranks(9, 3, &filter).iter().all(|rank| want.contains(rank)));
}

#[test]
fn no_uncleared_recording_is_in_a_pack() {
    let made = made::make(2_000, true);
    let edition = Edition::open(&made.edition()).unwrap();
    let cleared =
        edition.iter().map(Result::unwrap).filter(|r| r.cleared && r.status == Status::Held);
    assert_eq!(
        made.summary.packs.iter().map(|pack| pack.files).sum::<u64>(),
        cleared.count() as u64
    );
    let in_folders = files(&made.edition().join("packs")).len() - made.summary.packs.len();
    assert_eq!(in_folders as u64, made.summary.packs.iter().map(|pack| pack.files).sum::<u64>());
}

#[test]
fn wrong_pushes_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::create(&folder.path().join("store")).unwrap();
    let holdings = [store.put(b"one").unwrap(), store.put(b"two").unwrap()];
    let mut random = fastrand::Rng::with_seed(1);
    let edition = folder.path().join("edition");
    let mut writer =
        EditionWriter::create(&edition, made::info(), &store, PackOptions::default()).unwrap();
    let listed = made::listed(2, true, &holdings, &mut random);
    let error = writer.push(listed).unwrap_err();
    assert_eq!(
        error.to_string(),
        "rank 2 was pushed where rank 1 belongs; push the list in order, without gaps"
    );
    let mut listed = made::listed(1, true, &holdings, &mut random);
    listed.clearance = made::clearance(&made::id_of(9), "CC0-1.0");
    assert!(matches!(writer.push(listed), Err(EditionError::WrongClearance { .. })));
    let mut listed = made::listed(1, true, &holdings, &mut random);
    listed.hashes = Some(holdings[0].clone());
    listed.root = Some(holdings[1].root);
    assert!(matches!(writer.push(listed), Err(EditionError::WrongHashes { .. })));
    let again = EditionWriter::create(&edition, made::info(), &store, PackOptions::default());
    assert!(matches!(again, Err(EditionError::NotAnEdition { .. })));
}

#[test]
fn an_empty_list_is_an_edition() {
    let made = made::make(0, true);
    let edition = Edition::open(&made.edition()).unwrap();
    assert!(edition.is_empty() && edition.iter().next().is_none());
    assert!(edition.search("a", None, 20).unwrap().hits.is_empty());
    assert!(edition.shuffle(1, 5, &ShuffleFilter::default()).unwrap().is_empty());
    assert_eq!(edition.coverage_at_rank(rank(1)).unwrap().rank, 0);
}

#[test]
fn the_page_escapes_and_needs_nothing_else() {
    let made = made::make(500, true);
    let page = fs::read_to_string(made.edition().join("index.html")).unwrap();
    for bad in
        ["<script", "<img", "onerror=alert(1)>", "src=", "@import", "url(", "http://", "https://"]
    {
        assert!(!page.contains(bad), "{bad}");
    }
    assert!(
        page.contains("Collected Songs &#38; &#60;Airs&#62;")
            && page.contains("magnet:?xt=urn:btih:")
    );
    assert_eq!(page.matches("<svg").count(), 9);
    assert_eq!(page.matches("As a table").count(), 8);
}
