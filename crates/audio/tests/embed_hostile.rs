//! Files and patches that nobody means well with: embedding refuses or stays reversible, applying
//! stops or writes what it says, and nothing panics.

mod embed_support;

use deadwax_audio::embed::{EmbedFormat, Embedding, audio_digest};
use deadwax_audio::ogg::{BOS, CONTINUED, Comments, EOS, NO_GRANULE, build_page, page_crc};
use deadwax_audio::patch::Patch;
use embed_support::*;
use proptest::prelude::*;
use std::io::Cursor;

/// A stream laid over pages by the numbers in `cuts`, header pages too.
#[derive(Debug, Clone)]
struct Stream {
    format: EmbedFormat,
    comments: Vec<u8>,
    setup_bytes: usize,
    header_cuts: Vec<usize>,
    packets: Vec<usize>,
    packets_behind_headers: usize,
    cuts: Vec<usize>,
    serial: u32,
    first_sequence: u32,
    spoil_audio_crc: bool,
    garbage: Vec<u8>,
}

fn lace(packets: &[Vec<u8>]) -> (Vec<u8>, Vec<u8>) {
    let mut lacing = Vec::new();
    for packet in packets {
        lacing.resize(lacing.len() + packet.len() / 255, 255);
        lacing.push((packet.len() % 255) as u8);
    }
    (lacing, packets.concat())
}

impl Stream {
    fn bytes(&self) -> Vec<u8> {
        let opus = self.format == EmbedFormat::Opus;
        let identification: &[u8] = if opus { b"OpusHead\x01\x02" } else { b"\x01vorbis.." };
        let mut out = Vec::new();
        let lacing = [identification.len() as u8];
        build_page(BOS, 0, self.serial, self.first_sequence, &lacing, identification, &mut out);
        let mut headers = vec![self.comments.clone()];
        if !opus {
            headers.push([b"\x05vorbis".to_vec(), noise(self.setup_bytes, 9)].concat());
        }
        let audio: Vec<_> = self.packets.iter().map(|&bytes| noise(bytes, bytes as u64)).collect();
        let (behind, audio) = audio.split_at(self.packets_behind_headers.min(audio.len()));
        let mut sequence = self.first_sequence;
        self.pages(&headers, behind, &self.header_cuts, &mut sequence, &mut out);
        let audio_start = out.len();
        self.pages(audio, &[], &self.cuts, &mut sequence, &mut out);
        if self.spoil_audio_crc && out.len() > audio_start + 22 {
            out[audio_start + 22] ^= 0x55;
        }
        out.extend_from_slice(&self.garbage);
        out
    }

    /// `cuts` are segments a page, repeated; `behind` stays on the last page.
    fn pages(
        &self,
        packets: &[Vec<u8>],
        behind: &[Vec<u8>],
        cuts: &[usize],
        sequence: &mut u32,
        out: &mut Vec<u8>,
    ) {
        let (lacing, body) = lace(packets);
        let (behind_lacing, behind_body) = lace(behind);
        let (mut segment, mut byte, mut turn) = (0, 0, 0);
        while segment < lacing.len() {
            let room = 255 - if behind.is_empty() { 0 } else { behind_lacing.len() };
            let end = (segment + cuts[turn % cuts.len()].clamp(1, room)).min(lacing.len());
            let bytes: usize = lacing[segment..end].iter().map(|&l| usize::from(l)).sum();
            let continued = segment > 0 && lacing[segment - 1] == 255;
            let mut page_lacing = lacing[segment..end].to_vec();
            let mut page_body = body[byte..byte + bytes].to_vec();
            let last = end == lacing.len();
            if last {
                page_lacing.extend_from_slice(&behind_lacing);
                page_body.extend_from_slice(&behind_body);
            }
            let flags = if continued { CONTINUED } else { 0 };
            let eos = if last && packets.first() != Some(&self.comments) { EOS } else { 0 };
            let ends = page_lacing.iter().any(|&l| l < 255);
            *sequence = sequence.wrapping_add(1);
            let granule = if ends { 0 } else { NO_GRANULE };
            build_page(flags | eos, granule, self.serial, *sequence, &page_lacing, &page_body, out);
            (segment, byte, turn) = (end, byte + bytes, turn + 1);
        }
    }
}

