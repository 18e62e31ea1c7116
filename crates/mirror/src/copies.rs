//! How many have each pack, as the trackers that its torrent names tell. Nobody else is asked, and a tracker that does not
//! answer as it should costs a mirror some seconds and no more.

mod datagrams;

use crate::edition::ListedPack;
use crate::http::Http;
use deadwax_torrent::scrape;
use futures_util::StreamExt;
use futures_util::stream;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use url::Url;

/// How long all trackers together may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Trackers that are asked at all, and how many of them at the same time.
const MOST_TRACKERS: usize = 100;
const SIDE_BY_SIDE: usize = 16;

/// Packs that an HTTP tracker is asked for at once: what an address of 4 kB has room for.
const AT_ONCE: usize = 50;

/// Most bytes of an answer.
const ANSWER_BYTES: u64 = 1 << 20;

/// By v1 info hash.
type Copies = HashMap<[u8; 20], u32>;

/// Notes the copies of each pack that a tracker knows of; of several trackers the one that knows of most is believed.
pub(crate) async fn ask(http: &Http, packs: &mut [ListedPack]) {
    let mut asked: BTreeMap<Url, BTreeSet<[u8; 20]>> = BTreeMap::new();
    for pack in packs.iter() {
        let Some(hash) = pack.infohash() else { continue };
        for tracker in trackers(&pack.magnet) {
            asked.entry(tracker).or_default().insert(hash);
        }
    }
    let known = Mutex::new(Copies::new());
    let ask = |(tracker, hashes): (Url, BTreeSet<[u8; 20]>)| {
        let known = &known;
        async move {
            let hashes: Vec<[u8; 20]> = hashes.into_iter().collect();
            let note = |told: BTreeMap<[u8; 20], u32>| {
                let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
                for (hash, copies) in told.into_iter().filter(|(hash, _)| hashes.contains(hash)) {
                    let most = known.entry(hash).or_default();
                    *most = copies.max(*most);
                }
            };
            match tracker.scheme() {
                "udp" => datagrams::ask(&tracker, &hashes, note).await,
                _ => ask_web(http, &tracker, &hashes, note).await,
            }
        }
    };
    let asking = stream::iter(asked.into_iter().take(MOST_TRACKERS).map(ask));
    let all = asking.buffer_unordered(SIDE_BY_SIDE).for_each(|()| async {});
    // What is known by then counts.
    let _ = tokio::time::timeout(PATIENCE, all).await;
    let known = known.into_inner().unwrap_or_else(PoisonError::into_inner);
    for pack in packs {
        pack.copies = pack.infohash().and_then(|hash| known.get(&hash).copied());
    }
}

/// The trackers of a magnet link that can be asked.
fn trackers(magnet: &str) -> Vec<Url> {
    let Ok(magnet) = Url::parse(magnet) else { return Vec::new() };
    let named = magnet.query_pairs().filter(|(key, _)| key == "tr");
    let trackers = named.filter_map(|(_, tracker)| Url::parse(&tracker).ok());
    trackers.filter(|tracker| matches!(tracker.scheme(), "http" | "https" | "udp")).collect()
}

/// One that fails is not asked again.
async fn ask_web(
    http: &Http,
    tracker: &Url,
    hashes: &[[u8; 20]],
    note: impl Fn(BTreeMap<[u8; 20], u32>),
) {
    let mut address = tracker.clone();
    let Some(path) = scrape::path_of(address.path()) else { return };
    address.set_path(&path);
    for some in hashes.chunks(AT_ONCE) {
        let Some(told) = told(http, address.as_str(), some).await else { return };
        note(told);
    }
}

async fn told(http: &Http, tracker: &str, hashes: &[[u8; 20]]) -> Option<BTreeMap<[u8; 20], u32>> {
    // By hand: an info hash is bytes, not text.
    let escaped =
        |hash: &[u8; 20]| -> String { hash.iter().map(|it| format!("%{it:02X}")).collect() };
    let asks: Vec<String> = hashes.iter().map(|it| format!("info_hash={}", escaped(it))).collect();
    let joint = if tracker.contains('?') { '&' } else { '?' };
    let url = Url::parse(&format!("{tracker}{joint}{}", asks.join("&"))).ok()?;
    scrape::complete(&http.small(&url, ANSWER_BYTES).await.ok()?)
}
