//! Where the files of a pack are read and written. What fetches (a swarm, a web seed) and what keeps (a mirror, an
//! archive) meet here, so that nothing that comes from outside ever knows a path.

use std::io;

/// The files of one torrent. A file is named by its place in [`deadwax_torrent::metainfo::Contents::files`]; pads are not counted.
pub trait PackStorage: Send + Sync {
    /// Whether all of the file is here, compared with its root, and may be given away.
    fn is_whole(&self, file: usize) -> bool;

    /// Whether a piece of 1 MiB of the file is here and right, whole file or not.
    fn has_piece(&self, file: usize, piece: u64) -> bool;

    /// Fills `buffer` from `offset` on.
    ///
    /// # Errors
    /// What is not here, and reading.
    fn read_at(&self, file: usize, offset: u64, buffer: &mut [u8]) -> io::Result<()>;

    /// Writes a part of a piece that is not here yet.
    ///
    /// # Errors
    /// A storage that is only read, a file that is not wanted, and writing.
    fn write_at(&self, file: usize, offset: u64, data: &[u8]) -> io::Result<()>;

    /// All bytes of this piece were written: it is compared with its v2 hash, and the file finished when it was the last one.
    ///
    /// # Errors
    /// A piece that is not what its hash says (it counts as not here), and writing. An error of the operating system
    /// ([`io::Error::raw_os_error`]) is taken for the disk's fault, every other one for the sender's.
    fn piece_written(&self, file: usize, piece: u64) -> io::Result<()>;
}
