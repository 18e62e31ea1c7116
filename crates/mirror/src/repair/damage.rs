//! Where a file is damaged: to the leaf where its leaves were written down, else to the piece of its torrent.

use crate::piece::piece_hash;
use deadwax_model::{BLOCK_BYTES, PIECE_BYTES};
use deadwax_store::{Leaves, leaf_hash};
use deadwax_torrent::metainfo::ContentFile;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

const LEAVES_A_PIECE: u64 = PIECE_BYTES / BLOCK_BYTES;

/// What of a file has to come from elsewhere.
pub(super) struct Damage {
    bytes: u64,
    known: Known,
    /// Of each unit (a leaf, or a piece) whether it is damaged.
    units: Vec<bool>,
}

/// By what bytes can be judged.
enum Known {
    Leaves(Leaves),
    /// 32 bytes a piece; the root itself of a file of one piece.
    Pieces(Vec<u8>),
}

/// A part of a file that is judged by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unit {
    pub number: u64,
    pub from: u64,
    pub to: u64,
    pub is_damaged: bool,
}

impl Unit {
    pub fn leaves(&self) -> u64 {
        (self.to - self.from).div_ceil(BLOCK_BYTES)
    }
}

impl Damage {
    /// Reads the file at `path` and compares it part by part. What cannot be read is damaged.
    pub fn look(path: &Path, file: &ContentFile, leaves: Option<Leaves>) -> Damage {
        let known = match leaves {
            Some(leaves) => Known::Leaves(leaves),
            None if file.bytes <= PIECE_BYTES => Known::Pieces(file.root.0.to_vec()),
            None => Known::Pieces(file.piece_layer.clone()),
        };
        let mut damage = Damage { bytes: file.bytes, known, units: Vec::new() };
        let opened = File::open(path).ok();
        let mut buffer = Vec::new();
        let mut is_damaged = |unit: &Unit| {
            buffer.resize((unit.to - unit.from) as usize, 0);
            let read = opened
                .as_ref()
                .is_some_and(|file| file.read_exact_at(&mut buffer, unit.from).is_ok());
            !(read && damage.is_right(unit, &buffer))
        };
        damage.units = damage.all().map(|unit| is_damaged(&unit)).collect();
        damage
    }

    /// All parts of the file, in order.
    pub fn units(&self) -> impl Iterator<Item = Unit> {
        self.all().zip(&self.units).map(|(unit, &is_damaged)| Unit { is_damaged, ..unit })
    }

    /// How many leaves are damaged: of a file whose leaves are not known all those of damaged pieces.
    pub fn leaves(&self) -> u64 {
        self.units().filter(|unit| unit.is_damaged).map(|unit| unit.leaves()).sum()
    }

    /// Whether these are the bytes of that part.
    pub fn is_right(&self, unit: &Unit, data: &[u8]) -> bool {
        let number = unit.number as usize;
        match &self.known {
            Known::Leaves(leaves) => leaves.hashes().get(number) == Some(&leaf_hash(data)),
            Known::Pieces(hashes) => {
                let hash = piece_hash(data, self.bytes <= PIECE_BYTES);
                hashes.chunks(32).nth(number) == Some(&hash)
            }
        }
    }

    fn all(&self) -> impl Iterator<Item = Unit> + use<> {
        let (length, bytes) = match self.known {
            Known::Leaves(_) => (BLOCK_BYTES, self.bytes),
            Known::Pieces(_) => (LEAVES_A_PIECE * BLOCK_BYTES, self.bytes),
        };
        (0..bytes.div_ceil(length)).map(move |number| {
            let from = number * length;
            Unit { number, from, to: bytes.min(from + length), is_damaged: false }
        })
    }
}
