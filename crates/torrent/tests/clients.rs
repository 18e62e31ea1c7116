//! Other programs as judges: libtorrent (every version that a Python here can import) computes the same info hashes, from
//! our torrents and from the files themselves, and finds every byte in the folders; aria2 lists the same files.

mod packs;
mod reference;

use deadwax_torrent::limits::PackRow;
use deadwax_torrent::{PackFile, PackOptions, PackSize, hybrid};
use packs::{Pack, invent_pack, write_pack};
use serde_json::Value;
use std::fs;
use std::ops::Range;
use std::path::Path;
use std::process::{Command, Stdio};

const CHECK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/libtorrent_check.py");
const CREATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/libtorrent_create.py");
const FETCH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/transmission_download.py");

#[test]
fn libtorrent_loads_rechecks_and_computes_the_same() {
    let pythons = pythons_with_libtorrent();
    if pythons.is_empty() {
        return skipped("no python3 here can import libtorrent 2");
    }
    // A batch at a time: all files of 10,000 together are 30 GB.
    let batches = if std::env::var_os("DEADWAX_FULL").is_some() { 50 } else { 1 };
    for batch in 0..batches {
        let packs = Packs::write(batch * BATCH..(batch + 1) * BATCH);
        for python in &pythons {
            packs.check_loading(python);
            packs.check_twins(python);
            packs.check_magnets(python);
            packs.check_creating(python);
            packs.check_folders(python);
        }
        eprintln!("{} trees, with their twins, as libtorrent has them", (batch + 1) * BATCH);
    }
}

/// Without files: libtorrent compares the v1 list, pads, file tree and piece layers with each other, and hashes the info
/// dictionaries. 10,000 with DEADWAX_FULL.
#[test]
fn generated_trees_load() {
    let pythons = pythons_with_libtorrent();
    if pythons.is_empty() {
        return skipped("no python3 here can import libtorrent 2");
    }
    let count = if std::env::var_os("DEADWAX_FULL").is_some() { 10_000 } else { 1_000 };
    let mut files = 0;
    for first in (0..count).step_by(500) {
        let packs = Packs::of(100_000 + first..100_000 + first + 500, invent_pack);
        for python in &pythons {
            packs.check_loading(python);
            packs.check_twins(python);
        }
        files += packs.packs.iter().map(|pack| pack.files.len()).sum::<usize>();
    }
    eprintln!("{count} trees of {files} files and their twins load in {} versions", pythons.len());
}

/// How many trees are on the disk at once.
const BATCH: u64 = 200;

#[test]
fn aria2_lists_the_same_files() {
    if Command::new("aria2c").arg("--version").output().is_err() {
        return skipped("aria2c is not installed");
    }
    let packs = Packs::write(0..40);
    let torrents = packs.packs.iter().flat_map(|pack| [(pack, &pack.torrent), (pack, &pack.twin)]);
    for (pack, torrent) in torrents {
        let listing = output(Command::new("aria2c").arg("-S").arg(torrent)).0;
        // "  1|./NAME/path" and below it "   |12KiB (12,345)"
        let lines: Vec<&str> = listing.lines().collect();
        let mut found: Vec<(String, u64)> = lines
            .windows(2)
            .filter_map(|pair| {
                let (index, path) = pair[0].split_once("|./")?;
                index.trim().parse::<u32>().ok()?;
                let bytes = pair[1].rsplit_once('(')?.1.trim_end_matches(')').replace(',', "");
                Some((path.to_owned(), bytes.parse().ok()?))
            })
            .filter(|(path, _)| !path.contains("/.pad/"))
            .collect();
        found.sort();
        let mut wanted: Vec<_> =
            pack.files.iter().map(|(path, bytes)| (path.clone(), *bytes as u64)).collect();
        wanted.sort();
        assert_eq!(found, wanted, "{listing}");
    }
}

