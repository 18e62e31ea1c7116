//! Putting a source together.

use super::{Operation, Patch, PatchError, literals, shift};
use crate::ogg::{Page, PageRead};
use std::io::{BufReader, BufWriter, ErrorKind, Read, Seek, SeekFrom, Write};

/// A multiple of both widths that shifted numbers have.
const BUFFER_BYTES: usize = 256 << 10;

impl Patch {
    /// Writes the source to `out`, [`Patch::source_bytes`] bytes. On an error `out` may hold a part
    /// of it. Whether the result is the source, its root says: compare it with
    /// [`Patch::source_root`].
    pub fn apply(
        &self,
        holding: &mut (impl Read + Seek),
        out: &mut impl Write,
    ) -> Result<(), PatchError> {
        let literals = self.read_literals(holding)?;
        let mut literals = &literals[..];
        let mut out = BufWriter::with_capacity(BUFFER_BYTES, out);
        for operation in &self.operations {
            if let Some((from, _)) = operation.range() {
                holding.seek(SeekFrom::Start(from)).map_err(PatchError::Read)?;
            }
            match *operation {
                Operation::Copy { bytes, .. } => copy(holding, bytes, &mut out)?,
                Operation::OggRenumber { bytes, serial, delta, .. } => {
                    renumber(holding, bytes, (serial, delta), &mut out)?;
                }
                Operation::Shift { bytes, width, delta, .. } => {
                    shift_numbers(holding, bytes, (width, delta), &mut out)?;
                }
                Operation::Insert { bytes } => {
                    // `parse` made sure that the inserts are the literals.
                    let (now, later) = literals.split_at(bytes as usize);
                    out.write_all(now).map_err(PatchError::Write)?;
                    literals = later;
                }
            }
        }
        out.flush().map_err(PatchError::Write)
    }

    fn read_literals(&self, holding: &mut (impl Read + Seek)) -> Result<Vec<u8>, PatchError> {
        let mut reference = Vec::new();
        holding.seek(SeekFrom::Start(0)).map_err(PatchError::Read)?;
        holding.take(self.reference_bytes).read_to_end(&mut reference).map_err(PatchError::Read)?;
        if reference.len() as u64 != self.reference_bytes {
            return Err(SHORT);
        }
        literals::decompress(&self.literals, &reference, self.literal_bytes)
    }
}

const SHORT: PatchError = PatchError::Holding("it is shorter than the patch says");

fn copy(holding: &mut impl Read, bytes: u64, out: &mut impl Write) -> Result<(), PatchError> {
    let mut buffer = vec![0; bytes.min(BUFFER_BYTES as u64) as usize];
    let mut left = bytes;
    while left > 0 {
        let room = left.min(buffer.len() as u64) as usize;
        let read = match holding.read(&mut buffer[..room]) {
            Ok(0) => return Err(SHORT),
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(PatchError::Read(error)),
        };
        out.write_all(&buffer[..read]).map_err(PatchError::Write)?;
        left -= read as u64;
    }
    Ok(())
}

/// `bytes` is a multiple of the width, which `parse` made sure of.
fn shift_numbers(
    holding: &mut impl Read,
    bytes: u64,
    (width, delta): (u8, i64),
    out: &mut impl Write,
) -> Result<(), PatchError> {
    let mut buffer = vec![0; bytes.min(BUFFER_BYTES as u64) as usize];
    let mut left = bytes;
    while left > 0 {
        let room = left.min(buffer.len() as u64) as usize;
        let numbers = &mut buffer[..room];
        holding.read_exact(numbers).map_err(|error| match error.kind() {
            ErrorKind::UnexpectedEof => SHORT,
            _ => PatchError::Read(error),
        })?;
        shift(numbers, width, delta);
        out.write_all(numbers).map_err(PatchError::Write)?;
        left -= room as u64;
    }
    Ok(())
}

fn renumber(
    holding: &mut impl Read,
    bytes: u64,
    (serial, delta): (u32, u32),
    out: &mut impl Write,
) -> Result<(), PatchError> {
    let mut pages = BufReader::with_capacity(BUFFER_BYTES, holding).take(bytes);
    let mut page = Page::reserve();
    let mut left = bytes;
    loop {
        match page.read(&mut pages).map_err(PatchError::Read)? {
            PageRead::End if left == 0 => return Ok(()),
            PageRead::End => return Err(SHORT),
            PageRead::NotAPage => {
                return Err(PatchError::Holding("Ogg pages are not where the patch says"));
            }
            PageRead::Page => {}
        }
        if page.serial() == serial {
            page.set_sequence(page.sequence().wrapping_add(delta));
        }
        out.write_all(page.bytes()).map_err(PatchError::Write)?;
        left -= page.bytes().len() as u64;
    }
}
