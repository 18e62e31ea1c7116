//! Every rate from 8 to 192 kHz and odd ones, every depth from 8 to 32 bits: the length is exact, the
//! level and the sign are right, and loudness is what ffmpeg measures.

mod analyse_support;

use analyse_support::*;
use deadwax_audio::analyse::{Coding, Job, analyse};
use std::f64::consts::TAU;
use std::fs::{self, File};
use std::path::Path;

const HERTZ: f64 = 997.0;
const AMPLITUDE: f64 = 0.5;

/// A stereo tone in 16 bits, the right channel turned over.
fn tone_wav(sample_rate: u32, samples: u32) -> Vec<u8> {
    let mut data = Vec::new();
    for n in 0..samples {
        let angle = TAU * HERTZ * f64::from(n) / f64::from(sample_rate);
        let value = (angle.sin() * AMPLITUDE * 32_767.0).round() as i16;
        data.extend_from_slice(&value.to_le_bytes());
        data.extend_from_slice(&(-value).to_le_bytes());
    }
    wav_of(sample_rate, 2, &data)
}

/// The tone is there within 0.5 dB, the right way round on the left and turned over on the right.
fn expect_tone(path: &Path, sample_rate: u32, name: &str) -> u64 {
    let samples = samples_of(&ffmpeg_raw(path));
    for (channel, turned) in [(0, 0.0), (1, TAU / 2.0)] {
        let plane: Vec<f64> = samples.iter().skip(channel).step_by(2).copied().collect();
        let (amplitude, phase) = tone_of(&plane, HERTZ, sample_rate);
        let level = 20.0 * (amplitude / AMPLITUDE).log10();
        assert!(level.abs() < 0.5, "{name}: channel {channel} at {level:.2} dB");
        assert!((phase - turned).cos() > 0.99, "{name}: channel {channel} turned by {phase:.2}");
    }
    samples.len() as u64 / 2
}

