//! The leaves of a file's tree (BEP 52): a hash for every 16 KiB. They give the root, and they alone say *where* a file is
//! damaged: a repair fetches what they point at and nothing else.

use deadwax_model::{BLOCK_BYTES, Root};
use sha2::{Digest, Sha256};
use std::io::{self, ErrorKind, Read};
use std::sync::atomic::{AtomicBool, Ordering};

const BLOCK: usize = BLOCK_BYTES as usize;
/// Read at once. Enough for any disk, which the system reads ahead of us, and little enough to be still in the processor's cache when it is hashed.
const READ_BYTES: usize = 16 * BLOCK;

/// Length and leaf hashes of a file: 32 bytes for each 16 KiB of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaves {
    bytes: u64,
    hashes: Vec<[u8; 32]>,
}

/// The hash of one leaf.
pub fn leaf_hash(leaf: &[u8]) -> [u8; 32] {
    Sha256::digest(leaf).into()
}

impl Leaves {
    /// Of everything that `reader` gives.
    ///
    /// # Errors
    /// Reading.
    pub fn read(reader: impl Read) -> io::Result<Leaves> {
        LeafReader::default().read(reader, &AtomicBool::new(false))
    }

    /// Leaves that were written down with [`Leaves::hashes`], of a file of so many bytes. `None` where their number does
    /// not fit. Whether they are right, [`Leaves::root`] tells.
    pub fn written(bytes: u64, hashes: &[u8]) -> Option<Leaves> {
        let (hashes, rest) = hashes.as_chunks::<32>();
        let fits = rest.is_empty() && hashes.len() as u64 == bytes.div_ceil(BLOCK_BYTES);
        fits.then(|| Leaves { bytes, hashes: hashes.to_vec() })
    }

    /// Length of the file.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The hashes, in order.
    pub fn hashes(&self) -> &[[u8; 32]] {
        &self.hashes
    }

    /// The root that they give.
    pub fn root(&self) -> Root {
        let mut level = self.hashes.clone();
        if level.is_empty() {
            return Root::EMPTY;
        }
        // Filled up to a power of two with zero hashes; of what is above fillers alone one stands for all.
        let mut filler = [0; 32];
        while level.len() > 1 {
            for i in 0..level.len().div_ceil(2) {
                level[i] = parent(&level[2 * i], level.get(2 * i + 1).unwrap_or(&filler));
            }
            level.truncate(level.len().div_ceil(2));
            filler = parent(&filler, &filler);
        }
        Root(level[0])
    }
}

/// Reads files, with one buffer for all of them.
pub(crate) struct LeafReader {
    buffer: Vec<u8>,
}

impl Default for LeafReader {
    fn default() -> LeafReader {
        LeafReader { buffer: vec![0; READ_BYTES] }
    }
}

impl LeafReader {
    /// All leaves of what `reader` gives. Fails with [`ErrorKind::Interrupted`] once `stop` is set: a file may be so long that nobody
    /// wants to wait for its end.
    pub fn read(&mut self, mut reader: impl Read, stop: &AtomicBool) -> io::Result<Leaves> {
        let (mut bytes, mut hashes) = (0, Vec::new());
        loop {
            if stop.load(Ordering::Relaxed) {
                return Err(ErrorKind::Interrupted.into());
            }
            let filled = self.fill(&mut reader)?;
            bytes += filled as u64;
            hashes.extend(self.buffer[..filled].chunks(BLOCK).map(leaf_hash));
            if filled < READ_BYTES {
                return Ok(Leaves { bytes, hashes });
            }
        }
    }

    /// Reads until the buffer is full or the file ends.
    fn fill(&mut self, reader: &mut impl Read) -> io::Result<usize> {
        let mut filled = 0;
        while filled < READ_BYTES {
            match reader.read(&mut self.buffer[filled..]) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(filled)
    }
}

fn parent(left: &[u8; 32], right: &[u8; 32]) -> [u8; 32] {
    let mut both = [0; 64];
    both[..32].copy_from_slice(left);
    both[32..].copy_from_slice(right);
    Sha256::digest(both).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash_of;
    use deadwax_model::PIECE_BYTES;

    /// Gives at most 7,000 bytes at a time, as a pipe or a network file system may.
    struct Slow<'d>(&'d [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let most = buffer.len().min(7_000);
            self.0.read(&mut buffer[..most])
        }
    }

    #[test]
    fn leaves_give_the_root_of_the_one_pass_hasher() {
        let piece = PIECE_BYTES as usize;
        let sizes =
            [0, 1, BLOCK, BLOCK + 1, 5 * BLOCK, piece - 1, piece, piece + 1, 5 * piece + 40_000];
        for size in sizes {
            let data: Vec<u8> = (0..size).map(|i| (i * 13 + i / 509) as u8).collect();
            let leaves = Leaves::read(Slow(&data)).unwrap();
            assert_eq!(leaves.bytes(), size as u64);
            assert_eq!(leaves.root(), hash_of(&data).root, "{size} bytes");
            let written = leaves.hashes().concat();
            assert_eq!(Leaves::written(size as u64, &written), Some(leaves));
            assert_eq!(Leaves::written(size as u64 + piece as u64, &written), None);
        }
    }

    #[test]
    fn reading_stops_in_the_middle_of_a_file() {
        let stop = AtomicBool::new(true);
        let read = LeafReader::default().read(io::repeat(0), &stop);
        assert_eq!(read.unwrap_err().kind(), ErrorKind::Interrupted);
    }
}
