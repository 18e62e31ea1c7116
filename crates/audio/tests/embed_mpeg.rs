//! MP3: files as ffmpeg writes them, with every kind of tag, which other programs then judge, and tags put together
//! here for what ffmpeg never writes.

mod embed_support;

use deadwax_audio::embed::{EmbedError, EmbedFormat, audio_digest};
use deadwax_audio::probe::probe;
use embed_support::*;
use proptest::prelude::*;
use std::io::Cursor;

const MPEG: EmbedFormat = EmbedFormat::Mpeg;

/// What ffmpeg makes with these arguments between input and output.
fn by_ffmpeg(arguments: &[&str]) -> Vec<u8> {
    let front = ["ffmpeg", "-v", "quiet", "-i", "IN"];
    let codec = ["-c:a", "libmp3lame", "-b:a", "128k", "-f", "mp3", "OUT"];
    encoded(&[&front[..], arguments, &codec].concat())
}

const TAGS: [&str; 8] = [
    "-metadata",
    "title=t",
    "-metadata",
    "comment=it stays",
    "-metadata",
    "TSRC=GBAYE0000001",
    "-metadata",
    "genre=Jazz",
];
const COVER: [&str; 8] = ["-i", "PNG", "-map", "0:a", "-map", "1:v", "-c:v", "copy"];
const COVER_IS_FRONT: [&str; 2] = ["-metadata:s:v", "comment=Cover (front)"];

/// What 2.4 says of two artists, and what the versions before it do.
const APART: [&str; 2] = ["Somebody", "Somebody else"];
const JOINED: [&str; 1] = ["Somebody/Somebody else"];

fn proves_sound(source: &[u8], artists: &[&str]) {
    let before = pictures(source);
    for picture_bytes in [0, 40_000] {
        let made = round_trip(source, MPEG, &embedding(picture_bytes));
        assert!(made.embedded.audio_pages_identical);
        assert_eq!(made.embedded.pictures_added, usize::from(picture_bytes > 0 && before == 0));
        assert_eq!(decoded_md5(&made.holding), decoded_md5(source));
        assert_eq!(tag(&made.holding, "title"), "Title of the archive");
        assert!(tag(&made.holding, "artist").starts_with(artists[0]));
        assert_eq!(tag(&made.holding, "album"), "A release, カタカナ");
        assert_eq!(tag(&made.holding, "track"), "7");
        assert_eq!(tag(&made.holding, "TSRC"), "USRC17607839");
        assert_eq!(tag(&made.holding, "DEADWAX_ID"), "00112233445566778899");
        assert_eq!(tag(&made.holding, "comment"), tag(source, "comment"));
        assert_eq!(tag(&made.holding, "genre"), tag(source, "genre"));
        assert!(made.holding.ends_with(&source[source.len() - 128..]));
        assert_eq!(pictures(&made.holding), before + made.embedded.pictures_added);
        let tags = probe(&mut Cursor::new(&made.holding)).unwrap().tags;
        assert_eq!(tags.artists, artists);
        assert_eq!((tags.position, tags.isrcs.len()), (Some(7), 1));
        assert_eq!(tags.title.as_deref(), Some("Title of the archive"));
        assert!(made.patch.len() < 400, "a patch of {} bytes", made.patch.len());
        // Embedding twice changes nothing more.
        let again = round_trip(&made.holding, MPEG, &embedding(picture_bytes));
        assert!(again.holding == made.holding, "not stable");
    }
}

#[test]
fn mp3_of_ffmpeg_with_every_kind_of_tag() {
    let (Some(_), Some(_)) = (program("ffmpeg"), program("ffprobe")) else {
        return;
    };
    let kinds: [(&[&str], &[&str]); 5] = [
        (&["-id3v2_version", "3"], &JOINED),
        (&["-id3v2_version", "4"], &APART),
        (&["-id3v2_version", "0"], &APART),
        (&["-id3v2_version", "3", "-write_id3v1", "1"], &JOINED),
        (&["-id3v2_version", "0", "-write_id3v1", "1"], &APART),
    ];
    for (kind, artists) in kinds {
        proves_sound(&by_ffmpeg(&[&TAGS[..], kind].concat()), artists);
    }
    let made = round_trip(&by_ffmpeg(&TAGS), MPEG, &embedding(0));
    assert_eq!(tag(&made.holding, "comment"), "it stays");
    let pictured = by_ffmpeg(&[&COVER[..], &TAGS, &COVER_IS_FRONT].concat());
    assert_eq!(pictures(&pictured), 1);
    proves_sound(&pictured, &APART);
}

#[test]
fn whatever_stands_behind_the_tag_stays() {
    let Some(_) = program("ffmpeg") else { return };
    let sound = by_ffmpeg(&["-id3v2_version", "0", "-map_metadata", "-1"]);
    for odd in [
        [&[0; 700], &sound[..]].concat(),
        [&sound[..], b"garbage", &noise(3_000, 7)].concat(),
        sound[..sound.len() - 101].to_vec(),
        sound[..5].to_vec(),
        Vec::new(),
    ] {
        let made = round_trip(&odd, MPEG, &embedding(500));
        assert!(made.holding.ends_with(&odd));
        assert!(made.patch.len() < 150, "a patch of {} bytes", made.patch.len());
    }
}

