//! A block of the list: 64 recordings that follow each other, as catalog.sqlite keeps them. The format is specified in
//! docs/formats/edition.md.
//!
//! WHY blocks: a row of SQLite takes a dozen bytes before it says anything and cannot share a title's letters with
//! its neighbours. Column by column in bits, and the texts through zstd with a dictionary, a recording takes half of
//! what its row took, and a search's twenty hits are still decoded in half a millisecond.

use crate::bits::{BitReader, BitWriter, unzigzag, zigzag};
use crate::leb128::{read_number, write_number};
use deadwax_model::RecordingId;
use std::io;
use std::ops::Range;
use zstd::bulk::{Compressor, Decompressor};

/// Recordings of a block; the last has what is left.
pub(crate) const BLOCK_RECORDINGS: u32 = 64;

/// Ends a text: a byte that UTF-8 never has.
pub(crate) const END_OF_TEXT: u8 = 0xFF;

/// Most bytes that the texts of one block may have.
const TEXT_BYTES: usize = 64 << 20;

/// Numbers below an ISRC's registrant and year: five digits.
pub(crate) const ISRC_DESIGNATIONS: u64 = 100_000;

/// A recording as a block has it: numbers stand for what other tables know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BlockRow {
    pub(crate) head: Head,
    pub(crate) id: BlockId,
    pub(crate) title: String,
    /// The credit as printed, each name that is an artist's replaced by [`NAME`]; empty when it is the one artist's.
    pub(crate) credit: Vec<u8>,
    pub(crate) duration_ms: Option<u64>,
    pub(crate) artists: Vec<u32>,
    pub(crate) tracks: Vec<BlockTrack>,
    pub(crate) isrcs: Vec<BlockIsrc>,
}

/// What counts and filters ask for; it is first in a block and can be read without the rest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) state: u32,
    pub(crate) listens: Option<u64>,
    pub(crate) popularity: Option<u8>,
    pub(crate) year: Option<u16>,
}

/// A head, and the duration in milliseconds.
pub(crate) type HeadLength = (Head, Option<u64>);

/// Stands for an artist's name in a credit.
pub(crate) const NAME: u8 = 0xFE;

/// Where a recording's id is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BlockId {
    /// Its own.
    Own(RecordingId),
    /// A row of the collection with this number (from 1), from which the id follows.
    Row(u32, u64),
}

/// A place on a release; 0 = not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct BlockTrack {
    pub(crate) release: u32,
    pub(crate) disc: u32,
    pub(crate) position: u32,
}

/// An ISRC: the number of its registrant and year, and the designation; or whole, with number 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BlockIsrc {
    pub(crate) registrant: u32,
    pub(crate) rest: u64,
}

/// Writes blocks.
pub(crate) struct BlockWriter {
    texts: Compressor<'static>,
    next_artist: u32,
    next_release: u32,
}

impl BlockWriter {
    /// With the dictionary that readers will be given; empty for none.
    pub(crate) fn new(dictionary: &[u8], level: i32) -> io::Result<BlockWriter> {
        let texts = text_compressor(dictionary, level)?;
        Ok(BlockWriter { texts, next_artist: 1, next_release: 1 })
    }

