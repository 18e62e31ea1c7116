//! A place to run a program in without the program seeing, or touching, anything of the machine's owner.

use anyhow::Context;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A temporary folder, removed when this is dropped.
#[derive(Debug)]
pub struct Sandbox {
    dir: tempfile::TempDir,
}

/// What a run came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

/// A program that is running. Killed when this is dropped.
#[derive(Debug)]
pub struct Running {
    child: Child,
    stdout: tempfile::NamedTempFile,
    stderr: tempfile::NamedTempFile,
}

impl Sandbox {
    /// A new one, with `home` and `tmp` in it.
    pub fn new() -> anyhow::Result<Sandbox> {
        let dir = tempfile::Builder::new().prefix("deadwax-").tempdir()?;
        for name in ["home", "tmp"] {
            fs::create_dir(dir.path().join(name))?;
        }
        Ok(Sandbox { dir })
    }

    /// Its folder.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// A path in it.
    pub fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A command with an empty environment but for `HOME` and `TMPDIR` (in the sandbox), `LANG` and `TZ`; with
    /// the sandbox as working directory and nothing on standard input. There is no `PATH`: a program
    /// that starts others has to be told so by the test.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("HOME", self.join("home"))
            .env("TMPDIR", self.join("tmp"))
            .env("LANG", "C.UTF-8")
            .env("TZ", "UTC")
            .current_dir(self.path())
            .stdin(Stdio::null());
        command
    }

    /// Runs a program to its end.
    pub fn run<A: AsRef<OsStr>>(
        &self,
        program: &Path,
        arguments: impl IntoIterator<Item = A>,
    ) -> anyhow::Result<Outcome> {
        let output = self
            .command(program)
            .args(arguments)
            .output()
            .with_context(|| format!("cannot run {}", program.display()))?;
        Ok(Outcome {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    /// Starts a program. What it says goes to files outside the sandbox, so that it never waits for a
    /// reader and leaves no trace in the folder.
    pub fn spawn<A: AsRef<OsStr>>(
        &self,
        program: &Path,
        arguments: impl IntoIterator<Item = A>,
    ) -> anyhow::Result<Running> {
        let (stdout, stderr) = (tempfile::NamedTempFile::new()?, tempfile::NamedTempFile::new()?);
        let child = self
            .command(program)
            .args(arguments)
            .stdout(stdout.reopen()?)
            .stderr(stderr.reopen()?)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        Ok(Running { child, stdout, stderr })
    }
}

impl Running {
    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has ended by itself.
    pub fn has_ended(&mut self) -> anyhow::Result<bool> {
        Ok(self.child.try_wait()?.is_some())
    }

    /// What it has said on standard error so far.
    pub fn said(&self) -> anyhow::Result<String> {
        Ok(String::from_utf8_lossy(&fs::read(self.stderr.path())?).into_owned())
    }

    /// What it has printed on standard output so far.
    pub fn printed(&self) -> anyhow::Result<String> {
        Ok(String::from_utf8_lossy(&fs::read(self.stdout.path())?).into_owned())
    }

    /// `kill -9`, if it is still running, and what it said until then.
    pub fn kill(mut self) -> anyhow::Result<Outcome> {
        self.child.kill()?;
        self.end()
    }

    /// Waits for its end.
    pub fn wait(mut self) -> anyhow::Result<Outcome> {
        self.end()
    }

    fn end(&mut self) -> anyhow::Result<Outcome> {
        let status = self.child.wait()?;
        let text = |file: &tempfile::NamedTempFile| -> anyhow::Result<String> {
            Ok(String::from_utf8_lossy(&fs::read(file.path())?).into_owned())
        };
        Ok(Outcome {
            code: status.code(),
            stdout: text(&self.stdout)?,
            stderr: text(&self.stderr)?,
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail when it has ended already, and then there is nothing to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
