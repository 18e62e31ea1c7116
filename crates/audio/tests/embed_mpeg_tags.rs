//! MP3: tags that are not as the book has them, and tags that players no longer look at once there is an ID3v2 tag.

mod embed_support;

use deadwax_audio::embed::{EmbedFormat, Embedding};
use deadwax_audio::probe::{Probe, probe};
use embed_support::*;
use std::io::Cursor;

const MPEG: EmbedFormat = EmbedFormat::Mpeg;

/// An MP3 without any tag; `None` without ffmpeg and ffprobe.
fn bare() -> Option<Vec<u8>> {
    program("ffprobe").and(program("ffmpeg"))?;
    let line =
        "ffmpeg -v quiet -i IN -t 1 -map_metadata -1 -c:a libmp3lame -id3v2_version 0 -f mp3 OUT";
    Some(encoded(&line.split(' ').collect::<Vec<_>>()))
}

fn read(file: &[u8]) -> Probe {
    probe(&mut Cursor::new(file)).unwrap()
}

/// Only the title is the archive's.
fn titled() -> Embedding {
    Embedding { fields: vec![("TITLE".into(), "New".into())], pictures: Vec::new() }
}

/// A 2.4 tag whose sizes are written by `size`.
fn of_24(frames: &[(&str, &[u8])], size: fn(u32) -> [u8; 4]) -> Vec<u8> {
    let frame = |(name, content): &(&str, &[u8])| {
        [name.as_bytes(), &size(content.len() as u32), &[0, 0], content].concat()
    };
    let body = [&frames.iter().map(frame).collect::<Vec<_>>().concat()[..], &[0; 100]].concat();
    [&b"ID3\x04\0\0"[..], &syncsafe(body.len() as u32), &body].concat()
}

fn syncsafe(number: u32) -> [u8; 4] {
    [21, 14, 7, 0].map(|shift| (number >> shift) as u8 & 0x7F)
}

#[test]
fn sizes_of_23_in_a_tag_of_24_are_made_right() {
    let Some(sound) = bare() else { return };
    let cover = front(30_000).data;
    let long = ["\x03eng\0".as_bytes(), "many words ".repeat(40).as_bytes()].concat();
    let picture = [&b"\0image/png\0\x03\0"[..], &cover].concat();
    let frames: &[(&str, &[u8])] = &[
        ("TIT2", b"\x03Old"),
        ("COMM", &long),
        ("APIC", &picture),
        ("TCOM", b"\x03Somebody behind the picture"),
    ];
    let plain = [&of_24(frames, u32::to_be_bytes)[..], &sound].concat();
    let right = [&of_24(frames, syncsafe)[..], &sound].concat();
    assert_eq!(read(&plain), read(&right));
    assert_eq!(read(&plain).pictures[0].data, cover);

    let made = round_trip(&plain, MPEG, &titled());
    assert!(made.holding == round_trip(&right, MPEG, &titled()).holding);
    // ffprobe reads both spellings: it says the same of source and holding.
    for key in ["composer", "comment"] {
        assert!(tag(&made.holding, key).len() > 10);
        assert_eq!(tag(&made.holding, key), tag(&plain, key));
    }
    assert_eq!(
        (tag(&plain, "title").as_str(), tag(&made.holding, "title").as_str()),
        ("Old", "New")
    );
    assert_eq!((pictures(&plain), pictures(&made.holding)), (1, 1));
    assert_eq!(read(&made.holding).pictures, read(&plain).pictures);
    assert_eq!(decoded_md5(&made.holding), decoded_md5(&plain));
    assert!(made.patch.len() < 250, "a patch of {} bytes", made.patch.len());
}

/// An APEv2 tag without a header: all texts, but a cover.
fn ape(items: &[(&str, &str)]) -> Vec<u8> {
    let item = |key: &str, flags: u32, value: &[u8]| {
        let sizes = [(value.len() as u32).to_le_bytes(), flags.to_le_bytes()].concat();
        [&sizes, key.as_bytes(), b"\0", value].concat()
    };
    let mut body = item("Cover Art (Front)", 2, b"cover.png\0not a text");
    for (key, value) in items {
        body.extend(item(key, 0, value.as_bytes()));
    }
    let numbers = [2000, body.len() as u32 + 32, items.len() as u32 + 1, 0, 0, 0];
    [&body[..], b"APETAGEX", &numbers.map(u32::to_le_bytes).concat()].concat()
}

const ITEMS: [(&str, &str); 14] = [
    ("Title", "Old"),
    ("Artist", "Somebody\0Somebody else"),
    ("Album", "A release, カタカナ"),
    ("Album Artist", "Several"),
    ("Year", "2019-05-04"),
    ("Track", "3/12"),
    ("Disc", "2"),
    ("Genre", "Folk"),
    ("Comment", "Words"),
    ("ISRC", "USRC17607839"),
    ("MUSICBRAINZ_TRACKID", "b1a9c0e9-d987-4042-ae91-78d6a3267d69"),
    ("MUSICBRAINZ_ALBUMID", "89ad4ac3-39f7-470e-963a-56509c546377"),
    ("replaygain_track_gain", "-6.50 dB"),
    ("License", "CC-BY-4.0"),
];

