//! Sorting more than memory holds: runs sorted in memory, written to a scratch folder, and merged.
//!
//! Records are a key and a value, both bytes; keys are compared as bytes, so numbers in them are written by
//! [`put_number`] or [`put_falling`]. Among equal keys the order of arrival stays. Runs are zstd streams: what is
//! sorted has much in common with its neighbours.

use crate::{CatalogError, Stop};
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

/// So many runs are merged at once; more are merged to one first, since each takes a file and a buffer.
const MOST_RUNS: usize = 128;

/// Appends a number so that bytes stand in the order of numbers: how many bytes it takes, then these, highest first.
pub fn put_number(to: &mut Vec<u8>, number: u64) {
    let bytes = number.to_be_bytes();
    let zeros = number.leading_zeros() as usize / 8;
    to.push(8 - zeros as u8);
    to.extend_from_slice(&bytes[zeros..]);
}

/// As [`put_number`], the highest number first.
pub fn put_falling(to: &mut Vec<u8>, number: u64) {
    let start = to.len();
    put_number(to, number);
    to[start..].iter_mut().for_each(|byte| *byte = !*byte);
}

/// Takes a number off the front that [`put_number`] wrote; `None` when there is none.
pub fn take_number(from: &mut &[u8]) -> Option<u64> {
    let (&length, rest) = from.split_first()?;
    let length = usize::from(length);
    if length > 8 || length > rest.len() {
        return None;
    }
    let (digits, rest) = rest.split_at(length);
    *from = rest;
    Some(digits.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

/// A key and its value.
pub type Record<'r> = (&'r [u8], &'r [u8]);

/// Takes records in any order.
pub struct Sorter<'s> {
    folder: PathBuf,
    memory_bytes: usize,
    level: i32,
    stop: Stop<'s>,
    arena: Vec<u8>,
    places: Vec<Place>,
    runs: Vec<PathBuf>,
    written: usize,
}

/// The first eight bytes of a record's key, and where it lies in the arena.
type Place = (u64, u64);

impl<'s> Sorter<'s> {
    /// Runs are files in `folder`, made when the first is needed, and take about `memory_bytes` before they are
    /// written, at zstd's `level`. The folder is the sorter's own.
    pub fn new(folder: &Path, memory_bytes: usize, level: i32) -> Sorter<'s> {
        Sorter {
            folder: folder.to_path_buf(),
            memory_bytes,
            level,
            stop: Stop::default(),
            arena: Vec::new(),
            places: Vec::new(),
            runs: Vec::new(),
            written: 0,
        }
    }

    /// Makes it end with [`CatalogError::Interrupted`] soon after the flag is set.
    pub fn stopped_by(mut self, stop: impl Into<Stop<'s>>) -> Sorter<'s> {
        self.stop = stop.into();
        self
    }

    /// Adds a record.
    ///
    /// # Errors
    /// A run cannot be written, or the work is to stop.
    pub fn push(&mut self, key: &[u8], value: &[u8]) -> Result<(), CatalogError> {
        self.places.push((prefix(key), self.arena.len() as u64));
        put_record(&mut self.arena, key, value);
        let taken = self.arena.len() + self.places.len() * size_of::<Place>();
        if taken >= self.memory_bytes { self.spill() } else { Ok(()) }
    }

    /// All records in order. What did not have to be written stays in memory.
    ///
    /// # Errors
    /// A run cannot be written or read, or the work is to stop.
    pub fn finish(mut self) -> Result<Sorted, CatalogError> {
        if self.runs.is_empty() {
            self.sort();
            return Ok(Sorted(Source::Memory { arena: self.arena, places: self.places, next: 0 }));
        }
        Sorted::open(&self.into_runs()?)
    }

    /// Writes everything to runs and gives their paths, for [`Sorted::open`].
    ///
    /// # Errors
    /// A run cannot be written, or the work is to stop.
    pub fn into_runs(mut self) -> Result<Vec<PathBuf>, CatalogError> {
        if !self.places.is_empty() {
            self.spill()?;
        }
        Ok(self.runs)
    }

    fn sort(&mut self) {
        let arena = &self.arena;
        self.places.sort_unstable_by(|a, b| {
            let rest = || key_at(arena, a.1).cmp(key_at(arena, b.1)).then(a.1.cmp(&b.1));
            a.0.cmp(&b.0).then_with(rest)
        });
    }

    fn spill(&mut self) -> Result<(), CatalogError> {
        self.stop.go_on()?;
        self.sort();
        let mut run = self.new_run()?;
        for (number, (_, at)) in self.places.iter().enumerate() {
            self.stop.step(number)?;
            run.write(record_at(&self.arena, *at))?;
        }
        self.runs.push(run.finish()?);
        self.arena.clear();
        self.places.clear();
        if self.runs.len() == MOST_RUNS {
            let mut merged = self.new_run()?;
            let mut sorted = Sorted::open(&self.runs)?;
            let (mut record, mut number) = (Vec::new(), 0);
            while let Some((key, value)) = sorted.next()? {
                self.stop.step(number)?;
                number += 1;
                record.clear();
                put_record(&mut record, key, value);
                merged.write(&record)?;
            }
            for path in std::mem::take(&mut self.runs) {
                std::fs::remove_file(&path).map_err(scratch("remove", &path))?;
            }
            self.runs.push(merged.finish()?);
        }
        Ok(())
    }

    fn new_run(&mut self) -> Result<RunWriter, CatalogError> {
        std::fs::create_dir_all(&self.folder).map_err(scratch("make", &self.folder))?;
        self.written += 1;
        let path = self.folder.join(format!("run-{:05}", self.written));
        let file = File::create(&path).map_err(scratch("write", &path))?;
        let file = zstd::Encoder::new(BufWriter::with_capacity(1 << 18, file), self.level)
            .map_err(scratch("write", &path))?;
        Ok(RunWriter { path, file })
    }
}

struct RunWriter {
    path: PathBuf,
    file: zstd::Encoder<'static, BufWriter<File>>,
}

impl RunWriter {
    fn write(&mut self, record: &[u8]) -> Result<(), CatalogError> {
        self.file.write_all(record).map_err(scratch("write", &self.path))
    }

    fn finish(self) -> Result<PathBuf, CatalogError> {
        let flushed = self.file.finish().and_then(|mut file| file.flush());
        flushed.map_err(scratch("write", &self.path))?;
        Ok(self.path)
    }
}

/// Records in order.
pub struct Sorted(Source);

enum Source {
    Memory { arena: Vec<u8>, places: Vec<Place>, next: usize },
    Runs { heads: BinaryHeap<Reverse<Box<Head>>>, is_taken: bool },
}

impl Sorted {
    /// Merges runs that [`Sorter::into_runs`] gave; among equal keys those of an earlier run come first.
    ///
    /// # Errors
    /// A run cannot be read.
    pub fn open(runs: &[PathBuf]) -> Result<Sorted, CatalogError> {
        let mut heads = BinaryHeap::with_capacity(runs.len());
        for (number, path) in runs.iter().enumerate() {
            let mut head = Box::new(Head::open(path, number)?);
            if head.advance()? {
                heads.push(Reverse(head));
            }
        }
        Ok(Sorted(Source::Runs { heads, is_taken: false }))
    }

    /// The next key and its value; `None` at the end.
    ///
    /// # Errors
    /// A run cannot be read, or is damaged.
    // An iterator cannot lend what it gives.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Result<Option<Record<'_>>, CatalogError> {
        match &mut self.0 {
            Source::Memory { arena, places, next } => {
                let Some((_, at)) = places.get(*next) else { return Ok(None) };
                *next += 1;
                Ok(Some(parts_at(arena, *at)))
            }
            Source::Runs { heads, is_taken } => {
                if *is_taken
                    && let Some(mut first) = heads.peek_mut()
                    && !first.0.advance()?
                {
                    PeekMut::pop(first);
                }
                *is_taken = true;
                Ok(heads.peek().map(|Reverse(head)| (head.key.as_slice(), head.value.as_slice())))
            }
        }
    }
}

