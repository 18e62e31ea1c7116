//! Names of files and folders that a person can read and every file system and client takes. Tags come
//! from many hands, and a name that one system changes is a file that its torrent client cannot find,
//! so a name is made safe once, here, and [`crate::hybrid`] refuses any other.

mod track;
mod unique;

pub use track::{TrackName, release_path, track_path};
pub use unique::{unique, unique_folders};

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Longest component in bytes. File systems take 255; libtorrent cuts a name after 240.
pub const MAX_COMPONENT_BYTES: usize = 240;

/// Longest component in UTF-16 units when decomposed (NFD), which is how HFS+ keeps it.
const MAX_DECOMPOSED_UNITS: usize = 255;

/// Most components of a path, the file name counted.
pub const MAX_DEPTH: usize = 32;

/// A path component from any text: NFC, at most `max_bytes` long (or [`MAX_COMPONENT_BYTES`], if that is
/// less), never empty, the same again when given its own result.
///
/// * `/ \ | :` become `-`, `"` becomes `'`, `<` `>` become `(` `)`, `?` `*` their full-width forms;
/// * control characters and every run of white space become one space;
/// * bidirectional marks, byte-order marks and non-characters, which nobody sees and libtorrent drops, are dropped;
/// * at either end spaces and dots go, three dots or more become `…`;
/// * a name that Windows reserves (CON, NUL, COM1..., also with an extension) gets a `_` in front;
/// * what leaves nothing becomes `_`.
pub fn component(text: &str, max_bytes: usize) -> String {
    let max_bytes = max_bytes.clamp(1, MAX_COMPONENT_BYTES);
    if text.len() <= max_bytes && is_plain(text) {
        return text.to_owned();
    }
    let visible: String = text.chars().filter(|&c| !is_invisible(c)).nfc().map(readable).collect();
    let words = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut name = cut(&dots_at_ends(&words), max_bytes).to_owned();
    if is_reserved(&name) {
        name.insert(0, '_');
        name = cut(&name, max_bytes).to_owned();
    }
    while !fits_decomposed(&name) {
        name = cut(&name, name.len() - 1).to_owned();
    }
    if name.is_empty() { "_".to_owned() } else { name }
}

/// `stem.extension` as a component; what is too long is cut from the stem. The extension is kept when it is
/// one to ten ASCII letters or digits, in lower case, and left out otherwise.
pub fn file_name(stem: &str, extension: &str, max_bytes: usize) -> String {
    if !is_extension(extension) || max_bytes < extension.len() + 2 {
        return component(stem, max_bytes);
    }
    let room = max_bytes.min(MAX_COMPONENT_BYTES) - extension.len() - 1;
    format!("{}.{}", component(stem, room), extension.to_ascii_lowercase())
}

/// Whether a name is one that [`component`] would leave as it is.
pub fn is_component(name: &str) -> bool {
    name.len() <= MAX_COMPONENT_BYTES
        && (is_plain(name) || component(name, MAX_COMPONENT_BYTES) == name)
}

/// Whether [`component`] has nothing to change in a name but its length. A short way: most names are, and are asked about
/// often; what is neither ASCII nor certainly NFC is left to the long way.
fn is_plain(name: &str) -> bool {
    let mut before = ' ';
    for c in name.chars() {
        let is_kept = match c {
            ' ' => before != ' ',
            _ if c.is_ascii() => c.is_ascii_graphic() && readable(c) == c,
            _ => !is_invisible(c) && !c.is_control() && !c.is_whitespace(),
        };
        if !is_kept {
            return false;
        }
        before = c;
    }
    !matches!(before, ' ' | '.')
        && !name.starts_with('.')
        && !is_reserved(name)
        && (name.is_ascii() || is_nfc_quick(name.chars()) == IsNormalized::Yes)
        && fits_decomposed(name)
}

fn fits_decomposed(name: &str) -> bool {
    // No character gives more than one and a half units a byte.
    name.len() * 3 / 2 <= MAX_DECOMPOSED_UNITS
        || name.nfd().map(char::len_utf16).sum::<usize>() <= MAX_DECOMPOSED_UNITS
}

/// What comes after a dot for a program to read, not for a person ("Vol. 1").
fn is_extension(text: &str) -> bool {
    (1..=10).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Characters without a picture that change how a name is shown or compared.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{61c}'   // zero width space, direction marks
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' // direction overrides and isolates, word joiner
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}')             // byte-order mark, annotations
        || u32::from(c) & 0xfffe == 0xfffe // non-characters: the last two of every plane
        || ('\u{fdd0}'..='\u{fdef}').contains(&c)
}

fn readable(c: char) -> char {
    match c {
        '/' | '\\' | '|' | ':' => '-',
        '"' => '\'',
        '<' => '(',
        '>' => ')',
        '?' => '？',
        '*' => '＊',
        _ if c.is_control() => ' ',
        _ => c,
    }
}

/// Windows drops dots and spaces at the end, and a dot in front hides a file elsewhere.
fn dots_at_ends(text: &str) -> String {
    let is_edge = |c: char| c == '.' || c == ' ';
    let core = text.trim_matches(is_edge);
    if core.is_empty() {
        return if text.contains("...") { "…".to_owned() } else { String::new() };
    }
    let front = &text[..text.len() - text.trim_start_matches(is_edge).len()];
    let back = &text[text.trim_end_matches(is_edge).len()..];
    let ellipsis = |edge: &str| if edge.contains("...") { "…" } else { "" };
    format!("{}{core}{}", ellipsis(front), ellipsis(back))
}

