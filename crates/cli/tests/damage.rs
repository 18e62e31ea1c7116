//! Damage to an archive in every place: `verify` names each file with its path, `repair` puts right what the
//! sources can, and says what it cannot; nothing is lost and nothing wrong is handed out.

#[path = "support/made.rs"]
mod made;

use deadwax_testkit::damage::{delete, flip_byte, truncate};
use deadwax_testkit::tree::{contents, differences};
use deadwax_testkit::{oracle, png};
use made::{Bench, DAY, assert_refused, overwrite, stored, titled};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// What is listed under a word of `verify --json`, by path.
fn faults(report: &Value, word: &str) -> Vec<String> {
    let listed = report[word].as_array().unwrap();
    for fault in listed {
        for part in ["of", "what", "next"] {
            assert!(fault[part].as_str().unwrap().len() > 5, "{fault}");
        }
    }
    listed.iter().map(|fault| fault["path"].as_str().unwrap().to_owned()).collect()
}

fn sound(report: &Value) -> bool {
    report["damaged"] == json!([]) && report["missing"] == json!([])
}

fn edition(file: &str) -> String {
    format!("editions/{DAY}/{file}")
}

/// The pack's only file (the archive of [`Bench::archived`] has one cleared recording).
fn packed(bench: &Bench) -> PathBuf {
    let packs = bench.archive.join(edition("packs"));
    let found = fs::read_dir(packs).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> = found
        .flat_map(|path| match path.is_dir() {
            true => walk(&path),
            false => vec![path],
        })
        .filter(|path| path.extension().is_some_and(|ending| ending == "flac"))
        .collect();
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

#[test]
fn every_damaged_and_missing_holding_is_named_and_repaired_from_its_source() {
    let bench = Bench::archived();
    let clean = contents(&bench.archive);
    let rows = bench.list();
    let path = |title: &str| stored(&titled(&rows, title)["root"]);
    let (flipped, cut, gone) = (path("Morning"), path("Noon"), path("Evening"));
    let bytes = fs::metadata(bench.archive.join(&flipped)).unwrap().len();
    flip_byte(&bench.archive.join(&flipped), bytes / 2).unwrap();
    truncate(&bench.archive.join(&cut), 1000).unwrap();
    delete(&bench.archive.join(&gone)).unwrap();

    let report = bench.json(3, ["verify"]);
    let mut damaged = vec![flipped.clone(), cut.clone()];
    damaged.sort();
    assert_eq!(faults(&report, "damaged"), damaged);
    assert_eq!(faults(&report, "missing"), [gone.as_str()]);
    let text = bench.run(["verify"]);
    assert_eq!(text.code, Some(3));
    for path in [&flipped, &cut, &gone] {
        assert!(text.stdout.contains(path.as_str()), "{}", text.stdout);
    }

    // What is damaged is not handed out, and nothing half is left where it was asked for.
    for title in ["Morning", "Noon", "Evening"] {
        let out = bench.sandbox.join("home/out.flac");
        let id = titled(&rows, title)["id"].as_str().unwrap();
        let outcome = bench.run(["restore", id, "-o", out.to_str().unwrap()]);
        assert_refused(&outcome, &["out.flac was not restored", "deadwax"]);
        assert_eq!(fs::read_dir(bench.sandbox.join("home")).unwrap().count(), 0);
    }

    let broken = fs::read(bench.archive.join(&flipped)).unwrap();
    let repaired = bench.json(0, ["repair"]);
    assert_eq!(repaired["found"], 3);
    assert_eq!(repaired["repaired"], 3);
    assert!(sound(&repaired["left"]), "{repaired}");
    assert!(sound(&bench.json(0, ["verify"])));
    // The damaged bytes are kept, the rest is as it was, byte for byte.
    let aside = bench.archive.join("store/damaged").join(Path::new(&flipped).file_name().unwrap());
    assert!(fs::read(aside).unwrap() == broken);
    let left: Vec<String> = differences(&clean, &contents(&bench.archive))
        .into_iter()
        .filter(|line| {
            let changing = ["store/damaged", "catalog.sqlite", "fixity.sqlite"];
            !changing.iter().any(|name| line.starts_with(name))
        })
        .collect();
    assert_eq!(left, [""; 0]);
    // The pack's file is the repaired holding again, not the damaged one.
    let inode = |path: &Path| fs::metadata(path).unwrap().ino();
    assert_eq!(inode(&packed(&bench)), inode(&bench.archive.join(&flipped)));
    for row in &rows {
        bench.assert_restores(
            row["id"].as_str().unwrap(),
            Path::new(row["source"].as_str().unwrap()),
        );
    }
    assert_eq!(bench.json(0, ["repair"])["found"], 0);
}

#[test]
fn a_damaged_patch_is_named_and_made_again() {
    let bench = Bench::archived();
    let clean = contents(&bench.archive.join("store"));
    let patches: Vec<PathBuf> = walk(&bench.archive.join("store"))
        .into_iter()
        .filter(|path| fs::metadata(path).unwrap().len() < 1000)
        .collect();
    assert_eq!(patches.len(), 3, "a patch a holding, of some hundred bytes");
    flip_byte(&patches[0], 40).unwrap();
    truncate(&patches[1], 10).unwrap();
    delete(&patches[2]).unwrap();
    let report = bench.json(3, ["verify"]);
    assert_eq!((faults(&report, "damaged").len(), faults(&report, "missing").len()), (2, 1));
    for fault in report["damaged"].as_array().unwrap() {
        assert!(fault["of"].as_str().unwrap().starts_with("patch of "), "{fault}");
    }
    let mut refused = 0;
    for row in bench.list() {
        let out = bench.sandbox.join("home/out.flac");
        let rank = row["rank"].to_string();
        let outcome = bench.run(["restore", &rank, "-o", out.to_str().unwrap()]);
        if outcome.code == Some(0) {
            // The flipped byte may be one that the original does not depend on; the root decides.
            assert!(fs::read(&out).unwrap() == fs::read(row["source"].as_str().unwrap()).unwrap());
            fs::remove_file(out).unwrap();
        } else {
            assert_refused(&outcome, &["was not restored"]);
            assert!(!out.exists());
            refused += 1;
        }
    }
    assert!(refused >= 2);
    assert_eq!(bench.json(0, ["repair"])["repaired"], 3);
    let after = contents(&bench.archive.join("store"));
    let left = differences(&clean, &after);
    assert!(left.iter().all(|line| line.starts_with("damaged")), "{left:?}");
    assert!(sound(&bench.json(0, ["verify"])));
}

#[test]
fn an_edition_s_own_files_are_checked_each() {
    let bench = Bench::archived();
    let torrent = walk(&bench.archive.join(edition("packs")))
        .into_iter()
        .find(|path| path.extension().is_some_and(|ending| ending == "torrent"))
        .unwrap();
    let torrent = torrent.strip_prefix(&bench.archive).unwrap().display().to_string();
    let files =
        [edition("catalog.sqlite"), edition("search.sqlite"), edition("index.html"), torrent];
    for file in &files {
        let path = bench.archive.join(file);
        let whole = fs::read(&path).unwrap();
        flip_byte(&path, whole.len() as u64 / 2).unwrap();
        let report = bench.json(3, ["verify"]);
        assert!(faults(&report, "damaged").contains(file), "{file}: {report}");
        assert_eq!(report["missing"], json!([]));
        // No source makes an edition again: that is said, and nothing is touched.
        let repair = bench.json(3, ["repair"]);
        assert!(faults(&repair["left"], "damaged").contains(file), "{repair}");
        overwrite(&path, &whole);
        assert!(sound(&bench.json(0, ["verify"])), "{file} was put back");
        delete(&path).unwrap();
        let report = bench.json(3, ["verify"]);
        let all = [faults(&report, "damaged"), faults(&report, "missing")].concat();
        assert!(all.contains(file), "{file}: {report}");
        fs::write(&path, &whole).unwrap();
    }
    let summary = bench.archive.join(edition("edition.json"));
    let whole = fs::read(&summary).unwrap();
    overwrite(&summary, &whole[..whole.len() / 2]);
    let report = bench.json(3, ["verify"]);
    assert_eq!(faults(&report, "damaged"), [edition("edition.json")]);
    assert_eq!(bench.run(["stats"]).code, Some(1));
    overwrite(&summary, &whole);
    assert!(sound(&bench.json(0, ["verify"])));
}

#[test]
fn a_file_of_a_pack_that_was_replaced_is_named_and_linked_again() {
    let bench = Bench::archived();
    let path = packed(&bench);
    let name = path.strip_prefix(&bench.archive).unwrap().display().to_string();
    let whole = fs::read(&path).unwrap();
    // Another file under the name: the holding itself is untouched.
    fs::remove_file(&path).unwrap();
    fs::write(&path, b"something else").unwrap();
    let report = bench.json(3, ["verify"]);
    assert_eq!(faults(&report, "damaged"), [name.as_str()]);
    let repair = bench.json(0, ["repair"]);
    assert_eq!((&repair["found"], &repair["repaired"]), (&json!(1), &json!(1)));
    assert!(fs::read(&path).unwrap() == whole);
    fs::remove_file(&path).unwrap();
    assert_eq!(faults(&bench.json(3, ["verify"]), "missing"), [name.as_str()]);
    assert_eq!(bench.run(["repair"]).code, Some(0));
    assert!(fs::read(&path).unwrap() == whole);
    // A copy of the same bytes is as good as a link.
    fs::remove_file(&path).unwrap();
    fs::write(&path, &whole).unwrap();
    assert!(sound(&bench.json(0, ["verify"])));
}

#[test]
fn without_its_source_damage_is_told_and_nothing_is_lost() {
    let bench = Bench::archived();
    let rows = bench.list();
    let row = titled(&rows, "Evening");
    let (path, source) = (stored(&row["root"]), row["source"].as_str().unwrap());
    flip_byte(&bench.archive.join(&path), 20_000).unwrap();
    let kept = bench.sandbox.join("kept.flac");
    fs::rename(source, &kept).unwrap();
    let damaged = fs::read(bench.archive.join(&path)).unwrap();

    let repair = bench.json(3, ["repair"]);
    assert_eq!(repair["repaired"], 0);
    assert_eq!(faults(&repair["left"], "damaged"), [path.as_str()]);
    let problem = &repair["problems"][0];
    assert_eq!(problem["path"], source);
    assert!(problem["what"].as_str().unwrap().contains("its source is gone"), "{problem}");
    assert!(problem["next"].as_str().unwrap().contains("put the file back"), "{problem}");
    assert!(fs::read(bench.archive.join(&path)).unwrap() == damaged, "it stays as it is");
    assert_eq!(faults(&bench.json(3, ["verify"]), "damaged"), [path.as_str()]);
    let text = bench.run(["repair"]);
    assert!(text.stdout.contains(&path) && text.stdout.contains("next: "), "{}", text.stdout);

    // Put back, it is repaired.
    fs::rename(&kept, source).unwrap();
    assert_eq!(bench.run(["repair"]).code, Some(0));
    bench.assert_restores(row["id"].as_str().unwrap(), Path::new(source));
}

#[test]
fn a_damaged_picture_is_named_and_taken_from_its_source_again() {
    let bench = Bench::with_three();
    let cover = bench.music.join("First Light/cover.png");
    fs::write(&cover, png::cover(3, 120)).unwrap();
    assert_eq!(bench.main_job().code, Some(0));
    let picture = walk(&bench.archive.join("store"))
        .into_iter()
        .find(|path| fs::read(path).unwrap() == fs::read(&cover).unwrap())
        .unwrap();
    let name = picture.strip_prefix(&bench.archive).unwrap().display().to_string();
    let clean = contents(&bench.archive.join("store"));
    // The picture alone, and with a holding that carries it.
    let rows = bench.list();
    let holding = bench.archive.join(stored(&titled(&rows, "Noon")["root"]));
    for both in [false, true] {
        flip_byte(&picture, 100).unwrap();
        if both {
            delete(&holding).unwrap();
        }
        assert_eq!(faults(&bench.json(3, ["verify"]), "damaged"), [name.as_str()]);
        let repair = bench.json(0, ["repair"]);
        assert_eq!(repair["repaired"], 1 + i32::from(both), "{repair}");
        let left = differences(&clean, &contents(&bench.archive.join("store")));
        assert!(left.iter().all(|line| line.starts_with("damaged")), "{left:?}");
    }
}

#[test]
fn what_a_budget_left_out_is_not_made_by_a_repair() {
    let bench = Bench::with_three();
    let line = ["archive", bench.music.to_str().unwrap(), "--budget", "150kB"];
    assert_eq!(bench.run(line).code, Some(0));
    let rows = bench.list();
    let held = rows.iter().filter(|row| row["status"] == "held").collect::<Vec<_>>();
    assert_eq!(held.len(), 1, "{rows:#?}");
    flip_byte(&bench.archive.join(stored(&held[0]["root"])), 9_000).unwrap();
    assert_eq!(bench.json(0, ["repair"])["repaired"], 1);
    assert_eq!(bench.list(), rows);
}

#[test]
fn a_torrent_client_agrees_about_the_damage() {
    let Some(python) = oracle::need_python("libtorrent") else { return };
    let bench = Bench::archived();
    let file = packed(&bench);
    let check = || -> String {
        let torrent = walk(&bench.archive.join(edition("packs")))
            .into_iter()
            .find(|path| path.extension().is_some_and(|ending| ending == "torrent"))
            .unwrap();
        let script = "import sys,time,libtorrent as lt\n\
            s=lt.session({'enable_dht':False,'enable_lsd':False,'listen_interfaces':''})\n\
            p=lt.add_torrent_params(); p.ti=lt.torrent_info(sys.argv[1]); p.save_path=sys.argv[2]\n\
            h=s.add_torrent(p); h.force_recheck(); t=time.time()\n\
            while time.time()-t<20:\n\
            \x20 time.sleep(0.1); x=h.status()\n\
            \x20 if time.time()-t>0.5 and x.state not in (lt.torrent_status.checking_files,lt.torrent_status.checking_resume_data): break\n\
            print(int(x.progress*100))\n";
        let packs = bench.archive.join(edition("packs"));
        let output = std::process::Command::new(&python)
            .args(["-c", script])
            .args([torrent.as_path(), packs.as_path()])
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    };
    assert_eq!(check(), "100");
    flip_byte(&file, 30_000).unwrap();
    assert_ne!(check(), "100");
    assert_eq!(bench.run(["verify"]).code, Some(3));
    assert_eq!(bench.run(["repair"]).code, Some(0));
    assert_eq!(check(), "100");
}
