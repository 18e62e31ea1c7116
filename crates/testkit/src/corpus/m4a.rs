//! AAC and ALAC in MP4.

use super::mp4_tree::{Node, encode, file, structure};
use super::mutations::{Base, Harm};
use super::seeds::{Seeds, Sound};
use super::{Case, Corpus, m4a_tags, pictures};

const AAC: &str = "m4a-aac";
const ALAC: &str = "m4a-alac";

pub(super) fn make(corpus: &mut Corpus<'_>, seeds: &Seeds) -> anyhow::Result<()> {
    let aac = |sound: Sound, more: &[&str]| {
        seeds.code(sound, &[&["-c:a", "aac", "-b:a", "96k"], more].concat(), "m4a")
    };
    let alac =
        |sound: Sound, more: &[&str]| seeds.code(sound, &[&["-c:a", "alac"], more].concat(), "m4a");
    let seeds_of = [
        (AAC, aac(Sound::stereo(40), &[])?, aac(Sound::mono(41), &["-movflags", "+faststart"])?),
        (ALAC, alac(Sound::stereo(42), &[])?, alac(Sound::mono(43), &["-movflags", "+faststart"])?),
    ];
    for (format, last, first) in &seeds_of {
        let mut items = m4a_tags::honest();
        let cover = &pictures::all()[0].data;
        let data = Node::new(b"data", [&[0, 0, 0, 14, 0, 0, 0, 0], &cover[..]].concat());
        items.push(Node::parent(b"covr", vec![data]));
        // The two have the same boxes in another order: each is cut in one, and lied about in the other.
        let (one, other) =
            (Harm { lie: false, ..Harm::ALL }, Harm { cut: false, flips: 24, ..Harm::TAGS });
        let (of_last, of_first) = if *format == AAC { (one, other) } else { (other, one) };
        harm(corpus, format, "moov-last", &tagged(last, items.clone()), of_last)?;
        harm(corpus, format, "moov-first", &tagged(first, items), of_first)?;
        for (name, items) in m4a_tags::hostile() {
            put(corpus, format, "ilst", &format!("tags/{name}"), true, || tagged(first, items))?;
        }
        layouts(corpus, format, last)?;
    }
    let six = |seed| Sound { channels: 6, ..Sound::stereo(seed) };
    let lengths: [(&str, &str, Sound, &[&str]); 10] = [
        (AAC, "one-sample", Sound::stereo(44).of(1), &[]),
        (AAC, "no-samples", Sound::stereo(44).of(0), &[]),
        (AAC, "three-seconds", Sound::stereo(45).of(132_300), &[]),
        (AAC, "22-kilohertz", Sound::stereo(46), &["-ar", "22050"]),
        (AAC, "six-channels", six(47), &[]),
        (ALAC, "one-sample", Sound::stereo(48).of(1), &[]),
        (ALAC, "three-seconds", Sound::stereo(49).of(132_300), &[]),
        (ALAC, "24-bit", Sound::stereo(50), &["-sample_fmt", "s32p"]),
        (ALAC, "96-kilohertz", Sound::stereo(51), &["-ar", "96000"]),
        (ALAC, "six-channels", six(52), &[]),
    ];
    for (format, name, sound, more) in lengths {
        let mutation = format!("lengths/{name}");
        // Of one sample ffmpeg drops the frame that it codes it in.
        let is_sound = name != "no-samples" && (format, name) != (AAC, "one-sample");
        let case = Case { format, tags: "plain", mutation: &mutation, extension: "m4a", is_sound };
        corpus
            .put_coded(case, || if format == AAC { aac(sound, more) } else { alac(sound, more) })?;
    }
    let fragmented: [(&str, &[&str]); 3] = [
        ("fragments", &["-movflags", "+frag_keyframe+empty_moov", "-frag_duration", "200000"]),
        (
            "fragments-and-index",
            &["-movflags", "+frag_keyframe+empty_moov+global_sidx", "-frag_duration", "200000"],
        ),
        ("fragments-behind-samples", &["-movflags", "+frag_keyframe", "-frag_duration", "300000"]),
    ];
    for (name, flags) in fragmented {
        let mutation = format!("boxes/{name}");
        let (format, tags, extension) = (AAC, "layout", "m4a");
        let case = Case { format, tags, mutation: &mutation, extension, is_sound: false };
        corpus.put_coded(case, || aac(Sound::stereo(53), flags))?;
    }
    // Codecs that MP4 carries and that are not decoded here.
    for (name, arguments) in [
        ("flac", ["-c:a", "flac"]),
        ("opus", ["-c:a", "libopus"]),
        ("mp3", ["-c:a", "libmp3lame"]),
        ("ac3", ["-c:a", "ac3"]),
    ] {
        let (format, tags, extension) = ("mp4-other", "plain", "m4a");
        let mutation = format!("codecs/{name}");
        let case = Case { format, tags, mutation: &mutation, extension, is_sound: false };
        let more = [&arguments[..], &["-strict", "-2"]].concat();
        corpus.put_coded(case, || seeds.code(Sound::stereo(54), &more, "mp4"))?;
    }
    for (name, container) in [("quicktime", "mov"), ("3gp", "3gp")] {
        let mutation = format!("boxes/{name}");
        let (format, tags, extension) = (AAC, "brands", "m4a");
        let case = Case { format, tags, mutation: &mutation, extension, is_sound: true };
        corpus.put_coded(case, || seeds.code(Sound::stereo(55), &["-c:a", "aac"], container))?;
    }
    Ok(())
}

