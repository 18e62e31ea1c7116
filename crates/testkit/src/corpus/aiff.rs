//! AIFF and AIFF-C (Apple, "Audio Interchange File Format AIFF-C", 1991).

use super::bytes::Order;
use super::mutations::{Base, Harm};
use super::seeds::{Seeds, Sound};
use super::wav::chunk_structure;
use super::{Case, Corpus, id3, id3_frames, texts};

const FORMAT: &str = "aiff";

/// How samples are coded.
#[derive(Debug, Clone, Copy)]
struct Coding {
    /// `None` in AIFF.
    kind: Option<&'static [u8; 4]>,
    bits: u16,
}

pub(super) fn make(corpus: &mut Corpus<'_>, seeds: &Seeds) -> anyhow::Result<()> {
    let plain = Coding { kind: None, bits: 16 };
    let pcm = Sound::stereo(140).pcm();
    let comm = |coding: Coding, pcm: &[i16]| coding.comm(pcm.len() as u32 / 2);
    let rich = [
        comm(plain, &pcm),
        chunk(b"NAME", b"Lead-Out"),
        chunk(b"AUTH", b"The Testers"),
        chunk(b"(c) ", b"2024 nobody"),
        chunk(b"ANNO", b"an odd note"),
        chunk(b"MARK", &[0, 1, 0, 1, 0, 0, 0, 9, 3, b'o', b'n', b'e']),
        chunk(b"COMT", &[0; 10]),
        plain.ssnd(&pcm),
        chunk(b"ID3 ", &id3::Tag::rich(3).encode()),
    ];
    harm(corpus, "text-chunks-and-id3", &form(b"AIFF", &rich), Harm::ALL)?;
    let sowt = Coding { kind: Some(b"sowt"), bits: 16 };
    let swapped = form(b"AIFC", &[version(), sowt.comm(43_211), sowt.ssnd(&pcm)]);
    harm(corpus, "aifc-sowt", &swapped, Harm::TAGS)?;

    let codings: [(&str, Coding); 8] = [
        ("8-bit", Coding { kind: None, bits: 8 }),
        ("24-bit", Coding { kind: None, bits: 24 }),
        ("32-bit", Coding { kind: None, bits: 32 }),
        ("none", Coding { kind: Some(b"NONE"), bits: 16 }),
        ("float", Coding { kind: Some(b"fl32"), bits: 32 }),
        ("double", Coding { kind: Some(b"FL64"), bits: 64 }),
        ("mu-law", Coding { kind: Some(b"ulaw"), bits: 16 }),
        ("a-law", Coding { kind: Some(b"alaw"), bits: 16 }),
    ];
    for ((name, coding), seed) in codings.into_iter().zip(141..) {
        let pcm = Sound::stereo(seed).pcm();
        let kind = if coding.kind.is_some() { b"AIFC" } else { b"AIFF" };
        let made = || form(kind, &[comm(coding, &pcm), coding.ssnd(&pcm)]);
        put(corpus, "codings", &format!("plain/{name}"), true, made)?;
    }
    let (tags, mutation, extension) = ("codings", "coded/ima4", "aiff");
    let case = Case { format: FORMAT, tags, mutation, extension, is_sound: false };
    let arguments = ["-c:a", "adpcm_ima_qt", "-f", "aiff"];
    corpus.put_coded(case, || seeds.code(Sound::stereo(150), &arguments, "aifc"))?;
    for (name, samples) in [("no-samples", 0), ("one-sample", 1), ("three-seconds", 132_300)] {
        let pcm = Sound::stereo(151).of(samples).pcm();
        let made = || form(b"AIFF", &[comm(plain, &pcm), plain.ssnd(&pcm)]);
        put(corpus, "codings", &format!("lengths/{name}"), samples > 0, made)?;
    }
    for (name, title) in texts::titles() {
        let made = || {
            form(
                b"AIFF",
                &[
                    comm(plain, &pcm),
                    chunk(b"NAME", &title),
                    chunk(b"ANNO", &title),
                    plain.ssnd(&pcm),
                ],
            )
        };
        put(corpus, "text-chunks", &format!("tags/title-{name}"), true, made)?;
    }
    for (name, frames) in id3_frames::hostile(2) {
        let tag = chunk(b"ID3 ", &id3::Tag::of(2, frames).encode());
        let made = || form(b"AIFF", &[comm(plain, &pcm), plain.ssnd(&pcm), tag]);
        put(corpus, "id3-chunk", &format!("tags/{name}"), true, made)?;
    }
    layouts(corpus, plain, &pcm)
}

