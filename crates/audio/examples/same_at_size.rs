//! What an index of a million fingerprints takes, and what a look-up costs and finds.
//!
//!     for file in MUSIC/*.ogg; do fpcalc -raw "$file" | sed -n 's/^FINGERPRINT=//p'; done > FINGERPRINTS
//!     cargo run --release -p deadwax-audio --example same_at_size -- FINGERPRINTS [RECORDINGS]
//!
//! FINGERPRINTS is a file of lines as `fpcalc -raw` prints them after `FINGERPRINT=`: fingerprints of real music, at least
//! two. From them recordings are made up that have the statistics of real ones and are nobody's: chains of pieces of a real
//! one of 2 to 8 steps, each beginning where the one before it could have ended (their first sub-fingerprints differ in at most
//! five bits), with some bits flipped for good. RECORDINGS is how many, 1,000,000 when not given.
//!
//! Looked up are 5,000 copies with bits flipped as codecs flip them (1.5 to 6 % of the bits of an original, in runs), up to
//! 12 s cut off the front, and as many strangers.

use deadwax_audio::same::{IndexBuilder, Verdict, compare};
use std::time::Instant;

const STEPS: usize = 948;
const ASKED: usize = 5_000;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (Some(path), recordings) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: same_at_size FINGERPRINTS [RECORDINGS]");
        std::process::exit(2);
    };
    let recordings: u32 = recordings.map_or(1_000_000, |n| n.parse().expect("a number"));
    let text = std::fs::read_to_string(&path).expect("the file of fingerprints can be read");
    let real: Vec<Vec<u32>> = text
        .lines()
        .map(|line| line.split(',').filter_map(|number| number.trim().parse().ok()).collect())
        .filter(|print: &Vec<u32>| print.len() > 100)
        .collect();
    assert!(real.len() >= 2, "{path} has fewer than two fingerprints of 12 s and more");
    let chains = Chains::new(&real);

    let start = Instant::now();
    let mut builder = IndexBuilder::with_room_for(recordings as usize);
    let mut making = 0.0;
    for number in 0..recordings {
        let began = Instant::now();
        let print = chains.recording(number.into());
        making += began.elapsed().as_secs_f64();
        builder.push(&print);
    }
    let pushed = start.elapsed().as_secs_f64() - making;
    let start = Instant::now();
    let index = builder.finish();
    let sorted = start.elapsed().as_secs_f64();
    println!(
        "{recordings} recordings: made up in {making:.1} s; keys chosen in {pushed:.1} s, sorted in {sorted:.1} s; \
         {:.0} bytes a recording",
        index.bytes() as f64 / f64::from(recordings.max(1))
    );

    let mut random = Random(99);
    for (what, is_copy) in [("copies", true), ("strangers", false)] {
        let (mut times, mut judged, mut found, mut wrong, mut given) =
            (Vec::new(), Vec::new(), 0, 0, 0);
        for ask in 0..ASKED as u64 {
            let number = random.below(u64::from(recordings));
            let print = match is_copy {
                true => copy(&chains.recording(number), &mut random),
                false => chains.recording(u64::from(recordings) + ask),
            };
            let start = Instant::now();
            let candidates = index.candidates(&print, u32::MAX);
            times.push(start.elapsed().as_secs_f64() * 1e6);
            given += candidates.len();
            for candidate in candidates {
                let known = chains.recording(candidate.owner.into());
                let start = Instant::now();
                let verdict = compare(&known, &print);
                judged.push(start.elapsed().as_secs_f64() * 1e6);
                if let Verdict::Same(likeness) = verdict {
                    match is_copy && u64::from(candidate.owner) == number {
                        true => found += 1,
                        false => {
                            wrong += 1;
                            println!("false pair: {ask} {candidate:?} {likeness:?}");
                        }
                    }
                }
            }
        }
        println!(
            "{ASKED} {what}: look-up p50 {:.0} us, p99 {:.0} us, longest {:.0} us; {given} candidates, compared in p50 {:.0} us, \
             p99 {:.0} us; {found} found, {wrong} false pairs",
            at(&mut times, 0.5),
            at(&mut times, 0.99),
            at(&mut times, 1.0),
            at(&mut judged, 0.5),
            at(&mut judged, 0.99),
        );
    }
}

fn at(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    values.get((last as f64 * share) as usize).copied().unwrap_or(f64::NAN)
}

/// Xorshift64* (Vigna, 2016).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, end: u64) -> u64 {
        ((self.next() >> 32) * end) >> 32
    }
}

/// Real sub-fingerprints, by places where one may follow another.
struct Chains<'a> {
    real: &'a [Vec<u32>],
    /// Places of real ones by their 16 upper bits, which are half of the filters.
    by_upper: Vec<Vec<(u32, u32)>>,
}

impl<'a> Chains<'a> {
    fn new(real: &'a [Vec<u32>]) -> Chains<'a> {
        let mut by_upper = vec![Vec::new(); 1 << 16];
        for (piece, print) in real.iter().enumerate() {
            for (place, step) in print.iter().enumerate() {
                by_upper[(step >> 16) as usize].push((piece as u32, place as u32));
            }
        }
        Chains { real, by_upper }
    }

    /// The recording of this number, always the same.
    fn recording(&self, number: u64) -> Vec<u32> {
        let mut random = Random(number.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        random.next();
        let mut print = Vec::with_capacity(STEPS);
        let mut last = 0u32;
        // What makes this recording another than those of the same pieces: bits that are flipped for a while.
        let mut flipped = 0u32;
        while print.len() < STEPS {
            let (piece, place) = self.after(last, &mut random);
            let length = 2 + random.below(7) as usize;
            if random.below(3) == 0 {
                flipped ^= 1 << random.below(32);
            }
            let piece = &self.real[piece];
            let end = piece.len().min(place + length);
            print.extend(piece[place..end].iter().map(|step| step ^ flipped));
            last = print[print.len() - 1] ^ flipped;
        }
        print.truncate(STEPS);
        print
    }

    /// A place whose sub-fingerprint differs from `last` in few bits, or any.
    fn after(&self, last: u32, random: &mut Random) -> (usize, usize) {
        let near = &self.by_upper[(last >> 16) as usize];
        for _ in 0..8 {
            if near.is_empty() {
                break;
            }
            let (piece, place) = near[random.below(near.len() as u64) as usize];
            let (piece, place) = (piece as usize, place as usize);
            if (self.real[piece][place] ^ last).count_ones() <= 5 {
                return (piece, place);
            }
        }
        let piece = random.below(self.real.len() as u64) as usize;
        (piece, random.below(self.real[piece].len() as u64) as usize)
    }
}

/// A copy: some steps off the front, and bits flipped in runs of up to four steps.
fn copy(print: &[u32], random: &mut Random) -> Vec<u32> {
    let cut = random.below(97) as usize;
    let mut copy = print[cut..].to_vec();
    let share = 15 + random.below(46);
    let runs = copy.len() as u64 * 32 * share / 1000 / 2;
    for _ in 0..runs {
        let (start, length) =
            (random.below(copy.len() as u64) as usize, 1 + random.below(3) as usize);
        let bit = 1 << random.below(32);
        copy.iter_mut().skip(start).take(length).for_each(|step| *step ^= bit);
    }
    copy
}
