//! MP4: the first sound track of `moov` (ISO/IEC 14496-12), with what encoders add in front and
//! behind taken off: the edit list, or the iTunSMPB text of iTunes where there is one.

use super::{Codec, ProbeError, Shape, read_at};
use std::io::{Read, Seek};

/// A `moov` above this is not audio's.
const MOOV_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// More boxes than any file has at its top; each costs a seek.
const BOXES_MAX: usize = 65_536;

/// The part of the decoded samples that is the recording.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Gapless {
    /// Samples to leave out at the start.
    pub(crate) skip: u64,
    /// Samples after them, when the file says.
    pub(crate) samples: Option<u64>,
    /// The edit list has several parts: it is not followed, and all samples are given.
    pub(crate) is_in_parts: bool,
}

struct Track {
    sample: Sample,
    timescale: u32,
    duration: u64,
    gapless: Gapless,
    warnings: Vec<String>,
}

/// The format and length of an MP4 file.
pub(super) fn read(file: &mut (impl Read + Seek), bytes: u64) -> Result<Shape, ProbeError> {
    let (track, audio_bytes) = sound_track(file, bytes)?;
    let exact = track.gapless.samples.filter(|_| track.timescale == track.sample.rate);
    let milliseconds = u128::from(track.duration) * 1000 / u128::from(track.timescale.max(1));
    Ok(Shape {
        codec: track.sample.codec,
        samples: exact,
        duration_ms: u64::try_from(milliseconds).ok().filter(|&ms| ms > 0),
        sample_rate: track.sample.rate,
        channels: track.sample.channels,
        bits_per_sample: track.sample.bits,
        audio_bytes: Some(audio_bytes),
        warnings: track.warnings,
    })
}

/// Whether there is a sound track.
pub(super) fn has_sound(file: &mut (impl Read + Seek), bytes: u64) -> bool {
    sound_track(file, bytes).is_ok()
}

/// What to leave out at the ends of the decoded samples.
pub(crate) fn gapless(file: &mut (impl Read + Seek), bytes: u64) -> Gapless {
    match sound_track(file, bytes) {
        Ok((track, _)) if track.timescale == track.sample.rate => track.gapless,
        _ => Gapless::default(),
    }
}

fn sound_track(file: &mut (impl Read + Seek), bytes: u64) -> Result<(Track, u64), ProbeError> {
    let unreadable =
        |why: &str| ProbeError::Unreadable { kind: "an MP4 file", why: why.to_owned() };
    let (mut at, mut audio_bytes, mut moov, mut is_cut) = (0, 0, None, false);
    for _ in 0..BOXES_MAX {
        let mut header = [0; 16];
        let filled = read_at(file, at, &mut header)?;
        if filled < 8 {
            break;
        }
        let (size, header_bytes) = match be32(&header, 0).unwrap_or(0) {
            0 => (bytes - at, 8),
            1 if filled == 16 => (be64(&header, 8).unwrap_or(0), 16),
            size => (u64::from(size), 8),
        };
        let Some(content) = size.checked_sub(header_bytes) else {
            break;
        };
        match &header[4..8] {
            b"mdat" => audio_bytes += content.min(bytes - at),
            b"moov" if moov.is_none() => {
                let there = content.min(bytes.saturating_sub(at + header_bytes));
                if there > MOOV_BYTES_MAX {
                    return Err(unreadable("its index (moov) is far too large"));
                }
                let mut boxes = vec![0; there as usize];
                read_at(file, at + header_bytes, &mut boxes)?;
                is_cut = there < content;
                moov = Some(boxes);
            }
            _ => {}
        }
        let Some(next) = at.checked_add(size).filter(|&next| next < bytes) else {
            break;
        };
        at = next;
    }
    let moov = moov.ok_or_else(|| unreadable("it has no index (moov): it is cut short"))?;
    let movie_timescale = child(&moov, b"mvhd").and_then(|mvhd| times(mvhd).map(|t| t.0));
    let tracks = children(&moov).filter(|(kind, _)| kind == b"trak").map(|(_, content)| content);
    let found =
        tracks.into_iter().find_map(|trak| track(trak, movie_timescale.unwrap_or(1000), &moov));
    let mut track = found.or_else(|| damaged_track(&moov)).ok_or_else(|| {
        unreadable(match is_cut {
            true => "its index (moov) is cut short before it describes any sound",
            false => "it has no sound track",
        })
    })?;
    if is_cut {
        track.warnings.push("its index (moov) is cut short".to_owned());
    }
    Ok((track, audio_bytes))
}

/// A track whose description is there though the boxes around it are damaged. What its index says of times is not
/// trusted then.
fn damaged_track(moov: &[u8]) -> Option<Track> {
    let sample = (4..moov.len().saturating_sub(8)).find_map(|at| {
        let kind: [u8; 4] = moov[at..at + 4].try_into().ok()?;
        // A sample description goes on with six zeros.
        let is_one = matches!(&kind, b"mp4a" | b"alac") && moov.get(at + 4..at + 10)? == [0; 6];
        let size = be32(moov, at - 4)? as usize;
        let end = moov.len().min((at - 4).saturating_add(size).max(at + 4));
        is_one.then(|| Sample::parse(&kind, &moov[at + 4..end]))?
    })?;
    Some(Track {
        timescale: sample.rate,
        sample,
        duration: 0,
        gapless: Gapless::default(),
        warnings: vec!["its index (moov) is damaged: its length is not known".to_owned()],
    })
}

/// What a sample description says.
struct Sample {
    codec: Codec,
    rate: u32,
    channels: u16,
    bits: Option<u8>,
    is_protected: bool,
}

