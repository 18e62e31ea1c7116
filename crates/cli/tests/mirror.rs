//! `deadwax mirror`: what it says and how it ends.

#[path = "support/made.rs"]
mod made;
#[path = "../../mirror/tests/published/mod.rs"]
mod published;

use deadwax_testkit::http::{Manner, Server};
use deadwax_testkit::sandbox::{Outcome, Sandbox};
use deadwax_testkit::tree;
use made::{Bench, DEADWAX, assert_calm};
use published::{Pack, Published, Tombstone, all_files, missing, music, root_of};
use serde_json::Value;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

const MIB: usize = 1 << 20;

fn packs() -> Vec<Pack> {
    let file = |n: u64| (format!("A/{n}.ogg"), music(n, MIB + n as usize * 70_001));
    vec![
        Pack::new("Head", 1, (0..3).map(file).collect()),
        Pack::new("Tail", 4, (3..6).map(file).collect()),
    ]
}

fn line(words: &[&str], into: &Path) -> Vec<OsString> {
    let mut line: Vec<OsString> = vec!["-q".into(), "mirror".into(), "--no-torrent".into()];
    line.extend(words.iter().map(OsString::from));
    line.extend(["--into".into(), into.as_os_str().to_owned()]);
    line
}

fn run(sandbox: &Sandbox, words: &[&str], into: &Path) -> Outcome {
    let outcome = sandbox.run(Path::new(DEADWAX), line(words, into)).unwrap();
    assert_calm(&outcome);
    outcome
}

fn json(outcome: &Outcome, code: i32) -> Value {
    assert_eq!(outcome.code, Some(code), "{outcome:?}");
    serde_json::from_str(&outcome.stdout).unwrap()
}

#[test]
fn it_says_whom_it_believes_and_what_it_carries_and_goes_on_without_being_told() {
    let sandbox = Sandbox::new().unwrap();
    let mut published = Published::new();
    let packs = packs();
    published.publish("2026-11-21", &packs, &[]);
    let server = Server::start(&published.editions()).unwrap();
    let into = sandbox.join("mirror");
    let root = fs::read(published.path("trust/1.root.json")).unwrap();
    let fingerprint = {
        use sha2::{Digest, Sha256};
        hex::encode(Sha256::digest(&root))
    };

    let first = ["--json", &server.url(), "--budget", "5MB", "--prefer", "listens"];
    let trial = run(&sandbox, &[&first[..], &["--dry-run"]].concat(), &into);
    assert!(!into.exists());
    let outcome = run(&sandbox, &first, &into);
    let (trial, said) = (json(&trial, 0), json(&outcome, 0));
    assert_eq!((&trial["plan"], &trial["report"]), (&said["plan"], &Value::Null));
    assert_eq!(said["root_fingerprint"], fingerprint.as_str());
    assert_eq!(said["is_first_use"], true);
    assert_eq!(said["plan"]["packs"][0]["name"], "Head");
    assert_eq!(said["plan"]["packs"][1]["in_part"], true);
    assert_eq!(said["report"]["fetched_files"], 4);
    assert!(all_files(&into).0 <= 5_000_000);

    let more = run(&sandbox, &["--budget", "1GB"], &into);
    assert_eq!(more.code, Some(0), "{more:?}");
    for said in
        [fingerprint.as_str(), "carries 2 packs of 2", "2 files fetched", "6 whole files here"]
    {
        assert!(more.stdout.contains(said), "{said}: {}", more.stdout);
    }
    assert!(!more.stdout.contains("first time"), "{}", more.stdout);
    assert_eq!(missing(&packs, &into), Vec::<String>::new());

    // What a bad server did is a problem, named, and not the end.
    fs::remove_file(into.join("packs/Head/A/1.ogg")).unwrap();
    server.behave("/Head/A/", Manner::Corrupt);
    let bad = json(&run(&sandbox, &["--json"], &into), 3);
    let problems = bad["report"]["problems"].as_array().unwrap();
    assert!(problems.iter().any(|it| it["path"].as_str().unwrap().starts_with(&server.url())));
}

