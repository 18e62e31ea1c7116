//! MPEG audio frames: finding the first one, and the exact length from a Xing/Info/VBRI frame
//! (gabriel.mp3-tech.org, "mp3 info tag rev 1" for the LAME delays).

use super::{Codec, ProbeError, Shape, behind_tag, tag_bytes_behind};
use std::io::{self, Read, Seek};

/// How far behind the tag the first frame may begin.
const SEARCH_BYTES: usize = 64 * 1024;

/// More than this behind the stated end is no rest of a tag (Lyrics3, an enhanced ID3v1 tag).
const BEHIND_BYTES_MAX: u64 = 4096;

/// One frame header, decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame {
    layer: u8,
    sample_rate: u32,
    channels: u16,
    bit_rate: u32,
    samples: u32,
    bytes: usize,
    /// Between header and main data of layer III, checksum included: where a Xing tag begins.
    side_info_bytes: usize,
}

/// Length of the ID3v2 tag at the start of `head`, header and footer included; 0 when there is none.
pub(crate) fn id3v2_bytes(head: &[u8]) -> u64 {
    let Some(header) = head.get(..10).filter(|h| h.starts_with(b"ID3") && h[3] < 0xFF) else {
        return 0;
    };
    if header[6..10].iter().any(|byte| byte & 0x80 != 0) {
        return 0;
    }
    let size = header[6..10].iter().fold(0u64, |size, &byte| size << 7 | u64::from(byte));
    size + if header[5] & 0x10 != 0 { 20 } else { 10 }
}

/// Where the first frame begins, or `None` when `head` (of `rest` bytes to the end of the file) is
/// not MPEG audio. Eleven set bits are common in anything, so a frame counts only when the next one
/// follows it (three of them, away from the start), or when it is all there is.
pub(super) fn first_frame(head: &[u8], rest: u64) -> Option<(usize, Frame)> {
    (0..head.len().saturating_sub(3)).find_map(|at| {
        let frame = Frame::parse(&head[at..])?;
        let chain = if at == 0 { 2 } else { 3 };
        let mut next = at;
        for _ in 1..chain {
            let here = Frame::parse(head.get(next..)?)?;
            next += here.bytes;
            if next as u64 + 4 > rest {
                return (at == 0 && next as u64 <= rest + 4).then_some((at, frame));
            }
            let following = Frame::parse(head.get(next..)?)?;
            if (following.layer, following.sample_rate) != (frame.layer, frame.sample_rate) {
                return None;
            }
        }
        Some((at, frame))
    })
}

/// The format and length of an MP3 file.
pub(super) fn read(file: &mut (impl Read + Seek), bytes: u64) -> Result<Shape, ProbeError> {
    let (tag, head) = behind_tag(file, SEARCH_BYTES)?;
    let rest = bytes.saturating_sub(tag);
    let Some((at, frame)) = first_frame(&head, rest) else {
        return Err(ProbeError::Unreadable {
            kind: "an MP3 file",
            why: "no MPEG audio frame follows its ID3v2 tag".to_owned(),
        });
    };
    let audio_bytes = rest - at as u64;
    let info = head.get(at..at + frame.bytes).and_then(|first| length(first, &frame));
    let estimate = audio_bytes * 8000 / u64::from(frame.bit_rate.max(1));
    Ok(Shape {
        codec: if frame.layer == 3 { Codec::Mp3 } else { Codec::Mp2 },
        samples: info,
        duration_ms: Some(estimate),
        sample_rate: frame.sample_rate,
        channels: frame.channels,
        bits_per_sample: None,
        audio_bytes: Some(audio_bytes),
        warnings: Vec::new(),
    })
}

/// What a decoder that goes by the first frames would leave out, in sentences: bytes in front of the first frame, and audio
/// behind the end that a Xing tag states.
pub(crate) fn beyond_its_frames(
    file: &mut (impl Read + Seek),
    bytes: u64,
) -> io::Result<Vec<String>> {
    let (tag, head) = behind_tag(file, SEARCH_BYTES)?;
    let rest = bytes.saturating_sub(tag);
    let Some((at, frame)) = first_frame(&head, rest) else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    if at > 0 {
        found.push(format!("{at} bytes that are no audio stand in front of its first frame"));
    }
    let stated = head.get(at..at + frame.bytes).and_then(|first| stated_bytes(first, &frame));
    let there = (rest - at as u64).saturating_sub(tag_bytes_behind(file, bytes)?);
    if let Some(stated) = stated.filter(|stated| there > stated + BEHIND_BYTES_MAX) {
        found.push(format!("its header speaks of {stated} bytes of audio, and {there} follow"));
    }
    Ok(found)
}

/// The bytes of audio that a Xing or Info tag states, the tag's own frame included.
fn stated_bytes(first: &[u8], frame: &Frame) -> Option<u64> {
    let tag = first.get(4 + frame.side_info_bytes..)?;
    let number = |at: usize| {
        tag.get(at..at + 4).map(|b| u64::from(u32::from_be_bytes([b[0], b[1], b[2], b[3]])))
    };
    match (tag.get(..4)?, number(4)? & 3) {
        (b"Xing" | b"Info", 3) => number(12),
        (b"Xing" | b"Info", 2) => number(8),
        _ => None,
    }
}

