//! Files as the usual encoders write them: Opus, Vorbis and FLAC, with and without pictures, headers
//! of one page and of several. Other programs say whether the holdings are sound.

mod embed_support;

use deadwax_audio::embed::{EmbedError, EmbedFormat, embed};
use deadwax_audio::ogg::{Comments, PageWriter};
use deadwax_audio::probe::probe;
use embed_support::*;
use std::io::Cursor;

/// Embeds little and much, and asks ffmpeg and the format's own checker.
fn proves_sound(source: &[u8], format: EmbedFormat, checker: &str) {
    let Some(_) = program("ffmpeg") else { return };
    let has_front = round_trip(source, format, &embedding(10)).embedded.pictures_added == 0;
    for picture_bytes in [0, 40_000, 200_000] {
        let made = round_trip(source, format, &embedding(picture_bytes));
        assert_eq!(decoded_md5(&made.holding), decoded_md5(source));
        assert_eq!(complaints(checker, &made.holding), complaints(checker, source));
        assert_eq!(tag(&made.holding, "title"), "Title of the archive");
        assert_eq!(tag(&made.holding, "artist"), "Somebody;Somebody else");
        assert_eq!(tag(&made.holding, "comment"), "it stays");
        assert_eq!(made.embedded.pictures_added, usize::from(picture_bytes > 0 && !has_front));
        assert!(made.patch.len() < 1_000, "a patch of {} bytes", made.patch.len());
        // Embedding twice changes nothing more.
        let again = round_trip(&made.holding, format, &embedding(picture_bytes));
        assert!(again.holding == made.holding, "not stable");
    }
}

#[test]
fn opus_of_opusenc() {
    let (Some(_), Some(_)) = (program("opusenc"), program("opusinfo")) else {
        return;
    };
    let arguments =
        ["opusenc", "--quiet", "--title", "t", "--comment", "COMMENT=it stays", "IN", "OUT"];
    proves_sound(&encoded(&arguments), EmbedFormat::Opus, "opusinfo");
}

#[test]
fn opus_of_opusenc_with_headers_of_several_pages() {
    let (Some(_), Some(_)) = (program("opusenc"), program("opusinfo")) else {
        return;
    };
    let comment = ["--comment", "COMMENT=it stays"];
    let source = encoded(
        &[&["opusenc", "--quiet", "--picture", "PNG"], &comment[..], &["IN", "OUT"]].concat(),
    );
    proves_sound(&source, EmbedFormat::Opus, "opusinfo");
    let made = round_trip(&source, EmbedFormat::Opus, &embedding(200_000));
    assert!(made.embedded.audio_pages_identical);
}

#[test]
fn opus_of_ffmpeg() {
    let (Some(_), Some(_)) = (program("ffmpeg"), program("opusinfo")) else {
        return;
    };
    let arguments = "ffmpeg -v quiet -i IN -c:a libopus -metadata TITLE=t -metadata";
    let mut arguments: Vec<_> = arguments.split(' ').collect();
    arguments.extend(["COMMENT=it stays", "OUT"]);
    proves_sound(&encoded(&arguments), EmbedFormat::Opus, "opusinfo");
}

#[test]
fn vorbis_of_oggenc() {
    let (Some(_), Some(_)) = (program("oggenc"), program("ogginfo")) else {
        return;
    };
    let comment = "COMMENT=it stays";
    let arguments = ["oggenc", "-Q", "--serial", "7", "-t", "t", "-c", comment, "IN", "-o", "OUT"];
    proves_sound(&encoded(&arguments), EmbedFormat::Vorbis, "ogginfo");
}

#[test]
fn flac_of_flac_and_ffmpeg() {
    let (Some(_), Some(_)) = (program("flac"), program("ffmpeg")) else {
        return;
    };
    let by_flac = ["flac", "-s", "-T", "comment=it stays", "-T", "title=t", "IN", "-o", "OUT"];
    proves_sound(&encoded(&by_flac), EmbedFormat::Flac, "flac");
    let with_picture =
        ["flac", "-s", "--picture", "PNG", "-T", "comment=it stays", "IN", "-o", "OUT"];
    proves_sound(&encoded(&with_picture), EmbedFormat::Flac, "flac");
    let by_ffmpeg = "ffmpeg -v quiet -i IN -c:a flac -metadata title=t -metadata";
    let mut by_ffmpeg: Vec<_> = by_ffmpeg.split(' ').collect();
    by_ffmpeg.extend(["comment=it stays", "OUT"]);
    proves_sound(&encoded(&by_ffmpeg), EmbedFormat::Flac, "flac");
}

