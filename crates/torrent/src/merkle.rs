//! Root from piece layer (BEP 52): the check that a stored layer belongs to its stored root.

use deadwax_model::{BLOCK_BYTES, PIECE_BYTES};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// The pieces root over a piece layer (32 bytes a piece). The layer is filled up to a power of two with the root
/// of a piece of zero *hashes*, as BEP 52 has it. `None` for a layer of no pieces or broken hashes.
pub(crate) fn root_of_layer(layer: &[u8]) -> Option<[u8; 32]> {
    let (hashes, []) = layer.as_chunks::<32>() else {
        return None;
    };
    let mut level = hashes.to_vec();
    let mut filler = *EMPTY_PIECE;
    while level.len() > 1 {
        for pair in 0..level.len().div_ceil(2) {
            let right = level.get(2 * pair + 1).unwrap_or(&filler);
            level[pair] = parent(&level[2 * pair], right);
        }
        level.truncate(level.len().div_ceil(2));
        filler = parent(&filler, &filler);
    }
    level.first().copied()
}

/// The root of a piece of zero hashes.
static EMPTY_PIECE: LazyLock<[u8; 32]> = LazyLock::new(|| {
    let mut root = [0; 32];
    for _ in 0..(PIECE_BYTES / BLOCK_BYTES).ilog2() {
        root = parent(&root, &root);
    }
    root
});

fn parent(left: &[u8; 32], right: &[u8; 32]) -> [u8; 32] {
    Sha256::new().chain_update(left).chain_update(right).finalize().into()
}
