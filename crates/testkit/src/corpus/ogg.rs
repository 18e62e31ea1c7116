//! Vorbis, Opus and FLAC in Ogg, one stream a file.

use super::mutations::{Base, Harm};
use super::ogg_pages::{BOS, CONTINUED, EOS, Page, join, lay_out, seal, structure};
use super::seeds::{Seeds, Sound};
use super::{Case, Corpus, comments, id3};

/// A codec in Ogg.
#[derive(Debug, Clone, Copy)]
pub(super) struct Coding {
    pub format: &'static str,
    pub extension: &'static str,
    arguments: &'static [&'static str],
    seed: u64,
}

pub(super) const CODINGS: [Coding; 3] = [
    Coding {
        format: "ogg-vorbis",
        extension: "ogg",
        arguments: &["-c:a", "libvorbis", "-q:a", "3"],
        seed: 100,
    },
    Coding {
        format: "ogg-opus",
        extension: "opus",
        arguments: &["-c:a", "libopus", "-b:a", "96k"],
        seed: 110,
    },
    Coding { format: "ogg-flac", extension: "oga", arguments: &["-c:a", "flac"], seed: 120 },
];

/// The logical stream of a file.
#[derive(Debug, Clone)]
pub(super) struct Stream {
    coding: Coding,
    /// The page of the identification header.
    first: Page,
    /// The packets behind the identification header that are headers too; the first has the comments.
    headers: Vec<Vec<u8>>,
    audio: Vec<Page>,
}

impl Coding {
    pub(super) fn code(self, seeds: &Seeds, sound: Sound) -> anyhow::Result<Vec<u8>> {
        // Pages of a fifth of a second, so that there are some.
        let arguments = [self.arguments, &["-page_duration", "200000", "-f", "ogg"]].concat();
        seeds.code(sound, &arguments, self.extension)
    }

    pub(super) fn sound(self, number: u64) -> Sound {
        Sound::stereo(self.seed + number)
    }

    fn comment_packet(self, fields: &[Vec<u8>]) -> Vec<u8> {
        let bare = comments::encode(fields);
        match self.format {
            "ogg-vorbis" => [b"\x03vorbis", &bare[..], &[1]].concat(),
            "ogg-opus" => [b"OpusTags", &bare[..]].concat(),
            _ => [&[0x84][..], &(bare.len() as u32).to_be_bytes()[1..], &bare].concat(),
        }
    }
}

impl Stream {
    pub(super) fn of(coding: Coding, file: &[u8]) -> Stream {
        let pages = Page::all(file);
        // ffmpeg begins a page for the audio.
        let audio = pages.iter().position(|page| ![0, u64::MAX].contains(&page.granule));
        let audio = audio.unwrap_or(pages.len());
        let (mut headers, mut open) = (Vec::new(), Vec::new());
        for page in &pages[1..audio] {
            let mut at = 0;
            for lace in &page.lacing {
                open.extend(&page.body[at..at + usize::from(*lace)]);
                at += usize::from(*lace);
                if *lace < 255 {
                    headers.push(std::mem::take(&mut open));
                }
            }
        }
        Stream { coding, first: pages[0].clone(), headers, audio: pages[audio..].to_vec() }
    }

    /// Its pages with these comments, on header pages of at most `segments` segments.
    pub(super) fn pages(&self, fields: &[Vec<u8>], segments: usize) -> Vec<Page> {
        let mut headers = self.headers.clone();
        headers[0] = self.coding.comment_packet(fields);
        self.pages_of(&headers, segments)
    }

    fn pages_of(&self, headers: &[Vec<u8>], segments: usize) -> Vec<Page> {
        let serial = self.first.serial;
        let mut pages = vec![self.first.clone()];
        pages.extend(lay_out(headers, serial, 1, segments));
        let number = pages.len() as u32;
        pages.extend(self.audio.iter().cloned());
        for (page, sequence) in pages[number as usize..].iter_mut().zip(number..) {
            page.sequence = sequence;
        }
        pages
    }

