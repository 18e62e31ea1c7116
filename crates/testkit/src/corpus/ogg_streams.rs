//! Several streams in one Ogg file: behind one another (chained), beside one another (multiplexed), and both.

use super::ogg::{CODINGS, Coding, Stream, put};
use super::ogg_pages::{BOS, EOS, Page, join, lay_out};
use super::seeds::{Seeds, Sound};
use super::{Corpus, comments};

pub(super) fn make(corpus: &mut Corpus<'_>, seeds: &Seeds) -> anyhow::Result<()> {
    let mut streams = Vec::new();
    for coding in CODINGS {
        let one = Stream::of(coding, &coding.code(seeds, coding.sound(5))?).numbered(1);
        let other = Stream::of(coding, &coding.code(seeds, coding.sound(6))?).numbered(2);
        let mono = Sound { channels: 1, ..coding.sound(7) };
        let mono = Stream::of(coding, &coding.code(seeds, mono)?).numbered(3);
        streams.push((coding, [one, other, mono]));
    }
    let titled = |stream: &Stream, title: &str| {
        stream.pages(&[comments::field("TITLE", title.as_bytes())], 255)
    };
    for (index, (coding, [one, other, mono])) in streams.iter().enumerate() {
        let coding = *coding;
        let [first, second, third] =
            [titled(one, "One"), titled(other, "Other"), titled(mono, "Mono")];
        let (next_coding, [next, ..]) = &streams[(index + 1) % streams.len()];
        let foreign = titled(&next.numbered(9), next_coding.format);
        let same_serial = titled(&other.numbered(1), "Of one number");

        let chained: Vec<(&str, Vec<&[Page]>)> = vec![
            ("with-another", vec![&first, &second]),
            ("with-itself", vec![&first, &first]),
            ("of-one-serial", vec![&first, &same_serial]),
            ("with-mono", vec![&first, &third]),
            ("with-another-codec", vec![&first, &foreign]),
            ("of-three", vec![&first, &second, &third]),
            ("with-headers-alone", vec![&first, &second[..2]]),
            ("behind-headers-alone", vec![&first[..3], &second]),
        ];
        for (name, parts) in chained {
            put(corpus, coding, "chained", &format!("chained/{name}"), false, || {
                join(&parts.concat())
            })?;
        }
        put(corpus, coding, "chained", "chained/with-noise-between", false, || {
            [join(&first), vec![0x17; 5000], join(&second)].concat()
        })?;
        put(corpus, coding, "chained", "chained/of-fifty", false, || {
            let parts = (0..50).map(|n| titled(&one.numbered(100 + n), "Of fifty"));
            join(&parts.flatten().collect::<Vec<_>>())
        })?;
        put(corpus, coding, "chained", "chained/second-cut", false, || {
            let whole = join(&[&first[..], &second].concat());
            whole[..whole.len() - 900].to_vec()
        })?;

        let beside: Vec<(&str, Vec<&[Page]>)> = vec![
            ("with-another", vec![&first, &second]),
            ("with-mono", vec![&first, &third]),
            ("with-another-codec", vec![&first, &foreign]),
            ("another-codec-first", vec![&foreign, &first]),
            ("of-three", vec![&first, &second, &third]),
        ];
        for (name, parts) in beside {
            put(corpus, coding, "multiplexed", &format!("multiplexed/{name}"), false, || {
                join(&interleaved(&parts))
            })?;
        }
        let (skeleton, unknown) = (skeleton(), unknown());
        let silent: Vec<(&str, Vec<&[Page]>)> = vec![
            ("skeleton-first", vec![&skeleton, &first]),
            ("skeleton-behind", vec![&first, &skeleton]),
            ("unknown-first", vec![&unknown, &first]),
            ("unknown-behind", vec![&first, &unknown]),
            ("skeleton-and-unknown", vec![&skeleton, &unknown, &first]),
        ];
        for (name, parts) in silent {
            put(corpus, coding, "multiplexed", &format!("multiplexed/{name}"), false, || {
                join(&interleaved(&parts))
            })?;
        }
        put(corpus, coding, "multiplexed", "multiplexed/and-chained", false, || {
            join(&[&interleaved(&[&skeleton, &first])[..], &second].concat())
        })?;
        put(corpus, coding, "multiplexed", "multiplexed/2000-unknown", false, || {
            let mut pages: Vec<Page> =
                (0..2000).map(|n| Page { serial: 5000 + n, ..unknown[0].clone() }).collect();
            pages.extend(first.iter().cloned());
            join(&pages)
        })?;
    }
    unknown_alone(corpus, CODINGS[0])
}

/// Files of Ogg without any stream that is known.
fn unknown_alone(corpus: &mut Corpus<'_>, coding: Coding) -> anyhow::Result<()> {
    put(corpus, coding, "no-audio", "multiplexed/unknown-alone", false, || join(&unknown()))?;
    put(corpus, coding, "no-audio", "multiplexed/skeleton-alone", false, || join(&skeleton()))
}

/// First pages of all streams, then the others in turn.
fn interleaved(streams: &[&[Page]]) -> Vec<Page> {
    let longest = streams.iter().map(|stream| stream.len()).max().unwrap_or(0);
    let turn = |index: usize| streams.iter().filter_map(move |stream| stream.get(index).cloned());
    (0..longest).flat_map(turn).collect()
}

/// A Skeleton 3.0 stream (xiph.org/ogg/doc/skeleton.html): one header, and the end.
fn skeleton() -> Vec<Page> {
    let mut head = b"fishead\0\x03\0\0\0".to_vec();
    head.resize(64, 0);
    stream(777, &[head, Vec::new()])
}

/// A stream of no codec that anybody knows.
fn unknown() -> Vec<Page> {
    stream(778, &[b"\x80unheard\x01\x02\x03\x04".to_vec(), b"of".repeat(300), b"at all".repeat(30)])
}

/// A page a packet.
fn stream(serial: u32, packets: &[Vec<u8>]) -> Vec<Page> {
    let mut pages: Vec<Page> = Vec::new();
    for packet in packets {
        pages.extend(lay_out(std::slice::from_ref(packet), serial, pages.len() as u32, 255));
    }
    pages[0].flags |= BOS;
    if let Some(last) = pages.last_mut() {
        last.flags |= EOS;
    }
    pages
}
