//! All hashes of a file in one pass over its bytes.

use deadwax_model::{BLOCK_BYTES, FileHashes, PIECE_BYTES, Root};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use std::io::{self, Read};

const BLOCK: usize = BLOCK_BYTES as usize;
const BLOCKS_A_PIECE: usize = (PIECE_BYTES / BLOCK_BYTES) as usize;

/// Computes [`FileHashes`] while the bytes stream past. Memory: one block, plus 52 bytes a MiB.
pub struct FileHasher {
    bytes: u64,
    block: Vec<u8>,
    leaves: Vec<[u8; 32]>,
    piece_layer: Vec<[u8; 32]>,
    v1: Sha1,
    v1_whole: Vec<u8>,
}

impl Default for FileHasher {
    fn default() -> Self {
        FileHasher::new()
    }
}

impl FileHasher {
    /// A hasher that has seen nothing.
    pub fn new() -> FileHasher {
        FileHasher {
            bytes: 0,
            block: Vec::with_capacity(BLOCK),
            leaves: Vec::with_capacity(BLOCKS_A_PIECE),
            piece_layer: Vec::new(),
            v1: Sha1::new(),
            v1_whole: Vec::new(),
        }
    }

    /// Takes the next bytes of the file, in any portions.
    pub fn update(&mut self, mut data: &[u8]) {
        while !data.is_empty() {
            if self.block.is_empty() && data.len() >= BLOCK {
                let (block, rest) = data.split_at(BLOCK);
                self.whole_block(block);
                data = rest;
                continue;
            }
            let take = data.len().min(BLOCK - self.block.len());
            self.block.extend_from_slice(&data[..take]);
            data = &data[take..];
            if self.block.len() == BLOCK {
                let block = std::mem::take(&mut self.block);
                self.whole_block(&block);
                self.block = block;
                self.block.clear();
            }
        }
    }

    fn whole_block(&mut self, block: &[u8]) {
        self.bytes += BLOCK_BYTES;
        self.v1.update(block);
        self.leaves.push(Sha256::digest(block).into());
        if self.leaves.len() == BLOCKS_A_PIECE {
            self.piece_layer.push(merkle(&mut self.leaves, BLOCKS_A_PIECE, [0; 32]));
            self.v1_whole.extend_from_slice(&self.v1.finalize_reset());
        }
    }

    /// The hashes of everything that was given.
    pub fn finish(mut self) -> FileHashes {
        let (mut v1_tail, mut v1_tail_padded) = (None, None);
        let tail_bytes = self.leaves.len() * BLOCK + self.block.len();
        if tail_bytes > 0 {
            self.v1.update(&self.block);
            v1_tail = Some(self.v1.clone().finalize().into());
            v1_tail_padded = Some(padded(self.v1, PIECE_BYTES as usize - tail_bytes));
        }
        if !self.block.is_empty() {
            self.bytes += self.block.len() as u64;
            self.leaves.push(Sha256::digest(&self.block).into());
        }
        let whole_pieces = self.piece_layer.len();
        let root = match (whole_pieces, self.leaves.len()) {
            (0, 0) => [0; 32],
            (0, leaves) => merkle(&mut self.leaves, leaves.next_power_of_two(), [0; 32]),
            (_, leaves) => {
                if leaves > 0 {
                    self.piece_layer.push(merkle(&mut self.leaves, BLOCKS_A_PIECE, [0; 32]));
                }
                let width = self.piece_layer.len().next_power_of_two();
                merkle(&mut self.piece_layer.clone(), width, empty_piece())
            }
        };
        let keeps_layer = self.bytes > PIECE_BYTES;
        FileHashes {
            bytes: self.bytes,
            root: Root(root),
            piece_layer: if keeps_layer { self.piece_layer.concat() } else { Vec::new() },
            v1_whole: self.v1_whole,
            v1_tail,
            v1_tail_padded,
        }
    }
}

/// The hashes of bytes that are in memory.
pub fn hash_of(bytes: &[u8]) -> FileHashes {
    let mut hasher = FileHasher::new();
    hasher.update(bytes);
    hasher.finish()
}