    /// The same with another serial number.
    pub(super) fn numbered(&self, serial: u32) -> Stream {
        let mut stream = self.clone();
        stream.first.serial = serial;
        stream.audio.iter_mut().for_each(|page| page.serial = serial);
        stream
    }
}

pub(super) fn make(corpus: &mut Corpus<'_>, seeds: &Seeds) -> anyhow::Result<()> {
    for coding in CODINGS {
        let stereo = Stream::of(coding, &coding.code(seeds, coding.sound(0))?);
        let mono =
            Stream::of(coding, &coding.code(seeds, Sound { channels: 1, ..coding.sound(1) })?);
        harm(
            corpus,
            coding,
            "comments",
            &join(&stereo.pages(&comments::honest(), 255)),
            Harm::ALL,
        )?;
        let (_, pictured) = comments::with_pictures().next().expect("there are pictures");
        harm(corpus, coding, "mono-pictured", &join(&mono.pages(&pictured, 17)), Harm::TAGS)?;
        for (name, sound) in [
            ("no-samples", coding.sound(2).of(0)),
            ("one-sample", coding.sound(2).of(1)),
            ("three-seconds", coding.sound(3).of(132_300)),
            ("six-channels", Sound { channels: 6, ..coding.sound(4) }),
        ] {
            let Coding { format, extension, .. } = coding;
            let (tags, is_sound) = ("plain", name != "no-samples");
            let mutation = format!("lengths/{name}");
            let case = Case { format, tags, mutation: &mutation, extension, is_sound };
            corpus.put_coded(case, || coding.code(seeds, sound))?;
        }
        layouts(corpus, coding, &stereo)?;
        pages(corpus, coding, &stereo)?;
    }
    Ok(())
}

/// Headers laid out over pages in every way.
fn layouts(corpus: &mut Corpus<'_>, coding: Coding, stream: &Stream) -> anyhow::Result<()> {
    let honest = comments::honest();
    for segments in [1, 2, 3] {
        let made = || join(&stream.pages(&honest, segments));
        put(corpus, coding, "layout", &format!("headers/{segments}-segments-a-page"), true, made)?;
    }
    let with_comments = |packet: Vec<u8>| {
        let mut headers = stream.headers.clone();
        headers[0] = packet;
        join(&stream.pages_of(&headers, 255))
    };
    let packet = coding.comment_packet(&honest);
    let padded: [(&str, bool, Vec<u8>); 7] = [
        (
            "padding-behind-comments",
            coding.format != "ogg-flac",
            [&packet[..], &[0; 3000]].concat(),
        ),
        (
            "something-behind-comments",
            coding.format != "ogg-flac",
            [&packet[..], b"not padding"].concat(),
        ),
        ("comments-cut", false, packet[..packet.len() - 20].to_vec()),
        ("comments-empty", false, Vec::new()),
        (
            "comments-of-another",
            false,
            CODINGS[(coding.seed as usize / 10) % 3].comment_packet(&honest),
        ),
        ("framing-bit-clear", false, [&packet[..packet.len() - 1], &[0]].concat()),
        ("comments-noise", false, vec![0xA5; 400]),
    ];
    for (name, is_sound, packet) in padded {
        put(corpus, coding, "layout", &format!("headers/{name}"), is_sound, || {
            with_comments(packet)
        })?;
    }
    // Comments on the page of the identification header, against the rules; headers and audio on one page.
    put(corpus, coding, "layout", "headers/all-on-the-first-page", false, || {
        let mut pages = stream.pages(&[b"TITLE=One page".to_vec()], 255);
        let second = pages.remove(1);
        pages[0].lacing.extend(second.lacing);
        pages[0].body.extend(second.body);
        join(&pages)
    })?;
    put(corpus, coding, "layout", "headers/audio-on-their-page", true, || {
        let mut pages = stream.pages(&[b"TITLE=Shared".to_vec()], 255);
        let audio = stream.headers_end(&pages);
        let shared = pages.remove(audio);
        let before = &mut pages[audio - 1];
        if before.lacing.len() + shared.lacing.len() <= 255 {
            before.granule = shared.granule;
            before.lacing.extend(shared.lacing);
            before.body.extend(shared.body);
        }
        renumbered(pages)
    })?;
    put(corpus, coding, "layout", "wrapped/id3-in-front", false, || {
        [id3::Tag::plain(4).encode(), join(&stream.pages(&honest, 255))].concat()
    })?;
    put(corpus, coding, "layout", "wrapped/id3v1-behind", false, || {
        [join(&stream.pages(&honest, 255)), id3::v1("Behind", "Testers", 1)].concat()
    })
}

