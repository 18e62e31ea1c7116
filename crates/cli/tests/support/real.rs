//! Archives that several tests look at: made once, removed when the tests end.

#![allow(dead_code, reason = "each test file uses a part of it")]

use crate::made::{Bench, DEADWAX};
use deadwax_testkit::oracle;
use serde_json::Value;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

/// How many files the package has.
pub const FILES: usize = 41;

/// The real files, archived with two jobs.
pub struct Real {
    /// Where the archive is. Tests that change something take a [`Real::copy`].
    pub bench: Bench,
    /// The archive as it was made: a test that reads the other has its databases open, and their
    /// logs come and go while a copy would be made of them.
    untouched: PathBuf,
    /// What `archive --json` ended with.
    pub report: Value,
    /// `list --json`.
    pub list: Vec<Value>,
    /// The most memory that the run had in use, in KiB (`VmHWM`).
    pub peak_kib: u64,
}

/// The real files, archived when this is first asked for. `None`, said aloud, without the package.
pub fn real() -> Option<&'static Real> {
    static REAL: OnceLock<Real> = OnceLock::new();
    let music = oracle::real_music()?;
    Some(REAL.get_or_init(|| Real::make(music)))
}

impl Real {
    fn make(music: PathBuf) -> Real {
        let mut bench = Bench::new();
        remove_at_end(bench.sandbox.path());
        bench.music = music;
        let mut running = bench.sandbox.spawn(Path::new(DEADWAX), main_job(&bench, 2)).unwrap();
        let status = format!("/proc/{}/status", running.id());
        let mut peak_kib = 0;
        while !running.has_ended().unwrap() {
            // It only grows, so the last look is the one that counts.
            peak_kib = fs::read_to_string(&status).ok().and_then(high_water).unwrap_or(peak_kib);
            std::thread::sleep(Duration::from_millis(2));
        }
        let outcome = running.wait().unwrap();
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        let report = serde_json::from_str(&outcome.stdout).unwrap();
        let untouched = bench.sandbox.join("untouched");
        copy(&bench.archive, &untouched);
        let list = bench.list();
        Real { bench, untouched, report, list, peak_kib }
    }

    /// An archive to change: the same files, links as links.
    pub fn copy(&self) -> Bench {
        let mut bench = Bench::new();
        bench.music = self.bench.music.clone();
        copy(&self.untouched, &bench.archive);
        bench
    }

    /// The holding of a row of the list.
    pub fn holding(&self, row: &Value) -> PathBuf {
        self.bench.archive.join(crate::made::stored(&row["root"]))
    }
}

/// `archive MUSIC --json`, as it made the archive of [`real`].
pub fn main_job(bench: &Bench, jobs: usize) -> Vec<OsString> {
    let jobs = jobs.to_string();
    let line = ["--json", "--jobs", &jobs, "archive", "--title", "The Forty-One"];
    let mut line = bench.line(line);
    line.push(bench.music.clone().into());
    line
}

fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").args([from, to]).status();
    assert!(copied.unwrap().success());
}

/// Removes a folder when this process ends, also when a test of it fails: what a static holds is
/// never dropped, and these folders are large.
pub fn remove_at_end(folder: &Path) {
    static WATCHERS: Mutex<Vec<Child>> = Mutex::new(Vec::new());
    let watcher = Command::new("/bin/sh")
        .args(["-c", "trap '' INT TERM HUP; cat; rm -rf -- \"$1\"", "sh"])
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    // Its standard input ends when this process does.
    WATCHERS.lock().unwrap().push(watcher.unwrap());
}

fn high_water(status: String) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}
