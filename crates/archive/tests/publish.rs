//! When an edition is new, and when it would only say the same again.

use deadwax_archive::{Archive, MainJob, Run, Silent};
use deadwax_testkit::{flac, music::Piece};
use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;

static NEVER: AtomicBool = AtomicBool::new(false);

fn run_on(day: &str) -> Run<'static> {
    Run {
        progress: &Silent,
        stop: &NEVER,
        jobs: 2,
        today: day.to_owned(),
        now: jiff::Timestamp::now(),
    }
}

fn music(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    for seed in 0..2 {
        let samples = Piece { seed, seconds: 1.0 }.compose_i16();
        // No ALBUMARTIST: such a release is told apart by its folder.
        let fields = [("TITLE", "One"), ("ALBUM", "Album"), ("LICENSE", "CC0-1.0")];
        let file = flac::encode(&samples, &fields, 512).unwrap();
        fs::write(folder.join(format!("{seed}.flac")), file).unwrap();
    }
}

#[test]
fn music_that_moved_is_no_news_and_a_rule_is() {
    let folder = tempfile::tempdir().unwrap();
    let (here, there) = (folder.path().join("here"), folder.path().join("there"));
    music(&here);
    let archive = Archive::create(&folder.path().join("archive"), Some("Test")).unwrap();
    let job = MainJob::default();
    let first = archive.archive(&run_on("2026-01-01"), &here, &job).unwrap();
    assert_eq!(first.edition, "editions/2026-01-01");
    fs::rename(&here, &there).unwrap();
    let second = archive.archive(&run_on("2026-01-02"), &there, &job).unwrap();
    assert_eq!(second.edition, "editions/2026-01-01", "moved music says nothing new");
    let licence = deadwax_rights::Licence::recognise("InC").unwrap();
    let target = deadwax_rights::RuleTarget::Recording(archive.one("1").unwrap().id);
    let rule = deadwax_rights::Rule {
        number: 0,
        target,
        licence,
        ground: "a letter".to_owned(),
        until: None,
        places: Vec::new(),
    };
    archive.catalog().add_rule(&rule).unwrap();
    let third = archive.publish(&run_on("2026-01-02")).unwrap();
    assert_eq!((third.edition.as_str(), third.is_new), ("editions/2026-01-02", true));
    assert_eq!(third.summary.packs[0].files, 1);
    archive.catalog().remove_rule(1).unwrap();
    let fourth = archive.publish(&run_on("2026-01-02")).unwrap();
    assert_eq!(fourth.edition, "editions/2026-01-02.2", "a second one of the day has a number");
}

#[test]
fn another_folder_of_the_same_bytes_gives_the_same_edition() {
    let folder = tempfile::tempdir().unwrap();
    let contents = ["a", "b"].map(|name| {
        let source = folder.path().join(name).join("music");
        music(&source);
        let archive =
            Archive::create(&folder.path().join(name).join("archive"), Some("Test")).unwrap();
        archive.archive(&run_on("2026-01-01"), &source, &MainJob::default()).unwrap();
        let edition = archive.folder().join("editions/2026-01-01");
        ["edition.json", "catalog.sqlite", "search.sqlite"]
            .map(|file| fs::read(edition.join(file)).unwrap())
    });
    assert!(contents[0] == contents[1]);
}

#[test]
fn a_lost_catalogue_is_not_replaced_by_an_empty_one() {
    let folder = tempfile::tempdir().unwrap();
    let (source, target) = (folder.path().join("music"), folder.path().join("archive"));
    music(&source);
    let archive = Archive::create(&target, Some("Test")).unwrap();
    archive.archive(&run_on("2026-01-01"), &source, &MainJob::default()).unwrap();
    drop(archive);
    let catalog = target.join("catalog.sqlite");
    for lose in
        [|path: &Path| fs::write(path, "").unwrap(), |path: &Path| fs::remove_file(path).unwrap()]
    {
        lose(&catalog);
        let said = Archive::create(&target, None).err().unwrap().to_string();
        assert!(said.contains("restore its catalog.sqlite from a backup"), "{said}");
    }
}
