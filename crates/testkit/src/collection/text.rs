//! Titles of songs and releases, names of artists, and the dirt that they come with.

use super::dice::Dice;
use super::tongue::{Script, TONGUES};
use super::words::Words;
use unicode_normalization::UnicodeNormalization;

/// What the title of a song in `tongue` is, without what it says of guests or version.
pub(super) fn title(words: &Words, tongue: usize, dice: &mut Dice, out: &mut String) {
    if dice.chance(3_000) {
        // Titles that have no word in them.
        match dice.below(4) {
            0 => out.push_str(["!!!", "?", "...", "÷", "+", "♥", "17:30"][dice.place(7)]),
            _ => out.push_str(&(1_900 + dice.below(130)).to_string()),
        }
        return;
    }
    let count = 1 + dice.weighted(&[13, 27, 25, 16, 9, 5, 3, 2]);
    let script = TONGUES[tongue].script;
    let capitals = match (script, tongue, dice.below(100)) {
        (Script::Latin | Script::Cyrillic | Script::Greek, _, 0..3) => Capitals::All,
        (Script::Latin, _, 3..6) => Capitals::None,
        (_, 0, _) => Capitals::EveryWord,
        _ => Capitals::First,
    };
    for place in 0..count {
        if place > 0 && TONGUES[tongue].spaces {
            out.push(' ');
        }
        let start = out.len();
        words.push_common(tongue, place + 1 == count, dice, out);
        capitals.apply(place == 0, start, out);
    }
}

/// What follows the title of some songs.
pub(super) fn version(dice: &mut Dice, out: &mut String) {
    const VERSIONS: [&str; 12] = [
        " (Live)",
        " - Live",
        " - Remix",
        " (Instrumental)",
        " - Radio Edit",
        " - Remastered",
        " (Acoustic)",
        " - Original Mix",
        ", Pt. 2",
        " (Intro)",
        " - Extended Mix",
        " (Bonus Track)",
    ];
    match dice.below(100) {
        0..12 => out.push_str(dice.pick(&VERSIONS)),
        12..15 => {
            out.push_str(" - ");
            out.push_str(&(1_985 + dice.below(40)).to_string());
            out.push_str(" Remaster");
        }
        _ => {}
    }
}

/// The name of an artist in `tongue`.
pub(super) fn name(words: &Words, tongue: usize, dice: &mut Dice, out: &mut String) {
    if tongue == 0 && dice.chance(100_000) {
        out.push_str(dice.pick(&["The ", "DJ ", "Lil "]));
    }
    for place in 0..1 + dice.weighted(&[30, 58, 12]) {
        if place > 0 && TONGUES[tongue].spaces {
            out.push(' ');
        }
        let start = out.len();
        words.push_name(tongue, dice, out);
        Capitals::EveryWord.apply(place == 0, start, out);
    }
}

/// Makes of a title what real tables have in its place; nearly always itself.
pub(super) fn soil(title: &mut String, dice: &mut Dice) -> Option<()> {
    match dice.below(1_000_000) {
        0..300 => return None,
        300..600 => title.clear(),
        600..1_100 => {
            let places: Vec<usize> = title.char_indices().map(|(place, _)| place).collect();
            let place = places.get(dice.place(places.len())).copied().unwrap_or(0);
            title.insert(place, ['\u{1}', '\n', '\t', '\r', '\u{7f}', '\u{85}'][dice.place(6)]);
        }
        1_100..6_100 => *title = title.nfd().collect(),
        6_100..6_600 => title.insert_str(0, "  "),
        6_600..7_100 => title.push(' '),
        7_100..7_140 => {
            let unit = format!("{title} ");
            *title = unit.chars().cycle().take(5_000).collect();
        }
        _ => {}
    }
    Some(())
}

#[derive(Clone, Copy)]
enum Capitals {
    None,
    First,
    EveryWord,
    All,
}

impl Capitals {
    fn apply(self, first: bool, start: usize, out: &mut String) {
        match self {
            Capitals::All => {
                let upper = out[start..].to_uppercase();
                out.replace_range(start.., &upper);
            }
            Capitals::EveryWord => capitalize(start, out),
            Capitals::First if first => capitalize(start, out),
            Capitals::First | Capitals::None => {}
        }
    }
}

fn capitalize(start: usize, out: &mut String) {
    let Some(letter) = out[start..].chars().next() else { return };
    if letter.is_ascii() {
        let upper = letter.to_ascii_uppercase();
        out.replace_range(start..start + 1, upper.encode_utf8(&mut [0; 4]));
    } else if letter.is_lowercase() {
        let upper: String = letter.to_uppercase().collect();
        out.replace_range(start..start + letter.len_utf8(), &upper);
    }
}
