//! WavPack, versions 4 and 5: the first block says what it is (wavpack.com, "WavPack 4 & 5 Binary File / Block Format").
//! Its audio is not decoded here, so it is kept as it is.

use super::{Codec, ProbeError, Shape, behind_tag};
use std::io::{Read, Seek};

/// Of the first block: the header, and as much of what follows as has its small metadata.
const HEAD_BYTES: usize = 64 * 1024;
const HEADER_BYTES: usize = 32;

/// Flags of a block.
const MONO: u32 = 1 << 2;
const FLOAT: u32 = 1 << 7;
const FIRST_OF_SEVERAL: u32 = 1 << 11;
const LAST_OF_SEVERAL: u32 = 1 << 12;
const DSD: u32 = 1 << 31;

/// Kinds of metadata.
const CHANNELS: u8 = 0x0D;
const SAMPLE_RATE: u8 = 0x27;
const DSD_BLOCK: u8 = 0x0E;

/// The format and length of a WavPack file.
pub(super) fn read(file: &mut (impl Read + Seek), bytes: u64) -> Result<Shape, ProbeError> {
    let (tag, head) = behind_tag(file, HEAD_BYTES)?;
    let unreadable =
        |why: &str| ProbeError::Unreadable { kind: "a WavPack file", why: why.to_owned() };
    let header = head
        .first_chunk::<HEADER_BYTES>()
        .ok_or_else(|| unreadable("it ends before its first block does"))?;
    let le32 = |at: usize| {
        u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
    };
    let version = u16::from_le_bytes([header[8], header[9]]);
    if !(0x402..=0x410).contains(&version) {
        return Err(unreadable("its first block is of no version that is known"));
    }
    let flags = le32(24);
    let (mut channels, mut own_rate, mut dsd_power) = (None, None, 0);
    let end = (le32(4) as usize).saturating_add(8).min(head.len());
    for (kind, data) in metadata(head.get(HEADER_BYTES..end).unwrap_or_default()) {
        match kind {
            CHANNELS => channels = channel_count(data),
            SAMPLE_RATE if data.len() >= 3 => {
                own_rate = Some(number(&data[..data.len().min(4)]) as u32 & 0x7FFF_FFFF);
            }
            // By how many powers of two its rate is above the one stated.
            DSD_BLOCK => dsd_power = data.first().copied().filter(|power| *power < 16).unwrap_or(0),
            _ => {}
        }
    }
    let is_alone = flags & FIRST_OF_SEVERAL != 0 && flags & LAST_OF_SEVERAL != 0;
    let own_channels = if flags & MONO != 0 { 1 } else { 2 };
    let rate = standard_rate(flags).or(own_rate).filter(|rate| *rate > 0);
    let sample_rate = rate.ok_or_else(|| unreadable("it states no sample rate"))?;
    // 40 bits; all ones in the lower 32 mean that nobody counted, and are left out in counting.
    let high = u64::from(header[11]);
    let samples = match le32(12) {
        u32::MAX => None,
        low => Some(u64::from(low) + (high << 32) - high),
    };
    // Of DSD a sample is a byte of eight bits.
    let is_dsd = flags & DSD != 0;
    let (codec_rate, codec_samples) = match is_dsd {
        true => (
            sample_rate.saturating_mul(8 << dsd_power),
            samples.map(|samples| samples.saturating_mul(8)),
        ),
        false => (sample_rate, samples),
    };
    let bits = (flags & 3) * 8 + 8;
    let bits = if flags & FLOAT != 0 { 32 } else { bits.saturating_sub(flags >> 13 & 0x1F) };
    Ok(Shape {
        codec: Codec::WavPack,
        samples: codec_samples,
        duration_ms: None,
        sample_rate: codec_rate,
        channels: channels.filter(|_| !is_alone).unwrap_or(own_channels),
        bits_per_sample: match is_dsd {
            true => Some(1),
            false => u8::try_from(bits).ok().filter(|bits| *bits > 0),
        },
        audio_bytes: Some(bytes.saturating_sub(tag)),
        warnings: Vec::new(),
    })
}

