//! torrents.json of an edition that somebody else published: what is read becomes paths and sums.
#![no_main]

use deadwax_edition::{TorrentEntry, TorrentList};
use deadwax_torrent::names::is_component;
use libfuzzer_sys::fuzz_target;
use std::collections::HashSet;
use std::path::Path;

fuzz_target!(|bytes: &[u8]| {
    let path = Path::new("torrents.json");
    let list = match TorrentList::from_json(path, bytes) {
        Ok(list) => list,
        Err(refusal) => {
            assert!(refusal.to_string().contains("torrents.json"));
            return;
        }
    };
    let mut names = HashSet::new();
    for pack in &list.packs {
        assert!(is_component(&pack.name) && names.insert(pack.name.to_lowercase()));
        assert_eq!(pack.folder, format!("packs/{}", pack.name));
        assert_eq!(pack.torrent, format!("packs/{}.torrent", pack.name));
        let twin = pack.v1_twin.as_ref();
        assert!(twin.is_none_or(|twin| *twin == format!("packs/{}.v1.torrent", pack.name)));
        assert_eq!(twin.is_some(), pack.twin_infohash.is_some());
        assert_eq!((pack.infohash_v1.len(), pack.infohash_v2.len()), (40, 64));
        assert!((1..=pack.last_rank).contains(&pack.first_rank));
        assert!(pack.coverage.is_none_or(|share| (0.0..=1.0).contains(&share)));
    }
    // What a mirror adds up, with what it counts for a file besides its bytes.
    let sum = |of: fn(&TorrentEntry) -> u64| {
        list.packs.iter().try_fold(0u64, |sum, pack| sum.checked_add(of(pack)))
    };
    let (files, bytes) = (sum(|pack| pack.files), sum(|pack| pack.bytes));
    let torrents = sum(|pack| pack.torrent_bytes).and_then(|bytes| bytes.checked_mul(2));
    let all = files.and_then(|files| files.checked_mul(1 << 10)).zip(bytes).zip(torrents);
    assert!(
        all.is_some_and(|((files, bytes), torrents)| {
            files.checked_add(bytes).and_then(|sum| sum.checked_add(torrents)).is_some()
        }),
        "its packs together have more than can be counted"
    );

    // Written and read again it says the same; of a share the last digit may differ.
    let without_shares = |mut list: TorrentList| {
        list.packs.iter_mut().for_each(|pack| pack.coverage = None);
        list
    };
    let list = without_shares(list);
    let again = serde_json::to_vec(&list).expect("it can be written");
    let again = TorrentList::from_json(path, &again).expect("what is written is read");
    assert!(again == list);
});
