//! A table as CSV, read record by record in bounded memory.
//!
//! A record without end, as a quote that is not closed makes of the rest of a file, is given up after
//! [`RECORD_BYTES`]: its first line is a bad row, and reading goes on with the line after it.

use super::batch::Batch;
use super::cell::Cell;
use super::columns::{MOST, Places, columns_of};
use super::row::RowMaker;
use super::said::short_text;
use crate::Refusal;
use csv::{ByteRecord, Position, Reader, ReaderBuilder};
use deadwax_model::TableKind;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

/// Most bytes of a record.
const RECORD_BYTES: u64 = 1 << 20;
/// Bytes that are read at once.
const BUFFER_BYTES: usize = 1 << 16;
/// Records without end after which a file is no CSV: each costs reading a megabyte twice.
const ENDLESS_RECORDS: u64 = 100;
/// Bytes of a line that are shown when it cannot be told apart.
const SHOWN_BYTES: u64 = 4_096;
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// A table as CSV.
pub(super) struct CsvTable {
    reader: Reader<Watched>,
    places: Places,
    columns: usize,
    record: ByteRecord,
    endless: u64,
}

impl CsvTable {
    pub(super) fn open(file: File, kind: TableKind) -> Result<CsvTable, Refusal> {
        let (reader, head) = begin(file)?;
        let names: Option<Vec<&str>> =
            head.iter().map(|name| std::str::from_utf8(name).ok()).collect();
        let Some(names) = names else { return Err(not_text()) };
        let places = Places::find(kind, &names)?;
        let columns = columns_of(kind).len();
        Ok(CsvTable { reader, places, columns, record: ByteRecord::new(), endless: 0 })
    }

    pub(super) fn ignored(&self) -> &[String] {
        self.places.ignored.names()
    }

    /// How much of the file was read.
    pub(super) fn bytes_read(&self) -> u64 {
        self.reader.position().byte()
    }

    /// Fills a batch; `false` at the end.
    pub(super) fn fill(
        &mut self,
        batch: &mut Batch,
        maker: &mut RowMaker,
    ) -> Result<bool, Refusal> {
        while !batch.is_full() {
            let start = self.reader.position().clone();
            self.reader.get_mut().allow(start.byte());
            match self.reader.read_byte_record(&mut self.record) {
                Ok(true) => self.take(start.byte(), batch, maker),
                Ok(false) => return Ok(false),
                Err(error) => {
                    let is_endless = self.reader.get_ref().is_endless;
                    if !is_endless {
                        return Err(io_refusal(error));
                    }
                    self.step_over(start, batch)?;
                }
            }
        }
        Ok(true)
    }

    fn take(&mut self, start: u64, batch: &mut Batch, maker: &mut RowMaker) {
        let line = self.line(start);
        let fields = self.record.len();
        let wanted = self.places.column_of.len();
        if fields != wanted {
            let reason = format!("it has {fields} fields, the head line has {wanted}");
            let said: Vec<String> = self.record.iter().take(100).map(short_text).collect();
            return batch.take_bad(line, reason, said.into());
        }
        let mut cells = [Cell::Null; MOST];
        for (field, column) in self.record.iter().zip(&self.places.column_of) {
            if let Some(column) = column
                && !field.is_empty()
            {
                cells[*column] = Cell::Text(field);
            }
        }
        batch.take(maker, line, &cells[..self.columns]);
    }

    /// The line that the record begins in. The reader counts the newlines before its own place, which
    /// lies behind the record's last character; what it says of the record's begin counts neither
    /// empty lines before it nor the newline of a CR LF.
    fn line(&mut self, start: u64) -> u64 {
        let is_cut = self.is_cut_in_quotes(start);
        let place = self.reader.position();
        let newlines = self.record.as_slice().iter().filter(|byte| **byte == b'\n').count() as u64;
        let ended = !is_cut && self.reader.get_ref().byte_before(place.byte()) == Some(b'\n');
        place.line() - newlines - u64::from(ended)
    }

    /// Whether the file ended in the record's last field, whose quote is not closed: a newline there is the field's.
    fn is_cut_in_quotes(&mut self, start: u64) -> bool {
        let end = self.reader.position().byte();
        self.record.as_slice().last() == Some(&b'\n')
            && self.reader.get_mut().is_last_and_odd_in_quotes(start, end).unwrap_or(false)
    }

    /// Leaves out the line that an endless record begins in.
    fn step_over(&mut self, start: Position, batch: &mut Batch) -> Result<(), Refusal> {
        self.endless += 1;
        if self.endless > ENDLESS_RECORDS {
            return Err(Refusal::new(
                format!(
                    "more than {ENDLESS_RECORDS} of its records, the last from line {}, have no end within \
                     {RECORD_BYTES} bytes",
                    start.line()
                ),
                "see that its quotes are closed, and that it is a CSV file",
            ));
        }
        let watched = self.reader.get_mut();
        let begin = watched.begin + start.byte();
        let line = Line::at(&mut watched.file, begin).map_err(|e| Refusal::io(&e))?;
        let number = start.line() + line.newlines_before;
        let reason = format!(
            "it has no end within {RECORD_BYTES} bytes: the line is too long, or a quote in it is not closed"
        );
        batch.take_bad(number, reason, short_text(&line.head).into());
        let mut next = Position::new();
        next.set_byte(line.end - watched.begin).set_line(number + 1);
        watched.resume(next.byte());
        self.reader.seek_raw(SeekFrom::Start(line.end), next).map_err(io_refusal)
    }
}

