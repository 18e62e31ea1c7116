//! Folders of small files with their torrents, the same every time: lengths around every boundary, names from everywhere.

use crate::reference;
use deadwax_model::FileHashes;
use deadwax_store::FileHasher;
use deadwax_torrent::{Metainfo, PackFile, PackOptions, hybrid, names};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// A folder on disk and the torrent made of its hash rows.
pub struct Pack {
    pub metainfo: Metainfo,
    pub name: String,
    pub torrent: PathBuf,
    /// The torrent for clients that know v1 alone.
    pub twin: PathBuf,
    /// Holds the pack's folder or file.
    pub folder: PathBuf,
    /// Path from `folder` on, and length.
    pub files: Vec<(String, usize)>,
}

impl Pack {
    pub fn twin_hash(&self) -> String {
        hex(&self.metainfo.v1_twin.as_ref().unwrap().infohash)
    }

    pub fn infohash_v1(&self) -> String {
        hex(&self.metainfo.infohash_v1)
    }

    pub fn infohash_v2(&self) -> String {
        hex(&self.metainfo.infohash_v2)
    }

    pub fn assert_hashes(&self, fact: &Value) {
        assert_eq!(fact["error"], Value::Null, "{fact}");
        assert_eq!(fact["infohash_v1"], self.infohash_v1(), "{fact} {:?}", self.files);
        assert_eq!(fact["infohash_v2"], self.infohash_v2(), "{fact} {:?}", self.files);
    }

    /// Whether whole paths, of files of such lengths, have another order than paths by their components.
    pub fn sorts_otherwise(&self, of: fn(usize) -> bool) -> bool {
        let files = self.files.iter().filter(|(_, bytes)| of(*bytes));
        let mut whole: Vec<&str> = files.map(|(path, _)| path.as_str()).collect();
        let mut components = whole.clone();
        whole.sort();
        components.sort_by_key(|path| path.split('/').collect::<Vec<_>>());
        whole != components
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A folder of files, and its torrents.
pub fn write_pack(seed: u64, folder: &Path) -> Pack {
    pack(seed, folder, |file, index, bytes| {
        // Files of one length may be the same bytes: then they share a root.
        let data: Vec<u8> = (0..bytes)
            .map(|i| ((i as u64 * (2 * seed + 1)) >> 3) as u8 ^ (index % 2) as u8)
            .collect();
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, &data).unwrap();
        let mut hasher = FileHasher::new();
        hasher.update(&data);
        let row = hasher.finish();
        if bytes < 100_000 {
            assert_eq!(row, reference::hash_row(&data));
        }
        row
    })
}

/// The torrents alone, of files that nobody has. Some of one length are the same.
pub fn invent_pack(seed: u64, folder: &Path) -> Pack {
    pack(seed, folder, |_, index, bytes| {
        reference::invented_row(bytes as u64, seed ^ (index % 5) as u64)
    })
}

/// One file every seventh time, otherwise up to 8, or many small ones, with names from everywhere.
fn pack(
    seed: u64,
    folder: &Path,
    mut row_of: impl FnMut(&Path, usize, usize) -> FileHashes,
) -> Pack {
    let mut dice = Dice(seed);
    let folder = folder.join(seed.to_string());
    let count = match seed % 7 {
        0 => 1,
        1 => 20 + dice.below(60),
        _ => 2 + dice.below(7),
    };
    let name = names::component(&dice.name(), 60);
    let paths = if seed.is_multiple_of(14) {
        vec![vec![name.clone()]] // a single-file torrent
    } else {
        let depth = |dice: &mut Dice| 1 + dice.below(4);
        let random = (0..count).map(|index| {
            let mut path: Vec<_> =
                (0..depth(&mut dice)).map(|_| names::component(&dice.name(), 60)).collect();
            path.push(names::file_name(&format!("{index} {}", dice.name()), "ogg", 60));
            path.split_off(usize::from(dice.below(3) == 0).min(path.len() - 1))
        });
        names::unique(random.collect())
    };
    let single = paths == [[name.clone()]];
    let top = if single { folder.clone() } else { folder.join(&name) };
    let mut files = Vec::new();
    let mut rows = Vec::new();
    for (index, path) in paths.iter().enumerate() {
        // libtorrent makes no torrent of empty files alone.
        let bytes = if index == 0 { dice.bytes().max(1) } else { dice.bytes() };
        let file = path.iter().fold(top.clone(), |folder, name| folder.join(name));
        rows.push(row_of(&file, index, bytes));
        let top = if single { String::new() } else { format!("{name}/") };
        files.push((format!("{top}{}", path.join("/")), bytes));
    }
    let pack_files: Vec<_> =
        paths.into_iter().zip(&rows).map(|(path, hashes)| PackFile { path, hashes }).collect();
    let options = PackOptions {
        trackers: vec![vec!["http://127.0.0.1:9/announce?a=b&c=d".into()]],
        web_seeds: vec!["http://127.0.0.1:9/packs/".into()],
        comment: Some("日本語".into()),
        created_by: Some("deadwax tests".into()),
        creation_date_unix: Some(1_795_000_000),
        v1_twin: true,
        ..PackOptions::default()
    };
    let metainfo = hybrid(&name, &pack_files, &options).unwrap();
    let torrent = folder.with_extension("torrent");
    fs::write(&torrent, &metainfo.bytes).unwrap();
    let twin = folder.with_extension("v1.torrent");
    fs::write(&twin, &metainfo.v1_twin.as_ref().unwrap().bytes).unwrap();
    Pack { metainfo, name, torrent, twin, folder, files }
}

/// SplitMix64: the same packs every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % end as u64) as usize
    }

    fn bytes(&mut self) -> usize {
        const BLOCK: usize = 16 * 1024;
        const PIECE: usize = 1024 * 1024;
        match self.below(14) {
            0 | 1 => 0,
            2 => 1,
            3 => BLOCK - 1,
            4 => BLOCK,
            5 => BLOCK + 1,
            6 => [PIECE - 1, PIECE, PIECE + 1][self.below(3)],
            7 => [2 * PIECE, 3 * PIECE, 3 * PIECE + 1, 5 * PIECE - 1][self.below(4)],
            8 => self.below(PIECE),
            _ => self.below(40_000),
        }
    }

    fn name(&mut self) -> String {
        const PARTS: [&str; 20] = [
            "a", "b", "B", " ", "-", ".x", "日本", "e\u{301}", "Ж", "AC/DC", "?", "…", "😀", "!",
            "00", "con", "..", "NUL.", "\u{202e}", "\0\n",
        ];
        (0..1 + self.below(4)).map(|_| PARTS[self.below(PARTS.len())]).collect()
    }
}
