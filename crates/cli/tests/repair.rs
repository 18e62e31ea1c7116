//! What a repair has to work with: every sound copy that is left, wherever it is; and what it must leave
//! alone: the damaged bytes, and the list.

#[path = "support/made.rs"]
mod made;

use deadwax_testkit::damage::{delete, flip_byte};
use deadwax_testkit::png;
use made::{Bench, DAY, stored, titled};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

fn paths(faults: &Value) -> BTreeSet<String> {
    let faults = faults.as_array().unwrap();
    faults.iter().map(|fault| fault["path"].as_str().unwrap().to_owned()).collect()
}

fn is_sound(report: &Value) -> bool {
    report["damaged"] == json!([]) && report["missing"] == json!([])
}

fn inode(path: &Path) -> u64 {
    fs::metadata(path).unwrap().ino()
}

/// The pack's file of `01 Morning.flac` in an edition.
fn morning_in(bench: &Bench, edition: &str) -> PathBuf {
    let packs = bench.archive.join(format!("editions/{edition}/packs"));
    let mut folders = vec![packs];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with("Morning.flac") {
                return path;
            }
        }
    }
    panic!("edition {edition} has no Morning.flac")
}

/// Where a recording's holding is, absolute.
fn holding(bench: &Bench, title: &str) -> PathBuf {
    bench.archive.join(stored(&titled(&bench.list(), title)["root"]))
}

/// Everything that was set aside, and what it holds.
fn set_aside(bench: &Bench) -> BTreeSet<Vec<u8>> {
    let listing = fs::read_dir(bench.archive.join("store/damaged")).into_iter().flatten();
    listing.map(|entry| fs::read(entry.unwrap().path()).unwrap()).collect()
}

fn take_sources_away(bench: &Bench) {
    fs::rename(&bench.music, bench.sandbox.join("elsewhere")).unwrap();
}

#[test]
fn damage_in_a_pack_of_an_older_edition_is_seen_though_its_holding_was_made_anew() {
    let bench = Bench::archived();
    let old = holding(&bench, "Morning");
    // A second edition with the same holding, and a third with one that carries a cover.
    let rule = ["rights", "set", "--everything", "--licence", "CC-BY-4.0", "--ground", "a letter"];
    assert_eq!(bench.run(rule).code, Some(0));
    assert_eq!(bench.run(["publish"]).code, Some(0));
    fs::write(bench.music.join("First Light/cover.png"), png::cover(3, 120)).unwrap();
    let report = bench.main_job_json(0);
    let editions = [DAY.to_owned(), format!("{DAY}.2"), format!("{DAY}.3")];
    assert_eq!(report["edition"], format!("editions/{}", editions[2]));
    let packed = editions.each_ref().map(|edition| morning_in(&bench, edition));
    assert_eq!((inode(&packed[0]), inode(&packed[1])), (inode(&old), inode(&old)));
    assert_ne!(inode(&packed[2]), inode(&old));
    let whole = bench.json(0, ["verify"]);

    flip_byte(&packed[0], 30_000).unwrap();
    let named = [&packed[0], &packed[1]]
        .map(|path| path.strip_prefix(&bench.archive).unwrap().display().to_string());
    let report = bench.json(3, ["verify"]);
    assert_eq!(paths(&report["damaged"]), BTreeSet::from(named));
    let next = report["damaged"][0]["next"].as_str().unwrap();
    assert!(next.contains("from a copy of the edition"), "{next}");
    // A file with several names is read once.
    assert_eq!(report["checked"], whole["checked"]);
    let first = fs::read(bench.archive.join(format!("editions/{DAY}/edition.json"))).unwrap();
    let first: Value = serde_json::from_slice(&first).unwrap();
    let kept = bench.sandbox.join("kept");
    fs::rename(bench.archive.join("editions").join(DAY), &kept).unwrap();
    let without = bench.json(3, ["verify"])["checked"].as_u64().unwrap();
    let own = first["files"].as_array().unwrap().len() as u64;
    assert_eq!(whole["checked"].as_u64().unwrap() - without, own);
    fs::rename(&kept, bench.archive.join("editions").join(DAY)).unwrap();

    // Nothing makes it again, and that is told; a sound copy of the edition does.
    let before = fs::read(&old).unwrap();
    assert_eq!(bench.json(3, ["repair"])["repaired"], 0);
    assert!(fs::read(&old).unwrap() == before);
    flip_byte(&packed[0], 30_000).unwrap();
    let copy = fs::read(&packed[0]).unwrap();
    flip_byte(&packed[0], 30_000).unwrap();
    fs::remove_file(&packed[0]).unwrap();
    fs::write(&packed[0], copy).unwrap();
    let report = bench.json(0, ["repair"]);
    assert_eq!((&report["found"], &report["repaired"]), (&json!(1), &json!(1)), "{report}");
    assert!(is_sound(&bench.json(0, ["verify"])));
}