/// A tag of a version with these frames, and something like audio behind it.
fn tagged(version: u8, frames: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, content) in frames {
        let size = content.len() as u32;
        assert!(size < 128, "the same in every version");
        body.extend_from_slice(name.as_bytes());
        if version == 2 {
            body.extend_from_slice(&size.to_be_bytes()[1..]);
        } else {
            body.extend_from_slice(&size.to_be_bytes());
            body.extend_from_slice(&[0, 0]);
        }
        body.extend_from_slice(content);
    }
    body.extend_from_slice(&[0; 50]);
    let size = [0, 0, (body.len() >> 7) as u8, body.len() as u8 & 0x7F];
    [&[b'I', b'D', b'3', version, 0, 0], &size[..], &body, &noise(2_000, 3)].concat()
}

fn count(bytes: &[u8], wanted: &[u8]) -> usize {
    bytes.windows(wanted.len()).filter(|window| *window == wanted).count()
}

#[test]
fn frames_survive_in_their_version_and_replaced_ones_do_not() {
    let frames: [(u8, [&str; 4], &[&str]); 3] = [
        (
            2,
            ["TT2", "TYE", "TXX", "TCM"],
            &["TT2", "TP1", "TAL", "TRK", "TYE", "TDA", "TRC", "TXX"],
        ),
        (3, ["TIT2", "TYER", "TXXX", "TCOM"], &["TIT2", "TPE1", "TALB", "TYER", "TDAT", "TSRC"]),
        (4, ["TIT2", "TYER", "TXXX", "TCOM"], &["TIT2", "TPE1", "TALB", "TDRC", "TSRC", "TRCK"]),
    ];
    for (version, [title, year, user, composer], made_ones) in frames {
        let source = tagged(
            version,
            &[
                (composer, b"\0somebody"),
                (title, b"\0old"),
                (year, b"\x001999"),
                (user, b"\0deadwax_id\0old id"),
                (user, b"\0mood\0calm"),
            ],
        );
        let made = round_trip(&source, MPEG, &embedding(0));
        assert_eq!(made.holding[3], version);
        for survivor in [&b"\0somebody"[..], b"\0mood\0calm"] {
            assert_eq!(count(&made.holding, survivor), 1);
        }
        for gone in [&b"\0old"[..], b"1999", b"old id"] {
            assert_eq!(count(&made.holding, gone), 0);
        }
        for name in made_ones {
            assert!(count(&made.holding, name.as_bytes()) >= 1, "{name}");
        }
        assert_eq!(count(&made.holding, "カタカナ".as_bytes()), usize::from(version == 4));
    }
}

#[test]
fn a_date_that_is_none_is_a_text() {
    let mut metadata = embedding(0);
    metadata.fields.retain(|(key, _)| key != "DATE");
    metadata.fields.push(("DATE".into(), "May 2004".into()));
    for version in [2, 3, 4] {
        let name = if version == 2 { "TT2" } else { "TIT2" };
        let made = round_trip(&tagged(version, &[(name, b"\0t")]), MPEG, &metadata);
        assert_eq!(count(&made.holding, b"DATE\0May 2004"), 1);
    }
}

#[test]
fn a_picture_that_version_2_cannot_carry_is_left_out() {
    let mut metadata = embedding(500);
    metadata.pictures[0].mime = "image/webp".into();
    let added = |version, name| {
        round_trip(&tagged(version, &[(name, b"\0t")]), MPEG, &metadata).embedded.pictures_added
    };
    assert_eq!((added(2, "TT2"), added(3, "TIT2"), added(4, "TIT2")), (0, 1, 1));
}

#[test]
fn what_readers_would_read_differently_is_refused() {
    let refusal = |source: &[u8]| match try_round_trip(source, MPEG, &embedding(0)) {
        Err(EmbedError::Unsupported(why)) => why,
        other => panic!("{:?}", other.map(|made| made.patch)),
    };
    let sound = tagged(4, &[("TIT2", b"\x03t")]);
    let tag_bytes = 10 + 12 + 50;
    let twice = [&sound[..tag_bytes], &sound].concat();
    assert_eq!(refusal(&twice), "two ID3v2 tags stand in front of it");
    assert_eq!(refusal(&sound[..tag_bytes - 1]), "it ends within its ID3v2 tag");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn damage_is_refused_or_carried(
        version in 2u8..6,
        at in 0usize..160, with: u8, cut in 0usize..400,
    ) {
        let name = |old: &'static str, new: &'static str| if version == 2 { old } else { new };
        let mut source = tagged(version, &[
            (name("TT2", "TIT2"), b"\x01\xFF\xFEo\0l\0d\0"),
            (name("TXX", "TXXX"), b"\x01\xFF\xFEk\0\0\0\xFF\xFEv\0"),
            (name("PIC", "APIC"), b"\0image/png\0\x03\0data"),
        ]);
        source[at] = with;
        source.truncate(source.len() - cut);
        let _ = try_round_trip(&source, MPEG, &embedding(100));
        let _ = audio_digest(&mut &source[..], MPEG);
    }
}