/// The names in a file's head line.
pub(super) fn names(path: &Path) -> Result<Vec<String>, Refusal> {
    let (_, head) = begin(File::open(path).map_err(|e| Refusal::io(&e))?)?;
    Ok(head.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect())
}

/// A reader behind the head line, and that line.
fn begin(mut file: File) -> Result<(Reader<Watched>, ByteRecord), Refusal> {
    let mut head = Vec::new();
    (&file).take(BUFFER_BYTES as u64).read_to_end(&mut head).map_err(|e| Refusal::io(&e))?;
    if head.is_empty() {
        return Err(Refusal::new(
            "it is empty; a CSV file begins with a line that names its columns",
            "write the table again, then run the same line again",
        ));
    }
    let begin = if head.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
    let ends = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let line = head[begin..].split(ends).next().unwrap_or_default();
    let separator = [b',', b';', b'\t'].into_iter().find(|separator| line.contains(separator));
    file.seek(SeekFrom::Start(begin as u64)).map_err(|e| Refusal::io(&e))?;
    let mut reader = ReaderBuilder::new()
        .delimiter(separator.unwrap_or(b','))
        .has_headers(false)
        .flexible(true)
        .buffer_capacity(BUFFER_BYTES)
        .from_reader(Watched::new(file, begin as u64));
    reader.get_mut().allow(0);
    let mut names = ByteRecord::new();
    match reader.read_byte_record(&mut names) {
        Ok(_) if std::str::from_utf8(names.as_slice()).is_err() => Err(not_text()),
        Ok(_) => Ok((reader, names)),
        Err(_) if reader.get_ref().is_endless => Err(Refusal::new(
            format!("its head line has no end within {RECORD_BYTES} bytes"),
            "give a CSV file whose first line names the columns",
        )),
        Err(error) => Err(io_refusal(error)),
    }
}

fn not_text() -> Refusal {
    Refusal::new("its head line is not text in UTF-8", "write it as CSV in UTF-8")
}

/// Records as bytes fail by the file only.
fn io_refusal(error: csv::Error) -> Refusal {
    Refusal::io(&error.into())
}

/// The file under the reader: refuses to go on in a record without end, and remembers what it gave last.
struct Watched {
    file: File,
    /// Where in the file the reader's first byte is.
    begin: u64,
    /// The last bytes that were given; the reader's place lies in them or right behind.
    block: Vec<u8>,
    block_start: u64,
    /// No more is given from here on.
    limit: u64,
    is_endless: bool,
}

impl Watched {
    fn new(file: File, begin: u64) -> Watched {
        let block = Vec::new();
        Watched { file, begin, block, block_start: 0, limit: 0, is_endless: false }
    }

    /// Lets a record be read that begins here.
    fn allow(&mut self, record_start: u64) {
        self.limit = record_start + RECORD_BYTES;
    }

    /// Goes on at another place.
    fn resume(&mut self, place: u64) {
        self.block.clear();
        self.block_start = place;
        self.is_endless = false;
    }

    /// Whether the file ends here, and an odd number of quotes is in its last record, which is never long.
    fn is_last_and_odd_in_quotes(&mut self, start: u64, end: u64) -> io::Result<bool> {
        if self.begin + end < self.file.metadata()?.len() {
            return Ok(false);
        }
        let mut record = Vec::new();
        self.file.seek(SeekFrom::Start(self.begin + start))?;
        (&self.file).take(end - start).read_to_end(&mut record)?;
        Ok(record.iter().filter(|byte| **byte == b'"').count() % 2 == 1)
    }

    fn byte_before(&self, place: u64) -> Option<u8> {
        let place = place.checked_sub(self.block_start)?.checked_sub(1)?;
        self.block.get(place as usize).copied()
    }
}

impl Read for Watched {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let start = self.block_start + self.block.len() as u64;
        if start >= self.limit {
            self.is_endless = true;
            return Err(io::Error::other("a record without end"));
        }
        let length = self.file.read(to)?;
        // Nothing comes behind the last byte, which may still be asked for.
        if length > 0 {
            self.block_start = start;
            self.block.clear();
            self.block.extend_from_slice(&to[..length]);
        }
        Ok(length)
    }
}

impl Seek for Watched {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

/// The first line from a place on that is not empty.
struct Line {
    newlines_before: u64,
    /// The first of it.
    head: Vec<u8>,
    /// Where the next line begins.
    end: u64,
}

impl Line {
    fn at(file: &mut File, begin: u64) -> io::Result<Line> {
        file.seek(SeekFrom::Start(begin))?;
        let mut reader = BufReader::with_capacity(BUFFER_BYTES, file);
        let mut newlines_before = 0;
        let mut end = begin;
        while let Some(byte @ (b'\r' | b'\n')) = reader.fill_buf()?.first().copied() {
            newlines_before += u64::from(byte == b'\n');
            end += 1;
            reader.consume(1);
        }
        let mut head = Vec::new();
        end += (&mut reader).take(SHOWN_BYTES).read_until(b'\n', &mut head)? as u64;
        if head.last() != Some(&b'\n') {
            end += reader.skip_until(b'\n')? as u64;
        }
        Ok(Line { newlines_before, head, end })
    }
}
