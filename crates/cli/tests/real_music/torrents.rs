//! Torrents as other programs see them: libtorrent (each version that a Python here can import) and aria2.

use crate::real::{Real, real};
use deadwax_testkit::{damage, oracle};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const CHECK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../torrent/tests/libtorrent_check.py");
const CREATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../torrent/tests/libtorrent_create.py");

#[test]
fn libtorrent_loads_every_torrent_and_finds_every_byte_of_its_folder() {
    let Some(real) = real() else { return };
    for python in pythons_with_libtorrent() {
        for pack in packs(real) {
            let fact = said_by(&python, CHECK, &[&pack.torrent, pack.folder.parent().unwrap()]);
            assert_eq!(fact["progress"], 1.0, "{fact}");
            assert_eq!(fact["name"], pack.json["name"], "{fact}");
            for key in ["files", "bytes", "infohash_v1", "infohash_v2"] {
                assert_eq!(fact[key], pack.json[key], "{key}: {fact}");
            }
            eprintln!("libtorrent {}: 100 % of {}", fact["libtorrent"], pack.json["name"]);
        }
    }
}

#[test]
fn libtorrent_computes_the_same_info_hashes_from_the_files() {
    let Some(real) = real() else { return };
    for python in pythons_with_libtorrent() {
        for pack in packs(real) {
            let fact = said_by(&python, CREATE, &[&pack.folder]);
            for key in ["infohash_v1", "infohash_v2"] {
                assert_eq!(fact[key], pack.json[key], "{key}: {fact}");
            }
        }
    }
}

#[test]
fn aria2_loads_every_torrent_and_lists_the_files_of_its_folder() {
    let (Some(real), Some(aria2)) = (real(), oracle::need("aria2c")) else { return };
    for pack in packs(real) {
        let (mut listed, folder) = (aria2_lists(&aria2, &pack.torrent), files_below(&pack.folder));
        listed.retain(|path, _| !is_pad(path));
        let within = |(path, bytes): (&PathBuf, &u64)| {
            let name = Path::new(pack.folder.file_name().unwrap());
            (name.join(path.strip_prefix(&pack.folder).unwrap()), *bytes)
        };
        assert_eq!(listed, folder.iter().map(within).collect());
        assert_eq!(listed.len() as u64, pack.json["files"].as_u64().unwrap());
    }
}

/// aria2 does not know BEP 47, and wants the pads as files: they are made here, in a copy, as it would make
/// them when it fetches. It also opens files for writing, which is why it gets no archive.
#[test]
fn aria2_finds_every_byte() {
    let (Some(real), Some(aria2)) = (real(), oracle::need("aria2c")) else { return };
    for pack in packs(real) {
        let folder = tempfile::tempdir().unwrap();
        for (path, bytes) in aria2_lists(&aria2, &pack.torrent) {
            let copy = folder.path().join(&path);
            fs::create_dir_all(copy.parent().unwrap()).unwrap();
            match is_pad(&path) {
                true => fs::File::create(&copy).unwrap().set_len(bytes).unwrap(),
                false => {
                    fs::write(&copy, fs::read(pack.folder.parent().unwrap().join(&path)).unwrap())
                        .unwrap();
                }
            }
        }
        let check = || {
            let alone = ["--enable-dht=false", "--enable-dht6=false", "--bt-enable-lpd=false"];
            Command::new(&aria2)
                .args(["--no-conf", "--check-integrity=true", "--hash-check-only=true"])
                .args(alone)
                .args(["--enable-peer-exchange=false", "--seed-time=0", "--stop=30"])
                .arg(format!("--dir={}", folder.path().display()))
                .arg(&pack.torrent)
                .output()
                .unwrap()
        };
        let sound = check();
        assert!(sound.status.success(), "{sound:?}");
        let (first, _) = files_below(folder.path()).into_iter().find(|(p, _)| !is_pad(p)).unwrap();
        damage::flip_byte(&first, 5_000).unwrap();
        let damaged = check();
        assert!(!damaged.status.success(), "a damaged file passes: {damaged:?}");
    }
}

struct Pack {
    json: Value,
    torrent: PathBuf,
    folder: PathBuf,
}

fn packs(real: &Real) -> Vec<Pack> {
    let path = |json: &Value, key: &str| real.bench.archive.join(json[key].as_str().unwrap());
    let pack = |json: &Value| Pack {
        torrent: path(json, "torrent"),
        folder: path(json, "folder"),
        json: json.clone(),
    };
    let packs: Vec<Pack> = real.report["packs"].as_array().unwrap().iter().map(pack).collect();
    assert!(!packs.is_empty());
    packs
}

/// The distribution's Python and the one in front of it may come with different versions.
fn pythons_with_libtorrent() -> Vec<PathBuf> {
    let Some(first) = oracle::need_python("libtorrent") else { return Vec::new() };
    let mut pythons = vec![first];
    let second = PathBuf::from("/usr/bin/python3");
    let imports = || Command::new(&second).args(["-c", "import libtorrent"]).output();
    if !pythons.contains(&second) && imports().is_ok_and(|output| output.status.success()) {
        pythons.push(second);
    }
    pythons
}

/// The one JSON line of a script.
fn said_by(python: &Path, script: &str, paths: &[&Path]) -> Value {
    let output = Command::new(python).arg(script).args(paths).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let fact: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(fact["error"], Value::Null, "{fact}");
    fact
}

/// What `aria2c -S` lists: `  1|./NAME/path` and below it `   |12KiB (12,345)`.
fn aria2_lists(aria2: &Path, torrent: &Path) -> BTreeMap<PathBuf, u64> {
    let output = Command::new(aria2).args(["--no-conf", "-S"]).arg(torrent).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let listing = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = listing.lines().collect();
    let file = |pair: &[&str]| {
        let (index, path) = pair[0].split_once("|./")?;
        index.trim().parse::<u32>().ok()?;
        let bytes = pair[1].rsplit_once('(')?.1.trim_end_matches(')').replace(',', "");
        Some((PathBuf::from(path), bytes.parse().ok()?))
    };
    lines.windows(2).filter_map(file).collect()
}

fn is_pad(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == ".pad")
}

fn files_below(folder: &Path) -> BTreeMap<PathBuf, u64> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match fs::metadata(&path).unwrap() {
            metadata if metadata.is_dir() => files.extend(files_below(&path)),
            metadata => {
                files.insert(path, metadata.len());
            }
        }
    }
    files
}
