//! Trees of files, as packs have them, that stand for every shape a torrent can have.

use sha2::{Digest, Sha256};
use std::fs;
use std::io;
use std::path::Path;

const PIECE: usize = 1 << 20;

const BLOCK: usize = 16 * 1024;

/// A tree of files to be made a torrent of.
pub struct Tree {
    /// What it stands for.
    pub kind: &'static str,
    /// Of the torrent.
    pub name: String,
    /// Path components and bytes, in the order of a torrent: components compared bytewise, one by one.
    pub files: Vec<(Vec<String>, Vec<u8>)>,
}

impl Tree {
    /// Of these files, in any order; their bytes are made up, the same every time.
    pub fn new(kind: &'static str, name: &str, files: &[(&[&str], usize)]) -> Tree {
        let mut files: Vec<_> = files
            .iter()
            .enumerate()
            .map(|(index, (path, bytes))| {
                let path: Vec<String> = path.iter().map(|part| (*part).to_owned()).collect();
                let seed = kind
                    .bytes()
                    .fold(index as u64, |seed, byte| seed.wrapping_mul(31) ^ u64::from(byte));
                let mut data = vec![0; *bytes];
                fastrand::Rng::with_seed(seed).fill(&mut data);
                (path, data)
            })
            .collect();
        files.sort();
        Tree { kind, name: name.to_owned(), files }
    }

    /// Whether the torrent is of one file that has the torrent's name.
    pub fn is_single_file(&self) -> bool {
        matches!(&self.files[..], [(path, _)] if *path == [self.name.clone()])
    }

    /// Writes the files into a folder of the torrent's name.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        for (path, data) in &self.files {
            let path = folder.join(self.path(path));
            fs::create_dir_all(path.parent().unwrap_or(folder))?;
            fs::write(path, data)?;
        }
        Ok(())
    }

    /// Where a file is beneath a folder that any client was told to write to.
    pub fn path(&self, path: &[String]) -> String {
        match self.is_single_file() {
            true => self.name.clone(),
            false => format!("{}/{}", self.name, path.join("/")),
        }
    }

    /// The paths of files that are not there, byte for byte, beneath a folder.
    pub fn missing(&self, folder: &Path) -> Vec<String> {
        let is_there =
            |path: &str, data: &[u8]| fs::read(folder.join(path)).is_ok_and(|d| d == data);
        let files = self.files.iter().map(|(path, data)| (self.path(path), data));
        files.filter(|(path, data)| !is_there(path, data)).map(|(path, _)| path).collect()
    }

    /// All bytes in the order of the v1 list of a hybrid, pads as zeros.
    pub fn v1_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (_, data) in &self.files {
            bytes.extend(data);
            if self.files.len() > 1 {
                bytes.resize(bytes.len().next_multiple_of(PIECE), 0);
            }
        }
        bytes
    }
}

/// One of every shape: a plain one, one file, many files, empty files, exact multiples of a piece, hostile names, a single file.
pub fn trees() -> Vec<Tree> {
    let numbered: Vec<String> = (0..120).map(|i| format!("{i:03} track.ogg")).collect();
    let many: Vec<([&str; 2], usize)> = numbered
        .iter()
        .enumerate()
        .map(|(i, name)| ([["Disc 1", "Disc 2", "Disc 3"][i % 3], name.as_str()], 900 * i + 1))
        .collect();
    let many: Vec<(&[&str], usize)> =
        many.iter().map(|(path, bytes)| (&path[..], *bytes)).collect();
    let long = "n".repeat(230) + ".ogg";
    vec![
        Tree::new(
            "plain",
            "Plain 0123456789",
            &[
                (&["Artist", "1999 Release", "01 One.ogg"], 3 * PIECE + 12_345),
                (&["Artist", "1999 Release", "02 Two.ogg"], PIECE - 1),
                (&["Artist", "cover.jpg"], 70_000),
                (&["B", "03 Three.ogg"], 2 * PIECE + 1),
            ],
        ),
        Tree::new("one file", "One file", &[(&["Artist", "01 Alone.ogg"], 2 * PIECE + 77_777)]),
        Tree::new("many files", "Many files", &many),
        Tree::new(
            "empty files",
            "Empty files",
            &[
                (&["a empty"], 0),
                (&["b", "full.ogg"], 300_001),
                (&["b", "z empty"], 0),
                (&["c"], PIECE + 5),
            ],
        ),
        Tree::new(
            "exact multiples of a piece",
            "Exact multiples",
            &[
                (&["a.ogg"], PIECE),
                (&["b.ogg"], 3 * PIECE),
                (&["c.ogg"], 16 * 1024),
                (&["d.ogg"], 2 * PIECE),
            ],
        ),
        Tree::new(
            "hostile names",
            "-rf 'quote' $(touch owned) %2e%2e",
            &[
                (&["--help", "-o", "a;b&c `x`.ogg"], 100_001),
                (&["日本語", "Ж é 😀.ogg"], PIECE + 9),
                (&["~", "$HOME", "#!.ogg"], 5),
                (&["con_", "…x", "!history!.ogg"], 16 * 1024 + 1),
                (&["{a,b}", "[0-9]", &long], 40_000),
                (&["pad", "p", "pad.ogg"], 1),
            ],
        ),
        Tree::new("a single file", "Alone.ogg", &[(&["Alone.ogg"], 4 * PIECE + 321)]),
    ]
}

/// The root of a file by the hashes of its pieces, from the text of BEP 52 alone: what is missing to a power of two are pieces
/// of which all blocks are missing.
///
/// # Panics
/// Without any piece.
pub fn root_of_layer(layer: &[[u8; 32]]) -> [u8; 32] {
    let pair = |a: &[u8; 32], b: &[u8; 32]| -> [u8; 32] {
        Sha256::new().chain_update(a).chain_update(b).finalize().into()
    };
    let mut filler = [0; 32];
    for _ in 0..(PIECE / BLOCK).ilog2() {
        filler = pair(&filler, &filler);
    }
    let mut level = layer.to_vec();
    while level.len() > 1 {
        level = level.chunks(2).map(|two| pair(&two[0], two.get(1).unwrap_or(&filler))).collect();
        filler = pair(&filler, &filler);
    }
    level[0]
}