/// The longest prefix of whole characters in `max_bytes` that does not end with a space or dot.
fn cut(text: &str, max_bytes: usize) -> &str {
    let end = text.floor_char_boundary(max_bytes);
    text[..end].trim_end_matches(['.', ' '])
}

/// Device names of Windows, which stay reserved with any extension. Superscript digits count.
fn is_reserved(name: &str) -> bool {
    let base = name.split('.').next().unwrap_or(name).trim_end();
    if !(3..=7).contains(&base.len()) {
        return false;
    }
    let base = base.to_ascii_uppercase();
    if matches!(base.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$") {
        return true;
    }
    let port = base.strip_prefix("COM").or_else(|| base.strip_prefix("LPT"));
    let mut rest = port.unwrap_or_default().chars();
    matches!((rest.next(), rest.next()), (Some('0'..='9' | '¹' | '²' | '³'), None))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use unicode_normalization::is_nfc;

    #[test]
    fn reads_as_it_was_written() {
        for (text, name) in [
            ("AC/DC", "AC-DC"),
            ("...And Justice for All", "…And Justice for All"),
            ("Wait ...", "Wait…"),
            ("Vol. 1.", "Vol. 1"),
            (".hidden", "hidden"),
            ("Who? <live> \"a\\b\"|*", "Who？ (live) 'a-b'-＊"),
            ("two\nlines\t and\u{0}  more ", "two lines and more"),
            ("日本語 ", "日本語"),
            ("e\u{301}", "é"),
            ("e\u{200e}\u{301}", "é"),
            ("", "_"),
            ("..", "_"),
            (". .", "_"),
            ("....", "…"),
            ("con", "_con"),
            ("NUL.tar.gz", "_NUL.tar.gz"),
            ("COM1", "_COM1"),
            ("lpt².x", "_lpt².x"),
            ("COM10", "COM10"),
            ("Console", "Console"),
            ("../../etc/passwd", "-..-etc-passwd"),
            ("\u{202e}gpj.exe", "gpj.exe"),
        ] {
            assert_eq!(component(text, 255), name, "{text:?}");
        }
    }

    #[test]
    fn is_cut_between_characters() {
        assert_eq!(component("日本語", 8), "日本");
        assert_eq!(component("ab. cd", 4), "ab");
        assert_eq!(component("日", 1), "_");
        assert_eq!(component("x", 0), "x");
        assert_eq!(component(&"é".repeat(300), 9999).len(), MAX_COMPONENT_BYTES);
        assert_eq!(component("CON", 3), "_CO");
        // u, two marks: three units of two bytes.
        assert_eq!(component(&"\u{1d6}".repeat(120), 255), "\u{1d6}".repeat(85));
        assert_eq!(file_name(&"日".repeat(99), "OGG", 20), format!("{}.ogg", "日".repeat(5)));
        assert_eq!(file_name("a", "../x", 20), "a");
        assert_eq!(file_name("NUL", "ogg", 20), "_NUL.ogg");
        assert_eq!(file_name("a.", "ogg", 4), "a");
    }

    proptest! {
        #[test]
        fn every_text_gives_a_name_that_every_file_system_takes(
            text in prop_oneof!["\\PC*", any::<String>(), "[ ./\\\\:*?A-C\u{300}-\u{340}…-]{0,12}"],
            max in 0..300usize,
        ) {
            let name = component(&text, max);
            prop_assert!(!name.is_empty() && name.len() <= max.clamp(1, MAX_COMPONENT_BYTES));
            prop_assert!(is_nfc(&name), "{name:?}");
            prop_assert!(!name.contains(|c: char| c.is_control() || "/\\:*?\"<>|".contains(c)));
            prop_assert!(!name.starts_with(['.', ' ']) && !name.ends_with(['.', ' ']));
            prop_assert!(!is_reserved(&name));
            prop_assert_eq!(component(&name, max), name.clone());
            prop_assert!(is_component(&name));
            prop_assert!(name.encode_utf16().count() <= 255);
            prop_assert!(name.nfd().collect::<String>().encode_utf16().count() <= 255);
        }

        #[test]
        fn decomposed_names_are_not_too_long_either(
            parts in prop::collection::vec(
                prop::sample::select(vec!["\u{1d6}", "\u{1f82}", "\u{390}", "한", "a", "日", "😀", "ệ", "ﷺ"]), 0..200),
            max in 0..300usize,
        ) {
            let name = component(&parts.concat(), max);
            prop_assert!(name.nfd().collect::<String>().encode_utf16().count() <= 255, "{name}");
            prop_assert!(is_component(&name));
        }

        #[test]
        fn what_is_plain_needs_no_change(
            name in "[ -~]{0,20}|(?i)(con|nul|com1|lpt9|conin\\$)[ .]?[a-z]{0,3}|\\PC{0,9}|[aéЖ日ǖ\u{301} .…]{0,150}",
        ) {
            if is_plain(&name) {
                // The long way, because of something behind it that is dropped.
                prop_assert_eq!(component(&format!("{name}\u{200b}"), 9_999), name);
            } else if name.is_ascii() {
                prop_assert_ne!(component(&name, 240), name);
            }
        }

        #[test]
        fn file_names_are_components(stem: String, extension in "[a-zA-Z0-9./]{0,12}", max in 0..300usize) {
            let name = file_name(&stem, &extension, max);
            prop_assert!(is_component(&name), "{name:?}");
            prop_assert!(name.len() <= max.max(1));
        }
    }
}