#[test]
fn every_rate_keeps_its_length_level_and_loudness() {
    if !have(&["ffmpeg"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let [source, opus, vorbis] = ["a.wav", "a.opus", "a.ogg"].map(|name| folder.path().join(name));
    let rates = [
        8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 37_800, 44_100, 48_000, 50_000,
        88_200, 96_000, 176_400, 192_000, 352_800, 384_000,
    ];
    for rate in rates {
        let name = format!("{rate} Hz");
        let samples = rate + rate / 3 + 1;
        let bytes = tone_wav(rate, samples);
        fs::write(&source, &bytes).unwrap();
        let (lufs, _) = ffmpeg_loudness(&source);

        let (analysis, encoded) = encode_as(Coding::Opus, 96, &bytes);
        fs::write(&opus, encoded).unwrap();
        let found = analysis.loudness_lufs.unwrap();
        assert!((found - lufs).abs() <= 0.1, "{name}: {found} LUFS, ffmpeg {lufs}");
        let wanted = (u64::from(samples) * 48_000 + u64::from(rate) / 2) / u64::from(rate);
        assert_eq!(expect_tone(&opus, 48_000, &format!("Opus, {name}")), wanted, "Opus, {name}");

        match try_encode(Coding::Vorbis, 160, &bytes) {
            Ok((_, encoded)) => {
                fs::write(&vorbis, encoded).unwrap();
                let decoded = expect_tone(&vorbis, rate, &format!("Vorbis, {name}"));
                assert_eq!(decoded, u64::from(samples), "Vorbis, {name}");
            }
            Err(error) => {
                let why = match rate {
                    0..15_000 => "below 15000 Hz the Vorbis encoder loses tones",
                    200_001.. => "Vorbis is encoded at up to 200000 Hz",
                    _ => panic!("{name}: {error}"),
                };
                let sentence = format!(
                    "it cannot be encoded: it has {rate} Hz, and {why}; keep the source instead"
                );
                assert_eq!(error.to_string(), sentence);
            }
        }
    }
}

#[test]
fn every_depth_keeps_its_level_and_sign() {
    if !have(&["ffmpeg"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let [source, opus, vorbis] = ["a.wav", "a.opus", "a.ogg"].map(|name| folder.path().join(name));
    let samples = 100_003;
    fs::write(&source, tone_wav(48_000, samples)).unwrap();
    let kinds: [(&str, &[&str]); 16] = [
        ("u8.wav", &["-c:a", "pcm_u8"]),
        ("s24.wav", &["-c:a", "pcm_s24le"]),
        ("s32.wav", &["-c:a", "pcm_s32le"]),
        ("f32.wav", &["-c:a", "pcm_f32le"]),
        ("f64.wav", &["-c:a", "pcm_f64le"]),
        ("s8.aiff", &["-c:a", "pcm_s8"]),
        ("s16.aiff", &["-c:a", "pcm_s16be"]),
        ("s24.aiff", &["-c:a", "pcm_s24be"]),
        ("s32.aiff", &["-c:a", "pcm_s32be"]),
        ("f32.aiff", &["-c:a", "pcm_f32be"]),
        ("s16.flac", &["-sample_fmt", "s16"]),
        ("s24.flac", &["-sample_fmt", "s32"]),
        ("s16.m4a", &["-c:a", "alac", "-sample_fmt", "s16p"]),
        ("s24.m4a", &["-c:a", "alac", "-sample_fmt", "s32p"]),
        ("96k.flac", &["-ar", "96000", "-sample_fmt", "s32"]),
        ("96k.m4a", &["-ar", "96000", "-c:a", "alac", "-sample_fmt", "s32p"]),
    ];
    for (name, options) in kinds {
        let path = folder.path().join(name);
        let mut arguments = vec!["-v", "error", "-i", source.to_str().unwrap()];
        arguments.extend_from_slice(options);
        arguments.push(path.to_str().unwrap());
        run("ffmpeg", &arguments);
        let bytes = fs::read(&path).unwrap();
        let (analysis, encoded) = encode_as(Coding::Opus, 96, &bytes);
        assert!(analysis.warnings.is_empty(), "{name}: {:?}", analysis.warnings);
        fs::write(&opus, encoded).unwrap();
        assert_eq!(expect_tone(&opus, 48_000, name), samples.into(), "{name}");
        let (analysis, encoded) = encode_as(Coding::Vorbis, 160, &bytes);
        fs::write(&vorbis, encoded).unwrap();
        let wanted = u64::from(samples) * u64::from(analysis.sample_rate) / 48_000;
        assert_eq!(expect_tone(&vorbis, analysis.sample_rate, name), wanted, "{name}");
    }
}

#[test]
fn true_peak_is_ffmpegs() {
    if !have(&["ffmpeg"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.wav");
    for rate in [44_100, 48_000, 96_000] {
        // A quarter of the rate, sampled beside its crests: they are 3 dB above every sample.
        let signs = [1.0, 1.0, -1.0, -1.0];
        let sample = |n: usize| 11_585.0 * signs[n % 4] * (n as f64 / rate as f64).min(1.0);
        let data: Vec<u8> =
            (0..rate * 3 / 2).flat_map(|n| (sample(n) as i16).to_le_bytes()).collect();
        fs::write(&path, wav_of(rate as u32, 1, &data)).unwrap();
        let job = Job { true_peak: true, ..Job::default() };
        let analysis = analyse(File::open(&path).unwrap(), &probe_file(&path), job).unwrap();
        let decibels = |peak: f64| 20.0 * peak.log10();
        let (peak, wanted) = (decibels(analysis.true_peak.unwrap()), ffmpeg_true_peak(&path));
        assert!((peak - wanted).abs() <= 0.2, "{rate} Hz: {peak} dB, ffmpeg {wanted}");
        assert!(peak > decibels(analysis.sample_peak) + 2.5, "{rate} Hz: {peak} dB");
    }
    for path in real_files() {
        let job = Job { true_peak: true, fingerprint: false, ..Job::default() };
        let analysis = analyse(File::open(&path).unwrap(), &probe_file(&path), job).unwrap();
        let (peak, wanted) = (20.0 * analysis.true_peak.unwrap().log10(), ffmpeg_true_peak(&path));
        assert!((peak - wanted).abs() <= 0.2, "{path:?}: {peak} dB, ffmpeg {wanted}");
        assert!(analysis.true_peak.unwrap() >= analysis.sample_peak);
    }
    assert_eq!(analyse_file(&path).true_peak, None);
}

/// dB of full scale.
fn ffmpeg_true_peak(path: &Path) -> f64 {
    let (path, filter) = (path.to_str().unwrap(), "ebur128=peak=true:framelog=verbose");
    let said =
        run("ffmpeg", &["-nostats", "-i", path, "-map", "0:a:0", "-af", filter, "-f", "null", "-"]);
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    let line = said.lines().rev().find(|line| line.trim_start().starts_with("Peak:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
