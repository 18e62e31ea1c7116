//! The corpus in two archives: one that keeps, and one that would rather re-encode.

use crate::made::{Bench, DAY, DEADWAX};
use serde_json::Value;
use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The command may take this long for all of it before it counts as hanging.
const HANGS: Duration = Duration::from_secs(1800);

/// An archive of the corpus.
pub struct Archived {
    /// Where it is.
    pub folder: PathBuf,
    /// The rows of its list by their sources.
    pub rows: HashMap<PathBuf, Value>,
    /// What was told of each file, in the order told.
    pub told: HashMap<PathBuf, Vec<String>>,
    /// The most memory that a run had in use.
    pub peak_bytes: u64,
    /// How long the runs took together.
    pub took: Duration,
    /// What must not be.
    pub faults: Vec<String>,
}

impl Archived {
    /// `archive CORPUS --rights CC0-1.0`: all of it kept, and published, so that hostile titles become names.
    pub fn by_the_main_job(bench: &Bench) -> Archived {
        let mut archived = Archived::at(bench.sandbox.join("keep"));
        let music = bench.music.to_str().unwrap();
        archived.run(bench, &["archive", music, "--rights", "CC0-1.0"]);
        archived.read_list(bench);
        archived
    }

    /// `init`, a policy that re-encodes what nobody counted, `add`, `build`.
    pub fn as_opus(bench: &Bench) -> Archived {
        let mut archived = Archived::at(bench.sandbox.join("small"));
        archived.run(bench, &["init"]);
        let policy = archived.folder.join("deadwax.toml");
        let text = fs::read_to_string(&policy).unwrap();
        let changed = text.replace("# unknown = \"keep\"", "unknown = \"opus-75\"");
        assert_ne!(changed, text, "the policy has no line for what nobody counted");
        fs::write(policy, changed).unwrap();
        archived.run(bench, &["add", bench.music.to_str().unwrap()]);
        archived.run(bench, &["build"]);
        archived.read_list(bench);
        archived
    }

    /// Whether a file was refused: told of, and in no list.
    pub fn refusal(&self, source: &Path) -> Option<&str> {
        match self.rows.contains_key(source) {
            true => None,
            false => Some(self.told.get(source).map_or("", |told| told[0].as_str())),
        }
    }

    /// The row of a file that was taken in, and where its holding is.
    pub fn row(&self, source: &Path) -> Option<(&Value, PathBuf)> {
        let row = self.rows.get(source)?;
        Some((row, self.folder.join(crate::made::stored(&row["root"]))))
    }

    fn at(folder: PathBuf) -> Archived {
        Archived {
            folder,
            rows: HashMap::new(),
            told: HashMap::new(),
            peak_bytes: 0,
            took: Duration::ZERO,
            faults: Vec::new(),
        }
    }

    fn line(&self, arguments: &[&str]) -> Vec<OsString> {
        let start = ["-q", "--json", "--jobs", "2", "--date", DAY, "--archive"].map(OsString::from);
        let mut line = start.to_vec();
        line.push(self.folder.clone().into());
        line.extend(arguments.iter().map(OsString::from));
        line
    }

    fn run(&mut self, bench: &Bench, arguments: &[&str]) {
        let begun = Instant::now();
        let mut running = bench.sandbox.spawn(Path::new(DEADWAX), self.line(arguments)).unwrap();
        let status = format!("/proc/{}/status", running.id());
        while !running.has_ended().unwrap() {
            // It only grows, so the last look is the one that counts.
            let now = fs::read_to_string(&status).ok().and_then(high_water).unwrap_or(0);
            self.peak_bytes = self.peak_bytes.max(now);
            assert!(begun.elapsed() < HANGS, "{arguments:?} hangs");
            std::thread::sleep(Duration::from_millis(5));
        }
        self.took += begun.elapsed();
        let outcome = running.wait().unwrap();
        crate::made::assert_calm(&outcome);
        assert!(matches!(outcome.code, Some(0 | 3)), "{arguments:?}: {}", outcome.stderr);
        let report: Value = serde_json::from_str(&outcome.stdout).unwrap();
        for problem in problems(&report) {
            let path = PathBuf::from(problem["path"].as_str().unwrap());
            let what = problem["what"].as_str().unwrap().to_owned();
            if ["fault of Deadwax", "thrown away"].iter().any(|bad| what.contains(bad)) {
                self.faults.push(format!("{}: {what}", path.display()));
            }
            self.told.entry(path).or_default().push(what);
        }
    }

    fn read_list(&mut self, bench: &Bench) {
        let outcome = bench.sandbox.run(Path::new(DEADWAX), self.line(&["list"])).unwrap();
        assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
        for line in outcome.stdout.lines() {
            let row: Value = serde_json::from_str(line).unwrap();
            let source = PathBuf::from(row["source"].as_str().unwrap());
            if row["status"] != "held" {
                self.faults.push(format!("{}: its status is {}", source.display(), row["status"]));
                continue;
            }
            self.rows.insert(source, row);
        }
    }
}

/// Those of a report, wherever the command has them.
fn problems(report: &Value) -> Vec<&Value> {
    match report {
        Value::Object(map) => map
            .iter()
            .flat_map(|(key, value)| match (key.as_str(), value) {
                ("problems", Value::Array(problems)) => problems.iter().collect(),
                (_, value) => problems(value),
            })
            .collect(),
        Value::Array(values) => values.iter().flat_map(problems).collect(),
        _ => Vec::new(),
    }
}

fn high_water(status: String) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}