/// transmission 3.00 knows neither v2 nor pads: it refuses hybrids, and takes the pads of a twin for files.
#[test]
fn transmission_reads_the_twins() {
    if Command::new("transmission-show").arg("--version").output().is_err() {
        return skipped("transmission-show is not installed");
    }
    let packs = Packs::write(0..100);
    for pack in &packs.packs {
        let (said, is_read) = output(Command::new("transmission-show").arg(&pack.twin));
        assert!(is_read, "{said}");
        let (head, files) = said.split_once("\nFILES\n").unwrap();
        assert!(head.contains(&format!("Hash: {}", pack.twin_hash())), "{said}");
        assert!(head.contains("Piece Size: 1.00 MiB"), "{said}");
        // "  NAME/path (12.3 kB)"
        let listed =
            |line: &str| line.trim_start().rsplit_once(" (").map(|(path, _)| path.to_owned());
        let mut listed: Vec<String> = files.lines().filter_map(listed).collect();
        listed.retain(|path| !path.contains("/.pad/"));
        listed.sort();
        let mut wanted: Vec<_> = pack.files.iter().map(|(path, _)| path.clone()).collect();
        wanted.sort();
        assert_eq!(listed, wanted, "{said}");
    }
}

/// It fetches the pads of a twin as files of zeros, from a client that has none of them on its disk.
#[test]
fn transmission_fetches_a_twin_whole() {
    let pythons = pythons_with_libtorrent();
    let (Some(python), Ok(_)) =
        (pythons.last(), Command::new("transmission-cli").arg("--version").output())
    else {
        return skipped(
            "transmission-cli is not installed, or no python3 here can import libtorrent 2",
        );
    };
    // All at once: it idles for ten seconds before it asks for anything.
    let packs = Packs::write(1..4);
    let fetches: Vec<_> = packs
        .packs
        .iter()
        .map(|pack| {
            let target = tempfile::tempdir().unwrap();
            let paths = [pack.twin.as_path(), &pack.folder, target.path()].map(path);
            let command =
                Command::new(python).arg(FETCH).args(paths).stdout(Stdio::piped()).spawn();
            (pack, target, command.unwrap())
        })
        .collect();
    for (pack, target, fetch) in fetches {
        let said = fetch.wait_with_output().unwrap();
        assert!(said.status.success(), "{said:?}");
        for (file, _) in pack.files.iter().filter(|(_, bytes)| *bytes > 0) {
            let [sent, got] =
                [pack.folder.as_path(), target.path()].map(|at| fs::read(at.join(file)).unwrap());
            assert!(sent == got, "{file}");
        }
        let bytes: usize = pack.files.iter().map(|(_, bytes)| bytes).sum();
        let said = String::from_utf8_lossy(&said.stdout);
        eprintln!("{} files of {bytes} bytes: {}", pack.files.len(), said.trim());
    }
}

#[test]
fn a_pack_at_the_caps_loads_under_default_limits() {
    let pythons = pythons_with_libtorrent();
    if pythons.is_empty() {
        return skipped("no python3 here can import libtorrent 2");
    }
    // 150 GB in files of 30 MB, and 5,000 files of the length that just reaches the metainfo cap.
    for (count, bytes) in [(4_400, 30_000_000), (5_000, 25_000_000), (1, 149_999_999_999)] {
        let rows: Vec<_> = (0..count).map(|seed| reference::invented_row(bytes, seed)).collect();
        let name = |i| vec![format!("Artist {i:0>40}"), "1999 R".into(), format!("{i:0>60}.ogg")];
        let files: Vec<_> = rows
            .iter()
            .enumerate()
            .map(|(index, hashes)| PackFile { path: name(index), hashes })
            .collect();
        let rows = files.iter().map(|f| PackRow::new(f.hashes.bytes, &f.path));
        assert!(PackSize::of(rows).fits(), "{count} files of {bytes}");
        let options = PackOptions { v1_twin: true, ..PackOptions::default() };
        let metainfo = hybrid("P", &files, &options).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let torrent = folder.path().join("P.torrent");
        fs::write(&torrent, &metainfo.bytes).unwrap();
        let files = vec![(String::new(), bytes as usize); count as usize];
        let name = "P".to_owned();
        let twin = folder.path().join("P.v1.torrent");
        fs::write(&twin, &metainfo.v1_twin.as_ref().unwrap().bytes).unwrap();
        let pack = Pack { metainfo, name, torrent, twin, folder: folder.path().to_owned(), files };
        let packs = Packs { packs: vec![pack], _folder: folder };
        for python in &pythons {
            packs.check_loading(python);
            packs.check_twins(python);
        }
    }
}

