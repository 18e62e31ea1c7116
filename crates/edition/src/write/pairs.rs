//! Pairs of a key and a number, sorted with bounded memory: sorted runs in a file beside the edition, then merged.

use crate::EditionError;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Pairs that are sorted in memory, at 16 bytes each.
const RUN_PAIRS: usize = 1 << 23;

/// Bytes of a run that are read at once.
const READ_BYTES: usize = 1 << 16;

/// A key and a number.
pub(crate) type LongPair = (u64, u32);

/// Takes pairs in any order.
pub(crate) struct PairSorter {
    path: PathBuf,
    file: Option<File>,
    /// Where runs end in the file.
    ends: Vec<u64>,
    pairs: Vec<LongPair>,
}

impl PairSorter {
    /// Runs go into the file at `path`, which is made when it is needed and removed afterwards.
    pub(crate) fn new(path: PathBuf) -> PairSorter {
        PairSorter { path, file: None, ends: Vec::new(), pairs: Vec::new() }
    }

    pub(crate) fn push(&mut self, key: u64, number: u32) -> Result<(), EditionError> {
        self.pairs.push((key, number));
        match self.pairs.len() == RUN_PAIRS {
            true => self.write_run(),
            false => Ok(()),
        }
    }

    fn write_run(&mut self) -> Result<(), EditionError> {
        self.pairs.sort_unstable();
        let mut write = || -> io::Result<(File, u64)> {
            let file = match self.file.take() {
                Some(file) => file,
                None => File::options().read(true).write(true).create_new(true).open(&self.path)?,
            };
            let mut run = BufWriter::with_capacity(1 << 20, file);
            let mut before = 0;
            for (key, number) in &self.pairs {
                write_number(&mut run, key - before)?;
                write_number(&mut run, u64::from(*number))?;
                before = *key;
            }
            let mut file = run.into_inner().map_err(io::IntoInnerError::into_error)?;
            let end = file.stream_position()?;
            Ok((file, end))
        };
        let (file, end) = write().map_err(EditionError::io("write", &self.path))?;
        self.file = Some(file);
        self.ends.push(end);
        self.pairs.clear();
        Ok(())
    }

    /// Gives every pair to `each`, sorted, each as often as it was pushed.
    pub(crate) fn finish(
        mut self,
        mut each: impl FnMut(LongPair) -> Result<(), EditionError>,
    ) -> Result<(), EditionError> {
        let Some(file) = self.file.take() else {
            self.pairs.sort_unstable();
            return self.pairs.into_iter().try_for_each(each);
        };
        self.file = Some(file);
        if !self.pairs.is_empty() {
            self.write_run()?;
        }
        self.pairs = Vec::new();
        let wrong = |error| EditionError::io("read", &self.path)(error);
        let mut runs = Vec::new();
        let mut next = BinaryHeap::new();
        let starts = [0].into_iter().chain(self.ends.iter().copied());
        for (start, end) in starts.zip(&self.ends) {
            let mut run = RunReader::open(&self.path, start, *end).map_err(&wrong)?;
            if let Some(pair) = run.next().map_err(&wrong)? {
                next.push(Reverse((pair, runs.len())));
            }
            runs.push(run);
        }
        while let Some(mut first) = next.peek_mut() {
            let Reverse((pair, run)) = *first;
            match runs[run].next().map_err(&wrong)? {
                Some(pair) => *first = Reverse((pair, run)),
                None => drop(std::collections::binary_heap::PeekMut::pop(first)),
            }
            each(pair)?;
        }
        drop(runs);
        std::fs::remove_file(&self.path).map_err(EditionError::io("remove", &self.path))
    }
}

struct RunReader {
    run: io::Take<BufReader<File>>,
    before: u64,
}

impl RunReader {
    fn open(path: &Path, start: u64, end: u64) -> io::Result<RunReader> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(start))?;
        let run = BufReader::with_capacity(READ_BYTES, file).take(end - start);
        Ok(RunReader { run, before: 0 })
    }

    fn next(&mut self) -> io::Result<Option<LongPair>> {
        if self.run.limit() == 0 {
            return Ok(None);
        }
        self.before += read_number(&mut self.run)?;
        Ok(Some((self.before, read_number(&mut self.run)? as u32)))
    }
}

/// LEB128.
fn write_number(out: &mut impl Write, mut number: u64) -> io::Result<()> {
    let (mut bytes, mut length) = ([0; 10], 0);
    while number >= 0x80 {
        bytes[length] = number as u8 | 0x80;
        number >>= 7;
        length += 1;
    }
    bytes[length] = number as u8;
    out.write_all(&bytes[..=length])
}

fn read_number(from: &mut impl Read) -> io::Result<u64> {
    let (mut number, mut shift) = (0, 0);
    loop {
        let mut byte = [0];
        from.read_exact(&mut byte)?;
        number |= u64::from(byte[0] & 0x7F) << shift;
        shift += 7;
        if byte[0] & 0x80 == 0 || shift > 63 {
            return Ok(number);
        }
    }
}
