//! Ogg: what the first audio stream in it is, its comments, and its length from the last page.

use super::flac::StreamInfo;
use super::lofty_tags;
use super::tag_fields::Found;
use super::{Codec, ProbeError, Shape};
use crate::analyse::ogg_packets::{Kind, Packets};
use crate::ogg::{CommentError, Comments, EOS, MAX_PAGE_BYTES, NO_GRANULE, Page, PageRead};
use lofty::config::ParsingMode;
use std::io::{self, Read, Seek, SeekFrom};

/// How far back from the end the last page is looked for: a damaged tail is skipped up to here.
const TAIL_BYTES: u64 = 16 * MAX_PAGE_BYTES as u64;

/// Above this a first granule position cannot come from the packets before it (255 packets of the
/// longest block there is): the stream was cut out of a longer one.
const FIRST_GRANULE_MAX: u64 = 255 * 8192;

/// The format, length and tags of an Ogg file.
pub(super) fn read(
    file: &mut (impl Read + Seek),
    bytes: u64,
    found: &mut Found,
) -> Result<Shape, ProbeError> {
    let unreadable = |why: String| ProbeError::Unreadable { kind: "an Ogg file", why };
    let wrong = |error: io::Error| match error.kind() {
        io::ErrorKind::InvalidData => unreadable(error.to_string()),
        _ => ProbeError::Io(error),
    };
    file.seek(SeekFrom::Start(0))?;
    let mut packets = Packets::open(&mut *file).map_err(wrong)?;
    let first = packets.head().to_vec();
    let serial = packets.serial();
    let mut shape = match packets.kind() {
        Kind::Vorbis => vorbis(&first),
        Kind::Opus => opus(&first),
        Kind::Flac => flac(&first),
    }
    .ok_or_else(|| unreadable("its first packet is cut short or makes no sense".to_owned()))?;
    let pre_skip = match packets.kind() {
        Kind::Opus => u64::from(u16::from_le_bytes([first[10], first[11]])),
        _ => 0,
    };
    let kind = packets.kind();
    match packets.next_packet().map_err(wrong)? {
        Some(packet) => comments(kind, packet.data, found),
        None => {
            return Err(unreadable(
                "it ends before its comment header: it is cut short".to_owned(),
            ));
        }
    }
    let first_granule = packets.first_granule().map_err(wrong)?.unwrap_or(0);
    drop(packets);

    let tail = tail(file, bytes)?;
    shape.audio_bytes = Some(bytes);
    match tail {
        Some(tail) if tail.serial == serial => {
            let cut_out = first_granule > FIRST_GRANULE_MAX + pre_skip;
            let from = if cut_out { first_granule } else { pre_skip };
            let length = tail.granule.saturating_sub(from);
            if cut_out {
                let milliseconds = u128::from(length) * 1000 / u128::from(shape.sample_rate);
                shape.duration_ms = u64::try_from(milliseconds).ok();
            } else {
                shape.samples = Some(length);
            }
            if !tail.ended {
                shape.warnings.push(
                    "its last Ogg page is not marked as the last: it may be cut short".to_owned(),
                );
            }
        }
        Some(_) => shape.warnings.push(
            "it holds more than one Ogg stream: its length is known when it is decoded".to_owned(),
        ),
        None => shape.warnings.push("no Ogg page with audio is found at its end".to_owned()),
    }
    Ok(shape)
}

fn shape(codec: Codec, sample_rate: u32, channels: u8, bits: Option<u8>) -> Option<Shape> {
    (sample_rate > 0 && channels > 0).then_some(Shape {
        codec,
        samples: None,
        duration_ms: None,
        sample_rate,
        channels: channels.into(),
        bits_per_sample: bits,
        audio_bytes: None,
        warnings: Vec::new(),
    })
}

/// Vorbis I specification, section 4.2.2.
fn vorbis(head: &[u8]) -> Option<Shape> {
    let rate = u32::from_le_bytes(head.get(12..16)?.try_into().ok()?);
    shape(Codec::Vorbis, rate, head[11], None)
}

/// RFC 7845, section 5.1. Decoding is at 48 kHz whatever the input rate was.
fn opus(head: &[u8]) -> Option<Shape> {
    head.get(..19)?;
    shape(Codec::Opus, 48_000, head[9], None)
}

/// <https://xiph.org/flac/ogg_mapping.html>: STREAMINFO is at byte 17, behind its block header.
fn flac(head: &[u8]) -> Option<Shape> {
    let info = StreamInfo::parse(head.get(17..51)?)?;
    shape(Codec::Flac, info.sample_rate, info.channels as u8, Some(info.bits))
}

fn comments(kind: Kind, packet: &[u8], found: &mut Found) {
    let parsed = match kind {
        Kind::Vorbis => Comments::from_vorbis_packet(packet),
        Kind::Opus => Comments::from_opus_packet(packet),
        Kind::Flac => match packet.get(4..) {
            Some(block) if packet[0] & 0x7F == 4 => Comments::parse(block),
            _ => Err(CommentError::Magic),
        },
    };
    let comments = match parsed {
        Ok((comments, _)) => comments,
        Err(error) => {
            found.warnings.push(format!("its tags cannot be read: {error}"));
            return;
        }
    };
    for field in &comments.fields {
        let field = String::from_utf8_lossy(field);
        match field.split_once('=') {
            Some((key, value)) if key.eq_ignore_ascii_case("METADATA_BLOCK_PICTURE") => {
                match lofty::picture::Picture::from_flac_bytes(
                    value.as_bytes(),
                    true,
                    ParsingMode::BestAttempt,
                ) {
                    Ok((picture, _)) => lofty_tags::show(&picture, found),
                    Err(error) => {
                        found.warnings.push(format!("an embedded picture cannot be read: {error}"));
                    }
                }
            }
            Some((key, value)) => found.say(key, value),
            None => {}
        }
    }
}

struct Tail {
    serial: u32,
    granule: u64,
    ended: bool,
}

/// The last whole page on which a packet ends, whatever stream it belongs to.
fn tail(file: &mut (impl Read + Seek), bytes: u64) -> Result<Option<Tail>, ProbeError> {
    // Most often the last page is within the last one's greatest length.
    for reach in [MAX_PAGE_BYTES as u64, TAIL_BYTES] {
        let start = bytes.saturating_sub(reach);
        let mut end = vec![0; (bytes - start) as usize];
        let filled = super::read_at(file, start, &mut end)?;
        end.truncate(filled);
        let mut page = Page::reserve();
        let found = (0..end.len().saturating_sub(26)).rev().find_map(|at| {
            if !end[at..].starts_with(b"OggS") {
                return None;
            }
            let whole = matches!(page.read(&mut &end[at..]), Ok(PageRead::Page));
            (whole && page.granule() != NO_GRANULE && page.crc_is_right()).then(|| Tail {
                serial: page.serial(),
                granule: page.granule(),
                ended: page.flags() & EOS != 0,
            })
        });
        if found.is_some() || start == 0 {
            return Ok(found);
        }
    }
    Ok(None)
}
