//! A patch in the making: all of it but the roots, which are known only once the holding is written.

use super::varint::{Reader, put, put_signed};
use super::{MAGIC, MAX_HEAD_BYTES, PatchError, VERSION, VERSION_WITH_SHIFT, literals};
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
    /// A range of the holding that is big-endian numbers, something added to each.
    Shift {
        /// First byte.
        from: u64,
        /// How many, a multiple of `width`.
        bytes: u64,
        /// Bytes a number: 4 or 8.
        width: u8,
        /// Added to each number, modulo 2^(8 * `width`).
        delta: i64,
    },
}

impl Operation {
    /// How much the operation puts out.
    pub fn bytes(&self) -> u64 {
        match *self {
            Operation::Copy { bytes, .. }
            | Operation::Insert { bytes }
            | Operation::OggRenumber { bytes, .. }
            | Operation::Shift { bytes, .. } => bytes,
        }
    }

    /// First byte and length of what it takes from the holding.
    pub fn range(&self) -> Option<(u64, u64)> {
        match *self {
            Operation::Copy { from, bytes }
            | Operation::OggRenumber { from, bytes, .. }
            | Operation::Shift { from, bytes, .. } => Some((from, bytes)),
            Operation::Insert { .. } => None,
        }
    }

    /// `version` is the patch's: the first one has no [`Operation::Shift`].
    pub(super) fn read(reader: &mut Reader<'_>, version: u8) -> Result<Operation, PatchError> {
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
            3 if version == VERSION_WITH_SHIFT => Operation::read_shift(reader)?,
            _ => {
                return Err(PatchError::Damaged("it has an operation that does not exist"));
            }
        })
    }

    fn read_shift(reader: &mut Reader<'_>) -> Result<Operation, PatchError> {
        let (from, bytes) = (reader.number()?, reader.number()?);
        let width = match reader.number()? {
            4 => 4,
            8 => 8,
            _ => return Err(PatchError::Damaged("it shifts numbers of a width that none has")),
        };
        if !bytes.is_multiple_of(u64::from(width)) {
            return Err(PatchError::Damaged("it shifts a part of a number"));
        }
        Ok(Operation::Shift { from, bytes, width, delta: reader.signed()? })
    }

    fn write(&self, out: &mut Vec<u8>) {
        let numbers: &[u64] = match *self {
            Operation::Copy { from, bytes } => &[0, from, bytes],
            Operation::Insert { bytes } => &[1, bytes],
            Operation::OggRenumber { from, bytes, serial, delta } => {
                &[2, from, bytes, serial.into(), delta.into()]
            }
            Operation::Shift { from, bytes, width, .. } => &[3, from, bytes, width.into()],
        };
        numbers.iter().for_each(|&number| put(number, out));
        if let Operation::Shift { delta, .. } = *self {
            put_signed(delta, out);
        }
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
        let shifts = self.operations.iter().any(|step| matches!(step, Operation::Shift { .. }));
        out.push(if shifts { VERSION_WITH_SHIFT } else { VERSION });
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