    /// The bytes of a block. `rows` follow those of the block before.
    pub(crate) fn write(&mut self, rows: &[BlockRow]) -> io::Result<Vec<u8>> {
        let mut bits = BitWriter::default();
        bits.bits(self.next_artist.into(), 32);
        bits.bits(self.next_release.into(), 32);
        let heads = || rows.iter().map(|row| row.head);
        bits.column(&differences(heads().map(|head| head.state.into())));
        bits.column(&differences(heads().map(|head| maybe(head.listens) as i64)));
        bits.column(&differences(heads().map(|head| maybe(head.popularity.map(u64::from)) as i64)));
        let latest = heads().filter_map(|head| head.year).max().unwrap_or(0);
        bits.bits(latest.into(), 16);
        let years = heads().map(|head| maybe(head.year.map(|year| u64::from(latest - year))));
        bits.column(&years.collect::<Vec<_>>());

        let column = |of: &dyn Fn(&BlockRow) -> u64| rows.iter().map(of).collect::<Vec<_>>();
        bits.column(&column(&|row| row.artists.len() as u64));
        bits.column(&column(&|row| row.tracks.len() as u64));
        bits.column(&column(&|row| row.isrcs.len() as u64));
        let shortest = rows.iter().filter_map(|row| row.duration_ms).min().unwrap_or(0);
        bits.bits(shortest, 64);
        bits.column(&column(&|row| maybe(row.duration_ms.map(|length| length - shortest))));
        bits.column(&column(&|row| match row.id {
            BlockId::Own(_) => 0,
            BlockId::Row(collection, _) => collection.into(),
        }));
        let ids: Vec<u64> = rows.iter().filter_map(|row| row.id.row()).collect();
        bits.column(&ids);
        for row in rows {
            if let BlockId::Own(id) = &row.id {
                id.to_bytes().into_iter().for_each(|byte| bits.bits(byte.into(), 8));
            }
        }
        let artists: Vec<u32> = rows.iter().flat_map(|row| row.artists.iter().copied()).collect();
        self.next_artist = first_seen(&mut bits, &artists, self.next_artist);
        let tracks = || rows.iter().flat_map(|row| row.tracks.iter());
        let releases: Vec<u32> = tracks().map(|track| track.release).collect();
        self.next_release = first_seen(&mut bits, &releases, self.next_release);
        bits.column(&tracks().map(|track| track.disc.into()).collect::<Vec<_>>());
        bits.column(&tracks().map(|track| track.position.into()).collect::<Vec<_>>());
        let isrcs = || rows.iter().flat_map(|row| row.isrcs.iter());
        bits.column(&isrcs().map(|isrc| isrc.registrant.into()).collect::<Vec<_>>());
        bits.column(&isrcs().map(|isrc| isrc.rest).collect::<Vec<_>>());

        let mut texts = Vec::new();
        for row in rows {
            texts.extend(row.title.bytes());
            texts.push(END_OF_TEXT);
        }
        for row in rows {
            texts.extend(&row.credit);
            texts.push(END_OF_TEXT);
        }
        packed(bits, &texts, &mut self.texts)
    }
}

/// Reads blocks.
pub(crate) struct BlockReader {
    texts: Decompressor<'static>,
}

impl BlockReader {
    pub(crate) fn new(dictionary: &[u8]) -> io::Result<BlockReader> {
        Ok(BlockReader { texts: Decompressor::with_dictionary(dictionary)? })
    }

