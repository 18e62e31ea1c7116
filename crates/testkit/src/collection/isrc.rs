//! The ISRC of a song, and how people write it.

use super::dice::{Dice, mix};
use super::order::Order;
use std::fmt::Write;

/// Registration authorities, by how many registrants each has here: the earlier the more.
const COUNTRIES: [&str; 40] = [
    "US", "GB", "QZ", "DE", "QM", "FR", "JP", "BR", "IT", "NL", "TC", "CA", "ES", "SE", "AU", "KR",
    "TW", "MX", "IN", "RU", "BE", "PL", "FI", "NO", "DK", "AR", "GR", "TR", "IL", "TH", "HK", "CN",
    "AT", "CH", "PT", "CO", "ZA", "UA", "EG", "CL",
];
const REGISTRANTS: u64 = 36 * 36 * 36;
const YEARS: u64 = 70;
/// Songs that a registrant names in a year: a small part of the 100,000 numbers it has.
const SONGS_A_YEAR: u64 = 2_000;
/// Songs that follow each other in number, as those of one release do.
const RUN: u64 = 16;
/// Runs that are mixed among each other, so that a registrant has songs of many artists.
const MIXED_RUNS: u64 = 1 << 18;

/// The most songs that have codes.
pub(super) const MOST_SONGS: u64 = REGISTRANTS * YEARS * SONGS_A_YEAR;

/// Gives each song of a collection a code of its own.
#[derive(Debug, Clone)]
pub(super) struct Isrcs {
    seed: u64,
    runs: Order,
    registrants: Order,
}

impl Isrcs {
    pub(super) fn new(seed: u64) -> Isrcs {
        Isrcs {
            seed,
            runs: Order::new(MIXED_RUNS, seed ^ 0x1521),
            registrants: Order::new(REGISTRANTS * YEARS, seed ^ 0x1522),
        }
    }

    /// Adds the twelve characters of the song's ISRC.
    pub(super) fn push(&self, song: u64, out: &mut String) {
        let (run, within) = (song / RUN, song % RUN);
        let run = run / MIXED_RUNS * MIXED_RUNS + self.runs.there(run % MIXED_RUNS);
        let runs_a_year = SONGS_A_YEAR / RUN;
        let registrant_year = self.registrants.there(run / runs_a_year);
        let (registrant, year) = (registrant_year / YEARS, registrant_year % YEARS);
        // A run has 800 numbers to itself, of which it takes 16 in a row.
        let start = mix(self.seed ^ run) % (800 - RUN);
        let number = run % runs_a_year * 800 + start + within;
        let weight = mix(self.seed ^ registrant ^ 0x5eed) >> 32;
        let country = (((weight * weight) >> 32) * COUNTRIES.len() as u64) >> 32;
        out.push_str(COUNTRIES[country as usize]);
        for digit in [registrant / 1_296, registrant / 36 % 36, registrant % 36] {
            out.push(char::from_digit(digit as u32, 36).unwrap_or('0').to_ascii_uppercase());
        }
        let year = (1_956 + year) % 100;
        let _ = write!(out, "{year:02}{number:05}");
    }
}

/// Writes a code the ways that real data has: nearly always plain, else with hyphens, in lower case, with the
/// word in front, with spaces, or with a character too many.
pub(super) fn as_people_write(code: &mut String, dice: &mut Dice) {
    match dice.below(1_000) {
        0..=7 => hyphenate(code),
        8..=11 => code.make_ascii_lowercase(),
        12..=14 => code.insert_str(0, "ISRC "),
        15 => {
            hyphenate(code);
            code.insert_str(0, "ISRC: ");
            code.make_ascii_lowercase();
        }
        16 => code.insert(5, ' '),
        17 => code.push(char::from(b'0' + dice.below(10) as u8)),
        _ => {}
    }
}

fn hyphenate(code: &mut String) {
    for place in [7, 5, 2] {
        code.insert(place, '-');
    }
}
