//! `deadwax seed`, running.

#![allow(dead_code, reason = "each test file uses a part of it")]

use crate::made::DEADWAX;
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// Longer than anything that it is waited for takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// `deadwax seed`.
pub struct Seed {
    child: Ended,
    /// What it prints; at its end when it closes its output.
    lines: Receiver<String>,
    report: Value,
}

impl Seed {
    pub fn start(folder: &Path, arguments: &[&str], peers: &[SocketAddr]) -> Seed {
        Seed::begin(Command::new(DEADWAX), folder, arguments, peers)
    }

    /// `command` is, or runs, the built one.
    pub fn begin(
        mut command: Command,
        folder: &Path,
        arguments: &[&str],
        peers: &[SocketAddr],
    ) -> Seed {
        command.arg("--json").arg("seed").arg(folder).args(["--listen", "127.0.0.1:0"]);
        for peer in peers {
            command.arg("--peer").arg(peer.to_string());
        }
        let mut child = Ended::start(command.args(arguments).stdout(Stdio::piped()));
        let (said, lines) = channel();
        let output = BufReader::new(child.0.stdout.take().unwrap());
        std::thread::spawn(move || {
            output.lines().map_while(Result::ok).try_for_each(|line| said.send(line))
        });
        let first = lines.recv_timeout(PATIENCE).expect("seed says what it seeds");
        Seed { child, lines, report: serde_json::from_str(&first).unwrap() }
    }

    /// What it said that it seeds.
    pub fn report(&self) -> &Value {
        &self.report
    }

    /// What it says that it seeds after it looked again and found something else.
    pub fn looked_again(&mut self) -> Value {
        loop {
            let line = self.lines.recv_timeout(PATIENCE).expect("seed says what it seeds now");
            let said: Value = serde_json::from_str(&line).unwrap();
            if said["event"] == "seeding" {
                return said;
            }
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.report["address"].as_str().unwrap().parse().unwrap()
    }

    /// The id of `deadwax` itself, also where another program runs it.
    fn process(&self) -> String {
        let id = self.child.0.id();
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap();
        children.split_whitespace().next().map_or_else(|| id.to_string(), str::to_owned)
    }

    /// Ctrl-C, and what it says at last.
    pub fn end(self) -> Value {
        self.end_with(0)
    }

    /// The same, ending with this exit code.
    pub fn end_with(mut self, code: i32) -> Value {
        let id = self.process();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        let last = self.lines.iter().last().expect("seed says how it ended");
        let status = self.child.0.wait().unwrap();
        assert_eq!(status.code(), Some(code), "{last}");
        let last: Value = serde_json::from_str(&last).unwrap();
        assert_eq!(last["event"], "ended", "{last}");
        last
    }
}

/// A process that is ended when this is dropped.
pub struct Ended(pub Child);

impl Ended {
    pub fn start(command: &mut Command) -> Ended {
        Ended(command.stderr(Stdio::null()).spawn().unwrap())
    }

    pub fn assert_running(&mut self) {
        if let Some(status) = self.0.try_wait().unwrap() {
            panic!("it ended: {status}");
        }
    }
}

impl Drop for Ended {
    fn drop(&mut self) {
        // Both fail when it has ended already, and then there is nothing to do.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
