//! Interoperation: for packs of every shape, each client downloads from our `seed`, and we fetch from that client what it got.
//! Traffic is on loopback alone.

#[path = "interop/clients.rs"]
mod clients;
#[path = "support/made.rs"]
mod made;
#[path = "interop/packs.rs"]
mod packs;
#[path = "support/seed.rs"]
mod seed;

use clients::{Aria2, Client, Libtorrent, Transmission};
use deadwax_testkit::oracle;
use deadwax_testkit::tracker::Tracker;
use packs::Packs;
use seed::Seed;

#[test]
fn libtorrent_downloads_from_seed_and_gives_to_us() {
    let pythons = Libtorrent::pythons();
    for python in &pythons {
        let packs = Packs::write(&[]);
        let seed = Seed::start(&packs.folder, &[], &[]);
        let client = Libtorrent::start(python, &packs.hybrids(), seed.address());
        assert_round(&packs, vec![seed], client);
    }
    assert!(!pythons.is_empty() || std::env::var_os("CI").is_none(), "CI needs libtorrent");
}

#[test]
fn aria2_downloads_twins_from_seed_and_gives_to_us() {
    let Some(aria2) = oracle::need("aria2c") else { return };
    let tracker = Tracker::start().unwrap();
    let packs = Packs::write(&[tracker.announce_url()]);
    let seed = Seed::start(&packs.folder, &[], &[]);
    // aria2 asks its tracker once at the start: by then we have to be known there.
    packs::wait_until("seed announces its packs", || {
        packs.all().iter().all(|pack| !tracker.ports(&pack.twin_infohash).is_empty())
    });
    let client = Aria2::start(&aria2, &packs.twins());
    assert_round(&packs, vec![seed], client);
}

#[test]
fn transmission_3_downloads_twins_from_seed_and_gives_to_us() {
    let Some(transmission) = oracle::need("transmission-cli") else { return };
    let packs = Packs::write(&[]);
    // It takes no peers on loopback from anybody, and lets them call: one process a pack, and one at a time.
    let client = Transmission::start(&transmission, packs.twins());
    let seeds = packs.all().iter().zip(client.addresses()).map(|(pack, peer)| {
        let only = format!("--pack={}", pack.name());
        Seed::start(&packs.folder, &[&only], &[*peer])
    });
    assert_round(&packs, seeds.collect(), client);
}

/// The client gets everything from `seed`, and we get everything from the client once `seed` is gone.
fn assert_round(packs: &Packs, seeds: Vec<Seed>, mut client: impl Client) {
    let name = client.name();
    packs::wait_until(&format!("{name} has everything"), || {
        client.assert_running();
        let may_lack_empty = !client.makes_empty_files();
        packs.all().iter().all(|pack| {
            let missing = pack.tree.missing(client.folder());
            missing.iter().all(|path| may_lack_empty && path.ends_with("empty"))
        })
    });
    let given: u64 =
        seeds.into_iter().map(|seed| seed.end()["uploaded_bytes"].as_u64().unwrap()).sum();
    let bytes: u64 = packs.all().iter().map(|pack| pack.bytes()).sum();
    assert!(given >= bytes, "{name}: {given} of {bytes}");
    client.wait_until_it_gives();
    let (by_hybrid, peers, from) = (client.takes_hybrids(), client.addresses(), name.as_str());
    // Side by side: transmission lets somebody new ask for something every ten seconds.
    std::thread::scope(|scope| {
        for pack in packs.all() {
            scope.spawn(move || pack.fetch(by_hybrid, peers, from));
        }
    });
    eprintln!("{name}: {} packs, {bytes} bytes, both ways", packs.all().len());
}
