//! What must not pair: silence, hums, noise, loops, other keys and other speeds; and what must not be slow.

mod analyse_support;

use analyse_support::wav_of;
use deadwax_audio::analyse::{Fingerprint, FingerprintError, Job, analyse};
use deadwax_audio::probe::probe;
use deadwax_audio::same::{IndexBuilder, Likeness, Verdict, compare};
use proptest::prelude::*;
use std::io::Cursor;

const RATE: u32 = 11_025;

/// The fingerprint of so many seconds of a signal: sample number to value, full scale 1.
fn fingerprint_of(seconds: u32, mut signal: impl FnMut(u32) -> f64) -> Vec<u32> {
    let data: Vec<u8> =
        (0..seconds * RATE).flat_map(|n| ((signal(n) * 20_000.0) as i16).to_le_bytes()).collect();
    let file = wav_of(RATE, 1, &data);
    let probe = probe(&mut Cursor::new(&file)).unwrap();
    analyse(Cursor::new(&file), &probe, Job::default()).unwrap().fingerprint.unwrap().raw
}

fn noise(mut seed: u64) -> impl FnMut() -> f64 {
    move || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed >> 11) as f64 / (1u64 << 53) as f64 * 2.0 - 1.0
    }
}

/// A tune: three voices over two octaves, a new chord every `step` seconds, chosen by `seed`; `speed` changes pitch and
/// tempo alike.
fn tune(seed: u64, step: f64, semitones: f64, speed: f64) -> impl FnMut(u32) -> f64 {
    let mut random = noise(seed | 1);
    let notes: Vec<[f64; 3]> = (0..400)
        .map(|_| [0; 3].map(|_| 110.0 * 2f64.powf(((random() + 1.0) * 12.0).floor() / 12.0)))
        .collect();
    move |n| {
        let time = f64::from(n) / f64::from(RATE) * speed;
        let chord = notes[(time / step) as usize % notes.len()];
        let shift = 2f64.powf(semitones / 12.0);
        let voice = |hertz: f64| (std::f64::consts::TAU * hertz * shift * time).sin();
        chord.into_iter().map(voice).sum::<f64>() / 4.0
    }
}

fn same(a: &[u32], b: &[u32]) -> Option<Likeness> {
    let (one, other) = (compare(a, b), compare(b, a));
    assert_eq!(one.same().is_some(), other.same().is_some(), "{one:?} {other:?}");
    one.same()
}

#[test]
fn silence_and_hums_are_too_uniform() {
    let silence = fingerprint_of(60, |_| 0.0);
    let hum = |hertz: f64, loud: f64| {
        fingerprint_of(60, move |n| {
            loud * (std::f64::consts::TAU * hertz * f64::from(n) / f64::from(RATE)).sin()
        })
    };
    let hums = [hum(220.0, 1.0), hum(220.0, 0.3), hum(220.1, 0.5)];
    assert_eq!(compare(&silence, &fingerprint_of(30, |_| 0.0)), Verdict::TooUniform);
    for (one, other) in [(0, 1), (0, 2), (1, 2)] {
        assert_eq!(compare(&hums[one], &hums[other]), Verdict::TooUniform);
    }
    assert_eq!(same(&silence, &hums[0]), None);
    let mut builder = IndexBuilder::default();
    builder.push(&silence);
    assert_eq!(builder.finish().candidates(&silence, u32::MAX), []);
}

#[test]
fn noises_of_other_seeds_are_not_the_same() {
    let noises: Vec<Vec<u32>> = (1..6)
        .map(|seed| {
            let mut noise = noise(seed * 7919);
            fingerprint_of(60, move |_| noise())
        })
        .collect();
    for (number, one) in noises.iter().enumerate() {
        assert!(same(one, one).is_some(), "the same noise is the same");
        for other in &noises[..number] {
            assert_eq!(same(one, other), None);
        }
    }
}

#[test]
fn a_tune_is_itself_and_not_another_in_key_or_speed() {
    let original = fingerprint_of(60, tune(5, 0.4, 0.0, 1.0));
    let quiet = {
        let mut tune = tune(5, 0.4, 0.0, 1.0);
        fingerprint_of(60, move |n| tune(n) * 0.4)
    };
    assert!(same(&original, &quiet).unwrap().score > 0.98);
    for (what, other) in [
        ("another tune", tune(6, 0.4, 0.0, 1.0)),
        ("a semitone up", tune(5, 0.4, 1.0, 1.0)),
        ("a semitone down", tune(5, 0.4, -1.0, 1.0)),
        ("2 % faster", tune(5, 0.4, 0.0, 1.02)),
        ("2 % slower", tune(5, 0.4, 0.0, 0.98)),
    ] {
        let verdict = compare(&original, &fingerprint_of(60, other));
        assert!(matches!(verdict, Verdict::Different(_)), "{what}: {verdict:?}");
    }
}

