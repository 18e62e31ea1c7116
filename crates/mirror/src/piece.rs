//! The v2 hash of a piece of 1 MiB (BEP 52): the root of its leaves of 16 KiB.

use deadwax_model::{BLOCK_BYTES, PIECE_BYTES};
use sha2::{Digest, Sha256};

/// Leaves of a whole piece.
const LEAVES: usize = (PIECE_BYTES / BLOCK_BYTES) as usize;

/// How long a piece of a file of `bytes` is.
pub(crate) fn piece_bytes(bytes: u64, piece: u64) -> u64 {
    bytes.saturating_sub(piece * PIECE_BYTES).min(PIECE_BYTES)
}

/// The hash of a piece of a file. In a file of one piece only as many leaves are filled up as make a power of two; in
/// all others a piece has 64.
pub(crate) fn piece_hash(data: &[u8], is_only: bool) -> [u8; 32] {
    let mut nodes: Vec<[u8; 32]> =
        data.chunks(BLOCK_BYTES as usize).map(|leaf| Sha256::digest(leaf).into()).collect();
    let width = if is_only { nodes.len().next_power_of_two() } else { LEAVES };
    nodes.resize(width, [0; 32]);
    while nodes.len() > 1 {
        for parent in 0..nodes.len() / 2 {
            let mut hasher = Sha256::new();
            hasher.update(nodes[2 * parent]);
            hasher.update(nodes[2 * parent + 1]);
            nodes[parent] = hasher.finalize().into();
        }
        nodes.truncate(nodes.len() / 2);
    }
    nodes[0]
}

#[cfg(test)]
mod tests {
    use super::*;
    use deadwax_store::hash_of;

    #[test]
    fn pieces_have_the_hashes_that_the_store_notes_down() {
        let piece = PIECE_BYTES as usize;
        for bytes in
            [1, 16_384, 16_385, 50_000, piece - 1, piece, piece + 1, 3 * piece, 3 * piece + 40_000]
        {
            let data: Vec<u8> = (0..bytes).map(|i| (i * 31 + i / 977) as u8).collect();
            let noted = hash_of(&data);
            let ours: Vec<u8> =
                data.chunks(piece).flat_map(|part| piece_hash(part, bytes <= piece)).collect();
            let theirs = match noted.piece_layer.is_empty() {
                true => noted.root.0.to_vec(),
                false => noted.piece_layer,
            };
            assert_eq!(ours, theirs, "{bytes} bytes");
        }
        assert_eq!(piece_bytes(PIECE_BYTES + 5, 0), PIECE_BYTES);
        assert_eq!(piece_bytes(PIECE_BYTES + 5, 1), 5);
        assert_eq!(piece_bytes(PIECE_BYTES, 1), 0);
    }
}