/// The next record of a run.
struct Head {
    prefix: u64,
    key: Vec<u8>,
    value: Vec<u8>,
    run: usize,
    path: PathBuf,
    file: BufReader<zstd::Decoder<'static, BufReader<File>>>,
}

impl Head {
    fn open(path: &Path, run: usize) -> Result<Head, CatalogError> {
        let file = File::open(path).map_err(scratch("read", path))?;
        let file = zstd::Decoder::new(file).map_err(scratch("read", path))?;
        let file = BufReader::with_capacity(1 << 16, file);
        let (key, value, path) = (Vec::new(), Vec::new(), path.to_path_buf());
        Ok(Head { prefix: 0, key, value, run, path, file })
    }

    /// `false` at the end of the run.
    fn advance(&mut self) -> Result<bool, CatalogError> {
        let read = |head: &mut Head| -> io::Result<bool> {
            let Some(key) = read_length(&mut head.file)? else { return Ok(false) };
            let value = read_length(&mut head.file)?.ok_or(io::ErrorKind::UnexpectedEof)?;
            read_into(&mut head.file, &mut head.key, key)?;
            read_into(&mut head.file, &mut head.value, value)?;
            head.prefix = prefix(&head.key);
            Ok(true)
        };
        read(self).map_err(|e| scratch("read", &self.path)(e))
    }
}

impl Ord for Head {
    fn cmp(&self, other: &Head) -> Ordering {
        let rest = || self.key.cmp(&other.key).then(self.run.cmp(&other.run));
        self.prefix.cmp(&other.prefix).then_with(rest)
    }
}

impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Head) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Head {
    fn eq(&self, other: &Head) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Head {}

fn prefix(key: &[u8]) -> u64 {
    let mut first = [0; 8];
    let length = key.len().min(8);
    first[..length].copy_from_slice(&key[..length]);
    u64::from_be_bytes(first)
}

/// Length of the key, length of the value (LEB128), both.
fn put_record(to: &mut Vec<u8>, key: &[u8], value: &[u8]) {
    put_length(to, key.len());
    put_length(to, value.len());
    to.extend_from_slice(key);
    to.extend_from_slice(value);
}

fn put_length(to: &mut Vec<u8>, mut length: usize) {
    while length >= 0x80 {
        to.push(length as u8 | 0x80);
        length >>= 7;
    }
    to.push(length as u8);
}

fn length_at(bytes: &[u8], at: &mut usize) -> usize {
    let (mut length, mut shift) = (0, 0);
    loop {
        let byte = bytes[*at];
        *at += 1;
        length |= usize::from(byte & 0x7F) << shift;
        shift += 7;
        if byte < 0x80 {
            return length;
        }
    }
}

fn parts_at(arena: &[u8], at: u64) -> (&[u8], &[u8]) {
    let mut at = at as usize;
    let (key, value) = (length_at(arena, &mut at), length_at(arena, &mut at));
    arena[at..at + key + value].split_at(key)
}

fn key_at(arena: &[u8], at: u64) -> &[u8] {
    parts_at(arena, at).0
}

fn record_at(arena: &[u8], at: u64) -> &[u8] {
    let start = at as usize;
    let mut at = start;
    let (key, value) = (length_at(arena, &mut at), length_at(arena, &mut at));
    &arena[start..at + key + value]
}

/// `None` when nothing more comes.
fn read_length(file: &mut impl Read) -> io::Result<Option<usize>> {
    let (mut length, mut shift) = (0, 0);
    let mut byte = [0];
    loop {
        if file.read(&mut byte)? == 0 {
            return if shift == 0 { Ok(None) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
        }
        if shift > 28 {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "it is damaged"));
        }
        length |= usize::from(byte[0] & 0x7F) << shift;
        shift += 7;
        if byte[0] < 0x80 {
            return Ok(Some(length));
        }
    }
}

fn read_into(file: &mut impl Read, bytes: &mut Vec<u8>, length: usize) -> io::Result<()> {
    bytes.clear();
    // By `take`: memory grows by what comes, not by what a damaged length announces.
    match file.take(length as u64).read_to_end(bytes)? == length {
        true => Ok(()),
        false => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

fn scratch(act: &'static str, path: &Path) -> impl FnOnce(io::Error) -> CatalogError {
    let path = path.to_path_buf();
    move |source| CatalogError::Scratch { act, path, source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sorted(mut sorted: Sorted) -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut all = Vec::new();
        while let Some((key, value)) = sorted.next().unwrap() {
            all.push((key.to_vec(), value.to_vec()));
        }
        all
    }

    proptest! {
        #[test]
        fn numbers_stand_in_their_order(a: u64, b: u64, shift in 0u32..64) {
            let (a, b) = (a >> shift, b >> (63 - shift));
            let bytes = |put: fn(&mut Vec<u8>, u64), number| {
                let mut bytes = Vec::new();
                put(&mut bytes, number);
                bytes
            };
            prop_assert_eq!(bytes(put_number, a).cmp(&bytes(put_number, b)), a.cmp(&b));
            prop_assert_eq!(bytes(put_falling, a).cmp(&bytes(put_falling, b)), b.cmp(&a));
            let both = [bytes(put_number, a), bytes(put_number, b)].concat();
            let mut from = both.as_slice();
            prop_assert_eq!((take_number(&mut from), take_number(&mut from)), (Some(a), Some(b)));
            prop_assert_eq!(take_number(&mut from), None);
        }

        #[test]
        fn sorts_as_a_stable_sort_does(
            keys in prop::collection::vec(prop::collection::vec(0u8..3, 0..11), 0..400),
            memory_bytes in 1usize..9_000,
        ) {
            let folder = tempfile::tempdir().unwrap();
            let mut sorter = Sorter::new(&folder.path().join("runs"), memory_bytes, 1);
            let mut wanted = Vec::new();
            for (number, key) in keys.into_iter().enumerate() {
                let value = vec![7; number % 300];
                sorter.push(&key, &value).unwrap();
                wanted.push((key, value));
            }
            wanted.sort_by(|a, b| a.0.cmp(&b.0));
            prop_assert_eq!(sorted(sorter.finish().unwrap()), wanted);
        }
    }

    #[test]
    fn runs_can_be_opened_again_and_a_damaged_one_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let mut sorter = Sorter::new(folder.path(), 1_000, 3);
        for number in (0..500u64).rev() {
            let mut key = Vec::new();
            put_number(&mut key, number);
            sorter.push(&key, b"value").unwrap();
        }
        let runs = sorter.into_runs().unwrap();
        assert!(runs.len() > 3);
        let first = sorted(Sorted::open(&runs).unwrap());
        assert_eq!((first.len(), first[300].0.as_slice()), (500, [2, 1, 44].as_slice()));
        assert_eq!(sorted(Sorted::open(&runs).unwrap()), first);
        let bytes = std::fs::read(&runs[1]).unwrap();
        std::fs::write(&runs[1], &bytes[..bytes.len() / 2]).unwrap();
        let read_all = || -> Result<(), CatalogError> {
            let mut cut = Sorted::open(&runs)?;
            while cut.next()?.is_some() {}
            Ok(())
        };
        let said = read_all().unwrap_err().to_string();
        assert!(said.contains("run-00002"), "{said}");
    }
}
