//! When files were last found sound, what is therefore due, and copies from elsewhere.

mod made;

use deadwax_archive::{Amount, Phase};
use deadwax_archive::{
    Archive, ArchiveError, Progress, Run, VerifyOptions, VerifyReport, verify_edition,
};
use deadwax_edition::Copies;
use deadwax_testkit::damage::{delete, flip_byte};
use made::{Made, made, run};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

fn on(day: &str) -> Run<'static> {
    Run { today: day.to_owned(), ..run() }
}

fn older_than(archive: &Archive, days: u32, day: &str) -> VerifyReport {
    let options = VerifyOptions { older_than_days: Some(days), ..VerifyOptions::default() };
    archive.verify_with(&on(day), &options).unwrap()
}

/// The holding of a piece.
fn holding(made: &Made, isrc: &str) -> PathBuf {
    let root = made.archive.one(isrc).unwrap().current().unwrap().hashes.root.to_string();
    made.archive.folder().join("store").join(&root[..2]).join(&root[2..4]).join(&root)
}

#[test]
fn the_day_of_each_file_is_kept_and_says_what_is_due() {
    let made = made(3, 1.0);
    // The main job ends with a check, on 1 January.
    assert!(made.archive(None).problems.is_empty());
    let all = made.archive.verify(&on("2026-03-01")).unwrap();
    assert!(all.is_sound() && all.skipped == 0 && all.not_noted.is_none(), "{all:?}");
    assert_eq!(all.oldest.as_deref(), Some("2026-03-01"));
    let again = made.archive.verify(&on("2026-03-01")).unwrap();
    assert_eq!((again.checked, again.skipped), (all.checked, 0), "all of it when nothing is said");

    let none = older_than(&made.archive, 30, "2026-03-30");
    assert_eq!((none.checked, none.skipped), (0, all.checked));
    assert_eq!(older_than(&made.archive, 30, "2026-03-31").checked, all.checked);

    let damaged = holding(&made, "QZDWX2600001");
    flip_byte(&damaged, 500).unwrap();
    let found = older_than(&made.archive, 30, "2026-05-01");
    assert_eq!(found.oldest.as_deref(), Some("2026-03-31"));
    assert_eq!(found.damaged.len(), 1, "{found:?}");
    let what = &found.damaged[0].what;
    assert!(what.ends_with("the root is another; it was last sound on 2026-03-31"), "{what}");
    // It stays due, and is named, until it is sound.
    assert_eq!(older_than(&made.archive, 30, "2026-05-02").damaged, found.damaged);
    flip_byte(&damaged, 500).unwrap();
    assert!(older_than(&made.archive, 30, "2026-05-03").is_sound());
    assert_eq!(older_than(&made.archive, 30, "2026-05-04").checked, 0);
}

#[test]
fn a_share_of_the_oldest_at_a_time_comes_round_to_everything() {
    let made = made(4, 1.0);
    made.archive(None);
    let all = made.archive.verify(&on("2026-03-01")).unwrap();
    let most = all.bytes / 3;
    let share = VerifyOptions { most_bytes: Some(most), ..VerifyOptions::default() };
    let (mut checked, mut day) = (0, 1);
    loop {
        day += 1;
        let found = made.archive.verify_with(&on(&format!("2026-03-{day:02}")), &share).unwrap();
        assert!(found.checked > 0 && (found.checked == 1 || found.bytes <= most), "{found:?}");
        assert_eq!(found.checked + found.skipped, all.checked);
        checked += found.checked;
        if found.oldest.as_deref() > Some("2026-03-01") {
            break;
        }
    }
    assert!(checked < 2 * all.checked, "in {} days {checked} of {}", day - 1, all.checked);
}

/// Wants to stop when so many files are done.
struct StopAfter {
    files: AtomicU64,
    most: u64,
    stop: AtomicBool,
}

impl Progress for StopAfter {
    fn begin(&self, _: Phase, _: &Amount) {}
    fn item(&self, _: &str, _: &Amount) {
        if self.files.fetch_add(1, Ordering::Relaxed) + 1 == self.most {
            self.stop.store(true, Ordering::Relaxed);
        }
    }
}

#[test]
fn a_check_that_was_stopped_goes_on_for_a_month() {
    let made = made(4, 1.0);
    made.archive(None);
    let all = made.archive.verify(&on("2026-03-01")).unwrap().checked;
    let stopped_on = |day: &str| {
        let progress = StopAfter { files: 0.into(), most: 5, stop: false.into() };
        let run = Run { progress: &progress, stop: &progress.stop, jobs: 1, ..on(day) };
        assert!(matches!(made.archive.verify(&run), Err(ArchiveError::Interrupted)));
    };
    stopped_on("2026-03-02");
    let rest = made.archive.verify(&on("2026-03-20")).unwrap();
    assert!(rest.skipped >= 5 && rest.checked + rest.skipped == all, "{rest:?}");
    assert_eq!(rest.oldest.as_deref(), Some("2026-03-02"));
    assert_eq!(made.archive.verify(&on("2026-03-20")).unwrap().skipped, 0);
    stopped_on("2026-04-01");
    assert_eq!(made.archive.verify(&on("2026-05-01")).unwrap().skipped, 0, "too long ago");
}

