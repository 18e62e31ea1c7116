//! A [`PackStorage`] in librqbit's clothes.
//!
//! Three things are not what librqbit expects, each on purpose:
//!
//! **Nothing is read while a torrent opens.** librqbit then reads one piece of every file and some more, and whatever it finds
//! goes on; only errors count. With files of some megabytes that is a quarter of the music, for nothing. So until `take`
//! hands the storage over to the running torrent, reading succeeds and gives no bytes.
//!
//! **A piece is first compared with its v2 hash.** When all of a piece was written librqbit reads it back to compare its v1 hash. At the
//! first byte of that the storage is asked, by `piece_written`. If it refuses, noise is given back: no v1 hash fits that, so the piece is fetched
//! again and its sender dropped. (An error instead would leave the piece neither here nor wanted.)
//!
//! **What is not here cannot be read**, whatever librqbit believes: a file that was taken away since is an error at the next byte asked for.

use super::layout::Layout;
use crate::PackStorage;
use anyhow::{Context, bail};
use librqbit::storage::filesystem::FilesystemStorageFactory;
use librqbit::storage::{BoxStorageFactory, StorageFactory, StorageFactoryExt, TorrentStorage};
use librqbit::{ManagedTorrentShared, TorrentMetadata};
use std::any::TypeId;
use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// What both sides of the adapter look at.
pub(super) struct Shared {
    pub(super) layout: Layout,
    pub(super) storage: Arc<dyn PackStorage>,
    hash_failures: AtomicU64,
    failed: OnceLock<String>,
    /// Pieces that are being written, by file and piece.
    begun: Mutex<HashMap<(usize, u64), Piece>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Piece {
    Written,
    Wrong,
    Right,
}

impl Shared {
    pub(super) fn new(layout: Layout, storage: Arc<dyn PackStorage>) -> Shared {
        Shared {
            layout,
            storage,
            hash_failures: AtomicU64::new(0),
            failed: OnceLock::new(),
            begun: Mutex::default(),
        }
    }

    /// Pieces that were fetched and were not what their hash says.
    pub(super) fn hash_failures(&self) -> u64 {
        self.hash_failures.load(Ordering::Relaxed)
    }

    fn state(&self, file: usize, piece: u64) -> Option<Piece> {
        self.begun.lock().unwrap_or_else(PoisonError::into_inner).get(&(file, piece)).copied()
    }

    fn set(&self, file: usize, piece: u64, state: Piece) {
        self.begun.lock().unwrap_or_else(PoisonError::into_inner).insert((file, piece), state);
    }

    fn is_here(&self, file: usize, piece: Option<(u64, u64)>) -> bool {
        self.storage.is_whole(file)
            || piece.is_some_and(|(piece, _)| self.storage.has_piece(file, piece))
    }

    fn read(&self, entry: usize, offset: u64, buffer: &mut [u8]) -> anyhow::Result<()> {
        let file = self.layout.file(entry).context("a pad has no bytes of its own")?;
        let place = self.layout.piece(entry, offset);
        if !self.is_here(file, place) {
            let (piece, into) = place.context("the file is not here")?;
            let mut state = self.state(file, piece).context("the piece is not here")?;
            if into == 0 && state == Piece::Written {
                state = self.compare(file, piece)?;
            }
            if state != Piece::Right {
                fastrand::fill(buffer);
                return Ok(());
            }
        }
        Ok(self.storage.read_at(file, offset, buffer)?)
    }

    fn compare(&self, file: usize, piece: u64) -> anyhow::Result<Piece> {
        let state = match self.storage.piece_written(file, piece) {
            Ok(()) => Piece::Right,
            Err(e) if e.raw_os_error().is_some() => {
                // The disk's fault and no peer's: the next write stops the pack.
                self.failed
                    .get_or_init(|| format!("piece {piece} of file {file} cannot be kept: {e}"));
                return Err(e.into());
            }
            Err(_) => {
                self.hash_failures.fetch_add(1, Ordering::Relaxed);
                Piece::Wrong
            }
        };
        self.set(file, piece, state);
        Ok(state)
    }

    fn write(&self, entry: usize, offset: u64, data: &[u8]) -> anyhow::Result<()> {
        let file = self.layout.file(entry).context("a pad has no bytes of its own")?;
        let place = self.layout.piece(entry, offset);
        if let Some(failed) = self.failed.get() {
            bail!("{failed}");
        }
        let (piece, _) =
            place.context("the file shares its pieces with others and can only be given")?;
        if self.is_here(file, place) {
            if self.state(file, piece) == Some(Piece::Right) {
                // It would be fetched for ever.
                bail!(
                    "the torrent's v1 and v2 hashes of piece {piece} of file {file} do not agree"
                );
            }
            // Somebody else brought it in the meantime.
            return Ok(());
        }
        self.storage.write_at(file, offset, data)?;
        self.set(file, piece, Piece::Written);
        Ok(())
    }
}

/// What librqbit opens a torrent with.
#[derive(Clone)]
pub(super) struct Factory(pub(super) Arc<Shared>);

impl StorageFactory for Factory {
    type Storage = Adapter;

    fn create(&self, _: &ManagedTorrentShared, _: &TorrentMetadata) -> anyhow::Result<Adapter> {
        Ok(Adapter { shared: Arc::clone(&self.0), opening: true })
    }

    /// librqbit takes a bitfield for files on disk only, which is why this says it were one. What it would do with such a torrent, open
    /// its files when it starts the next time, it cannot: every start has an empty folder (`running`).
    fn is_type_id(&self, type_id: TypeId) -> bool {
        type_id == TypeId::of::<FilesystemStorageFactory>()
    }

    fn clone_box(&self) -> BoxStorageFactory {
        self.clone().boxed()
    }
}

pub(super) struct Adapter {
    shared: Arc<Shared>,
    opening: bool,
}

impl TorrentStorage for Adapter {
    fn init(&mut self, _: &ManagedTorrentShared, _: &TorrentMetadata) -> anyhow::Result<()> {
        Ok(())
    }

    fn pread_exact(&self, file_id: usize, offset: u64, buf: &mut [u8]) -> anyhow::Result<()> {
        // At the end of a file librqbit asks for nothing of the next.
        match self.opening || buf.is_empty() {
            true => Ok(()),
            false => self.shared.read(file_id, offset, buf),
        }
    }

    fn pwrite_all(&self, file_id: usize, offset: u64, buf: &[u8]) -> anyhow::Result<()> {
        match buf.is_empty() {
            true => Ok(()),
            false => self.shared.write(file_id, offset, buf),
        }
    }

    fn remove_file(&self, _: usize, _: &Path) -> anyhow::Result<()> {
        bail!("files are removed by their keeper")
    }

    fn remove_directory_if_empty(&self, _: &Path) -> anyhow::Result<()> {
        bail!("folders are removed by their keeper")
    }

    fn ensure_file_length(&self, _: usize, _: u64) -> anyhow::Result<()> {
        Ok(())
    }

    fn take(&self) -> anyhow::Result<Box<dyn TorrentStorage>> {
        Ok(Box::new(Adapter { shared: Arc::clone(&self.shared), opening: false }))
    }
}
