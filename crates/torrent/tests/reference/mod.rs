//! Hash rows computed the slow and obvious way, straight from the texts of BEP 3, 47 and 52, and rows of
//! files that nobody has room for.

use deadwax_model::{BLOCK_BYTES, FileHashes, PIECE_BYTES, Root};
use sha1::Sha1;
use sha2::{Digest, Sha256};

const PIECE: usize = PIECE_BYTES as usize;

/// The row of a file with these bytes.
pub fn hash_row(data: &[u8]) -> FileHashes {
    let mut leaves: Vec<[u8; 32]> =
        data.chunks(BLOCK_BYTES as usize).map(|block| Sha256::digest(block).into()).collect();
    if leaves.is_empty() {
        return row(0, Root::EMPTY, vec![]);
    }
    leaves.resize(leaves.len().next_power_of_two(), [0; 32]);
    let leaves_a_piece = PIECE / BLOCK_BYTES as usize;
    let layer = if data.len() > PIECE {
        let pieces = leaves.chunks(leaves_a_piece).take(data.len().div_ceil(PIECE));
        pieces.flat_map(tree_root).collect()
    } else {
        vec![]
    };
    let whole = data.len() / PIECE * PIECE;
    let rest = &data[whole..];
    let padded = [rest, &vec![0; PIECE - rest.len()]].concat();
    FileHashes {
        v1_whole: data[..whole].chunks(PIECE).flat_map(Sha1::digest).collect(),
        v1_tail: (!rest.is_empty()).then(|| Sha1::digest(rest).into()),
        v1_tail_padded: (!rest.is_empty()).then(|| Sha1::digest(&padded).into()),
        ..row(data.len() as u64, Root(tree_root(&leaves)), layer)
    }
}

/// A row that fits together, of a file of any length that does not exist; `seed` tells files apart.
pub fn invented_row(bytes: u64, seed: u64) -> FileHashes {
    let pieces = bytes.div_ceil(PIECE_BYTES);
    let hash = |i: u64| -> [u8; 32] {
        Sha256::digest([seed.to_le_bytes(), i.to_le_bytes()].concat()).into()
    };
    let mut layer: Vec<[u8; 32]> = (0..pieces).map(hash).collect();
    let list: Vec<u8> = layer.concat();
    let root = match pieces {
        0 => return row(0, Root::EMPTY, vec![]),
        1 => return row(bytes, Root(layer[0]), vec![]),
        _ => {
            let zeros = vec![[0; 32]; PIECE / BLOCK_BYTES as usize];
            layer.resize(layer.len().next_power_of_two(), tree_root(&zeros));
            tree_root(&layer)
        }
    };
    row(bytes, Root(root), list)
}

fn row(bytes: u64, root: Root, piece_layer: Vec<u8>) -> FileHashes {
    let tail = (!bytes.is_multiple_of(PIECE_BYTES)).then_some([7; 20]);
    let v1_whole = vec![9; (bytes / PIECE_BYTES * 20) as usize];
    FileHashes { bytes, root, piece_layer, v1_whole, v1_tail: tail, v1_tail_padded: tail }
}

/// Root of a full binary tree.
fn tree_root(leaves: &[[u8; 32]]) -> [u8; 32] {
    if let [one] = leaves {
        return *one;
    }
    let (left, right) = leaves.split_at(leaves.len() / 2);
    Sha256::digest([tree_root(left), tree_root(right)].concat()).into()
}