/// Samples per channel from an Xing, Info or VBRI tag in the first frame, encoder delays taken off.
fn length(first: &[u8], frame: &Frame) -> Option<u64> {
    let be32 =
        |at: usize| first.get(at..at + 4).map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]));
    let xing = 4 + frame.side_info_bytes;
    match first.get(xing..xing + 4) {
        Some(b"Xing" | b"Info") => {
            let flags = be32(xing + 4)?;
            if flags & 1 == 0 {
                return None;
            }
            let frames = u64::from(be32(xing + 8)?);
            let optional = [(1, 4), (2, 4), (4, 100), (8, 4)];
            let lame = xing
                + 8
                + optional
                    .iter()
                    .filter(|(bit, _)| flags & bit != 0)
                    .map(|(_, n)| n)
                    .sum::<usize>();
            let delays = match first.get(lame..lame + 24) {
                // Nine characters name the encoder; the delays are at byte 21, twelve bits each.
                Some(tag) if tag[0].is_ascii_alphabetic() => {
                    let packed = u64::from_be_bytes([0, 0, 0, 0, 0, tag[21], tag[22], tag[23]]);
                    (packed >> 12) + (packed & 0xFFF)
                }
                _ => 0,
            };
            Some((frames * u64::from(frame.samples)).saturating_sub(delays))
        }
        _ if first.get(36..40) == Some(b"VBRI") => {
            Some(u64::from(be32(36 + 14)?) * u64::from(frame.samples))
        }
        _ => None,
    }
}

impl Frame {
    /// Layers II and III of MPEG 1, 2 and 2.5 (ISO 11172-3, 13818-3); free format is not taken.
    fn parse(bytes: &[u8]) -> Option<Frame> {
        const V1_L2: [u32; 14] = [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384];
        const V1_L3: [u32; 14] = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
        const V2: [u32; 14] = [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
        let &[0xFF, second, third, fourth] = bytes.get(..4)? else {
            return None;
        };
        if second & 0xE0 != 0xE0 || fourth & 3 == 2 {
            return None;
        }
        let version = (second >> 3) & 3; // 0: 2.5, 2: 2, 3: 1
        let layer = match (second >> 1) & 3 {
            1 => 3,
            2 => 2,
            _ => return None,
        };
        let index = usize::from(third >> 4).checked_sub(1)?;
        let kilobits = match (version, layer) {
            (1, _) => return None,
            (3, 3) => V1_L3.get(index),
            (3, _) => V1_L2.get(index),
            _ => V2.get(index),
        };
        let rate = [44_100, 48_000, 32_000].get(usize::from(third >> 2 & 3)).copied()?;
        let sample_rate = rate
            >> match version {
                3 => 0,
                2 => 1,
                _ => 2,
            };
        let samples = if layer == 3 && version != 3 { 576 } else { 1152 };
        let bit_rate = kilobits? * 1000;
        let channels = if fourth >> 6 == 3 { 1 } else { 2 };
        let bytes = samples / 8 * bit_rate / sample_rate + u32::from(third >> 1 & 1);
        let side_info = match (version == 3, channels) {
            (true, 1) | (false, 2) => 17,
            (true, _) => 32,
            (false, _) => 9,
        };
        // The Xing tag's place counts from the header as if there were no checksum (LAME, ffmpeg).
        Some(Frame {
            layer,
            sample_rate,
            channels,
            bit_rate,
            samples,
            bytes: bytes as usize,
            side_info_bytes: side_info,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_counts_its_header_and_footer() {
        assert_eq!(id3v2_bytes(b"ID3\x03\0\0\0\0\x02\x01rest"), 267);
        assert_eq!(id3v2_bytes(b"ID3\x04\0\x10\0\0\0\x05"), 25);
        assert_eq!(id3v2_bytes(b"ID3\x04\0\0\xff\0\0\0"), 0);
        assert_eq!(id3v2_bytes(b"ID3"), 0);
    }

    #[test]
    fn frames_are_as_long_as_the_standard_says() {
        let frame = Frame::parse(b"\xff\xfb\x90\x64").unwrap();
        assert_eq!((frame.bit_rate, frame.sample_rate, frame.bytes), (128_000, 44_100, 417));
        assert_eq!(Frame::parse(b"\xff\xff\xff\xff"), None);
        assert_eq!(Frame::parse(b"\xff\xfb\xf0\x64"), None);
    }

    #[test]
    fn one_sync_word_is_no_mp3() {
        let mut noise = vec![0x55; 4000];
        noise[100..104].copy_from_slice(b"\xff\xfb\x90\x64");
        assert_eq!(first_frame(&noise, 4000), None);
        for at in [100, 517, 934, 1351] {
            noise[at..at + 4].copy_from_slice(b"\xff\xfb\x90\x64");
        }
        assert_eq!(first_frame(&noise, 4000).unwrap().0, 100);
    }
}