/// Hashes everything that `reader` gives, in 256 KiB steps.
pub fn hash_reader(mut reader: impl Read) -> io::Result<FileHashes> {
    let mut hasher = FileHasher::new();
    let mut buffer = vec![0; 256 * 1024];
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => return Ok(hasher.finish()),
            Ok(n) => hasher.update(&buffer[..n]),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}

/// Root of a binary SHA-256 tree over `nodes` filled up to `width` (a power of two) with `filler`.
/// Empties `nodes`.
fn merkle(nodes: &mut Vec<[u8; 32]>, width: usize, filler: [u8; 32]) -> [u8; 32] {
    nodes.resize(width, filler);
    while nodes.len() > 1 {
        for i in 0..nodes.len() / 2 {
            nodes[i] = parent(&nodes[2 * i], &nodes[2 * i + 1]);
        }
        nodes.truncate(nodes.len() / 2);
    }
    nodes.pop().unwrap_or(filler)
}

fn parent(left: &[u8; 32], right: &[u8; 32]) -> [u8; 32] {
    let mut both = [0; 64];
    both[..32].copy_from_slice(left);
    both[32..].copy_from_slice(right);
    Sha256::digest(both).into()
}

/// The layer hash of a piece that is not there: the tree over zero leaves.
fn empty_piece() -> [u8; 32] {
    merkle(&mut Vec::new(), BLOCKS_A_PIECE, [0; 32])
}

fn padded(mut state: Sha1, mut zeros: usize) -> [u8; 20] {
    static ZEROS: [u8; BLOCK] = [0; BLOCK];
    while zeros > 0 {
        let take = zeros.min(BLOCK);
        state.update(&ZEROS[..take]);
        zeros -= take;
    }
    state.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// BEP 52 said slowly: all leaves, zero hashes to a power of two, halve until one is left.
    fn slow_root(data: &[u8]) -> [u8; 32] {
        let mut layer: Vec<[u8; 32]> =
            data.chunks(BLOCK).map(|c| Sha256::digest(c).into()).collect();
        if layer.is_empty() {
            return [0; 32];
        }
        layer.resize(layer.len().next_power_of_two(), [0; 32]);
        while layer.len() > 1 {
            layer = layer.chunks(2).map(|p| Sha256::digest(p.concat()).into()).collect();
        }
        layer[0]
    }

    fn sizes() -> impl Strategy<Value = usize> {
        let near = |n: usize| (n.saturating_sub(2))..(n + 3);
        prop_oneof![
            0usize..70_000,
            near(BLOCK),
            near(3 * BLOCK),
            near(PIECE_BYTES as usize),
            near(2 * PIECE_BYTES as usize),
            near(3 * PIECE_BYTES as usize + BLOCK),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn agrees_with_the_slow_definition(size in sizes(), step in 1usize..50_000) {
            let data: Vec<u8> = (0..size).map(|i| (i * 7 + i / 251) as u8).collect();
            let mut hasher = FileHasher::new();
            for part in data.chunks(step) {
                hasher.update(part);
            }
            let hashes = hasher.finish();
            let piece = PIECE_BYTES as usize;
            prop_assert_eq!(hashes.bytes, size as u64);
            prop_assert_eq!(hashes.root.0, slow_root(&data));
            prop_assert_eq!(hashes.v1_whole.len(), size / piece * 20);
            let mut v1: Vec<[u8; 20]> = data.chunks(piece).map(|c| Sha1::digest(c).into()).collect();
            if size % piece != 0 {
                prop_assert_eq!(hashes.v1_tail, v1.pop());
                let mut last = data[size / piece * piece..].to_vec();
                last.resize(piece, 0);
                prop_assert_eq!(hashes.v1_tail_padded, Some(Sha1::digest(&last).into()));
            } else {
                prop_assert_eq!(hashes.v1_tail, None);
            }
            prop_assert_eq!(&hashes.v1_whole, &v1.concat());
            let layers = if size > piece { size.div_ceil(piece) * 32 } else { 0 };
            prop_assert_eq!(hashes.piece_layer.len(), layers);
        }
    }
}