/// Some taggers put ID3 tags around a FLAC stream.
#[test]
fn id3_tags_around_flac_stay_where_they_are() {
    let (Some(_), Some(_)) = (program("flac"), program("ffmpeg")) else {
        return;
    };
    let arguments = ["flac", "-s", "-T", "comment=it stays", "-T", "artist=Own", "IN", "-o", "OUT"];
    let flac = encoded(&arguments);
    let frames = b"TIT2\0\0\0\x04\0\0\0Id3TCOM\0\0\0\x03\0\0\0Bo\0\0\0\0\0";
    let front = [&b"ID3\x03\0\0\0\0\0"[..], &[frames.len() as u8], frames].concat();
    let mut behind = vec![0; 128];
    behind[..6].copy_from_slice(b"TAGOld");
    for (front, behind) in [(&front[..], &[][..]), (&front, &behind), (&[], &behind)] {
        let source = [front, &flac, behind].concat();
        let made = round_trip(&source, EmbedFormat::Flac, &embedding(40_000));
        assert!(made.holding.starts_with(front) && made.holding.ends_with(behind));
        let kinds = kinds(&made.holding[front.len()..]);
        assert_eq!((kinds[0], kinds.contains(&4), kinds.last()), (0, true, Some(&6)));
        assert!(made.patch.len() < 400, "a patch of {} bytes", made.patch.len());
        let again = round_trip(&made.holding, EmbedFormat::Flac, &embedding(40_000));
        assert!(again.holding == made.holding, "not stable");

        assert_eq!(decoded_md5(&made.holding), decoded_md5(&source));
        assert_eq!(tag(&made.holding, "album"), "A release, カタカナ");
        assert_eq!(tag(&made.holding, "comment"), "it stays");
        assert_eq!(pictures(&made.holding), 1);
        // flac passes over the tag in front; it warns of one behind, before and after.
        assert_eq!(complaints("flac", &made.holding), complaints("flac", &source));

        let told = |file: &[u8]| probe(&mut Cursor::new(file)).unwrap().tags;
        let (source, holding) = (told(&source), told(&made.holding));
        assert_eq!(holding.title.as_deref(), Some("Title of the archive"));
        assert_eq!(holding.artists, ["Somebody", "Somebody else"]);
        // What FLAC's own tags do not say, the tag in front does.
        let said = (!front.is_empty()).then_some("Id3");
        assert_eq!((source.title.as_deref(), &source.artists[..]), (said, &["Own".to_owned()][..]));
        let composer = holding.said.iter().any(|(key, value)| key == "TCOM" && value == "Bo");
        assert_eq!(composer, !front.is_empty());
    }
}

#[test]
fn flac_blocks_survive_in_their_order() {
    let Some(_) = program("flac") else { return };
    let source = encoded(&["flac", "-s", "--picture", "PNG", "-S", "1s", "IN", "-o", "OUT"]);
    // An application block and one of a type that nobody has defined yet, in front of the others.
    let streaminfo_end = 4 + 4 + 34;
    let mut odd = source[..streaminfo_end].to_vec();
    odd.extend_from_slice(b"\x02\0\0\x06deadwx\x2a\0\0\x03abc");
    odd.extend_from_slice(&source[streaminfo_end..]);
    let made = round_trip(&odd, EmbedFormat::Flac, &embedding(500));
    assert_eq!(kinds(&odd), [0, 2, 42, 3, 4, 6, 1]);
    assert_eq!(kinds(&made.holding), [0, 2, 42, 3, 4, 6]);
}

