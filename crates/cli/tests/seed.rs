//! `seed` gives what is there and may leave, asks nobody who is not named, and ends cleanly.

#[path = "support/made.rs"]
mod made;
#[path = "interop/packs.rs"]
mod packs;
#[path = "support/seed.rs"]
mod seed;

use deadwax_testkit::oracle;
use deadwax_testkit::peer::Caller;
use made::{Bench, assert_refused};
use packs::{PATIENCE, Packs};
use seed::Seed;
use serde_json::Value;
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const BLOCK: u32 = 16 * 1024;

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

#[test]
fn an_archive_gives_what_is_cleared_and_nothing_after_a_takedown() {
    let bench = Bench::archived();
    let seed = Seed::start(&bench.archive, &["--date", made::DAY], &[]);
    let report = seed.report().clone();
    // One recording of three is cleared.
    assert_eq!(
        (&report["packs"][0]["files"], &report["packs"][0]["given"]),
        (&1.into(), &1.into())
    );
    let hex = report["packs"][0]["infohash_v1"].as_str().unwrap();
    let info_hash: [u8; 20] =
        std::array::from_fn(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap());
    let mut caller = Caller::call(seed.address(), info_hash, PATIENCE).unwrap();
    assert!(caller.ask(0, 0, BLOCK, PATIENCE).is_some());
    let takedown =
        ["takedown", "add", "US-RC1-76-07831", "--reason", "court-order", "--notice", "N-1"];
    assert_eq!(bench.run(takedown).code, Some(0));
    // The one that runs has held the file open.
    assert_eq!(caller.ask(0, BLOCK, BLOCK, Duration::from_secs(5)), None);
    assert_eq!(seed.end()["uploaded_bytes"], BLOCK);
    let again = bench.run(["seed", "--listen", "127.0.0.1:0"]);
    assert_eq!(again.code, Some(1), "{again:?}");
    assert!(again.stderr.contains("nothing of any pack"), "{again:?}");
}

#[test]
fn a_licence_that_ended_withholds_its_files() {
    let bench = Bench::archived();
    let rule = ["rights", "set", "--recording", "US-RC1-76-07832", "--licence", "CC-BY-4.0"];
    assert_eq!(bench.run(rule.iter().chain(&["--until", "2026-11-25"])).code, Some(0));
    assert_eq!(bench.run(["publish"]).code, Some(0));
    let given = |day: &str| {
        let seed = Seed::start(&bench.archive, &["--date", day], &[]);
        let packs = seed.report()["packs"].as_array().unwrap().clone();
        seed.end();
        packs.iter().map(|pack| pack["given"].as_u64().unwrap()).sum::<u64>()
    };
    assert_eq!(given("2026-11-25"), 2);
    assert_eq!(given("2026-11-26"), 1);
}

#[test]
fn what_may_be_given_is_looked_at_again() {
    let bench = Bench::archived();
    let recording = ["--recording", "US-RC1-76-07832"];
    let set = || bench.run(["rights", "set", recording[0], recording[1], "--licence", "CC-BY-4.0"]);
    let remove = |rule: &str| bench.run(["rights", "remove", rule]);
    assert_eq!(set().code, Some(0));
    assert_eq!(bench.run(["publish"]).code, Some(0));
    let mut seed = Seed::start(&bench.archive, &["--every", "1s"], &[]);
    let given = |report: &Value| report["packs"][0]["given"].as_u64().unwrap();
    let first = seed.report().clone();
    assert_eq!(given(&first), 2);
    let info_hash = hex::decode(first["packs"][0]["infohash_v1"].as_str().unwrap()).unwrap();
    let pieces = || {
        let address = first["address"].as_str().unwrap().parse().unwrap();
        let hash = info_hash[..].try_into().unwrap();
        Caller::call(address, hash, PATIENCE).unwrap().has().len()
    };
    assert_eq!(pieces(), 2);
    // It ends, and holds again.
    assert_eq!(remove("1").code, Some(0));
    let ended = seed.looked_again();
    assert_eq!((given(&ended), &ended["packs"][0]["files"]), (1, &2.into()));
    assert_eq!(pieces(), 1);
    assert_eq!(set().code, Some(0));
    assert_eq!(seed.looked_again(), first);
    // An edition without it.
    assert_eq!(remove("2").code, Some(0));
    assert_eq!(given(&seed.looked_again()), 1);
    assert_eq!(bench.run(["publish"]).code, Some(0));
    let next = seed.looked_again();
    assert_eq!((given(&next), &next["packs"][0]["files"]), (1, &1.into()));
    assert_ne!(next["packs"][0]["infohash_v1"], first["packs"][0]["infohash_v1"]);
    assert!(Caller::call(seed.address(), info_hash[..].try_into().unwrap(), PATIENCE).is_err());
    seed.end();
}

