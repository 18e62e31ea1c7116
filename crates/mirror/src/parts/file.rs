//! One file on its way: which pieces are here, and where they are written.

use super::finish::{Finished, Whole};
use super::{Before, pieces};
use crate::MirrorError;
use crate::piece::{piece_bytes, piece_hash};
use deadwax_model::{PIECE_BYTES, Root};
use deadwax_torrent::metainfo::ContentFile;
use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

/// Consecutive pieces that are not here: from the first one to before the second.
pub(crate) type Gap = (u64, u64);

/// A file of a pack.
pub(super) struct PartFile {
    /// Where it belongs.
    pub path: PathBuf,
    pub bytes: u64,
    root: Root,
    layer: Vec<u8>,
    part: PathBuf,
    row: i64,
    whole: Whole,
    pieces: Mutex<Pieces>,
}

/// What is here. Writing and noting down are under one lock, so that a piece that was found right is never written again.
enum Pieces {
    Unwanted,
    Some {
        has: Vec<bool>,
        missing: u64,
        file: Option<Arc<File>>,
    },
    /// All are here; who makes the file durable has it. Not kept open: a pack may have 5,000 files.
    HandedOver,
}

impl PartFile {
    pub fn open(
        file: &ContentFile,
        path: PathBuf,
        part: PathBuf,
        before: Before,
    ) -> Result<PartFile, MirrorError> {
        let (pieces, row) = match before {
            Before::Unwanted => (Pieces::Unwanted, 0),
            Before::Whole => (Pieces::HandedOver, 0),
            Before::Wanted(row) => {
                let missing = pieces(file.bytes);
                (Pieces::Some { has: vec![false; missing as usize], missing, file: None }, row)
            }
        };
        let opened = PartFile {
            path,
            bytes: file.bytes,
            root: file.root,
            layer: file.piece_layer.clone(),
            part,
            row,
            whole: Arc::new(AtomicBool::new(before == Before::Whole)),
            pieces: Mutex::new(pieces),
        };
        if matches!(before, Before::Wanted(_)) {
            opened.look_at_part().map_err(MirrorError::io("read", &opened.part))?;
        }
        Ok(opened)
    }

    /// Notes which pieces an earlier run left.
    fn look_at_part(&self) -> io::Result<()> {
        let there = match File::open(&self.part) {
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(()),
            there => there?,
        };
        let there_bytes = there.metadata()?.len();
        let mut data = vec![0; PIECE_BYTES.min(self.bytes) as usize];
        let mut pieces = self.pieces();
        let Pieces::Some { has, missing, .. } = &mut *pieces else { return Ok(()) };
        for piece in 0..has.len() as u64 {
            let (start, length) = (piece * PIECE_BYTES, piece_bytes(self.bytes, piece));
            if start + length > there_bytes {
                break;
            }
            let data = &mut data[..length as usize];
            there.read_exact_at(data, start)?;
            if self.fits(piece, data) {
                has[piece as usize] = true;
                *missing -= 1;
            }
        }
        Ok(())
    }

    /// Whether these bytes are that piece.
    pub fn fits(&self, piece: u64, data: &[u8]) -> bool {
        let is_only = self.layer.is_empty();
        let right = match is_only {
            true => (piece == 0).then_some(self.root.0.as_slice()),
            false => self.layer.chunks_exact(32).nth(piece as usize),
        };
        data.len() as u64 == piece_bytes(self.bytes, piece)
            && right.is_some_and(|right| right == piece_hash(data, is_only))
    }

    pub fn is_whole(&self) -> bool {
        self.whole.load(Ordering::Acquire)
    }

    /// Whether all pieces are here and nobody was given the file yet.
    pub fn is_complete(&self) -> bool {
        matches!(&*self.pieces(), Pieces::Some { missing: 0, .. })
    }

    pub fn has(&self, piece: u64) -> bool {
        match &*self.pieces() {
            Pieces::Unwanted => false,
            Pieces::Some { has, .. } => has.get(piece as usize).copied().unwrap_or(false),
            Pieces::HandedOver => piece < pieces(self.bytes),
        }
    }

    pub fn is_begun(&self) -> bool {
        match &*self.pieces() {
            Pieces::Unwanted => false,
            // Opened by whoever wrote to it first in this run.
            Pieces::Some { has, missing, file } => file.is_some() || *missing < has.len() as u64,
            Pieces::HandedOver => true,
        }
    }

