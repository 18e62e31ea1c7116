//! Bounds on what a Parquet file can make its decoder do. A few bytes of a page can ask for gigabytes; the
//! decoder trusts them, so they are looked at first.
//!
//! Formats: github.com/apache/parquet-format (parquet.thrift, Encodings.md), Thrift's compact protocol.

use bytes::Bytes;
use parquet::basic::Encoding;
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::serialized_reader::SerializedPageReader;
use std::fs::File;
use std::io::{BufReader, Read, Take};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

/// Most bytes of a page, packed or not. Writers make pages of 1 MB; some, one of a whole column chunk.
const PAGE_BYTES: u64 = 128 << 20;
/// Most bytes of a page's header; it may have the least and the greatest text of the page in it.
const HEADER_BYTES: u64 = 1 << 20;
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
    type T = Take<BufReader<File>>;

    /// Only ever asked for the place of a page's header.
    fn get_read(&self, start: u64) -> Result<Self::T> {
        let mut head = [0; 32];
        let length = self.0.read_at(&mut head, start)?;
        let [_, unpacked, packed] = page_sizes(&head[..length])
            .ok_or_else(|| wrong("the header of a page is damaged".to_owned()))?;
        if unpacked > PAGE_BYTES || packed > PAGE_BYTES {
            let size = unpacked.max(packed);
            return Err(wrong(format!(
                "a page has {size} bytes, {PAGE_BYTES} are taken at most; write it with smaller pages"
            )));
        }
        Ok(self.0.get_read(start)?.take(HEADER_BYTES))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        self.0.get_bytes(start, length)
    }
}

/// The first three fields of a page's header: its type, its length, and its length as it is in the file.
/// All are needed, in this order, and each is a byte that says "i32, the next field" and a number.
fn page_sizes(head: &[u8]) -> Option<[u64; 3]> {
    let mut rest = head;
    let mut fields = [0; 3];
    for field in &mut fields {
        rest = rest.strip_prefix(&[0x15])?;
        let zigzag = varint(&mut rest)?;
        // A negative number is no length.
        *field = (zigzag % 2 == 0).then_some(zigzag / 2)?;
    }
    Some(fields)
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

/// ULEB128, of 64 bits.
pub(super) fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, behind) = rest.split_first()?;
        *rest = behind;
        value |= u64::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
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
