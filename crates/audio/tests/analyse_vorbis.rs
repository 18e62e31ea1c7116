//! The Vorbis tier: what it makes, other programs decode to exactly the length of the source.

mod analyse_support;

use analyse_support::*;
use deadwax_audio::analyse::{Analysis, Coding};
use deadwax_audio::probe::Codec;
use std::fs;
use std::path::Path;

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
        (8_000, 1, 8_001),
        (8_000, 1, 3),
        (96_000, 2, 200_003),
        (192_000, 1, 200_003),
        (4_000, 1, 9_999),
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
