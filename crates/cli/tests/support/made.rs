//! The command, run in a sandbox on small music of our own making: what every test here begins with.

#![allow(dead_code, reason = "each test file uses a part of it")]

use deadwax_testkit::music::Piece;
use deadwax_testkit::sandbox::{Outcome, Sandbox};
use deadwax_testkit::{flac, oracle};
use serde_json::Value;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The day of every run: editions are named after it.
pub const DAY: &str = "2026-11-20";

/// The built command.
pub const DEADWAX: &str = env!("CARGO_BIN_EXE_deadwax");

/// Nobody: a user that owns nothing of the machine's.
const NOBODY: u32 = 65_534;

/// A sandbox with a folder for music in it, and where its archive goes.
pub struct Bench {
    pub sandbox: Sandbox,
    pub music: PathBuf,
    pub archive: PathBuf,
}

impl Bench {
    pub fn new() -> Bench {
        let sandbox = Sandbox::new().expect("a temporary folder can be made");
        let (music, archive) = (sandbox.join("music"), sandbox.join("archive"));
        fs::create_dir(&music).unwrap();
        Bench { sandbox, music, archive }
    }

    /// One with the three pieces of [`three_pieces`].
    pub fn with_three() -> Bench {
        let bench = Bench::new();
        three_pieces(&bench.music);
        bench
    }

    /// One whose three pieces are archived.
    pub fn archived() -> Bench {
        let bench = Bench::with_three();
        assert_eq!(bench.main_job().code, Some(0));
        bench
    }

    /// Runs the command, on this archive and day, without progress.
    pub fn run<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Outcome {
        let outcome = self.sandbox.run(Path::new(DEADWAX), self.line(arguments)).unwrap();
        assert_calm(&outcome);
        outcome
    }

    /// The same as JSON, of a run that ends with this exit code.
    pub fn json<A: AsRef<OsStr>>(
        &self,
        code: i32,
        arguments: impl IntoIterator<Item = A>,
    ) -> Value {
        json_of(code, arguments, |line| self.run(line))
    }

    /// `list --json`, a value a line.
    pub fn list(&self) -> Vec<Value> {
        let outcome = self.run(["--json", "list"]);
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        outcome.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// `archive MUSIC --to ARCHIVE`.
    pub fn main_job(&self) -> Outcome {
        self.run([OsStr::new("archive"), self.music.as_os_str()])
    }

    /// `archive MUSIC --to ARCHIVE --json`, ending with this exit code.
    pub fn main_job_json(&self, code: i32) -> Value {
        self.json(code, [OsStr::new("archive"), self.music.as_os_str()])
    }

    /// Whether the recording of this source comes back byte for byte.
    pub fn assert_restores(&self, named: &str, source: &Path) {
        let out = self.sandbox.join("restored");
        let outcome =
            self.run([OsStr::new("restore"), named.as_ref(), "-o".as_ref(), out.as_os_str()]);
        assert_eq!(outcome.code, Some(0), "{}: {outcome:?}", source.display());
        assert!(
            fs::read(&out).unwrap() == fs::read(source).unwrap(),
            "{} came back different",
            source.display()
        );
        fs::remove_file(out).unwrap();
    }

    /// The command line with what every run says before it.
    pub fn line<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Vec<OsString> {
        let mut line: Vec<OsString> =
            vec!["-q".into(), "--date".into(), DAY.into(), "--archive".into()];
        line.push(self.archive.clone().into());
        line.extend(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
        line
    }

    /// Gives the whole sandbox to a user without rights, when the tests run as root; otherwise the
    /// tests' own user has none. `None`, said aloud, where neither can be.
    pub fn unprivileged(&self) -> Option<Unprivileged<'_>> {
        if fs::metadata(self.sandbox.path()).unwrap().uid() != 0 {
            return Some(Unprivileged { bench: self, setpriv: None, deadwax: DEADWAX.into() });
        }
        let setpriv = oracle::need("setpriv")?;
        // The build's folder may be beneath one that nobody else may enter.
        let deadwax = self.sandbox.join("tmp/deadwax");
        // Copied by another process: a program that this one had open for writing could not be run
        // while a child that another test's thread began holds the copy's handle ("text file busy").
        let copied = Command::new("cp").arg(DEADWAX).arg(&deadwax).status();
        assert!(copied.unwrap().success());
        give(self.sandbox.path());
        Some(Unprivileged { bench: self, setpriv: Some(setpriv), deadwax })
    }
}

/// Runs the command as a user that permissions hold for.
pub struct Unprivileged<'b> {
    bench: &'b Bench,
    setpriv: Option<PathBuf>,
    deadwax: PathBuf,
}

