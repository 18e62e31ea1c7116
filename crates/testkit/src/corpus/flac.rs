//! FLAC (RFC 9639).

use super::bytes::Order;
use super::mutations::{Base, Harm};
use super::seeds::{Seeds, Sound};
use super::structure::Structure;
use super::{Case, Corpus, ape, comments, id3, pictures};

const FORMAT: &str = "flac";
const EXTENSION: &str = "flac";

const PADDING: u8 = 1;
const APPLICATION: u8 = 2;
const SEEKTABLE: u8 = 3;
const VORBIS_COMMENT: u8 = 4;
const CUESHEET: u8 = 5;
const PICTURE: u8 = 6;
/// A block's length has 24 bits.
const BLOCK_BYTES_MAX: usize = (1 << 24) - 1;

type Block = (u8, Vec<u8>);

/// The parts of a file that ffmpeg made.
struct Flac {
    stream_info: Vec<u8>,
    frames: Vec<u8>,
}

pub(super) fn make(corpus: &mut Corpus<'_>, seeds: &Seeds) -> anyhow::Result<()> {
    let code = |sound: Sound, more: &[&str]| -> anyhow::Result<Flac> {
        let arguments = [&["-c:a", "flac", "-compression_level", "2"], more].concat();
        Ok(Flac::of(&seeds.code(sound, &arguments, "flac")?))
    };
    let stereo = code(Sound::stereo(1), &[])?;
    let mono = code(Sound::mono(2), &["-sample_fmt", "s32", "-bits_per_raw_sample", "24"])?;
    let honest = (VORBIS_COMMENT, comments::encode(&comments::honest()));
    let rich = vec![
        honest.clone(),
        (SEEKTABLE, seek_table()),
        (APPLICATION, b"riffodd application data".to_vec()),
        (CUESHEET, cue_sheet()),
        (PICTURE, pictures::flac_block(&pictures::all()[0])),
        (PADDING, vec![0; 500]),
    ];
    harm(corpus, "every-block", &stereo.with(&rich), Harm::ALL)?;
    harm(corpus, "mono-24-bit", &mono.with(std::slice::from_ref(&honest)), Harm::TAGS)?;
    let tagged = stereo.with(&[honest.clone(), (PADDING, vec![0; 64])]);
    let in_front = [id3::Tag::rich(4).encode(), tagged.clone(), id3::v1("Behind", "Testers", 1)];
    harm(corpus, "id3-in-front", &in_front.concat(), Harm::TAGS)?;

    for (name, sound) in [
        ("no-samples", Sound::stereo(3).of(0)),
        ("one-sample", Sound::stereo(3).of(1)),
        ("three-seconds", Sound::stereo(4).of(132_300)),
        ("six-channels", Sound { channels: 6, ..Sound::stereo(5) }),
    ] {
        let mutation = format!("lengths/{name}");
        let (tags, extension) = ("plain", EXTENSION);
        let case = Case { format: FORMAT, tags, mutation: &mutation, extension, is_sound: true };
        corpus.put_coded(case, || Ok(code(sound, &[])?.with(std::slice::from_ref(&honest))))?;
    }
    for (name, fields) in comments::hostile().into_iter().chain(comments::with_pictures()) {
        let block = comments::encode(&fields);
        if block.len() <= BLOCK_BYTES_MAX {
            let made = || stereo.with(&[(VORBIS_COMMENT, block), (PADDING, vec![0; 10])]);
            put(corpus, "comments", &format!("tags/{name}"), true, made)?;
        }
    }
    for art in pictures::all() {
        let block = pictures::flac_block(art);
        if block.len() <= BLOCK_BYTES_MAX {
            let made = || stereo.with(&[honest.clone(), (PICTURE, block)]);
            put(corpus, "picture-block", &format!("pictures/{}", art.name), true, made)?;
        }
    }
    layouts(corpus, &stereo, &honest)?;
    wrapped(corpus, &tagged)
}

