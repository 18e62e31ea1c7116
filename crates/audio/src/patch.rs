//! The patch that gives a source back from its holding (docs/formats/patch.md).
//!
//! Embedding knows exactly what it changed, so there is no search for differences: a patch is a
//! short list of operations, and what is not in the holding is compressed against the holding's own
//! head, which repeats nearly all of it.

mod apply;
mod body;
mod literals;
mod shift;
mod varint;

pub use body::{Operation, PatchBody};
pub(crate) use shift::shift;

use deadwax_model::Root;
use std::io;
use varint::Reader;

/// Most bytes of the holding that literals refer to, and most literals: 16 MiB each.
pub const MAX_HEAD_BYTES: u64 = 16 << 20;

const MAGIC: &[u8; 4] = b"DWXP";
/// Of a patch with [`Operation::Shift`]. All others stay what they always were.
const VERSION_WITH_SHIFT: u8 = 2;
const VERSION: u8 = 1;

/// A patch that has been read and whose numbers agree with each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch {
    source_root: Root,
    holding_root: Root,
    source_bytes: u64,
    holding_bytes: u64,
    reference_bytes: u64,
    literal_bytes: u64,
    operations: Vec<Operation>,
    literals: Vec<u8>,
}

/// Why a patch cannot be read or applied.
#[derive(Debug, thiserror::Error)]
pub enum PatchError {
    /// Not a patch, or not one that keeps the rules of the format.
    #[error("the patch is damaged: {0}; restore it from another copy of the archive")]
    Damaged(&'static str),
    /// A later version of the format.
    #[error(
        "the patch has format version {0}, this program reads versions 1 and 2; use a newer deadwax"
    )]
    Version(u8),
    /// The patch does not apply to this holding.
    #[error("the patch does not fit the holding: {0}; verify the holding")]
    Holding(&'static str),
    /// The holding could not be read.
    #[error("reading the holding failed: {0}")]
    Read(#[source] io::Error),
    /// The output could not be written.
    #[error("writing the restored source failed: {0}")]
    Write(#[source] io::Error),
}

impl Patch {
    /// Reads a patch and checks everything that can be checked without the holding.
    pub fn parse(bytes: &[u8]) -> Result<Patch, PatchError> {
        let mut reader = Reader::new(bytes);
        if reader.array::<4>()? != *MAGIC {
            return Err(PatchError::Damaged("it does not begin as a patch"));
        }
        let version = match reader.array::<1>()? {
            [version @ (VERSION | VERSION_WITH_SHIFT)] => version,
            [other] => return Err(PatchError::Version(other)),
        };
        let mut patch = Patch {
            source_root: Root(reader.array()?),
            holding_root: Root(reader.array()?),
            source_bytes: reader.number()?,
            holding_bytes: reader.number()?,
            reference_bytes: reader.number()?,
            literal_bytes: reader.number()?,
            operations: Vec::new(),
            literals: Vec::new(),
        };
        // No capacity from the count: every operation takes bytes of the patch.
        for _ in 0..reader.number()? {
            patch.operations.push(Operation::read(&mut reader, version)?);
        }
        patch.literals = reader.rest().to_vec();
        patch.check()?;
        Ok(patch)
    }

    /// What the output of [`Patch::apply`] must hash to. The caller hashes and compares.
    pub fn source_root(&self) -> Root {
        self.source_root
    }

    /// The holding that the patch applies to.
    pub fn holding_root(&self) -> Root {
        self.holding_root
    }

    /// How many bytes [`Patch::apply`] writes.
    pub fn source_bytes(&self) -> u64 {
        self.source_bytes
    }

    /// Length of the holding that the patch applies to.
    pub fn holding_bytes(&self) -> u64 {
        self.holding_bytes
    }

    /// What the patch does, in the order of the source.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    fn check(&self) -> Result<(), PatchError> {
        let damaged = |why| Err(PatchError::Damaged(why));
        let (mut output, mut inserted) = (0u64, 0u64);
        for operation in &self.operations {
            let Some(total) = output.checked_add(operation.bytes()) else {
                return damaged("its lengths overflow");
            };
            output = total;
            match operation.range() {
                None => inserted = inserted.saturating_add(operation.bytes()),
                Some((from, bytes)) => {
                    if from.checked_add(bytes).is_none_or(|end| end > self.holding_bytes) {
                        return damaged("it copies from beyond the holding's end");
                    }
                }
            }
        }
        if output != self.source_bytes {
            return damaged("its operations do not add up to the source's length");
        }
        if inserted != self.literal_bytes || (inserted == 0) != self.literals.is_empty() {
            return damaged("its literals are not as long as it says");
        }
        if self.reference_bytes > self.holding_bytes.min(MAX_HEAD_BYTES)
            || self.literal_bytes > MAX_HEAD_BYTES
        {
            return damaged("it asks for more memory than a patch may");
        }
        Ok(())
    }
}
