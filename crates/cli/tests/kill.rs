//! `kill -9` at random moments of the main job, then the same line again: in the end there is what an undisturbed
//! run leaves, byte for byte, and nothing besides.
//!
//! The music has a bit of everything: composed FLAC and WAV with a cover and a table of listens, so that some is
//! kept and some re-encoded, and the smallest of the real Ogg Vorbis files where they are installed.

#[path = "support/made.rs"]
mod made;
#[path = "support/real.rs"]
mod real;

use deadwax_testkit::sandbox::{Outcome, Sandbox};
use deadwax_testkit::{demo, oracle, tree};
use made::{Bench, DAY, DEADWAX};
use serde_json::Value;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// The parts of the job as the command tells them on stderr; before the first it opens the archive.
const PHASES: [&str; 5] = ["open", "add", "build", "publish", "verify"];

/// Kills in each of the two tests.
const KILLS: usize = 15;

/// Nothing here may go on for ever: more attempts than this are a failure.
const ATTEMPTS: usize = 120;

#[test]
fn one_archive_killed_again_and_again_ends_as_if_undisturbed() {
    let undisturbed = undisturbed();
    let bench = Bench::new();
    let mut dice = fastrand::Rng::with_seed(2);
    // Short of a whole run, so that many kills fall on its way, and once it is complete, on the short
    // run that finds it so.
    let mut longest = undisturbed.duration / 3;
    let mut killed = Vec::new();
    for _ in 0..ATTEMPTS {
        if killed.len() == KILLS {
            break;
        }
        let begun = Instant::now();
        match kill(&bench, &Moment::After(longest.mul_f64(dice.f64()))) {
            Some(phase) => killed.push(phase),
            None => longest = begun.elapsed().min(longest),
        }
    }
    told("one archive", &killed);
    assert_eq!(killed.len(), KILLS);
    undisturbed.assert_same_after_the_same_line(&bench);
}

#[test]
fn a_run_killed_once_in_any_part_ends_as_if_undisturbed() {
    let undisturbed = undisturbed();
    let mut dice = fastrand::Rng::with_seed(3);
    let mut killed = Vec::new();
    for attempt in 0..ATTEMPTS {
        if killed.len() == KILLS {
            break;
        }
        let (phase, length) = &undisturbed.phases[attempt % PHASES.len()];
        let bench = Bench::new();
        killed.extend(kill(&bench, &Moment::In(phase, length.mul_f64(dice.f64()))));
        undisturbed.assert_same_after_the_same_line(&bench);
    }
    told("an archive each", &killed);
    assert_eq!(killed.len(), KILLS);
}

/// When to kill.
enum Moment<'a> {
    /// So long after the start.
    After(Duration),
    /// So long after this part of the job has begun.
    In(&'a str, Duration),
}

