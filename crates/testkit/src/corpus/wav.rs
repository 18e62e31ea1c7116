//! WAV, Broadcast Wave, RF64.

use super::bytes::Order;
use super::mutations::{Base, Harm};
use super::seeds::{Seeds, Sound};
use super::structure::Structure;
use super::wav_chunks::{Pcm, bext, chunk, info, ixml, riff, sized};
use super::{Case, Corpus, id3, id3_frames, texts};

const FORMAT: &str = "wav";

pub(super) fn make(corpus: &mut Corpus<'_>, seeds: &Seeds) -> anyhow::Result<()> {
    let stereo = Sound::stereo(70).pcm();
    let honest: [(&[u8; 4], &[u8]); 5] = [
        (b"INAM", b"Lead-Out"),
        (b"IART", b"The Testers"),
        (b"IPRD", b"Hostile Pressings"),
        (b"ICRD", b"2024-05-01"),
        (b"ITRK", b"7"),
    ];
    let data = || chunk(b"data", &Pcm::PLAIN.samples(&stereo));
    let rich = riff(&[
        chunk(b"JUNK", &[0; 27]),
        bext(b"Take 7, caf\xe9"),
        Pcm::PLAIN.format(),
        chunk(b"fact", &43_211u32.to_le_bytes()),
        info(&honest),
        ixml(),
        data(),
        chunk(b"cue ", &[&1u32.to_le_bytes()[..], &[0; 24]].concat()),
        chunk(b"id3 ", &id3::Tag::rich(3).encode()),
    ]);
    harm(corpus, "bext-ixml-info-id3", &rich, Harm::ALL)?;
    harm(
        corpus,
        "no-tags",
        &riff(&[Pcm::PLAIN.format(), data()]),
        Harm { bury: false, ..Harm::ALL },
    )?;

    codings(corpus, seeds)?;
    layouts(corpus, &stereo)?;
    for (name, title) in texts::titles() {
        let tags: [(&[u8; 4], &[u8]); 2] = [(b"INAM", &title), (b"IART", &title)];
        let made = || riff(&[Pcm::PLAIN.format(), info(&tags), bext(&title), data()]);
        put(corpus, "info", &format!("tags/title-{name}"), true, made)?;
    }
    for (name, frames) in id3_frames::hostile(4) {
        let tag = id3::Tag::of(4, frames).encode();
        let made = || riff(&[Pcm::PLAIN.format(), data(), chunk(b"id3 ", &tag)]);
        put(corpus, "id3-chunk", &format!("tags/{name}"), true, made)?;
    }
    let many: Vec<(&[u8; 4], &[u8])> = vec![(b"ICMT", b"v"); 10_000];
    put(corpus, "info", "tags/10000-items", true, || {
        riff(&[Pcm::PLAIN.format(), info(&many), data()])
    })?;
    let long = b"la ".repeat(700_000);
    put(corpus, "info", "tags/2-megabytes", true, || {
        riff(&[Pcm::PLAIN.format(), info(&[(b"ICMT", &long)]), data()])
    })?;
    let xml = chunk(b"iXML", &b"<x>".repeat(700_000));
    put(corpus, "ixml", "tags/2-megabytes", true, || riff(&[Pcm::PLAIN.format(), xml, data()]))
}

/// Every coding of samples.
fn codings(corpus: &mut Corpus<'_>, seeds: &Seeds) -> anyhow::Result<()> {
    let coding = |tag, bits, channels| Pcm { tag, bits, channels };
    let all = [
        ("8-bit", coding(1, 8, 2)),
        ("24-bit", coding(1, 24, 2)),
        ("32-bit", coding(1, 32, 1)),
        ("float", coding(3, 32, 2)),
        ("double", coding(3, 64, 1)),
        ("a-law", coding(6, 8, 1)),
        ("mu-law", coding(7, 8, 2)),
        ("mono", coding(1, 16, 1)),
        ("six-channels", coding(1, 16, 6)),
        ("twelve-of-sixteen-bits", coding(1, 12, 2)),
    ];
    for ((name, pcm), seed) in all.into_iter().zip(71..) {
        let samples = pcm.samples(&Sound { channels: pcm.channels, ..Sound::stereo(seed) }.pcm());
        for (kind, format) in [("plain", pcm.format()), ("extensible", pcm.extensible())] {
            // The two must not be one recording's copies.
            let made = || riff(&[format, chunk(b"data", &samples)]);
            put(corpus, "codings", &format!("{kind}/{name}"), true, made)?;
        }
    }
    for (name, arguments) in [
        ("adpcm-ima", ["-c:a", "adpcm_ima_wav"]),
        ("adpcm-ms", ["-c:a", "adpcm_ms"]),
        ("mp3", ["-c:a", "libmp3lame"]),
        ("ac3", ["-c:a", "ac3"]),
        ("g726", ["-c:a", "g726"]),
        ("aac", ["-c:a", "aac"]),
    ] {
        let more: &[&str] = if name == "g726" { &["-ar", "8000", "-ac", "1"] } else { &[] };
        let arguments = [&arguments[..], more].concat();
        let mutation = format!("coded/{name}");
        let (tags, extension) = ("codings", "wav");
        let case = Case { format: FORMAT, tags, mutation: &mutation, extension, is_sound: false };
        corpus.put_coded(case, || seeds.code(Sound::stereo(82), &arguments, "wav"))?;
    }
    for (name, samples) in [("no-samples", 0), ("one-sample", 1), ("three-seconds", 132_300)] {
        let pcm = Sound::stereo(83).of(samples).pcm();
        let made = || riff(&[Pcm::PLAIN.format(), chunk(b"data", &Pcm::PLAIN.samples(&pcm))]);
        put(corpus, "codings", &format!("lengths/{name}"), samples > 0, made)?;
    }
    Ok(())
}