impl Stream {
    /// The place of the first page with audio.
    fn headers_end(&self, pages: &[Page]) -> usize {
        pages.len() - self.audio.len()
    }
}

fn renumbered(mut pages: Vec<Page>) -> Vec<u8> {
    for (page, sequence) in pages.iter_mut().zip(0..) {
        page.sequence = sequence;
    }
    join(&pages)
}

/// Pages lost, doubled, swapped, and with wrong numbers of every kind.
fn pages(corpus: &mut Corpus<'_>, coding: Coding, stream: &Stream) -> anyhow::Result<()> {
    type Change = fn(&mut Vec<Page>, usize);
    // The first page behind the headers is at the place given.
    let changes: [(&str, Change); 29] = [
        ("header-page-lost", |pages, _| drop(pages.remove(1))),
        ("first-page-lost", |pages, _| drop(pages.remove(0))),
        ("first-page-twice", |pages, _| pages.insert(0, pages[0].clone())),
        ("header-page-twice", |pages, _| pages.insert(1, pages[1].clone())),
        ("audio-page-lost", |pages, audio| drop(pages.remove(audio + 1))),
        ("first-audio-page-lost", |pages, audio| drop(pages.remove(audio))),
        ("last-page-lost", |pages, _| drop(pages.pop())),
        ("audio-page-twice", |pages, audio| pages.insert(audio + 1, pages[audio + 1].clone())),
        ("audio-pages-swapped", |pages, audio| pages.swap(audio, audio + 1)),
        ("serial-other-within", |pages, audio| pages[audio + 1].serial ^= 1),
        ("serial-other-of-headers", |pages, _| pages[1].serial ^= 1),
        ("granule-zero", |pages, audio| pages[audio].granule = 0),
        ("granule-none", |pages, audio| pages[audio + 1].granule = u64::MAX),
        ("granule-most", |pages, audio| pages[audio + 1].granule = u64::MAX - 1),
        ("granule-negative", |pages, audio| pages[audio].granule = u64::MAX - 500),
        ("granule-backwards", |pages, audio| pages[audio + 2].granule = 5),
        ("last-granule-zero", |pages, _| pages.last_mut().expect("pages").granule = 0),
        ("last-granule-most", |pages, _| pages.last_mut().expect("pages").granule = u64::MAX >> 1),
        ("last-granule-one-less", |pages, _| pages.last_mut().expect("pages").granule -= 1),
        ("first-granule-late", |pages, audio| {
            pages[audio..].iter_mut().for_each(|page| page.granule += 10_000_000);
        }),
        ("no-end", |pages, _| pages.last_mut().expect("pages").flags &= !EOS),
        ("early-end", |pages, audio| pages[audio].flags |= EOS),
        ("end-on-headers", |pages, _| pages[1].flags |= EOS),
        ("no-beginning", |pages, _| pages[0].flags &= !BOS),
        ("beginning-twice", |pages, audio| pages[audio].flags |= BOS),
        ("continued-from-nothing", |pages, audio| pages[audio].flags |= CONTINUED),
        ("numbers-from-1000", |pages, _| pages.iter_mut().for_each(|page| page.sequence += 1000)),
        ("numbers-jump", |pages, audio| {
            pages[audio + 1..].iter_mut().for_each(|page| page.sequence += 7);
        }),
        ("unknown-flags", |pages, audio| pages[audio].flags |= 0xF0),
    ];
    let honest = comments::honest();
    for (name, change) in changes {
        put(corpus, coding, "pages", &format!("pages/{name}"), false, || {
            let mut pages = stream.pages(&honest, 255);
            let audio = stream.headers_end(&pages);
            change(&mut pages, audio);
            join(&pages)
        })?;
    }
    let empty = |flags: u8, granule: u64| Page {
        flags,
        granule,
        serial: stream.first.serial,
        sequence: 0,
        lacing: Vec::new(),
        body: Vec::new(),
    };
    put(corpus, coding, "pages", "pages/empty-between", true, || {
        let mut pages = stream.pages(&honest, 255);
        let audio = stream.headers_end(&pages);
        pages.insert(audio + 1, empty(0, u64::MAX));
        pages.insert(audio, empty(0, u64::MAX));
        renumbered(pages)
    })?;
    put(corpus, coding, "pages", "pages/empty-end", false, || {
        let mut pages = stream.pages(&honest, 255);
        let last = pages.last_mut().expect("there are pages");
        last.flags &= !EOS;
        let granule = last.granule;
        pages.push(empty(EOS, granule));
        renumbered(pages)
    })?;
    put(corpus, coding, "pages", "pages/empty-packets", false, || {
        let mut pages = stream.pages(&honest, 255);
        let audio = stream.headers_end(&pages);
        pages[audio].lacing.splice(0..0, [0, 0, 0]);
        join(&pages)
    })?;
    type Bend = fn(&mut [u8]);
    let bends: [(&str, Bend, bool); 4] = [
        ("wrong-checksum", |page| page[22] ^= 0xFF, false),
        ("zero-checksum", |page| page[22..26].fill(0), false),
        ("version-1", |page| page[4] = 1, true),
        ("body-bent-and-sealed", |page| page[60] ^= 0x55, true),
    ];
    for (name, bend, is_sealed) in bends {
        for which in [1, 3] {
            put(corpus, coding, "pages", &format!("pages/{name}-on-{which}"), false, || {
                let pages = stream.pages(&honest, 255);
                let mut coded: Vec<Vec<u8>> = pages.iter().map(Page::encode).collect();
                bend(&mut coded[which]);
                if is_sealed {
                    seal(&mut coded[which]);
                }
                coded.concat()
            })?;
        }
    }
    Ok(())
}

pub(super) fn put(
    corpus: &mut Corpus<'_>,
    coding: Coding,
    tags: &str,
    mutation: &str,
    is_sound: bool,
    content: impl FnOnce() -> Vec<u8>,
) -> anyhow::Result<()> {
    let Coding { format, extension, .. } = coding;
    corpus.put(Case { format, tags, mutation, extension, is_sound }, content)
}

fn harm(
    corpus: &mut Corpus<'_>,
    coding: Coding,
    tags: &str,
    bytes: &[u8],
    harm: Harm,
) -> anyhow::Result<()> {
    let mut found = structure(bytes);
    // The comments begin behind the magic word of their packet.
    let magic: &[u8] = match coding.format {
        "ogg-vorbis" => b"\x03vorbis",
        "ogg-opus" => b"OpusTags",
        _ => b"\x84",
    };
    if let Some(at) = bytes[..400].windows(magic.len()).position(|window| window == magic) {
        let at = at + magic.len() + if coding.format == "ogg-flac" { 3 } else { 0 };
        found.add(comments::structure(&bytes[at..at + 200]), at);
    }
    let Coding { format, extension, .. } = coding;
    Base { format, tags, extension, bytes, structure: found }.harm(corpus, harm)
}