fn any_stream() -> impl Strategy<Value = Stream> {
    let fields = prop::collection::vec(
        prop_oneof![
            3 => "(title|ALBUM|Comment)=[a-z]{0,9}".prop_map(String::into_bytes),
            1 => prop::collection::vec(any::<u8>(), 0..600),
            1 => (1usize..90_000).prop_map(|bytes| [b"BIG=".to_vec(), noise(bytes, 4)].concat()),
        ],
        0..5,
    );
    let cuts = || prop::collection::vec(prop_oneof![1usize..4, 1usize..256], 1..5);
    let packets = prop::collection::vec(prop_oneof![6 => 0usize..900, 1 => 0usize..70_000], 0..30);
    (
        (any::<bool>(), fields, 0usize..9000, 0usize..40, cuts(), cuts()),
        (packets, 0usize..3, any::<u32>(), any::<u32>(), any::<bool>()),
        prop_oneof![4 => Just(Vec::new()), 1 => prop::collection::vec(any::<u8>(), 1..90)],
    )
        .prop_map(
            |((opus, fields, setup_bytes, padding, header_cuts, cuts), rest, garbage)| {
                let (packets, behind, serial, first_sequence, spoil_audio_crc) = rest;
                let comments = Comments { vendor: b"vendor".to_vec(), fields };
                let mut packet =
                    if opus { comments.to_opus_packet() } else { comments.to_vorbis_packet() };
                packet.resize(packet.len() + padding, 0);
                // What follows the headers on their page must fit it.
                let small = packets.iter().take(behind).all(|&bytes| bytes < 10_000);
                Stream {
                    format: if opus { EmbedFormat::Opus } else { EmbedFormat::Vorbis },
                    comments: packet,
                    setup_bytes,
                    header_cuts,
                    packets,
                    packets_behind_headers: if small { behind } else { 0 },
                    cuts,
                    serial,
                    first_sequence,
                    spoil_audio_crc,
                    garbage,
                }
            },
        )
}

fn any_embedding() -> impl Strategy<Value = Embedding> {
    prop_oneof![
        Just(embedding(0)),
        Just(embedding(300)),
        Just(Embedding::default()),
        (1usize..150_000).prop_map(embedding)
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn generated_streams_come_back(stream in any_stream(), metadata in any_embedding()) {
        let source = stream.bytes();
        match try_round_trip(&source, stream.format, &metadata) {
            Ok(made) => {
                if stream.garbage.is_empty() && !stream.spoil_audio_crc {
                    check_pages(&made.holding, stream.serial, stream.first_sequence)?;
                }
            }
            // Only what the documentation names.
            Err(refused) => prop_assert!(!stream.garbage.is_empty(), "{}", refused),
        }
    }

    #[test]
    fn damaged_streams_come_back_or_are_refused(
        stream in any_stream(),
        metadata in any_embedding(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), 0u8..8), 0..4),
        mend in any::<bool>(),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut source = stream.bytes();
        for (at, bit) in flips {
            // Half of the damage goes where the structure is.
            let at = if bit < 4 { at.index(source.len().min(400)) } else { at.index(source.len()) };
            source[at] ^= 1 << bit;
        }
        if mend {
            mend_checksums(&mut source);
        }
        if let Some(cut) = cut {
            source.truncate(cut.index(source.len() + 1));
        }
        let _ = try_round_trip(&source, stream.format, &metadata);
        let _ = audio_digest(&mut &source[..], stream.format);
    }

    #[test]
    fn damaged_flac_comes_back_or_is_refused(
        blocks in prop::collection::vec((0u8..128, 0usize..300), 0..6),
        flips in prop::collection::vec((any::<prop::sample::Index>(), 0u8..8), 0..3),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut source = b"fLaC\0\0\0\x22".to_vec();
        source.extend(noise(34, 5));
        for (kind, bytes) in blocks {
            let comments = Comments { vendor: noise(bytes, 2), fields: vec![b"Title=x".to_vec()] };
            let content = if kind == 4 { comments.encode() } else { noise(bytes, 6) };
            source.push(kind);
            source.extend_from_slice(&(content.len() as u32).to_be_bytes()[1..]);
            source.extend(content);
        }
        source.extend_from_slice(&[0x84, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xf8]);
        source.extend(noise(1000, 7));
        for (at, bit) in flips {
            let at = at.index(source.len());
            source[at] ^= 1 << bit;
        }
        if let Some(cut) = cut {
            source.truncate(cut.index(source.len() + 1));
        }
        let _ = try_round_trip(&source, EmbedFormat::Flac, &embedding(100));
        let _ = audio_digest(&mut &source[..], EmbedFormat::Flac);
    }

    #[test]
    fn hostile_patches_write_what_they_say_or_less(
        stream in any_stream(),
        metadata in any_embedding(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
        holding_cut in any::<prop::sample::Index>(),
    ) {
        let Ok(made) = try_round_trip(&stream.bytes(), stream.format, &metadata) else {
            return Ok(());
        };
        let mut patch = made.patch;
        for (at, byte) in edits {
            // Behind magic and roots, where the numbers are.
            let at = 69 + at.index(patch.len() - 69);
            patch[at] = byte;
        }
        if let Some(cut) = cut {
            patch.truncate(cut.index(patch.len() + 1));
        }
        let mut holding = made.holding;
        if holding_cut.index(3) == 0 {
            holding.truncate(holding_cut.index(holding.len() + 1));
        }
        tries_to_apply(&patch, &holding)?;
    }

    #[test]
    fn patches_of_any_numbers_write_what_they_say_or_less(
        lengths in prop::collection::vec(number(), 4),
        operations in prop::collection::vec((0u8..4, prop::collection::vec(number(), 4)), 0..5),
        count in number(),
        literals in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        let mut patch = b"DWXP\x01".to_vec();
        patch.resize(69, 7);
        lengths.iter().for_each(|&number| put(number, &mut patch));
        put(if count % 2 == 0 { operations.len() as u64 } else { count }, &mut patch);
        for (code, numbers) in operations {
            put(code.into(), &mut patch);
            let used = [2, 1, 4, 0][usize::from(code)];
            numbers[..used].iter().for_each(|&number| put(number, &mut patch));
        }
        patch.extend(literals);
        tries_to_apply(&patch, &noise(2000, 8))?;
    }
}

