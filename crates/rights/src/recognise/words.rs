//! A text as words: what recognition reads.

/// Lower-case words. Hyphens, commas, brackets, slashes and quotes separate; every other sign stays in
/// its word, so that a sign with a meaning ("GPL?", "≈ MIT") keeps the word from being recognised.
pub(super) fn of(text: &str) -> Vec<String> {
    text.to_lowercase()
        .split(|c: char| {
            c.is_whitespace()
                || matches!(
                    c,
                    '-' | '_' | ',' | ';' | ':' | '/' | '|' | '(' | ')' | '[' | ']' | '{' | '}'
                )
                || matches!(c, '<' | '>' | '"' | '\'' | '©' | '®' | '™' | '\0')
                || matches!(c, '\u{2010}'..='\u{201f}')
        })
        .map(|word| word.trim_end_matches('.'))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// How many words `phrase` (words with single spaces) takes at the start of `words`, when it is there.
pub(super) fn phrase(words: &[String], phrase: &str) -> Option<usize> {
    let mut count = 0;
    for wanted in phrase.split(' ') {
        if words.get(count)? != wanted {
            return None;
        }
        count += 1;
    }
    Some(count)
}

/// The longest of several phrases.
pub(super) fn any_phrase(words: &[String], phrases: &[&str]) -> Option<usize> {
    phrases.iter().filter_map(|one| phrase(words, one)).max()
}

/// A version at the start of `words`: "4.0", "v4.0", "4", "version 4", "v. 4". Gives the number as it
/// is written in identifiers ("4.0"), whether a "+" follows it, and the words taken.
pub(super) fn version(words: &[String]) -> Option<(String, bool, usize)> {
    let named = any_phrase(words, &["version", "v", "ver"]).unwrap_or(0);
    let word = words.get(named)?;
    let number = if named == 0 { word.strip_prefix('v').unwrap_or(word) } else { word };
    let (number, plus) = match number.strip_suffix('+') {
        Some(number) => (number, true),
        None => (number, false),
    };
    let digit = |text: &str| text.len() == 1 && text.bytes().all(|b| b.is_ascii_digit());
    let number = match number.split_once('.') {
        None if digit(number) => format!("{number}.0"),
        Some((major, minor)) if digit(major) && digit(minor) => number.to_owned(),
        _ => return None,
    };
    Some((number, plus, named + 1))
}
