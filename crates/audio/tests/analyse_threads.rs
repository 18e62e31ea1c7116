//! Decoding and measuring on a thread beside the encoder: the same comes out, failures included.

mod analyse_support;

use analyse_support::*;
use deadwax_audio::analyse::{AnalyseError, Coding, EncodeJob, Job, analyse};
use deadwax_audio::probe::probe;
use std::fs;
use std::io::{self, Cursor, Seek, SeekFrom, Write};
use std::sync::atomic::AtomicBool;

fn on_two<'a>() -> Job<'a> {
    Job { two_threads: true, ..Job::default() }
}

#[test]
fn the_same_bytes_come_out() {
    let mut sources = vec![wav(44_100, 2, 700_001), wav(48_000, 1, 1), wav(96_000, 6, 100_000)];
    sources.extend(real_files().iter().take(1).map(|file| fs::read(file).unwrap()));
    for source in sources {
        for (coding, kbit_rate) in [(Coding::Opus, 75), (Coding::Vorbis, 160)] {
            let alone = try_encode(coding, kbit_rate, &source).unwrap();
            let beside = encode_for(coding, kbit_rate, &source, on_two()).unwrap();
            assert!(alone == beside, "{coding}");
        }
    }
}

#[test]
fn refusals_and_interrupts_are_told_alike() {
    let long = wav(48_000, 2, 480_000);
    for source in [wav(384_000, 2, 9_600), wav(48_000, 9, 9_600), wav_of(48_000, 2, &[])] {
        let alone = try_encode(Coding::Vorbis, 160, &source).unwrap_err().to_string();
        let beside = encode_for(Coding::Vorbis, 160, &source, on_two()).unwrap_err().to_string();
        assert_eq!(alone, beside);
    }
    let flag = AtomicBool::new(true);
    let job = Job { interrupt: Some(&flag), ..on_two() };
    let error = encode_for(Coding::Opus, 75, &long, job).unwrap_err();
    assert!(matches!(error, AnalyseError::Interrupted));
}

/// Takes so many bytes and no more.
struct Full(Cursor<Vec<u8>>, u64);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.position() + bytes.len() as u64 > self.1 {
            return Err(io::Error::new(io::ErrorKind::StorageFull, "no room"));
        }
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Full {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

#[test]
fn a_full_disk_ends_both_threads() {
    let source = wav(48_000, 2, 30 * 48_000);
    let found = probe(&mut Cursor::new(&source)).unwrap();
    for two_threads in [false, true] {
        for (coding, room) in [(Coding::Opus, 60_000), (Coding::Vorbis, 60_000), (Coding::Opus, 9)]
        {
            let mut out = Full(Cursor::new(Vec::new()), room);
            let encode = EncodeJob {
                coding,
                kbit_rate: 128,
                fields: Vec::new(),
                pictures: Vec::new(),
                serial: 1,
                album_loudness_lufs: None,
                out: &mut out,
            };
            let job = Job { encode: Some(encode), two_threads, ..Job::default() };
            let error = analyse(Cursor::new(&source), &found, job).unwrap_err();
            assert!(matches!(error, AnalyseError::Write(_)), "{coding}: {error}");
        }
    }
}
