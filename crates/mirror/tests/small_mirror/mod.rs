//! A mirror made by hand, a sound copy of its pack, and a web server for that copy.

use deadwax_mirror::{Run, Silent, State, WantedFile};
use deadwax_model::FileHashes;
use deadwax_store::hash_of;
use deadwax_torrent::metainfo;
use deadwax_torrent::{PackFile, PackOptions, hybrid};
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

pub const PACK: &str = "Ann & Bob 0123456789";
/// When all files of the mirror were fetched.
pub const FETCHED: u64 = 1_000_000;

/// The mirror, and beside it a sound copy of what it carries.
pub struct Small {
    folder: tempfile::TempDir,
    /// Paths beneath the pack's folder, with the right content.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl Small {
    /// Files of these lengths. `source` is where the mirror says that it came from.
    pub fn new(lengths: &[usize], source: &str) -> Small {
        let folder = tempfile::tempdir().unwrap();
        let content = |number: usize, length: usize| -> Vec<u8> {
            (0..length).map(|i| (i * 7 + i / 16_384 * 31 + i / 251 + number * 101) as u8).collect()
        };
        let files: BTreeMap<String, Vec<u8>> = lengths
            .iter()
            .enumerate()
            .map(|(number, &length)| (format!("Ann/{number:03} Song.ogg"), content(number, length)))
            .collect();
        let small = Small { folder, files };
        let hashes: Vec<(Vec<String>, FileHashes)> = small
            .files
            .iter()
            .map(|(path, data)| (path.split('/').map(str::to_owned).collect(), hash_of(data)))
            .collect();
        let pack_files: Vec<PackFile<'_>> =
            hashes.iter().map(|(path, hashes)| PackFile { path: path.clone(), hashes }).collect();
        let torrent = hybrid(PACK, &pack_files, &PackOptions::default()).unwrap().bytes;
        for place in [small.mirror(), small.copy()] {
            for (path, data) in &small.files {
                let path = place.join("packs").join(PACK).join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, data).unwrap();
            }
            fs::write(place.join(format!("packs/{PACK}.torrent")), &torrent).unwrap();
        }
        let state = State::create(&small.mirror()).unwrap();
        let pack = state.pack(PACK, "audio").unwrap();
        for (place, file) in metainfo::read(&torrent).unwrap().files.iter().enumerate() {
            let path = file.path.join("/");
            let (place, root, bytes) = (place as u32, file.root, file.bytes);
            let row = state.want(pack, &WantedFile { place, path: &path, root, bytes }).unwrap();
            state.set_whole(row, FETCHED).unwrap();
        }
        let settings = serde_json::json!({
            "format": "deadwax-mirror", "schema": 1, "source": source, "budget_bytes": 1_000_000_000u64,
            "prefer": "mix", "metadata": false, "number": 1
        });
        fs::write(small.mirror().join(".deadwax/mirror.json"), settings.to_string()).unwrap();
        small
    }

    pub fn mirror(&self) -> PathBuf {
        self.folder.path().join("mirror")
    }

    pub fn copy(&self) -> PathBuf {
        self.folder.path().join("copy")
    }

    /// Where a file is in the mirror.
    pub fn path(&self, file: &str) -> PathBuf {
        in_pack(&self.mirror(), file)
    }

    /// Whether every file of the mirror has its bytes.
    pub fn assert_whole(&self) {
        for (file, data) in &self.files {
            assert!(fs::read(self.path(file)).unwrap() == *data, "{file} is not what it was");
        }
        let left: Vec<_> = fs::read_dir(self.mirror().join(".deadwax/parts"))
            .map(|listing| listing.map(|entry| entry.unwrap().path()).collect())
            .unwrap_or_default();
        assert!(left.is_empty(), "left behind: {left:?}");
    }
}

/// Where a file is in a folder with the pack.
pub fn in_pack(folder: &Path, file: &str) -> PathBuf {
    folder.join("packs").join(PACK).join(file)
}

/// Circumstances at that time.
pub fn at(now_unix: u64) -> Run<'static> {
    static NEVER: AtomicBool = AtomicBool::new(false);
    Run { progress: &Silent, stop: &NEVER, now_unix, began: Instant::now() }
}

/// A web server for a folder, on loopback, that knows ranges; it ends with the test's process.
pub struct Ranges {
    pub address: String,
    /// Bytes of bodies that were asked for in parts.
    pub sent: Arc<AtomicU64>,
    /// Answers with the right number of wrong bytes from now on.
    pub lies: Arc<AtomicBool>,
}

impl Ranges {
    pub fn serve(folder: &Path) -> Ranges {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        let ranges = Ranges { address, sent: Arc::default(), lies: Arc::default() };
        let (folder, sent, lies) =
            (folder.to_path_buf(), Arc::clone(&ranges.sent), Arc::clone(&ranges.lies));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (folder, sent, lies) = (folder.clone(), Arc::clone(&sent), Arc::clone(&lies));
                std::thread::spawn(move || answer(&stream, &folder, &sent, &lies));
            }
        });
        ranges
    }
}

/// Answers until the other side has enough.
fn answer(stream: &TcpStream, folder: &Path, sent: &AtomicU64, lies: &AtomicBool) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut lines = BufReader::new(stream).lines();
    loop {
        let request = lines.next()?.ok()?;
        let mut range = None;
        loop {
            let line = lines.next()?.ok()?.to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(said) = line.strip_prefix("range: bytes=") {
                let (from, to) = said.split_once('-')?;
                range = Some((from.parse::<usize>().ok()?, to.parse::<usize>().ok()?));
            }
        }
        let name = request.split(' ').nth(1)?.trim_start_matches('/');
        let name = name.replace("%20", " ").replace("%26", "&");
        let mut stream = stream;
        let Ok(data) = fs::read(folder.join(name)) else {
            stream.write_all(b"HTTP/1.1 404 no\r\ncontent-length: 0\r\n\r\n").ok()?;
            continue;
        };
        let (status, head, mut body) = match range {
            Some((from, to)) => (
                "206 part",
                format!("content-range: bytes {from}-{to}/{}\r\n", data.len()),
                data[from..=to].to_vec(),
            ),
            None => ("200 all", String::new(), data),
        };
        if range.is_some() {
            sent.fetch_add(body.len() as u64, Ordering::Relaxed);
            if lies.load(Ordering::Relaxed) {
                body.iter_mut().for_each(|byte| *byte ^= 0xff);
            }
        }
        let length = body.len();
        let mut said =
            format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{head}\r\n").into_bytes();
        said.append(&mut body);
        // At once: a body that comes behind its head waits for the other side to have heard the head.
        stream.write_all(&said).ok()?;
    }
}
