//! AAC without a container: ADTS frames (ISO/IEC 14496-3, 1.A.3.2), with or without an ID3v2 tag in front.
//!
//! No frame says how many there are, so the length is an estimate from the frames at the start.

use super::{Codec, ProbeError, Shape, behind_tag};
use std::io::{Read, Seek};

/// How far behind the tag the first frame may begin, and how many bytes of frames the estimate is made from.
const SEARCH_BYTES: usize = 64 * 1024;

/// Samples of one raw data block.
const BLOCK_SAMPLES: u64 = 1024;

/// One frame header, decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame {
    sample_rate: u32,
    /// `None` when the audio itself describes them.
    channels: Option<u16>,
    bytes: usize,
    blocks: u64,
}

/// Whether `head` (of `rest` bytes to the end of the file) has ADTS frames.
pub(super) fn is_adts(head: &[u8], rest: u64) -> bool {
    first_frame(head, rest).is_some()
}

/// Where the first frame begins. Twelve set bits are common in anything, so a frame counts only when another like it
/// follows (two others, away from the start), or when it is all there is.
pub(super) fn first_frame(head: &[u8], rest: u64) -> Option<(usize, Frame)> {
    (0..head.len().saturating_sub(6)).find_map(|at| {
        let frame = Frame::parse(&head[at..])?;
        let mut next = at + frame.bytes;
        for _ in 0..if at == 0 { 1 } else { 2 } {
            if next as u64 + 7 > rest {
                return (at == 0 && next as u64 <= rest).then_some((at, frame));
            }
            let following = Frame::parse(head.get(next..)?)?;
            if (following.sample_rate, following.channels) != (frame.sample_rate, frame.channels) {
                return None;
            }
            next += following.bytes;
        }
        Some((at, frame))
    })
}

/// The format of an ADTS file, and its length as far as it can be told.
pub(super) fn read(file: &mut (impl Read + Seek), bytes: u64) -> Result<Shape, ProbeError> {
    let (tag, head) = behind_tag(file, SEARCH_BYTES)?;
    let rest = bytes.saturating_sub(tag);
    let Some((at, frame)) = first_frame(&head, rest) else {
        return Err(ProbeError::Unreadable {
            kind: "an AAC file",
            why: "no ADTS frame follows its ID3v2 tag".to_owned(),
        });
    };
    let audio_bytes = rest - at as u64;
    let (mut counted_bytes, mut blocks) = (0, 0);
    while let Some(next) = head.get(at + counted_bytes..).and_then(Frame::parse) {
        counted_bytes += next.bytes;
        blocks += next.blocks;
    }
    let samples = u128::from(audio_bytes) * u128::from(blocks * BLOCK_SAMPLES)
        / (counted_bytes.max(1) as u128);
    let warnings = match frame.channels {
        Some(_) => Vec::new(),
        None => {
            vec!["its channels are described inside its audio: it is taken for stereo".to_owned()]
        }
    };
    Ok(Shape {
        codec: Codec::Aac,
        samples: None,
        duration_ms: u64::try_from(samples * 1000 / u128::from(frame.sample_rate)).ok(),
        sample_rate: frame.sample_rate,
        channels: frame.channels.unwrap_or(2),
        bits_per_sample: None,
        audio_bytes: Some(audio_bytes),
        warnings,
    })
}

impl Frame {
    fn parse(bytes: &[u8]) -> Option<Frame> {
        const RATES: [u32; 13] = [
            96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025,
            8_000, 7_350,
        ];
        let &[0xFF, second, third, fourth, fifth, sixth, seventh] = bytes.get(..7)? else {
            return None;
        };
        // The layer is 0; the lowest bit says that there is no checksum.
        if second & 0xF6 != 0xF0 {
            return None;
        }
        let sample_rate = *RATES.get(usize::from(third >> 2 & 0x0F))?;
        let channels = match (third & 1) << 2 | fourth >> 6 {
            0 => None,
            7 => Some(8),
            channels => Some(channels.into()),
        };
        let bytes =
            usize::from(fourth & 3) << 11 | usize::from(fifth) << 3 | usize::from(sixth >> 5);
        let header = if second & 1 == 1 { 7 } else { 9 };
        let blocks = u64::from(seventh & 3) + 1;
        (bytes > header).then_some(Frame { sample_rate, channels, bytes, blocks })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    /// Frames of 44.1 kHz stereo, of `bytes` bytes each.
    fn frames(count: usize, bytes: usize) -> Vec<u8> {
        let length = (bytes as u32).to_be_bytes();
        let packed = u32::from_be_bytes(length) << 5 | 0x1F;
        let header = [
            0xFF,
            0xF1,
            0x50,
            0x80 | (packed >> 16) as u8,
            (packed >> 8) as u8,
            packed as u8,
            0xFC,
        ];
        let mut frame = header.to_vec();
        frame.resize(bytes, 0x21);
        frame.repeat(count)
    }

    #[test]
    fn frames_are_counted_and_the_rest_is_estimated() {
        let bytes = frames(431, 400);
        let shape = read(&mut Cursor::new(&bytes), bytes.len() as u64).unwrap();
        assert_eq!((shape.sample_rate, shape.channels, shape.samples), (44_100, 2, None));
        // 431 blocks of 1,024 samples are 10.008 s.
        assert_eq!(shape.duration_ms, Some(10_007));
    }

    #[test]
    fn one_sync_word_is_no_aac() {
        let mut noise = vec![0x55; 4000];
        noise[100..107].copy_from_slice(&frames(1, 400)[..7]);
        assert!(!is_adts(&noise, 4000));
        let behind = [vec![0x55; 100], frames(3, 400)].concat();
        assert!(is_adts(&behind, behind.len() as u64));
        assert!(is_adts(&frames(1, 400), 400) && !is_adts(&frames(1, 400), 300));
    }
}
