//! AIFF and AIFF-C: the COMM chunk states everything.

use super::{Codec, ProbeError, Shape, read_at};
use std::io::{Read, Seek};

/// More chunks than any file has; each costs a seek.
const CHUNKS_MAX: usize = 4096;

/// The format and length of an AIFF file.
pub(super) fn read(file: &mut (impl Read + Seek), bytes: u64) -> Result<Shape, ProbeError> {
    let unreadable =
        |why: &str| ProbeError::Unreadable { kind: "an AIFF file", why: why.to_owned() };
    let mut at = 12;
    for _ in 0..CHUNKS_MAX {
        let mut chunk = [0; 34];
        let filled = read_at(file, at, &mut chunk)?;
        if filled < 8 {
            break;
        }
        let be16 = |at: usize| u16::from_be_bytes([chunk[at], chunk[at + 1]]);
        let be32 = |at: usize| u32::from(be16(at)) << 16 | u32::from(be16(at + 2));
        let size = u64::from(be32(4));
        if &chunk[..4] == b"COMM" && filled >= 26 {
            let known = [
                b"NONE", b"sowt", b"twos", b"raw ", b"in24", b"in32", b"fl32", b"FL32", b"fl64",
                b"FL64", b"alaw", b"ALAW", b"ulaw", b"ULAW",
            ];
            if size >= 22 && filled >= 30 && !known.iter().any(|code| code[..] == chunk[26..30]) {
                return Err(ProbeError::NotRead { what: "an AIFF file of an uncommon coding" });
            }
            let (channels, bits) = (be16(8), be16(14));
            let sample_rate = extended(&chunk[16..26])
                .filter(|_| channels > 0)
                .ok_or_else(|| unreadable("its COMM chunk states no channels or no sample rate"))?;
            return Ok(Shape {
                codec: Codec::Pcm,
                samples: Some(u64::from(be32(10))),
                duration_ms: None,
                sample_rate,
                channels,
                bits_per_sample: u8::try_from(bits).ok().filter(|&bits| bits > 0),
                audio_bytes: Some(bytes.saturating_sub(at)),
                warnings: Vec::new(),
            });
        }
        at += 8 + size + (size & 1);
    }
    Err(unreadable("it has no COMM chunk"))
}

/// An 80-bit IEEE 754 number, as far as it is a sample rate.
fn extended(bytes: &[u8]) -> Option<u32> {
    let exponent = u32::from(u16::from_be_bytes([bytes[0], bytes[1]])).checked_sub(16_383)?;
    let mantissa = u64::from_be_bytes(bytes[2..10].try_into().ok()?);
    (exponent < 32).then(|| (mantissa >> (63 - exponent)) as u32).filter(|&rate| rate > 0)
}

#[cfg(test)]
mod tests {
    #[test]
    fn sample_rates_are_80_bit_floats() {
        let rate = super::extended(&[0x40, 0x0E, 0xAC, 0x44, 0, 0, 0, 0, 0, 0]);
        assert_eq!(rate, Some(44_100));
        assert_eq!(super::extended(&[0; 10]), None);
    }
}
