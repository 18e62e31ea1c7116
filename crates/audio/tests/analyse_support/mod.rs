//! What the tests of probe and analyse share: the oracles, the real music, WAV files made by hand.

#![allow(dead_code)]

use deadwax_audio::analyse::{AnalyseError, Analysis, Coding, EncodeJob, Job, analyse};
use deadwax_audio::probe::{Probe, probe};
use std::f64::consts::TAU;
use std::fs::File;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Whether all the programs are there. Says so when not; in CI that is a failure.
pub fn have(programs: &[&str]) -> bool {
    let missing: Vec<_> = programs
        .iter()
        .filter(|program| Command::new(program).arg("-version").output().is_err())
        .collect();
    if !missing.is_empty() {
        eprintln!("skipped: {missing:?} not installed");
        assert!(std::env::var_os("CI").is_none(), "{missing:?} must be installed in CI");
    }
    missing.is_empty()
}

/// The real music: all 41 files with DEADWAX_FULL=1, otherwise six short and different ones. Empty,
/// and said so, where the package is missing.
pub fn real_files() -> Vec<PathBuf> {
    let mut files = all_real_files();
    if std::env::var_os("DEADWAX_FULL").is_none() {
        let few = ["silence", "victory", "defeat2", "elf-land", "revelation", "sad"];
        files.retain(|file| few.iter().any(|name| file.file_stem().unwrap() == *name));
    }
    files
}

/// All 41 files, sorted; empty, and said so, where the package is missing.
pub fn all_real_files() -> Vec<PathBuf> {
    let listed = Command::new("dpkg").args(["-L", "wesnoth-1.16-music"]).output();
    let listed = listed.map(|output| output.stdout).unwrap_or_default();
    let mut files: Vec<PathBuf> = String::from_utf8_lossy(&listed)
        .lines()
        .filter(|line| line.ends_with(".ogg"))
        .map(PathBuf::from)
        .collect();
    if files.is_empty() {
        eprintln!("skipped: package wesnoth-1.16-music is not installed");
        assert!(std::env::var_os("CI").is_none(), "wesnoth-1.16-music must be installed in CI");
    }
    files.sort();
    files
}

pub fn probe_file(path: &Path) -> Probe {
    probe(&mut File::open(path).unwrap()).unwrap_or_else(|error| panic!("{path:?}: {error}"))
}

pub fn analyse_file(path: &Path) -> Analysis {
    analyse(File::open(path).unwrap(), &probe_file(path), Job::default())
        .unwrap_or_else(|error| panic!("{path:?}: {error}"))
}

/// Analyses and encodes as `opus-75`.
pub fn encode(input: &[u8]) -> (Analysis, Vec<u8>) {
    encode_as(Coding::Opus, 75, input)
}

/// Analyses and encodes for a tier.
pub fn encode_as(coding: Coding, kbit_rate: u32, input: &[u8]) -> (Analysis, Vec<u8>) {
    try_encode(coding, kbit_rate, input).unwrap()
}

/// The same, where it may fail.
pub fn try_encode(
    coding: Coding,
    kbit_rate: u32,
    input: &[u8],
) -> Result<(Analysis, Vec<u8>), AnalyseError> {
    encode_for(coding, kbit_rate, input, Job::default())
}

/// The same, with a job that is otherwise as given.
pub fn encode_for(
    coding: Coding,
    kbit_rate: u32,
    input: &[u8],
    job: Job<'_>,
) -> Result<(Analysis, Vec<u8>), AnalyseError> {
    let probe = probe(&mut Cursor::new(input)).unwrap();
    let mut out = Cursor::new(Vec::new());
    let encode = EncodeJob {
        coding,
        kbit_rate,
        fields: vec![("TITLE".into(), "A title".into()), ("encoder".into(), "other".into())],
        pictures: Vec::new(),
        serial: 7,
        album_loudness_lufs: None,
        out: &mut out,
    };
    let Job { interrupt, loudness, true_peak, fingerprint, two_threads, .. } = job;
    let encode = Some(encode);
    let job = Job { interrupt, loudness, true_peak, fingerprint, encode, two_threads };
    let analysis = analyse(Cursor::new(input), &probe, job)?;
    Ok((analysis, out.into_inner()))
}

pub fn run(program: &str, arguments: &[&str]) -> Output {
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(output.status.success(), "{program} {arguments:?}: {output:?}");
    output
}

/// Samples per channel that ffmpeg decodes, at the file's own rate.
pub fn ffmpeg_samples(path: &Path, channels: u16) -> u64 {
    ffmpeg_raw(path).len() as u64 / 2 / u64::from(channels)
}

