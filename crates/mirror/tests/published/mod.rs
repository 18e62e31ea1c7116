//! Published editions of made-up files, signed as an archive signs them: what a mirror is given in tests.

#![allow(dead_code, reason = "each test file uses a part of it")]

use deadwax_mirror::plan::Prefer;
use deadwax_mirror::{Asked, How, Mirror, MirrorError, MirrorReport, Run, Silent, SourceAddress};
use deadwax_store::{StoreError, hash_of};
use deadwax_torrent::{PackFile, PackOptions, hybrid};
use deadwax_trust::{Keys, Roots, Signer, TargetFile, Terms};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

/// For a lock that is about to be freed.
const PATIENCE: Duration = Duration::from_secs(5);

/// An archive, as far as a mirror sees it.
pub struct Published {
    folder: tempfile::TempDir,
    newest: Option<String>,
}

/// A pack to publish.
pub struct Pack {
    pub name: String,
    pub stage: &'static str,
    pub first_rank: u32,
    /// Paths beneath the pack's folder and contents, the most listened first.
    pub files: Vec<(String, Vec<u8>)>,
    pub listens: Option<u64>,
    pub web_seeds: Vec<String>,
    pub trackers: Vec<String>,
    /// What torrents.json says of its length instead of the truth.
    pub said_bytes: Option<u64>,
}

/// A line of tombstones.json.
pub struct Tombstone {
    pub roots: Vec<String>,
    pub is_lifted: bool,
}

/// A file of so many bytes, the same every time.
pub fn music(number: u64, bytes: usize) -> Vec<u8> {
    let mut data = vec![0; bytes];
    fastrand::Rng::with_seed(number).fill(&mut data);
    data
}

/// The root of a file, in hex.
pub fn root_of(data: &[u8]) -> String {
    hash_of(data).root.to_string()
}

impl Pack {
    pub fn new(name: &str, first_rank: u32, files: Vec<(String, Vec<u8>)>) -> Pack {
        Pack {
            name: name.to_owned(),
            stage: "audio",
            first_rank,
            files,
            listens: Some(1000 / u64::from(first_rank)),
            web_seeds: Vec::new(),
            trackers: Vec::new(),
            said_bytes: None,
        }
    }

    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|(_, data)| data.len() as u64).sum()
    }
}

impl Published {
    pub fn new() -> Published {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::create(&folder.path().join("keys")).unwrap();
        let roots = folder.path().join("trust");
        Roots::create(&roots, &keys, &Terms::default(), Timestamp::now()).unwrap();
        fs::create_dir(folder.path().join("editions")).unwrap();
        Published { folder, newest: None }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The folder of editions: what a web server has.
    pub fn editions(&self) -> PathBuf {
        self.path("editions")
    }

    /// Publishes an edition of these packs. Gives its folder.
    pub fn publish(&mut self, date: &str, packs: &[Pack], tombstones: &[Tombstone]) -> PathBuf {
        let edition = self.editions().join(date);
        fs::create_dir_all(edition.join("packs")).unwrap();
        let listed: Vec<Value> = packs.iter().map(|pack| write_pack(&edition, pack)).collect();
        let torrents = json!({"format": "deadwax-torrents", "schema": 1, "title": "Made",
            "edition": date, "listens": 1000, "packs": listed});
        write(&edition.join("torrents.json"), &torrents);
        let stones: Vec<Value> = tombstones
            .iter()
            .enumerate()
            .map(|(number, stone)| {
                let lifted = stone.is_lifted.then_some("2026-11-22T10:00:00Z");
                json!({"number": number + 1, "time": "2026-11-21T10:00:00Z", "notice": "N-1",
                    "reason": "other", "scope": "publish", "recordings": [], "roots": stone.roots,
                    "lifted": lifted})
            })
            .collect();
        let dark = json!({"format": "deadwax-tombstones", "schema": 1, "tombstones": stones});
        write(&edition.join("tombstones.json"), &dark);
        fs::write(edition.join("index.html"), format!("<p>The edition of {date}")).unwrap();
        let seed = date.bytes().fold(0, |seed, byte| seed * 31 + u64::from(byte));
        fs::write(edition.join("catalog.sqlite"), music(seed, 2_500_000)).unwrap();
        let files: Vec<Value> = own_files(&edition)
            .into_iter()
            .map(|path| {
                let data = fs::read(edition.join(&path)).unwrap();
                json!({"path": path, "bytes": data.len(), "root": root_of(&data)})
            })
            .collect();
        let said = json!({"format": "deadwax-edition", "schema": {"edition": 1}, "title": "Made",
            "date": date, "files": files});
        write(&edition.join("edition.json"), &said);
        self.sign(date);
        write(
            &self.editions().join("newest.json"),
            &json!({"format": "deadwax-newest", "edition": date}),
        );
        edition
    }

    /// Signs the edition of this day as it is now.
    pub fn sign(&mut self, date: &str) {
        let edition = self.editions().join(date);
        let targets: Vec<TargetFile> = own_files(&edition)
            .into_iter()
            .map(|path| {
                let data = fs::read(edition.join(&path)).unwrap();
                let sha256 = Sha256::digest(&data).into();
                TargetFile { path, bytes: data.len() as u64, sha256 }
            })
            .collect();
        let roots = Roots::open(&self.path("trust")).unwrap().unwrap();
        let keys = Keys::open(&[self.path("keys")]).unwrap();
        let mut signer = Signer::new(roots, keys, Terms::default(), Timestamp::now());
        let newest = self.newest.replace(date.to_owned()).map(|date| self.editions().join(date));
        signer.sign(&edition, &targets, newest.as_deref()).unwrap();
    }
}

fn write_pack(edition: &Path, pack: &Pack) -> Value {
    let rows: Vec<_> = pack.files.iter().map(|(_, data)| hash_of(data)).collect();
    let files: Vec<PackFile> = pack
        .files
        .iter()
        .zip(&rows)
        .map(|((path, _), hashes)| PackFile {
            path: path.split('/').map(str::to_owned).collect(),
            hashes,
        })
        .collect();
    let trackers = pack.trackers.iter().map(|tracker| vec![tracker.clone()]).collect();
    let web_seeds = pack.web_seeds.clone();
    let options = PackOptions { web_seeds, trackers, ..PackOptions::default() };
    let torrent = hybrid(&pack.name, &files, &options).unwrap();
    let (folder, path) = (format!("packs/{}", pack.name), format!("packs/{}.torrent", pack.name));
    for (path, data) in &pack.files {
        let path = edition.join(&folder).join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, data).unwrap();
    }
    fs::write(edition.join(&path), &torrent.bytes).unwrap();
    let bytes = pack.said_bytes.unwrap_or(pack.bytes());
    json!({"name": pack.name, "stage": pack.stage, "torrent": path, "torrent_bytes": torrent.bytes.len(),
        "v1_twin": null, "folder": folder, "first_rank": pack.first_rank,
        "last_rank": pack.first_rank + pack.files.len() as u32 - 1, "files": pack.files.len(),
        "bytes": bytes, "listens": pack.listens, "coverage": null,
        "infohash_v1": hex::encode(torrent.infohash_v1), "infohash_v2": hex::encode(torrent.infohash_v2),
        "twin_infohash": null, "magnet": torrent.magnet})
}

