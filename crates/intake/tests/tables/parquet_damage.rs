//! Parquet files whose directory or page headers say something else than they seem to: fields of the wrong
//! type, fields that are there twice, and bytes that are changed, cut out and repeated at random.

use super::Folder;
use super::written::{encoded, ints, parquet_with, texts};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::metadata::ParquetMetaDataReader;
use parquet::file::properties::WriterVersion;
use proptest::prelude::*;
use std::ops::Range;
use std::time::{Duration, Instant};

const ARTIST: &str = "required int64 id; optional binary name (string);";
/// The length of the directory and the magic number.
const TAIL_BYTES: usize = 8;
/// No page header of the small files here is longer.
const HEADER_BYTES: usize = 48;

fn refusal(content: &[u8]) -> String {
    let folder = Folder::new();
    folder.write("artist.parquet", content);
    folder.refusal("artist.parquet")
}

/// A small table, with as many pages and kinds of pages as there are manners.
fn small(version: WriterVersion, is_packed: bool, compression: Compression) -> Vec<u8> {
    let ids: Vec<i64> = (0..50).collect();
    let names: Vec<String> = ids.iter().map(|id| format!("Name {}", id % 10)).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    parquet_with(ARTIST, &[&[ints(&ids), texts(&names)]], |properties| {
        let properties = properties
            .set_writer_version(version)
            .set_compression(compression)
            .set_data_page_row_count_limit(20)
            .set_write_batch_size(10);
        match is_packed {
            true => encoded(properties, Encoding::DELTA_BINARY_PACKED)
                .set_column_encoding("name".into(), Encoding::DELTA_LENGTH_BYTE_ARRAY),
            false => properties,
        }
    })
}

fn plain() -> Vec<u8> {
    small(WriterVersion::PARQUET_1_0, false, Compression::UNCOMPRESSED)
}

/// Where a file has its directory.
fn directory(file: &[u8]) -> Range<usize> {
    let end = file.len() - TAIL_BYTES;
    let length: [u8; 4] = file[end..end + 4].try_into().unwrap();
    end - u32::from_le_bytes(length) as usize..end
}

/// The file with another directory.
fn with_directory(file: &[u8], directory_bytes: &[u8]) -> Vec<u8> {
    let length = (directory_bytes.len() as u32).to_le_bytes();
    [&file[..directory(file).start], directory_bytes, &length, b"PAR1"].concat()
}