/// The file with these items in place of what tags it had.
fn tagged(before: &[u8], items: Vec<Node>) -> Vec<u8> {
    let mut nodes = Node::all(before);
    let moov = moov(&mut nodes);
    moov.nodes().retain(|node| node.kind != *b"udta");
    moov.nodes().push(m4a_tags::udta(items));
    file(before, &nodes)
}

fn moov(nodes: &mut [Node]) -> &mut Node {
    nodes.iter_mut().find(|node| node.kind == *b"moov").expect("a sound file has moov")
}

type Change = fn(&mut Vec<Node>);

fn free(bytes: usize) -> Node {
    Node::new(b"free", vec![0; bytes])
}

/// Where a box is at the top. ffmpeg writes ftyp, free, mdat, moov.
fn place(nodes: &[Node], kind: &[u8; 4]) -> usize {
    nodes.iter().position(|node| node.kind == *kind).expect("it is there")
}

/// Changes the track.
fn track(nodes: &mut [Node], change: impl FnOnce(&mut Node)) {
    change(moov(nodes).at(&[b"trak"]).expect("a sound file has trak"));
}

/// Changes the tables of the track.
fn stbl(nodes: &mut [Node], change: impl FnOnce(&mut Vec<Node>)) {
    let path: [&[u8; 4]; 4] = [b"trak", b"mdia", b"minf", b"stbl"];
    change(moov(nodes).at(&path).expect("a sound file has stbl").nodes());
}

