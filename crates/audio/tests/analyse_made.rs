//! Small files of every kind, made here or by ffmpeg: lengths, damage, silence, interrupts.

mod analyse_support;

use analyse_support::*;
use deadwax_audio::analyse::{AnalyseError, Analysis, Job, analyse};
use deadwax_audio::probe::{Codec, Container, probe};
use std::fs;
use std::io::Cursor;
use std::sync::atomic::AtomicBool;

fn of(bytes: &[u8]) -> Analysis {
    let probe = probe(&mut Cursor::new(bytes)).unwrap();
    analyse(Cursor::new(bytes), &probe, Job::default()).unwrap()
}

#[test]
fn a_wav_is_what_was_written() {
    let analysis = of(&wav(44_100, 2, 5 * 44_100 + 17));
    assert_eq!(analysis.samples, 5 * 44_100 + 17);
    assert_eq!((analysis.sample_rate, analysis.channels), (44_100, 2));
    assert!((0.27..0.29).contains(&analysis.sample_peak), "{}", analysis.sample_peak);
    assert!(analysis.loudness_lufs.is_some_and(|lufs| (-16.0..-8.0).contains(&lufs)));
    assert!(analysis.fingerprint.is_some());
    assert!(analysis.warnings.is_empty());
}

#[test]
fn silence_has_no_loudness() {
    let analysis = of(&wav_of(48_000, 2, &[0; 400_000]));
    assert_eq!((analysis.samples, analysis.sample_peak), (100_000, 0.0));
    assert_eq!((analysis.loudness_lufs, analysis.loudness_range_lu), (None, None));
}

#[test]
fn odd_rates_and_many_channels_are_no_trouble() {
    for (rate, channels) in
        [(8_000, 1), (11_025, 1), (22_051, 2), (48_000, 6), (96_000, 3), (192_000, 1)]
    {
        let analysis = of(&wav(rate, channels, rate * 4));
        assert_eq!(analysis.samples, u64::from(rate) * 4);
        assert!(analysis.fingerprint.is_some(), "{rate}");
    }
}

#[test]
fn a_cut_wav_is_analysed_as_far_as_it_goes() {
    let mut bytes = wav(44_100, 2, 4 * 44_100);
    bytes.truncate(44 + 44_100 * 4);
    let analysis = of(&bytes);
    assert_eq!(analysis.samples, 44_100);
    assert_eq!(analysis.warnings, ["decodes to 1.0 s of the 4.0 s that its header states"]);
}

