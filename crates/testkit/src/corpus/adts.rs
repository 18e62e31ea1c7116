//! AAC without a container: ADTS frames (ISO/IEC 14496-3, 1.A.3.2).

use super::mutations::{Base, Harm};
use super::seeds::{Seeds, Sound};
use super::structure::Structure;
use super::{Case, Corpus, ape, id3, id3_frames};

const FORMAT: &str = "adts";

pub(super) fn make(corpus: &mut Corpus<'_>, seeds: &Seeds) -> anyhow::Result<()> {
    let code = |sound: Sound, more: &[&str]| {
        seeds.code(sound, &[&["-c:a", "aac", "-b:a", "96k", "-f", "adts"], more].concat(), "aac")
    };
    let stereo = code(Sound::stereo(60), &[])?;
    let mono = code(Sound::mono(61), &[])?;
    harm(corpus, "no-tags", &stereo, Harm::ALL)?;
    let tagged =
        [&id3::Tag::rich(4).encode()[..], &mono, &id3::v1("Behind", "Testers", 3)].concat();
    harm(corpus, "id3-around", &tagged, Harm::TAGS)?;
    for (name, sound, more) in [
        ("one-sample", Sound::stereo(62).of(1), vec![]),
        ("three-seconds", Sound::stereo(63).of(132_300), vec![]),
        ("22-kilohertz", Sound::stereo(64), vec!["-ar", "22050"]),
        ("96-kilohertz", Sound::stereo(65), vec!["-ar", "96000"]),
        ("six-channels", Sound { channels: 6, ..Sound::stereo(66) }, vec![]),
    ] {
        let (tags, extension) = ("no-tags", "aac");
        let mutation = format!("lengths/{name}");
        let case = Case { format: FORMAT, tags, mutation: &mutation, extension, is_sound: true };
        corpus.put_coded(case, || code(sound, &more))?;
    }
    for (name, frames) in id3_frames::hostile(3) {
        let tag = || [id3::Tag::of(3, frames).encode(), stereo.clone()].concat();
        put(corpus, "id3v2.3", &format!("tags/{name}"), true, tag)?;
    }
    put(corpus, "ape-behind", "wrapped/apev2", true, || [&stereo[..], &ape::honest()].concat())?;
    let frames = frame_starts(&stereo);
    let changes: [(&str, Vec<u8>); 4] = [
        ("first-lost", stereo[frames[1]..].to_vec()),
        ("begins-within", stereo[frames[1] + 50..].to_vec()),
        ("one-lost", [&stereo[..frames[10]], &stereo[frames[11]..]].concat()),
        ("one-alone", stereo[..frames[1]].to_vec()),
    ];
    for (name, bytes) in changes {
        put(corpus, "no-tags", &format!("frames/{name}"), false, || bytes)?;
    }
    // Channels as the audio itself describes them: configuration 0, and no description.
    put(corpus, "no-tags", "frames/no-channels", false, || {
        let mut changed = stereo.clone();
        for at in &frames {
            changed[at + 2] &= 0xFE;
            changed[at + 3] &= 0x3F;
        }
        changed
    })
}

fn put(
    corpus: &mut Corpus<'_>,
    tags: &str,
    mutation: &str,
    is_sound: bool,
    content: impl FnOnce() -> Vec<u8>,
) -> anyhow::Result<()> {
    corpus.put(Case { format: FORMAT, tags, mutation, extension: "aac", is_sound }, content)
}

fn harm(corpus: &mut Corpus<'_>, tags: &str, bytes: &[u8], harm: Harm) -> anyhow::Result<()> {
    let mut structure = id3::structure(bytes);
    let frames = frame_starts(bytes);
    for index in Structure::telling(frames.len()) {
        structure.mark(frames[index], format!("frame-{index}"));
        structure.header(frames[index]..frames[index] + 7);
    }
    structure.mark(bytes.len() - 128, "id3v1");
    Base { format: FORMAT, tags, extension: "aac", bytes, structure }.harm(corpus, harm)
}

/// Where frames begin, behind any ID3v2 tag.
fn frame_starts(bytes: &[u8]) -> Vec<usize> {
    let (mut starts, mut at) = (Vec::new(), id3::bytes(bytes));
    while let Some(&[0xFF, second, _, fourth, fifth, sixth, _]) = bytes.get(at..at + 7) {
        if second & 0xF6 != 0xF0 {
            break;
        }
        starts.push(at);
        at += usize::from(fourth & 3) << 11 | usize::from(fifth) << 3 | usize::from(sixth >> 5);
    }
    starts
}
