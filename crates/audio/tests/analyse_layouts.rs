//! Every layout from mono to 7.1: each channel comes out of other programs where it went in.

mod analyse_support;

use analyse_support::*;
use deadwax_audio::analyse::{AnalyseError, Coding};
use std::f64::consts::TAU;
use std::fs;

const RATE: u32 = 48_000;
const AMPLITUDE: f64 = 0.25;

/// A tone for each channel of the WAVE order; low frequencies get a low one.
fn tones(channels: usize) -> Vec<f64> {
    let low = |place: usize| channels >= 6 && place == 3;
    (0..channels).map(|n| if low(n) { 70.0 } else { 500.0 + 370.0 * n as f64 }).collect()
}

/// A second and a half of them.
fn tones_wav(channels: usize, rate: u32) -> Vec<u8> {
    let tones = tones(channels);
    let mut data = Vec::new();
    for n in 0..rate * 3 / 2 {
        for hertz in &tones {
            let value = (TAU * hertz * f64::from(n) / f64::from(rate)).sin() * AMPLITUDE;
            data.extend_from_slice(&((value * 32_767.0).round() as i16).to_le_bytes());
        }
    }
    wav_of(rate, channels as u16, &data)
}

/// Each channel of 16-bit samples has its own tone at its level, and no other's.
fn expect_tones(raw: &[u8], order: &[usize], rate: u32, name: &str) {
    let channels = order.len();
    let samples = samples_of(raw);
    let tones = tones(channels);
    for (place, &from) in order.iter().enumerate() {
        let plane: Vec<f64> = samples.iter().skip(place).step_by(channels).copied().collect();
        for (tone, &hertz) in tones.iter().enumerate() {
            let found = 20.0 * (tone_of(&plane, hertz, rate).0 / AMPLITUDE).log10();
            if tone == from {
                // libvorbis (oggenc alike) codes the low frequencies of its 5.1 mode coarsely.
                let tolerance = if hertz < 100.0 { 3.0 } else { 0.5 };
                assert!(
                    found.abs() < tolerance,
                    "{name}: channel {place} has its tone at {found:.2} dB"
                );
            } else {
                assert!(found < -25.0, "{name}: channel {place} has tone {tone} at {found:.2} dB");
            }
        }
    }
}

/// Channels 0 to n - 1.
fn in_order(channels: usize) -> Vec<usize> {
    (0..channels).collect()
}

/// The WAVE channels in the order of Vorbis files (Vorbis I section 4.3.9), in which opusdec and
/// oggdec write samples that have no header.
fn as_coded(channels: usize) -> &'static [usize] {
    [
        &[0][..],
        &[0, 1],
        &[0, 2, 1],
        &[0, 1, 2, 3],
        &[0, 2, 1, 3, 4],
        &[0, 2, 1, 4, 5, 3],
        &[0, 2, 1, 5, 6, 4, 3],
        &[0, 2, 1, 6, 7, 4, 5, 3],
    ][channels - 1]
}