/// Chunks in every order and with every lie.
fn layouts(corpus: &mut Corpus<'_>, pcm: &[i16]) -> anyhow::Result<()> {
    let format = Pcm::PLAIN.format();
    let samples = Pcm::PLAIN.samples(pcm);
    let data = chunk(b"data", &samples);
    let fmt = |fields: &[(usize, u8)]| {
        let mut changed = format.clone();
        fields.iter().for_each(|(at, byte)| changed[8 + at] = *byte);
        changed
    };
    let long = |id: &[u8; 4], content: Vec<u8>| {
        let length = samples.len() as u64;
        let ds64 = [
            &(length + 72).to_le_bytes()[..],
            &length.to_le_bytes(),
            &(length / 4).to_le_bytes(),
            &[0; 4],
        ]
        .concat();
        [sized(id, u32::MAX, b"WAVE"), chunk(b"ds64", &ds64), format.clone(), content].concat()
    };
    let odd = &samples[..samples.len() - 3];
    let files: Vec<(&str, bool, Vec<u8>)> = vec![
        ("rf64", true, long(b"RF64", sized(b"data", u32::MAX, &samples))),
        ("bw64", true, long(b"BW64", sized(b"data", u32::MAX, &samples))),
        ("rf64-short-length", true, long(b"RF64", data.clone())),
        (
            "rf64-without-ds64",
            false,
            [sized(b"RF64", u32::MAX, b"WAVE"), format.clone(), sized(b"data", u32::MAX, &samples)]
                .concat(),
        ),
        ("data-length-zero", true, riff(&[format.clone(), sized(b"data", 0, &samples)])),
        ("data-length-most", true, riff(&[format.clone(), sized(b"data", u32::MAX, &samples)])),
        (
            "data-length-zero-then-chunks",
            false,
            riff(&[format.clone(), sized(b"data", 0, &samples), info(&[(b"INAM", b"x")])]),
        ),
        ("data-length-odd", false, riff(&[format.clone(), chunk(b"data", odd)])),
        (
            "data-length-odd-unpadded",
            false,
            riff(&[
                format.clone(),
                sized(b"data", odd.len() as u32, odd),
                info(&[(b"INAM", b"x")]),
            ]),
        ),
        (
            "riff-length-zero",
            true,
            sized(b"RIFF", 0, &[b"WAVE".to_vec(), format.clone(), data.clone()].concat()),
        ),
        (
            "riff-length-most",
            true,
            sized(b"RIFF", u32::MAX, &[b"WAVE".to_vec(), format.clone(), data.clone()].concat()),
        ),
        (
            "odd-chunk-unpadded",
            false,
            riff(&[sized(b"note", 3, b"odd"), format.clone(), data.clone()]),
        ),
        ("odd-chunk-padded", true, riff(&[chunk(b"note", b"odd"), format.clone(), data.clone()])),
        ("data-before-fmt", false, riff(&[data.clone(), format.clone()])),
        ("two-data", false, riff(&[format.clone(), data.clone(), data.clone()])),
        ("two-fmt", false, riff(&[format.clone(), fmt(&[(2, 1)]), data.clone()])),
        ("no-data", false, riff(std::slice::from_ref(&format))),
        ("no-fmt", false, riff(std::slice::from_ref(&data))),
        (
            "3000-chunks",
            true,
            riff(&[vec![chunk(b"JUNK", b""); 3000].concat(), format.clone(), data.clone()]),
        ),
        (
            "5000-chunks",
            false,
            riff(&[vec![chunk(b"JUNK", b""); 5000].concat(), format.clone(), data.clone()]),
        ),
        (
            "big-endian",
            false,
            sized(b"RIFX", 0, &[b"WAVE".to_vec(), format.clone(), data.clone()].concat()),
        ),
        (
            "form-not-wave",
            false,
            sized(b"RIFF", 0, &[b"WAVX".to_vec(), format.clone(), data.clone()].concat()),
        ),
        ("no-channels", false, riff(&[fmt(&[(2, 0)]), data.clone()])),
        ("255-channels", false, riff(&[fmt(&[(2, 255)]), data.clone()])),
        ("65535-channels", false, riff(&[fmt(&[(2, 255), (3, 255)]), data.clone()])),
        ("rate-zero", false, riff(&[fmt(&[(4, 0), (5, 0), (6, 0), (7, 0)]), data.clone()])),
        ("rate-most", false, riff(&[fmt(&[(4, 255), (5, 255), (6, 255), (7, 255)]), data.clone()])),
        ("rate-one", false, riff(&[fmt(&[(4, 1), (5, 0)]), data.clone()])),
        ("block-zero", false, riff(&[fmt(&[(12, 0)]), data.clone()])),
        ("block-other", false, riff(&[fmt(&[(12, 3)]), data.clone()])),
        ("bits-zero", false, riff(&[fmt(&[(14, 0)]), data.clone()])),
        ("bits-most", false, riff(&[fmt(&[(14, 255), (15, 255)]), data.clone()])),
        ("coding-unknown", false, riff(&[fmt(&[(0, 0x77), (1, 0x77)]), data.clone()])),
        ("coding-zero", false, riff(&[fmt(&[(0, 0)]), data.clone()])),
        ("fmt-short", false, riff(&[chunk(b"fmt ", &format[8..20]), data.clone()])),
        ("extensible-short", false, riff(&[fmt(&[(0, 0xFE), (1, 0xFF)]), data.clone()])),
        ("bext-short", true, riff(&[chunk(b"bext", &[7; 100]), format.clone(), data.clone()])),
        (
            "info-overrun",
            false,
            riff(&[
                format.clone(),
                chunk(b"LIST", &[&b"INFOINAM"[..], &[255; 4], b"x"].concat()),
                data.clone(),
            ]),
        ),
        ("id3-noise", true, riff(&[format.clone(), data.clone(), chunk(b"id3 ", &[0xA5; 99])])),
        (
            "peak-and-smpl",
            true,
            riff(&[
                format.clone(),
                chunk(b"PEAK", &[1; 24]),
                chunk(b"smpl", &[0; 60]),
                data.clone(),
            ]),
        ),
    ];
    for (name, is_sound, file) in files {
        put(corpus, "layout", &format!("chunks/{name}"), is_sound, || file)?;
    }
    put(corpus, "layout", "wrapped/id3-in-front", false, || {
        [id3::Tag::plain(3).encode(), riff(&[format.clone(), data.clone()])].concat()
    })
}

