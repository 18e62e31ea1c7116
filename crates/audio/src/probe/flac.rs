//! Native FLAC: STREAMINFO states everything (RFC 9639, section 8.2).

use super::{Codec, ProbeError, Shape, mpeg, read_at};
use std::io::{self, Read, Seek};

/// More metadata blocks than any file has; each costs a seek.
const BLOCKS_MAX: usize = 4096;

/// What STREAMINFO says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StreamInfo {
    /// 0 when the encoder did not know.
    pub(super) sample_rate: u32,
    pub(super) channels: u16,
    pub(super) bits: u8,
    /// `None` when the encoder did not know (0 in the file).
    pub(super) samples: Option<u64>,
}

impl StreamInfo {
    /// From the 34 bytes of the block.
    pub(super) fn parse(block: &[u8]) -> Option<StreamInfo> {
        let packed = u64::from_be_bytes(block.get(10..18)?.try_into().ok()?);
        block.get(18..34)?;
        let samples = packed & ((1 << 36) - 1);
        let sample_rate = (packed >> 44) as u32;
        Some(StreamInfo {
            sample_rate,
            channels: (packed >> 41 & 7) as u16 + 1,
            bits: (packed >> 36 & 31) as u8 + 1,
            samples: (samples > 0).then_some(samples),
        })
    }
}

/// The format and length of a FLAC file, an ID3v2 tag in front allowed.
pub(super) fn read(file: &mut (impl Read + Seek), bytes: u64) -> Result<Shape, ProbeError> {
    let unreadable =
        |why: &str| ProbeError::Unreadable { kind: "a FLAC file", why: why.to_owned() };
    let mut head = [0; 42];
    let filled = read_at(file, 0, &mut head)?;
    let tag = mpeg::id3v2_bytes(&head[..filled]);
    if tag > 0 {
        read_at(file, tag, &mut head)?;
    }
    if head[4] & 0x7F != 0 {
        return Err(unreadable("its first metadata block is not STREAMINFO"));
    }
    let info = StreamInfo::parse(&head[8..42])
        .filter(|_| tag + 42 <= bytes)
        .ok_or_else(|| unreadable("its STREAMINFO block is cut short"))?;
    let first_frame = first_flac_frame(file, tag)?;
    let sample_rate = match info.sample_rate {
        0 => frame_rate(file, first_frame)?.ok_or_else(|| {
            unreadable("neither STREAMINFO nor its first frame states a sample rate")
        })?,
        rate => rate,
    };
    Ok(Shape {
        codec: Codec::Flac,
        samples: info.samples,
        duration_ms: None,
        sample_rate,
        channels: info.channels,
        bits_per_sample: Some(info.bits),
        audio_bytes: Some(bytes.saturating_sub(first_frame)),
        warnings: Vec::new(),
    })
}

/// The sample rate in the header of a frame (RFC 9639, section 9.1.2), when it is one of the usual.
fn frame_rate(file: &mut (impl Read + Seek), at: u64) -> io::Result<Option<u32>> {
    const RATES: [u32; 12] = [
        0, 88_200, 176_400, 192_000, 8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000,
    ];
    let mut header = [0; 3];
    let is_frame = read_at(file, at, &mut header)? == 3 && matches!(header, [0xFF, 0xF8 | 0xF9, _]);
    let rate = RATES.get(usize::from(header[2] & 0x0F)).copied();
    Ok(rate.filter(|rate| is_frame && *rate > 0))
}

/// Where the first frame is in a FLAC file that begins at `start`, behind any ID3v2 tag.
pub(crate) fn first_flac_frame(file: &mut (impl Read + Seek), start: u64) -> io::Result<u64> {
    let mut at = start + 4;
    for _ in 0..BLOCKS_MAX {
        let mut header = [0; 4];
        if read_at(file, at, &mut header)? < 4 {
            break;
        }
        at += 4 + u64::from(u32::from_be_bytes([0, header[1], header[2], header[3]]));
        if header[0] & 0x80 != 0 {
            break;
        }
    }
    Ok(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unpacks_the_bit_fields() {
        let mut block = [0; 34];
        let packed: u64 = 44_100 << 44 | 1 << 41 | 15 << 36 | 123_456;
        block[10..18].copy_from_slice(&packed.to_be_bytes());
        let info = StreamInfo::parse(&block).unwrap();
        assert_eq!((info.sample_rate, info.channels, info.bits), (44_100, 2, 16));
        assert_eq!(info.samples, Some(123_456));
        assert_eq!(StreamInfo::parse(&block[..33]), None);
    }
}
