//! Tags, pictures and odd files through the public API.

mod analyse_support;

use analyse_support::*;
use deadwax_audio::probe::{Container, ProbeError, probe};
use deadwax_model::PictureKind;
use std::fs::{self, File};
use std::io::{Cursor, Seek, Write};

#[test]
fn real_files_say_what_vorbiscomment_says() {
    if !have(&["vorbiscomment"]) {
        return;
    }
    for path in real_files() {
        let found = probe_file(&path);
        assert_eq!(found.container, Container::Ogg);
        let said = run("vorbiscomment", &["-R", "-l", path.to_str().unwrap()]);
        let theirs: Vec<(String, String)> = String::from_utf8_lossy(&said.stdout)
            .lines()
            .filter_map(|line| line.split_once('='))
            .map(|(key, value)| (key.to_uppercase(), value.trim().to_owned()))
            .filter(|(_, value)| !value.is_empty())
            .collect();
        let ours = found.tags.said.clone();
        // A field with line breaks is one field here and several lines there.
        if ours.len() == theirs.len() {
            assert_eq!(ours, theirs, "{path:?}");
        } else {
            assert!(ours.len() < theirs.len(), "{path:?}");
        }
    }
}

#[test]
fn tags_of_every_kind_come_through() {
    if !have(&["ffmpeg"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (source, cover) = (folder.path().join("source.wav"), folder.path().join("cover.png"));
    fs::write(&source, wav(44_100, 2, 44_100)).unwrap();
    let draw = ["-v", "error", "-f", "lavfi", "-i", "color=red:size=16x16", "-frames:v", "1"];
    run("ffmpeg", &[&draw[..], &[cover.to_str().unwrap()]].concat());
    for name in ["a.flac", "a.mp3", "a.m4a", "a.opus", "a.ogg", "a.wav"] {
        let path = folder.path().join(name);
        let mut arguments = vec!["-v", "error", "-i", source.to_str().unwrap()];
        let pictured = ["a.flac", "a.mp3", "a.m4a"].contains(&name);
        if pictured {
            arguments.extend(["-i", cover.to_str().unwrap(), "-map", "0", "-map", "1"]);
            arguments.extend(["-c:v", "copy", "-disposition:v", "attached_pic"]);
            arguments.extend(["-metadata:s:v", "comment=Cover (front)"]);
        }
        for tag in [
            "title=Café",
            "artist=Ann",
            "album=One",
            "track=3/12",
            "date=2004-05-06",
            "copyright=2004 Ann",
        ] {
            arguments.extend(["-metadata", tag]);
        }
        arguments.push(path.to_str().unwrap());
        run("ffmpeg", &arguments);
        let found = probe_file(&path);
        let tags = &found.tags;
        assert_eq!(tags.title.as_deref(), Some("Café"), "{name}: {tags:?}");
        assert_eq!(tags.artists, ["Ann"], "{name}");
        assert_eq!(tags.release.as_deref(), Some("One"), "{name}");
        assert_eq!(tags.position, Some(3), "{name}: {tags:?}");
        assert_eq!(tags.date.as_deref(), Some("2004-05-06"), "{name}: {tags:?}");
        assert!(tags.said.iter().any(|(_, value)| value == "2004 Ann"), "{name}: {tags:?}");
        assert_eq!(found.pictures.len(), usize::from(pictured), "{name}");
        for picture in &found.pictures {
            assert_eq!(
                (picture.kind, picture.mime.as_str()),
                (PictureKind::Front, "image/png"),
                "{name}"
            );
            assert_eq!(picture.data, fs::read(&cover).unwrap());
        }
        assert!(found.warnings.is_empty(), "{name}: {:?}", found.warnings);
    }
}

/// As Picard writes them into ID3v2.3, which has one value a frame.
#[test]
fn joined_artists_of_mp3_are_told_apart_where_the_credit_agrees() {
    if !have(&["ffmpeg"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("source.wav");
    fs::write(&source, wav(44_100, 1, 44_100)).unwrap();
    for (credit, joined, names) in [
        ("Ann feat. Bob", "Ann/Bob", &["Ann", "Bob"][..]),
        ("AC/DC", "AC/DC", &["AC/DC"]),
        ("AC/DC & Bob", "AC/DC/Bob", &["AC/DC", "Bob"]),
        ("Somebody", "Ann/Bob", &["Ann/Bob"]),
    ] {
        let path = folder.path().join("a.mp3");
        let (artist, artists) = (format!("artist={credit}"), format!("ARTISTS={joined}"));
        let tags = ["-metadata", &artist, "-metadata", &artists, "-id3v2_version", "3"];
        let (from, to) = (source.to_str().unwrap(), path.to_str().unwrap());
        run("ffmpeg", &[&["-v", "error", "-y", "-i", from], &tags[..], &[to]].concat());
        assert_eq!(probe_file(&path).tags.artists, names, "{credit}, {joined}");
    }
}

#[test]
fn the_name_does_not_matter() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("music.mp3");
    fs::write(&path, b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01").unwrap();
    let error = probe(&mut File::open(&path).unwrap()).unwrap_err();
    assert!(error.to_string().starts_with("it is a JPEG image, not audio"), "{error}");
    fs::write(&path, wav(8_000, 1, 800)).unwrap();
    assert_eq!(probe_file(&path).container, Container::Wav);
}

#[test]
fn a_gigabyte_of_zeros_is_answered_at_once() {
    let mut file = tempfile::tempfile().unwrap();
    file.set_len(1 << 30).unwrap();
    let start = std::time::Instant::now();
    let error = probe(&mut file).unwrap_err();
    assert!(error.to_string().contains("zero bytes"), "{error}");
    // With a WAV header it is a long silence, and said to be one from the header alone.
    file.rewind().unwrap();
    let mut header = wav_of(44_100, 2, &[]);
    header[40..44].copy_from_slice(&((1u32 << 30) - 44).to_le_bytes());
    file.write_all(&header).unwrap();
    let found = probe(&mut file).unwrap();
    assert_eq!(found.samples, Some(((1 << 30) - 44) / 4));
    assert!(start.elapsed().as_secs() < 2);
}

#[test]
fn cut_files_are_told_from_foreign_ones() {
    let say = |bytes: &[u8]| probe(&mut Cursor::new(bytes)).unwrap_err();
    assert!(matches!(say(b""), ProbeError::Empty));
    assert!(matches!(say(b"fLaC\0\0\0\x22abc"), ProbeError::Unreadable { .. }));
    assert!(matches!(say(b"OggS\0\x02zz"), ProbeError::Unreadable { .. }));
    assert!(matches!(say(&wav(8_000, 1, 8)[..30]), ProbeError::Unreadable { .. }));
    assert!(matches!(say(b"\0\0\0\x10ftypM4A \0\0\0\0"), ProbeError::Unreadable { .. }));
    let text = say(b"fLaC\0\0\0\x22abc").to_string();
    assert!(text.starts_with("it looks like a FLAC file but cannot be read: "), "{text}");
}
