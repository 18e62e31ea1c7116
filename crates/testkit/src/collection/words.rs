//! Words by how common they are. Word k of a language is used about 1/k as often as its first (Zipf), and rarer words
//! are longer (Zipf's other law); so word k is a function of the language and k alone and a vocabulary of two
//! million words takes no memory but for its head.

use super::dice::Dice;
use super::tongue::{Sounds, TONGUES, Tongue};

/// Words of a language that are made once and kept: three quarters of all that are used.
const KEPT: u32 = 16_384;
/// Logarithm of the number of words that are the head of a language: 200.
const LN_HEAD: f64 = 5.298;
/// Keeps the words the same whatever the seed: a language does not change with the collection.
const VOCABULARY_SEED: u64 = 0x3D5A_11CE;

/// Hiragana and katakana that words are made of: U+3042.. and U+30A2.., without the small ones.
const KANA: [u32; 44] = [
    0, 2, 4, 6, 8, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31, 34, 36, 38, 40, 41, 42, 43, 44,
    45, 48, 51, 54, 57, 60, 61, 62, 63, 64, 66, 68, 70, 71, 72, 73, 74, 77, 81,
];

/// The words of all languages.
#[derive(Debug)]
pub(super) struct Words {
    kept: Vec<Kept>,
}

#[derive(Debug)]
struct Kept {
    text: String,
    ends: Vec<u32>,
    ln_vocabulary: f64,
}

impl Words {
    pub(super) fn new() -> Words {
        let kept = TONGUES.iter().enumerate().map(|(number, tongue)| {
            let common: Vec<&str> = tongue.common.split_whitespace().collect();
            let (mut text, mut ends) = (String::new(), vec![0]);
            for k in 0..KEPT {
                match common.get(k as usize) {
                    Some(word) => text.push_str(word),
                    None => make(number, tongue, k, &mut text),
                }
                ends.push(text.len() as u32);
            }
            Kept { text, ends, ln_vocabulary: f64::from(tongue.vocabulary).ln() }
        });
        Words { kept: kept.collect() }
    }

    /// Adds a word of a title, word k with a probability of about 1/k. A title seldom ends on "the": the
    /// last word is drawn again, twice at most, when it is one of the first 16.
    pub(super) fn push_common(&self, tongue: usize, last: bool, dice: &mut Dice, out: &mut String) {
        let mut draw = || {
            // Titles are made of common words more than books are: a quarter is drawn from the head alone.
            let head = dice.chance(250_000);
            let ln_end = if head { LN_HEAD } else { self.kept[tongue].ln_vocabulary };
            (dice.unit() * ln_end).exp() as u32
        };
        let mut k = draw();
        for _ in 0..2 {
            if last && k <= 16 {
                k = draw();
            }
        }
        self.push(tongue, k.saturating_sub(1), out);
    }

    /// Adds a word of a name: seldom a common one, so that names are told apart.
    pub(super) fn push_name(&self, tongue: usize, dice: &mut Dice, out: &mut String) {
        let share = dice.unit();
        let k = share * share * f64::from(TONGUES[tongue].vocabulary / 4);
        self.push(tongue, 120 + k as u32, out);
    }

    fn push(&self, tongue: usize, k: u32, out: &mut String) {
        let kept = &self.kept[tongue];
        match kept.ends.get(k as usize..k as usize + 2) {
            Some(&[start, end]) => out.push_str(&kept.text[start as usize..end as usize]),
            _ => make(tongue, &TONGUES[tongue], k, out),
        }
    }
}

fn make(number: usize, tongue: &Tongue, k: u32, out: &mut String) {
    let mut dice = Dice::of(VOCABULARY_SEED, number as u64, u64::from(k));
    let length = match k {
        0..2_000 => 1 + dice.below(2),
        2_000..100_000 => 2,
        _ => 2 + dice.below(2),
    };
    match &tongue.sounds {
        Sounds::Syllables { onsets, nuclei, codas } => {
            // Word stems of Arabic, Hebrew and Thai are long already.
            let stems = onsets.len() < 10 || !tongue.spaces;
            for _ in 0..if stems { length.min(3).div_ceil(2) } else { length } {
                for sounds in [onsets, nuclei, codas] {
                    out.push_str(sounds[dice.place(sounds.len()).min(dice.place(sounds.len()))]);
                }
            }
        }
        Sounds::Han { common } => {
            for _ in 0..length.min(3) {
                out.push(han(common, &mut dice));
            }
        }
        Sounds::Japanese { kanji } => match dice.below(3) {
            0 => (0..length.min(3)).for_each(|_| out.push(han(kanji, &mut dice))),
            script => {
                let first = if script == 1 { 0x3042 } else { 0x30A2 };
                for _ in 0..length + 1 {
                    out.extend(char::from_u32(first + KANA[dice.place(KANA.len())]));
                }
            }
        },
        Sounds::Hangul => {
            for _ in 0..length.clamp(2, 3) {
                let lead = [0, 2, 3, 5, 6, 7, 9, 11, 11, 12, 14, 18][dice.place(12)];
                let vowel = [0, 0, 1, 4, 4, 5, 6, 8, 8, 13, 18, 20, 20][dice.place(13)];
                let tail = [0, 0, 0, 0, 1, 4, 8, 16, 17, 21][dice.place(10)];
                out.extend(char::from_u32(0xAC00 + ((lead * 21 + vowel) * 28 + tail) as u32));
            }
        }
    }
}

/// Five in six are common characters; the others are spread over the 20,000 of the basic block.
fn han(common: &str, dice: &mut Dice) -> char {
    let characters = common.len() / 3;
    let place = dice.place(characters * 6 / 5);
    let of_common = common.get(place * 3..place * 3 + 3).and_then(|text| text.chars().next());
    of_common.or_else(|| char::from_u32(0x4E00 + 6 * dice.below(3_000) as u32)).unwrap_or('一')
}