#[test]
fn while_nobody_knows_what_may_be_given_nothing_is() {
    let packs = Packs::write(&[]);
    let mut seed = Seed::start(&packs.folder, &["--every", "1s"], &[]);
    let first = seed.report().clone();
    assert_eq!(first["packs"].as_array().unwrap().len(), packs.all().len());
    let tombstones = packs.folder.join("tombstones.json");
    fs::write(&tombstones, "{").unwrap();
    assert_eq!(seed.looked_again()["packs"], Value::Array(vec![]));
    fs::remove_file(&tombstones).unwrap();
    assert_eq!(seed.looked_again(), first);
    seed.end();
}

#[test]
fn a_pack_that_cannot_be_read_is_a_problem_and_the_others_are_given() {
    let packs = Packs::write(&[]);
    let broken = &packs.all()[0].hybrid;
    fs::write(broken, "d4:infoe").unwrap();
    let seed = Seed::start(&packs.folder, &[], &[]);
    let report = seed.report();
    assert_eq!(report["packs"].as_array().unwrap().len(), packs.all().len() - 1);
    assert!(report["packs"].as_array().unwrap().iter().all(|pack| pack["has_twin"] == true));
    let problem = &report["problems"][0];
    assert_eq!(problem["path"], broken.to_str().unwrap(), "{problem}");
    let ended = seed.end_with(3);
    assert_eq!(ended["uploaded_bytes"], 0, "{ended}");
}

#[test]
fn refusals_say_what_to_do() {
    let packs = Packs::write(&[]);
    let bench = Bench::new();
    let folder = packs.folder.to_str().unwrap();
    let nothing = bench.run(["seed", bench.music.to_str().unwrap()]);
    assert_refused(&nothing, &["has no folder `packs`", "name an archive, an edition or a mirror"]);
    assert_refused(&bench.run(["seed", folder, "--pack", "None"]), &["there is no pack 'None'"]);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let outcome = bench.run(["seed", folder, "--listen", &address]);
    assert_refused(&outcome, &["cannot listen on", &address, "name another address or port"]);
    fs::write(packs.folder.join("tombstones.json"), "{").unwrap();
    assert_refused(&bench.run(["seed", folder]), &["tombstones.json", "nothing is given"]);
}

#[test]
fn nobody_is_asked_who_is_not_named() {
    let Some(strace) = oracle::need("strace") else { return };
    let packs = Packs::write(&[]);
    let log = packs.folder.join("strace.log");
    let mut command = Command::new(strace);
    command
        .args(["-f", "-qq", "-e", "trace=connect,sendto,sendmsg,sendmmsg,bind", "-o"])
        .arg(&log)
        .arg(made::DEADWAX);
    let seed = Seed::begin(command, &packs.folder, &[], &[]);
    let pack = &packs.all()[0];
    assert_eq!(pack.announced(seed.address()).len(), pack.tree.v1_bytes().len() >> 20);
    std::thread::sleep(Duration::from_secs(2));
    seed.end();
    let log = fs::read_to_string(log).unwrap();
    let is_network = |line: &&str| line.contains("sin_addr") || line.contains("sin6_addr");
    let asked: Vec<&str> = log.lines().filter(is_network).collect();
    assert!(asked.iter().any(|line| line.contains("bind(")), "{log}");
    let is_going_out = |line: &&&str| !line.contains("bind(") && !line.contains("127.0.0.1");
    let elsewhere: Vec<_> = asked.iter().filter(is_going_out).collect();
    assert!(elsewhere.is_empty(), "{elsewhere:#?}");
}