/// Lets damage pass the checksums, as a file written wrongly on purpose would.
fn mend_checksums(bytes: &mut [u8]) {
    let mut at = 0;
    while bytes.len() >= at + 27 && bytes[at..].starts_with(b"OggS") {
        let table_end = at + 27 + usize::from(bytes[at + 26]);
        let Some(lacing) = bytes.get(at + 27..table_end) else {
            return;
        };
        let end = table_end + lacing.iter().map(|&lace| usize::from(lace)).sum::<usize>();
        let Some(page) = bytes.get_mut(at..end) else {
            return;
        };
        let crc = page_crc(page);
        page[22..26].copy_from_slice(&crc.to_le_bytes());
        at = end;
    }
}

fn tries_to_apply(patch: &[u8], holding: &[u8]) -> Result<(), TestCaseError> {
    let Ok(patch) = Patch::parse(patch) else {
        return Ok(());
    };
    // A patch may truthfully announce a lot of output; the caller decides whether it wants it.
    prop_assume!(patch.source_bytes() < 1 << 24);
    let mut out = Vec::new();
    let applied = patch.apply(&mut Cursor::new(holding), &mut out);
    prop_assert!(out.len() as u64 <= patch.source_bytes());
    prop_assert!(applied.is_err() || out.len() as u64 == patch.source_bytes());
    Ok(())
}

/// Checksums, numbers and continuation flags of a whole stream, computed apart from the crate's reader.
fn check_pages(holding: &[u8], serial: u32, first: u32) -> Result<(), TestCaseError> {
    let (mut at, mut number, mut open) = (0, first, false);
    while at < holding.len() {
        let page = &holding[at..];
        let lacing = &page[27..27 + usize::from(page[26])];
        let bytes = 27 + lacing.len() + lacing.iter().map(|&l| usize::from(l)).sum::<usize>();
        let mut zeroed = page[..bytes].to_vec();
        let crc = u32::from_le_bytes(page[22..26].try_into().unwrap());
        zeroed[22..26].fill(0);
        let expected = zeroed.iter().fold(0u32, |crc, &byte| {
            (0..8).fold(crc ^ u32::from(byte) << 24, |crc, _| {
                if crc >> 31 != 0 { crc << 1 ^ 0x04c1_1db7 } else { crc << 1 }
            })
        });
        prop_assert_eq!(crc, expected);
        prop_assert_eq!(page[14..18].to_vec(), serial.to_le_bytes().to_vec());
        prop_assert_eq!(page[18..22].to_vec(), number.to_le_bytes().to_vec());
        prop_assert_eq!(page[5] & CONTINUED != 0, open);
        open = lacing.last().map_or(open, |&l| l == 255);
        number = number.wrapping_add(1);
        at += bytes;
    }
    prop_assert_eq!(at, holding.len());
    Ok(())
}

fn number() -> impl Strategy<Value = u64> {
    prop_oneof![0u64..40, 0u64..3000, any::<u64>(), Just(u64::MAX), Just(1 << 24)]
}

fn put(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}