#[test]
fn another_root_than_the_one_given_is_refused_and_wrong_lines_too() {
    let sandbox = Sandbox::new().unwrap();
    let (mut published, other) = (Published::new(), Published::new());
    published.publish("2026-11-21", &packs(), &[]);
    let source = published.editions().display().to_string();
    let into = sandbox.join("mirror");
    let root = |of: &Published| of.path("trust/1.root.json").display().to_string();
    let wrong = run(&sandbox, &[&source, "--budget", "1GB", "--root", &root(&other)], &into);
    assert_eq!(wrong.code, Some(1), "{wrong:?}");
    assert!(wrong.stderr.contains("wrong key"), "{wrong:?}");
    assert!(!into.join("packs").exists());
    // The wrong one is not remembered.
    let right = run(&sandbox, &[&source, "--budget", "1GB", "--root", &root(&published)], &into);
    assert_eq!(right.code, Some(0), "{right:?}");
    assert!(!right.stdout.contains("first time"), "{right:?}");
    let lines: [(&[&str], i32); 5] = [
        (&["--every", "1h"], 2),
        (&["--no-web"], 2),
        (&["--prefer", "best"], 2),
        (&["file:///etc", "--budget", "1GB"], 1),
        (&["/nowhere/at/all", "--budget", "1GB"], 1),
    ];
    for (words, code) in lines {
        let outcome = run(&sandbox, words, &sandbox.join("other"));
        assert_eq!(outcome.code, Some(code), "{words:?}: {outcome:?}");
    }
}

#[test]
fn an_archive_is_published_and_carried() {
    let bench = Bench::archived();
    bench.run(["rights", "set", "--all", "--licence", "CC0-1.0"]);
    let report = bench.json(0, ["publish"]);
    let edition = bench.archive.join(report["edition"].as_str().unwrap());
    let into = bench.sandbox.join("mirror");
    let source = bench.archive.join("editions").display().to_string();
    let words = ["--json", &source, "--budget", "1GB", "--metadata"];
    let said = json(&run(&bench.sandbox, &words, &into), 0);
    assert!(said["report"]["fetched_files"].as_u64() >= Some(3), "{said}");
    let packs = tree::differences(
        &tree::contents(&edition.join("packs")),
        &tree::contents(&into.join("packs")),
    );
    assert_eq!(packs, Vec::<String>::new());
    for name in ["catalog.sqlite", "search.sqlite", "index.html", "edition.json"] {
        assert!(
            fs::read(edition.join(name)).unwrap() == fs::read(into.join(name)).unwrap(),
            "{name}"
        );
    }
}

#[test]
fn watching_it_takes_what_is_new_and_drops_what_went_dark_until_it_is_stopped() {
    let sandbox = Sandbox::new().unwrap();
    let mut published = Published::new();
    let mut packs = packs();
    published.publish("2026-11-21", &packs, &[]);
    let into = sandbox.join("mirror");
    let source = published.editions().display().to_string();
    let words = ["--json", &source, "--budget", "1GB", "--watch", "--every", "1s"];
    let mut running = sandbox.spawn(Path::new(DEADWAX), line(&words, &into)).unwrap();
    let mut wait_for = |what: &str, is_so: &dyn Fn(&str) -> bool| {
        let began = Instant::now();
        while !is_so(&running.printed().unwrap()) {
            assert!(!running.has_ended().unwrap(), "{what}: {}", running.said().unwrap());
            assert!(began.elapsed() < Duration::from_secs(60), "never: {what}");
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    let first = into.join("packs/Head/A/0.ogg");
    wait_for("the first edition", &|said| said.contains("\n"));
    assert_eq!(missing(&packs, &into), Vec::<String>::new());
    let dark = packs[0].files.remove(0).1;
    packs[0].name = "Head without".to_owned();
    packs[0].files.push(("A/new.ogg".to_owned(), music(77, 50_000)));
    let stone = Tombstone { roots: vec![root_of(&dark)], is_lifted: false };
    published.publish("2026-11-22", &packs, &[stone]);
    wait_for("the second edition", &|said| {
        said.contains("\"edition\":\"2026-11-22\",\"fetched_files\"")
    });
    assert_eq!(missing(&packs, &into), Vec::<String>::new());
    assert!(!first.exists());
    let id = running.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let outcome = running.wait().unwrap();
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let rounds: Vec<Value> =
        outcome.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |key: &str| rounds.iter().map(|it| it["report"][key].as_u64().unwrap()).sum::<u64>();
    assert_eq!((of("fetched_files"), of("dark_files")), (7, 1), "{rounds:?}");
}
