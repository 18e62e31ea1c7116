//! The clients, each beginning to download when it is started and giving what it has until it is dropped. Ended by their ids.

use crate::packs::wait_until;
use crate::seed::Ended;
use serde_json::Value;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Lines};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command, Stdio};

/// A client that downloads packs and then gives them.
pub trait Client {
    /// What and which version it is.
    fn name(&self) -> String;
    /// Where it writes to.
    fn folder(&self) -> &Path;
    /// Where it listens.
    fn addresses(&self) -> &[SocketAddr];
    /// Whether it has the hybrids, and not their twins.
    fn takes_hybrids(&self) -> bool;
    /// transmission makes no file without bytes.
    fn makes_empty_files(&self) -> bool {
        true
    }
    /// Fails when it ended.
    fn assert_running(&mut self);
    /// It may have all bytes on disk and not have compared the last of them.
    fn wait_until_it_gives(&mut self) {}
}

/// libtorrent's Python module.
pub struct Libtorrent {
    child: Ended,
    lines: Lines<BufReader<ChildStdout>>,
    folder: tempfile::TempDir,
    version: String,
    addresses: [SocketAddr; 1],
}

impl Libtorrent {
    /// Pythons that have a libtorrent, each of another version.
    pub fn pythons() -> Vec<PathBuf> {
        let (mut versions, mut pythons) = (Vec::new(), Vec::new());
        let peers = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/peers/bin/python3");
        for python in ["python3", "/usr/bin/python3", peers] {
            let asked = Command::new(python)
                .args(["-c", "import libtorrent; print(libtorrent.__version__)"])
                .output();
            match asked {
                Ok(said) if said.status.success() && !versions.contains(&said.stdout) => {
                    versions.push(said.stdout);
                    pythons.push(PathBuf::from(python));
                }
                Ok(said) if said.status.success() => {}
                _ => eprintln!("skipped: {python} cannot import libtorrent"),
            }
        }
        pythons
    }

    pub fn start(python: &Path, torrents: &[PathBuf], seed: SocketAddr) -> Libtorrent {
        let folder = tempfile::tempdir().unwrap();
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/libtorrent_client.py");
        let mut command = Command::new(python);
        command.arg(script).arg(folder.path()).arg(seed.to_string()).args(torrents);
        let mut child = Ended::start(command.stdin(Stdio::piped()).stdout(Stdio::piped()));
        let mut lines = BufReader::new(child.0.stdout.take().unwrap()).lines();
        let first: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        let version = first["version"].as_str().unwrap().to_owned();
        let addresses = [local(first["listen"].as_u64().unwrap() as u16)];
        Libtorrent { child, lines, folder, version, addresses }
    }
}

impl Client for Libtorrent {
    fn name(&self) -> String {
        format!("libtorrent {}", self.version)
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    fn takes_hybrids(&self) -> bool {
        true
    }

    fn assert_running(&mut self) {
        self.child.assert_running();
    }

    fn wait_until_it_gives(&mut self) {
        let said = self.lines.next().unwrap().unwrap();
        assert!(said.starts_with("{\"done\""), "{said}");
    }
}

/// aria2, one process for all.
pub struct Aria2 {
    child: Ended,
    folder: tempfile::TempDir,
    addresses: [SocketAddr; 1],
}

impl Aria2 {
    pub fn start(program: &Path, torrents: &[PathBuf]) -> Aria2 {
        let folder = tempfile::tempdir().unwrap();
        let address = local(free_port());
        let mut command = Command::new(program);
        command
            .env("HOME", folder.path())
            .arg(format!("--dir={}", folder.path().display()))
            .arg(format!("--listen-port={}", address.port()))
            .args([
                "--no-conf",
                "--enable-dht=false",
                "--enable-dht6=false",
                "--bt-enable-lpd=false",
            ])
            .args(["--enable-peer-exchange=false", "--seed-ratio=0", "--file-allocation=none"])
            .args(["--interface=127.0.0.1", "--max-concurrent-downloads=20", "--quiet"])
            .args(["--bt-max-peers=0", "--disk-cache=0"])
            .args(torrents);
        Aria2 { child: Ended::start(command.stdout(Stdio::null())), folder, addresses: [address] }
    }
}

impl Client for Aria2 {
    fn name(&self) -> String {
        "aria2".to_owned()
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    fn takes_hybrids(&self) -> bool {
        false
    }

    fn assert_running(&mut self) {
        self.child.assert_running();
    }
}

/// transmission-cli, a process a torrent.
pub struct Transmission {
    program: PathBuf,
    torrents: Vec<PathBuf>,
    children: Vec<Ended>,
    folder: tempfile::TempDir,
    addresses: Vec<SocketAddr>,
}

impl Transmission {
    /// Started when all listen.
    pub fn start(program: &Path, torrents: Vec<PathBuf>) -> Transmission {
        let mut client = Transmission {
            program: program.to_path_buf(),
            torrents,
            children: Vec::new(),
            folder: tempfile::tempdir().unwrap(),
            addresses: Vec::new(),
        };
        client.begin("dl from 0");
        client
    }

    /// Ends all, and starts them anew with no memory of anybody; `ready` is what each says once it may be called.
    fn begin(&mut self, ready: &str) {
        self.children.clear();
        self.addresses.clear();
        let mut logs = Vec::new();
        for torrent in &self.torrents {
            let settings = tempfile::Builder::new().prefix(".settings-").tempdir_in(&self.folder);
            let settings = settings.unwrap().keep();
            let json = r#"{"dht-enabled": false, "lpd-enabled": false, "pex-enabled": false, "utp-enabled": false,
                "bind-address-ipv4": "127.0.0.1", "bind-address-ipv6": "::1", "encryption": 0, "rpc-enabled": false}"#;
            fs::write(settings.join("settings.json"), json).unwrap();
            let address = local(free_port());
            // What it says into a file would wait for four thousand letters more.
            let mut command = Command::new("stdbuf");
            command
                .arg("-o0")
                .arg(&self.program)
                .env("HOME", &settings)
                .arg("--config-dir")
                .arg(&settings)
                .args(["--no-portmap", "--encryption-tolerated", "--port"])
                .arg(address.port().to_string())
                .arg("--download-dir")
                .arg(self.folder.path())
                .arg(torrent);
            let log = settings.join("said");
            let said = File::create(&log).unwrap();
            self.children.push(Ended::start(command.stdout(said)));
            self.addresses.push(address);
            logs.push(log);
        }
        // Not by calling it: it would hang up on whoever calls from the same address in the next half second.
        for log in logs {
            let is_ready = || String::from_utf8_lossy(&fs::read(&log).unwrap()).contains(ready);
            wait_until("transmission waits for peers", is_ready);
        }
    }
}

impl Client for Transmission {
    fn name(&self) -> String {
        "transmission-cli".to_owned()
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    fn takes_hybrids(&self) -> bool {
        false
    }

    fn makes_empty_files(&self) -> bool {
        false
    }

    /// It takes whoever once gave it something, known by the address alone, for somebody who wants nothing.
    fn wait_until_it_gives(&mut self) {
        self.begin("Seeding, uploading");
    }

    fn assert_running(&mut self) {
        self.children.iter_mut().for_each(Ended::assert_running);
    }
}

fn local(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

fn free_port() -> u16 {
    TcpListener::bind(local(0)).unwrap().local_addr().unwrap().port()
}
