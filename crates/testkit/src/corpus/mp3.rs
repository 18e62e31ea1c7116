//! MPEG audio: MP3 and MP2, with ID3v2 in front and ID3v1, APE and Lyrics3 tags behind.

use super::mutations::{Base, Harm};
use super::seeds::{Seeds, Sound};
use super::structure::Structure;
use super::{Case, Corpus, ape, id3, id3_frames};
use std::ops::Range;

const FORMAT: &str = "mp3";

pub(super) fn make(corpus: &mut Corpus<'_>, seeds: &Seeds) -> anyhow::Result<()> {
    let bare = ["-write_id3v1", "0", "-id3v2_version", "0"];
    let code = |sound: Sound, more: &[&str], extension: &str| {
        seeds.code(
            sound,
            &[more, &bare[..if extension == "mp3" { 4 } else { 0 }]].concat(),
            extension,
        )
    };
    let stereo = code(Sound::stereo(20), &["-c:a", "libmp3lame", "-b:a", "128k"], "mp3")?;
    let mono = code(Sound::mono(21), &["-c:a", "libmp3lame", "-q:a", "5"], "mp3")?;
    let half_rate =
        code(Sound::stereo(22), &["-c:a", "libmp3lame", "-ar", "22050", "-b:a", "64k"], "mp3")?;

    let ends = [id3::lyrics3(), id3::v1_enhanced(), id3::v1("Behind", "Testers", 17)].concat();
    for version in [2, 3, 4] {
        let tag = id3::Tag::rich(version).encode();
        let all = if version == 3 { Harm::ALL } else { Harm::TAGS };
        harm(corpus, &format!("id3v2.{version}"), &[&tag[..], &stereo, &ends].concat(), all)?;
    }
    let footed = id3::Tag { footer: true, extended: true, ..id3::Tag::plain(4) }.encode();
    harm(corpus, "id3v2.4-extended-footer", &[&footed[..], &mono].concat(), Harm::TAGS)?;
    let unsynchronised = id3::Tag { unsynchronised: true, ..id3::Tag::rich(3) }.encode();
    harm(
        corpus,
        "id3v2.3-unsynchronised",
        &[&unsynchronised[..], &half_rate].concat(),
        Harm::TAGS,
    )?;
    let with_ape = [&stereo[..], &ape::honest(), &id3::v1("Behind", "Testers", 80)].concat();
    harm(corpus, "apev2", &with_ape, Harm::TAGS)?;
    harm(corpus, "no-tags", &stereo, Harm { flips: 12, ..Harm::ALL })?;

    let lengths: [(&str, Sound, &[&str], &str); 9] = [
        ("one-sample", Sound::stereo(23).of(1), &["-c:a", "libmp3lame"], "mp3"),
        (
            "three-seconds",
            Sound::stereo(24).of(132_300),
            &["-c:a", "libmp3lame", "-b:a", "96k"],
            "mp3",
        ),
        ("without-xing", Sound::stereo(25), &["-c:a", "libmp3lame", "-write_xing", "0"], "mp3"),
        ("quarter-rate", Sound::mono(26), &["-c:a", "libmp3lame", "-ar", "11025"], "mp3"),
        ("48-kilohertz", Sound::stereo(27), &["-c:a", "libmp3lame", "-ar", "48000"], "mp3"),
        ("320-kilobits", Sound::stereo(28), &["-c:a", "libmp3lame", "-b:a", "320k"], "mp3"),
        ("no-reservoir", Sound::stereo(29), &["-c:a", "libmp3lame", "-reservoir", "0"], "mp3"),
        ("layer-2", Sound::stereo(30), &["-c:a", "mp2", "-b:a", "192k"], "mp2"),
        ("layer-2-mono", Sound::mono(31), &["-c:a", "mp2", "-b:a", "64k"], "mp2"),
    ];
    for (name, sound, arguments, extension) in lengths {
        let case = Case {
            format: FORMAT,
            tags: "no-tags",
            mutation: &format!("lengths/{name}"),
            extension,
            is_sound: true,
        };
        corpus.put_coded(case, || code(sound, arguments, extension))?;
    }
    for version in [2, 3, 4] {
        for (name, frames) in id3_frames::hostile(version) {
            let tag = || [id3::Tag::of(version, frames).encode(), stereo.clone()].concat();
            put(corpus, &format!("id3v2.{version}"), &format!("tags/{name}"), true, tag)?;
        }
    }
    for (name, tag) in ape::hostile() {
        put(corpus, "apev2", &format!("tags/{name}"), true, || [&stereo[..], &tag].concat())?;
    }
    wrapped(corpus, &stereo)?;
    frames(corpus, &stereo)
}

