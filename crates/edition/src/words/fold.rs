//! Lower case without the marks that people leave out when they type, and what words are made of.
//!
//! Unicode's normal forms are a good part of the work of an index. Most letters need none of it: what they become is
//! known by themselves, as long as nothing in the text joins with the letter before it.

use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Latin, Greek, Cyrillic, Hebrew, Arabic and the signs between words are below this.
const KNOWN: usize = 0x2100;

/// What each of them becomes.
static FOLDED: LazyLock<[Folded; KNOWN]> = LazyLock::new(|| {
    std::array::from_fn(|number| {
        let Some(c) = char::from_u32(number as u32) else {
            return Folded::Joins;
        };
        // Jamo and marks may join with what is before them, marks even with what is dropped between.
        if is_combining_mark(c) || is_dropped(c) || matches!(c, '\u{1100}'..='\u{11FF}') {
            return Folded::Joins;
        }
        let mut folded = String::new();
        fold_slowly(c.encode_utf8(&mut [0; 4]), &mut folded);
        let mut characters = folded.chars();
        match (characters.next(), characters.next()) {
            (Some(one), None) => Folded::To(one),
            _ => Folded::Several,
        }
    })
});

/// Which of them words are made of.
static WORDLY: LazyLock<[bool; KNOWN]> = LazyLock::new(|| {
    std::array::from_fn(|number| char::from_u32(number as u32).is_some_and(is_wordly_by_unicode))
});

#[derive(Clone, Copy)]
enum Folded {
    To(char),
    /// Several characters, or none.
    Several,
    /// It depends on what is before or behind it.
    Joins,
}

impl Folded {
    fn of(c: char) -> Folded {
        match c {
            c if (c as usize) < KNOWN => FOLDED[c as usize],
            c if is_itself(c) => Folded::To(c),
            _ => Folded::Joins,
        }
    }
}

/// Lower case without the marks that people leave out when they type.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    fold_into(text, &mut folded);
    folded
}

pub(super) fn fold_into(text: &str, folded: &mut String) {
    if text.is_ascii() {
        let fold = |c: u8| if c.is_ascii_control() { ' ' } else { c.to_ascii_lowercase().into() };
        return folded.extend(text.bytes().map(fold));
    }
    let start = folded.len();
    for c in text.chars() {
        match Folded::of(c) {
            Folded::To(c) => folded.push(c),
            Folded::Several => fold_slowly(c.encode_utf8(&mut [0; 4]), folded),
            Folded::Joins => {
                folded.truncate(start);
                return fold_slowly(text, folded);
            }
        }
    }
}

/// By Unicode's normal forms.
fn fold_slowly(text: &str, folded: &mut String) {
    for c in text.nfkd().filter(|c| !is_dropped(*c)).nfc().flat_map(char::to_lowercase) {
        match c {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'þ' => folded.push_str("th"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ı' => folded.push('i'),
            'ς' => folded.push('σ'),
            // Lower case of 'İ' has a dot of its own; private characters are ours.
            c if is_dropped(c) => {}
            c if is_private(c) || c.is_control() => folded.push(' '),
            c => folded.push(c),
        }
    }
}

/// What words are made of.
pub(super) fn is_wordly(c: char) -> bool {
    match c {
        c if (c as usize) < KNOWN => WORDLY[c as usize],
        c => is_itself(c) || is_wordly_by_unicode(c),
    }
}

fn is_wordly_by_unicode(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c)
}

/// Han, whole Hangul syllables and kana: letters without case that no normal form changes unless a mark follows.
fn is_itself(c: char) -> bool {
    matches!(c,
        '\u{4E00}'..='\u{9FFF}' | '\u{3400}'..='\u{4DBF}' | '\u{AC00}'..='\u{D7A3}'
        | '\u{3041}'..='\u{3096}' | '\u{30A1}'..='\u{30FA}' | 'ー' | '々')
}

fn is_private(c: char) -> bool {
    matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..)
}

/// Marks of Latin, Greek, Cyrillic, Hebrew and Arabic, variation selectors, joiners, tatweel. The
/// vowel signs of Indic and South-East Asian scripts and the kana voicing marks are letters to
/// their readers and stay.
fn is_dropped(c: char) -> bool {
    matches!(c,
        '\u{0300}'..='\u{036F}' | '\u{0483}'..='\u{0489}' | '\u{0591}'..='\u{05BD}'
        | '\u{05BF}' | '\u{05C1}' | '\u{05C2}' | '\u{05C4}' | '\u{05C5}' | '\u{05C7}'
        | '\u{0610}'..='\u{061A}' | '\u{0640}' | '\u{064B}'..='\u{065F}' | '\u{0670}'
        | '\u{06D6}'..='\u{06DC}' | '\u{06DF}'..='\u{06E4}' | '\u{06E7}' | '\u{06E8}'
        | '\u{06EA}'..='\u{06ED}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}'
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}'
        | '\u{20D0}'..='\u{20FF}' | '\u{FE00}'..='\u{FE0F}' | '\u{FE20}'..='\u{FE2F}'
        | '\u{FEFF}' | '\u{00AD}' | '\u{061C}' | '\u{180B}'..='\u{180F}' | '\u{E0100}'..='\u{E01EF}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn slowly(text: &str) -> String {
        let mut folded = String::new();
        fold_slowly(text, &mut folded);
        folded
    }

    #[test]
    fn every_character_folds_as_unicode_says() {
        for c in '\0'..=char::MAX {
            let text = format!("é{c}a\u{301}か{c}");
            assert_eq!(fold(&text), slowly(&text), "{c:?}");
            let text = format!("é{c}{c}か{c}ж");
            assert_eq!(fold(&text), slowly(&text), "{c:?}");
            assert_eq!(is_wordly(c), is_wordly_by_unicode(c), "{c:?}");
        }
    }

    proptest! {
        #[test]
        fn texts_fold_as_unicode_says(
            text in "\\PC{0,30}|[a-zÀ-ɏ\u{300}-\u{320}が-ん\u{3099}가-각ᄀ-ᇿא-ת\u{5B0}-\u{5C7}ا-ي\u{64B}-\u{655} ]{0,30}"
        ) {
            prop_assert_eq!(fold(&text), slowly(&text));
        }
    }
}
