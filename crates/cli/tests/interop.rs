//! Interoperation: for packs of every shape, each client downloads from our `seed`, and we fetch from that client what it got.
//! Traffic is on loopback alone.

#[path = "interop/clients.rs"]
mod clients;
#[path = "support/made.rs"]
mod made;
#[path = "interop/packs.rs"]
mod packs;

use clients::{Aria2, Client, Libtorrent, Seed, Transmission};
use deadwax_testkit::oracle;
use deadwax_testkit::tracker::Tracker;
use packs::Packs;
use std::path::Path;

#[test]
fn libtorrent_downloads_from_seed_and_gives_to_us() {
    let pythons = Libtorrent::pythons();
    for python in &pythons {
        let packs = Packs::write(&[]);
        let seed = Seed::start(&packs.folder, &[], &[]);
        let client = Libtorrent::start(python, &packs.hybrids(), seed.address());
        assert_round(&packs, seed, client);
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
    assert_round(&packs, seed, client);
}

#[test]
fn transmission_3_downloads_twins_from_seed_and_gives_to_us() {
    let Some(transmission) = oracle::need("transmission-cli") else { return };
    let packs = Packs::write(&[]);
    // It takes no peers on loopback from anybody, and lets them call.
    let client = Transmission::start(&transmission, &packs.twins());
    let peers = client.addresses().to_vec();
    let seed = Seed::start(&packs.folder, &[], &peers);
    assert_round(&packs, seed, client);
}

/// The client gets everything from `seed`, and we get everything from the client once `seed` is gone.
fn assert_round(packs: &Packs, seed: Seed, mut client: impl Client) {
    let name = client.name();
    packs::wait_until(&format!("{name} has everything"), || {
        client.assert_running();
        packs.all().iter().all(|pack| pack.tree.missing(client.folder()).is_empty())
    });
    let ended = seed.end();
    let bytes: u64 = packs.all().iter().map(|pack| pack.bytes()).sum();
    assert!(ended["uploaded_bytes"].as_u64().unwrap() >= bytes, "{name}: {ended} of {bytes}");
    client.wait_until_it_gives();
    for pack in packs.all() {
        pack.fetch(client.takes_hybrids(), client.addresses(), &name);
    }
    eprintln!("{name}: {} packs, {bytes} bytes, both ways", packs.all().len());
}

#[test]
fn only_what_is_there_in_full_is_given() {
    let packs = Packs::write(&[]);
    let plain = &packs.all()[0];
    let folder = packs.folder.join("packs");
    let (gone, cut) = (&plain.tree.files[0].0, &plain.tree.files[1].0);
    std::fs::remove_file(folder.join(plain.tree.path(gone))).unwrap();
    let file = std::fs::OpenOptions::new().write(true).open(folder.join(plain.tree.path(cut)));
    file.unwrap().set_len(10).unwrap();
    dark(&packs.folder, &plain.root(2));
    let seed = Seed::start(&packs.folder, &["--pack", &plain.name()], &[]);
    let report = seed.report();
    assert_eq!(report["packs"].as_array().unwrap().len(), 1, "{report}");
    assert_eq!(
        (&report["packs"][0]["files"], &report["packs"][0]["given"]),
        (&4.into(), &1.into())
    );
    assert_eq!(plain.announced(seed.address()), plain.pieces(&[3]));
    assert_eq!(seed.end()["uploaded_bytes"], 0);
}

/// An edition's list of what went dark, with this root in it and another one that was lifted.
fn dark(edition: &Path, root: &str) {
    let lifted = "ab".repeat(32);
    let stone = |number: u32, root: &str, lifted: &str| {
        format!(
            "{{\"number\": {number}, \"time\": \"2026-11-21T10:00:00Z\", \"notice\": \"N-{number}\", \"reason\": \"copyright\", \
             \"scope\": \"publish\", \"recordings\": [], \"roots\": [\"{root}\"], \"lifted\": {lifted}}}"
        )
    };
    let stones = [stone(1, &lifted, "\"2026-11-22T10:00:00Z\""), stone(2, root, "null")].join(", ");
    let list = format!(
        "{{\"format\": \"deadwax-tombstones\", \"schema\": 1, \"tombstones\": [{stones}]}}"
    );
    std::fs::write(edition.join("tombstones.json"), list).unwrap();
}