#[test]
fn a_holding_that_cannot_be_read_is_made_again() {
    let bench = Bench::with_three();
    let Some(user) = bench.unprivileged() else { return };
    assert_eq!(user.json(0, ["archive", bench.music.to_str().unwrap()])["cleared"], 1);
    let path = holding(&bench, "Morning");
    let whole = fs::read(&path).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    let report = user.json(3, ["verify"]);
    assert!(report["damaged"][0]["what"].as_str().unwrap().contains("cannot be read"), "{report}");
    let repaired = user.json(0, ["repair"]);
    assert!(is_sound(&repaired["left"]), "{repaired}");
    assert!(fs::read(&path).unwrap() == whole);
    assert_eq!(inode(&morning_in(&bench, DAY)), inode(&path));
    assert!(is_sound(&user.json(0, ["verify"])));
}

#[test]
fn damaged_bytes_are_kept_each_time() {
    let bench = Bench::archived();
    let path = holding(&bench, "Evening");
    let mut damaged = BTreeSet::new();
    for offset in [9_000, 10_000, 11_000] {
        flip_byte(&path, offset).unwrap();
        damaged.insert(fs::read(&path).unwrap());
        assert_eq!(bench.json(0, ["repair"])["repaired"], 1);
    }
    assert_eq!(set_aside(&bench), damaged);
}

#[test]
fn a_repair_that_was_killed_loses_nothing() {
    let bench = Bench::archived();
    let path = holding(&bench, "Evening");
    let root = path.file_name().unwrap().to_owned();
    let sound = fs::read(&path).unwrap();
    flip_byte(&path, 9_000).unwrap();
    let damaged = fs::read(&path).unwrap();
    take_sources_away(&bench);
    // What a kill leaves after the file was set aside, and then what it leaves at any moment.
    let aside = bench.archive.join("store/damaged").join(&root);
    fs::create_dir_all(aside.parent().unwrap()).unwrap();
    fs::rename(&path, &aside).unwrap();
    let report = bench.json(3, ["repair"]);
    assert_eq!(paths(&report["left"]["damaged"]).len(), 1, "{report}");
    assert!(fs::read(&path).unwrap() == damaged);
    for milliseconds in [1, 3, 5, 8, 11, 15, 20, 30, 45, 70] {
        let line = bench.line(["repair"]);
        let running = bench.sandbox.spawn(Path::new(made::DEADWAX), line).unwrap();
        std::thread::sleep(Duration::from_millis(milliseconds));
        running.kill().unwrap();
        let there = fs::read(&path).is_ok_and(|found| found == damaged);
        assert!(there || set_aside(&bench).contains(&damaged), "after {milliseconds} ms");
    }
    assert_eq!(bench.run(["repair"]).code, Some(3));
    assert!(fs::read(&path).unwrap() == damaged);
    // A sound copy among what was set aside is seen, whatever came after it.
    fs::write(bench.archive.join("store/damaged").join(&root), &sound).unwrap();
    assert_eq!(bench.json(0, ["repair"])["repaired"], 1);
    assert!(fs::read(&path).unwrap() == sound);
    assert!(set_aside(&bench).contains(&damaged));
}