/// The metadata of a block: each has its kind, its length in words of two bytes, and its data.
fn metadata(mut rest: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    std::iter::from_fn(move || {
        let (&kind, behind) = rest.split_first()?;
        let length_bytes = if kind & 0x80 != 0 { 3 } else { 1 };
        let (length, behind) = behind.split_at_checked(length_bytes)?;
        let words = number(length) as usize * 2;
        // The last may go on behind what was read.
        let (data, behind) = behind.split_at(words.min(behind.len()));
        rest = behind;
        let data = &data[..data.len() - usize::from(kind & 0x40 != 0 && !data.is_empty())];
        Some((kind & 0x3F, data))
    })
}

/// How many channels there are: one byte, or 12 bits of which the upper four are in the third byte, less one.
fn channel_count(data: &[u8]) -> Option<u16> {
    let low = u16::from(*data.first()?);
    match data.len() {
        6.. => Some((low | u16::from(data[2] & 0x0F) << 8) + 1),
        _ => Some(low).filter(|count| *count > 0),
    }
}

fn standard_rate(flags: u32) -> Option<u32> {
    const RATES: [u32; 15] = [
        6_000, 8_000, 9_600, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000,
        64_000, 88_200, 96_000, 192_000,
    ];
    RATES.get((flags >> 23 & 0x0F) as usize).copied()
}

/// Lowest byte first.
fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn block(flags: u32, samples: u32, metadata: &[u8]) -> Vec<u8> {
        let mut block = b"wvpk".to_vec();
        block.extend((24 + metadata.len() as u32).to_le_bytes());
        block.extend(0x410u16.to_le_bytes());
        block.extend([0, 0]);
        block.extend(samples.to_le_bytes());
        block.extend(0u32.to_le_bytes());
        block.extend(samples.to_le_bytes());
        block.extend(flags.to_le_bytes());
        block.extend(0u32.to_le_bytes());
        block.extend(metadata);
        block
    }

    fn shape(bytes: &[u8]) -> Shape {
        read(&mut Cursor::new(bytes), bytes.len() as u64).unwrap()
    }

    #[test]
    fn the_first_block_says_what_it_is() {
        let both = FIRST_OF_SEVERAL | LAST_OF_SEVERAL;
        let stereo = shape(&block(1 | 9 << 23 | both, 441_000, &[]));
        assert_eq!(
            (stereo.channels, stereo.sample_rate, stereo.samples),
            (2, 44_100, Some(441_000))
        );
        assert_eq!(stereo.bits_per_sample, Some(16));
        let mono = shape(&block(2 | MONO | 10 << 23 | both, u32::MAX, &[]));
        assert_eq!((mono.channels, mono.samples, mono.bits_per_sample), (1, None, Some(24)));
        // 5.1 at 50,000 Hz, both said in metadata.
        let said = [CHANNELS, 1, 6, 0x3F, SAMPLE_RATE | 0x40, 2, 0x50, 0xC3, 0, 0];
        let several = shape(&block(1 | 15 << 23 | FIRST_OF_SEVERAL, 10, &said));
        assert_eq!((several.channels, several.sample_rate), (6, 50_000));
    }

    #[test]
    fn refuses_with_a_sentence() {
        let say = |bytes: &[u8]| read(&mut Cursor::new(bytes), bytes.len() as u64).err().unwrap();
        assert!(say(b"wvpk").to_string().contains("it ends before its first block does"));
        assert!(say(&block(1 | 15 << 23, 1, &[])).to_string().contains("states no sample rate"));
        let mut old = block(1 | 9 << 23, 1, &[]);
        old[8] = 0;
        assert!(say(&old).to_string().contains("no version that is known"));
        // Metadata that lies about its length.
        shape(&block(1 | 9 << 23, 1, &[CHANNELS | 0x80, 0xFF, 0xFF, 0xFF]));
    }
}
