//! A block of releases: 64 that follow each other in number, as catalog.sqlite keeps them. The format is specified in
//! docs/formats/edition.md.

use crate::bits::{BitReader, BitWriter};
use crate::block::{END_OF_TEXT, damaged, packed, text_compressor, unpacked};
use std::io;
use zstd::bulk::{Compressor, Decompressor};

/// Releases of a block; the last has what is left.
pub(crate) const BLOCK_RELEASES: u32 = 64;

/// A release as a block has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReleaseRow {
    pub(crate) title: String,
    pub(crate) artist: ReleaseArtist,
    pub(crate) date: Option<String>,
}

/// The artist of a release as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ReleaseArtist {
    /// Not known.
    None,
    /// The artist with this number.
    Number(u32),
    /// A text that is nobody's name in the list so far.
    Text(String),
}

/// Writes blocks of releases.
pub(crate) struct ReleaseBlockWriter {
    texts: Compressor<'static>,
}

impl ReleaseBlockWriter {
    pub(crate) fn new(dictionary: &[u8], level: i32) -> io::Result<ReleaseBlockWriter> {
        Ok(ReleaseBlockWriter { texts: text_compressor(dictionary, level)? })
    }

    pub(crate) fn write(&mut self, rows: &[ReleaseRow]) -> io::Result<Vec<u8>> {
        let mut bits = BitWriter::default();
        let mut texts = Vec::new();
        for row in rows {
            texts.extend(row.title.bytes());
            texts.push(END_OF_TEXT);
        }
        let artists = rows.iter().map(|row| match &row.artist {
            ReleaseArtist::None => 0,
            ReleaseArtist::Number(number) => u64::from(*number) + 1,
            ReleaseArtist::Text(text) => {
                texts.extend(text.bytes());
                texts.push(END_OF_TEXT);
                1
            }
        });
        bits.column(&artists.collect::<Vec<_>>());
        let days: Vec<Option<u64>> =
            rows.iter().map(|row| row.date.as_deref().and_then(number_of_date)).collect();
        for (row, day) in rows.iter().zip(&days) {
            if let (Some(date), None) = (&row.date, day) {
                texts.extend(date.bytes());
                texts.push(END_OF_TEXT);
            }
        }
        // 0: not known; 1: as text; else the number, from the latest down.
        let latest = days.iter().flatten().max().copied().unwrap_or(0);
        bits.bits(latest, 32);
        let days = rows.iter().zip(&days).map(|(row, day)| match (day, &row.date) {
            (Some(day), _) => latest - day + 2,
            (None, Some(_)) => 1,
            (None, None) => 0,
        });
        bits.column(&days.collect::<Vec<_>>());
        packed(bits, &texts, &mut self.texts)
    }
}

/// The release at `place` of a block of `count`.
pub(crate) fn read_release(
    block: &[u8],
    count: usize,
    place: usize,
    zstd: &mut Decompressor<'_>,
) -> io::Result<ReleaseRow> {
    let (bits, texts) = unpacked(block, zstd)?;
    let mut bits = BitReader::new(bits);
    let mut artists = Vec::with_capacity(count);
    bits.column(count, |value| artists.push(value));
    let latest = bits.bits(32);
    let mut days = Vec::with_capacity(count);
    bits.column(count, |value| days.push(value));
    if !bits.is_at_end() || place >= count {
        return Err(damaged());
    }
    // All titles, then the artists that are texts, then the dates that are.
    let text = |number: usize| {
        let text = texts.split(|byte| *byte == END_OF_TEXT).nth(number);
        let text = text.and_then(|text| std::str::from_utf8(text).ok());
        text.map(str::to_owned).ok_or_else(damaged)
    };
    let ones = |values: &[u64]| values.iter().filter(|value| **value == 1).count();
    Ok(ReleaseRow {
        title: text(place)?,
        artist: match artists[place] {
            0 => ReleaseArtist::None,
            1 => ReleaseArtist::Text(text(count + ones(&artists[..place]))?),
            number => ReleaseArtist::Number((number - 1) as u32),
        },
        date: match days[place] {
            0 => None,
            1 => Some(text(count + ones(&artists) + ones(&days[..place]))?),
            back => Some(date_of_number(latest.wrapping_sub(back - 2))),
        },
    })
}

/// `YYYY`, `YYYY-MM` and `YYYY-MM-DD` as a number that rises with the date; other texts are none. 0 is a month or
/// day that is not said, so `2001-00` is a text.
fn number_of_date(date: &str) -> Option<u64> {
    let digits = |range: std::ops::Range<usize>| -> Option<u64> {
        let digits = date.get(range)?;
        digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    let part = |from: usize, most: u64| -> Option<u64> {
        let is_there = date.as_bytes().get(from) == Some(&b'-');
        digits(from + 1..from + 3).filter(|part| is_there && (1..=most).contains(part))
    };
    let year = digits(0..4)?;
    let (month, day) = match date.len() {
        4 => (0, 0),
        7 => (part(4, 12)?, 0),
        10 => (part(4, 12)?, part(7, 31)?),
        _ => return None,
    };
    Some((year * 13 + month) * 32 + day)
}

fn date_of_number(number: u64) -> String {
    let (year, month, day) = (number / 32 / 13 % 10_000, number / 32 % 13, number % 32);
    match (month, day) {
        (0, _) => format!("{year:04}"),
        (_, 0) => format!("{year:04}-{month:02}"),
        _ => format!("{year:04}-{month:02}-{day:02}"),
    }
}
