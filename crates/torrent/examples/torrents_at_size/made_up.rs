//! Rows of a catalogue that nobody has: lengths as ordinary music has them, names as people give them, hashes that fit
//! together. The same for the same seed.

use crate::Failure;
use deadwax_model::PIECE_BYTES;
use deadwax_testkit::packs::root_of_layer;
use rusqlite::{Connection, params};
use std::path::Path;

pub(crate) const TABLE: &str = "
    PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
    CREATE TABLE file(
        rank INTEGER PRIMARY KEY, artist TEXT, year INTEGER, release TEXT, position INTEGER, title TEXT,
        extension TEXT, bytes INTEGER, root BLOB, piece_layer BLOB, v1_whole BLOB, v1_tail BLOB, v1_tail_padded BLOB)";

const WORDS: [&str; 24] = [
    "Love", "Night", "The", "River", "of", "Déjà", "Stone", "Blue", "日本", "Ночь", "Dance", "my",
    "Heart", "Fire", "and", "Straße", "Moon", "Letters", "Black", "Summer", "for", "You", "Live",
    "Remix",
];

/// Kilobits a second, and how many of a hundred recordings have it: most as they came, the seldom heard at Opus 75.
const RATES: [(u64, u64, &str); 4] =
    [(75, 30, "opus"), (160, 40, "ogg"), (256, 20, "mp3"), (850, 10, "flac")];

pub(crate) fn write_rows(path: &Path, recordings: u64, seed: u64) -> Result<(), Failure> {
    let mut database = Connection::open(path)?;
    database.execute_batch(TABLE)?;
    let filling = database.transaction()?;
    let mut dice = Dice(seed);
    {
        let mut insert = filling.prepare("INSERT INTO file VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)")?;
        for rank in 1..=recordings {
            // A few artists have much of what is heard.
            let artist = dice.below(1 + dice.0 % 60_000);
            let release = artist * 16 + dice.below(16);
            let position = 1 + dice.below(14);
            let mut named = Dice(release ^ seed << 32);
            let year = 1960 + named.below(66);
            let release_title = format!("{} {release}", named.words(3));
            let artist_name = format!("{} {artist}", Dice(artist).words(2));
            let title = dice.words(4);
            let (rate, extension) = dice.rate();
            // Half are between three and a half and five minutes; a fiftieth lasts an hour.
            let seconds = match dice.below(50) {
                0 => 1_800 + dice.below(3_600),
                _ => 90 + dice.below(120) + dice.below(120) + dice.below(60),
            };
            let bytes = seconds * rate * 125 + dice.below(90_000);
            let pieces = bytes.div_ceil(PIECE_BYTES) as usize;
            let layer: Vec<[u8; 32]> = (0..pieces).map(|_| dice.hash()).collect();
            let root = root_of_layer(&layer);
            let piece_layer = if pieces > 1 { layer.concat() } else { Vec::new() };
            let whole: Vec<u8> =
                (0..bytes / PIECE_BYTES).flat_map(|_| dice.hash().into_iter().take(20)).collect();
            let tails = (!bytes.is_multiple_of(PIECE_BYTES)).then(|| [dice.hash(), dice.hash()]);
            let tail = |which: usize| tails.as_ref().map(|tails| &tails[which][..20]);
            insert.execute(params![
                rank,
                artist_name,
                year,
                release_title,
                position,
                title,
                extension,
                bytes,
                root,
                piece_layer,
                whole,
                tail(0),
                tail(1)
            ])?;
        }
    }
    filling.commit()?;
    Ok(())
}

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn hash(&mut self) -> [u8; 32] {
        let mut hash = [0; 32];
        hash.chunks_mut(8).for_each(|part| part.copy_from_slice(&self.next().to_le_bytes()));
        hash
    }

    fn words(&mut self, most: u64) -> String {
        let count = 1 + self.below(most);
        let words: Vec<&str> =
            (0..count).map(|_| WORDS[self.below(WORDS.len() as u64) as usize]).collect();
        words.join(" ")
    }

    fn rate(&mut self) -> (u64, &'static str) {
        let mut left = self.below(100);
        for (rate, share, extension) in RATES {
            if left < share {
                return (rate, extension);
            }
            left -= share;
        }
        (160, "ogg")
    }
}