fn put(
    corpus: &mut Corpus<'_>,
    tags: &str,
    mutation: &str,
    is_sound: bool,
    content: impl FnOnce() -> Vec<u8>,
) -> anyhow::Result<()> {
    corpus.put(Case { format: FORMAT, tags, mutation, extension: "wav", is_sound }, content)
}

fn harm(corpus: &mut Corpus<'_>, tags: &str, bytes: &[u8], harm: Harm) -> anyhow::Result<()> {
    let structure = chunk_structure(bytes, Order::Little);
    Base { format: FORMAT, tags, extension: "wav", bytes, structure }.harm(corpus, harm)
}

/// Chunks of RIFF and of IFF, which writes its numbers the other way round.
pub(super) fn chunk_structure(bytes: &[u8], order: Order) -> Structure {
    let mut found = Structure::default();
    found.header(0..12);
    found.length(4, 4, order, "form");
    found.mark(4, "form-length");
    found.mark(8, "form-kind");
    let mut at = 12;
    while let Some(head) = bytes.get(at..at + 8) {
        let size = super::bytes::read(&head[4..], order) as usize;
        let name: String = head[..4]
            .iter()
            .map(|byte| char::from(*byte))
            .filter(char::is_ascii_alphanumeric)
            .collect();
        found.mark(at, name.clone());
        found.mark(at + 8, format!("{name}-content"));
        found.length(at + 4, 4, order, name);
        found.header(
            at..at + 8 + if matches!(&head[..4], b"data" | b"SSND") { 0 } else { size.min(40) },
        );
        at += 8 + size + size % 2;
    }
    found.mark(bytes.len(), "end");
    found
}