#[test]
fn what_cannot_be_embedded_is_refused_with_a_sentence() {
    let Some(_) = program("flac") else { return };
    let flac = encoded(&["flac", "-s", "IN", "-o", "OUT"]);
    let refusal = |source: &[u8], format| {
        let refused = embed(&mut Cursor::new(source), format, &embedding(0), &mut Vec::new());
        match refused.unwrap_err() {
            EmbedError::Unsupported(why) => why,
            other => panic!("{other}"),
        }
    };
    let twice = [&b"ID3\x04\0\0\0\0\0\x00"[..], b"ID3\x04\0\0\0\0\0\x00", &flac].concat();
    assert_eq!(refusal(&twice, EmbedFormat::Flac), "two ID3v2 tags stand in front of it");
    let short = [&b"fLaC\x80\0\0\x21"[..], &[1; 33]].concat();
    assert!(refusal(&short, EmbedFormat::Flac).contains("STREAMINFO"));
    assert!(refusal(&flac, EmbedFormat::Opus).contains("does not begin with whole Ogg pages"));
    assert!(refusal(&flac[..60], EmbedFormat::Flac).contains("ends within its FLAC metadata"));
    assert!(refusal(b"", EmbedFormat::Vorbis).contains("does not begin with whole Ogg pages"));

    let (Some(_), Some(_)) = (program("oggenc"), program("opusenc")) else {
        return;
    };
    let ogg = encoded(&["oggenc", "-Q", "--serial", "7", "IN", "-o", "OUT"]);
    let opus = encoded(&["opusenc", "--quiet", "IN", "OUT"]);
    let stream = refusal(&ogg, EmbedFormat::Opus);
    assert_eq!(stream, "it does not begin with the header of an Ogg Opus stream");
    for chained in [[&ogg[..], &opus].concat(), [&ogg[..], &ogg].concat()] {
        assert_eq!(refusal(&chained, EmbedFormat::Vorbis), "it carries more than one stream");
    }
    let multiplexed = [&ogg[..58], &opus].concat();
    assert_eq!(refusal(&multiplexed, EmbedFormat::Vorbis), "it carries more than one stream");
    let mut damaged = ogg.clone();
    damaged[100] ^= 1;
    assert!(refusal(&damaged, EmbedFormat::Vorbis).contains("wrong checksum"));
}

#[test]
fn foreign_bytes_behind_the_audio_are_carried_or_refused() {
    let Some(_) = program("oggenc") else { return };
    let ogg = encoded(&["oggenc", "-Q", "--serial", "7", "IN", "-o", "OUT"]);
    for tagged in [[&ogg[..], b"TAG", &[0; 125]].concat(), ogg[..ogg.len() - 100].to_vec()] {
        round_trip(&tagged, EmbedFormat::Vorbis, &embedding(0));
        let more_pages = try_round_trip(&tagged, EmbedFormat::Vorbis, &embedding(200_000));
        assert!(matches!(more_pages, Err(EmbedError::Unsupported(_))));
    }
}

#[test]
fn headers_of_megabytes_stay_within_the_limit() {
    let stream = |big: usize| {
        let mut comments = Comments { vendor: b"v".to_vec(), fields: Vec::new() };
        comments.push("TITLE", "t");
        comments.fields.push([b"BIG=".to_vec(), noise(big, 1)].concat());
        let mut writer = PageWriter::new(Vec::new(), 1);
        writer.header_packet(b"OpusHead\x01\x01").unwrap();
        writer.header_packet(&comments.to_opus_packet()).unwrap();
        (1..200).for_each(|n| writer.packet(&noise(200, n), n * 960).unwrap());
        writer.finish(190_000).unwrap()
    };
    // 9 MB: a reference and literals far beyond zstd's usual window.
    let made = round_trip(&stream(9_000_000), EmbedFormat::Opus, &embedding(200_000));
    assert!(!made.embedded.audio_pages_identical);
    println!("a patch over 9 MB of headers: {} bytes", made.patch.len());
    assert!(made.patch.len() < 10_000, "a patch of {} bytes", made.patch.len());

    for (big, picture) in [(17 << 20, 0), ((16 << 20) - 100_000, 200_000)] {
        let refused = try_round_trip(&stream(big), EmbedFormat::Opus, &embedding(picture));
        assert!(refused.is_err_and(|why| why.to_string().contains("longer than 16 MiB")));
    }
}

/// Block types of a FLAC file.
fn kinds(flac: &[u8]) -> Vec<u8> {
    let mut at = 4;
    let mut kinds = Vec::new();
    loop {
        kinds.push(flac[at] & 0x7f);
        if flac[at] & 0x80 != 0 {
            return kinds;
        }
        at += 4 + u32::from_be_bytes([0, flac[at + 1], flac[at + 2], flac[at + 3]]) as usize;
    }
}
