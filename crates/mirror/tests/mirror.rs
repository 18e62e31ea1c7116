//! Carrying editions: whole, in part, stopped and gone on with, followed to the next one, taken down.

mod published;

use deadwax_mirror::plan::Prefer;
use deadwax_mirror::{
    Asked, How, Mirror, MirrorError, MirrorReport, Patience, Run, Silent, SourceAddress,
};
use deadwax_testkit::http::{Manner, Server};
use published::{Pack, Published, Tombstone, all_files, missing, music, root_of};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const DAY: u64 = 1_790_000_000;

/// From the web alone.
fn from_web() -> How {
    let quick = Patience {
        connect: Duration::from_secs(2),
        stall: Duration::from_secs(3),
        piece: Duration::from_secs(10),
    };
    How { torrent: false, patience: quick, give_up: Duration::from_secs(20), ..How::default() }
}

fn asked(source: &str, budget_bytes: u64) -> Asked {
    Asked {
        source: Some(SourceAddress::parse(source).unwrap()),
        budget_bytes: Some(budget_bytes),
        prefer: Some(Prefer::Listens),
        metadata: false,
        drawn: 7,
    }
}

fn carry(into: &Path, asked: &Asked, how: How) -> Result<MirrorReport, MirrorError> {
    carry_until(into, asked, how, &AtomicBool::new(false))
}

fn carry_until(
    into: &Path,
    asked: &Asked,
    how: How,
    stop: &AtomicBool,
) -> Result<MirrorReport, MirrorError> {
    let mirror = published::opened(into, asked, how)?;
    let run = Run { progress: &Silent, stop, now_unix: DAY, began: Instant::now() };
    let (edition, dark) = mirror.refresh(&run)?;
    let plan = mirror.plan(&edition)?;
    let mut report = mirror.apply(&edition, &plan, &run)?;
    report.dark_files += dark;
    Ok(report)
}

const MIB: usize = 1 << 20;

/// Two packs of files of every kind: empty, small, exact pieces, more; names that have to be escaped; one file twice.
fn two_packs() -> Vec<Pack> {
    let twice = music(50, 700_000);
    let first = Pack::new(
        "Made 1",
        1,
        vec![
            ("Ann/2001 One/01 Ä 100% #1?.ogg".replace('?', "？"), music(1, 3 * MIB + 17)),
            ("Ann/2001 One/02 Whole.ogg".to_owned(), music(2, 2 * MIB)),
            ("Ann/2001 One/03 Twice.ogg".to_owned(), twice.clone()),
            ("Ann/2001 One/04 Nothing.ogg".to_owned(), Vec::new()),
        ],
    );
    let second = Pack::new(
        "Made 2",
        5,
        vec![
            ("Bob/1999 Two/01 Long.ogg".to_owned(), music(3, 21 * MIB + 5)),
            ("Bob/1999 Two/02 Twice.ogg".to_owned(), twice),
            ("Bob/1999 Two/03 Small.ogg".to_owned(), music(4, 12)),
        ],
    );
    vec![first, second]
}

#[test]
fn a_whole_edition_is_carried_from_a_folder_and_from_a_server() {
    let mut published = Published::new();
    let packs = two_packs();
    let edition = published.publish("2026-11-21", &packs, &[]);
    let server = Server::start(&published.editions()).unwrap();
    let sources =
        [published.editions().display().to_string(), edition.display().to_string(), server.url()];
    for (number, source) in sources.iter().enumerate() {
        let into = published.path(&format!("mirror {number}"));
        let report = carry(&into, &asked(source, 1_000_000_000), from_web()).unwrap();
        assert_eq!(report.problems, [], "{source}");
        assert_eq!(missing(&packs, &into), Vec::<String>::new());
        // One of the twins came, the other is a link to it.
        assert_eq!((report.files, report.fetched_files, report.linked_files), (7, 6, 1));
        let all: u64 = packs.iter().map(Pack::bytes).sum();
        assert_eq!((report.bytes, report.fetched_bytes), (all, all - 700_000));
        let file = into.join("packs/Made 2/Bob/1999 Two/03 Small.ogg");
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o444);
        let (_, files) = all_files(&into.join("packs"));
        assert_eq!(files.len(), 7 + 2, "{files:?}");
        assert!(!into.join("index.html").exists());
        // Once more: nothing is left to do.
        let again = carry(&into, &Asked::default(), from_web()).unwrap();
        assert_eq!((again.fetched_files, again.fetched_bytes, again.linked_files), (0, 0, 0));
        assert_eq!(again.files, 7);
    }
    let all: u64 = packs.iter().map(Pack::bytes).sum();
    assert_eq!(server.sent("packs/Made 1/") + server.sent("packs/Made 2/"), all - 700_000);
}

