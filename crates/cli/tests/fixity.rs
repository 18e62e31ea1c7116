//! `verify` and `repair` as commands: killed they go on, and a path says of what.

#[path = "support/made.rs"]
mod made;

use deadwax_testkit::damage::flip_byte;
use made::{Bench, DEADWAX, assert_refused, three_pieces};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

fn archived() -> Bench {
    let bench = Bench::new();
    three_pieces(&bench.music);
    // Some are held back, which is no problem here.
    assert_eq!(bench.main_job().code, Some(0));
    bench
}

/// The files of the store, in the order in which they are checked.
fn stored(bench: &Bench) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = Vec::new();
    let mut folders = vec![bench.archive.join("store")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => found.push(path),
            }
        }
    }
    found.sort_by_key(|path| path.file_name().unwrap().to_owned());
    found
}

#[test]
fn a_verify_that_is_killed_goes_on_with_what_is_left() {
    let bench = archived();
    let all = bench.json(0, ["verify"]);
    let files = stored(&bench);
    // Reading a pipe that nobody writes to never ends: what is before it is found sound, and then the kill comes.
    let last = files.last().unwrap();
    let away = bench.sandbox.join("away");
    fs::rename(last, &away).unwrap();
    assert!(Command::new("mkfifo").arg(last).status().unwrap().success());
    let mut line = bench.line(["--jobs", "1", "--verbose", "verify"]);
    line.retain(|word| word != "-q");
    let running = bench.sandbox.spawn(Path::new(DEADWAX), line).unwrap();
    let began = Instant::now();
    while running.said().unwrap().matches("\nverify: ").count() < files.len() - 1 {
        assert!(began.elapsed() < Duration::from_secs(30), "{}", running.said().unwrap());
        sleep(Duration::from_millis(10));
    }
    running.kill().unwrap();
    fs::remove_file(last).unwrap();
    fs::rename(&away, last).unwrap();
    let rest = bench.json(0, ["verify"]);
    assert_eq!(rest["skipped"], files.len() - 1, "{rest}");
    assert_eq!(
        rest["checked"].as_u64().unwrap() + rest["skipped"].as_u64().unwrap(),
        all["checked"].as_u64().unwrap()
    );
    assert_eq!(bench.json(0, ["verify"])["skipped"], 0, "and the next one reads all of it");
}

#[test]
fn a_path_says_what_is_verified_and_repaired() {
    let bench = archived();
    let edition = bench.archive.join("editions").join(made::DAY);
    let copy = bench.sandbox.join("copy");
    assert!(Command::new("cp").arg("-r").args([&edition, &copy]).status().unwrap().success());
    let copy_text = copy.to_str().unwrap();
    let report = bench.json(0, ["verify", copy_text]);
    assert!(report["checked"].as_u64().unwrap() > 5, "{report}");
    let named = bench.json(0, ["verify", bench.archive.to_str().unwrap()]);
    assert_eq!(named["checked"], bench.json(0, ["verify"])["checked"], "an archive by its path");
    flip_byte(&copy.join("catalog.sqlite"), 5_000).unwrap();
    let report = bench.json(3, ["verify", copy_text]);
    assert_eq!(report["damaged"][0]["path"], "catalog.sqlite");
    let said = bench.run(["verify", copy_text]);
    assert_eq!(said.code, Some(3));
    assert!(said.stdout.contains("catalog.sqlite"), "{said:?}");
    assert_refused(&bench.run(["verify", copy_text, "--older-than", "30d"]), &["--older-than"]);
    assert_refused(&bench.run(["repair", copy_text]), &["repair --from"]);
    let music = bench.music.to_str().unwrap();
    assert_refused(&bench.run(["repair", "--from", music]), &["no store and no packs"]);
    assert_eq!(bench.run(["verify", "--older-than", "soon"]).code, Some(2));
    // What the copy has the archive takes back.
    let held = walk_one(&edition.join("packs"));
    flip_byte(&held, 600).unwrap();
    fs::remove_file(bench.music.join("First Light/01 Morning.flac")).unwrap();
    assert_eq!(bench.json(3, ["repair"])["repaired"], 0);
    let done = bench.json(0, ["repair", "--from", copy_text]);
    assert_eq!(done["left"]["damaged"], serde_json::json!([]), "{done}");
    assert_eq!(bench.json(0, ["verify"])["damaged"], serde_json::json!([]));
}

#[test]
fn how_old_is_old_enough() {
    let bench = archived();
    let text = bench.run(["verify"]);
    assert!(text.stdout.contains(&format!("found sound once since {}", made::DAY)), "{text:?}");
    let young = bench.json(0, ["verify", "--older-than", "4w"]);
    assert_eq!(young["checked"], 0, "{young}");
    let some = bench.json(0, ["verify", "--at-most", "1kB"]);
    assert_eq!(some["checked"], 1, "{some}");
}

/// The one audio file that is out.
fn walk_one(folder: &Path) -> PathBuf {
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "flac") {
                return path;
            }
        }
    }
    panic!("nothing is out");
}