struct Packs {
    packs: Vec<Pack>,
    _folder: tempfile::TempDir,
}

impl Packs {
    fn write(seeds: Range<u64>) -> Packs {
        Packs::of(seeds, write_pack)
    }

    fn of(seeds: Range<u64>, pack: fn(u64, &Path) -> Pack) -> Packs {
        let folder = tempfile::tempdir().unwrap();
        let packs = seeds.map(|seed| pack(seed, folder.path())).collect();
        Packs { packs, _folder: folder }
    }

    fn check_loading(&self, python: &str) {
        let arguments = self.packs.iter().flat_map(|pack| [path(&pack.torrent), "-".into()]);
        for (fact, pack) in run(python, CHECK, arguments.collect(), true).iter().zip(&self.packs) {
            pack.assert_hashes(fact);
            assert_eq!(fact["name"], pack.name, "{fact}");
            assert_eq!(fact["files"], pack.files.len(), "{fact}");
            let bytes: usize = pack.files.iter().map(|(_, bytes)| bytes).sum();
            assert_eq!(fact["bytes"], bytes, "{fact}");
        }
    }

    fn check_twins(&self, python: &str) {
        let arguments = self.packs.iter().flat_map(|pack| [path(&pack.twin), "-".into()]);
        for (fact, pack) in run(python, CHECK, arguments.collect(), true).iter().zip(&self.packs) {
            assert_eq!(fact["error"], Value::Null, "{fact}");
            assert_eq!(fact["infohash_v1"], pack.twin_hash(), "{fact}");
            assert_eq!(fact["infohash_v2"], "0".repeat(64), "{fact}");
            assert_eq!(fact["name"], pack.name, "{fact}");
            assert_eq!(fact["files"], pack.files.len(), "{fact}");
            let bytes: usize = pack.files.iter().map(|(_, bytes)| bytes).sum();
            assert_eq!(fact["bytes"], bytes, "{fact}");
        }
    }

    fn check_magnets(&self, python: &str) {
        let arguments = self.packs.iter().flat_map(|p| [p.metainfo.magnet.clone(), "-".into()]);
        for (fact, pack) in run(python, CHECK, arguments.collect(), true).iter().zip(&self.packs) {
            pack.assert_hashes(fact);
            assert_eq!(fact["name"], pack.name, "{fact}");
            assert_eq!(fact["trackers"][0], "http://127.0.0.1:9/announce?a=b&c=d", "{fact}");
            assert_eq!(fact["web_seeds"][0], "http://127.0.0.1:9/packs/", "{fact}");
        }
    }

    fn check_creating(&self, python: &str) {
        let arguments = self.packs.iter().map(|pack| path(&pack.folder.join(&pack.name)));
        let facts = run(python, CREATE, arguments.collect(), true);
        let mut compared = 0;
        for (fact, pack) in facts.iter().zip(&self.packs) {
            // libtorrent 2.1.1 cannot make some torrents itself, and does not notice it where the files in the wrong place
            // are empty, see libtorrent_create.py.
            let is_misordered = fact["infohash_v1"] != pack.infohash_v1();
            if pack.sorts_otherwise(|_| true) && is_misordered {
                let is_known = fact["libtorrent"].as_str().is_some_and(|it| it.starts_with("2.1."));
                assert!(is_known, "{fact}");
                assert!(
                    !fact["error"].is_null() || fact["infohash_v2"] == pack.infohash_v2(),
                    "{fact}"
                );
                continue;
            }
            pack.assert_hashes(fact);
            assert_eq!(fact["twin"], pack.twin_hash(), "{fact}");
            compared += 1;
        }
        let (version, all) = (&facts[0]["libtorrent"], facts.len());
        eprintln!(
            "libtorrent {version} made {compared} of {all} torrents from the files: the same"
        );
        assert!(compared * 2 > all);
    }