/// What ffmpeg decodes, at the file's own rate, as 16-bit samples in the WAVE order.
pub fn ffmpeg_raw(path: &Path) -> Vec<u8> {
    let path = path.to_str().unwrap();
    run("ffmpeg", &["-v", "error", "-i", path, "-map", "0:a:0", "-f", "s16le", "-"]).stdout
}

/// Raw 16-bit samples as numbers, full scale being 1.
pub fn samples_of(raw: &[u8]) -> Vec<f64> {
    let sample = |two: &[u8]| f64::from(i16::from_le_bytes([two[0], two[1]])) / 32_767.0;
    raw.chunks_exact(2).map(sample).collect()
}

/// Amplitude of a frequency, and its phase beside a sine that begins with the samples, by a windowed
/// sum that leaves the ends out.
pub fn tone_of(samples: &[f64], hertz: f64, sample_rate: u32) -> (f64, f64) {
    let eighth = samples.len() / 8;
    let middle = &samples[eighth..samples.len() - eighth];
    let (mut sine, mut cosine, mut weight) = (0.0, 0.0, 0.0);
    for (n, sample) in middle.iter().enumerate() {
        let window = 0.5 - 0.5 * (TAU * n as f64 / middle.len() as f64).cos();
        let angle = TAU * hertz * (n + eighth) as f64 / f64::from(sample_rate);
        sine += window * sample * angle.sin();
        cosine += window * sample * angle.cos();
        weight += window;
    }
    (2.0 * sine.hypot(cosine) / weight, cosine.atan2(sine))
}

/// Integrated loudness (LUFS) and range (LU) by ffmpeg.
pub fn ffmpeg_loudness(path: &Path) -> (f64, f64) {
    let path = path.to_str().unwrap();
    let filter = "ebur128=framelog=verbose";
    let said =
        run("ffmpeg", &["-nostats", "-i", path, "-map", "0:a:0", "-af", filter, "-f", "null", "-"]);
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    let number = |label: &str| {
        let line = said.lines().rev().find(|line| line.trim_start().starts_with(label)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    };
    (number("I:"), number("LRA:"))
}

/// The fingerprint by fpcalc: raw, and as text.
pub fn fpcalc(path: &Path) -> (Vec<u32>, String) {
    let path = path.to_str().unwrap();
    let line = |arguments: &[&str]| {
        // It may complain of the end of the file (exit 3) behind a whole fingerprint.
        let said = Command::new("fpcalc").args(arguments).output().unwrap();
        let said = String::from_utf8(said.stdout).unwrap();
        let line = said.lines().find_map(|line| line.strip_prefix("FINGERPRINT="));
        line.unwrap().to_owned()
    };
    let raw = line(&["-raw", path]).split(',').map(|n| n.parse().unwrap()).collect();
    (raw, line(&[path]))
}

/// A WAV file of 16 bits: a tone for each channel, quiet noise under it so that nothing is too tidy.
pub fn wav(sample_rate: u32, channels: u16, samples: u32) -> Vec<u8> {
    let mut data = Vec::new();
    let mut noise = 1u32;
    for n in 0..samples {
        for channel in 0..channels {
            let hertz = 220.0 * f64::from(channel + 1) + 200.0 * f64::from(n / sample_rate.max(1));
            let tone = (TAU * hertz * f64::from(n) / f64::from(sample_rate)).sin();
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let value = tone * 9_000.0 + f64::from(noise >> 24) - 128.0;
            data.extend_from_slice(&(value as i16).to_le_bytes());
        }
    }
    wav_of(sample_rate, channels, &data)
}

/// The header of a WAV file of 16 bits in front of `data`.
pub fn wav_of(sample_rate: u32, channels: u16, data: &[u8]) -> Vec<u8> {
    let mut file = Vec::with_capacity(44 + data.len());
    let block = channels * 2;
    file.extend_from_slice(b"RIFF");
    file.extend_from_slice(&(36 + data.len() as u32).to_le_bytes());
    file.extend_from_slice(b"WAVEfmt \x10\0\0\0\x01\0");
    file.extend_from_slice(&channels.to_le_bytes());
    file.extend_from_slice(&sample_rate.to_le_bytes());
    file.extend_from_slice(&(sample_rate * u32::from(block)).to_le_bytes());
    file.extend_from_slice(&block.to_le_bytes());
    file.extend_from_slice(b"\x10\0data");
    file.extend_from_slice(&(data.len() as u32).to_le_bytes());
    file.extend_from_slice(data);
    file
}