impl Unprivileged<'_> {
    pub fn run<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Outcome {
        let mut line = self.bench.line(arguments);
        line.insert(0, self.deadwax.clone().into());
        let program = match &self.setpriv {
            None => PathBuf::from(line.remove(0)),
            Some(setpriv) => {
                let user = format!("--reuid={NOBODY}");
                let group = format!("--regid={NOBODY}");
                let mut full: Vec<OsString> =
                    vec![user.into(), group.into(), "--clear-groups".into()];
                full.append(&mut line);
                line = full;
                setpriv.clone()
            }
        };
        let outcome = self.bench.sandbox.run(&program, line).unwrap();
        assert_calm(&outcome);
        outcome
    }

    /// `--json`, of a run that ends with this code.
    pub fn json<A: AsRef<OsStr>>(
        &self,
        code: i32,
        arguments: impl IntoIterator<Item = A>,
    ) -> Value {
        json_of(code, arguments, |line| self.run(line))
    }
}

fn give(path: &Path) {
    let metadata = path.symlink_metadata().unwrap();
    if metadata.is_symlink() {
        return;
    }
    if metadata.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            give(&entry.unwrap().path());
        }
    }
    // Taking a file's owner away clears nothing but set-user-id bits, and no file here has those.
    chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
}

/// No panic's text, whatever happened, and no signal.
pub fn assert_calm(outcome: &Outcome) {
    for sign in ["panicked", "RUST_BACKTRACE", "unwrap()"] {
        assert!(!outcome.stderr.contains(sign), "{outcome:?}");
    }
    assert!(matches!(outcome.code, Some(0..=3)), "{outcome:?}");
}

/// The run refused, with one sentence that has these words, and nothing on stdout.
pub fn assert_refused(outcome: &Outcome, words: &[&str]) {
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert_eq!(outcome.stdout, "", "{outcome:?}");
    let said = outcome.stderr.trim_end();
    assert!(said.starts_with("deadwax: "), "{said}");
    assert_eq!(said.lines().count(), 1, "not one line: {said}");
    for word in words {
        assert!(said.contains(word), "'{word}' is not said: {said}");
    }
}

/// A short piece as a FLAC with these fields.
pub fn piece(seed: u64, seconds: f32, fields: &[(&str, &str)]) -> Vec<u8> {
    let samples = Piece { seed, seconds }.compose_i16();
    flac::encode(&samples, fields, 1024).unwrap()
}

/// Three pieces: two on a release of which one is cleared by its tag, one alone without a licence.
pub fn three_pieces(music: &Path) {
    let release = music.join("First Light");
    fs::create_dir_all(&release).unwrap();
    let fields = |title, number, isrc| {
        [
            ("TITLE", title),
            ("ARTIST", "The Testers"),
            ("ALBUM", "First Light"),
            ("DATE", "2024-05-01"),
            ("TRACKNUMBER", number),
            ("ISRC", isrc),
        ]
    };
    let mut cleared = fields("Morning", "1", "USRC17607831").to_vec();
    cleared.push(("LICENSE", "CC-BY-4.0"));
    fs::write(release.join("01 Morning.flac"), piece(1, 3.0, &cleared)).unwrap();
    let second = fields("Noon", "2", "USRC17607832");
    fs::write(release.join("02 Noon.flac"), piece(2, 3.0, &second)).unwrap();
    let alone = [("TITLE", "Evening"), ("ARTIST", "Someone Else")];
    fs::write(music.join("Evening.flac"), piece(3, 2.0, &alone)).unwrap();
}

/// A table of listens.
pub fn write_listens(path: &Path, rows: &[(&str, u64)]) {
    let lines: String = rows.iter().map(|(isrc, n)| format!("{isrc},{n}\n")).collect();
    fs::write(path, format!("isrc,listens\n{lines}")).unwrap();
}

/// The row of the list whose title this is.
pub fn titled<'r>(rows: &'r [Value], title: &str) -> &'r Value {
    let found = rows.iter().find(|row| row["title"] == title);
    found.unwrap_or_else(|| panic!("no '{title}' in {rows:#?}"))
}

/// Where the file of this root is in an archive's store, relative to the archive.
pub fn stored(root: &Value) -> String {
    let root = root.as_str().expect("a root is a text");
    format!("store/{}/{}/{root}", &root[..2], &root[2..4])
}

/// Makes a file writable, so that a test may put something else in its place.
pub fn overwrite(path: &Path, content: &[u8]) {
    fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
    fs::write(path, content).unwrap();
}

/// The JSON that a run of these arguments prints, which ends with this exit code.
fn json_of<A: AsRef<OsStr>>(
    code: i32,
    arguments: impl IntoIterator<Item = A>,
    run: impl FnOnce(&[OsString]) -> Outcome,
) -> Value {
    let mut line: Vec<OsString> = vec!["--json".into()];
    line.extend(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
    let outcome = run(&line);
    assert_eq!(outcome.code, Some(code), "{line:?}: {outcome:?}");
    serde_json::from_str(&outcome.stdout).unwrap_or_else(|e| panic!("{e}: {outcome:?}"))
}