/// Blocks in all orders and numbers, and STREAMINFO that lies.
fn layouts(corpus: &mut Corpus<'_>, flac: &Flac, honest: &Block) -> anyhow::Result<()> {
    let other = (VORBIS_COMMENT, comments::encode(&[b"TITLE=Another".to_vec()]));
    let picture = || (PICTURE, pictures::flac_block(&pictures::all()[0]));
    let padding = |bytes| (PADDING, vec![0; bytes]);
    let layouts: Vec<(&str, bool, Vec<Block>)> = vec![
        ("no-blocks", true, vec![]),
        ("padding-alone", true, vec![padding(8192)]),
        ("empty-padding", true, vec![honest.clone(), padding(0)]),
        ("padding-first", true, vec![padding(100), honest.clone()]),
        ("1000-paddings", true, vec![padding(3); 1000]),
        ("5000-paddings", false, vec![padding(3); 5000]),
        ("comments-last", true, vec![picture(), (SEEKTABLE, seek_table()), honest.clone()]),
        ("two-comments", false, vec![honest.clone(), other]),
        ("two-stream-infos", false, vec![(0, flac.stream_info.clone()), honest.clone()]),
        ("unknown-block", true, vec![(77, b"of the future".repeat(9)), honest.clone()]),
        ("forbidden-block", false, vec![(127, vec![0; 9]), honest.clone()]),
        ("empty-comments", false, vec![(VORBIS_COMMENT, vec![])]),
        ("noise-for-comments", false, vec![(VORBIS_COMMENT, vec![0xA5; 200])]),
        ("noise-for-a-picture", false, vec![honest.clone(), (PICTURE, vec![0xA5; 200])]),
        ("noise-for-a-seek-table", false, vec![(SEEKTABLE, vec![0xA5; 90]), honest.clone()]),
        ("noise-for-a-cue-sheet", false, vec![(CUESHEET, vec![0xA5; 700]), honest.clone()]),
        ("padding-not-zero", true, vec![honest.clone(), (PADDING, b"secret".repeat(20))]),
        ("forty-pictures", true, (0..40).map(|_| picture()).collect()),
    ];
    for (name, is_sound, blocks) in layouts {
        put(corpus, "layout", &format!("blocks/{name}"), is_sound, || flac.with(&blocks))?;
    }
    type Change = fn(&mut Vec<u8>);
    let lies: [(&str, Change); 9] = [
        ("samples-unknown", |info| {
            info[13] &= 0xF0;
            info[14..18].fill(0);
        }),
        ("samples-too-many", |info| info[16] = info[16].wrapping_add(1)),
        ("samples-too-few", |info| info[16] -= 1),
        ("samples-most", |info| {
            info[13] |= 0x0F;
            info[14..18].fill(0xFF);
        }),
        ("rate-zero", |info| {
            info[10..12].fill(0);
            info[12] &= 0x0F;
        }),
        ("rate-other", |info| info[11] ^= 0x10),
        ("channels-other", |info| info[12] ^= 0x0E),
        ("bits-other", |info| info[13] ^= 0xF0),
        ("smallest-block-zero", |info| info[..4].fill(0)),
    ];
    for (name, change) in lies {
        let made = || {
            let mut stream_info = flac.stream_info.clone();
            change(&mut stream_info);
            Flac { stream_info, frames: flac.frames.clone() }.with(std::slice::from_ref(honest))
        };
        put(corpus, "layout", &format!("stream-info/{name}"), false, made)?;
    }
    put(corpus, "layout", "stream-info/no-md5", true, || {
        let mut stream_info = flac.stream_info.clone();
        stream_info[18..].fill(0);
        Flac { stream_info, frames: flac.frames.clone() }.with(std::slice::from_ref(honest))
    })?;
    let starts = flac.frame_starts();
    for (name, order) in [("lost", vec![0, 1, 2]), ("twice", vec![0, 0]), ("swapped", vec![1, 0])] {
        put(corpus, "layout", &format!("frames/{name}"), false, || {
            // The first frame, what was done to those behind it, and the rest.
            let frame = |n: usize| &flac.frames[starts[n]..starts[n + 1]];
            let changed = match name {
                "lost" => frame(order[2]).to_vec(),
                _ => [frame(order[0] + 1), frame(order[1] + 1), frame(3)].concat(),
            };
            let frames = [frame(0), &changed, &flac.frames[starts[4]..]].concat();
            Flac { stream_info: flac.stream_info.clone(), frames }
                .with(std::slice::from_ref(honest))
        })?;
    }
    Ok(())
}

/// Tags of other formats around it.
fn wrapped(corpus: &mut Corpus<'_>, flac: &[u8]) -> anyhow::Result<()> {
    for version in [2, 3, 4] {
        let made = || [&id3::Tag::plain(version).encode(), flac].concat();
        put(corpus, "id3-in-front", &format!("wrapped/id3v2.{version}"), true, made)?;
    }
    let two = || [id3::Tag::plain(3).encode(), id3::Tag::plain(4).encode(), flac.to_vec()].concat();
    put(corpus, "id3-in-front", "wrapped/two-id3v2", false, two)?;
    let empty = || [b"ID3\x04\0\0\0\0\0\0", flac].concat();
    put(corpus, "id3-in-front", "wrapped/empty-id3v2", true, empty)?;
    let v1 = || [flac, &id3::v1("Behind", "Testers", 200)].concat();
    put(corpus, "id3-behind", "wrapped/id3v1", true, v1)?;
    let ape = || [flac, &ape::honest()].concat();
    put(corpus, "ape-behind", "wrapped/apev2", true, ape)
}