impl Sample {
    fn parse(kind: &[u8; 4], entry: &[u8]) -> Option<Sample> {
        let mut channels = be16(entry, 16)?;
        let mut rate = be32(entry, 24)? >> 16;
        let (mut bits, mut is_protected) = (None, false);
        let codec = match kind {
            b"mp4a" => Codec::Aac,
            b"alac" => {
                // ALACSpecificConfig, behind version and flags; 16.16 rates end at 65,535 Hz.
                let config = entry.get(28..).and_then(|boxes| child(boxes, b"alac"))?.get(4..)?;
                bits = config.get(5).copied();
                channels = u16::from(*config.get(9)?);
                rate = be32(config, 20)?;
                Codec::Alac
            }
            b"drms" | b"enca" => {
                is_protected = true;
                Codec::Other
            }
            b"fLaC" => Codec::Flac,
            b"Opus" => Codec::Opus,
            b".mp3" => Codec::Mp3,
            _ => Codec::Other,
        };
        let is_sound = rate > 0 && channels > 0;
        is_sound.then_some(Sample { codec, rate, channels, bits, is_protected })
    }
}

/// `None` when the track is no sound track or its tables make no sense.
fn track(trak: &[u8], movie_timescale: u32, moov: &[u8]) -> Option<Track> {
    let mdia = child(trak, b"mdia")?;
    if child(mdia, b"hdlr")?.get(8..12)? != b"soun" {
        return None;
    }
    let (timescale, duration) = times(child(mdia, b"mdhd")?)?;
    let stsd = child(child(child(mdia, b"minf")?, b"stbl")?, b"stsd")?;
    let (kind, entry) = children(stsd.get(8..)?).next()?;
    let sample = Sample::parse(&kind, entry)?;
    let list = child(trak, b"edts").and_then(|edts| child(edts, b"elst")).unwrap_or_default();
    let (edit, parts) = (edits(list).next(), edits(list).count());
    let gapless = itunes(moov).unwrap_or_else(|| {
        let (edit_duration, skip) = edit.unwrap_or((0, 0));
        let natural = duration.saturating_sub(skip);
        let ticks = u128::from(timescale);
        let edited = u128::from(edit_duration) * ticks / u128::from(movie_timescale.max(1));
        // The edit's length is in movie ticks, often milliseconds; the media's is exact. Only an
        // edit that ends more than a tick early is one.
        let tick = ticks / u128::from(movie_timescale.max(1)) + 1;
        let cut = edit_duration > 0 && edited + tick < u128::from(natural);
        let samples = if cut { edited as u64 } else { natural };
        match parts {
            0 | 1 => {
                Gapless { skip, samples: (samples > 0).then_some(samples), is_in_parts: false }
            }
            _ => Gapless { is_in_parts: true, ..Gapless::default() },
        }
    });
    let protected = "it is copy-protected: it is kept, and nothing here opens it".to_owned();
    let warnings = sample.is_protected.then_some(protected).into_iter().collect();
    Some(Track { sample, timescale, duration, gapless, warnings })
}

/// Duration in movie ticks and start in media ticks of the edits that are not empty, of the first 16.
fn edits(elst: &[u8]) -> impl Iterator<Item = (u64, u64)> {
    let wide = elst.first() == Some(&1);
    let count = be32(elst, 4).unwrap_or(0).min(16) as usize;
    (0..count).filter_map(move |index| {
        let (duration, start) = if wide {
            let at = 8 + index * 20;
            (be64(elst, at)?, be64(elst, at + 8)? as i64)
        } else {
            let at = 8 + index * 12;
            (u64::from(be32(elst, at)?), i64::from(be32(elst, at + 4)? as i32))
        };
        u64::try_from(start).ok().map(|start| (duration, start))
    })
}

/// ` 00000000 00000840 000001CA 00000000003F31F6 ...`: delay, padding, samples, in hexadecimal.
fn itunes(moov: &[u8]) -> Option<Gapless> {
    let find = |from: usize, what: &[u8], within: usize| {
        let end = (from + within).min(moov.len());
        moov.get(from..end)?.windows(what.len()).position(|w| w == what).map(|p| from + p)
    };
    let name = find(0, b"iTunSMPB", moov.len())?;
    let text = find(name, b"data", 64)? + 12;
    let text = std::str::from_utf8(moov.get(text..text + 48)?).ok()?;
    let mut numbers = text.split_ascii_whitespace().map(|n| u64::from_str_radix(n, 16).ok());
    let (_, skip, _, samples) =
        (numbers.next()??, numbers.next()??, numbers.next()??, numbers.next()??);
    (samples > 0).then_some(Gapless { skip, samples: Some(samples), is_in_parts: false })
}

/// Timescale and duration from `mvhd` or `mdhd`.
fn times(header: &[u8]) -> Option<(u32, u64)> {
    let (timescale, duration) = match header.first()? {
        1 => (be32(header, 20)?, be64(header, 24)?),
        _ => (be32(header, 12)?, u64::from(be32(header, 16)?)),
    };
    (timescale > 0).then_some((timescale, duration))
}

fn child<'a>(boxes: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    children(boxes).find(|(found, _)| found == kind).map(|(_, content)| content)
}

/// The boxes one after another; ends at the first that does not fit.
fn children(mut rest: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    std::iter::from_fn(move || {
        let size = be32(rest, 0)? as usize;
        let kind = rest.get(4..8)?.try_into().ok()?;
        let size = if size == 0 { rest.len() } else { size };
        let content = rest.get(8..size)?;
        rest = &rest[size..];
        Some((kind, content))
    })
}

pub(crate) fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

pub(crate) fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

pub(crate) fn be64(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_be_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}