    /// The recordings at `wanted` of a block of `count`.
    pub(crate) fn read(
        &mut self,
        block: &[u8],
        count: usize,
        wanted: Range<usize>,
    ) -> io::Result<Vec<BlockRow>> {
        let (bits, texts) = unpacked(block, &mut self.texts)?;
        let mut bits = BitReader::new(bits);
        let next_artist = bits.bits(32) as u32;
        let next_release = bits.bits(32) as u32;
        let heads = read_heads(&mut bits, count);
        let mut numbers = |count: usize| -> Vec<u64> {
            let mut values = Vec::with_capacity(count);
            bits.column(count, |value| values.push(value));
            values
        };
        let artist_counts = numbers(count);
        let track_counts = numbers(count);
        let isrc_counts = numbers(count);
        let sum =
            |counts: &[u64]| counts.iter().fold(0u64, |sum, count| sum.saturating_add(*count));
        let sums = [sum(&artist_counts), sum(&track_counts), sum(&isrc_counts)];
        // Each of them takes a bit at least.
        if sum(&sums) > bits.left() as u64 {
            return Err(damaged());
        }
        let [artist_sum, track_sum, isrc_sum] = sums.map(|sum| sum as usize);
        let durations = read_durations(&mut bits, count);
        let mut collections = Vec::with_capacity(count);
        bits.column(count, |value| collections.push(value as u32));
        let mut ids = Vec::with_capacity(count);
        bits.column(collections.iter().filter(|number| **number > 0).count(), |id| ids.push(id));
        let mut ids = ids.into_iter();
        let ids: Vec<BlockId> = collections
            .into_iter()
            .map(|collection| match collection {
                0 => {
                    let mut bytes = [0; 10];
                    bytes.iter_mut().for_each(|byte| *byte = bits.bits(8) as u8);
                    BlockId::Own(RecordingId::from_bytes(bytes))
                }
                collection => BlockId::Row(collection, ids.next().unwrap_or_default()),
            })
            .collect();
        let artists = seen_first(&mut bits, artist_sum, next_artist);
        let releases = seen_first(&mut bits, track_sum, next_release);
        let mut tracks: Vec<BlockTrack> = releases
            .into_iter()
            .map(|release| BlockTrack { release, disc: 0, position: 0 })
            .collect();
        let mut each = tracks.iter_mut();
        bits.column(track_sum, |disc| each.next().into_iter().for_each(|it| it.disc = disc as u32));
        let mut each = tracks.iter_mut();
        bits.column(track_sum, |place| {
            each.next().into_iter().for_each(|it| it.position = place as u32);
        });
        let mut isrcs = Vec::with_capacity(isrc_sum);
        bits.column(isrc_sum, |number| {
            isrcs.push(BlockIsrc { registrant: number as u32, rest: 0 });
        });
        let mut each = isrcs.iter_mut();
        bits.column(isrc_sum, |rest| each.next().into_iter().for_each(|it| it.rest = rest));
        if !bits.is_at_end() {
            return Err(damaged());
        }

        let mut texts = texts.split(|byte| *byte == END_OF_TEXT);
        let titles: Vec<&[u8]> = texts.by_ref().take(count).skip(wanted.start).collect();
        let credits: Vec<&[u8]> = texts.take(wanted.end).skip(wanted.start).collect();
        let skipped = |counts: &[u64]| counts[..wanted.start].iter().sum::<u64>() as usize;
        let mut artists = artists.into_iter().skip(skipped(&artist_counts));
        let mut tracks = tracks.into_iter().skip(skipped(&track_counts));
        let mut isrcs = isrcs.into_iter().skip(skipped(&isrc_counts));
        if titles.len() < wanted.len() || credits.len() < wanted.len() {
            return Err(damaged());
        }
        let mut rows = Vec::with_capacity(wanted.len());
        for (place, (title, credit)) in wanted.zip(titles.into_iter().zip(credits)) {
            rows.push(BlockRow {
                head: heads[place],
                id: ids[place].clone(),
                title: std::str::from_utf8(title).map_err(|_| damaged())?.to_owned(),
                credit: credit.to_vec(),
                duration_ms: durations[place],
                artists: artists.by_ref().take(artist_counts[place] as usize).collect(),
                tracks: tracks.by_ref().take(track_counts[place] as usize).collect(),
                isrcs: isrcs.by_ref().take(isrc_counts[place] as usize).collect(),
            });
        }
        Ok(rows)
    }
}

/// Only the heads and the durations of a block of `count`.
pub(crate) fn block_lengths(block: &[u8], count: usize) -> io::Result<Vec<HeadLength>> {
    let mut bits = BitReader::new(bits_of(block)?.0);
    bits.bits(64);
    let heads = read_heads(&mut bits, count);
    // How many artists, tracks and ISRCs each has.
    (0..3).for_each(|_| bits.column(count, |_| ()));
    let durations = read_durations(&mut bits, count);
    if bits.is_over() { Err(damaged()) } else { Ok(heads.into_iter().zip(durations).collect()) }
}

/// Only the heads of a block of `count`.
pub(crate) fn block_heads(block: &[u8], count: usize) -> io::Result<Vec<Head>> {
    let mut bits = BitReader::new(bits_of(block)?.0);
    bits.bits(64);
    let heads = read_heads(&mut bits, count);
    if bits.is_over() { Err(damaged()) } else { Ok(heads) }
}

fn read_heads(bits: &mut BitReader<'_>, count: usize) -> Vec<Head> {
    let mut heads = vec![Head::default(); count];
    let mut sums = |bits: &mut BitReader<'_>, set: fn(&mut Head, u64)| {
        let (mut sum, mut each) = (0i64, heads.iter_mut());
        bits.column(count, |value| {
            sum = sum.wrapping_add(unzigzag(value));
            each.next().into_iter().for_each(|head| set(head, sum as u64));
        });
    };
    sums(bits, |head, state| head.state = state as u32);
    sums(bits, |head, listens| head.listens = known(listens));
    sums(bits, |head, popularity| head.popularity = known(popularity).map(|value| value as u8));
    let latest = bits.bits(16) as u16;
    let mut each = heads.iter_mut();
    bits.column(count, |value| {
        let year = known(value).map(|before| latest.wrapping_sub(before as u16));
        each.next().into_iter().for_each(|head| head.year = year);
    });
    heads
}