fn put(
    corpus: &mut Corpus<'_>,
    tags: &str,
    mutation: &str,
    is_sound: bool,
    content: impl FnOnce() -> Vec<u8>,
) -> anyhow::Result<()> {
    corpus.put(Case { format: FORMAT, tags, mutation, extension: EXTENSION, is_sound }, content)
}

fn harm(corpus: &mut Corpus<'_>, tags: &str, bytes: &[u8], harm: Harm) -> anyhow::Result<()> {
    let structure = structure(bytes);
    Base { format: FORMAT, tags, extension: EXTENSION, bytes, structure }.harm(corpus, harm)
}

/// Of a sound file.
fn structure(bytes: &[u8]) -> Structure {
    let mut found = id3::structure(bytes);
    let start = id3::bytes(bytes);
    found.mark(start, "stream");
    found.header(start..start + 4);
    let mut at = start + 4;
    for index in 0.. {
        let (kind, length) = (bytes[at], block_length(bytes, at));
        found.mark(at, format!("block-{index}"));
        found.length(at + 1, 3, Order::Big, format!("block-{index}"));
        found.header(at..at + 4);
        match kind & 0x7F {
            0 => found.header(at + 4..at + 22),
            VORBIS_COMMENT => {
                found.add(comments::structure(&bytes[at + 4..at + 4 + length]), at + 4);
            }
            PICTURE => {
                for (place, of) in [(4, "mime"), (8 + 9, "description"), (length - 8, "data")] {
                    found.mark(at + 4 + place, format!("picture-{of}"));
                }
                found.length(at + 8, 4, Order::Big, "picture-mime");
                found.header(at + 4..at + 20);
            }
            _ => {}
        }
        at += 4 + length;
        if kind & 0x80 != 0 {
            break;
        }
    }
    let starts = frame_starts(&bytes[at..]);
    for index in Structure::telling(starts.len()) {
        found.mark(at + starts[index], format!("frame-{index}"));
        found.header(at + starts[index]..at + starts[index] + 6);
    }
    found.mark(bytes.len(), "end");
    found
}

fn block_length(bytes: &[u8], at: usize) -> usize {
    u32::from_be_bytes([0, bytes[at + 1], bytes[at + 2], bytes[at + 3]]) as usize
}

/// Frames have the sync code of fixed block sizes, and their numbers below 128 take one byte.
fn frame_starts(frames: &[u8]) -> Vec<usize> {
    let mut starts = Vec::new();
    for at in 0..frames.len().saturating_sub(5) {
        if frames[at] == 0xFF
            && frames[at + 1] == 0xF8
            && usize::from(frames[at + 4]) == starts.len()
        {
            starts.push(at);
        }
    }
    starts
}

impl Flac {
    fn of(file: &[u8]) -> Flac {
        let mut at = 4;
        while file[at] & 0x80 == 0 {
            at += 4 + block_length(file, at);
        }
        at += 4 + block_length(file, at);
        Flac { stream_info: file[8..42].to_vec(), frames: file[at..].to_vec() }
    }

    fn with(&self, blocks: &[Block]) -> Vec<u8> {
        let mut out = b"fLaC".to_vec();
        let mut write = |kind: u8, content: &[u8], last: bool| {
            out.push(kind | if last { 0x80 } else { 0 });
            out.extend(&(content.len() as u32).to_be_bytes()[1..]);
            out.extend(content);
        };
        write(0, &self.stream_info, blocks.is_empty());
        for (index, (kind, content)) in blocks.iter().enumerate() {
            write(*kind, content, index + 1 == blocks.len());
        }
        out.extend(&self.frames);
        out
    }

    fn frame_starts(&self) -> Vec<usize> {
        frame_starts(&self.frames)
    }
}

/// Two points and a placeholder.
fn seek_table() -> Vec<u8> {
    let point = |sample: u64, offset: u64| {
        [&sample.to_be_bytes()[..], &offset.to_be_bytes(), &4608u16.to_be_bytes()].concat()
    };
    [point(0, 0), point(4608, 999_999_999), point(u64::MAX, 0)].concat()
}

/// A CD's: one track with one index, and the lead-out.
fn cue_sheet() -> Vec<u8> {
    let mut sheet = b"1234567890123".to_vec();
    sheet.resize(128, 0);
    sheet.extend(88_200u64.to_be_bytes());
    sheet.push(0x80);
    sheet.resize(sheet.len() + 258, 0);
    sheet.push(2);
    let mut track = |offset: u64, number: u8, indexes: u8| {
        sheet.extend(offset.to_be_bytes());
        sheet.push(number);
        sheet.extend(b"QZDWX2600001");
        sheet.resize(sheet.len() + 14, 0);
        sheet.push(indexes);
        for index in 1..=indexes {
            sheet.extend(0u64.to_be_bytes());
            sheet.extend([index, 0, 0, 0]);
        }
    };
    track(0, 1, 1);
    track(73 * 588, 170, 0);
    sheet
}