#[test]
fn metadata_comes_along_when_it_is_asked_for_and_stays_asked_for() {
    let mut published = Published::new();
    let edition = published.publish("2026-11-21", &two_packs(), &[]);
    let server = Server::start(&published.editions()).unwrap();
    let into = published.path("mirror");
    let asked = Asked { metadata: true, ..asked(&server.url(), 1_000_000_000) };
    let report = carry(&into, &asked, from_web()).unwrap();
    assert_eq!((report.problems.len(), report.fetched_files), (0, 8));
    for name in ["index.html", "catalog.sqlite", "torrents.json", "edition.json"] {
        assert_eq!(fs::read(into.join(name)).unwrap(), fs::read(edition.join(name)).unwrap());
    }
    published.publish("2026-11-22", &two_packs(), &[]);
    server.behave("catalog.sqlite", Manner::Corrupt);
    let report = carry(&into, &Asked::default(), from_web()).unwrap();
    assert_eq!(report.problems.len(), 1, "{:?}", report.problems);
    assert_eq!(report.problems[0].path, "catalog.sqlite");
    assert!(!into.join("catalog.sqlite").exists());
    let page = fs::read_to_string(into.join("index.html")).unwrap();
    assert!(page.contains("2026-11-22"));
    server.behave("catalog.sqlite", Manner::NoRanges);
    assert_eq!(carry(&into, &Asked::default(), from_web()).unwrap().problems, []);
    assert!(into.join("catalog.sqlite").exists());
}

/// 60 files of a quarter to three quarters of a MiB, the most listened first, in three packs.
fn sixty() -> Vec<Pack> {
    let files: Vec<_> = (0..60u64)
        .map(|n| {
            let bytes = 250_000 + (n * 37 % 60) as usize * 8_000;
            (format!("Artist {}/2000 Set/{n:02} Song.ogg", n % 7), music(100 + n, bytes))
        })
        .collect();
    let packs = files.chunks(20).enumerate();
    packs
        .map(|(number, files)| {
            Pack::new(&format!("Sixty {number}"), number as u32 * 20 + 1, files.to_vec())
        })
        .collect()
}

#[test]
fn a_budget_is_used_and_never_passed_most_listened_first() {
    let mut published = Published::new();
    let packs = sixty();
    published.publish("2026-11-21", &packs, &[]);
    let server = Server::start(&published.editions()).unwrap();
    let all: u64 = packs.iter().map(Pack::bytes).sum();
    for share in [0.3, 0.5, 0.9] {
        let budget = (all as f64 * share) as u64;
        let into = published.path(&format!("mirror {share}"));
        let report = carry(&into, &asked(&server.url(), budget), from_web()).unwrap();
        assert_eq!(report.problems, []);
        let (bytes, _) = all_files(&into);
        assert!(bytes <= budget, "{bytes} of {budget}");
        // The record's reserve and the end of a file are all that may be left of it.
        assert!(bytes + 900_000 > budget, "{bytes} of {budget}");
        let gone = missing(&packs, &into);
        let there = |pack: &Pack, n: usize| {
            !gone.contains(&format!("packs/{}/{}", pack.name, pack.files[n].0))
        };
        // Whole packs, then the head of one, with at most its last places filled by what still fits.
        let held: Vec<bool> = packs
            .iter()
            .flat_map(|pack| (0..20).map(|n| there(pack, n)).collect::<Vec<_>>())
            .collect();
        let first_gap = held.iter().position(|held| !held).unwrap();
        let behind = held[first_gap..].iter().filter(|held| **held).count();
        assert!(behind <= 1, "{held:?}");
    }
}

#[test]
fn what_does_not_fit_at_all_is_said_before_anything_is_done() {
    let mut published = Published::new();
    published.publish("2026-11-21", &two_packs(), &[]);
    let source = published.editions().display().to_string();
    let into = published.path("mirror");
    let refused = carry(&into, &asked(&source, 1000), from_web()).unwrap_err().to_string();
    assert!(refused.contains("larger --budget"), "{refused}");
    let how = How { reserve_bytes: u64::MAX / 2, ..from_web() };
    let refused = carry(&into, &asked(&source, 1_000_000_000), how).unwrap_err().to_string();
    assert!(refused.contains("make room on the disk"), "{refused}");
    assert!(!into.join("packs").exists());
    let nothing = carry(&published.path("new"), &Asked::default(), from_web());
    assert!(nothing.unwrap_err().to_string().contains("say SOURCE"));
}

