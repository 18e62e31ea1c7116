//! How many have each pack, as the trackers that its torrent names tell. Nobody else is asked, and a tracker that does not
//! answer as it should costs a mirror some seconds and no more.

use crate::edition::ListedPack;
use crate::http::Http;
use deadwax_torrent::scrape;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;
use url::Url;

/// How long all trackers together may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Packs that are asked for at once: what an address of 4 kB has room for.
const AT_ONCE: usize = 50;

/// Most bytes of an answer.
const ANSWER_BYTES: u64 = 1 << 20;

/// Notes the copies of each pack that a tracker knows of; of several trackers the one that knows of most is believed.
pub(crate) async fn ask(http: &Http, packs: &mut [ListedPack]) {
    let mut asked: BTreeMap<String, BTreeSet<[u8; 20]>> = BTreeMap::new();
    for pack in packs.iter() {
        let Some(hash) = pack.infohash() else { continue };
        for tracker in trackers(&pack.magnet) {
            asked.entry(tracker).or_default().insert(hash);
        }
    }
    let mut known: HashMap<[u8; 20], u32> = HashMap::new();
    let all = async {
        for (tracker, hashes) in asked {
            let hashes: Vec<[u8; 20]> = hashes.into_iter().collect();
            for some in hashes.chunks(AT_ONCE) {
                // One that fails is not asked again.
                let Some(told) = told(http, &tracker, some).await else { break };
                for (hash, copies) in told.into_iter().filter(|(hash, _)| some.contains(hash)) {
                    let most = known.entry(hash).or_default();
                    *most = copies.max(*most);
                }
            }
        }
    };
    // What is known by then counts.
    let _ = tokio::time::timeout(PATIENCE, all).await;
    for pack in packs {
        pack.copies = pack.infohash().and_then(|hash| known.get(&hash).copied());
    }
}

/// The addresses where the trackers of a magnet link are asked, those that speak HTTP.
fn trackers(magnet: &str) -> Vec<String> {
    let Ok(magnet) = Url::parse(magnet) else { return Vec::new() };
    let named = magnet.query_pairs().filter(|(key, _)| key == "tr");
    let addresses = named.filter_map(|(_, tracker)| {
        let mut address = Url::parse(&tracker).ok()?;
        let path = scrape::path_of(address.path())?;
        address.set_path(&path);
        matches!(address.scheme(), "http" | "https").then(|| address.to_string())
    });
    addresses.collect()
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