/// Where the first bytes of its column chunks are: page headers.
fn headers(file: &[u8]) -> Vec<Range<usize>> {
    let metadata = ParquetMetaDataReader::decode_metadata(&file[directory(file)]).unwrap();
    let chunks = metadata.row_groups().iter().flat_map(|group| group.columns());
    let offsets = chunks.flat_map(|chunk| {
        [Some(chunk.data_page_offset()), chunk.dictionary_page_offset()].into_iter().flatten()
    });
    offsets.map(|start| start as usize..start as usize + HEADER_BYTES).collect()
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// The decoder goes by the numbers of fields alone: a version that is said to be a text is a number to it,
/// and what follows is the text, here a schema of 100,000 nodes, each within the one before.
#[test]
fn a_schema_that_hides_in_a_field_of_the_wrong_type_is_refused() {
    let nodes = 100_000;
    let mut hidden = [vec![0x19, 0xFC], varint(nodes)].concat();
    for _ in 0..nodes {
        hidden.extend([0x35, 0, 0x18, 1, b'x', 0x15, 2, 0]);
    }
    let file = plain();
    let sound = &file[directory(&file)];
    assert_eq!(sound[..2], [0x15, 2], "a version");
    let hostile =
        [&[0x18][..], &varint(hidden.len() as u64), hidden.as_slice(), &sound[2..]].concat();
    let said = refusal(&with_directory(&file, &hostile));
    assert!(
        said.contains("version of FileMetaData is a text, not an integer of 32 bits"),
        "{said}"
    );
}

/// Of a schema that is there twice the decoder takes the first, of most other fields the last.
#[test]
fn a_second_schema_is_refused() {
    let file = plain();
    let sound = &file[directory(&file)];
    let mut hostile = sound[..sound.len() - 1].to_vec();
    // Field 2 by its whole number, a list of one node that has 2^30 children.
    hostile.extend([0x09, 4, 0x1C, 0x48, 1, b'x', 0x15, 0x80, 0x80, 0x80, 0x80, 8, 0, 0]);
    let said = refusal(&with_directory(&file, &hostile));
    assert!(said.contains("schema of FileMetaData is there twice"), "{said}");
}

#[test]
fn a_page_that_gives_its_size_twice_is_refused() {
    for compression in [Compression::UNCOMPRESSED, Compression::SNAPPY] {
        let file = small(WriterVersion::PARQUET_1_0, true, compression);
        let header = &file[4..4 + HEADER_BYTES];
        assert_eq!((header[0], header[2]), (0x15, 0x15));
        // Behind the type and both sizes: field 2 again, by its whole number, of 2^31-1 bytes.
        let sizes = header.iter().enumerate().filter(|(_, byte)| **byte == 0x15);
        let third = sizes.map(|(place, _)| place).nth(2).unwrap();
        let behind = third + 1 + header[third + 1..].iter().position(|byte| *byte < 0x80).unwrap();
        let mut hostile = file.clone();
        let end = 4 + behind + 1;
        // A field of the header's own goes on counting from 3.
        let repeat = [0x05, 4, 0xFE, 0xFF, 0xFF, 0xFF, 0x0F, 0x05, 6];
        let packed: Vec<u8> = file[4 + third + 1..end].to_vec();
        hostile.splice(end..end, repeat.into_iter().chain(packed));
        let said = refusal(&hostile);
        assert!(said.contains("uncompressed_page_size of PageHeader is there twice"), "{said}");
    }
}

#[test]
fn a_page_size_of_another_type_is_refused() {
    let file = plain();
    for (kind, words) in [(0x13, "an integer of 8 bits"), (0x18, "a text")] {
        let mut hostile = file.clone();
        hostile[6] = kind;
        let said = refusal(&hostile);
        let want = format!("uncompressed_page_size of PageHeader is {words}");
        assert!(said.contains(&want), "{said}");
        assert!(said.contains("what follows its row 0"), "{said}");
    }
}

#[test]
fn a_dictionary_of_millions_of_empty_texts_is_refused() {
    let empty = vec![""; 50];
    let ids: Vec<i64> = (0..50).collect();
    let file = parquet_with(ARTIST, &[&[ints(&ids), texts(&empty)]], |properties| {
        properties.set_compression(Compression::ZSTD(ZstdLevel::default()))
    });
    let start = headers(&file)[3].start;
    // A page of 8 Mi texts of no bytes: 32 MiB of zeros, which pack to nearly nothing.
    let values: u64 = 8 << 20;
    let packed = zeros_as_zstd(4 * values);
    let header = [
        vec![0x15, 4, 0x15],
        varint(2 * 4 * values),
        vec![0x15],
        varint(2 * packed.len() as u64),
        vec![0x4C, 0x15],
        varint(2 * values),
        vec![0x15, 0, 0, 0],
    ]
    .concat();
    let page = [header, packed].concat();
    let hostile = rewritten(&file, start, &page);
    let said = refusal(&hostile);
    assert!(said.contains("8388608 entries, 4194304 are taken at most"), "{said}");
}

/// The zstd frame of so many zeros: a block of one repeated byte for each 128 KiB.
fn zeros_as_zstd(mut bytes: u64) -> Vec<u8> {
    // Magic number; no checksum, a window of 1 MiB.
    let mut frame = vec![0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x50];
    while bytes > 0 {
        let block = bytes.min(128 << 10);
        bytes -= block;
        let head = (block as u32) << 3 | 1 << 1 | u32::from(bytes == 0);
        frame.extend(&head.to_le_bytes()[..3]);
        frame.push(0);
    }
    frame
}

/// The file with a page put over what is at a place, and room made for it: what followed is gone.
fn rewritten(file: &[u8], start: usize, page: &[u8]) -> Vec<u8> {
    let mut data = file[..start].to_vec();
    data.extend(page);
    let at = directory(file);
    // The column chunk's length: field 7 behind fields 5 and 6, all integers of 64 bits.
    let metadata = ParquetMetaDataReader::decode_metadata(&file[at.clone()]).unwrap();
    let chunk = metadata.row_group(0).column(1);
    let wanted = [
        vec![0x16],
        varint(2 * chunk.num_values() as u64),
        vec![0x16],
        varint(2 * chunk.uncompressed_size() as u64),
        vec![0x16],
    ]
    .concat();
    let length = varint(2 * chunk.compressed_size() as u64);
    let whole = [wanted.as_slice(), &length].concat();
    let directory_bytes = &file[at];
    let place = directory_bytes.windows(whole.len()).position(|bytes| *bytes == whole).unwrap();
    let mut other = directory_bytes[..place + wanted.len()].to_vec();
    other.extend(varint(2 * page.len() as u64));
    other.extend(&directory_bytes[place + whole.len()..]);
    let tail = (other.len() as u32).to_le_bytes();
    [data.as_slice(), &other, &tail, b"PAR1"].concat()
}

/// What is done to a part of a file.
#[derive(Debug, Clone)]
enum Harm {
    /// A byte becomes another.
    Set(prop::sample::Index, u8),
    /// Some bytes go.
    Cut(prop::sample::Index, usize),
    /// Some bytes come twice.
    Repeat(prop::sample::Index, usize),
    /// Some bytes come again over those that follow them.
    Smear(prop::sample::Index, usize),
    /// Other bytes come between.
    Insert(prop::sample::Index, Vec<u8>),
}

impl Harm {
    fn apply(&self, part: &mut Vec<u8>) {
        let (Harm::Set(at, _)
        | Harm::Cut(at, _)
        | Harm::Repeat(at, _)
        | Harm::Smear(at, _)
        | Harm::Insert(at, _)) = self;
        if part.is_empty() {
            return;
        }
        let at = at.index(part.len());
        match self {
            Harm::Set(_, byte) => part[at] = *byte,
            Harm::Cut(_, length) => drop(part.drain(at..(at + length).min(part.len()))),
            Harm::Repeat(_, length) => {
                let again = part[at..(at + length).min(part.len())].to_vec();
                part.splice(at..at, again);
            }
            Harm::Smear(_, length) => {
                let length = (*length).min((part.len() - at) / 2);
                part.copy_within(at..at + length, at + length);
            }
            Harm::Insert(_, bytes) => drop(part.splice(at..at, bytes.iter().copied())),
        }
    }
}

fn harm() -> impl Strategy<Value = Harm> {
    use prop::sample::Index;
    // Heads of fields and lists, and large numbers, more often than other bytes.
    let byte = || {
        prop_oneof![
            any::<u8>(),
            (0u8..16, 0u8..14).prop_map(|(delta, kind)| delta << 4 | kind),
            prop::sample::select(vec![0, 1, 2, 4, 0x7F, 0x80, 0xFC, 0xFE, 0xFF]),
        ]
    };
    prop_oneof![
        4 => (any::<Index>(), byte()).prop_map(|(at, byte)| Harm::Set(at, byte)),
        1 => (any::<Index>(), 1usize..40).prop_map(|(at, length)| Harm::Cut(at, length)),
        1 => (any::<Index>(), 1usize..400).prop_map(|(at, length)| Harm::Repeat(at, length)),
        1 => (any::<Index>(), 1usize..40).prop_map(|(at, length)| Harm::Smear(at, length)),
        2 => (any::<Index>(), prop::collection::vec(byte(), 1..12))
            .prop_map(|(at, bytes)| Harm::Insert(at, bytes)),
    ]
}

/// So many cases, or `PROPTEST_CASES` of them.
fn cases(default: u32) -> ProptestConfig {
    let wanted = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig::with_cases(wanted.unwrap_or(default))
}

proptest! {
    #![proptest_config(cases(600))]

    /// There are rows or a sentence, and soon.
    #[test]
    fn harm_to_directory_and_headers_is_a_refusal_or_other_rows(
        in_directory in prop::collection::vec(harm(), 0..4),
        in_headers in prop::collection::vec((any::<prop::sample::Index>(), harm()), 0..4),
        version in prop::sample::select(vec![WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0]),
        is_packed in any::<bool>(),
        compression in prop::sample::select(vec![
            Compression::UNCOMPRESSED,
            Compression::SNAPPY,
            Compression::ZSTD(ZstdLevel::default()),
        ]),
    ) {
        let mut file = small(version, is_packed, compression);
        let headers = headers(&file);
        for (which, harm) in &in_headers {
            let at = headers[which.index(headers.len())].clone();
            let mut part = file[at.clone()].to_vec();
            harm.apply(&mut part);
            // What the directory says of places stays true.
            part.resize(at.len(), 0);
            file[at].copy_from_slice(&part);
        }
        let mut directory_bytes = file[directory(&file)].to_vec();
        in_directory.iter().for_each(|harm| harm.apply(&mut directory_bytes));
        let folder = Folder::new();
        folder.write("artist.parquet", with_directory(&file, &directory_bytes));
        let begin = Instant::now();
        let said = folder.open("artist.parquet").and_then(|mut reader| {
            // A file may say that a page has billions of rows that are all the same.
            for _ in 0..50 {
                if reader.next_batch()?.is_none() {
                    break;
                }
            }
            Ok(())
        });
        if let Err(refusal) = said {
            prop_assert!(!refusal.what.is_empty() && !refusal.next.is_empty());
        }
        prop_assert!(begin.elapsed() < Duration::from_secs(30));
    }
}
