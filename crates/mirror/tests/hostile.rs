//! Web seeds that lie, stall, and send one elsewhere: never a wrong byte is kept, the bad one is named, and nobody outside of
//! what was given is asked for anything.

mod published;

use deadwax_mirror::{How, MirrorReport, Patience};
use deadwax_testkit::http::{Manner, Server};
use published::{Pack, Published, all_files, carry_all, missing, music};
use std::path::Path;
use std::time::{Duration, Instant};

const MIB: usize = 1 << 20;

fn carry(into: &Path, source: &str) -> MirrorReport {
    let patience = Patience {
        connect: Duration::from_secs(2),
        stall: Duration::from_millis(1_500),
        piece: Duration::from_secs(4),
    };
    let give_up = Duration::from_secs(20);
    let how = How { torrent: false, patience, give_up, ..How::default() };
    carry_all(into, source, how)
}

/// Six files; the first `large` ones are asked for in parts, the others whole.
fn packs(web_seed: &str, large: u64) -> Vec<Pack> {
    let bytes = |n| if n < large { 17 * MIB + 5 } else { 2 * MIB + n as usize * 100_003 };
    let files = (0..6).map(|n| (format!("A/{n}.ogg"), music(n, bytes(n)))).collect();
    let mut pack = Pack::new("Hostile", 1, files);
    pack.web_seeds = vec![web_seed.to_owned()];
    vec![pack]
}

/// What a bad seed does, and what is said of it.
fn manners(elsewhere: &str) -> Vec<(Manner, &'static str)> {
    vec![
        (Manner::Corrupt, "sends data that do not fit their hash"),
        (Manner::Stall, "sends nothing for"),
        (Manner::Drip, "takes more than"),
        (Manner::Short, "says that"),
        (Manner::Long, "says that"),
        (Manner::OtherRange, "was asked for bytes"),
        (Manner::Endless, "sends more than was asked for"),
        (Manner::EndlessHead, "breaks off"),
        (Manner::BreakOff, "breaks off"),
        (Manner::Redirect(format!("{elsewhere}secret")), "outside of itself"),
        (Manner::Redirect("file:///etc/passwd".to_owned()), "outside of itself"),
        (Manner::Redirect("//127.0.0.2/a".to_owned()), "outside of itself"),
        (Manner::Redirect("/packs/Hostile/again".to_owned()), "redirects more than"),
        (Manner::Status(500), "answers 500"),
    ]
}

/// Files to be asked for in parts where that is what it is about: the good seed has one of them, the bad one the other.
fn large(manner: &Manner) -> u64 {
    if *manner == Manner::OtherRange { 2 } else { 0 }
}

#[test]
fn bad_web_seeds_are_named_and_the_good_one_gives_all() {
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::write(elsewhere.path().join("secret"), "not for you").unwrap();
    let elsewhere = Server::start(elsewhere.path()).unwrap();
    let runs: Vec<_> = manners(&elsewhere.url())
        .into_iter()
        .map(|(manner, said)| std::thread::spawn(move || bad_seed(manner, said)))
        .collect();
    runs.into_iter().for_each(|run| run.join().unwrap());
    assert_eq!(elsewhere.asked(), Vec::<String>::new());
}

fn bad_seed(manner: Manner, said: &str) {
    let mut published = Published::new();
    let bad_folder = published.editions().join("2026-11-21/packs");
    let bad = Server::start(&bad_folder).unwrap();
    bad.behave("", manner.clone());
    let packs = packs(&bad.url(), large(&manner));
    published.publish("2026-11-21", &packs, &[]);
    let good = Server::start(&published.editions()).unwrap();
    // So that the bad one is asked too.
    good.slow_down(8_000_000);
    let into = published.path("mirror");
    let report = carry(&into, &good.url());
    assert_eq!(missing(&packs, &into), Vec::<String>::new(), "{manner:?}");
    let named = report.problems.iter().find(|problem| problem.path == bad.url());
    let named = named.unwrap_or_else(|| panic!("{manner:?} is not named: {:?}", report.problems));
    assert!(named.what.contains(said), "{manner:?}: {}", named.what);
    assert!(report.problems.iter().all(|problem| problem.path == bad.url()), "{report:?}");
    assert!(report.problems.len() <= 4, "{report:?}");
}

#[test]
fn with_bad_seeds_alone_nothing_wrong_is_kept_and_what_is_missing_is_said() {
    let runs: Vec<_> = manners("http://127.0.0.1:1/")
        .into_iter()
        .map(|(manner, said)| std::thread::spawn(move || only_bad(manner, said)))
        .collect();
    runs.into_iter().for_each(|run| run.join().unwrap());
}

fn only_bad(manner: Manner, said: &str) {
    let mut published = Published::new();
    let packs = packs("ftp://127.0.0.1/never/asked/", large(&manner));
    published.publish("2026-11-21", &packs, &[]);
    let source = Server::start(&published.editions()).unwrap();
    source.behave("/packs/Hostile/", manner.clone());
    let into = published.path("mirror");
    let began = Instant::now();
    let report = carry(&into, &source.url());
    assert!(began.elapsed() < Duration::from_secs(18), "{manner:?}: {:?}", began.elapsed());
    // `missing` fails where a file is there and other than published.
    let gone = missing(&packs, &into);
    let said_so = report.problems.iter().any(|problem| problem.what.contains(said));
    assert!(said_so, "{manner:?}: {report:?}");
    let lost = report
        .problems
        .iter()
        .any(|p| p.path == "Hostile" && p.what.contains("could not be fetched"));
    assert_eq!(lost, !gone.is_empty(), "{manner:?}: {report:?}");
    assert_eq!(report.files as usize, 6 - gone.len());
    let (_, files) = all_files(&into.join("packs"));
    assert_eq!(files.len(), 1 + 6 - gone.len());
    // What is right of files that did not come whole stays, and the next run needs no more than the rest.
    source.behave("/packs/Hostile/", Manner::Honest);
    let report = carry(&into, &source.url());
    assert_eq!(report.problems, [], "{manner:?}");
    assert_eq!(missing(&packs, &into), Vec::<String>::new());
}

#[test]
fn a_server_without_ranges_gives_whole_files() {
    let mut published = Published::new();
    let packs = packs("", 1);
    published.publish("2026-11-21", &packs, &[]);
    let source = Server::start(&published.editions()).unwrap();
    source.behave("/packs/Hostile/", Manner::NoRanges);
    let into = published.path("mirror");
    let report = carry(&into, &source.url());
    assert_eq!(report.problems, []);
    assert_eq!(missing(&packs, &into), Vec::<String>::new());
    assert_eq!(source.sent("/packs/Hostile/"), packs[0].bytes());
}

#[test]
fn files_that_a_seed_does_not_have_come_from_another() {
    let mut published = Published::new();
    let other_folder = tempfile::tempdir().unwrap();
    let other = Server::start(other_folder.path()).unwrap();
    let packs = packs(&other.url(), 0);
    published.publish("2026-11-21", &packs, &[]);
    let source = Server::start(&published.editions()).unwrap();
    source.behave("/packs/Hostile/A/3.ogg", Manner::Status(404));
    let copy = other_folder.path().join("Hostile/A");
    std::fs::create_dir_all(&copy).unwrap();
    std::fs::write(copy.join("3.ogg"), &packs[0].files[3].1).unwrap();
    let into = published.path("mirror");
    let report = carry(&into, &source.url());
    assert_eq!(report.problems, []);
    assert_eq!(missing(&packs, &into), Vec::<String>::new());
    assert_eq!(other.sent(""), packs[0].files[3].1.len() as u64);
}
