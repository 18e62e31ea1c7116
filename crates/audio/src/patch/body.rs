//! A patch in the making: all of it but the roots, which are known only once the holding is written.

use super::varint::{Reader, put};
use super::{MAGIC, MAX_HEAD_BYTES, PatchError, VERSION, literals};
use deadwax_model::Root;
use std::io;

/// One step of putting a source together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// A range of the holding.
    Copy {
        /// First byte.
        from: u64,
        /// How many.
        bytes: u64,
    },
    /// The next literals.
    Insert {
        /// How many.
        bytes: u64,
    },
    /// A range of the holding that is whole Ogg pages, renumbered.
    OggRenumber {
        /// First byte.
        from: u64,
        /// How many.
        bytes: u64,
        /// The stream whose pages change.
        serial: u32,
        /// Added to each sequence number, modulo 2^32.
        delta: u32,
    },
}

impl Operation {
    /// How much the operation puts out.
    pub fn bytes(&self) -> u64 {
        match *self {
            Operation::Copy { bytes, .. }
            | Operation::Insert { bytes }
            | Operation::OggRenumber { bytes, .. } => bytes,
        }
    }

    /// First byte and length of what it takes from the holding.
    pub fn range(&self) -> Option<(u64, u64)> {
        match *self {
            Operation::Copy { from, bytes } | Operation::OggRenumber { from, bytes, .. } => {
                Some((from, bytes))
            }
            Operation::Insert { .. } => None,
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Operation, PatchError> {
        let word = |number: u64| {
            number.try_into().map_err(|_| PatchError::Damaged("it has a number out of range"))
        };
        Ok(match reader.number()? {
            0 => Operation::Copy { from: reader.number()?, bytes: reader.number()? },
            1 => Operation::Insert { bytes: reader.number()? },
            2 => Operation::OggRenumber {
                from: reader.number()?,
                bytes: reader.number()?,
                serial: word(reader.number()?)?,
                delta: word(reader.number()?)?,
            },
            _ => {
                return Err(PatchError::Damaged("it has an operation that does not exist"));
            }
        })
    }

    fn write(&self, out: &mut Vec<u8>) {
        let numbers: &[u64] = match *self {
            Operation::Copy { from, bytes } => &[0, from, bytes],
            Operation::Insert { bytes } => &[1, bytes],
            Operation::OggRenumber { from, bytes, serial, delta } => {
                &[2, from, bytes, serial.into(), delta.into()]
            }
        };
        numbers.iter().for_each(|&number| put(number, out));
    }
}

/// A patch without its roots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatchBody {
    holding_bytes: u64,
    reference_bytes: u64,
    literal_bytes: u64,
    operations: Vec<Operation>,
    literals: Vec<u8>,
}

impl PatchBody {
    /// `reference` is the head of the holding, of which the first [`super::MAX_HEAD_BYTES`] are used;
    /// `literals` is what the inserts put out, at most as many. Operations that put out nothing are
    /// left away.
    pub fn new(
        holding_bytes: u64,
        reference: &[u8],
        literals: &[u8],
        operations: &[Operation],
    ) -> io::Result<PatchBody> {
        let reference = &reference[..reference.len().min(MAX_HEAD_BYTES as usize)];
        Ok(PatchBody {
            holding_bytes,
            reference_bytes: reference.len() as u64,
            literal_bytes: literals.len() as u64,
            operations: operations.iter().filter(|step| step.bytes() > 0).copied().collect(),
            literals: literals::compress(literals, reference)?,
        })
    }

    /// Length of the source that the patch gives back.
    pub fn source_bytes(&self) -> u64 {
        self.operations.iter().map(Operation::bytes).sum()
    }

    /// Length of the holding that it applies to.
    pub fn holding_bytes(&self) -> u64 {
        self.holding_bytes
    }

    /// The patch as it is stored.
    pub fn finish(&self, source_root: Root, holding_root: Root) -> Vec<u8> {
        let mut out = Vec::with_capacity(128 + self.literals.len());
        out.extend_from_slice(MAGIC);
        out.push(VERSION);
        out.extend_from_slice(source_root.as_bytes());
        out.extend_from_slice(holding_root.as_bytes());
        put(self.source_bytes(), &mut out);
        put(self.holding_bytes, &mut out);
        put(self.reference_bytes, &mut out);
        put(self.literal_bytes, &mut out);
        put(self.operations.len() as u64, &mut out);
        self.operations.iter().for_each(|operation| operation.write(&mut out));
        out.extend_from_slice(&self.literals);
        out
    }
}