#[test]
fn what_only_an_ape_tag_says_is_said_in_the_new_tag() {
    let Some(sound) = bare() else { return };
    let own = |version: u8, name: &str, content: &[u8]| {
        let size = content.len() as u8;
        let header = match version {
            2 => [name.as_bytes(), &[0, 0, size]].concat(),
            _ => [name.as_bytes(), &[0, 0, 0, size, 0, 0]].concat(),
        };
        let bytes = (header.len() + content.len()) as u8;
        [&[b'I', b'D', b'3', version, 0, 0, 0, 0, 0, bytes], &header[..], content].concat()
    };
    let id3v1 = {
        let mut tag = vec![0; 128];
        tag[..6].copy_from_slice(b"TAGOld");
        tag[97..103].copy_from_slice(b"Others");
        tag[127] = 17;
        tag
    };
    for (front, behind) in [
        (Vec::new(), Vec::new()),
        (Vec::new(), id3v1),
        (own(2, "TCM", b"\0C"), Vec::new()),
        (own(3, "TCOM", b"\0C"), Vec::new()),
        (own(4, "TCOM", b"\x03C"), Vec::new()),
    ] {
        let source = [&front[..], &sound, &ape(&ITEMS), &behind].concat();
        let made = round_trip(&source, MPEG, &titled());
        // As another program reads the ID3v2 tag, with nothing behind the audio that could say it.
        let head = made.holding.len() - (source.len() - front.len());
        let alone = &made.holding[..head + sound.len()];
        let said = |key: &str| tag(alone, key);
        assert_eq!(said("title"), "New");
        assert!(said("artist").starts_with("Somebody"), "{}", said("artist"));
        assert_eq!(said("album"), "A release, カタカナ");
        assert_eq!(said("album_artist"), "Several");
        assert_eq!(said("track"), "3/12");
        assert_eq!((said("genre").as_str(), said("comment").as_str()), ("Folk", "Words"));
        assert!(said("date").starts_with("2019"), "{}", said("date"));
        assert_eq!(said("replaygain_track_gain"), "-6.50 dB");
        assert_eq!(said("MusicBrainz Album Id"), ITEMS[11].1);
        // And as the archive's own reader does.
        let tags = read(alone).tags;
        assert_eq!((tags.disc, tags.isrcs[0].compact().as_str()), (Some(2), "USRC17607839"));
        assert_eq!(tags.musicbrainz_recording.as_deref(), Some(ITEMS[10].1));
        assert!(tags.said.contains(&("LICENSE".to_owned(), "CC-BY-4.0".to_owned())));
        assert_eq!(pictures(alone), 0);
        // Once said, nothing more is.
        assert!(round_trip(&made.holding, MPEG, &titled()).holding == made.holding);
    }
}

/// Found by fuzzing: nothing was left of a tag without frames, and only then what stands behind the audio was looked at.
#[test]
fn behind_a_tag_that_says_nothing_the_old_one_is_heard() {
    let Some(sound) = bare() else { return };
    let mut old = vec![0; 128];
    old[..3].copy_from_slice(b"TAG");
    old[97..103].copy_from_slice(b"Others");
    old[127] = 80;
    let empty = |version: u8| [b"ID3", &[version, 0, 0, 0, 0, 0, 0][..]].concat();
    for front in [of_24(&[], u32::to_be_bytes), empty(2), empty(3), empty(4), Vec::new()] {
        let source = [&front[..], &sound, &old].concat();
        for metadata in [titled(), Embedding::default()] {
            let made = round_trip(&source, MPEG, &metadata);
            let alone = &made.holding[..made.holding.len() - old.len()];
            assert_eq!(
                (tag(alone, "comment"), tag(alone, "genre")),
                ("Others".into(), "Folk".into())
            );
            assert!(round_trip(&made.holding, MPEG, &metadata).holding == made.holding);
        }
    }
}

#[test]
fn what_the_id3v2_tag_says_stands() {
    let Some(sound) = bare() else { return };
    let frames: &[(&str, &[u8])] = &[
        ("TPE1", b"\x03Of the tag"),
        ("TYER", b"\x031999"),
        ("COMM", b"\x03eng\0Of the tag"),
        ("TXXX", b"\x03ReplayGain_Track_Gain\0-1 dB"),
        ("UFID", b"http://musicbrainz.org\0of the tag"),
    ];
    let source = [&of_24(frames, syncsafe)[..], &sound, &ape(&ITEMS)].concat();
    let made = round_trip(&source, MPEG, &titled());
    let tag = &made.holding[..made.holding.len() - sound.len() - ape(&ITEMS).len()];
    let count =
        |wanted: &str| tag.windows(wanted.len()).filter(|at| *at == wanted.as_bytes()).count();
    for (frame, other) in
        [("TPE1", "Somebody"), ("COMM", "Words"), ("UFID", ITEMS[10].1), ("-1 dB", "-6.50")]
    {
        assert_eq!((count(frame), count(other)), (1, 0), "{frame}");
    }
    assert_eq!((count("TYER"), count("TDRC"), count("TALB")), (1, 0, 1));
    // A note of a program is no comment.
    let note: &[(&str, &[u8])] = &[("COMM", b"\x03engiTunNORM\0 0000")];
    let source = [&of_24(note, syncsafe)[..], &sound, &ape(&ITEMS)].concat();
    let made = round_trip(&source, MPEG, &titled()).holding;
    assert_eq!(made.windows(4).filter(|at| *at == b"COMM").count(), 2);
}

#[test]
fn a_damaged_ape_tag_says_nothing_and_stays() {
    let Some(sound) = bare() else { return };
    let whole = ape(&ITEMS);
    let expected = round_trip(&sound, MPEG, &titled()).holding;
    let with = |at: usize, number: u32| {
        let mut tag = whole.clone();
        let at = tag.len() - 32 + at;
        tag[at..at + 4].copy_from_slice(&number.to_le_bytes());
        tag
    };
    let longer_item = [&u32::MAX.to_le_bytes()[..], &whole[4..]].concat();
    for odd in [with(12, 31), with(12, u32::MAX), with(16, 0), with(0, 0), longer_item] {
        let made = round_trip(&[&sound[..], &odd].concat(), MPEG, &titled());
        assert!(made.holding == [&expected[..], &odd].concat());
    }
}
