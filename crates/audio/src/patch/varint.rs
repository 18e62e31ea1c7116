//! The numbers of a patch: LEB128 in the shortest form.

use super::PatchError;

/// Appends a number.
pub(super) fn put(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Appends a number that may be negative: 0, -1, 1, -2, 2, ... as 0, 1, 2, 3, 4, ...
pub(super) fn put_signed(number: i64, out: &mut Vec<u8>) {
    put((number << 1 ^ number >> 63) as u64, out);
}

/// Takes a patch apart from the front.
pub(super) struct Reader<'a>(&'a [u8]);

const CUT: PatchError = PatchError::Damaged("it ends early");

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader(bytes)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], PatchError> {
        let (array, rest) = self.0.split_first_chunk().ok_or(CUT)?;
        self.0 = rest;
        Ok(*array)
    }

    pub(super) fn number(&mut self) -> Result<u64, PatchError> {
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            let [byte] = self.array()?;
            let part = u64::from(byte & 0x7f);
            if part << shift >> shift != part || (byte == 0 && shift > 0) {
                break;
            }
            number |= part << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(PatchError::Damaged("it has a number out of range"))
    }

    /// The counterpart of [`put_signed`].
    pub(super) fn signed(&mut self) -> Result<i64, PatchError> {
        let number = self.number()?;
        Ok((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    pub(super) fn rest(self) -> &'a [u8] {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn round_trips(number: u64, shift in 0u32..64) {
            let number = number >> shift;
            let mut bytes = Vec::new();
            put(number, &mut bytes);
            prop_assert_eq!(Reader::new(&bytes).number().unwrap(), number);
        }

        #[test]
        fn signed_numbers_round_trip(number: i64, shift in 0u32..64) {
            let number = number >> shift;
            let mut bytes = Vec::new();
            put_signed(number, &mut bytes);
            prop_assert_eq!(Reader::new(&bytes).signed().unwrap(), number);
        }
    }

    #[test]
    fn signed_numbers_near_zero_are_short() {
        for (number, byte) in [(0, 0), (-1, 1), (1, 2), (-2, 3), (2, 4), (-64, 127)] {
            let mut bytes = Vec::new();
            put_signed(number, &mut bytes);
            assert_eq!(bytes, [byte], "{number}");
        }
    }

    #[test]
    fn refuses_other_forms() {
        for bytes in [
            &[0x80, 0][..],
            &[0xff; 11],
            &[0x80],
            &[255, 255, 255, 255, 255, 255, 255, 255, 255, 2],
        ] {
            assert!(Reader::new(bytes).number().is_err(), "{bytes:x?}");
        }
    }
}