#[test]
fn a_log_of_another_program_is_left_alone_and_said() {
    let made = made(1, 1.0);
    made.archive(None);
    let log = made.archive.folder().join("fixity.sqlite");
    fs::write(&log, "not a database at all, and long enough to be looked at as one").unwrap();
    let found = made.archive.verify(&on("2026-03-01")).unwrap();
    assert!(found.is_sound() && found.checked > 0);
    assert!(found.not_noted.is_some(), "{found:?}");
    assert!(fs::read_to_string(&log).unwrap().starts_with("not a database"));
}

#[test]
fn an_edition_by_itself_is_checked_whole() {
    let made = made(2, 1.0);
    made.archive(None);
    let folder = tempfile::tempdir().unwrap();
    let edition = made.archive.folder().join("editions/2026-01-01");
    let copy = folder.path().join("copy");
    let copied = std::process::Command::new("cp").arg("-r").args([&edition, &copy]).status();
    assert!(copied.unwrap().success());
    let sound = verify_edition(&on("2026-03-01"), &copy).unwrap();
    assert!(sound.is_sound() && sound.oldest.is_none(), "{sound:?}");
    went_dark_and_is_not_missed(&copy);
    let song = walk(&copy).into_iter().find(|path| path.extension().is_some_and(|it| it == "flac"));
    let song = song.unwrap();
    flip_byte(&song, 700).unwrap();
    delete(&copy.join("search.sqlite")).unwrap();
    let found = verify_edition(&on("2026-03-01"), &copy).unwrap();
    let paths = |faults: &[deadwax_archive::Fault]| -> Vec<PathBuf> {
        faults.iter().map(|fault| copy.join(&fault.path)).collect()
    };
    assert_eq!(paths(&found.damaged), [song]);
    assert_eq!(paths(&found.missing), [copy.join("search.sqlite")]);
    assert!(verify_edition(&on("2026-03-01"), folder.path()).is_err());
}

#[test]
fn an_archive_takes_back_from_a_copy_what_it_cannot_make_again() {
    let made = made(2, 1.0);
    made.archive(None);
    let elsewhere = tempfile::tempdir().unwrap();
    let edition = made.archive.folder().join("editions/2026-01-01");
    let copied =
        std::process::Command::new("cp").arg("-r").arg(&edition).arg(elsewhere.path()).status();
    assert!(copied.unwrap().success());
    // The holding is one file with the link in the pack: both are damaged, and the source is gone.
    let held = holding(&made, "QZDWX2600000");
    let before = fs::read(&held).unwrap();
    flip_byte(&held, 900).unwrap();
    fs::remove_file(made.music.join("0.flac")).unwrap();
    let alone = made.archive.repair(&run(), &Copies::default()).unwrap();
    assert!(!alone.left.is_sound());
    let mut copies = Copies::default();
    assert!(!copies.add(&made.music), "there are no packs");
    assert!(copies.add(elsewhere.path()), "a folder of editions");
    let done = made.archive.repair(&run(), &copies).unwrap();
    assert!(done.left.is_sound(), "{done:?}");
    assert!(fs::read(&held).unwrap() == before);
    let copy = walk(elsewhere.path()).into_iter().find(|path| fs::read(path).unwrap() == before);
    let inode = |path: &PathBuf| fs::metadata(path).unwrap().ino();
    assert_ne!(inode(&copy.unwrap()), inode(&held), "two copies are still two");
}

/// Says in the copy's tombstones.json that a song went dark, and takes it out.
fn went_dark_and_is_not_missed(copy: &std::path::Path) {
    let song = walk(copy).into_iter().rfind(|path| path.extension().is_some_and(|it| it == "flac"));
    let (song, stones) = (song.unwrap(), copy.join("tombstones.json"));
    let (bytes, before) = (fs::read(&song).unwrap(), fs::read(&stones).unwrap());
    let root = deadwax_store::hash_of(&bytes).root;
    let dark = format!(
        r#"{{"format": "deadwax-tombstones", "schema": 1,
             "tombstones": [{{"number": 7, "roots": ["{root}"], "lifted": null}}]}}"#
    );
    let faults = || verify_edition(&on("2026-03-01"), copy).unwrap();
    overwrite(&stones, dark.as_bytes());
    let still_there = faults();
    assert!(
        still_there.damaged.iter().any(|it| it.what.contains("dark by takedown 7")),
        "{still_there:?}"
    );
    delete(&song).unwrap();
    assert_eq!(faults().missing, vec![], "it is not missed");
    overwrite(&stones, b"damaged");
    assert_eq!(
        (faults().missing.len(), faults().damaged.len()),
        (1, 1),
        "damage is told, and no end"
    );
    overwrite(&stones, &before);
    assert_eq!(faults().missing.len(), 1);
    fs::write(&song, bytes).unwrap();
}

fn overwrite(path: &std::path::Path, content: &[u8]) {
    delete(path).unwrap();
    fs::write(path, content).unwrap();
}

fn walk(folder: &std::path::Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(walk(&path)),
            false => found.push(path),
        }
    }
    found
}