#[test]
fn a_second_source_is_used_when_the_first_has_changed() {
    let bench = Bench::with_three();
    let copy = bench.music.join("Copies/Evening again.flac");
    fs::create_dir(copy.parent().unwrap()).unwrap();
    fs::copy(bench.music.join("Evening.flac"), &copy).unwrap();
    assert_eq!(bench.main_job().code, Some(0));
    let rows = bench.list();
    let id = titled(&rows, "Evening")["id"].as_str().unwrap().to_owned();
    let sources = bench.json(0, ["show", &id])[0]["sources"].clone();
    assert_eq!(sources.as_array().unwrap().len(), 2, "{sources}");
    let sound = fs::read(&copy).unwrap();
    let path = holding(&bench, "Evening");
    for source in sources.as_array().unwrap() {
        // Its length and its time are what they were.
        let source = Path::new(source.as_str().unwrap());
        flip_byte(source, 9_000).unwrap();
        delete(&path).unwrap();
        assert_eq!(bench.json(0, ["repair"])["repaired"], 1, "{}", source.display());
        flip_byte(source, 9_000).unwrap();
        assert!(fs::read(source).unwrap() == sound);
    }
    bench.assert_restores(&id, &copy);
}

#[test]
fn a_holding_is_taken_back_from_a_pack_when_its_source_is_gone() {
    let bench = Bench::archived();
    let (path, packed) = (holding(&bench, "Morning"), morning_in(&bench, DAY));
    take_sources_away(&bench);
    delete(&path).unwrap();
    assert_eq!(paths(&bench.json(3, ["verify"])["missing"]).len(), 1);
    let report = bench.json(0, ["repair"]);
    assert_eq!((&report["found"], &report["repaired"]), (&json!(1), &json!(1)), "{report}");
    assert_eq!(inode(&path), inode(&packed));
    // Damaged in the store, where the pack's folder has bytes of its own.
    let whole = fs::read(&packed).unwrap();
    fs::remove_file(&packed).unwrap();
    fs::write(&packed, &whole).unwrap();
    flip_byte(&path, 20_000).unwrap();
    assert_eq!(bench.json(0, ["repair"])["repaired"], 1);
    assert!(fs::read(&path).unwrap() == whole);
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o444);
}

#[test]
fn the_list_stays_as_it_was_planned() {
    let bench = Bench::archived();
    // Three holdings, of which a budget leaves one: the others are in the store and in no pack.
    let music = bench.music.to_str().unwrap();
    assert_eq!(bench.run(["archive", music, "--budget", "150kB"]).code, Some(0));
    let rows = bench.list();
    let left_out: Vec<_> = rows.iter().filter(|row| row["status"] == "over-budget").collect();
    assert_eq!(left_out.len(), 2, "{rows:#?}");
    let store = bench.archive.join("store");
    let mut holdings = Vec::new();
    for folder in fs::read_dir(&store).unwrap().map(|entry| entry.unwrap().path()) {
        for inner in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            holdings.extend(fs::read_dir(inner).unwrap().map(|entry| entry.unwrap().path()));
        }
    }
    holdings.retain(|path| fs::metadata(path).unwrap().len() > 10_000);
    assert_eq!(holdings.len(), 3);
    for path in &holdings {
        flip_byte(path, 9_000).unwrap();
    }
    assert_eq!(bench.json(0, ["repair"])["repaired"], 3);
    assert_eq!(bench.list(), rows);
    assert_eq!(bench.json(0, ["publish"])["is_new"], false);
    // Nor does a repair that cannot make them again say where they stand.
    take_sources_away(&bench);
    for path in &holdings {
        flip_byte(path, 9_000).unwrap();
    }
    assert_eq!(bench.json(3, ["repair"])["repaired"], 0);
    let still: Vec<_> = bench.list().into_iter().map(|row| row["status"].clone()).collect();
    assert_eq!(still, rows.iter().map(|row| row["status"].clone()).collect::<Vec<_>>());
}
