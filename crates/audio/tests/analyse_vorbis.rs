//! The Vorbis tier: what it makes, other programs decode to exactly the length of the source.

mod analyse_support;

use analyse_support::*;
use deadwax_audio::analyse::{Analysis, Coding};
use deadwax_audio::probe::{Codec, probe};
use std::fs;
use std::io::Cursor;
use std::path::Path;

/// At the rate that the design names.
fn encode_vorbis(input: &[u8]) -> (Analysis, Vec<u8>) {
    encode_as(Coding::Vorbis, 160, input)
}

/// Samples per channel that oggdec (libvorbis) decodes.
fn oggdec_samples(path: &Path, folder: &Path, channels: u64) -> u64 {
    let out = folder.join("decoded.raw");
    run("oggdec", &["-Q", "-R", "-o", out.to_str().unwrap(), path.to_str().unwrap()]);
    fs::metadata(out).unwrap().len() / 2 / channels
}

#[test]
fn the_length_is_exact_whatever_the_source() {
    if !have(&["ffmpeg", "oggdec"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.ogg");
    let sources = [
        (44_100, 2, 44_100),
        (44_100, 2, 1),
        (44_100, 1, 2),
        (44_100, 2, 127),
        (48_000, 2, 1_024),
        (48_000, 1, 1_025),
        (48_000, 2, 2_048),
        (44_100, 2, 123_457),
        (24_000, 2, 30_001),
        (16_000, 1, 12_345),
        (16_000, 1, 3),
        (96_000, 2, 200_003),
        (192_000, 1, 200_003),
        (48_000, 6, 50_000),
        (44_100, 8, 50_000),
    ];
    for (rate, channels, samples) in sources {
        let (analysis, vorbis) = encode_vorbis(&wav(rate, channels, samples));
        let name = format!("{rate} Hz, {channels} channels, {samples} samples");
        let summary = analysis.encoded.unwrap();
        assert_eq!((summary.samples, summary.sample_rate), (samples.into(), rate), "{name}");
        fs::write(&path, &vorbis).unwrap();
        let found = probe_file(&path);
        assert_eq!((found.codec, found.samples), (Codec::Vorbis, Some(samples.into())), "{name}");
        let again = analyse_file(&path);
        assert_eq!((again.samples, again.sample_rate), (samples.into(), rate), "ours: {name}");
        assert_eq!(ffmpeg_samples(&path, channels), samples.into(), "ffmpeg: {name}");
        let decoded = oggdec_samples(&path, folder.path(), channels.into());
        assert_eq!(decoded, samples.into(), "oggdec: {name}");
    }
}

#[test]
fn headers_say_what_they_should() {
    let (analysis, vorbis) = encode_vorbis(&wav(44_100, 2, 44_100));
    let found = probe(&mut Cursor::new(&vorbis)).unwrap();
    let summary = analysis.encoded.unwrap();
    assert_eq!(found.tags.title.as_deref(), Some("A title"));
    let said = |key: &str| -> Vec<&str> {
        found.tags.said.iter().filter(|(k, _)| k == key).map(|(_, v)| v.as_str()).collect()
    };
    assert_eq!(said("ENCODER"), [summary.encoder.as_str()]);
    assert!(summary.encoder.contains("aoTuV"), "{}", summary.encoder);
    assert!(summary.encoder.ends_with("160 kbit/s VBR (quality 5.0)"), "{}", summary.encoder);
    let gain = -18.0 - analysis.loudness_lufs.unwrap();
    assert!((summary.track_gain_db.unwrap() - gain).abs() <= 0.005);
    assert_eq!(said("REPLAYGAIN_TRACK_GAIN"), [format!("{gain:.2} dB")]);
    assert_eq!(said("REPLAYGAIN_TRACK_PEAK"), [format!("{:.6}", analysis.sample_peak)]);
    assert!(said("REPLAYGAIN_ALBUM_GAIN").is_empty());
    assert_eq!(&vorbis[14..18], 7u32.to_le_bytes());
    // Bit rates of the identification header: none at most, 160,000 on average, none at least.
    assert_eq!(vorbis[28 + 16..28 + 20], 0i32.to_le_bytes());
    assert_eq!(vorbis[28 + 20..28 + 24], 160_000i32.to_le_bytes());
}

#[test]
fn the_same_input_gives_the_same_bytes_whatever_holds_it() {
    let source = wav(44_100, 2, 100_000);
    let first = encode_vorbis(&source).1;
    assert_eq!(first, encode_vorbis(&source).1);
    if !have(&["ffmpeg"]) {
        return;
    }
    // FLAC comes in other blocks than WAV, and the packets do not show it.
    let folder = tempfile::tempdir().unwrap();
    let [made, flac] = ["made.wav", "made.flac"].map(|name| folder.path().join(name));
    fs::write(&made, source).unwrap();
    run("ffmpeg", &["-v", "error", "-i", made.to_str().unwrap(), flac.to_str().unwrap()]);
    assert!(first == encode_vorbis(&fs::read(flac).unwrap()).1);
}

#[test]
fn real_music_becomes_vorbis() {
    if !have(&["ffmpeg", "oggdec", "ogginfo", "oggenc"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.ogg");
    let [decoded_wav, theirs] = ["a.wav", "theirs.ogg"].map(|name| folder.path().join(name));
    let (mut bits, mut their_bits, mut seconds) = (0.0, 0.0, 0.0);
    for file in real_files() {
        let (analysis, vorbis) = encode_vorbis(&fs::read(&file).unwrap());
        fs::write(&path, &vorbis).unwrap();
        assert_eq!(ffmpeg_samples(&path, analysis.channels), analysis.samples, "{file:?}");
        let decoded = oggdec_samples(&path, folder.path(), analysis.channels.into());
        assert_eq!(decoded, analysis.samples, "{file:?}");
        let said = run("ogginfo", &[path.to_str().unwrap()]);
        let said = String::from_utf8_lossy(&said.stdout).into_owned();
        assert!(!said.to_lowercase().contains("warning"), "{file:?}: {said}");
        let [from, wav, to] = [&file, &decoded_wav, &theirs].map(|path| path.to_str().unwrap());
        run("oggdec", &["-Q", "-o", wav, from]);
        run("oggenc", &["-Q", "-b", "160", "-o", to, wav]);
        seconds += analysis.samples as f64 / f64::from(analysis.sample_rate);
        bits += vorbis.len() as f64 * 8.0;
        their_bits += fs::metadata(&theirs).unwrap().len() as f64 * 8.0;
    }
    if seconds == 0.0 {
        return;
    }
    let [ours, theirs] = [bits, their_bits].map(|bits| bits / seconds / 1000.0);
    eprintln!("{ours:.1} kbit/s on average, oggenc -b 160 {theirs:.1}");
    // The few files are quiet ones, for which no encoder takes as much in its quality mode.
    assert!((0.85..1.15).contains(&(ours / theirs)), "{ours} {theirs}");
    if std::env::var_os("DEADWAX_FULL").is_some() {
        assert!((136.0..184.0).contains(&ours), "{ours}");
    }
}

#[test]
fn numbers_that_are_no_samples_do_no_harm() {
    let odd = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e30, -1e30, f32::MIN_POSITIVE, 0.5];
    let data: Vec<u8> = (0..60_000).flat_map(|n| odd[(n / 3) % odd.len()].to_le_bytes()).collect();
    let mut source = wav_of(44_100, 2, &data);
    // IEEE float, 32 bits.
    source[20] = 3;
    source[28..36].copy_from_slice(&[0x20, 0x62, 0x05, 0, 8, 0, 32, 0]);
    let (analysis, vorbis) = encode_vorbis(&source);
    assert_eq!(analysis.encoded.unwrap().samples, 30_000);
    let found = probe(&mut Cursor::new(&vorbis)).unwrap();
    assert_eq!(found.samples, Some(30_000));
    assert_eq!(encode_as(Coding::Opus, 75, &source).0.samples, 30_000);
}

#[test]
fn nonsense_bit_rates_get_a_sentence() {
    for (coding, kbit_rate) in [(Coding::Opus, 5), (Coding::Opus, 511), (Coding::Vorbis, 31)] {
        let (least, most) = coding.kbit_rates().into_inner();
        let sentence = format!(
            "{coding} takes {least} to {most} kbit/s, and {kbit_rate} is not among them; \
             choose a number between"
        );
        assert_eq!(coding.check_kbit_rate(kbit_rate).unwrap_err(), sentence);
        let error = try_encode(coding, kbit_rate, &wav(44_100, 2, 1_000)).unwrap_err();
        assert!(error.to_string().contains(&sentence), "{error}");
    }
    // What is accepted encodes, from end to end of the range.
    for coding in [Coding::Opus, Coding::Vorbis] {
        let (least, most) = coding.kbit_rates().into_inner();
        for (kbit_rate, channels) in [(least, 1), (least, 2), (most, 2), (least, 6), (most, 8)] {
            assert_eq!(coding.check_kbit_rate(kbit_rate), Ok(()));
            let (analysis, _) = encode_as(coding, kbit_rate, &wav(48_000, channels, 9_600));
            assert_eq!(analysis.encoded.unwrap().samples, 9_600, "{coding} {kbit_rate}");
        }
    }
}
