//! Publishing reads no audio; the same input gives the same bytes; the same line again does nothing.

use crate::made::{Bench, DEADWAX};
use crate::real::{FILES, main_job, real};
use deadwax_testkit::tree::Tree;
use deadwax_testkit::{oracle, tree};
use std::ffi::OsString;
use std::fs;
use std::path::Path;

#[test]
fn publish_opens_no_file_of_the_store() {
    let (Some(real), Some(strace)) = (real(), oracle::need("strace")) else { return };
    let bench = real.copy();
    // What nothing was known of is cleared, so that a new edition is due, with 9 more in its packs.
    bench.json(0, ["rights", "set", "--all", "--licence", "CC0-1.0"]);
    let (said, opened) = traced(&strace, &bench, bench.line(["--json", "publish"]));
    let report: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(report["is_new"], true);
    assert_eq!(report["summary"]["cleared"], FILES);
    assert!(opened.iter().any(|line| line.contains("/archive/catalog.sqlite\"")), "{opened:#?}");
    let audio: Vec<_> = opened.iter().filter(|line| is_audio(line)).collect();
    assert!(audio.is_empty(), "{audio:#?}");

    // The trace would show it: a restore has to open its holding and its patch.
    let mut line = bench.line(["restore", "1", "-o"]);
    line.push(bench.sandbox.join("restored").into());
    let (_, opened) = traced(&strace, &bench, line);
    let stored = opened.iter().filter(|line| is_audio(line) && line.contains("/store/")).count();
    assert!(stored >= 2, "{opened:#?}");
}

/// What is there but for signatures.
fn unsigned(folder: &Path) -> Tree {
    tree::contents(folder).into_iter().filter(|(path, _)| !is_signed(path)).collect()
}

/// Another archive has other keys, and a publish signs the timestamp anew.
fn is_signed(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "trust")
}

#[test]
fn the_same_input_twice_gives_the_same_bytes() {
    let Some(real) = real() else { return };
    let mut bench = Bench::new();
    bench.music = real.bench.music.clone();
    // Another number of workers, so another order of the work.
    let outcome = bench.sandbox.run(Path::new(DEADWAX), main_job(&bench, 1)).unwrap();
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    for part in ["editions", "store"] {
        let one = unsigned(&real.bench.archive.join(part));
        let two = unsigned(&bench.archive.join(part));
        assert_eq!(tree::differences(&one, &two), Vec::<String>::new());
        let files = one.keys().filter(|path| path.extension().is_some()).count();
        assert!(part == "store" || files >= 32 + 8, "{one:#?}");
    }
    assert_eq!(bench.list(), real.list);
}

#[test]
fn the_same_line_again_opens_no_source_and_changes_nothing() {
    let (Some(real), Some(strace)) = (real(), oracle::need("strace")) else { return };
    let bench = real.copy();
    let before = (unsigned(&bench.archive.join("editions")), published_files(&bench));
    let (said, opened) = traced(&strace, &bench, main_job(&bench, 2));
    let report: serde_json::Value = serde_json::from_str(&said).unwrap();
    let mut wanted = real.report.clone();
    wanted["archive"] = bench.archive.to_str().unwrap().into();
    assert_eq!(report, wanted);
    let music = bench.music.to_str().unwrap();
    let is_source = |line: &&String| line.contains(music) && line.contains(".ogg\"");
    assert_eq!(opened.iter().filter(is_source).collect::<Vec<_>>(), Vec::<&String>::new());
    let after = (unsigned(&bench.archive.join("editions")), published_files(&bench));
    assert_eq!(tree::differences(&before.0, &after.0), Vec::<String>::new());
    assert_eq!(tree::differences(&before.1, &after.1), Vec::<String>::new());
    assert_eq!(bench.list(), real.list);

    let added = bench.json(0, ["add", music]);
    assert_eq!((&added[0]["read"], &added[0]["unchanged"]), (&0.into(), &FILES.into()), "{added}");
    assert_eq!(bench.list(), real.list);
}

#[test]
fn an_edition_says_nothing_of_the_machine_it_was_made_on() {
    let Some(real) = real() else { return };
    let edition = real.bench.archive.join(real.report["edition"].as_str().unwrap());
    let names = [&real.bench.music, &real.bench.archive].map(|path| path.to_str().unwrap());
    for file in tree::contents(&edition).into_keys() {
        let file = edition.join(file);
        if file.extension().is_some_and(|ending| ending == "ogg") || file.is_dir() {
            continue;
        }
        let content = fs::read(&file).unwrap();
        for name in names {
            let found = content.windows(name.len()).any(|text| text == name.as_bytes());
            assert!(!found, "{} names {name}", file.display());
        }
    }
}

/// Runs the command to its end and gives its stdout and every opening that succeeded.
fn traced(strace: &Path, bench: &Bench, line: Vec<OsString>) -> (String, Vec<String>) {
    let trace = bench.sandbox.join("trace");
    let options = ["-f", "-y", "-s", "4096", "-z", "-e", "trace=open,openat,openat2", "-o"];
    let mut all: Vec<OsString> = options.map(OsString::from).to_vec();
    all.extend([trace.clone().into(), DEADWAX.into()]);
    all.extend(line);
    let outcome = bench.sandbox.run(strace, all).unwrap();
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let opened = fs::read_to_string(trace).unwrap().lines().map(str::to_owned).collect();
    (outcome.stdout, opened)
}

/// Whether a file of the store was opened, by its own name or by that in a pack, or a source.
fn is_audio(line: &str) -> bool {
    !line.contains("O_DIRECTORY") && (line.contains("/store/") || line.contains(".ogg\""))
}

/// Everything in the archive that is a file for good, with its time: written again would show.
fn published_files(bench: &Bench) -> Tree {
    let mut files = tree::outline(&bench.archive, &[]);
    files.retain(|path, told| {
        let name = path.to_string_lossy();
        let is_kept = ["catalog.sqlite", "fixity.sqlite"].iter().any(|it| name.starts_with(it));
        told.contains(" bytes, ") && !is_kept && !is_signed(path)
    });
    assert!(files.len() > 2 * FILES, "{files:#?}");
    files
}
