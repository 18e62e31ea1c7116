//! A power cut takes every name that no fsync of its folder has reached. So every folder of an archive
//! that gains a name is flushed afterwards, before the command ends: watched from outside, with strace.

#[path = "support/made.rs"]
mod made;

use deadwax_testkit::damage::{delete, flip_byte};
use deadwax_testkit::oracle;
use made::{Bench, DEADWAX, stored, titled};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// Runs the command and gives the folders that gained a name and were not flushed after it.
fn unflushed(strace: &Path, bench: &Bench, line: &[&str]) -> BTreeSet<PathBuf> {
    let trace = bench.sandbox.join("trace");
    let calls = "trace=mkdir,mkdirat,rename,renameat,renameat2,link,linkat,fsync,fdatasync";
    let options = ["-f", "-y", "-s", "4096", "-e", calls, "-o"];
    let mut all: Vec<OsString> = options.map(OsString::from).to_vec();
    all.extend([trace.clone().into(), DEADWAX.into()]);
    all.extend(bench.line(line));
    let outcome = bench.sandbox.run(strace, all).unwrap();
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let mut names = Names::default();
    let mut begun = BTreeMap::new();
    for line in fs::read_to_string(trace).unwrap().lines() {
        let (thread, call) = line.split_once(' ').unwrap();
        let call = call.trim_start();
        if let Some(beginning) = call.strip_suffix("<unfinished ...>") {
            begun.insert(thread.to_owned(), beginning.to_owned());
        } else if call.starts_with("<...") {
            let (_, end) = call.split_once("resumed>").unwrap();
            let whole = begun.remove(thread).unwrap() + end;
            names.note(&whole);
        } else {
            names.note(call);
        }
    }
    assert!(names.noted > 0, "nothing was seen");
    // Drafts are nobody's loss.
    names.unflushed.retain(|folder| !folder.ends_with("store/tmp"));
    names.unflushed
}

#[derive(Default)]
struct Names {
    unflushed: BTreeSet<PathBuf>,
    noted: usize,
}

impl Names {
    fn note(&mut self, call: &str) {
        let Some((name, rest)) = call.split_once('(') else { return };
        if !call.trim_end().ends_with("= 0") {
            return;
        }
        self.noted += 1;
        if let "fsync" | "fdatasync" = name {
            let flushed = rest.split_once('<').unwrap().1.split_once('>').unwrap().0;
            self.unflushed.remove(Path::new(flushed));
            return;
        }
        let quoted: Vec<PathBuf> = rest.split('"').skip(1).step_by(2).map(PathBuf::from).collect();
        if name.starts_with("rename") {
            let within: Vec<_> =
                self.unflushed.iter().filter(|folder| folder.starts_with(&quoted[0])).collect();
            assert!(within.is_empty(), "published before they were flushed: {within:?}");
        }
        let gained = quoted.last().unwrap().parent().unwrap();
        self.unflushed.insert(gained.to_path_buf());
    }
}

#[test]
fn every_folder_that_gains_a_name_is_flushed() {
    let Some(strace) = oracle::need("strace") else { return };
    let bench = Bench::with_three();
    let music = bench.music.to_str().unwrap().to_owned();
    let run = |line: &[&str]| unflushed(&strace, &bench, line);
    assert_eq!(run(&["archive", &music, "--jobs", "2"]), BTreeSet::new());

    let out = bench.sandbox.join("home/out.flac");
    // A link made again in a pack, a holding made again, one taken back and a file set aside.
    let row = |title| bench.archive.join(stored(&titled(&bench.list(), title)["root"]));
    flip_byte(&row("Morning"), 20_000).unwrap();
    delete(&row("Noon")).unwrap();
    assert_eq!(run(&["repair"]), BTreeSet::new());
    delete(&row("Morning")).unwrap();
    assert_eq!(run(&["repair"]), BTreeSet::new());
    assert_eq!(run(&["restore", "1", "-o", out.to_str().unwrap()]), BTreeSet::new());
}

#[test]
fn a_folder_that_a_killed_process_made_is_flushed_by_the_next() {
    let Some(strace) = oracle::need("strace") else { return };
    let bench = Bench::with_three();
    assert_eq!(bench.main_job().code, Some(0));
    let path = bench.archive.join(stored(&titled(&bench.list(), "Noon")["root"]));
    fs::remove_file(&path).unwrap();
    // Its folders are there, as after a kill between their making and their flushing.
    let trace = bench.sandbox.join("trace");
    assert_eq!(unflushed(&strace, &bench, &["build"]), BTreeSet::new());
    let trace = fs::read_to_string(trace).unwrap();
    let shelf = path.parent().unwrap();
    for folder in [shelf, shelf.parent().unwrap(), &bench.archive.join("store")] {
        assert!(trace.contains(&format!("<{}>)", folder.display())), "{}", folder.display());
    }
}