/// Boxes in every order and number.
fn layouts(corpus: &mut Corpus<'_>, format: &str, plain: &[u8]) -> anyhow::Result<()> {
    let before = tagged(plain, m4a_tags::honest());
    let changes: [(&str, bool, Change); 35] = [
        ("moov-first", true, |nodes| {
            let moov = nodes.remove(place(nodes, b"moov"));
            nodes.insert(1, moov);
        }),
        ("free-between", true, |nodes| {
            nodes.insert(1, free(0));
            nodes.insert(2, free(5000));
            nodes.push(free(77));
        }),
        ("wide-mdat", true, |nodes| {
            let mdat = place(nodes, b"mdat");
            nodes[mdat].is_wide = true;
        }),
        ("wide-moov", true, |nodes| moov(nodes).is_wide = true),
        ("offsets-of-64-bits", true, |nodes| {
            stbl(nodes, |tables| {
                for table in tables.iter_mut().filter(|table| table.kind == *b"stco") {
                    table.kind = *b"co64";
                    let entries = table.bytes().split_off(8);
                    let wide = entries.chunks_exact(4).flat_map(|entry| [&[0; 4], entry].concat());
                    table.bytes().extend(wide.collect::<Vec<u8>>());
                }
            });
        }),
        ("two-moov", false, |nodes| {
            let moov = nodes[place(nodes, b"moov")].clone();
            nodes.push(moov);
        }),
        ("no-moov", false, |nodes| nodes.retain(|node| node.kind != *b"moov")),
        ("no-mdat", false, |nodes| nodes.retain(|node| node.kind != *b"mdat")),
        ("no-ftyp", true, |nodes| nodes.retain(|node| node.kind != *b"ftyp")),
        ("ftyp-behind", false, |nodes| nodes.rotate_left(1)),
        ("unknown-brand", true, |nodes| nodes[0].bytes()[..4].copy_from_slice(b"zzzz")),
        ("picture-brand", false, |nodes| nodes[0].bytes()[..4].copy_from_slice(b"heic")),
        ("uuid-and-unknown", true, |nodes| {
            nodes.insert(1, Node::new(b"uuid", vec![0x42; 300]));
            nodes.push(Node::new(b"\0\x01zz", vec![9; 30]));
        }),
        ("second-mdat", true, |nodes| nodes.push(Node::new(b"mdat", vec![5; 1000]))),
        ("meta-at-the-top", false, |nodes| nodes.push(Node::new(b"meta", vec![0; 40]))),
        ("two-sound-tracks", false, |nodes| {
            let trak = moov(nodes).at(&[b"trak"]).expect("a sound file has trak").clone();
            moov(nodes).nodes().insert(2, trak);
        }),
        ("chapter-track", false, |nodes| {
            let mut text = moov(nodes).at(&[b"trak"]).expect("a sound file has trak").clone();
            if let Some(handler) = text.at(&[b"mdia", b"hdlr"]) {
                handler.bytes()[8..12].copy_from_slice(b"text");
            }
            if let Some(table) = text.at(&[b"mdia", b"minf", b"stbl", b"stsd"]) {
                *table.bytes() =
                    [&[0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 24][..], b"text", &[0; 16]].concat();
            }
            track(nodes, |trak| {
                trak.nodes()
                    .push(Node::parent(b"tref", vec![Node::new(b"chap", vec![0, 0, 0, 2])]));
            });
            moov(nodes).nodes().insert(1, text);
        }),
        ("chapters-of-nero", true, |nodes| {
            let mut list = vec![1, 0, 0, 0, 0, 0, 0, 0, 1];
            list.extend([0; 8]);
            list.extend(b"\x03One");
            let udta = moov(nodes).at(&[b"udta"]).expect("it was tagged");
            udta.nodes().push(Node::new(b"chpl", list));
        }),
        ("udta-ends-with-zeros", true, |nodes| {
            let udta = moov(nodes).at(&[b"udta"]).expect("it was tagged");
            let mut bytes = encode(udta.nodes());
            bytes.extend([0; 4]);
            *udta = Node::new(b"udta", bytes);
        }),
        ("two-udta", false, |nodes| moov(nodes).nodes().push(m4a_tags::udta(m4a_tags::honest()))),
        ("no-udta", true, |nodes| moov(nodes).nodes().retain(|node| node.kind != *b"udta")),
        ("free-in-tags", true, |nodes| {
            let meta = moov(nodes).at(&[b"udta", b"meta"]).expect("it was tagged");
            meta.nodes().push(free(2048));
        }),
        ("no-edit-list", false, |nodes| {
            track(nodes, |trak| trak.nodes().retain(|node| node.kind != *b"edts"))
        }),
        ("edit-list-empty", false, |nodes| {
            edit(nodes, vec![vec![0; 8]]);
        }),
        ("edit-list-of-nothing-first", false, |nodes| {
            edit(
                nodes,
                vec![vec![0, 0, 0, 0, 0, 0, 0, 2], edit_entry(300, -1), edit_entry(500, 1024)],
            );
        }),
        ("edit-list-twice", false, |nodes| {
            edit(
                nodes,
                vec![vec![0, 0, 0, 0, 0, 0, 0, 2], edit_entry(300, 1024), edit_entry(300, 2048)],
            );
        }),
        ("edit-list-beyond", false, |nodes| {
            edit(nodes, vec![vec![0, 0, 0, 0, 0, 0, 0, 1], edit_entry(u32::MAX, 99_999_999)]);
        }),
        ("edit-list-short", false, |nodes| {
            edit(nodes, vec![vec![0, 0, 0, 0, 0, 0, 0, 1], edit_entry(200, 5000)]);
        }),
        ("one-sample-entry-more", false, |nodes| {
            stbl(nodes, |tables| {
                let table = tables.iter_mut().find(|table| table.kind == *b"stsd").expect("stsd");
                let entry = table.bytes()[8..].to_vec();
                table.bytes()[7] = 2;
                table.bytes().extend(entry);
            });
        }),
        ("no-sample-sizes", false, |nodes| {
            stbl(nodes, |tables| tables.retain(|table| table.kind != *b"stsz"))
        }),
        ("no-chunk-offsets", false, |nodes| {
            stbl(nodes, |tables| tables.retain(|table| table.kind != *b"stco"))
        }),
        ("nested-40-deep", false, |nodes| {
            let deep = (0..40).fold(free(1), |inner, _| Node::parent(b"udta", vec![inner]));
            moov(nodes).nodes().push(deep);
        }),
        ("9000-boxes-in-moov", false, |nodes| {
            moov(nodes).nodes().extend(std::iter::repeat_n(free(0), 9000))
        }),
        ("5000-boxes-at-the-top", false, |nodes| nodes.extend(std::iter::repeat_n(free(0), 5000))),
        ("encrypted", false, |nodes| {
            stbl(nodes, |tables| {
                let table = tables.iter_mut().find(|table| table.kind == *b"stsd").expect("stsd");
                table.bytes()[12..16].copy_from_slice(b"enca");
            });
        }),
    ];
    for (name, is_sound, change) in changes {
        put(corpus, format, "layout", &format!("boxes/{name}"), is_sound, || {
            let mut nodes = Node::all(&before);
            change(&mut nodes);
            file(&before, &nodes)
        })?;
    }
    put(corpus, format, "layout", "boxes/last-to-the-end-of-the-file", false, || {
        let mut nodes = Node::all(&before);
        let mdat = nodes.remove(place(&nodes, b"mdat"));
        nodes.push(mdat);
        let mut whole = file(&before, &nodes);
        let start = whole.windows(4).rposition(|window| window == b"mdat").expect("mdat") - 4;
        whole[start..start + 4].fill(0);
        whole
    })?;
    for (name, offset) in
        [("zero", 0u32), ("in-moov", before.len() as u32 - 60), ("most", u32::MAX)]
    {
        put(corpus, format, "layout", &format!("boxes/first-offset-{name}"), false, || {
            let mut nodes = Node::all(&before);
            stbl(&mut nodes, |tables| {
                let table = tables.iter_mut().find(|table| table.kind == *b"stco").expect("stco");
                table.bytes()[8..12].copy_from_slice(&offset.to_be_bytes());
            });
            encode(&nodes)
        })?;
    }
    Ok(())
}

