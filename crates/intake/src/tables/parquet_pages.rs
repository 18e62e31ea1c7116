//! Bounds on what a Parquet file can make its decoder do. A few bytes of a page can ask for gigabytes; the
//! decoder trusts them, so they are looked at first.
//!
//! Formats: github.com/apache/parquet-format (parquet.thrift, Encodings.md).

use super::parquet_structs::{PAGE, PAGE_PACKED, PAGE_UNPACKED};
use super::parquet_thrift::{Unsound, Walk, varint};
use bytes::Bytes;
use parquet::basic::Encoding;
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::serialized_reader::SerializedPageReader;
use std::fs::File;
use std::io::{self, Cursor};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

/// Most bytes of a page, packed or not. Writers make pages of 1 MB; some, one of a whole column chunk.
const PAGE_BYTES: u64 = 128 << 20;
/// How many bytes are read for a page's header: some dozen, but it may have the least and the greatest text
/// of the page in it.
const HEADER_BYTES: [usize; 3] = [1 << 10, 32 << 10, 1 << 20];
/// Most values of a dictionary: empty texts take four bytes of a page, and many times that when decoded.
const DICTIONARY_VALUES: u64 = 4 << 20;
/// Most texts of a page whose lengths are decoded at once.
const LENGTHS: u64 = 16 << 20;

/// A file that gives out no page larger than that.
pub(super) struct BoundedFile(pub(super) File);

impl Length for BoundedFile {
    fn len(&self) -> u64 {
        self.0.len()
    }
}

impl ChunkReader for BoundedFile {
    /// The bytes of a header that were looked at, and none behind: what is decoded is what was bounded.
    type T = Cursor<Vec<u8>>;

    /// Only ever asked for the place of a page's header.
    fn get_read(&self, start: u64) -> Result<Self::T> {
        for most in HEADER_BYTES {
            let mut bytes = self.bytes_at(start, most)?;
            match header_length(&bytes) {
                Ok(length) => {
                    bytes.truncate(length);
                    return Ok(Cursor::new(bytes));
                }
                Err(Unsound::CutOff) if bytes.len() == most => {}
                Err(Unsound::CutOff) => {
                    return Err(wrong("the file ends in the header of a page".to_owned()));
                }
                Err(Unsound::Wrong(what)) => {
                    return Err(wrong(format!("the header of a page at byte {start}: {what}")));
                }
            }
        }
        Err(wrong(format!("the header of a page at byte {start} has no end")))
    }

    /// Only ever asked for a page.
    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        check_size(length as u64).map_err(wrong)?;
        self.0.get_bytes(start, length)
    }
}

impl BoundedFile {
    /// So many bytes, or those up to the file's end.
    fn bytes_at(&self, start: u64, most: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; most];
        let mut read = 0;
        while read < most {
            match self.0.read_at(&mut bytes[read..], start + read as u64) {
                Ok(0) => break,
                Ok(more) => read += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        bytes.truncate(read);
        Ok(bytes)
    }
}

/// The bytes of the page header that these begin with, when the page that it tells of is not too large.
fn header_length(bytes: &[u8]) -> std::result::Result<usize, Unsound> {
    let mut walk = Walk::new(bytes, 0);
    walk.over(&PAGE, &mut |of, numbers| {
        if of.name == PAGE.name {
            for id in [PAGE_UNPACKED, PAGE_PACKED] {
                let size = numbers[id].and_then(|size| u64::try_from(size).ok());
                check_size(size.ok_or("the size of the page is none")?)?;
            }
        }
        Ok(())
    })?;
    Ok(walk.place())
}

fn check_size(bytes: u64) -> std::result::Result<(), String> {
    match bytes > PAGE_BYTES {
        true => Err(format!(
            "the page has {bytes} bytes, {PAGE_BYTES} are taken at most; write it with smaller pages"
        )),
        false => Ok(()),
    }
}

/// The pages of a column chunk, each looked at before it is decoded.
pub(super) struct BoundedPages {
    pages: SerializedPageReader<BoundedFile>,
    levels: Levels,
    values_left: u64,
}

/// What comes before the values of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Levels {
    /// A column without nulls.
    None,
    /// One bit a row that says whether there is a value.
    Definition,
}