fn read_durations(bits: &mut BitReader<'_>, count: usize) -> Vec<Option<u64>> {
    let shortest = bits.bits(64);
    let mut durations = Vec::with_capacity(count);
    bits.column(count, |value| {
        durations.push(known(value).map(|more| shortest.wrapping_add(more)));
    });
    durations
}

/// A block: the length of its bits in bytes (LEB128), the bits, the compressed texts.
pub(crate) fn packed(
    bits: BitWriter,
    texts: &[u8],
    zstd: &mut Compressor<'_>,
) -> io::Result<Vec<u8>> {
    let bits = bits.finish();
    let texts = zstd.compress(texts)?;
    let mut block = Vec::with_capacity(bits.len() + texts.len() + 4);
    write_number(&mut block, bits.len() as u64)?;
    block.extend(bits);
    block.extend(texts);
    Ok(block)
}

/// The bits and the texts of a block.
pub(crate) fn unpacked<'b>(
    block: &'b [u8],
    zstd: &mut Decompressor<'_>,
) -> io::Result<(&'b [u8], Vec<u8>)> {
    let (bits, texts) = bits_of(block)?;
    Ok((bits, zstd.decompress(texts, TEXT_BYTES)?))
}

/// The bits of a block, and its compressed texts.
fn bits_of(block: &[u8]) -> io::Result<(&[u8], &[u8])> {
    let mut rest = block;
    let length = read_number(&mut rest).map_err(|_| damaged())?;
    let length = usize::try_from(length).ok().filter(|length| *length <= rest.len());
    Ok(rest.split_at(length.ok_or_else(damaged)?))
}

/// Frames say their content's size, and nothing else: which dictionary they need is known.
pub(crate) fn text_compressor(dictionary: &[u8], level: i32) -> io::Result<Compressor<'static>> {
    let mut texts = Compressor::with_dictionary(level, dictionary)?;
    texts.set_parameter(zstd::zstd_safe::CParameter::DictIdFlag(false))?;
    texts.set_parameter(zstd::zstd_safe::CParameter::ChecksumFlag(false))?;
    Ok(texts)
}

/// What is wrong with bytes that are no block.
pub(crate) fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a block of it is damaged")
}

/// 0 is how a block says that nobody knows.
pub(crate) fn maybe(value: Option<u64>) -> u64 {
    value.map_or(0, |value| value.saturating_add(1).min(u64::MAX - 1))
}

pub(crate) fn known(value: u64) -> Option<u64> {
    value.checked_sub(1)
}

fn differences(values: impl Iterator<Item = i64>) -> Vec<u64> {
    let mut before = 0;
    values.map(|value| zigzag(value.wrapping_sub(std::mem::replace(&mut before, value)))).collect()
}

/// Numbers that were given out in the order of first appearance: a bit says that one is the next new one. Gives the
/// one after the last new.
fn first_seen(bits: &mut BitWriter, numbers: &[u32], mut next: u32) -> u32 {
    let mut before = Vec::with_capacity(numbers.len());
    for number in numbers {
        let is_new = *number == next;
        bits.bits(is_new.into(), 1);
        match is_new {
            true => next += 1,
            false => before.push(u64::from(*number)),
        }
    }
    bits.column(&before);
    next
}

/// What [`first_seen`] was given.
fn seen_first(bits: &mut BitReader<'_>, count: usize, mut next: u32) -> Vec<u32> {
    let mut old = 0;
    let mut numbers: Vec<u32> = (0..count)
        .map(|_| match bits.bits(1) {
            1 => {
                next = next.wrapping_add(1);
                next.wrapping_sub(1)
            }
            _ => {
                old += 1;
                0
            }
        })
        .collect();
    let mut gaps = numbers.iter_mut().filter(|number| **number == 0);
    bits.column(old, |number| gaps.next().into_iter().for_each(|gap| *gap = number as u32));
    numbers
}

impl BlockId {
    fn row(&self) -> Option<u64> {
        match self {
            BlockId::Own(_) => None,
            BlockId::Row(_, id) => Some(*id),
        }
    }
}