#[test]
fn opus_keeps_every_channel_in_its_place() {
    if !have(&["ffmpeg", "opusdec"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let [path, out] = ["a.opus", "a.raw"].map(|name| folder.path().join(name));
    for channels in 1..=8 {
        let name = format!("{channels} channels");
        fs::write(&path, encode_as(Coding::Opus, 96, &tones_wav(channels, RATE)).1).unwrap();
        expect_tones(&ffmpeg_raw(&path), &in_order(channels), RATE, &format!("ffmpeg, {name}"));
        let [from, to] = [&path, &out].map(|path| path.to_str().unwrap());
        run("opusdec", &["--quiet", "--rate", "48000", from, to]);
        expect_tones(
            &fs::read(&out).unwrap(),
            as_coded(channels),
            RATE,
            &format!("opusdec, {name}"),
        );
    }
}

#[test]
fn vorbis_keeps_every_channel_in_its_place() {
    if !have(&["ffmpeg", "oggdec"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let [path, out] = ["a.ogg", "a.raw"].map(|name| folder.path().join(name));
    for (channels, rate) in (1..=8).zip([RATE, 44_100].into_iter().cycle()).chain([(6, RATE)]) {
        let name = format!("{channels} channels");
        fs::write(&path, encode_as(Coding::Vorbis, 160, &tones_wav(channels, rate)).1).unwrap();
        expect_tones(&ffmpeg_raw(&path), &in_order(channels), rate, &format!("ffmpeg, {name}"));
        let [from, to] = [&path, &out].map(|path| path.to_str().unwrap());
        run("oggdec", &["-Q", "-R", "-o", to, from]);
        expect_tones(
            &fs::read(&out).unwrap(),
            as_coded(channels),
            rate,
            &format!("oggdec, {name}"),
        );
    }
}

#[test]
fn five_point_one_of_every_container_is_read_in_order() {
    if !have(&["ffmpeg", "opusdec"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let [source, opus] = ["a.wav", "a.opus"].map(|name| folder.path().join(name));
    fs::write(&source, tones_wav(6, RATE)).unwrap();
    let kinds: [(&str, &[&str]); 6] = [
        ("a.flac", &[]),
        ("a.aiff", &[]),
        ("alac.m4a", &["-c:a", "alac"]),
        ("from.opus", &["-b:a", "384k"]),
        ("a.oga", &["-c:a", "flac"]),
        ("extensible.wav", &["-c:a", "pcm_s24le"]),
    ];
    for (name, options) in kinds {
        let path = folder.path().join(name);
        let mut arguments = vec!["-v", "error", "-i", source.to_str().unwrap()];
        arguments.extend_from_slice(&["-af", "aformat=channel_layouts=5.1"]);
        arguments.extend_from_slice(options);
        arguments.push(path.to_str().unwrap());
        run("ffmpeg", &arguments);
        fs::write(&opus, encode_as(Coding::Opus, 96, &fs::read(&path).unwrap()).1).unwrap();
        expect_tones(&ffmpeg_raw(&opus), &in_order(6), RATE, name);
    }
}

#[test]
fn channels_that_the_file_could_not_name_are_kept() {
    if !have(&["ffmpeg"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let [source, placed] = ["a.wav", "placed.wav"].map(|name| folder.path().join(name));
    for (channels, layout, fits) in [
        (3, "3.0", true),
        (3, "2.1", false),
        (4, "quad", true),
        (4, "4.0", false),
        (5, "5.0", true),
        (5, "4.1", false),
        (6, "5.1(side)", true),
        (6, "hexagonal", false),
        (7, "6.1", true),
        (7, "6.1(back)", false),
        (8, "7.1", true),
        (8, "octagonal", false),
    ] {
        fs::write(&source, tones_wav(channels, RATE)).unwrap();
        let [from, to] = [&source, &placed].map(|path| path.to_str().unwrap());
        let named = format!("channelmap=channel_layout={layout}");
        run("ffmpeg", &["-y", "-v", "error", "-i", from, "-af", &named, to]);
        let bytes = fs::read(&placed).unwrap();
        match try_encode(Coding::Opus, 96, &bytes) {
            Ok((_, opus)) => {
                assert!(fits, "{layout}");
                let path = folder.path().join("a.opus");
                fs::write(&path, opus).unwrap();
                expect_tones(&ffmpeg_raw(&path), &in_order(channels), RATE, layout);
            }
            Err(error) => {
                assert!(!fits, "{layout}: {error}");
                assert!(error.to_string().contains("have no order for its channels"), "{error}");
            }
        }
    }
}

#[test]
fn more_than_eight_channels_are_kept() {
    let source = wav(48_000, 9, 4_800);
    for coding in [Coding::Opus, Coding::Vorbis] {
        let error = try_encode(coding, 96, &source).unwrap_err();
        assert!(matches!(error, AnalyseError::Unencodable(_)));
        let sentence = "it cannot be encoded: it has 9 channels, and the lossy tiers take 1 to 8; \
                        keep the source instead";
        assert_eq!(error.to_string(), sentence);
    }
}
