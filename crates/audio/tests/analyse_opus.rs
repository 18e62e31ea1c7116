//! The Opus tier: what it makes, other programs decode to exactly the length it should have.

mod analyse_support;

use analyse_support::*;
use deadwax_audio::analyse::Coding;
use deadwax_audio::probe::{Codec, probe};
use std::fs;
use std::io::Cursor;
use std::path::Path;

/// Samples per channel that opusdec decodes at 48 kHz.
fn opusdec_samples(path: &Path, folder: &Path, channels: u64) -> u64 {
    let out = folder.join("decoded.raw");
    run("opusdec", &["--quiet", "--rate", "48000", path.to_str().unwrap(), out.to_str().unwrap()]);
    fs::metadata(out).unwrap().len() / 2 / channels
}

#[test]
fn the_length_is_exact_whatever_the_source() {
    if !have(&["ffmpeg", "opusdec"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.opus");
    let sources = [
        (48_000, 2, 48_000),
        (48_000, 2, 1),
        (48_000, 1, 100_001),
        (44_100, 2, 123_457),
        (44_100, 1, 7),
        (24_000, 2, 30_001),
        (16_000, 1, 12_345),
        (8_000, 1, 8_001),
        (96_000, 2, 200_003),
        (22_050, 1, 44_444),
        (48_000, 6, 50_000),
        (44_100, 5, 50_000),
    ];
    for (rate, channels, samples) in sources {
        let (analysis, opus) = encode(&wav(rate, channels, samples));
        let wanted = (u64::from(samples) * 48_000 * 2 + u64::from(rate)) / (2 * u64::from(rate));
        let name = format!("{rate} Hz, {channels} channels, {samples} samples");
        assert_eq!(analysis.encoded.unwrap().samples, wanted, "{name}");
        fs::write(&path, &opus).unwrap();
        let again = analyse_file(&path);
        assert_eq!(again.samples, wanted, "ours: {name}");
        assert_eq!(again.channels, channels);
        assert!(again.warnings.is_empty(), "{:?}", again.warnings);
        assert_eq!(ffmpeg_samples(&path, channels), wanted, "ffmpeg: {name}");
        if channels <= 2 {
            let decoded = opusdec_samples(&path, folder.path(), channels.into());
            assert_eq!(decoded, wanted, "opusdec: {name}");
        }
    }
}

#[test]
fn the_sound_stays_where_it_was() {
    let source = wav(44_100, 2, 4 * 44_100);
    let (before, opus) = encode(&source);
    let probe = probe(&mut Cursor::new(&opus)).unwrap();
    assert_eq!((probe.codec, probe.samples), (Codec::Opus, Some(4 * 48_000)));
    let (after, _) = encode(&opus);
    let (lufs, again) = (before.loudness_lufs.unwrap(), after.loudness_lufs.unwrap());
    assert!((lufs - again).abs() < 0.3, "{lufs} {again}");
    let prints = [before.fingerprint.unwrap().raw, after.fingerprint.unwrap().raw];
    let bits: u32 = prints[0].iter().zip(&prints[1]).map(|(a, b)| (a ^ b).count_ones()).sum();
    assert!(f64::from(bits) < 0.1 * 32.0 * prints[0].len() as f64, "{bits}");
}

#[test]
fn headers_say_what_they_should() {
    let (analysis, opus) = encode(&wav(44_100, 2, 44_100));
    let found = probe(&mut Cursor::new(&opus)).unwrap();
    let summary = analysis.encoded.unwrap();
    assert_eq!(found.tags.title.as_deref(), Some("A title"));
    let said = |key: &str| -> Vec<&str> {
        found.tags.said.iter().filter(|(k, _)| k == key).map(|(_, v)| v.as_str()).collect()
    };
    assert_eq!(said("ENCODER"), [summary.encoder.as_str()]);
    assert!(summary.encoder.contains("libopus"), "{}", summary.encoder);
    let gain = ((-23.0 - analysis.loudness_lufs.unwrap()) * 256.0).round() as i16;
    assert_eq!(summary.track_gain_db, Some(f64::from(gain) / 256.0));
    assert_eq!(said("R128_TRACK_GAIN"), [gain.to_string()]);
    assert!(said("R128_ALBUM_GAIN").is_empty());
    let head = opus.windows(8).position(|w| w == b"OpusHead").unwrap();
    assert_eq!(opus[head + 12..head + 16], 44_100u32.to_le_bytes());
    assert_eq!(opus[head + 10..head + 12], 312u16.to_le_bytes());
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let source = wav(44_100, 2, 100_000);
    assert_eq!(encode(&source).1, encode(&source).1);
}

#[test]
fn nothing_is_not_encoded() {
    let source = wav_of(48_000, 2, &[]);
    for coding in [Coding::Opus, Coding::Vorbis] {
        let error = try_encode(coding, 96, &source).unwrap_err();
        assert!(error.to_string().contains("keep the source instead"), "{error}");
    }
}

#[test]
fn real_music_becomes_opus() {
    if !have(&["ffmpeg", "opusdec", "opusinfo"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.opus");
    for file in real_files() {
        let (analysis, opus) = encode(&fs::read(&file).unwrap());
        fs::write(&path, &opus).unwrap();
        let rate = u64::from(analysis.sample_rate);
        let wanted = (analysis.samples * 48_000 + rate / 2) / rate;
        assert_eq!(ffmpeg_samples(&path, analysis.channels), wanted, "{file:?}");
        let decoded = opusdec_samples(&path, folder.path(), analysis.channels.into());
        assert_eq!(decoded, wanted, "{file:?}");
        let said = run("opusinfo", &[path.to_str().unwrap()]);
        let said = String::from_utf8_lossy(&said.stdout).into_owned()
            + &String::from_utf8_lossy(&said.stderr);
        assert!(!said.contains("WARNING"), "{file:?}: {said}");
    }
}