/// Opens a mirror that this process may have closed just now: a program that another test's thread begins at that moment has a
/// handle of its lock until it is running.
pub fn opened(into: &Path, asked: &Asked, how: How) -> Result<Mirror, MirrorError> {
    let began = Instant::now();
    loop {
        match Mirror::open(into, asked, how.clone()) {
            Err(MirrorError::Store(StoreError::Locked { .. })) if began.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(20));
            }
            opened => return opened,
        }
    }
}

/// Carries all of an edition.
pub fn carry_all(into: &Path, source: &str, how: How) -> MirrorReport {
    let asked = Asked {
        source: Some(SourceAddress::parse(source).unwrap()),
        budget_bytes: Some(1_000_000_000),
        prefer: Some(Prefer::Listens),
        metadata: false,
        drawn: 7,
    };
    let mirror = opened(into, &asked, how).unwrap();
    let stop = AtomicBool::new(false);
    let run =
        Run { progress: &Silent, stop: &stop, now_unix: 1_790_000_000, began: Instant::now() };
    let (edition, _) = mirror.refresh(&run).unwrap();
    let plan = mirror.plan(&edition).unwrap();
    mirror.apply(&edition, &plan, &run).unwrap()
}

/// All files but those of `trust/` and of pack folders.
fn own_files(edition: &Path) -> Vec<String> {
    let mut files = Vec::new();
    for (folder, prefix) in [(edition.to_path_buf(), ""), (edition.join("packs"), "packs/")] {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_file() {
                files.push(format!("{prefix}{}", entry.file_name().into_string().unwrap()));
            }
        }
    }
    files.sort();
    files
}

fn write(path: &Path, value: &Value) {
    fs::write(path, serde_json::to_vec(value).unwrap()).unwrap();
}

/// Asks `sha256sum` whether the files of these packs beneath a folder are, byte for byte, what was published. Gives
/// the paths that are not there; one that is there and other is a failure.
pub fn missing(packs: &[Pack], folder: &Path) -> Vec<String> {
    let mut sums = String::new();
    let mut missing = Vec::new();
    for pack in packs {
        for (path, data) in &pack.files {
            let path = format!("packs/{}/{path}", pack.name);
            match folder.join(&path).exists() {
                true => sums.push_str(&format!("{}  {path}\n", hex::encode(Sha256::digest(data)))),
                false => missing.push(path),
            }
        }
    }
    if sums.is_empty() {
        return missing;
    }
    let list = folder.with_extension("sums");
    fs::write(&list, &sums).unwrap();
    let mut sha256sum = Command::new("sha256sum");
    sha256sum.arg("--check").arg("--quiet").arg("--strict").arg(&list).current_dir(folder);
    let checked = sha256sum.output().unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
    missing
}

/// Bytes of all files beneath a folder, and their paths.
pub fn all_files(folder: &Path) -> (u64, Vec<String>) {
    let (mut bytes, mut files) = (0, Vec::new());
    let mut folders = vec![folder.to_path_buf()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(at).unwrap() {
            let entry = entry.unwrap();
            match entry.file_type().unwrap().is_dir() {
                true => folders.push(entry.path()),
                false => {
                    bytes += entry.metadata().unwrap().len();
                    let path = entry.path();
                    files.push(path.strip_prefix(folder).unwrap().display().to_string());
                }
            }
        }
    }
    files.sort();
    (bytes, files)
}