#[test]
fn a_trial_leaves_nothing() {
    let mut published = Published::new();
    published.publish("2026-11-21", &two_packs(), &[]);
    let into = published.path("mirror");
    {
        let how = How { is_trial: true, ..from_web() };
        let source = published.editions().display().to_string();
        let mirror = Mirror::open(&into, &asked(&source, 1_000_000_000), how).unwrap();
        let stop = AtomicBool::new(false);
        let run = Run { progress: &Silent, stop: &stop, now_unix: DAY, began: Instant::now() };
        let plan = mirror.plan(&mirror.refresh(&run).unwrap().0).unwrap();
        assert_eq!(plan.packs.len(), 2);
        assert_eq!(plan.listens, Some(1.0));
    }
    assert!(!into.exists());
}

#[test]
fn stopped_and_gone_on_with_it_fetches_nothing_twice() {
    let mut published = Published::new();
    let packs = vec![Pack::new(
        "Long",
        1,
        vec![
            ("A/1.ogg".to_owned(), music(1, 18 * MIB)),
            ("A/2.ogg".to_owned(), music(2, 13 * MIB + 1)),
        ],
    )];
    published.publish("2026-11-21", &packs, &[]);
    let server = Server::start(&published.editions()).unwrap();
    server.slow_down(12_000_000);
    let into = published.path("mirror");
    let asked = asked(&server.url(), 1_000_000_000);
    let mut stops = 0;
    loop {
        let stop = Arc::new(AtomicBool::new(false));
        let stops_it = Arc::clone(&stop);
        let timer = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(250));
            stops_it.store(true, Ordering::Relaxed);
        });
        let came = carry_until(&into, &asked, from_web(), &stop);
        timer.join().unwrap();
        match came {
            Err(MirrorError::Interrupted) => stops += 1,
            report => {
                assert_eq!(report.unwrap().problems, []);
                break;
            }
        }
        assert!(stops < 60, "it never ends");
    }
    assert_eq!(missing(&packs, &into), Vec::<String>::new());
    assert!(stops > 1, "it was never stopped");
    // What was in flight: a piece on each of four connections, for each time it was stopped.
    let (sent, all) = (server.sent("packs/Long/"), packs[0].bytes());
    assert!(sent <= all + stops * 4 * MIB as u64, "{sent} of {all} after {stops} stops");
    let (_, left) = all_files(&into.join(".deadwax/parts"));
    assert_eq!(left, Vec::<String>::new());
}

#[test]
fn the_next_edition_costs_only_what_is_new() {
    let mut published = Published::new();
    let first = sixty();
    published.publish("2026-11-21", &first, &[]);
    let server = Server::start(&published.editions()).unwrap();
    let into = published.path("mirror");
    carry(&into, &asked(&server.url(), 1_000_000_000), from_web()).unwrap();
    let inode = |path: &str| fs::metadata(into.join(path)).unwrap().ino();
    let before = inode("packs/Sixty 2/Artist 3/2000 Set/59 Song.ogg");
    // The last becomes the first, so that every pack is another; one is new, one is gone.
    let mut files: Vec<_> = first.into_iter().flat_map(|pack| pack.files).collect();
    files.rotate_right(1);
    let gone = files.remove(30);
    let new = music(999, 333_333);
    files.insert(5, ("New/2026 New/01 New.ogg".to_owned(), new));
    let second: Vec<_> = files
        .chunks(15)
        .enumerate()
        .map(|(n, files)| Pack::new(&format!("Other {n}"), n as u32 * 15 + 1, files.to_vec()))
        .collect();
    published.publish("2026-11-22", &second, &[]);
    let sent = server.sent("/packs/");
    let report = carry(&into, &Asked::default(), from_web()).unwrap();
    assert_eq!(report.problems, []);
    assert_eq!((report.fetched_files, report.fetched_bytes), (1, 333_333));
    assert_eq!((report.linked_files, report.removed_files), (59, 60));
    let torrents: u64 = second
        .iter()
        .map(|pack| fs::metadata(into.join(format!("packs/{}.torrent", pack.name))).unwrap().len())
        .sum();
    assert_eq!(server.sent("/packs/") - sent, 333_333 + torrents);
    assert_eq!(missing(&second, &into), Vec::<String>::new());
    assert_eq!(inode("packs/Other 0/Artist 3/2000 Set/59 Song.ogg"), before);
    let (_, files) = all_files(&into.join("packs"));
    assert_eq!(files.len(), 60 + 4);
    assert!(
        !files.iter().any(|path| path.contains(&gone.0) || path.contains("Sixty")),
        "{files:?}"
    );
    // The older edition is not taken for a newer one.
    fs::write(
        published.editions().join("newest.json"),
        r#"{"format": "deadwax-newest", "edition": "2026-11-21"}"#,
    )
    .unwrap();
    let refused = carry(&into, &Asked::default(), from_web()).unwrap_err().to_string();
    assert!(refused.starts_with("rollback"), "{refused}");
    assert_eq!(missing(&second, &into), Vec::<String>::new());
}

