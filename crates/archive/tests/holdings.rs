//! What is kept when listens, sources and budgets change: an original that was ever kept is not
//! forgotten, one file's loss stops nothing, and a budget comes to rest.

mod made;

use deadwax_archive::{Archive, Run};
use deadwax_model::{Status, Tier};
use deadwax_testkit::{damage, music::Piece, wav};
use made::{made, run};
use std::fs;
use std::path::Path;

#[test]
fn an_original_that_was_kept_comes_back_after_its_tier_and_its_source_are_gone() {
    let made = made(1, 2.0);
    assert_eq!(made.archive(None).holdings["keep"].count, 1);
    let source = made.music.join("0.flac");
    let original = fs::read(&source).unwrap();
    made.listens(&[(0, 12)]);
    let report = made.archive(None);
    assert_eq!((report.holdings["keep"].count, report.holdings["opus-75"].count), (0, 1));
    assert_eq!(report.restorable, 1);
    fs::remove_file(&source).unwrap();
    let target = made.music.join("back.flac");
    made.archive.restore(&made.archive.one("1").unwrap(), &target).unwrap();
    assert_eq!(fs::read(&target).unwrap(), original);
    made.listens(&[(0, 12_000)]);
    fs::remove_file(&target).unwrap();
    let report = made.archive(None);
    assert_eq!(report.holdings["keep"].count, 1, "and it counts again when it is listened to");
    assert!(report.problems.is_empty(), "{:?}", report.problems);
}

#[test]
fn one_lost_holding_stops_nothing() {
    let made = made(2, 1.0);
    made.archive(None);
    let lost = made.archive.one("QZDWX2600000").unwrap();
    let name = lost.current().unwrap().hashes.root.to_string();
    let held = made.archive.folder().join("store").join(&name[..2]).join(&name[2..4]).join(&name);
    damage::delete(&held).unwrap();
    fs::remove_file(made.music.join("0.flac")).unwrap();
    let samples = Piece { seed: 77, seconds: 1.0 }.compose_i16();
    fs::write(made.music.join("new.wav"), wav::encode(&samples, &[])).unwrap();
    let report = made.archive(None);
    assert_eq!(report.recordings, 3);
    assert_eq!(made.status("QZDWX2600000"), Status::Failed);
    assert_eq!(made.status("QZDWX2600001"), Status::Held);
    assert!(report.problems.iter().any(|p| p.what.contains("its source is gone")), "{report:?}");
    assert_eq!(report.packs[0].files, 1);
}

#[test]
fn what_does_not_decode_as_it_should_is_kept_whatever_its_listens() {
    let made = made(1, 20.0);
    let source = made.music.join("0.flac");
    let half = fs::metadata(&source).unwrap().len() / 2;
    damage::truncate(&source, half).unwrap();
    made.listens(&[(0, 1)]);
    let report = made.archive(None);
    assert_eq!((report.holdings["keep"].count, report.holdings["opus-75"].count), (1, 0));
    assert_eq!(report.restorable, 1);
    assert!(report.problems.iter().any(|p| p.what.contains("decodes to")), "{:?}", report.problems);
    assert_eq!(made.archive(None), report, "the same line again says the same");
}

#[test]
fn a_budget_is_kept_and_comes_to_rest() {
    let made = made(6, 6.0);
    made.listens(&[(0, 9_000), (1, 8_000), (2, 700), (3, 600), (4, 500), (5, 400)]);
    let sizes: Vec<u64> =
        (0..6).map(|n| fs::metadata(made.music.join(format!("{n}.flac"))).unwrap().len()).collect();
    // Room for the two originals and for two or three of the re-encodings, whatever they come to.
    let budget = sizes[0] + sizes[1] + 170_000;
    let report = made.archive(Some(budget));
    let kept: u64 = report.holdings.values().map(|sum| sum.bytes).sum();
    assert!(kept <= budget, "{kept} of {budget}");
    assert_eq!(made.archive(Some(budget)), report, "the same line again changes nothing");
    assert!(
        report.holdings["opus-75"].count >= 1 && report.holdings["opus-75"].count < 4,
        "{report:?}"
    );
    assert_eq!(made.archive.one("1").unwrap().placement.unwrap().tier, Some(Tier::Keep));
    assert_eq!(made.status("6"), Status::OverBudget);
}

#[test]
fn a_day_before_the_newest_edition_publishes_nothing() {
    let made = made(1, 1.0);
    made.archive(None);
    let earlier = Run { today: "2025-12-31".to_owned(), ..run() };
    let said = made.archive.publish(&earlier).unwrap_err().to_string();
    assert!(said.contains("the newest edition is of 2026-01-01"), "{said}");
    fs::create_dir(made.archive.folder().join("editions/old-copies")).unwrap();
    fs::create_dir(made.archive.folder().join("editions/2026-01-01.bak")).unwrap();
    assert_eq!(made.archive.editions().unwrap(), ["2026-01-01"]);
}

#[test]
fn a_folder_of_somebody_elses_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let theirs: &Path = &folder.path().join("store/tmp");
    fs::create_dir_all(theirs).unwrap();
    fs::write(theirs.join("thesis.txt"), "three years").unwrap();
    let said = Archive::create(folder.path(), None).err().unwrap().to_string();
    assert!(said.contains("name a new or an empty folder"), "{said}");
    assert_eq!(fs::read_to_string(theirs.join("thesis.txt")).unwrap(), "three years");
}