fn layouts(corpus: &mut Corpus<'_>, plain: Coding, pcm: &[i16]) -> anyhow::Result<()> {
    let (comm, ssnd) = (plain.comm(43_211), plain.ssnd(pcm));
    let changed = |at: usize, bytes: &[u8]| {
        let mut comm = comm.clone();
        comm[8 + at..8 + at + bytes.len()].copy_from_slice(bytes);
        comm
    };
    let files: Vec<(&str, bool, Vec<Vec<u8>>)> = vec![
        ("sound-first", true, vec![ssnd.clone(), comm.clone()]),
        ("no-comm", false, vec![ssnd.clone()]),
        ("no-sound", false, vec![comm.clone()]),
        ("two-comm", false, vec![comm.clone(), comm.clone(), ssnd.clone()]),
        ("two-sounds", false, vec![comm.clone(), ssnd.clone(), ssnd.clone()]),
        (
            "3000-chunks",
            true,
            vec![vec![chunk(b"JUNK", b""); 3000].concat(), comm.clone(), ssnd.clone()],
        ),
        (
            "odd-chunk-unpadded",
            false,
            vec![b"ANNO\0\0\0\x03odd".to_vec(), comm.clone(), ssnd.clone()],
        ),
        ("no-channels", false, vec![changed(0, &[0, 0]), ssnd.clone()]),
        ("65535-channels", false, vec![changed(0, &[255, 255]), ssnd.clone()]),
        ("samples-zero", false, vec![changed(2, &[0; 4]), ssnd.clone()]),
        ("samples-most", false, vec![changed(2, &[255; 4]), ssnd.clone()]),
        ("bits-zero", false, vec![changed(6, &[0, 0]), ssnd.clone()]),
        ("bits-most", false, vec![changed(6, &[255, 255]), ssnd.clone()]),
        ("rate-zero", false, vec![changed(8, &[0; 10]), ssnd.clone()]),
        ("rate-most", false, vec![changed(8, &[255; 10]), ssnd.clone()]),
        ("rate-negative", false, vec![changed(8, &[0xC0]), ssnd.clone()]),
        (
            "sound-offset-most",
            false,
            vec![comm.clone(), {
                let mut ssnd = ssnd.clone();
                ssnd[8..12].fill(255);
                ssnd
            }],
        ),
        ("sound-offset-100", true, vec![comm.clone(), plain.ssnd_behind(pcm, 100)]),
    ];
    for (name, is_sound, chunks) in files {
        put(corpus, "layout", &format!("chunks/{name}"), is_sound, || form(b"AIFF", &chunks))?;
    }
    put(corpus, "layout", "chunks/unknown-coding", false, || {
        let coding = Coding { kind: Some(b"zzzz"), bits: 16 };
        form(b"AIFC", &[version(), coding.comm(43_211), coding.ssnd(pcm)])
    })?;
    put(corpus, "layout", "wrapped/id3-in-front", false, || {
        [id3::Tag::plain(4).encode(), form(b"AIFF", &[comm.clone(), ssnd.clone()])].concat()
    })
}

impl Coding {
    /// COMM of that many samples a channel, in stereo.
    fn comm(self, samples: u32) -> Vec<u8> {
        // 44,100 as an 80-bit number of IEEE 754.
        let rate = [0x40, 0x0E, 0xAC, 0x44, 0, 0, 0, 0, 0, 0];
        let mut comm =
            [&[0, 2][..], &samples.to_be_bytes(), &self.bits.to_be_bytes(), &rate].concat();
        if let Some(kind) = self.kind {
            comm.extend(kind);
            comm.extend([0, 0]);
        }
        chunk(b"COMM", &comm)
    }

    fn ssnd(self, pcm: &[i16]) -> Vec<u8> {
        self.ssnd_behind(pcm, 0)
    }

    /// SSND whose samples begin behind so many other bytes.
    fn ssnd_behind(self, pcm: &[i16], offset: u32) -> Vec<u8> {
        let mut ssnd = [offset.to_be_bytes(), [0; 4]].concat();
        ssnd.resize(8 + offset as usize, b'?');
        for sample in pcm {
            let wide = (i32::from(*sample) << 16).to_be_bytes();
            let unit = f32::from(*sample) / 32_768.0;
            match (self.kind, self.bits) {
                (Some(b"sowt"), _) => ssnd.extend(sample.to_le_bytes()),
                (Some(b"fl32"), _) => ssnd.extend(unit.to_be_bytes()),
                (Some(b"FL64"), _) => ssnd.extend(f64::from(unit).to_be_bytes()),
                (Some(b"ulaw" | b"alaw"), _) => ssnd.push((sample >> 8) as u8),
                (_, bits) => ssnd.extend(&wide[..usize::from(bits / 8)]),
            }
        }
        chunk(b"SSND", &ssnd)
    }
}

/// FVER, which AIFF-C wants.
fn version() -> Vec<u8> {
    chunk(b"FVER", &0xA280_5140u32.to_be_bytes())
}

fn form(kind: &[u8; 4], chunks: &[Vec<u8>]) -> Vec<u8> {
    chunk(b"FORM", &[kind.to_vec(), chunks.concat()].concat())
}

fn chunk(id: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let mut chunk = [&id[..], &(content.len() as u32).to_be_bytes(), content].concat();
    if content.len() % 2 == 1 {
        chunk.push(0);
    }
    chunk
}

fn put(
    corpus: &mut Corpus<'_>,
    tags: &str,
    mutation: &str,
    is_sound: bool,
    content: impl FnOnce() -> Vec<u8>,
) -> anyhow::Result<()> {
    corpus.put(Case { format: FORMAT, tags, mutation, extension: "aiff", is_sound }, content)
}

fn harm(corpus: &mut Corpus<'_>, tags: &str, bytes: &[u8], harm: Harm) -> anyhow::Result<()> {
    let structure = chunk_structure(bytes, Order::Big);
    Base { format: FORMAT, tags, extension: "aiff", bytes, structure }.harm(corpus, harm)
}
