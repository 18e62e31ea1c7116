//! Root from piece layer (BEP 52): the check that a stored layer belongs to its stored root.

use deadwax_model::{BLOCK_BYTES, PIECE_BYTES};
use sha2::{Digest, Sha256};

/// The pieces root over a piece layer (32 bytes a piece). The layer is filled up to a power of two with the root
/// of a piece of zero *hashes*, as BEP 52 has it. `None` for a layer of no pieces or broken hashes.
pub(crate) fn root_of_layer(layer: &[u8]) -> Option<[u8; 32]> {
    let (hashes, []) = layer.as_chunks::<32>() else {
        return None;
    };
    let mut level = hashes.to_vec();
    let mut filler = [0u8; 32];
    let mut blocks = PIECE_BYTES / BLOCK_BYTES;
    while blocks > 1 {
        filler = parent(&filler, &filler);
        blocks /= 2;
    }
    while level.len() > 1 {
        level =
            level.chunks(2).map(|pair| parent(&pair[0], pair.get(1).unwrap_or(&filler))).collect();
        filler = parent(&filler, &filler);
    }
    level.first().copied()
}

fn parent(left: &[u8; 32], right: &[u8; 32]) -> [u8; 32] {
    Sha256::new().chain_update(left).chain_update(right).finalize().into()
}
