//! AIFF and AIFF-C: the COMM chunk states everything.

use super::{Codec, ProbeError, Shape, read_at};
use std::io::{self, Read, Seek};

/// More chunks than any file has; each costs a seek.
const CHUNKS_MAX: usize = 65_536;

/// How much of a file is searched for COMM when the chunks in front of it lie about their lengths.
const SEARCH_BYTES: usize = 64 * 1024;

/// The format and length of an AIFF file.
pub(super) fn read(file: &mut (impl Read + Seek), bytes: u64) -> Result<Shape, ProbeError> {
    let unreadable =
        |why: &str| ProbeError::Unreadable { kind: "an AIFF file", why: why.to_owned() };
    let mut warnings = Vec::new();
    let at = match by_chunks(file)? {
        Some(at) => at,
        None => {
            warnings.push("the lengths of its chunks are wrong".to_owned());
            by_search(file)?.ok_or_else(|| unreadable("it has no COMM chunk"))?
        }
    };
    let mut chunk = [0; 34];
    let filled = read_at(file, at, &mut chunk)?;
    if filled < 26 {
        return Err(unreadable("its COMM chunk is cut short"));
    }
    let be16 = |at: usize| u16::from_be_bytes([chunk[at], chunk[at + 1]]);
    let be32 = |at: usize| u32::from(be16(at)) << 16 | u32::from(be16(at + 2));
    let known = [
        b"NONE", b"sowt", b"twos", b"raw ", b"in24", b"in32", b"fl32", b"FL32", b"fl64", b"FL64",
        b"alaw", b"ALAW", b"ulaw", b"ULAW",
    ];
    let has_coding = be32(4) >= 22 && filled >= 30;
    let is_pcm = !has_coding || known.iter().any(|code| code[..] == chunk[26..30]);
    let (channels, bits) = (be16(8), be16(14));
    let sample_rate = extended(&chunk[16..26])
        .filter(|_| channels > 0)
        .ok_or_else(|| unreadable("its COMM chunk states no channels or no sample rate"))?;
    Ok(Shape {
        codec: if is_pcm { Codec::Pcm } else { Codec::Other },
        // Of other codings these are packets.
        samples: is_pcm.then(|| be32(10).into()),
        duration_ms: None,
        sample_rate,
        channels,
        bits_per_sample: u8::try_from(bits).ok().filter(|&bits| is_pcm && bits > 0),
        audio_bytes: Some(bytes.saturating_sub(at)),
        warnings,
    })
}

/// Where COMM is, from chunk to chunk.
fn by_chunks(file: &mut (impl Read + Seek)) -> io::Result<Option<u64>> {
    let mut at = 12;
    for _ in 0..CHUNKS_MAX {
        let mut head = [0; 8];
        if read_at(file, at, &mut head)? < head.len() {
            break;
        }
        let [a, b, c, d, size @ ..] = head;
        if [a, b, c, d] == *b"COMM" {
            return Ok(Some(at));
        }
        let size = u64::from(u32::from_be_bytes(size));
        at += 8 + size + (size & 1);
    }
    Ok(None)
}

/// Where something stands that looks like COMM.
fn by_search(file: &mut (impl Read + Seek)) -> io::Result<Option<u64>> {
    let mut head = vec![0; SEARCH_BYTES];
    let filled = read_at(file, 0, &mut head)?;
    let found = head[..filled].windows(7).position(|window| window == b"COMM\0\0\0");
    Ok(found.map(|at| at as u64))
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