#[test]
fn what_went_dark_is_removed_first_and_never_fetched() {
    let mut published = Published::new();
    let packs = two_packs();
    let (here, there) = (&packs[0].files[1].1, &packs[1].files[0].1);
    let dark = |is_lifted| {
        vec![
            Tombstone { roots: vec![root_of(here)], is_lifted: false },
            Tombstone { roots: vec![root_of(there)], is_lifted },
        ]
    };
    published.publish("2026-11-21", &packs, &[]);
    let server = Server::start(&published.editions()).unwrap();
    let into = published.path("mirror");
    // Half of it is there, and of the other half some pieces are.
    carry(&into, &asked(&server.url(), 8_000_000), from_web()).unwrap();
    let file = "packs/Made 1/Ann/2001 One/02 Whole.ogg";
    assert!(into.join(file).exists());
    let part = into.join(".deadwax/parts").join(root_of(there));
    fs::write(&part, &there[..2 * MIB]).unwrap();

    // The edition of that day is signed anew with a tombstone, and its torrents cannot be had.
    published.publish("2026-11-22", &packs, &dark(false));
    server.behave("torrents.json", Manner::Status(500));
    assert!(carry(&into, &Asked::default(), from_web()).is_err());
    assert!(!into.join(file).exists(), "it is dark, whatever else goes wrong");
    assert!(!part.exists());
    server.behave("torrents.json", Manner::Honest);
    let sent = server.sent("packs/");
    let report = carry(&into, &asked(&server.url(), 1_000_000_000), from_web()).unwrap();
    assert_eq!(report.problems, []);
    assert_eq!(missing(&packs, &into).len(), 2);
    let here_before = (packs[0].bytes() - here.len() as u64) as usize;
    let all = packs.iter().map(Pack::bytes).sum::<u64>() as usize - here.len() - there.len();
    assert!(server.sent("packs/") - sent <= (all - here_before + 100_000) as u64);
    assert!(!server.asked().iter().any(|path| path.contains("01%20Long") && path.contains("-22")));

    // Lifting brings one of them back.
    published.publish("2026-11-23", &packs, &dark(true));
    let report = carry(&into, &Asked::default(), from_web()).unwrap();
    assert_eq!((report.fetched_files, report.fetched_bytes), (1, there.len() as u64));
    assert_eq!(missing(&packs, &into), [file]);
}

#[test]
fn a_file_that_was_lost_or_damaged_comes_again() {
    let mut published = Published::new();
    let packs = two_packs();
    published.publish("2026-11-21", &packs, &[]);
    let server = Server::start(&published.editions()).unwrap();
    let into = published.path("mirror");
    carry(&into, &asked(&server.url(), 1_000_000_000), from_web()).unwrap();
    fs::remove_file(into.join("packs/Made 2/Bob/1999 Two/03 Small.ogg")).unwrap();
    let report = carry(&into, &Asked::default(), from_web()).unwrap();
    assert_eq!((report.fetched_files, report.fetched_bytes), (1, 12));
    assert_eq!(missing(&packs, &into), Vec::<String>::new());
}

#[test]
fn a_torrent_that_is_other_than_the_list_says_is_refused() {
    let mut published = Published::new();
    let mut packs = two_packs();
    packs[1].said_bytes = Some(5);
    published.publish("2026-11-21", &packs, &[]);
    let source = published.editions().display().to_string();
    let refused = carry(&published.path("mirror"), &asked(&source, 9_000_000), from_web());
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("than torrents.json says"), "{refused}");
}

#[test]
fn a_rate_is_kept() {
    let mut published = Published::new();
    let packs = vec![Pack::new("Slow", 1, vec![("A/1.ogg".to_owned(), music(1, 3_000_000))])];
    published.publish("2026-11-21", &packs, &[]);
    let server = Server::start(&published.editions()).unwrap();
    let how = How { rate: Some(2_000_000), patience: Patience::default(), ..from_web() };
    let began = Instant::now();
    carry(&published.path("mirror"), &asked(&server.url(), 1_000_000_000), how).unwrap();
    let took = began.elapsed();
    assert!(took >= Duration::from_millis(1_400), "{took:?}");
}

#[test]
fn two_processes_do_not_change_one_mirror() {
    let mut published = Published::new();
    published.publish("2026-11-21", &two_packs(), &[]);
    let asked = asked(&published.editions().display().to_string(), 1_000_000_000);
    let into = published.path("mirror");
    let _first = Mirror::open(&into, &asked, from_web()).unwrap();
    let refused = Mirror::open(&into, &asked, from_web()).err().unwrap().to_string();
    assert!(refused.contains("in use by another deadwax process"), "{refused}");
}