    pub fn gaps(&self) -> Vec<Gap> {
        let pieces = self.pieces();
        let Pieces::Some { has, .. } = &*pieces else { return Vec::new() };
        let mut gaps: Vec<Gap> = Vec::new();
        for (piece, _) in has.iter().enumerate().filter(|(_, has)| !**has) {
            let piece = piece as u64;
            match gaps.last_mut() {
                Some((_, end)) if *end == piece => *end += 1,
                _ => gaps.push((piece, piece + 1)),
            }
        }
        gaps
    }

    /// Writes a piece that was found right. Whether it was not here before.
    pub fn keep(&self, piece: u64, data: &[u8]) -> io::Result<bool> {
        let mut pieces = self.pieces();
        let Pieces::Some { has, missing, file } = &mut *pieces else { return Ok(false) };
        if has[piece as usize] {
            return Ok(false);
        }
        self.part(file)?.write_all_at(data, piece * PIECE_BYTES)?;
        has[piece as usize] = true;
        *missing -= 1;
        Ok(true)
    }

    /// Compares a piece that was written bit by bit. Whether it was not here before.
    pub fn confirm(&self, piece: u64) -> io::Result<bool> {
        let mut pieces = self.pieces();
        let Pieces::Some { has, missing, file } = &mut *pieces else {
            return self.takes_no_more(&pieces).map(|()| false);
        };
        match has.get(piece as usize) {
            None => return Err(ErrorKind::InvalidInput.into()),
            Some(true) => return Ok(false),
            Some(false) => {}
        }
        let mut data = vec![0; piece_bytes(self.bytes, piece) as usize];
        self.part(file)?.read_exact_at(&mut data, piece * PIECE_BYTES)?;
        if !self.fits(piece, &data) {
            let path = self.path.display();
            let what = format!("piece {piece} of {path} is not what its hash says");
            return Err(io::Error::new(ErrorKind::InvalidData, what));
        }
        has[piece as usize] = true;
        *missing -= 1;
        Ok(true)
    }

    pub fn write_at(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let end = offset.checked_add(data.len() as u64).filter(|end| *end <= self.bytes);
        let Some(end) = end else { return Err(ErrorKind::InvalidInput.into()) };
        let mut pieces = self.pieces();
        let Pieces::Some { has, file, .. } = &mut *pieces else {
            return self.takes_no_more(&pieces);
        };
        if data.is_empty() {
            return Ok(());
        }
        let part = self.part(file)?;
        for piece in offset / PIECE_BYTES..=(end - 1) / PIECE_BYTES {
            if has[piece as usize] {
                continue;
            }
            let from = offset.max(piece * PIECE_BYTES);
            let to = end.min((piece + 1) * PIECE_BYTES);
            part.write_all_at(&data[(from - offset) as usize..(to - offset) as usize], from)?;
        }
        Ok(())
    }

    pub fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let open = match &*self.pieces() {
            Pieces::Unwanted | Pieces::Some { file: None, .. } => {
                return Err(ErrorKind::NotFound.into());
            }
            Pieces::Some { file: Some(file), .. } => Some(Arc::clone(file)),
            Pieces::HandedOver => None,
        };
        match open {
            Some(open) => open.read_exact_at(buffer, offset),
            None if self.is_whole() => File::open(&self.path)?.read_exact_at(buffer, offset),
            // It may get its name just now.
            None => File::open(&self.part)
                .or_else(|_| File::open(&self.path))?
                .read_exact_at(buffer, offset),
        }
    }

    /// The file to be made durable; once.
    pub fn hand_over(&self) -> Option<Finished> {
        let mut pieces = self.pieces();
        let Pieces::Some { missing: 0, .. } = &*pieces else { return None };
        *pieces = Pieces::HandedOver;
        Some(Finished {
            part: self.part.clone(),
            path: self.path.clone(),
            bytes: self.bytes,
            row: self.row,
            whole: Arc::clone(&self.whole),
        })
    }

    /// What writing comes to where all is here already, or nothing is wanted.
    fn takes_no_more(&self, pieces: &Pieces) -> io::Result<()> {
        match pieces {
            Pieces::HandedOver => Ok(()),
            _ => {
                let what = format!("{} is not wanted", self.path.display());
                Err(io::Error::new(ErrorKind::PermissionDenied, what))
            }
        }
    }

    fn part<'f>(&self, file: &'f mut Option<Arc<File>>) -> io::Result<&'f File> {
        if file.is_none() {
            let mut how = File::options();
            how.read(true).write(true).create(true).truncate(false);
            let open = how.open(&self.part)?;
            open.set_len(self.bytes)?;
            *file = Some(Arc::new(open));
        }
        file.as_deref().ok_or_else(|| ErrorKind::NotFound.into())
    }

    fn pieces(&self) -> MutexGuard<'_, Pieces> {
        self.pieces.lock().unwrap_or_else(|e| e.into_inner())
    }
}
