//! WavPack 4 (wavpack.com, "WavPack 4 & 5 Binary File / Block Format"), with APE and ID3v1 tags behind.

use super::bytes::Order;
use super::mutations::{Base, Harm};
use super::seeds::{Seeds, Sound};
use super::structure::Structure;
use super::{Case, Corpus, ape, id3};

const FORMAT: &str = "wavpack";

pub(super) fn make(corpus: &mut Corpus<'_>, seeds: &Seeds) -> anyhow::Result<()> {
    let code = |sound: Sound, more: &[&str]| {
        seeds.code(sound, &[&["-c:a", "wavpack", "-compression_level", "0"], more].concat(), "wv")
    };
    // ffmpeg's muxer ends every file with a tag of its own.
    let bare = |file: Vec<u8>| {
        let end = blocks(&file).last().map_or(0, |(at, bytes)| at + bytes);
        file[..end].to_vec()
    };
    let stereo = bare(code(Sound::stereo(90), &["-frame_size", "8192"])?);
    let tagged = [&stereo[..], &ape::honest(), &id3::v1("Behind", "Testers", 9)].concat();
    harm(corpus, "apev2", &tagged, Harm::ALL)?;
    for (name, sound, more) in [
        ("mono", Sound::mono(91), vec![]),
        ("one-sample", Sound::stereo(92).of(1), vec![]),
        ("no-samples", Sound::stereo(92).of(0), vec![]),
        ("three-seconds", Sound::stereo(93).of(132_300), vec![]),
        ("six-channels", Sound { channels: 6, ..Sound::stereo(94) }, vec![]),
        ("32-bit", Sound::stereo(95), vec!["-sample_fmt", "s32p"]),
        ("float", Sound::stereo(96), vec!["-sample_fmt", "fltp"]),
        ("8-bit", Sound::stereo(97), vec!["-sample_fmt", "u8p"]),
        ("odd-rate", Sound::stereo(98), vec!["-ar", "37800"]),
    ] {
        let (tags, extension, is_sound) = ("no-tags", "wv", name != "no-samples");
        let mutation = format!("lengths/{name}");
        let case = Case { format: FORMAT, tags, mutation: &mutation, extension, is_sound };
        corpus.put_coded(case, || Ok(bare(code(sound, &more)?)))?;
    }
    for (name, tag) in ape::hostile() {
        put(corpus, "apev2", &format!("tags/{name}"), true, || [&stereo[..], &tag].concat())?;
    }
    let in_front = || [&id3::Tag::plain(3).encode()[..], &stereo].concat();
    put(corpus, "id3-in-front", "wrapped/id3v2.3", false, in_front)?;
    let found = blocks(&stereo);
    let block = |n: usize| &stereo[found[n].0..found[n].0 + found[n].1];
    let changes: [(&str, Vec<u8>); 4] = [
        ("first-lost", stereo[found[1].0..].to_vec()),
        ("one-lost", [&stereo[..found[2].0], &stereo[found[3].0..]].concat()),
        ("one-twice", [&stereo[..found[2].0], block(1), &stereo[found[2].0..]].concat()),
        ("swapped", [block(0), block(2), block(1), &stereo[found[3].0..]].concat()),
    ];
    for (name, bytes) in changes {
        put(corpus, "no-tags", &format!("blocks/{name}"), false, || bytes)?;
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
    corpus.put(Case { format: FORMAT, tags, mutation, extension: "wv", is_sound }, content)
}

fn harm(corpus: &mut Corpus<'_>, tags: &str, bytes: &[u8], harm: Harm) -> anyhow::Result<()> {
    let mut structure = Structure::default();
    let found = blocks(bytes);
    for index in Structure::telling(found.len()) {
        let at = found[index].0;
        structure.mark(at, format!("block-{index}"));
        structure.mark(at + 32, format!("block-{index}-metadata"));
        structure.header(at..at + 36);
        if index < 2 {
            structure.length(at + 4, 4, Order::Little, format!("block-{index}"));
            structure.length(at + 12, 4, Order::Little, format!("block-{index}-total-samples"));
            structure.length(at + 20, 4, Order::Little, format!("block-{index}-samples"));
        }
    }
    let end = found.last().map_or(0, |(at, bytes)| at + bytes);
    let size = bytes.len() - 128 - end;
    structure.add(ape::structure(&bytes[end..end + size]), end);
    structure.mark(bytes.len() - 128, "id3v1");
    Base { format: FORMAT, tags, extension: "wv", bytes, structure }.harm(corpus, harm)
}

/// Where blocks begin, and how long they are.
fn blocks(bytes: &[u8]) -> Vec<(usize, usize)> {
    let (mut found, mut at) = (Vec::new(), 0);
    while bytes.get(at..at + 4) == Some(b"wvpk") {
        let length =
            u32::from_le_bytes([bytes[at + 4], bytes[at + 5], bytes[at + 6], bytes[at + 7]])
                as usize
                + 8;
        found.push((at, length));
        at += length;
    }
    found
}