/// Puts another edit list in.
fn edit(nodes: &mut [Node], parts: Vec<Vec<u8>>) {
    let trak = moov(nodes).at(&[b"trak"]).expect("a sound file has trak");
    trak.nodes().retain(|node| node.kind != *b"edts");
    let list = Node::new(b"elst", parts.concat());
    trak.nodes().insert(1, Node::parent(b"edts", vec![list]));
}

/// Duration in movie ticks, start in media ticks, rate 1.
fn edit_entry(duration: u32, start: i32) -> Vec<u8> {
    [&duration.to_be_bytes()[..], &start.to_be_bytes(), &[0, 1, 0, 0]].concat()
}

fn put(
    corpus: &mut Corpus<'_>,
    format: &str,
    tags: &str,
    mutation: &str,
    is_sound: bool,
    content: impl FnOnce() -> Vec<u8>,
) -> anyhow::Result<()> {
    corpus.put(Case { format, tags, mutation, extension: "m4a", is_sound }, content)
}

fn harm(
    corpus: &mut Corpus<'_>,
    format: &str,
    tags: &str,
    bytes: &[u8],
    harm: Harm,
) -> anyhow::Result<()> {
    Base { format, tags, extension: "m4a", bytes, structure: structure(bytes) }.harm(corpus, harm)
}
