//! Texts as the archive keeps them, found out quickly: nearly all are that already.

use super::odd::Seen;
use deadwax_model::{Isrc, Tags};
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// Texts from here on are counted as long.
const LONG_BYTES: usize = 1_024;

/// A title, name or date: NFC, trimmed, control characters made spaces; `None` when nothing is left.
pub(super) fn clean(text: &str, seen: &mut Seen) -> Option<String> {
    seen.long_text |= text.len() > LONG_BYTES;
    if is_plain(text) && !text.starts_with(' ') && !text.ends_with(' ') {
        seen.empty_text |= text.is_empty();
        return (!text.is_empty()).then(|| text.to_owned());
    }
    note_faults(text, seen);
    let is_trimmed = text.trim().len() == text.len();
    seen.outer_spaces |= !is_trimmed;
    if is_trimmed && !seen.control_characters && !seen.not_nfc {
        return Some(text.to_owned());
    }
    let cleaned = Tags::clean(text);
    seen.empty_text |= cleaned.is_none();
    cleaned
}

/// What stands between two names: the same, but its spaces are its meaning.
pub(super) fn clean_joined(text: &str, seen: &mut Seen) -> Option<String> {
    seen.long_text |= text.len() > LONG_BYTES;
    seen.empty_text |= text.is_empty();
    if is_plain(text) {
        return (!text.is_empty()).then(|| text.to_owned());
    }
    note_faults(text, seen);
    Some(text.nfc().map(|c| if c.is_control() { ' ' } else { c }).collect())
}

/// Counts what is odd about an ISRC, which is kept as it was said.
pub(super) fn note_isrc(said: &str, seen: &mut Seen) {
    let is_compact = said.len() == 12
        && said.bytes().enumerate().all(|(place, byte)| match place {
            0 | 1 => byte.is_ascii_uppercase(),
            2..=4 => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            _ => byte.is_ascii_digit(),
        });
    if !is_compact {
        match said.parse::<Isrc>() {
            Ok(_) => seen.isrc_spelling = true,
            Err(_) => seen.not_an_isrc = true,
        }
    }
}

/// Printable ASCII is NFC and has no control characters.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

fn note_faults(text: &str, seen: &mut Seen) {
    let (mut has_control, mut may_compose) = (false, false);
    for c in text.chars() {
        has_control |= c.is_control();
        // Nothing below the first combining character changes in NFC.
        may_compose |= c >= '\u{300}';
    }
    seen.control_characters |= has_control;
    seen.not_nfc |= may_compose && !is_nfc(text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn faults_are_told_apart() {
        let told = |text: &str| {
            let mut seen = Seen::default();
            let cleaned = clean(text, &mut seen);
            (cleaned, seen)
        };
        let none = Seen::default();
        assert_eq!(told("Café 東京"), (Some("Café 東京".to_owned()), none));
        assert_eq!(told("Cafe\u{301}"), (Some("Café".to_owned()), Seen { not_nfc: true, ..none }));
        assert_eq!(
            told("a\nb\u{85}c"),
            (Some("a b c".to_owned()), Seen { control_characters: true, ..none })
        );
        assert_eq!(told(" x"), (Some("x".to_owned()), Seen { outer_spaces: true, ..none }));
        assert_eq!(told(""), (None, Seen { empty_text: true, ..none }));
        assert_eq!(told("  "), (None, Seen { empty_text: true, outer_spaces: true, ..none }));
        assert!(told(&"x".repeat(1_025)).1.long_text);
        let mut seen = none;
        assert_eq!(clean_joined(" feat.\t", &mut seen), Some(" feat. ".to_owned()));
        assert!(seen.control_characters && !seen.outer_spaces);
    }

    proptest! {
        #[test]
        fn cleaning_is_what_the_archive_does_everywhere(text in "\\PC*|[ \\x00-\\x7f\u{300}é]*") {
            prop_assert_eq!(clean(&text, &mut Seen::default()), Tags::clean(&text));
        }
    }
}