#[test]
fn a_flac_whose_smallest_block_counts_the_last_is_decoded_by_its_frames() {
    if !have(&["ffmpeg"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let [made, flac] = ["made.wav", "made.flac"].map(|name| folder.path().join(name));
    fs::write(&made, wav(44_100, 2, 3 * 44_100)).unwrap();
    run("ffmpeg", &["-v", "error", "-i", made.to_str().unwrap(), flac.to_str().unwrap()]);
    let sound = fs::read(&flac).unwrap();
    let wanted = of(&sound);
    assert_eq!((wanted.samples, wanted.warnings.len()), (3 * 44_100, 0));
    let mut odd = sound.clone();
    odd[8..10].copy_from_slice(&202u16.to_be_bytes());
    assert_eq!(of(&odd), wanted);
    // Behind a tag too.
    let tagged = [&b"ID3\x04\0\0\0\0\0\x05tag12"[..], &odd].concat();
    assert_eq!(of(&tagged), wanted);
}

#[test]
fn an_interrupt_ends_it() {
    let bytes = wav(44_100, 2, 44_100);
    let found = probe(&mut Cursor::new(&bytes)).unwrap();
    let flag = AtomicBool::new(true);
    let job = Job { interrupt: Some(&flag), ..Job::default() };
    let error = analyse(Cursor::new(&bytes), &found, job).unwrap_err();
    assert!(matches!(error, AnalyseError::Interrupted));
}

#[test]
fn every_kind_is_as_long_as_ffmpeg_says() {
    if !have(&["ffmpeg"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("source.wav");
    let samples = 3 * 44_100 + 777;
    fs::write(&source, wav(44_100, 2, samples)).unwrap();
    let kinds: [(&str, &[&str], Container, Codec); 11] = [
        ("a.flac", &[], Container::Flac, Codec::Flac),
        ("a.mp3", &["-b:a", "128k"], Container::Mp3, Codec::Mp3),
        ("vbr.mp3", &["-q:a", "4"], Container::Mp3, Codec::Mp3),
        ("aac.m4a", &["-c:a", "aac"], Container::Mp4, Codec::Aac),
        ("alac.m4a", &["-c:a", "alac"], Container::Mp4, Codec::Alac),
        ("a.opus", &["-b:a", "64k"], Container::Ogg, Codec::Opus),
        ("a.ogg", &["-c:a", "libvorbis"], Container::Ogg, Codec::Vorbis),
        ("a.oga", &["-c:a", "flac"], Container::Ogg, Codec::Flac),
        ("a.aiff", &[], Container::Aiff, Codec::Pcm),
        ("24.wav", &["-c:a", "pcm_s24le"], Container::Wav, Codec::Pcm),
        ("float.wav", &["-c:a", "pcm_f32le"], Container::Wav, Codec::Pcm),
    ];
    for (name, options, container, codec) in kinds {
        let path = folder.path().join(name);
        let mut arguments = vec!["-v", "error", "-i", source.to_str().unwrap()];
        arguments.extend_from_slice(options);
        arguments.extend_from_slice(&["-metadata", "title=A title", path.to_str().unwrap()]);
        run("ffmpeg", &arguments);
        let (probe, analysis) = (probe_file(&path), analyse_file(&path));
        eprintln!(
            "{name}: probe {:?}, decoded {}, {:?}",
            probe.samples, analysis.samples, analysis.warnings
        );
        assert_eq!((probe.container, probe.codec), (container, codec), "{name}");
        assert_eq!(probe.samples, Some(analysis.samples), "{name}");
        assert_eq!(probe.tags.title.as_deref(), Some("A title"), "{name}");
        assert!(analysis.warnings.is_empty(), "{name}: {:?}", analysis.warnings);
        // ffmpeg 5.1 leaves the padding of the last AAC packet in; the file states the true length.
        let wanted = if codec == Codec::Aac { samples.into() } else { ffmpeg_samples(&path, 2) };
        assert_eq!(analysis.samples, wanted, "{name}");
        let (lufs, _) = ffmpeg_loudness(&path);
        assert!((analysis.loudness_lufs.unwrap() - lufs).abs() <= 0.1, "{name}");
    }
}

#[test]
fn five_point_one_is_measured_alike() {
    if !have(&["ffmpeg"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("source.wav");
    fs::write(&source, wav(48_000, 6, 3 * 48_000)).unwrap();
    for name in ["a.flac", "a.opus", "a.ogg"] {
        let path = folder.path().join(name);
        run("ffmpeg", &["-v", "error", "-i", source.to_str().unwrap(), path.to_str().unwrap()]);
        let analysis = analyse_file(&path);
        assert_eq!((analysis.channels, analysis.samples), (6, 3 * 48_000), "{name}");
        if name == "a.ogg" {
            // Until the decoder is right: no figures rather than wrong ones.
            assert_eq!((analysis.loudness_lufs, &analysis.fingerprint), (None, &None));
            assert!(analysis.warnings[0].contains("not decoded rightly"), "{analysis:?}");
            continue;
        }
        let (lufs, _) = ffmpeg_loudness(&path);
        assert!(
            (analysis.loudness_lufs.unwrap() - lufs).abs() <= 0.1,
            "{name}: {analysis:?} {lufs}"
        );
    }
}

#[test]
fn a_cut_flac_and_a_cut_ogg_say_so() {
    if !have(&["ffmpeg"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("source.wav");
    fs::write(&source, wav(44_100, 2, 4 * 44_100)).unwrap();
    for (name, sentence) in [("a.flac", "that its header states"), ("a.ogg", "cut short")] {
        let path = folder.path().join(name);
        run("ffmpeg", &["-v", "error", "-i", source.to_str().unwrap(), path.to_str().unwrap()]);
        let mut bytes = fs::read(&path).unwrap();
        bytes.truncate(bytes.len() / 2);
        let probe = probe(&mut Cursor::new(&bytes)).unwrap();
        let analysis = analyse(Cursor::new(&bytes), &probe, Job::default()).unwrap();
        assert!(analysis.samples > 20_000 && analysis.samples < 4 * 44_100, "{name}");
        let said: Vec<_> = probe.warnings.iter().chain(&analysis.warnings).collect();
        assert!(said.iter().any(|said| said.contains(sentence)), "{name}: {said:?}");
    }
}

#[test]
fn chained_streams_are_one_piece() {
    if !have(&["ffmpeg"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("source.wav");
    fs::write(&source, wav(44_100, 2, 44_100)).unwrap();
    let path = folder.path().join("a.ogg");
    run("ffmpeg", &["-v", "error", "-i", source.to_str().unwrap(), path.to_str().unwrap()]);
    let once = fs::read(&path).unwrap();
    let path = folder.path().join("b.ogg");
    run(
        "ffmpeg",
        &[
            "-v",
            "error",
            "-i",
            source.to_str().unwrap(),
            "-serial_offset",
            "9",
            path.to_str().unwrap(),
        ],
    );
    let analysis = of(&[once, fs::read(&path).unwrap()].concat());
    assert_eq!(analysis.samples, 88_200);
}

#[test]
fn aac_without_a_container_is_decoded() {
    if !have(&["ffmpeg"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (source, path) = (folder.path().join("source.wav"), folder.path().join("a.aac"));
    fs::write(&source, wav(44_100, 2, 10 * 44_100)).unwrap();
    let (source, out) = (source.to_str().unwrap(), path.to_str().unwrap());
    let tags = ["-write_id3v2", "1", "-metadata", "title=A title"];
    run("ffmpeg", &[&["-v", "error", "-i", source, "-c:a", "aac"][..], &tags, &[out]].concat());
    let (probe, analysis) = (probe_file(&path), analyse_file(&path));
    assert_eq!((probe.container, probe.codec), (Container::Adts, Codec::Aac));
    assert_eq!((probe.sample_rate, probe.channels, probe.samples), (44_100, 2, None));
    assert_eq!(probe.tags.title.as_deref(), Some("A title"));
    assert!(probe.duration_ms.unwrap().abs_diff(10_000) < 1_500, "{:?}", probe.duration_ms);
    assert!(analysis.warnings.is_empty(), "{:?}", analysis.warnings);
    assert_eq!(analysis.samples, ffmpeg_samples(&path, 2));
    assert!((analysis.loudness_lufs.unwrap() - ffmpeg_loudness(&path).0).abs() <= 0.1);

    // What may be HE-AAC is measured by its length alone.
    let low = folder.path().join("low.aac");
    let rate = ["-ar", "22050", "-c:a", "aac", low.to_str().unwrap()];
    run("ffmpeg", &[&["-v", "error", "-i", source][..], &rate].concat());
    let analysis = analyse_file(&low);
    assert_eq!((analysis.loudness_lufs, &analysis.fingerprint), (None, &None));
    assert!(analysis.warnings[0].contains("may be HE-AAC"), "{:?}", analysis.warnings);
}

#[test]
fn wavpack_is_told_apart_and_not_decoded() {
    if !have(&["ffmpeg"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("source.wav");
    fs::write(&source, wav(96_000, 6, 96_000)).unwrap();
    for (name, options, wanted) in [
        ("six.wv", &["-c:a", "wavpack"][..], (96_000, 6, 96_000)),
        ("one.wv", &["-ac", "1", "-ar", "50000"], (50_000, 1, 50_000)),
        ("two.wv", &["-ac", "2", "-ar", "44100"], (44_100, 2, 44_100)),
    ] {
        let path = folder.path().join(name);
        let tags = ["-metadata", "title=A title", path.to_str().unwrap()];
        let from = ["-v", "error", "-i", source.to_str().unwrap()];
        run("ffmpeg", &[&from[..], options, &tags].concat());
        let bytes = fs::read(&path).unwrap();
        let probe = probe(&mut Cursor::new(&bytes)).unwrap();
        assert_eq!((probe.container, probe.codec), (Container::WavPack, Codec::WavPack), "{name}");
        let (rate, channels, samples) = wanted;
        assert_eq!((probe.sample_rate, probe.channels), (rate, channels), "{name}");
        assert_eq!(probe.samples.map(|found| found.abs_diff(samples) < 50), Some(true), "{name}");
        assert_eq!(probe.tags.title.as_deref(), Some("A title"), "{name}");
        let said = analyse(Cursor::new(&bytes), &probe, Job::default()).unwrap_err().to_string();
        assert!(said.contains("there is no decoder for wavpack"), "{said}");
    }
}