/// Starts the main job and kills it then. Gives the part of the job that it was in, or `None` when it was
/// done before, as it should.
fn kill(bench: &Bench, moment: &Moment<'_>) -> Option<&'static str> {
    let undisturbed = undisturbed();
    let mut running =
        bench.sandbox.spawn(Path::new(DEADWAX), undisturbed.line(&bench.archive)).unwrap();
    let mut since = match moment {
        Moment::In(phase, _) if *phase != "open" => None,
        _ => Some(Instant::now()),
    };
    let delay = match moment {
        Moment::After(delay) | Moment::In(_, delay) => *delay,
    };
    while since.is_none_or(|since| since.elapsed() < delay) && !running.has_ended().unwrap() {
        if let (None, Moment::In(phase, _)) = (since, moment) {
            since = has_begun(&running.said().unwrap(), phase).then(Instant::now);
        }
        std::thread::sleep(Duration::from_micros(500));
    }
    let outcome = running.kill().unwrap();
    if outcome.code.is_some() {
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        return None;
    }
    let begun = |phase: &&&str| has_begun(&outcome.stderr, phase);
    Some(PHASES.iter().rfind(begun).unwrap_or(&PHASES[0]))
}

fn has_begun(said: &str, phase: &str) -> bool {
    said.lines().any(|line| line.strip_prefix(phase).is_some_and(|rest| rest.starts_with(':')))
}

fn told(what: &str, killed: &[&str]) {
    let count = |phase: &&str| killed.iter().filter(|killed| *killed == phase).count();
    let counts: BTreeMap<_, _> = PHASES.iter().map(|phase| (*phase, count(phase))).collect();
    eprintln!("{what}: {} kills, {counts:?}", killed.len());
}

/// A run that nothing disturbed, and what it left.
struct Undisturbed {
    _sandbox: Sandbox,
    music: PathBuf,
    listens: PathBuf,
    duration: Duration,
    /// How long each part of the job took.
    phases: Vec<(&'static str, Duration)>,
    report: Value,
    left: Left,
}

/// What a run left.
struct Left {
    list: Vec<Value>,
    editions: tree::Tree,
    store: tree::Tree,
    policy: Vec<u8>,
}

fn undisturbed() -> &'static Undisturbed {
    static UNDISTURBED: OnceLock<Undisturbed> = OnceLock::new();
    UNDISTURBED.get_or_init(Undisturbed::run)
}

impl Undisturbed {
    fn run() -> Undisturbed {
        let sandbox = Sandbox::new().unwrap();
        real::remove_at_end(sandbox.path());
        let demo = demo::compose(sandbox.path(), 12.0).unwrap();
        if let Some(real) = oracle::real_music() {
            copy_small(&real, &demo.music.join("real"));
        }
        let bench = Bench::new();
        let mut undisturbed = Undisturbed {
            _sandbox: sandbox,
            music: demo.music,
            listens: demo.listens,
            duration: Duration::ZERO,
            phases: Vec::new(),
            report: Value::Null,
            left: Left {
                list: Vec::new(),
                editions: tree::Tree::new(),
                store: tree::Tree::new(),
                policy: Vec::new(),
            },
        };
        let outcome = undisturbed.measure(&bench);
        undisturbed.report = report(&outcome);
        undisturbed.left = Left::of(&bench);
        let holdings = &undisturbed.report["holdings"];
        assert!(holdings["keep"]["count"].as_u64() >= Some(10), "{holdings}");
        assert_eq!(holdings["opus-75"]["count"], 2, "{holdings}");
        undisturbed
    }

    /// The line that is the same each time.
    fn line(&self, archive: &Path) -> Vec<OsString> {
        let start = ["--json", "--date", DAY, "--jobs", "2", "archive", "--title", "Killed"];
        let mut line: Vec<OsString> = start.map(OsString::from).to_vec();
        line.push(self.music.clone().into());
        line.extend(["--listens".into(), self.listens.clone().into()]);
        line.extend(["--to".into(), archive.as_os_str().to_owned()]);
        line
    }

    fn measure(&mut self, bench: &Bench) -> Outcome {
        let begun = Instant::now();
        let mut running =
            bench.sandbox.spawn(Path::new(DEADWAX), self.line(&bench.archive)).unwrap();
        let mut starts = vec![Duration::ZERO];
        loop {
            let ended = running.has_ended().unwrap();
            let said = running.said().unwrap();
            while PHASES.get(starts.len()).is_some_and(|phase| has_begun(&said, phase)) {
                starts.push(begun.elapsed());
            }
            if ended {
                break;
            }
            std::thread::sleep(Duration::from_micros(500));
        }
        self.duration = begun.elapsed();
        assert_eq!(starts.len(), PHASES.len(), "a part of the job is not told");
        starts.push(self.duration);
        let lengths = starts.windows(2).map(|pair| pair[1] - pair[0]);
        self.phases = PHASES.into_iter().zip(lengths).collect();
        eprintln!("undisturbed: {:?}, {:?}", self.duration, self.phases);
        running.wait().unwrap()
    }

    fn assert_same_after_the_same_line(&self, bench: &Bench) {
        let line = self.line(&bench.archive);
        let outcome = bench.sandbox.run(Path::new(DEADWAX), line).unwrap();
        assert_eq!(report(&outcome), self.report);
        let left = Left::of(bench);
        assert_eq!(left.list, self.left.list);
        let differences = tree::differences(&self.left.editions, &left.editions);
        assert_eq!(differences, Vec::<String>::new());
        assert_eq!(tree::differences(&self.left.store, &left.store), Vec::<String>::new());
        assert_eq!(left.policy, self.left.policy);
    }
}

impl Left {
    fn of(bench: &Bench) -> Left {
        let archive = &bench.archive;
        let verified = bench.json(0, ["verify"]);
        assert_eq!(verified["damaged"], serde_json::json!([]));
        assert_eq!(verified["missing"], serde_json::json!([]));
        assert_eq!(fs::read_dir(archive.join("store/tmp")).unwrap().count(), 0);
        // Drafts would be others.
        let known = ["archive.lock", "deadwax.toml", "editions", "keys", "store", "trust"];
        for entry in fs::read_dir(archive).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let is_known = known.contains(&name.as_str())
                || name.starts_with("catalog.sqlite")
                || name.starts_with("fixity.sqlite");
            assert!(is_known, "{name} was left");
        }
        let mut editions = tree::contents(&archive.join("editions"));
        // Every archive has keys of its own.
        editions.retain(|path, _| !path.iter().any(|part| part == "trust"));
        Left {
            list: bench.list(),
            editions,
            store: tree::contents(&archive.join("store")),
            policy: fs::read(archive.join("deadwax.toml")).unwrap(),
        }
    }
}

/// What a run that went well said, without the archive's own place.
fn report(outcome: &Outcome) -> Value {
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let mut report: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert!(report["archive"].take().is_string());
    // Every archive has keys of its own, and a killed run may have made them.
    assert!(report["trust"].take()["root"].is_string());
    report
}

/// The files below a megabyte.
fn copy_small(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, bytes) =
            entry.map(|entry| (entry.path(), entry.metadata().unwrap().len())).unwrap();
        if bytes < 1_000_000 && path.extension().is_some_and(|ending| ending == "ogg") {
            fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
        }
    }
}