#[test]
fn pieces_over_the_same_loop_are_not_the_same() {
    let over_the_loop = |melody: u64, share: f64| {
        let (mut chords, mut melody) = (tune(77, 0.5, 0.0, 1.0), tune(melody, 0.3, 12.0, 1.0));
        fingerprint_of(60, move |n| share * chords(n % (4 * RATE)) + (1.0 - share) * melody(n))
    };
    for share in [0.3, 0.5, 0.7, 0.85] {
        assert_eq!(same(&over_the_loop(1, share), &over_the_loop(2, share)), None, "{share}");
    }
    // Nothing but the loop: every recording that is made of it sounds so.
    let (one, other) = (over_the_loop(1, 1.0), over_the_loop(2, 1.0));
    assert_eq!(compare(&one, &other), Verdict::TooUniform);
}

#[test]
fn what_differs_in_a_part_is_not_the_same() {
    let original = fingerprint_of(100, tune(5, 0.4, 0.0, 1.0));
    let (mut all, mut other) = (tune(5, 0.4, 0.0, 1.0), tune(9, 0.4, 0.0, 1.0));
    let with_another_bridge = fingerprint_of(100, |n| match n / RATE {
        50..60 => other(n),
        _ => all(n),
    });
    assert_eq!(same(&original, &with_another_bridge), None);
    let (mut all, mut other) = (tune(5, 0.4, 0.0, 1.0), tune(9, 0.4, 0.0, 1.0));
    let beginning_alike = fingerprint_of(100, |n| if n / RATE < 40 { all(n) } else { other(n) });
    assert_eq!(same(&original, &beginning_alike), None);
    // The end of one is the start of the other: a medley, not a copy.
    let mut moved = tune(5, 0.4, 0.0, 1.0);
    let overlapping = fingerprint_of(100, |n| moved(n + 80 * RATE));
    assert_eq!(same(&original, &overlapping), None);
}

#[test]
fn a_part_of_it_is_found_where_it_is() {
    let original = fingerprint_of(100, tune(5, 0.4, 0.0, 1.0));
    let mut moved = tune(5, 0.4, 0.0, 1.0);
    let part = fingerprint_of(30, |n| moved(n + 20 * RATE));
    let likeness = same(&original, &part).unwrap();
    assert!((likeness.offset_seconds() - 20.0).abs() < 0.13, "{likeness:?}");
    assert!((25.0..31.0).contains(&likeness.overlap_seconds()), "{likeness:?}");
    let back = compare(&part, &original).same().unwrap();
    assert_eq!(
        (back.offset, back.overlap, back.score),
        (-likeness.offset, likeness.overlap, likeness.score)
    );
}

#[test]
fn too_short_is_said() {
    let short = fingerprint_of(4, tune(5, 0.4, 0.0, 1.0));
    assert_eq!(compare(&short, &short), Verdict::TooShort);
    assert_eq!(compare(&[], &[]), Verdict::TooShort);
    let enough = fingerprint_of(6, tune(5, 0.4, 0.0, 1.0));
    assert!(same(&enough, &enough).is_some());
}

#[test]
fn a_key_of_everybody_does_not_hide_who_is_near() {
    // A thousand copies: each finds others, and a look-up reads a bounded part of them.
    let copy = fingerprint_of(40, tune(5, 0.4, 0.0, 1.0));
    let mut builder = IndexBuilder::default();
    for _ in 0..1000 {
        builder.push(&copy);
    }
    let index = builder.finish();
    let found = index.candidates(&copy, 700);
    assert_eq!(found.len(), 32);
    assert!(found.iter().all(|it| it.owner < 700 && it.hits > 20));
    assert!(index.candidates(&copy, 1).iter().map(|it| it.owner).eq([0]));
    assert_eq!(index.candidates(&copy, 0), []);
}

#[test]
fn texts_that_are_no_fingerprints_are_told_apart() {
    let text = Fingerprint { raw: fingerprint_of(20, tune(5, 0.4, 0.0, 1.0)) }.text();
    assert!(Fingerprint::from_text(&text).is_ok());
    assert_eq!(Fingerprint::from_text("no base64!"), Err(FingerprintError::NotBase64));
    assert_eq!(Fingerprint::from_text("AgAAAQ"), Err(FingerprintError::Algorithm(2)));
    for cut in
        ["", "AQ", "AQAAAA", "AQAAAQ", &text[..text.len() / 8 * 4], &text[..text.len() / 4 * 4 - 4]]
    {
        assert_eq!(Fingerprint::from_text(cut), Err(FingerprintError::CutShort), "{cut}");
    }
}

proptest! {
    #[test]
    fn texts_come_back(raw in prop::collection::vec(any::<u32>(), 1..200)) {
        let print = Fingerprint { raw };
        prop_assert_eq!(Fingerprint::from_text(&print.text()), Ok(print));
    }

    #[test]
    fn nothing_panics(
        text in "[A-Za-z0-9_-]{0,60}",
        a in prop::collection::vec(0..40u32, 0..1300),
        b in prop::collection::vec(0..40u32, 0..1300),
    ) {
        let _ = Fingerprint::from_text(&text);
        let _ = Fingerprint::from_text(&format!("AQ{text}"));
        let _ = compare(&a, &b);
        let mut builder = IndexBuilder::default();
        builder.push(&a);
        let _ = builder.finish().candidates(&b, u32::MAX);
    }
}