/// Tags in every order and number.
fn wrapped(corpus: &mut Corpus<'_>, mp3: &[u8]) -> anyhow::Result<()> {
    let v1 = || id3::v1("Behind", "Testers", 255);
    let plain = |version: u8| id3::Tag::plain(version);
    for version in [2, 3, 4] {
        let shapes = [
            ("unsynchronised", id3::Tag { unsynchronised: true, ..id3::Tag::rich(version) }),
            ("extended", id3::Tag { extended: true, padding: 20, ..plain(version) }),
            ("padded", id3::Tag { padding: 4000, ..plain(version) }),
            ("padded-by-one", id3::Tag { padding: 1, ..plain(version) }),
            (
                "unsynchronised-extended",
                id3::Tag { unsynchronised: true, extended: true, ..id3::Tag::rich(version) },
            ),
        ];
        for (name, tag) in shapes {
            let tags = format!("id3v2.{version}");
            put(corpus, &tags, &format!("wrapped/{name}"), true, || [&tag.encode(), mp3].concat())?;
        }
    }
    let dirty = || {
        let mut tag = id3::Tag { padding: 100, ..plain(3) }.encode();
        let end = tag.len();
        tag[end - 50..].fill(b'?');
        [&tag, mp3].concat()
    };
    put(corpus, "id3v2.3", "wrapped/something-in-the-padding", true, dirty)?;
    let plain_sizes = || {
        // As old iTunes wrote: 2.4 with sizes that are not syncsafe.
        let frames = vec![
            id3_frames::Frame::described("TXXX", 0, "LONG", &"x".repeat(300)),
            id3_frames::Frame::text("TPE1", 0, "A"),
        ];
        let mut tag = id3::Tag::of(3, frames).encode();
        tag[3] = 4;
        [&tag, mp3].concat()
    };
    put(corpus, "id3v2.4", "wrapped/sizes-of-itunes", true, plain_sizes)?;
    type Parts<'p> = (&'p str, bool, Vec<Vec<u8>>);
    let mp3 = mp3.to_vec();
    let orders: Vec<Parts<'_>> = vec![
        ("two-id3v2", true, vec![plain(3).encode(), plain(4).encode(), mp3.clone()]),
        ("id3v2-behind", true, vec![mp3.clone(), id3::Tag { footer: true, ..plain(4) }.encode()]),
        ("id3v1-alone", true, vec![mp3.clone(), v1()]),
        ("id3v1-twice", true, vec![mp3.clone(), v1(), v1()]),
        ("id3v1-enhanced", true, vec![mp3.clone(), id3::v1_enhanced(), v1()]),
        ("lyrics3-v1", true, vec![mp3.clone(), id3::lyrics3_v1(), v1()]),
        ("lyrics3-v2", true, vec![mp3.clone(), id3::lyrics3(), v1()]),
        ("lyrics3-without-id3v1", true, vec![mp3.clone(), id3::lyrics3()]),
        ("ape-in-front", false, vec![ape::honest(), mp3.clone()]),
        ("ape-and-lyrics3", true, vec![mp3.clone(), ape::honest(), id3::lyrics3(), v1()]),
        ("ape-behind-id3v1", true, vec![mp3.clone(), v1(), ape::honest()]),
        (
            "all-of-them",
            true,
            vec![
                plain(4).encode(),
                mp3.clone(),
                ape::honest(),
                id3::lyrics3(),
                id3::v1_enhanced(),
                v1(),
            ],
        ),
        ("version-5", false, vec![b"ID3\x05\0\0\0\0\0\x14".to_vec(), vec![7; 20], mp3.clone()]),
        (
            "size-not-syncsafe",
            false,
            vec![b"ID3\x03\0\0\0\0\0\xFF".to_vec(), vec![0; 255], mp3.clone()],
        ),
        ("tag-alone", false, vec![plain(3).encode()]),
        ("tag-and-zeros", false, vec![plain(3).encode(), vec![0; 9000]]),
    ];
    for (name, is_sound, parts) in orders {
        put(corpus, "several-tags", &format!("wrapped/{name}"), is_sound, || parts.concat())?;
    }
    Ok(())
}