impl BoundedPages {
    pub(super) fn new(
        file: &Arc<BoundedFile>,
        chunk: &ColumnChunkMetaData,
        rows: u64,
        levels: Levels,
    ) -> Result<BoundedPages> {
        let pages = SerializedPageReader::new(Arc::clone(file), chunk, rows as usize, None)?;
        Ok(BoundedPages { pages, levels, values_left: rows })
    }

    fn look(&mut self, page: &Page) -> Result<()> {
        let values = u64::from(page.num_values());
        let bytes = page.buffer().as_ref();
        if !encodings().contains(&page.encoding()) {
            return Err(wrong(format!("the encoding {} is not read here", page.encoding())));
        }
        if page.is_dictionary_page() {
            if values > DICTIONARY_VALUES {
                return Err(wrong(format!(
                    "a dictionary has {values} entries, {DICTIONARY_VALUES} are taken at most; write it with \
                     smaller ones"
                )));
            }
            // Every value takes four bytes at least: an integer, or a text's length.
            return match values * 4 <= bytes.len() as u64 {
                true => Ok(()),
                false => Err(wrong("a dictionary is shorter than it says".to_owned())),
            };
        }
        self.values_left = self
            .values_left
            .checked_sub(values)
            .ok_or_else(|| wrong("its pages have more values than rows".to_owned()))?;
        if page.encoding() == Encoding::DELTA_LENGTH_BYTE_ARRAY {
            let lengths = values_at(page, self.levels)
                .and_then(|place| lengths_in(bytes.get(place..)?))
                .ok_or_else(|| wrong("a page of texts is damaged".to_owned()))?;
            if lengths > values {
                return Err(wrong("a page has more texts than values".to_owned()));
            }
            if lengths > LENGTHS {
                return Err(wrong(format!(
                    "a page has {lengths} texts, {LENGTHS} are taken at most; write it with smaller pages"
                )));
            }
        }
        Ok(())
    }
}

/// The encodings that are read. `DELTA_BYTE_ARRAY` is not: what its texts come to is known only when
/// they are decoded, and a kilobyte can come to a terabyte.
pub(super) fn encodings() -> [Encoding; 8] {
    #[expect(deprecated, reason = "old files have it for levels")]
    let bit_packed = Encoding::BIT_PACKED;
    [
        Encoding::PLAIN,
        Encoding::PLAIN_DICTIONARY,
        Encoding::RLE_DICTIONARY,
        Encoding::DELTA_BINARY_PACKED,
        Encoding::DELTA_LENGTH_BYTE_ARRAY,
        Encoding::BYTE_STREAM_SPLIT,
        // Of levels.
        Encoding::RLE,
        bit_packed,
    ]
}

/// Where in a page's bytes its values begin.
fn values_at(page: &Page, levels: Levels) -> Option<usize> {
    match page {
        Page::DataPageV2 { def_levels_byte_len, rep_levels_byte_len, .. } => {
            def_levels_byte_len.checked_add(*rep_levels_byte_len).map(|length| length as usize)
        }
        Page::DataPage { .. } if levels == Levels::None => Some(0),
        Page::DataPage { buf, def_level_encoding: Encoding::RLE, .. } => {
            let length: [u8; 4] = buf.get(..4)?.try_into().ok()?;
            (u32::from_le_bytes(length) as usize).checked_add(4)
        }
        Page::DataPage { num_values, .. } => Some(num_values.div_ceil(8) as usize),
        Page::DictionaryPage { .. } => None,
    }
}

/// How many lengths a DELTA_BINARY_PACKED header announces: block size, miniblocks, count.
fn lengths_in(bytes: &[u8]) -> Option<u64> {
    let mut rest = bytes;
    varint(&mut rest)?;
    varint(&mut rest)?;
    varint(&mut rest)
}

fn wrong(what: String) -> ParquetError {
    ParquetError::General(what)
}

impl Iterator for BoundedPages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

impl PageReader for BoundedPages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        let page = self.pages.get_next_page()?;
        if let Some(page) = &page {
            self.look(page)?;
        }
        Ok(page)
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.pages.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.pages.skip_next_page()
    }
}