    /// Every tenth, and that a changed, a shortened and a missing file are found.
    fn check_folders(&self, python: &str) {
        let some: Vec<&Pack> = self.packs.iter().step_by(10).collect();
        let arguments = || some.iter().flat_map(|p| [path(&p.torrent), path(&p.folder)]).collect();
        for (fact, pack) in run(python, CHECK, arguments(), true).iter().zip(&some) {
            assert_eq!(fact["progress"], 1.0, "{fact}");
            pack.assert_hashes(fact);
        }
        let twins = some.iter().flat_map(|p| [path(&p.twin), path(&p.folder)]).collect();
        for fact in run(python, CHECK, twins, true) {
            assert_eq!(fact["progress"], 1.0, "{fact}");
        }
        let damages: [fn(&mut Vec<u8>) -> bool; 3] = [
            |data| {
                data[0] ^= 1;
                true
            },
            |data| {
                data.pop();
                true
            },
            |_| false,
        ];
        for (pack, damage) in some.iter().zip(damages) {
            let (name, _) = pack.files.iter().find(|(_, bytes)| *bytes > 0).unwrap();
            let file = pack.folder.join(name);
            let good = fs::read(&file).unwrap();
            let mut bad = good.clone();
            if damage(&mut bad) {
                fs::write(&file, bad).unwrap()
            } else {
                fs::remove_file(&file).unwrap()
            }
            let facts = run(python, CHECK, vec![path(&pack.torrent), path(&pack.folder)], false);
            assert!(facts[0]["progress"].as_f64().unwrap() < 1.0, "{}", facts[0]);
            fs::write(&file, good).unwrap();
        }
    }
}

/// Runs an oracle script and reads its JSON lines. `good` says how it must exit.
fn run(python: &str, script: &str, arguments: Vec<String>, good: bool) -> Vec<Value> {
    let asked = arguments.len();
    let (printed, success) = output(Command::new(python).arg(script).args(arguments));
    let facts: Vec<Value> =
        printed.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let errors: Vec<_> = facts.iter().filter(|fact| !fact["error"].is_null()).take(3).collect();
    assert_eq!(success, good, "{python} {script}: {errors:?}");
    assert!(facts.len() == asked || facts.len() * 2 == asked, "{printed}");
    facts
}

fn output(command: &mut Command) -> (String, bool) {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!said.contains("Traceback"), "{said}");
    (String::from_utf8(output.stdout).unwrap(), output.status.success())
}

/// The distribution's Python and the one in front of it may come with different versions.
fn pythons_with_libtorrent() -> Vec<&'static str> {
    let mut versions = Vec::new();
    let mut pythons = Vec::new();
    for python in ["python3", "/usr/bin/python3"] {
        let asked = Command::new(python)
            .args(["-c", "import libtorrent; print(libtorrent.__version__)"])
            .output();
        match asked {
            Ok(said) if said.status.success() && !versions.contains(&said.stdout) => {
                versions.push(said.stdout);
                pythons.push(python);
            }
            Ok(said) if said.status.success() => {}
            _ => eprintln!("skipped: {python} cannot import libtorrent"),
        }
    }
    pythons
}

fn path(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

fn skipped(why: &str) {
    assert!(std::env::var_os("CI").is_none(), "CI needs this: {why}");
    eprintln!("skipped: {why}");
}
