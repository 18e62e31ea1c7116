//! LEB128: numbers in as many groups of seven bits as they need, the lowest group first.

use std::io::{self, BufRead, Write};

pub(crate) fn write_number(out: &mut impl Write, mut number: u64) -> io::Result<()> {
    let (mut bytes, mut length) = ([0; 10], 0);
    while number >= 0x80 {
        bytes[length] = number as u8 | 0x80;
        number >>= 7;
        length += 1;
    }
    bytes[length] = number as u8;
    out.write_all(&bytes[..=length])
}

/// Ten bytes at most, whatever is there.
#[inline]
pub(crate) fn read_number(from: &mut impl BufRead) -> io::Result<u64> {
    let (mut number, mut shift) = (0, 0);
    loop {
        let byte = *from.fill_buf()?.first().ok_or(io::ErrorKind::UnexpectedEof)?;
        from.consume(1);
        number |= u64::from(byte & 0x7F) << shift;
        shift += 7;
        if byte & 0x80 == 0 || shift > 63 {
            return Ok(number);
        }
    }
}