/// Frames lost, doubled, of other kinds.
fn frames(corpus: &mut Corpus<'_>, mp3: &[u8]) -> anyhow::Result<()> {
    let frames = frame_ranges(mp3, 0);
    let frame = |n: usize| mp3[frames[n].clone()].to_vec();
    let behind = |n: usize| mp3[frames[n].start..].to_vec();
    let changes: Vec<(&str, Vec<Vec<u8>>)> = vec![
        ("first-lost", vec![behind(1)]),
        ("begins-within", vec![mp3[200..].to_vec()]),
        ("one-lost", vec![mp3[..frames[10].start].to_vec(), behind(11)]),
        ("one-twice", vec![mp3[..frames[10].start].to_vec(), frame(9), behind(10)]),
        ("swapped", vec![mp3[..frames[10].start].to_vec(), frame(11), frame(10), behind(12)]),
        ("noise-between", vec![mp3[..frames[10].start].to_vec(), vec![0x11; 777], behind(10)]),
        ("two-frames-alone", vec![frame(0), frame(1)]),
        ("one-frame-alone", vec![frame(1)]),
        ("xing-alone", vec![frame(0)]),
        (
            "other-rate-within",
            vec![mp3[..frames[20].start].to_vec(), {
                let mut rest = behind(20);
                for frame in frame_ranges(mp3, frames[20].start) {
                    rest[frame.start - frames[20].start + 2] ^= 0x04;
                }
                rest
            }],
        ),
    ];
    for (name, parts) in changes {
        put(corpus, "no-tags", &format!("frames/{name}"), false, || parts.concat())?;
    }
    type Change = fn(&mut [u8]);
    // The Xing tag is behind the header and 32 bytes of side information; the LAME tag behind 120 of its.
    let lies: [(&str, Change); 6] = [
        ("xing-frames-zero", |xing| xing[8..12].fill(0)),
        ("xing-frames-most", |xing| xing[8..12].fill(0xFF)),
        ("xing-frames-one-more", |xing| xing[11] = xing[11].wrapping_add(1)),
        ("xing-flags-none", |xing| xing[4..8].fill(0)),
        ("delay-most", |xing| xing[141..144].fill(0xFF)),
        ("delay-zero", |xing| xing[141..144].fill(0)),
    ];
    for (name, change) in lies {
        put(corpus, "no-tags", &format!("frames/{name}"), false, || {
            let mut lying = mp3.to_vec();
            change(&mut lying[36..]);
            lying
        })?;
    }
    Ok(())
}

fn put(
    corpus: &mut Corpus<'_>,
    tags: &str,
    mutation: &str,
    is_sound: bool,
    content: impl FnOnce() -> Vec<u8>,
) -> anyhow::Result<()> {
    corpus.put(Case { format: FORMAT, tags, mutation, extension: "mp3", is_sound }, content)
}

fn harm(corpus: &mut Corpus<'_>, tags: &str, bytes: &[u8], harm: Harm) -> anyhow::Result<()> {
    let mut structure = id3::structure(bytes);
    let frames = frame_ranges(bytes, id3::bytes(bytes));
    for index in Structure::telling(frames.len()) {
        let frame = &frames[index];
        structure.mark(frame.start, format!("frame-{index}"));
        structure.header(frame.start..frame.start + 6);
        if index == 0 {
            structure.mark(frame.start + 36, "xing");
            structure.header(frame.start + 36..frame.start + 50);
        }
    }
    let end = frames.last().map_or(0, |frame| frame.end);
    structure.mark(end, "audio-end");
    if bytes.len() > end {
        let behind = &bytes[end..];
        if behind.starts_with(b"APETAGEX") {
            let size = behind.windows(8).rposition(|w| w == b"APETAGEX").expect("its footer") + 32;
            structure.add(ape::structure(&behind[..size]), end);
        }
        structure.mark(bytes.len() - 128, "id3v1");
        structure.mark(bytes.len() - 64, "id3v1-middle");
    }
    Base { format: FORMAT, tags, extension: "mp3", bytes, structure }.harm(corpus, harm)
}

/// The frames from `at` on, one behind the other.
fn frame_ranges(bytes: &[u8], mut at: usize) -> Vec<Range<usize>> {
    let mut frames = Vec::new();
    while let Some(length) =
        bytes.get(at..).and_then(frame_bytes).filter(|length| at + length <= bytes.len())
    {
        frames.push(at..at + length);
        at += length;
    }
    frames
}

/// The length of a frame of layer III, of MPEG 1 or 2 (ISO 11172-3, 13818-3).
fn frame_bytes(head: &[u8]) -> Option<usize> {
    const V1: [usize; 14] = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
    const V2: [usize; 14] = [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
    let &[0xFF, second @ (0xFA | 0xFB | 0xF2 | 0xF3), third, _] = head.get(..4)? else {
        return None;
    };
    let is_first = second & 8 != 0;
    let index = usize::from(third >> 4).checked_sub(1)?;
    let kilobits = *if is_first { V1.get(index) } else { V2.get(index) }?;
    let rate = [44_100, 48_000, 32_000].get(usize::from(third >> 2 & 3)).copied()?;
    let (rate, factor) = if is_first { (rate, 144_000) } else { (rate / 2, 72_000) };
    Some(factor * kilobits / rate + usize::from(third >> 1 & 1))
}
